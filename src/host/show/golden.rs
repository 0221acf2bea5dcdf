//! How views look, kept in files that people read.

use std::path::Path;

use unicode_width::UnicodeWidthStr;

use super::{Screen, View};

/// The view on so many columns without colour. No line is wider, and none ends in spaces; only a command is never broken: it
/// is there to be copied.
#[track_caller]
pub(crate) fn drawn(view: &impl View, width: usize) -> String {
    let mut out = Vec::new();
    view.draw(&Screen::plain(width), &mut out).expect("memory");
    let text = String::from_utf8(out).expect("text");
    for line in text.lines() {
        let is_command = line.starts_with("      ") && !line.starts_with("        ");
        assert!(
            is_command || line.width() <= width,
            "wider than {width}: {line}\n{text}"
        );
        assert_eq!(line.trim_end(), line, "no line ends in spaces");
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    text
}

/// Holds the view against `tests/NAME-80.txt` and `-120.txt` of that module of `host`.
#[track_caller]
pub(crate) fn golden(module: &str, name: &str, view: &impl View) {
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    for width in [80, 120] {
        let file = format!("src/host/{module}/tests/{name}-{width}.txt");
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert.eq(drawn(view, width), snapbox::Data::read_from(&file, None).raw());
    }
}

/// Holds the JSON Schema of a type against `docs/schema/FILE`.
#[track_caller]
pub(crate) fn published<T: schemars::JsonSchema>(file: &str) {
    let schema = serde_json::to_string_pretty(&schemars::schema_for!(T)).expect("a schema");
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(file);
    let assert = snapbox::Assert::new().action_env(snapbox::assert::DEFAULT_ACTION_ENV);
    assert.eq(format!("{schema}\n"), snapbox::Data::read_from(&published, None).raw());
}

/// A name as long as one may be (RFC 1035 section 2.3.4: a label has 63 characters).
pub(crate) fn long_name() -> String {
    "a-machine-that-somebody-gave-a-name-as-long-as-a-label-can-be00".to_owned()
}
