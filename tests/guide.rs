//! The guide that this program makes good on: each of its configuration blocks, taken as it stands, checks without errors.
//!
//! `guide/*.nix` are copies, character for character (the flake of Step 1 configures no host: it imports what is rendered); `golden/guide/*.txt` is what `check` says of each.

use std::fs;
use std::path::{Path, PathBuf};

use tailwright::checks;
use tailwright::diagnostic::{Code, Report, human};
use tailwright::profile;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// The blocks by their file names, in their order.
fn blocks() -> Vec<(String, String)> {
    let mut blocks: Vec<_> = fs::read_dir(folder("guide"))
        .expect("the guide's blocks")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a block"))
        })
        .collect();
    blocks.sort();
    blocks
}

fn report(name: &str, text: &str) -> Report {
    let mut open = |path: &str| Err(format!("{path}: no such file"));
    let mut profile = profile::load(name, text.as_bytes(), None, &mut open);
    let mut findings = std::mem::take(&mut profile.findings);
    let fleet = profile.fleet.take().expect("a block reads as a profile");
    let checked = checks::run(fleet, &mut findings).is_some();
    let report = Report::new(&findings, profile.sources.clone(), |place| profile.locate(place));
    assert_eq!(
        checked,
        !report.has_errors(),
        "{name}: only what has no errors may be rendered"
    );
    report
}

fn text(report: &Report) -> String {
    let mut out = Vec::new();
    human(report, false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_block_checks_without_errors() {
    let blocks = blocks();
    assert_eq!(blocks.len(), 12, "the guide has twelve blocks that configure a host");
    for (name, block) in blocks {
        let report = report(&name, &block);
        assert!(!report.has_errors(), "{name}:\n{}", text(&report));
        let golden = folder("golden/guide").join(Path::new(&name).with_extension("txt"));
        snapbox::assert_data_eq!(text(&report), snapbox::Data::read_from(&golden, None).raw());
    }
}

/// A reader of the guide ends up with its whole configuration section in one file.
#[test]
fn the_blocks_together_check_without_errors() {
    let names = [
        "basic-tailscale.nix",
        "nginx-proxy.nix",
        "firewall-zones.nix",
        "new-service.nix",
        "debug-mode.nix",
        "network-tuning.nix",
        "nginx-tuning.nix",
        "split-dns.nix",
    ];
    let whole: String = names
        .iter()
        .map(|name| fs::read_to_string(folder("guide").join(name)).expect(name))
        .collect();
    let report = report("whole.nix", &whole);
    assert!(!report.has_errors(), "{}", text(&report));
    let told = |code| report.findings.iter().any(|finding| finding.code == code);
    for code in [
        Code::SubdomainUnresolvable,
        Code::LanAccessOnExitNode,
        Code::Http3WithoutCertificate,
        Code::AuthWithoutFile,
        Code::ZoneWithoutMembers,
        Code::ZoneShadowed,
        Code::NoManagementPath,
        Code::FirewallModeValue,
        Code::SecondEventsBlock,
        Code::ResolvedExtraConfig,
    ] {
        assert!(told(code), "{code} is not told:\n{}", text(&report));
    }
}
