//! Every example reads and checks clean. (Their golden trees are the render tests'.)

use std::fs;
use std::path::{Path, PathBuf};

use tailwright::checks;
use tailwright::diagnostic::{Report, human};
use tailwright::profile::{Opened, load};

/// The profile of each example.
pub fn examples() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut profiles: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|directory| {
            let names = ["host.nix", "host.toml", "host.json", "fleet.nix"];
            let profile = names.iter().map(|name| directory.join(name)).find(|path| path.exists());
            assert!(
                directory.join("README.md").exists(),
                "{} has no README",
                directory.display()
            );
            profile.unwrap_or_else(|| panic!("{} has no profile", directory.display()))
        })
        .collect();
    profiles.sort();
    profiles
}

#[test]
fn examples_check_clean() {
    let mut reports = String::new();
    for path in examples() {
        let bytes = fs::read(&path).unwrap();
        let name = path
            .strip_prefix(env!("CARGO_MANIFEST_DIR"))
            .unwrap()
            .display()
            .to_string();
        let mut profile = load(&name, &bytes, None, &mut |other| {
            let path = path.with_file_name(other);
            let bytes = fs::read(&path).map_err(|error| error.to_string())?;
            Ok(Opened {
                name: other.to_owned(),
                bytes,
            })
        });
        let mut findings = std::mem::take(&mut profile.findings);
        let checked = profile.fleet.take().and_then(|fleet| checks::run(fleet, &mut findings));
        let report = Report::new(&findings, profile.sources.clone(), |place| profile.locate(place));
        let mut out = Vec::new();
        human(&report, false, &mut out).unwrap();
        reports.push_str(&String::from_utf8(out).unwrap());
        assert!(
            checked.is_some() || !report.findings.is_empty(),
            "{name}: refused without a reason"
        );
    }
    assert_eq!(reports, "");
}
