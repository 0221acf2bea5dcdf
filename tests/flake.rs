//! The flake: its Nix files parse, its outputs hold together, and its lock is a real one.
//!
//! nixpkgs is not at hand everywhere, so the outputs are evaluated with stand-ins for it (`tests/nix/flake.nix`);
//! `nix flake check` does the same with the real one.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::nix::{self, Nix};
use crate::support::scratch::Scratch;
use crate::support::tool;

#[test]
fn every_nix_file_parses_and_is_formatted() {
    let Some(nix) = Nix::new() else { return };
    let mut files = vec![root().join("flake.nix")];
    for folder in ["nix", "nix/tests", "nix/tests/support", "tests/nix"] {
        let entries = std::fs::read_dir(root().join(folder)).expect("a folder of the project");
        files.extend(
            entries
                .map(|entry| entry.expect("an entry").path())
                .filter(|path| is_nix(path)),
        );
    }
    assert!(files.len() > 8, "{files:?}");
    for file in files {
        assert_eq!(nix.parse(&file), Ok(()), "{}", file.display());
        let text = std::fs::read_to_string(&file).expect("it parsed");
        let formatted = nix::formatted(&text).expect("it parsed");
        if std::env::var_os("SNAPSHOTS").is_some_and(|mode| mode == "overwrite") {
            std::fs::write(&file, &formatted).expect("a file of the project");
        } else {
            assert!(
                text == formatted,
                "{} wants `nix fmt` (or SNAPSHOTS=overwrite)",
                file.display()
            );
        }
    }
}

#[test]
fn the_outputs_hold_together() {
    let Some(nix) = Nix::new() else { return };
    let flake = outputs(&nix);
    for output in ["packages", "apps", "devShells", "formatter", "checks"] {
        assert_eq!(
            names(&flake["systems"][output]),
            ["aarch64-linux", "x86_64-linux"],
            "{output}"
        );
    }
    assert_eq!(flake["packages"]["default"], flake["packages"]["tailwright"]);
    assert_ne!(flake["packages"]["tsctl"], flake["packages"]["tailwright"]);
    for (app, program) in [
        ("default", "tailwright"),
        ("tailwright", "tailwright"),
        ("tsctl", "tsctl"),
    ] {
        let path = flake["programs"][app].as_str().expect("a program");
        assert!(
            path.starts_with("/nix/store/") && path.ends_with(&format!("/bin/{program}")),
            "{path}"
        );
    }
    assert!(
        flake["overlay"]["tsctl"]
            .as_str()
            .is_some_and(|path| path.ends_with("-tsctl/bin/tsctl")),
        "{flake}"
    );
    assert_eq!(flake["module"]["overlays"], 1);
    assert_eq!(
        flake["module"]["systemPackages"]["content"].as_array().map(Vec::len),
        Some(2)
    );
    for check in ["tailwright", "tsctl", "shell", "lint", "format", "test-examples"] {
        assert!(names(&flake["checks"]).contains(&check), "{check} is checked");
    }
    let lint = flake["lint"].as_str().expect("a command");
    assert!(lint.contains("clippy"), "{lint}");
}

