//! A status that is read while it comes.

use hyper::body::Bytes;
use serde::Deserialize;
use serde::de::{Error as _, IgnoredAny};
use serde_json::{Deserializer, Error};

use super::data::Peer;

/// Takes the peers out of a status while it comes, so that neither its text nor all that is known of them is ever held whole:
/// of 5,000 peers, tailscaled says 7 MiB. What is left is a status without peers.
///
/// It knows no more of JSON than where a member of the outermost object ends. Whatever it cannot make sense of it leaves as it
/// came, for the reader of the rest to complain of.
pub(super) struct Sieve<F> {
    each: F,
    place: Place,
    /// What came and was not taken yet: less than a member, most of the time.
    pending: Vec<u8>,
    /// A member that is longer than what came is looked at again only when so much is there.
    enough: usize,
    /// Everything but the peers.
    rest: Vec<u8>,
}

/// Where in the text it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the object.
    Start,
    /// Before a member of it, the first or another.
    Member { is_first: bool },
    /// Before a peer, the first or another.
    Peer { is_first: bool },
    /// Behind the object, or where it is none.
    Rest,
}

/// One step: what was taken, and where it led.
enum Step<'a> {
    /// The object begins, or ends, or the peers do.
    To(Place),
    /// A member other than the peers: its name as it is written, and its value.
    Kept(&'a [u8], &'a [u8]),
    /// One of the peers, unless it was `null`.
    Peer(Option<Box<Peer>>),
}

impl<F: FnMut(Peer)> Sieve<F> {
    /// A sieve that hands each peer to `each`.
    pub(super) fn new(each: F) -> Self {
        Self {
            each,
            place: Place::Start,
            pending: Vec::new(),
            enough: 0,
            rest: Vec::new(),
        }
    }

    /// Takes what came. An error says what a peer has that it should not.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() < self.enough {
            return Ok(());
        }
        let mut taken = 0;
        while self.place != Place::Rest {
            let text = self.pending.get(taken..).unwrap_or_default();
            let Some((step, length)) = step(self.place, text)? else {
                break;
            };
            taken += length;
            match step {
                Step::To(place) => {
                    match (self.place, place) {
                        (Place::Start, Place::Member { .. }) => self.rest.push(b'{'),
                        (Place::Member { .. }, Place::Rest) => self.rest.push(b'}'),
                        _ => {}
                    }
                    self.place = place;
                }
                Step::Kept(name, value) => {
                    if self.rest.len() > 1 {
                        self.rest.push(b',');
                    }
                    self.rest.extend_from_slice(name);
                    self.rest.push(b':');
                    self.rest.extend_from_slice(value);
                    self.place = Place::Member { is_first: false };
                }
                Step::Peer(peer) => {
                    // After logging out some versions keep peers that are nobody any more.
                    if let Some(peer) = peer.filter(|peer| !peer.id.is_empty()) {
                        (self.each)(*peer);
                    }
                    self.place = Place::Peer { is_first: false };
                }
            }
        }
        self.pending.drain(..taken);
        self.enough = if taken == 0 { 2 * self.pending.len() } else { 0 };
        if self.place == Place::Rest {
            self.rest.append(&mut self.pending);
        }
        Ok(())
    }

    /// All has come: the status without its peers, as text. Of one that was cut off it is the text of one that is cut off.
    pub(super) fn end(mut self) -> Result<Bytes, Error> {
        self.enough = 0;
        self.take(&[])?;
        self.rest.append(&mut self.pending);
        Ok(self.rest.into())
    }
}

/// What is next in the text, and how many bytes it takes; nothing where more has to come first.
fn step(place: Place, text: &[u8]) -> Result<Option<(Step<'_>, usize)>, Error> {
    let mut reader = Reader { text, at: 0 };
    let Some(next) = reader.next() else { return Ok(None) };
    let (is_first, is_peer) = match place {
        Place::Rest => return Ok(None),
        Place::Start => {
            let to = if next == b'{' {
                reader.at += 1;
                Place::Member { is_first: true }
            } else {
                Place::Rest
            };
            return Ok(Some((Step::To(to), reader.at)));
        }
        Place::Member { is_first } => (is_first, false),
        Place::Peer { is_first } => (is_first, true),
    };
    if next == b'}' {
        let to = if is_peer {
            Place::Member { is_first: false }
        } else {
            Place::Rest
        };
        return Ok(Some((Step::To(to), reader.at + 1)));
    }
    if !is_first && !reader.passes(b',')? {
        return Ok(None);
    }
    let Some((name, written)) = reader.value::<std::borrow::Cow<'_, str>>()? else {
        return Ok(None);
    };
    if !reader.passes(b':')? {
        return Ok(None);
    }
    let Some(next) = reader.next() else { return Ok(None) };
    if !is_peer && name == "Peer" && next == b'{' {
        return Ok(Some((Step::To(Place::Peer { is_first: true }), reader.at + 1)));
    }
    let step = if is_peer {
        reader.value().map(|read| read.map(|(peer, _)| Step::Peer(peer)))?
    } else {
        reader
            .value::<IgnoredAny>()
            .map(|read| read.map(|(_, value)| Step::Kept(written, value)))?
    };
    Ok(step.map(|step| (step, reader.at)))
}

/// Reads JSON that may end anywhere.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next character that is no space, which it then stands at.
    fn next(&mut self) -> Option<u8> {
        let left = self.text.get(self.at..)?;
        let spaces = left.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.at += spaces;
        left.get(spaces).copied()
    }

    /// Passes that character; whether it is there already.
    fn passes(&mut self, wanted: u8) -> Result<bool, Error> {
        match self.next() {
            None => Ok(false),
            Some(found) if found == wanted => {
                self.at += 1;
                Ok(true)
            }
            Some(found) => Err(Error::custom(format_args!(
                "`{}` where `{}` should be",
                found.escape_ascii(),
                char::from(wanted)
            ))),
        }
    }

    /// The next value with its text, where something follows it: `12` may become `123`.
    fn value<T: Deserialize<'a>>(&mut self) -> Result<Option<(T, &'a [u8])>, Error> {
        if self.next().is_none() {
            return Ok(None);
        }
        let left = self.text.get(self.at..).unwrap_or_default();
        let mut values = Deserializer::from_slice(left).into_iter();
        let value = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) if !(error.is_eof() || error.is_syntax() && ends_in_a_number(left)) => return Err(error),
            Some(Err(_)) | None => return Ok(None),
        };
        let length = values.byte_offset();
        let written = left.get(..length).unwrap_or_default();
        self.at += length;
        Ok(self.next().map(|_| (value, written)))
    }
}

/// Whether what is there may be the beginning of a number: `-` alone is none yet.
fn ends_in_a_number(text: &[u8]) -> bool {
    matches!(text.last(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
}

#[cfg(test)]
mod tests;
