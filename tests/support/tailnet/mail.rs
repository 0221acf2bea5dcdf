//! A mail server (RFC 5321) that takes everything.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A mail that has arrived.
#[derive(Debug, Clone)]
pub struct Mail {
    /// When it was taken.
    pub at: Instant,
    /// Where the connection came from.
    pub from: Ipv4Addr,
    /// Its `Subject:`.
    pub subject: String,
}

/// The mails that have arrived, the oldest first.
#[derive(Clone, Default)]
pub struct Mails(Arc<Mutex<Vec<Mail>>>);

impl Mails {
    /// All of them.
    pub fn all(&self) -> Vec<Mail> {
        self.0.lock().expect("nobody panics with it").clone()
    }

    /// Takes what whoever has connected brings.
    pub fn accept(&self, listener: &TcpListener) {
        while let Ok((stream, SocketAddr::V4(from))) = listener.accept() {
            let mails = self.clone();
            // A client that leaves is no fault of the server.
            std::thread::spawn(move || mails.serve(&stream, *from.ip()));
        }
    }

    fn serve(&self, stream: &TcpStream, from: Ipv4Addr) -> std::io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut lines = BufReader::new(stream).lines();
        let mut out = stream;
        out.write_all(b"220 mail\r\n")?;
        while let Some(line) = lines.next().transpose()? {
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "QUIT" => return out.write_all(b"221 bye\r\n"),
                "DATA" => {
                    out.write_all(b"354 go on\r\n")?;
                    let (mut subject, mut continues) = (String::new(), false);
                    for line in lines.by_ref() {
                        let line = line?;
                        if line == "." {
                            break;
                        }
                        // A long one is folded (RFC 5322 §2.2.3).
                        if continues && line.starts_with(' ') {
                            subject.push_str(&line);
                        } else if let Some(text) = line.strip_prefix("Subject: ") {
                            text.clone_into(&mut subject);
                            continues = true;
                        } else {
                            continues = false;
                        }
                    }
                    let at = Instant::now();
                    let mail = Mail { at, from, subject };
                    self.0.lock().expect("nobody panics with it").push(mail);
                    out.write_all(b"250 taken\r\n")?;
                }
                _ => out.write_all(b"250 well\r\n")?,
            }
        }
        Ok(())
    }
}
