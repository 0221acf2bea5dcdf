//! What happens.

use tailwright::monitor::Verdict;
use tailwright::monitor::diagnosis::{DaemonFault, Layer, Notice};
use tailwright::monitor::failover::{Command, Ending, Event, Outcome, State};

use super::bench::{Bench, down, lan, slow};

/// Something that happens to a machine.
pub type Happening = (&'static str, fn(&mut Bench));

const TEN_MINUTES: u64 = 600_000;

/// A layer fails by itself.
fn fails(bench: &mut Bench, layer: Layer) {
    bench.send(Event::Diagnosed([layer].into()));
}

pub const HAPPENINGS: &[Happening] = &[
    ("what is in force answers, 5 times", |bench| {
        bench.measure(5, &bench.standing(), &Verdict::Good);
    }),
    ("what is in force is slow, 3 times", |bench| {
        bench.measure(3, &bench.standing(), &slow());
    }),
    ("what is in force does not answer, 3 times", |bench| {
        bench.measure(3, &bench.standing(), &down());
    }),
    ("what is in force cannot be measured", |bench| {
        bench.measure(3, &bench.standing(), &Verdict::Unknown);
    }),
    ("the wanted one answers, 5 times", |bench| {
        bench.measure(5, &bench.wanted.clone(), &Verdict::Good);
    }),
    ("the wanted one answers, 5 times, and 10 min pass", |bench| {
        bench.measure(5, &bench.wanted.clone(), &Verdict::Good);
        bench.pass(TEN_MINUTES);
    }),
    ("the other one does not answer, 3 times", |bench| {
        bench.measure(3, &bench.other.clone(), &down());
    }),
    ("the deadline comes", |bench| {
        if let Some(deadline) = bench.deadline {
            bench.now = deadline;
        }
        bench.send(Event::Woken);
    }),
    ("10 min pass", |bench| bench.pass(TEN_MINUTES)),
    ("the link is lost", |bench| fails(bench, Layer::Link)),
    ("the local router is lost", |bench| fails(bench, Layer::Gateway)),
    ("the internet is lost", |bench| fails(bench, Layer::Internet)),
    ("the resolver is lost", |bench| fails(bench, Layer::Dns)),
    ("tailscaled dies", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::NotRunning));
    }),
    ("tailscaled cannot be asked", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::Unreadable));
    }),
    ("tailscaled does not come up", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::Starting));
    }),
    ("tailscaled is stopped", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::Stopped));
    }),
    ("it needs a login", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::NeedsLogin));
    }),
    ("it needs an approval", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::NeedsApproval));
    }),
    ("its key has expired", |bench| {
        fails(bench, Layer::Daemon(DaemonFault::KeyExpired));
    }),
    ("the control plane is lost", |bench| fails(bench, Layer::Control)),
    ("all relays are lost", |bench| fails(bench, Layer::Derp)),
    ("a peer is lost", |bench| fails(bench, Layer::Peer("desk".to_owned()))),
    ("an exit node is found to forward nothing", |bench| {
        fails(bench, Layer::ExitNode("gate".to_owned()));
    }),
    ("a subnet router is lost", |bench| {
        fails(bench, Layer::SubnetRouter("10.0.0.0/8".parse().unwrap()));
    }),
    ("a service is lost", |bench| {
        fails(bench, Layer::Service("ollama".parse().unwrap()));
    }),
    ("the key is about to expire", |bench| {
        let at = bench.now.after("3d".parse().unwrap());
        bench.send(Event::Noticed([Notice::KeyExpires(at)].into()));
    }),
    ("the change is done", |bench| {
        bench.send(Event::Done(bench.token(), Outcome::Done));
    }),
    ("the change is refused", |bench| {
        bench.send(Event::Done(bench.token(), Outcome::Refused("permission".to_owned())));
    }),
    ("the change could not be asked for", |bench| {
        bench.send(Event::Done(bench.token(), Outcome::NotAsked("busy".to_owned())));
    }),
    ("the change is not answered", |bench| {
        bench.send(Event::Done(bench.token(), Outcome::Unanswered));
    }),
    ("the state cannot be written", |bench| {
        bench.send(Event::SaveFailed([bench.token()].into()));
    }),
    ("the state is written", |bench| bench.send(Event::Saved)),
    ("somebody sets another one", |bench| bench.by_hand(bench.third.clone())),
    ("somebody sets the wanted one", |bench| {
        bench.by_hand(bench.wanted.clone());
    }),
    ("an interface goes down", |bench| bench.send(Event::Links([].into()))),
    ("an interface comes up", |bench| {
        bench.send(Event::Links(
            [(lan(), [].into()), ("lan1".parse().unwrap(), [].into())].into(),
        ));
    }),
    ("LAN access is switched off", |bench| {
        bench.send(Event::LanAccess(false));
    }),
    ("LAN access is switched on", |bench| bench.send(Event::LanAccess(true))),
    ("`pause`", |bench| bench.send(Event::Asked(Command::Pause(None)))),
    ("`pause --for 5m`, and 10 min pass", |bench| {
        let until = bench.now.after_millis(TEN_MINUTES / 2);
        bench.send(Event::Asked(Command::Pause(Some(until))));
        bench.pass(TEN_MINUTES);
    }),
    ("`resume`", |bench| bench.send(Event::Asked(Command::Resume))),
    ("`switch` to the other one", |bench| {
        bench.send(Event::Asked(Command::Switch(bench.other.clone(), None)));
    }),
    ("`switch --for 5m` to the other one, and 10 min pass", |bench| {
        let until = bench.now.after_millis(TEN_MINUTES / 2);
        bench.send(Event::Asked(Command::Switch(bench.other.clone(), Some(until))));
        bench.send(Event::Done(bench.token(), Outcome::Done));
        bench.pass(TEN_MINUTES);
    }),
    ("`restore`", |bench| bench.send(Event::Asked(Command::Restore))),
    ("the settings are read again", |bench| bench.send(Event::Reloaded)),
    ("the program is killed and starts again", |bench| {
        bench.state = State::read(&bench.state.write()).unwrap();
        bench.send(Event::Started);
    }),
    ("the program is stopped", |bench| bench.send(Event::Stop(Ending::Stop))),
    ("the program is restarted", |bench| {
        bench.send(Event::Stop(Ending::Restart));
    }),
];
