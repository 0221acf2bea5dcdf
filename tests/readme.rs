//! What the README shows is what happens.

use tailwright::checks;
use tailwright::diagnostic::{Report, human};
use tailwright::profile::load;

const README: &str = include_str!("../README.md");

/// The first block of `language` in the README.
fn block(language: &str) -> &'static str {
    let start = format!("```{language}\n");
    let (_, rest) = README.split_once(&start).unwrap();
    rest.split_once("```").unwrap().0
}

fn report(text: &str) -> String {
    let mut profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let mut findings = std::mem::take(&mut profile.findings);
    if let Some(fleet) = profile.fleet.take() {
        checks::run(fleet, &mut findings);
    }
    let report = Report::new(&findings, profile.sources.clone(), |place| profile.locate(place));
    let mut out = Vec::new();
    human(&report, false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The profile on the first screen, without its comment line.
fn profile() -> &'static str {
    block("nix").split_once('\n').unwrap().1
}

#[test]
fn the_profile_on_the_first_screen_checks_clean() {
    assert_eq!(report(profile()), "");
    assert!(
        block("nix").lines().count() <= 10,
        "the first screen has room for ten lines"
    );
}

#[test]
fn the_report_on_the_first_screen_is_what_those_mistakes_give() {
    let zones = "  network.security.firewall-zones.zones.internal";
    let admin = "  network.security.firewall-zones.zones.admin = { allowedIPs = [ \"100.64.0.0/10\" ]; allowAllServices = true; };\n";
    let text =
        profile()
            .replace("\"ssh\" \"ollama\"", "\"ssh\" \"olama\"")
            .replacen(zones, &format!("{admin}{zones}"), 1);
    let found = report(&text);
    for shown in block("text").split("\n\n") {
        assert!(
            found.contains(shown.trim_end()),
            "the README shows\n{shown}\n\nand the report is\n{found}"
        );
    }
}

#[test]
fn the_codes_that_the_readme_names_exist() {
    for (_, rest) in README
        .match_indices("tailwright explain ")
        .map(|(at, found)| README.split_at(at + found.len()))
    {
        let code = rest.split_whitespace().next().unwrap();
        assert!(code.parse::<tailwright::diagnostic::Code>().is_ok(), "{code}");
    }
}
