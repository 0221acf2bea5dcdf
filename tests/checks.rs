//! Findings as users see them: the smallest profile that raises each code, and the examples of its page.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tailwright::checks;
use tailwright::diagnostic::{Code, Report, human, json};
use tailwright::profile::{self, Notation, Opened};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

/// What `check` says about a profile. Files that a fleet names do not exist.
fn report(name: &str, bytes: &[u8], notation: Notation) -> Report {
    let mut open = |path: &str| -> Result<Opened, String> { Err(format!("{path}: no such file")) };
    let mut profile = profile::load(name, bytes, Some(notation), &mut open);
    let mut findings = std::mem::take(&mut profile.findings);
    if let Some(fleet) = profile.fleet.take() {
        checks::run(fleet, &mut findings);
    }
    Report::new(&findings, profile.sources.clone(), |place| profile.locate(place))
}

fn text(report: &Report) -> String {
    let mut out = Vec::new();
    human(report, false, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn codes(report: &Report) -> Vec<Code> {
    report.findings.iter().map(|finding| finding.code).collect()
}

fn notation_of(extension: &str) -> Notation {
    match extension {
        "nix" => Notation::Nix,
        "toml" => Notation::Toml,
        "json" => Notation::Json,
        other => panic!("no notation is called {other}"),
    }
}

/// The fixtures by the code that they raise, which is their name.
fn fixtures() -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder("fixtures")).expect("fixtures") {
        let path = entry.expect("an entry").path();
        // A folder holds what other tests read.
        if path.is_dir() {
            continue;
        }
        let code = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(
            found.insert(code, path.clone()).is_none(),
            "two fixtures: {}",
            path.display()
        );
    }
    found
}

#[test]
fn every_fixture_raises_the_code_of_its_name() {
    for (code, path) in fixtures() {
        let code: Code = code.parse().unwrap_or_else(|_| panic!("{code} is no code"));
        let bytes = fs::read(&path).expect("a fixture");
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let notation = notation_of(&path.extension().unwrap().to_string_lossy());
        let report = report(&file, &bytes, notation);
        let golden = folder("golden/findings").join(format!("{code}.txt"));
        snapbox::assert_data_eq!(text(&report), snapbox::Data::read_from(&golden, None).raw());
        let data = folder("golden/findings").join(format!("{code}.json"));
        if data.exists() {
            let pretty = format!("{}\n", serde_json::to_string_pretty(&json(&report)).unwrap());
            snapbox::assert_data_eq!(pretty, snapbox::Data::read_from(&data, None).raw());
        }
        assert!(
            codes(&report).contains(&code),
            "{code} is not raised:\n{}",
            text(&report)
        );
    }
}

#[test]
fn every_code_has_a_fixture_and_every_golden_a_code() {
    let fixtures: Vec<_> = fixtures().into_keys().collect();
    let mut all: Vec<_> = Code::ALL.iter().map(|code| code.as_str().to_owned()).collect();
    all.sort();
    assert_eq!(fixtures, all);
    for entry in fs::read_dir(folder("golden/findings")).expect("goldens") {
        let path = entry.expect("an entry").path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(all.contains(&stem), "{} belongs to no code", path.display());
    }
}

/// The code blocks of a page below one heading, each with its notation.
fn blocks(page: &str, heading: &str) -> Vec<(Notation, String)> {
    let section = page
        .split("\n## ")
        .find_map(|section| section.strip_prefix(heading))
        .expect(heading);
    let mut blocks = Vec::new();
    let mut lines = section.lines();
    while let Some(line) = lines.next() {
        if let Some(notation) = line.strip_prefix("```") {
            let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            // `toml-as-nix`: what the file's name says is the last word.
            let said = notation.rsplit('-').next().unwrap();
            blocks.push((notation_of(said), text.join("\n") + "\n"));
        }
    }
    assert!(!blocks.is_empty(), "{heading} without an example:\n{page}");
    blocks
}

#[test]
fn the_bad_example_of_a_page_raises_its_code() {
    for code in Code::ALL.iter().copied() {
        for (notation, example) in blocks(checks::page(code), "Bad\n") {
            let report = report("bad", example.as_bytes(), notation);
            assert!(
                codes(&report).contains(&code),
                "{code} is not raised by its bad example:\n{}",
                text(&report)
            );
        }
    }
}

#[test]
fn the_good_example_of_a_page_raises_no_error_and_not_its_code() {
    for code in Code::ALL.iter().copied() {
        for (notation, example) in blocks(checks::page(code), "Good\n") {
            let report = report("good", example.as_bytes(), notation);
            let fine = !codes(&report).contains(&code) && !report.has_errors();
            assert!(fine, "the good example of {code}:\n{}", text(&report));
        }
    }
}
