//! The pages that `tailwright explain` prints.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::LazyLock;

use super::rules::RULES;
use crate::diagnostic::{Code, Kind};

/// Pages of the codes that the reader raises before there is a model.
const READER: &[(Code, &str)] = &[
    (Code::DefaultZone, include_str!("pages/default-zone.md")),
    (Code::DuplicateKey, include_str!("pages/duplicate-key.md")),
    (Code::GroupNotEnabled, include_str!("pages/group-not-enabled.md")),
    (Code::HostNameAssumed, include_str!("pages/host-name-assumed.md")),
    (Code::ImpureLookup, include_str!("pages/impure-lookup.md")),
    (Code::InvalidValue, include_str!("pages/invalid-value.md")),
    (Code::MissingValue, include_str!("pages/missing-value.md")),
    (Code::NeedsEvaluation, include_str!("pages/needs-evaluation.md")),
    (Code::PresetConflict, include_str!("pages/preset-conflict.md")),
    (Code::SecretInProfile, include_str!("pages/secret-in-profile.md")),
    (Code::SopsFileAssumed, include_str!("pages/sops-file-assumed.md")),
    (Code::Syntax, include_str!("pages/syntax.md")),
    (
        Code::UnixUpstreamWithPort,
        include_str!("pages/unix-upstream-with-port.md"),
    ),
    (Code::UnknownField, include_str!("pages/unknown-field.md")),
    (Code::UnknownLint, include_str!("pages/unknown-lint.md")),
    (Code::UnknownReference, include_str!("pages/unknown-reference.md")),
    (Code::UnreadableSource, include_str!("pages/unreadable-source.md")),
    (Code::WrongNotation, include_str!("pages/wrong-notation.md")),
];

static PAGES: LazyLock<BTreeMap<Code, String>> = LazyLock::new(|| {
    let reader = READER.iter().map(|(code, text)| (*code, (*text).to_owned()));
    let rules = RULES.iter().map(|rule| (rule.code, doc_comment(rule.source)));
    reader
        .chain(rules)
        .map(|(code, body)| (code, titled(code, &body)))
        .collect()
});

/// The page of a code, in Markdown: what it is about, why it matters, a bad and a good example, sources.
pub fn page(code: Code) -> &'static str {
    PAGES.get(&code).map_or("", String::as_str)
}

/// The page under its title, with what may be said of the code without reading the page.
fn titled(code: Code, body: &str) -> String {
    let mut page = format!("# {code}\n\n{}: {}.\n", code.severity(), code.summary());
    let weight = match code.kind() {
        Kind::Lint => {
            format!("`lint.{code} = \"allow\"`, `\"warn\"` or `\"deny\"` in the profile weighs it otherwise.")
        }
        Kind::Fixed => "The profile cannot weigh it otherwise.".to_owned(),
    };
    // Writing to a string cannot fail.
    let _ = write!(page, "{weight}\n\n{}\n", body.trim());
    page
}

/// The leading `//!` lines of a source file without their marks.
fn doc_comment(source: &str) -> String {
    let lines = source.lines().map_while(|line| line.strip_prefix("//!"));
    lines.fold(String::new(), |mut text, line| {
        text.push_str(line.strip_prefix(' ').unwrap_or(line));
        text.push('\n');
        text
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The headings of every page, in this order, below the sentences that say what it is about.
    const SECTIONS: [&str; 4] = ["## Why", "## Bad", "## Good", "## Source"];

    #[test]
    fn every_code_has_exactly_one_page() {
        let mut seen = BTreeSet::new();
        for code in READER
            .iter()
            .map(|(code, _)| *code)
            .chain(RULES.iter().map(|rule| rule.code))
        {
            assert!(seen.insert(code), "{code} has two pages");
        }
        let all: BTreeSet<_> = Code::ALL.iter().copied().collect();
        assert_eq!(seen, all, "codes and pages");
    }

    #[test]
    fn every_page_has_its_sections() {
        for code in Code::ALL {
            let text = page(*code);
            let (what, rest) = text.split_once("\n## ").unwrap_or((text, ""));
            assert!(what.lines().count() > 5, "{code}: says first what it is about\n{text}");
            let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
            assert_eq!(headings, SECTIONS, "{code}: {rest}");
            assert!(
                text.lines().all(|line| line.chars().count() <= 120),
                "{code}: fits a terminal"
            );
        }
    }

    #[test]
    fn the_doc_comment_ends_where_the_code_begins() {
        assert_eq!(
            doc_comment("//! One.\n//!\n//!   two\n\nuse x;\n//! no\n"),
            "One.\n\n  two\n"
        );
    }
}
