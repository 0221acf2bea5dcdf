//! Bytes of a file as text that the readers take.

use super::fault::{Fault, ReadError};
use super::limit::MAX_BYTES;
use crate::diagnostic::place::{SourceId, Span};

/// The text of a file, or why no reader can take it: not UTF-8, or longer than [`MAX_BYTES`].
pub fn text(bytes: &[u8], source: SourceId) -> Result<&str, ReadError> {
    let start = Span::new(source, 0, 0);
    if bytes.len() > MAX_BYTES {
        return Err(too_large(source));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(ReadError::new(Fault::NotUtf8, start, "the file is UTF-16").help("save it as UTF-8"));
    }
    str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let line = bytes[..offset].split(|byte| *byte == b'\n').count();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        ReadError::new(
            Fault::NotUtf8,
            Span::new(source, offset, offset),
            format!("byte {offset} of the file (0x{byte:02x}, in line {line}) is not UTF-8"),
        )
        .help("save the file as UTF-8")
    })
}

/// The complaint about a text that is too long. Its reader may have read no further, so its length is not said.
pub(super) fn too_large(source: SourceId) -> ReadError {
    ReadError::new(
        Fault::TooLarge,
        Span::new(source, 0, 0),
        format!(
            "the text is longer than {} MiB, the most that is read of a profile",
            MAX_BYTES / 1024 / 1024
        ),
    )
    .help("split the fleet: `hosts.<name>` can be the path of a file")
}

/// Complaints that hold for every notation: the text is too long, has no content, starts with a byte order mark or holds NUL.
pub(super) fn refuse(text: &str, source: SourceId) -> Result<(), ReadError> {
    if text.len() > MAX_BYTES {
        return Err(too_large(source));
    }
    if text.starts_with('\u{feff}') {
        return Err(ReadError::new(
            Fault::Syntax,
            Span::new(source, 0, '\u{feff}'.len_utf8()),
            "the text starts with a byte order mark",
        )
        .help("save it as UTF-8 without one"));
    }
    if let Some(offset) = text.find('\0') {
        return Err(nul(Span::new(source, offset, offset + 1)));
    }
    if text.trim().is_empty() {
        return Err(empty(source));
    }
    Ok(())
}

/// The complaint about a text that says nothing.
pub(super) fn empty(source: SourceId) -> ReadError {
    ReadError::new(Fault::Empty, Span::new(source, 0, 0), "the text is empty")
        .help("`tailwright init` writes a profile to start from")
}

/// The complaint about a NUL character.
pub(super) fn nul(span: Span) -> ReadError {
    ReadError::new(Fault::Nul, span, "text holds a NUL character").help("no option can carry it: take it out")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_refused_at_their_offset() {
        let error = text(b"{\n a = \"\xff\"; }", SourceId(3)).unwrap_err();
        assert_eq!(error.code, Fault::NotUtf8);
        assert_eq!(error.span, Span::new(SourceId(3), 8, 8));
        assert_eq!(error.message, "byte 8 of the file (0xff, in line 2) is not UTF-8");
        let utf16 = text(b"\xff\xfe{\0", SourceId(0)).unwrap_err();
        assert_eq!(utf16.message, "the file is UTF-16");
        let large = text(&vec![b' '; MAX_BYTES + 1], SourceId(0)).unwrap_err();
        assert_eq!(large.code, Fault::TooLarge);
    }
}
