//! How a line is read.

use super::super::world::{Exception, Otherwise, STATES, Shape, Version};
use super::quoted::bytes;
use super::words::Words;
use super::{Action, Base, Change, Line};

/// More have no addresses.
const MOST_PEERS: u32 = 60_000;

impl Line {
    /// Nothing where it says nothing.
    pub fn read(line: &str) -> Result<Option<Self>, String> {
        let mut words = Words::of(line);
        if words.peek().is_none_or(|word| word.starts_with('#')) {
            return Ok(None);
        }
        let at = if words.peek() == Some("at") {
            words.next();
            Some(words.word("the time")?.parse()?)
        } else {
            None
        };
        let action = Action::from_words(&mut words)?;
        words.end()?;
        Ok(Some(Self { at, action }))
    }
}

impl Action {
    /// One of them, without a time.
    pub fn read(line: &str) -> Result<Self, String> {
        let mut words = Words::of(line);
        let action = Self::from_words(&mut words)?;
        words.end()?;
        Ok(action)
    }

    fn from_words(words: &mut Words<'_>) -> Result<Self, String> {
        let verb = words.word("what happens")?;
        Ok(match verb {
            "garbage" => Self::Garbage(bytes(&words.text("what they get")?)?),
            "bus" if words.peek() == Some("end") => {
                words.next();
                Self::EndStreams
            }
            "bus" if words.peek() == Some("cut") => {
                words.next();
                Self::CutStreams
            }
            "stop" => Self::Stop,
            "die" => Self::Die,
            "start" => Self::Start,
            "restart" => {
                let away = words.word("how long it is away")?.parse()?;
                let with = match words.next() {
                    None => None,
                    Some("with") => {
                        let verb = words.word("what is otherwise")?;
                        Some(Change::from_words(verb, words)?)
                    }
                    Some(word) => return Err(format!("{word:?} is not \"with\"")),
                };
                Self::Restart { away, with }
            }
            verb => Self::Change(Change::from_words(verb, words)?),
        })
    }
}

impl Change {
    fn from_words(verb: &str, words: &mut Words<'_>) -> Result<Self, String> {
        let name = |words: &mut Words<'_>| words.word("the name").map(str::to_owned);
        Ok(match verb {
            "base" => Self::Base(words.one_of("a base", &Base::ALL)?),
            "version" => Self::Version(Version {
                text: words.word("the version")?.to_owned(),
                capability: words.number("a capability")?,
            }),
            "operator" => Self::Operator(match words.peek() {
                Some("nobody") => {
                    words.next();
                    None
                }
                _ => Some(words.number("the number of a user")?),
            }),
            "rights" => Self::ReadOnly(words.one_of("what is allowed", &[("read-only", true), ("usual", false)])?),
            "mode" => Self::Mode(mode(words.word("the mode")?)?),
            "owner" => Self::Owner {
                user: words.number("the number of a user")?,
                group: words.number("the number of a group")?,
            },
            "peers" => match words.number("how many")? {
                count if count <= MOST_PEERS => Self::Peers(count),
                count => return Err(format!("{count} peers are too many: {MOST_PEERS} at most")),
            },
            "latency" => Self::Latency(words.word("how long")?.parse()?),
            "dead" | "alive" => Self::Answers {
                name: name(words)?,
                answers: verb == "alive",
            },
            "offline" | "online" => Self::Online {
                name: name(words)?,
                online: verb == "online",
            },
            "leaves" => Self::Leaves(name(words)?),
            "joins" => Self::Joins(name(words)?),
            "offers-exit" | "offers-nothing" => Self::OffersExit {
                name: name(words)?,
                offers: verb == "offers-exit",
            },
            "routes" => Self::Routes {
                name: name(words)?,
                prefixes: serde_json::from_value(words.json("the list of prefixes")?)
                    .map_err(|_| "the prefixes are a list of texts".to_owned())?,
            },
            "control" => Self::Control(words.one_of("what becomes of it", &[("back", true), ("lost", false)])?),
            "warn" => Self::Warn {
                code: name(words)?,
                text: if words.is_empty() {
                    None
                } else {
                    Some(words.text("the text")?)
                },
            },
            "mend" => Self::Mend(words.next().map(str::to_owned)),
            "state" => Self::State(words.one_of("a state", &STATES.map(|state| (state, state)))?.to_owned()),
            "map" => Self::Map,
            "key-expires" => Self::Expired,
            "login" | "logout" => Self::LoggedIn(verb == "login"),
            "exit-node" => Self::ExitNode(Some(name(words)?).filter(|name| name != "none")),
            "set" => Self::Set {
                name: name(words)?,
                value: words.json("the value")?,
            },
            "tell" => match words.json("what they hear")? {
                line if line.is_object() => Self::Tell(line),
                _ => return Err("what they hear is an object".to_owned()),
            },
            "bus" => Self::Mute(words.one_of("what becomes of it", &[("mute", true), ("heard", false)])?),
            "answer" => Self::Answer(Exception::from_words(words)?),
            "lacks" => Self::Lacks(endpoint(words)?),
            "usual" => Self::Usual(if words.is_empty() { None } else { Some(endpoint(words)?) }),
            verb => return Err(format!("{verb:?} is nothing that can happen")),
        })
    }
}

fn mode(word: &str) -> Result<u32, String> {
    let is_octal = !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    let mode = u32::from_str_radix(word, 8)
        .ok()
        .filter(|mode| is_octal && *mode <= 0o777);
    mode.ok_or_else(|| format!("{word:?} is no mode: 0000 to 0777"))
}

/// The beginning of an endpoint with its query; `*` for each.
fn endpoint(words: &mut Words<'_>) -> Result<String, String> {
    let word = words.word("the endpoint")?;
    if word == "*" || word.starts_with(|c: char| c.is_ascii_lowercase()) {
        Ok(word.to_owned())
    } else {
        Err(format!("{word:?} is no endpoint"))
    }
}

impl Exception {
    fn from_words(words: &mut Words<'_>) -> Result<Self, String> {
        let is_count = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
        let times = if words.peek().is_some_and(is_count) {
            let times = words.number("how often")?;
            words.one_of("the word", &[("times", ())])?;
            Some(times)
        } else {
            None
        };
        let is_method = |word: &str| word.bytes().all(|byte| byte.is_ascii_uppercase());
        let method = words.peek().filter(|word| is_method(word)).map(str::to_owned);
        if method.is_some() {
            words.next();
        }
        Ok(Self {
            times,
            method,
            endpoint: endpoint(words)?,
            otherwise: Otherwise::from_words(words)?,
        })
    }
}

impl Otherwise {
    fn from_words(words: &mut Words<'_>) -> Result<Self, String> {
        Ok(match words.word("the answer")? {
            "silent" => Self::Silent,
            "late" => Self::Late(words.word("how late")?.parse()?),
            "cut" => Self::Cut(words.number("how many bytes")?),
            "stuck" => Self::Stuck(words.number("how many bytes")?),
            "bytes" => Self::Bytes(bytes(&words.text("what is sent")?)?),
            word => {
                let known = word.parse().ok().filter(|status| (200..600).contains(status));
                let status = known.ok_or_else(|| format!("{word:?} is no answer"))?;
                if words.peek() == Some("json") {
                    words.next();
                    let body = words.json("the body")?;
                    return Ok(Self::Json { status, body });
                }
                let shape = words.one_of("a shape", &Shape::ALL)?;
                let said = words.text("what is said")?;
                Self::Says { status, shape, said }
            }
        })
    }
}