#[test]
fn the_package_is_this_one() {
    let Some(nix) = Nix::new() else { return };
    let package = &outputs(&nix)["package"];
    assert_eq!(package["pname"], env!("CARGO_PKG_NAME"));
    assert_eq!(package["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(package["meta"]["description"], env!("CARGO_PKG_DESCRIPTION"));
    let source: Vec<&str> = names(&package["src"]);
    let here = root().to_string_lossy().into_owned();
    for needed in ["Cargo.toml", "Cargo.lock", "clippy.toml", "examples", "src", "tests"] {
        assert!(source.contains(&format!("{here}/{needed}").as_str()), "{needed}");
    }
    for other in ["docs", "nix", "target", "README.md"] {
        assert!(!source.contains(&format!("{here}/{other}").as_str()), "{other}");
    }
}

/// The names that the host's program answers to, besides its own.
const NAMES: [&str; 11] = [
    "fw-status",
    "nginx-logs",
    "nginx-test",
    "ts-auth",
    "ts-benchmark",
    "ts-cert",
    "ts-monitor",
    "ts-monitor-logs",
    "ts-quality",
    "ts-status",
    "tsctl",
];

#[test]
fn the_package_has_every_name_of_the_hosts_program() {
    let Some(nix) = Nix::new() else { return };
    let flake = outputs(&nix);
    let install = flake["package"]["postInstall"].as_str().unwrap();
    let scratch = Scratch::new();
    scratch.write("source/docs/metrics/tailwright-rules.yml", "");
    scratch.write("out/bin/tsctl", "");
    // Up to what asks the program itself.
    let (links, _) = install.split_once("$out/bin/tailwright man").unwrap();
    let run = tool::run(
        Command::new("bash")
            .args(["-euc", &format!("moveToOutput() {{ :; }}\n{links}")])
            .current_dir(scratch.path().join("source"))
            .env("tsctl", scratch.path().join("out")),
    );
    tool::accepted(&run).unwrap_or_else(|said| panic!("{said}"));
    let mut names: Vec<String> = std::fs::read_dir(scratch.path().join("out/bin"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, NAMES);
    assert!(
        scratch
            .path()
            .join("out/share/tailwright/tailwright-rules.yml")
            .exists()
    );
}

#[test]
fn the_development_shell_names_every_part_that_the_tests_want() {
    let Some(nix) = Nix::new() else { return };
    let flake = outputs(&nix);
    let variables: BTreeSet<&str> = flake["variables"]
        .as_object()
        .expect("variables")
        .keys()
        .map(String::as_str)
        .collect();
    let script = std::fs::read_to_string(root().join("tests/parts/fetch")).expect("the script");
    let listed = script
        .lines()
        .skip_while(|line| *line != "parts=(")
        .skip(1)
        .take_while(|line| *line != ")");
    let mut wanted = BTreeSet::from(["NIXPKGS_LIB".to_owned()]);
    for line in listed {
        let command = line.trim().trim_start_matches('"').split('|').next().expect("a name");
        wanted.insert(format!("TAILWRIGHT_{}", command.to_uppercase().replace('-', "_")));
    }
    assert!(wanted.len() > 8, "{wanted:?}");
    assert_eq!(wanted.iter().map(String::as_str).collect::<BTreeSet<_>>(), variables);
}

#[test]
fn the_lock_pins_every_input_by_its_hash() {
    let Some(nix) = Nix::new() else { return };
    let flake = outputs(&nix);
    let text = std::fs::read_to_string(root().join("flake.lock")).expect("the lock");
    let lock: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(lock["version"], 7);
    let inputs = flake["inputs"].as_object().expect("inputs");
    let locked = lock["nodes"]["root"]["inputs"].as_object().expect("inputs");
    assert_eq!(inputs.keys().collect::<Vec<_>>(), locked.keys().collect::<Vec<_>>());
    for (input, url) in inputs {
        let node = &lock["nodes"][locked[input].as_str().expect("a node")];
        let original = &node["original"];
        let part = |name: &str| original[name].as_str().expect("a part of the reference");
        assert_eq!(
            url,
            &format!("github:{}/{}/{}", part("owner"), part("repo"), part("ref"))
        );
        assert_eq!(node["locked"]["owner"], original["owner"]);
        assert_eq!(node["locked"]["repo"], original["repo"]);
        let revision = node["locked"]["rev"].as_str().expect("a revision");
        assert!(
            revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{revision}"
        );
        // 32 bytes in base 64.
        let hash = node["locked"]["narHash"]
            .as_str()
            .and_then(|hash| hash.strip_prefix("sha256-"))
            .expect("a hash");
        assert!(
            hash.len() == 44 && hash.ends_with('=') && !hash.contains("AAAAAAAA"),
            "{hash}"
        );
        assert!(
            node["locked"]["lastModified"]
                .as_u64()
                .is_some_and(|seconds| seconds > 1_775_000_000),
            "it is of 2026"
        );
    }
}

fn outputs(nix: &Nix) -> Value {
    let stand_in = nix::path(&root().join("tests/nix/flake.nix"));
    let expression = format!("import {stand_in} {{ root = {}; }}", nix::path(&root()));
    nix.evaluate(&expression).expect("the flake evaluates")
}

fn names(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .expect("a list")
        .iter()
        .map(|name| name.as_str().expect("a name"))
        .collect()
}

fn is_nix(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "nix")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
