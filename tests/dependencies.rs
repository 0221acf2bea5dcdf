//! What the build takes from others: licences, sources and versions, against the lists of `deny.toml`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::tool;

#[test]
fn every_dependency_is_licensed_and_from_the_registry() {
    let allowed = allowed_licences();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 20, "the dependencies are listed");
    let mut faults = Vec::new();
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let licence = package["license"].as_str().unwrap_or("");
        if !permits(licence, &allowed) {
            faults.push(format!("{name}: the licence {licence:?} is not allowed"));
        }
        if !is_ours(package) && !package["source"].as_str().is_some_and(is_registry) {
            faults.push(format!("{name}: comes from {}", package["source"]));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_dependency_names_its_version() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("packages");
    let ours = packages.iter().find(|package| is_ours(package)).expect("this package");
    let dependencies = ours["dependencies"].as_array().expect("dependencies");
    let wild: Vec<&Value> = dependencies
        .iter()
        .filter(|dependency| dependency["req"] == "*")
        .collect();
    assert!(!dependencies.is_empty() && wild.is_empty(), "{wild:?}");
}

/// What cargo would build here, without asking the network.
fn metadata() -> Value {
    let ask = |program: &str, arguments: &[&str]| {
        let output = tool::run(
            Command::new(program)
                .args(arguments)
                .current_dir(env!("CARGO_MANIFEST_DIR")),
        );
        tool::accepted(&output).expect("cargo and rustc answer")
    };
    let version = ask("rustc", &["-vV"]);
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host");
    let json = ask(
        env!("CARGO"),
        &[
            "metadata",
            "--format-version=1",
            "--locked",
            "--offline",
            "--filter-platform",
            host,
        ],
    );
    serde_json::from_str(&json).expect("cargo writes JSON")
}

fn is_ours(package: &Value) -> bool {
    package["source"].is_null() && package["name"] == env!("CARGO_PKG_NAME")
}

fn is_registry(source: &str) -> bool {
    source.starts_with("registry+") && source.ends_with("/crates.io-index")
}

fn allowed_licences() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).expect("deny.toml");
    let lists: toml::Table = text.parse().expect("deny.toml is TOML");
    let allowed = lists["licenses"]["allow"].as_array().expect("a list");
    allowed
        .iter()
        .map(|licence| licence.as_str().expect("a name").to_owned())
        .collect()
}

/// Whether an SPDX expression can be met by the allowed licences alone. The old way of writing `OR` as `/` counts.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace(" WITH ", "-WITH-");
    let mut words = spaced.split_whitespace().peekable();
    let permitted = either(&mut words, allowed);
    permitted && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words, allowed: &[String]) -> bool {
    let mut permitted = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        permitted |= both(words, allowed);
    }
    permitted
}

fn both(words: &mut Words, allowed: &[String]) -> bool {
    let mut permitted = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        permitted &= one(words, allowed);
    }
    permitted
}

fn one(words: &mut Words, allowed: &[String]) -> bool {
    match words.next() {
        Some("(") => {
            let permitted = either(words, allowed);
            words.next() == Some(")") && permitted
        }
        Some(licence) => allowed.iter().any(|name| name == licence),
        None => false,
    }
}

#[test]
fn a_licence_expression_is_met_or_not() {
    let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned(), "Unicode-3.0".to_owned()];
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0 OR MIT",
        "(MIT OR GPL-3.0) AND Unicode-3.0",
    ] {
        assert!(permits(good, &allowed), "{good}");
    }
    for bad in [
        "",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR Apache-2.0) AND GPL-3.0",
        "Apache-2.0 WITH X",
        "MIT MIT",
        "(MIT",
    ] {
        assert!(!permits(bad, &allowed), "{bad}");
    }
    assert!(!is_registry("git+https://example.org/crates.io-index"));
}
