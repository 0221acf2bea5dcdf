//! The fake tailscaled: the text that it acts by, and what the commands, the client and the monitor make of what it does.

mod by_client;
mod by_commands;
mod by_monitor;
mod format;

use std::path::Path;

/// A scenario of the repository.
pub fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/tailscaled/{name}.scenario"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_scenario_is_played() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let tests = [
        "tailscaled/by_client.rs",
        "tailscaled/by_commands.rs",
        "tailscaled/by_monitor.rs",
        "localapi/fake_bus.rs",
    ];
    let tests: String = tests
        .iter()
        .map(|file| std::fs::read_to_string(root.join(file)).expect("a test"))
        .collect();
    let folder = std::fs::read_dir(root.join("fixtures/tailscaled")).expect("a folder");
    for entry in folder {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let is_played = [format!("scenario(\"{name}\")"), format!("{name}.scenario\"")];
        assert!(is_played.iter().any(|call| tests.contains(call)), "nobody plays {name}");
    }
}
