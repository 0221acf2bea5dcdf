//! Imports run one way: text → model → checks → compilers → rendered tree → command line, and nothing looks back.
//!
//! Cargo does not guard the edges inside a crate, so this reads the `crate::…` paths of every file under `src/` and
//! compares them with the table. A module's own tests may reach further (a check's test reads a profile).

use std::path::Path;

/// A module, and the modules that it may name. `checks::Checked` stands for that one type.
const EDGES: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("net", &[]),
    ("model", &["diagnostic", "net"]),
    ("profile", &["model", "diagnostic", "net"]),
    ("firewall", &["model", "net"]),
    ("proxy", &["model", "net"]),
    ("secrets", &["model", "net"]),
    (
        "checks",
        &["model", "net", "diagnostic", "firewall", "proxy", "secrets"],
    ),
    (
        "nixos",
        &["firewall", "proxy", "secrets", "model", "net", "checks::Checked"],
    ),
    (
        "render",
        &[
            "nixos",
            "firewall",
            "proxy",
            "secrets",
            "model",
            "net",
            "checks::Checked",
        ],
    ),
    ("localapi", &["net", "model"]),
    ("control", &["net", "model"]),
    ("monitor", &["net", "model"]),
    ("host", &["localapi", "monitor", "firewall", "net", "model"]),
    (
        "cli",
        &[
            "diagnostic",
            "net",
            "model",
            "profile",
            "firewall",
            "proxy",
            "secrets",
            "checks",
            "nixos",
            "render",
            "localapi",
            "control",
        ],
    ),
    // The two programs.
    ("main.rs", &["cli"]),
    ("bin", &["host", "cli"]),
    // The map names nobody; its `mod` lines are no imports.
    ("lib.rs", &[]),
];

#[test]
fn imports_run_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 10, "the sources are found");
    let violations: Vec<String> = files
        .iter()
        .flat_map(|file| {
            let text = std::fs::read_to_string(file).expect("a source file");
            let path = file
                .strip_prefix(&root)
                .expect("below src")
                .to_string_lossy()
                .into_owned();
            violations(&path, &text)
        })
        .collect();
    assert!(
        violations.is_empty(),
        "edges that the table does not have:\n{}",
        violations.join("\n")
    );
}

fn collect(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// What the file at `path` (below `src/`) names against the table.
fn violations(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return Vec::new();
    }
    let owner = path.split('/').next().unwrap_or(path);
    let owner = if path.contains('/') || matches!(path, "main.rs" | "lib.rs") {
        owner
    } else {
        owner.trim_end_matches(".rs")
    };
    let Some((_, allowed)) = EDGES.iter().find(|(module, _)| *module == owner) else {
        return vec![format!("{path}: the module {owner} is not in the table")];
    };
    // How many `super` lead from the file's module to the crate's root.
    let depth = match path {
        "lib.rs" | "main.rs" => 0,
        _ => path.split('/').count() - usize::from(path.ends_with("/mod.rs")),
    };
    paths_of(text, depth)
        .into_iter()
        .filter(|named| {
            let module = named.split("::").next().unwrap_or(named);
            module != owner
                && !allowed.iter().any(|edge| match edge.split_once("::") {
                    None => *edge == module,
                    Some((from, item)) => from == module && named.rsplit("::").next() == Some(item),
                })
        })
        .map(|named| format!("{path}: {named}"))
        .collect()
}

/// Every path from the crate's root in the text of a module `depth` levels below it: those that say `crate::`, those
/// that climb there by `super::`, and in the programs those that say `tailwright::`. Groups are written out.
fn paths_of(text: &str, depth: usize) -> Vec<String> {
    let code = code_of(text);
    let climb = "super::".repeat(depth);
    let mut found = Vec::new();
    for root in ["crate::", "tailwright::", &climb]
        .into_iter()
        .filter(|root| !root.is_empty())
    {
        for (start, _) in code.match_indices(root) {
            let before = code[..start].chars().next_back();
            // `$crate::` and a longer chain of `super` are seen on their own; `mycrate::` is another name.
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            write_out("", &code[start + root.len()..], &mut found);
        }
    }
    found
}

