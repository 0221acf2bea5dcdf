//! The stream of what changes.

use super::connection::Connection;
use super::data::Notify;
use super::error::Error;

/// The longest line that is read, in bytes. The first one has the whole status.
const LIMIT: usize = 64 << 20;

/// The stream of what changes: one JSON object a line. It lasts until tailscaled ends, or breaks it off because its reader
/// was too slow; what was missed then is found out by asking for everything again.
#[derive(Debug)]
pub struct Bus {
    connection: Connection,
    /// What came and is not read yet; lines up to `read` are.
    buffer: Vec<u8>,
    read: usize,
}

impl Bus {
    pub(super) fn new(connection: Connection) -> Self {
        Self {
            connection,
            buffer: Vec::new(),
            read: 0,
        }
    }

    /// The next line; nothing where tailscaled has ended the stream. Nothing may come for hours.
    ///
    /// It may be given up and called again: no line is lost.
    pub async fn next(&mut self) -> Result<Option<Notify>, Error> {
        let mut searched = self.read;
        loop {
            let unread = self.buffer.get(searched..).unwrap_or_default();
            if let Some(end) = unread.iter().position(|byte| *byte == b'\n') {
                let end = searched + end;
                let line = self.buffer.get(self.read..end).unwrap_or_default();
                let notify = (!line.trim_ascii().is_empty()).then(|| serde_json::from_slice(line));
                self.read = end + 1;
                searched = self.read;
                if let Some(notify) = notify {
                    return notify.map(Some).map_err(|error| unreadable(&error.to_string()));
                }
                continue;
            }
            searched = self.buffer.len();
            if searched - self.read > LIMIT {
                return Err(Error::TooLong {
                    endpoint: "watch-ipn-bus".to_owned(),
                    limit: LIMIT,
                });
            }
            let Some(bytes) = self.connection.next().await? else {
                return Ok(None);
            };
            // What is read makes room for what comes.
            self.buffer.drain(..self.read);
            searched -= self.read;
            self.read = 0;
            self.buffer.extend_from_slice(&bytes);
            if self.buffer.capacity() > 4 * self.buffer.len().max(1 << 16) {
                self.buffer.shrink_to_fit();
            }
        }
    }
}

fn unreadable(reason: &str) -> Error {
    Error::Unreadable {
        endpoint: "watch-ipn-bus".to_owned(),
        reason: reason.to_owned(),
    }
}
