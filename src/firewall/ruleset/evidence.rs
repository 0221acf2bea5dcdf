//! What in the profile is answerable for a rule or an element.

use std::borrow::Cow;
use std::fmt;

use crate::model::{FieldPath, Step};

/// The group of the zone firewall.
const GROUP: [&str; 3] = ["network", "security", "firewall-zones"];

/// Why a rule or an element is there: a few words, and the fields of the profile that are answerable for it. A port that
/// two lines open has two fields: taking away one of them does not close it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Evidence {
    /// A few words for the reader of the ruleset.
    pub note: Cow<'static, str>,
    /// The fields, in the order of the profile; empty where the rule belongs to every zone firewall.
    pub origins: Vec<FieldPath>,
}

impl Evidence {
    /// A rule of every zone firewall.
    pub fn note(note: impl Into<Cow<'static, str>>) -> Self {
        Self {
            note: note.into(),
            origins: Vec::new(),
        }
    }

    /// Something that `origin` asks for.
    pub fn of(note: impl Into<Cow<'static, str>>, origin: FieldPath) -> Self {
        Self {
            note: note.into(),
            origins: vec![origin],
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.note.is_empty() && self.origins.is_empty()
    }

    /// The first of the fields that are answerable.
    pub fn origin(&self) -> Option<&FieldPath> {
        self.origins.first()
    }

    /// A field without what says no more than the table itself: `zones.dmz.allowedTCPPorts`.
    pub fn short(field: &FieldPath) -> FieldPath {
        let mut steps = field.steps();
        if let [Step::Name(hosts), Step::Name(_), rest @ ..] = steps
            && hosts == "hosts"
        {
            steps = rest;
        }
        let group: Vec<_> = GROUP.map(|name| Step::Name(name.to_owned())).into();
        let steps = steps.strip_prefix(group.as_slice()).unwrap_or(steps);
        steps
            .iter()
            .cloned()
            .fold(FieldPath::root(), |path, step| path.step(step))
    }

    /// Adds what else asks for the same.
    pub fn join(&mut self, other: &Self) {
        if self.note.is_empty() {
            self.note.clone_from(&other.note);
        } else if !other.note.is_empty() && !self.note.split(", ").any(|note| note == other.note) {
            self.note = format!("{}, {}", self.note, other.note).into();
        }
        for origin in &other.origins {
            if !self.origins.contains(origin) {
                self.origins.push(origin.clone());
            }
        }
    }

    /// The comment that the ruleset carries for it, if there is anything to say. Fields are given from the host's root, those of
    /// the zone firewall from its group: `zones.dmz.allowedTCPPorts`.
    pub fn comment(&self) -> Option<Comment> {
        let fields: Vec<String> = self
            .origins
            .iter()
            .map(|field| Self::short(field).to_string())
            .collect();
        let fields = fields.join(", ");
        match (self.note.is_empty(), fields.is_empty()) {
            (true, true) => None,
            (false, true) => Some(Comment::new(&self.note)),
            (true, false) => Some(Comment::new(&fields)),
            (false, false) => Some(Comment::new(&format!("{}: {fields}", self.note))),
        }
    }
}

/// A comment of nft(8): 1 to 128 printable ASCII characters without `"` and `\`, for there is no escape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Comment(String);

impl Comment {
    /// Longest comment in bytes (`NFTNL_UDATA_COMMENT_MAXLEN`).
    pub const MAX: usize = 128;

    /// `text` with `?` for every character that nft cannot quote, shortened to what fits.
    pub fn new(text: &str) -> Self {
        let plain = |letter: char| {
            let fits = letter == ' ' || letter.is_ascii_graphic() && !matches!(letter, '"' | '\\');
            if fits { letter } else { '?' }
        };
        // A quoted name of a field path reads well in single quotes.
        let mut comment: String = text.replace('"', "'").chars().map(plain).collect();
        if comment.len() > Self::MAX {
            comment.truncate(Self::MAX - 3);
            comment.push_str("...");
        }
        Self(comment)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_cannot_leave_its_quotes() {
        let comment = Comment::new("a\"; flush ruleset; \\ $x \n é");
        assert_eq!(comment.as_str(), "a'; flush ruleset; ? $x ? ?");
        assert_eq!(Comment::new(&"ä".repeat(500)).as_str().len(), Comment::MAX);
    }

    #[test]
    fn evidence_of_two_lines_names_both() {
        let mut evidence = Evidence::of("ssh", FieldPath::of("a"));
        evidence.join(&Evidence::of("", FieldPath::of("b")));
        evidence.join(&Evidence::of("ssh", FieldPath::of("a")));
        assert_eq!(evidence.comment().unwrap().as_str(), "ssh: a, b");
        assert_eq!(Evidence::default().comment(), None);
    }

    #[test]
    fn a_field_is_as_short_as_it_is_clear() {
        let shown = |dotted| Evidence::of("", FieldPath::of(dotted)).comment().unwrap().to_string();
        assert_eq!(shown("hosts.a.network.security.firewall-zones.zones.dmz"), "zones.dmz");
        assert_eq!(
            shown("network.vpn.tailscale.exitNode"),
            "network.vpn.tailscale.exitNode"
        );
        assert_eq!(shown("hosts.a.host.interfaces"), "host.interfaces");
    }
}
