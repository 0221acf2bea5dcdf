//! The bytes of HTTP/1.1, as far as the fake needs them.

use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;

use super::answer::Reply;
use super::request::Request;
use super::world::Version;

/// Reads a request; nothing where the client has left before it was whole.
pub fn read(stream: &UnixStream, uid: u32) -> io::Result<Option<Request>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut request = Request::new(method, target);
    request.headers.clear();
    request.uid = uid;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':') {
            request
                .headers
                .insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    let length = request.headers.get("content-length").map_or(Ok(0), |text| text.parse());
    let mut body = vec![0; length.map_err(io::Error::other)?];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8(body).map_err(io::Error::other)?;
    Ok(Some(request))
}

/// The bytes of a reply.
pub fn reply(reply: &Reply, version: &Version) -> Vec<u8> {
    let mut head = head(reply.status, version, reply.is_anonymous);
    if let Some(kind) = reply.content_type {
        head.extend(["Content-Type: ", kind, "\r\n"]);
    }
    if let Some(tag) = &reply.etag {
        head.extend(["Etag: ", tag, "\r\n"]);
    }
    let body = reply.body.as_bytes();
    if reply.is_chunked {
        head.push_str("Transfer-Encoding: chunked\r\n\r\n");
        let mut bytes = head.into_bytes();
        // Not all at once: chunks end anywhere, also within a character.
        bytes.extend(body.chunks(4_001).flat_map(chunk));
        bytes.extend_from_slice(LAST_CHUNK);
        bytes
    } else {
        if reply.status != 204 {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        [head.as_bytes(), body].concat()
    }
}

/// The head of a stream.
pub fn stream_head(version: &Version) -> Vec<u8> {
    let mut head = head(200, version, false);
    head.push_str("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    head.into_bytes()
}

/// The end of a stream.
pub const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

/// A piece of a body.
pub fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

fn head(status: u16, version: &Version, is_anonymous: bool) -> String {
    let reason = match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        412 => "Precondition Failed",
        500 => "Internal Server Error",
        _ => "Other",
    };
    let mut head = format!("HTTP/1.1 {status} {reason}\r\nConnection: close\r\n");
    if !is_anonymous {
        let (cap, text) = (version.capability.to_string(), &version.text);
        head.extend(["Tailscale-Cap: ", &cap, "\r\nTailscale-Version: ", text, "\r\n"]);
    }
    head
}
