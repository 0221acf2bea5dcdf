//! The bytes of HTTP/1.1, as far as the fake needs them.

use std::io::{self, BufRead, BufReader, Read, Write};
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

/// Writes a reply.
pub fn write(mut stream: &UnixStream, reply: &Reply, version: &Version) -> io::Result<()> {
    let mut head = head(reply.status, version, reply.is_anonymous);
    if let Some(kind) = reply.content_type {
        head.extend(["Content-Type: ", kind, "\r\n"]);
    }
    if let Some(tag) = &reply.etag {
        head.extend(["Etag: ", tag, "\r\n"]);
    }
    let body = reply.body.as_bytes();
    if reply.is_chunked {
        write!(stream, "{head}Transfer-Encoding: chunked\r\n\r\n")?;
        // Not all at once: chunks end anywhere, also within a character.
        for chunk in body.chunks(4_001) {
            write_chunk(stream, chunk)?;
        }
        stream.write_all(b"0\r\n\r\n")
    } else {
        if reply.status != 204 {
            head.extend(["Content-Length: ", &body.len().to_string(), "\r\n"]);
        }
        write!(stream, "{head}\r\n")?;
        stream.write_all(body)
    }
}

/// Writes the head of a stream.
pub fn write_stream_head(mut stream: &UnixStream, version: &Version) -> io::Result<()> {
    let head = head(200, version, false);
    write!(
        stream,
        "{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
}

/// Writes a piece of a body.
pub fn write_chunk(mut stream: &UnixStream, bytes: &[u8]) -> io::Result<()> {
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    stream.write_all(&chunk)
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
