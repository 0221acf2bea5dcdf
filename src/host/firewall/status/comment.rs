//! What the comments of our table say.

/// A comment of our table: `ssh: zones.dmz.allowedServices[0]` is a word about it and the line of the profile, either of
/// which may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Said {
    pub(super) note: Option<String>,
    pub(super) origin: Option<String>,
}

impl Said {
    pub(super) fn of(comment: Option<&str>) -> Self {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        match comment {
            None => Self::default(),
            Some(comment) => match comment.split_once(": ") {
                Some((note, origin)) => Self {
                    note: some(note),
                    origin: some(origin),
                },
                // Fields are paths; notes are words.
                None if comment.contains('.') && comment.split(", ").all(|part| !part.contains(' ')) => Self {
                    note: None,
                    origin: some(comment),
                },
                None => Self {
                    note: some(comment),
                    origin: None,
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_a_note_and_a_line() {
        let said = |comment| {
            let said = Said::of(Some(comment));
            (said.note.unwrap_or_default(), said.origin.unwrap_or_default())
        };
        let pair = |note: &str, origin: &str| (note.to_owned(), origin.to_owned());
        assert_eq!(
            said("ssh: zones.lan.allowedServices[0]"),
            pair("ssh", "zones.lan.allowedServices[0]")
        );
        assert_eq!(
            said("zones.a.allowedTCPPorts, zones.b.x"),
            pair("", "zones.a.allowedTCPPorts, zones.b.x")
        );
        assert_eq!(said("no way back"), pair("no way back", ""));
        assert_eq!(said("fits no connection"), pair("fits no connection", ""));
        assert_eq!(said(""), pair("", ""));
    }
}