/// The paths at the start of `rest`, each with `prefix` before it; what follows the first path or group.
fn write_out<'a>(prefix: &str, rest: &'a str, found: &mut Vec<String>) -> &'a str {
    let rest = rest.trim_start();
    if let Some(mut rest) = rest.strip_prefix('{') {
        loop {
            rest = write_out(prefix, rest, found).trim_start();
            match rest.strip_prefix(',') {
                Some(next) if next.trim_start().starts_with('}') => rest = next.trim_start(),
                Some(next) => {
                    rest = next;
                    continue;
                }
                None => {}
            }
            return rest.strip_prefix('}').unwrap_or("");
        }
    }
    let end = rest
        .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '*'))
        .unwrap_or(rest.len());
    let (name, mut after) = rest.split_at(end);
    let path = if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}::{name}")
    };
    if let Some(next) = after.strip_prefix("::") {
        if next.starts_with('<') {
            found.push(path);
            return next;
        }
        return write_out(&path, next, found);
    }
    if let Some((renamed, next)) = after
        .strip_prefix(" as ")
        .map(|next| next.split_at(next.find([',', ';', '}']).unwrap_or(0)))
    {
        debug_assert!(!renamed.is_empty());
        after = next;
    }
    found.push(path);
    after
}

/// The text without comments and without the module of its own tests, which stands last (clippy sees to that).
fn code_of(text: &str) -> String {
    let code: String = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or("").to_owned() + "\n")
        .collect();
    match code.find("#[cfg(test)]\nmod tests {") {
        Some(end) => code[..end].to_owned(),
        None => code,
    }
}

#[test]
fn a_violation_is_caught_however_it_is_written() {
    let caught = |path: &str, text: &str| violations(path, text);
    assert_eq!(
        caught("model/host.rs", "use crate::checks::Checked;"),
        ["model/host.rs: checks::Checked"]
    );
    assert_eq!(
        caught("net/port.rs", "fn f(x: crate::model::Host) {}"),
        ["net/port.rs: model::Host"]
    );
    assert_eq!(
        caught(
            "firewall/print.rs",
            "use crate::{\n    model::{Host, Zone},\n    render::Tree,\n};"
        ),
        ["firewall/print.rs: render::Tree"]
    );
    assert_eq!(
        caught("model/mod.rs", "use super::profile::read;"),
        ["model/mod.rs: profile::read"]
    );
    assert_eq!(
        caught("model/zone/set.rs", "use super::super::super::cli as c;"),
        ["model/zone/set.rs: cli"]
    );
    assert_eq!(
        caught("render/mod.rs", "use crate::checks::run;"),
        ["render/mod.rs: checks::run"]
    );
    assert_eq!(
        caught("cli/mod.rs", "use crate::monitor::Machine;"),
        ["cli/mod.rs: monitor::Machine"]
    );
    assert_eq!(caught("main.rs", "tailwright::render::run()"), ["main.rs: render::run"]);
    assert_eq!(
        caught("panel/mod.rs", ""),
        ["panel/mod.rs: the module panel is not in the table"]
    );
}

#[test]
fn an_allowed_import_a_comment_and_a_test_are_no_violation() {
    for (path, text) in [
        (
            "render/tree.rs",
            "use crate::checks::Checked;\nuse crate::checks::token::Checked;",
        ),
        (
            "checks/rule.rs",
            "use crate::{diagnostic::{self, Finding}, model, net::*};\nuse crate::firewall::Ruleset;",
        ),
        (
            "model/host.rs",
            "//! See [`crate::checks`].\nuse super::zone::Zone; // crate::cli",
        ),
        (
            "checks/rule.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests {\n    use crate::profile::read;\n}",
        ),
        ("checks/rule/tests.rs", "use crate::profile::read;"),
        ("main.rs", "tailwright::cli::run()"),
    ] {
        assert_eq!(violations(path, text), Vec::<String>::new(), "{text}");
    }
}
