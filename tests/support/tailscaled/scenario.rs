//! The text that a fake tailscaled acts by: one thing a line, in the order in which they happen.
//!
//! ```text
//! # A node that is up, whose daemon is replaced by an older one after two seconds.
//! base running
//! offers-exit gamma
//! set RouteAll true
//! at 1s dead gamma
//! at 2s restart 300ms with base old
//! ```
//!
//! A line without a time holds from the beginning; `at TIME` is counted from there, and times do not go back. A TIME is a
//! number with `ms`, `s` or `m`. Texts and bytes stand in quotes, with the escapes of JSON. An empty line, and one that
//! begins with `#`, says nothing. A line that cannot be read, or that cannot happen where it stands, is refused with its number.
//!
//! The node and who it is:
//!
//! | line | what |
//! |---|---|
//! | `base running` | everything as captured: of a node that is up (also `needs-login`, and `old`: up, with version 1.96.5) |
//! | `version 1.96.5-t88200dbb4 133` | what it says it is. Below capability 135 it has no new parts of the bus |
//! | `peers 97` | so many more, like beta: `peer-1` and on |
//! | `latency 5ms` | how long pings take |
//! | `dead gamma`, `alive gamma` | it does not answer pings; it does |
//! | `offline gamma`, `online gamma` | the control plane sees it no longer; it does |
//! | `leaves gamma`, `joins gamma` | it is taken out of the tailnet; it is in it again |
//! | `offers-exit gamma`, `offers-nothing gamma` | whether it can be an exit node |
//! | `routes beta ["192.168.50.0/24"]` | what it leads to, beside itself |
//! | `control lost`, `control back` | this node has lost the control plane. As captured nobody is told: the status alone says it |
//! | `warn not-in-map-poll`, `warn my-code "text"`, `mend my-code`, `mend` | a health warning (of those captured, or with a text); its end, and that of all |
//! | `state Starting` | another state of the backend, and nothing else: `NoState`, `NeedsLogin`, `NeedsMachineAuth`, `Stopped`, … |
//! | `key-expires` | its key is no longer good: it needs a login, and still answers pings |
//! | `login`, `logout` | somebody logs it in where it needs that; somebody logs it out |
//! | `map` | the control plane sends everything once more |
//! | `exit-node gamma`, `exit-node none` | somebody chooses it by hand |
//! | `set CorpDNS false` | somebody sets a preference by hand. `set WantRunning false` stops it, as captured |
//!
//! Who may do what:
//!
//! | line | what |
//! |---|---|
//! | `operator 1000`, `operator nobody` | the user who may change preferences, beside root |
//! | `rights read-only`, `rights usual` | whoever asks may change nothing, not even root; what is usual |
//! | `mode 0600` | the mode of the socket (it is 0666) |
//! | `owner 0 0` | the user and the group of the socket, by number. Only root can say it |
//!
//! Replies, until `usual` (all of them) or `usual prefs` (those to that endpoint). The last that fits is what happens. It
//! may begin with how often (`answer 2 times …`) and a method (`answer PATCH …`). The endpoint is its beginning, with the
//! query: `ping?ip=100.64.0.3`; `*` is each.
//!
//! | line | what |
//! |---|---|
//! | `answer status silent` | none |
//! | `answer prefs late 500ms` | what is asked is done at once, and the reply comes so late |
//! | `answer status cut 100` | so many bytes of the usual reply, then its end: the connection is half-closed |
//! | `answer status stuck 100` | so many bytes, then nothing, and no end |
//! | `answer status bytes "nonsense\r\n\u00ff"` | these bytes instead of HTTP, one for each character |
//! | `answer PATCH prefs 403 plain "prefs write access denied"` | an error as plain text |
//! | `answer suggest-exit-node 500 error "…"` | … as `{"error": …}` |
//! | `answer prefs 400 Error "…"`, `answer ping 200 Err "…"` | … as `{"Error": …}`, `{"Err": …}` |
//! | `answer status 200 json {"BackendState": "Starting"}` | this JSON |
//! | `lacks suggest-exit-node` | 404, as a daemon that is older, or was built without it |
//!
//! The bus and the daemon:
//!
//! | line | what |
//! |---|---|
//! | `tell {"State": 4}` | every stream hears this |
//! | `garbage "xxxx\n"` | every stream gets these bytes |
//! | `bus end`, `bus cut` | streams end; streams break off within a line |
//! | `bus mute`, `bus heard` | streams stay open and say nothing, new ones neither; they do again |
//! | `stop`, `die` | it ends as SIGTERM ends it: the socket is removed; as SIGKILL does: nobody listens at it |
//! | `start` | it is there again |
//! | `restart 300ms` | it stops, and is there again so much later. `with` says what is otherwise then: `restart 1s with state NeedsLogin` |

