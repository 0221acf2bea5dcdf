//! Tests that could not run on this machine: each says so on stderr at once, and leaves a note that `./test` prints at
//! its end. Nothing is ever left out silently.

use std::io::Write;
use std::path::Path;

/// Whether a part that is missing is a failure: in CI and under `./test`, which fetches every part first.
pub fn is_forbidden() -> bool {
    std::env::var_os("TAILWRIGHT_TEST").is_some() || std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Notes that the running test is left out for want of `what`, something that a user may lack (`NIXPKGS_LIB`).
pub fn note(what: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test").replace("::", ".");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/left-out");
    std::fs::create_dir_all(&folder).expect("target/ is writable");
    std::fs::write(folder.join(&test), format!("{what}\n")).expect("target/ is writable");
    // Straight to the stream: the test runner keeps what the print macros write.
    let _ = writeln!(std::io::stderr(), "left out: {test}: {what}");
}

/// The same for something that `./test` provides: there, and in CI, its absence fails the test.
///
/// # Panics
/// In CI and under `./test`.
pub fn note_missing(what: &str) {
    assert!(!is_forbidden(), "{what}; nothing may be left out here");
    note(&format!("{what}; ./test provides it"));
}
