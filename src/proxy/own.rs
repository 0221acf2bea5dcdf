//! What a user's own directives say, as far as ours must make room for them: nginx refuses most directives said twice.

use super::directive::{Directive, Item};
use super::word::Part;
use crate::net::NginxDirectives;

/// The top-level directives of a user's text.
#[derive(Debug, Default)]
pub(super) struct OwnDirectives(Vec<Vec<String>>);

/// Directives that stand many times beside each other, told apart by their first argument.
const BY_FIRST_ARGUMENT: [&str; 4] = ["add_header", "proxy_hide_header", "proxy_set_header", "set"];

/// Directives that are never given up: who may come in is said by the profile's own options.
const KEPT: [&str; 5] = [
    "auth_basic",
    "auth_basic_user_file",
    "auth_request",
    "auth_request_set",
    "limit_req",
];

impl OwnDirectives {
    /// Reads a user's text by the rules of nginx's reader (`ngx_conf_read_token`); the bodies of blocks are passed over.
    pub(super) fn of(text: &NginxDirectives) -> Self {
        Self::of_text(text.as_str())
    }

    /// The same for text that nobody checked: what cannot be read is passed over.
    pub(super) fn of_text(text: &str) -> Self {
        let mut directives = Vec::new();
        let mut words = Vec::new();
        let mut depth = 0_usize;
        let mut rest = text.chars().peekable();
        while let Some(character) = rest.next() {
            match character {
                _ if character.is_whitespace() => {}
                '#' => while rest.next_if(|next| *next != '\n').is_some() {},
                ';' | '{' => {
                    let directive = std::mem::take(&mut words);
                    if depth == 0 {
                        directives.push(directive);
                    }
                    depth += usize::from(character == '{');
                }
                '}' => depth = depth.saturating_sub(1),
                '"' | '\'' => {
                    let mut word = String::new();
                    while let Some(next) = rest.next_if(|next| *next != character) {
                        word.extend(if next == '\\' { rest.next() } else { Some(next) });
                    }
                    rest.next();
                    words.push(word);
                }
                first => {
                    let mut word = String::from(first);
                    // `${name}` belongs to a word, any other brace ends it.
                    while let Some(next) = rest.next_if(|next| match next {
                        '{' => word.ends_with('$'),
                        ';' => false,
                        next => !next.is_whitespace(),
                    }) {
                        word.push(next);
                    }
                    words.push(word);
                }
            }
        }
        Self(directives)
    }

    /// Whether a directive of this name is among them.
    pub(super) fn has(&self, name: &str) -> bool {
        self.named(name).next().is_some()
    }

    /// Whether they say themselves what `ours` would say, so that it must stand back.
    fn replaces(&self, ours: &Directive) -> bool {
        if KEPT.contains(&ours.name) {
            return false;
        }
        if !BY_FIRST_ARGUMENT.contains(&ours.name) {
            return self.has(ours.name);
        }
        let first = match ours.arguments.first().map(super::Word::parts) {
            Some([Part::Code(text)]) => *text,
            _ => return false,
        };
        self.named(ours.name).any(|words| {
            words
                .get(1)
                .is_some_and(|argument| argument.eq_ignore_ascii_case(first))
        })
    }

    /// Our items without those that they replace.
    pub(super) fn make_room(&self, items: Vec<Item>) -> Vec<Item> {
        let stays = |item: &Item| !matches!(item, Item::Directive(directive) if self.replaces(directive));
        items.into_iter().filter(stays).collect()
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &Vec<String>> {
        self.0
            .iter()
            .filter(move |words| words.first().is_some_and(|first| first == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> OwnDirectives {
        OwnDirectives::of(&text.parse().expect("complete directives"))
    }

    #[test]
    fn only_directives_of_the_top_level_count() {
        let own =
            own("if ($a) { proxy_buffering on; } # proxy_method x;\nset $b \"proxy_pass; {\"; x ${y}z;\nlast{ a; }");
        for (name, there) in [
            ("if", true),
            ("set", true),
            ("x", true),
            ("last", true),
            ("proxy_buffering", false),
            ("proxy_method", false),
            ("proxy_pass", false),
            ("a", false),
        ] {
            assert_eq!(own.has(name), there, "{name}");
        }
    }

    #[test]
    fn ours_stand_back_except_where_they_guard() {
        let own = own("proxy_read_timeout 9s; proxy_set_header host x; auth_basic off;");
        let ours = vec![
            Directive::new("proxy_read_timeout", ["60s"]).into(),
            Directive::new("proxy_set_header", ["Host", "$host"]).into(),
            Directive::new("proxy_set_header", ["Connection", ""]).into(),
            Directive::new("auth_basic", ["secured"]).into(),
        ];
        let kept = own.make_room(ours);
        let text = super::super::text::Text::of(&kept).to_string();
        assert_eq!(text, "proxy_set_header Connection \"\";\nauth_basic secured;\n");
    }
}