mod action;
mod change;
mod quoted;
mod read;
mod time;
mod words;

use std::fmt;
use std::time::Duration;

pub use self::action::Action;
pub use self::change::{Base, Change};
pub use self::quoted::{bytes, quote};
pub use self::time::Time;

use super::world::World;

/// What happens, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    lines: Vec<Line>,
}

/// One line that says something.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// How long after the beginning; `None`: from the beginning.
    pub at: Option<Time>,
    pub action: Action,
}

/// Why a scenario is refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    /// The line, from 1 on.
    pub line: usize,
    pub said: String,
}

impl Scenario {
    /// Reads it, and tries it without a socket.
    pub fn read(text: &str) -> Result<Self, Wrong> {
        let (numbers, lines): (Vec<usize>, Vec<Line>) = Self::lines(text)?.into_iter().unzip();
        let scenario = Self { lines };
        scenario.try_out().map_err(|(index, said)| Wrong {
            line: numbers[index],
            said,
        })?;
        Ok(scenario)
    }

    /// The lines with their numbers, whether or not they can happen.
    pub fn lines(text: &str) -> Result<Vec<(usize, Line)>, Wrong> {
        let mut lines: Vec<(usize, Line)> = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let wrong = |said| Wrong { line: number, said };
            let Some(line) = Line::read(line).map_err(wrong)? else {
                continue;
            };
            if let Some((_, before)) = lines.last()
                && before.at > line.at
            {
                return Err(wrong("the line before is later".to_owned()));
            }
            lines.push((number, line));
        }
        Ok(lines)
    }

    /// What is done, and when after the beginning; what has no time holds from there.
    pub fn steps(&self) -> impl Iterator<Item = (Option<Duration>, Action)> {
        self.numbered().into_iter().map(|(at, _, action)| (at, action))
    }

    /// Each step with when it is, and the line that it comes from, in the order in which they are taken.
    fn numbered(&self) -> Vec<(Option<Duration>, usize, Action)> {
        let lines = self.lines.iter().enumerate();
        let mut steps: Vec<_> = lines
            .flat_map(|(index, line)| {
                let begins = line.at.map(Duration::from);
                let steps = line.action.steps().into_iter();
                steps.map(move |(after, action)| {
                    let at = match begins {
                        None if after.is_zero() => None,
                        begins => Some(begins.unwrap_or_default() + after),
                    };
                    (at, index, action)
                })
            })
            .collect();
        steps.sort_by_key(|(at, ..)| *at);
        steps
    }

    /// Plays it without a socket: which line cannot happen, and why.
    fn try_out(&self) -> Result<(), (usize, String)> {
        let (mut world, mut is_up) = (World::running(), true);
        for (_, index, action) in self.numbered() {
            let wrong = |said: &str| Err((index, said.to_owned()));
            match action {
                Action::Change(change) => world.apply(&change).map_err(|said| (index, said))?,
                Action::Stop | Action::Die if !is_up => return wrong("it is away already"),
                Action::Start if is_up => return wrong("it is there already"),
                Action::Stop | Action::Die => is_up = false,
                Action::Start => is_up = true,
                _ if !is_up => return wrong("it is away: it has no streams"),
                _ => {}
            }
            world.news.clear();
        }
        Ok(())
    }
}

/// As it can be read again.
impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.at {
            write!(f, "at {at} ")?;
        }
        write!(f, "{}", self.action)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.said)
    }
}
