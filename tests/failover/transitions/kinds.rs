//! Kinds of events and obstacles, by name. The list and the match are written in one place: what is added to one of these
//! types does not compile without a name here.

use tailwright::monitor::Verdict;
use tailwright::monitor::diagnosis::{DaemonFault, Layer};
use tailwright::monitor::failover::{Command, Ending, Event, Obstacle, Outcome};

macro_rules! kinds {
    ($list:ident, $function:ident($type:ty): $($name:literal: $pattern:pat,)*) => {
        pub const $list: &[&str] = &[$($name),*];

        pub fn $function(value: &$type) -> &'static str {
            match value {
                $($pattern => $name,)*
            }
        }
    };
}

kinds! { EVENTS_WITHOUT_LAYERS, event(Event):
    "started": Event::Started,
    "measured: cannot tell": Event::Measured(_, Verdict::Unknown),
    "measured: good": Event::Measured(_, Verdict::Good),
    "measured: degraded": Event::Measured(_, Verdict::Degraded(_)),
    "measured: down": Event::Measured(_, Verdict::Down(_)),
    "diagnosed": Event::Diagnosed(_),
    "noticed": Event::Noticed(_),
    "links": Event::Links(_),
    "LAN access: on": Event::LanAccess(true),
    "LAN access: off": Event::LanAccess(false),
    "seen": Event::Seen(_),
    "done": Event::Done(_, Outcome::Done),
    "refused": Event::Done(_, Outcome::Refused(_)),
    "not asked": Event::Done(_, Outcome::NotAsked(_)),
    "not answered": Event::Done(_, Outcome::Unanswered),
    "saved": Event::Saved,
    "not saved": Event::SaveFailed(_),
    "pause": Event::Asked(Command::Pause(None)),
    "pause for a while": Event::Asked(Command::Pause(Some(_))),
    "resume": Event::Asked(Command::Resume),
    "switch": Event::Asked(Command::Switch(_, None)),
    "switch for a while": Event::Asked(Command::Switch(_, Some(_))),
    "restore": Event::Asked(Command::Restore),
    "reloaded": Event::Reloaded,
    "woken": Event::Woken,
    "stop": Event::Stop(Ending::Stop),
    "restart": Event::Stop(Ending::Restart),
}

kinds! { LAYERS, layer(Layer):
    "link": Layer::Link,
    "gateway": Layer::Gateway,
    "internet": Layer::Internet,
    "resolver": Layer::Dns,
    "not running": Layer::Daemon(DaemonFault::NotRunning),
    "unreadable": Layer::Daemon(DaemonFault::Unreadable),
    "starting": Layer::Daemon(DaemonFault::Starting),
    "stopped": Layer::Daemon(DaemonFault::Stopped),
    "needs login": Layer::Daemon(DaemonFault::NeedsLogin),
    "needs approval": Layer::Daemon(DaemonFault::NeedsApproval),
    "key expired": Layer::Daemon(DaemonFault::KeyExpired),
    "control plane": Layer::Control,
    "relays": Layer::Derp,
    "peer": Layer::Peer(_),
    "exit node": Layer::ExitNode(_),
    "subnet router": Layer::SubnetRouter(_),
    "service": Layer::Service(_),
}

kinds! { OBSTACLES, obstacle(Obstacle):
    "only reports": Obstacle::OnlyReports,
    "paused": Obstacle::Paused(_),
    "maintenance": Obstacle::Maintenance(_),
    "chosen": Obstacle::Chosen(_),
    "lower layer": Obstacle::LowerLayer(_),
    "window": Obstacle::Window(_),
    "dwell": Obstacle::Dwell(_),
    "return after": Obstacle::ReturnAfter(_),
    "moving": Obstacle::Moving,
    "unwritable": Obstacle::Unwritable,
    "nothing better": Obstacle::NothingBetter(_),
}

/// Every kind of event, and every layer that may be diagnosed.
pub const EVENTS: &[&[&str]] = &[EVENTS_WITHOUT_LAYERS, LAYERS];

/// What an event is called, with the layers that it tells.
pub fn all(sent: &Event) -> Vec<&'static str> {
    let mut kinds = vec![event(sent)];
    if let Event::Diagnosed(layers) = sent {
        kinds.extend(layers.iter().map(layer));
    }
    kinds
}
