//! What strings of a profile may hold.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::record;
use crate::support::nix::{self, Nix};
use crate::support::rendered::Rendered;

/// Printable ASCII with the characters that mean something to Nix, systemd and the shell thrown in.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("${x}"),
        Just("''"),
        Just("\""),
        Just("\\"),
        Just("'"),
        Just("$"),
        Just("%"),
        Just(";"),
        Just("}"),
        Just(" "),
        Just("#"),
        Just("*/"),
        Just("@"),
        Just("a"),
        Just("="),
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn no_string_of_a_profile_leaves_its_place() {
    let Some(nix) = Nix::new() else { return };
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strings = prop::collection::vec(hostile(), 12);
    let taken = std::cell::Cell::new(0);
    runner
        .run(&strings, |strings| {
            let flags: Vec<String> = strings.iter().enumerate().map(|(n, text)| format!("--x{n}={text}")).collect();
            let list = flags.iter().map(|flag| nix::string(flag)).collect::<Vec<_>>().join(" ");
            let path = format!("/run/{}", strings[0].replace('/', "-"));
            let profile = format!(
                "{{ host.name = \"a\"; network.vpn.tailscale = {{ enable = true; authKeyFile = {path}; extraUpFlags = [ {list} ]; \
                 extraSetFlags = [ {list} ]; extraDaemonFlags = [ {list} ]; }}; \
                 secrets.tailscale = {{ sopsFile = {path}; keys.authkey = {{}}; age.keyFile = {path}; }}; \
                 network.tuning.sysctl.\"kernel.modprobe\" = {text}; }}",
                path = nix::string(&path),
                text = nix::string(&strings[1]),
            );
            let rendered = Rendered::new("a\n${x}''\".nix", profile.as_bytes(), Path::new("/nonexistent"));
            // Trailing spaces and the like may be refused; what is taken has to come out as it went in.
            let Ok(rendered) = rendered else { return Ok(()) };
            taken.set(taken.get() + 1);
            for (file, text) in rendered.tree.files() {
                if Path::new(file).extension().is_none_or(|extension| extension != "nix") {
                    continue;
                }
                prop_assert_eq!(nix::formatted(text), Ok(text.to_owned()), "{}", file);
            }
            let config = record(&nix, &rendered, "").config;
            let tailscale = &config["services"]["tailscale"];
            prop_assert_eq!(&tailscale["authKeyFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["sops"]["age"]["keyFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["sops"]["secrets"]["tailscale-authkey"]["sopsFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["boot"]["kernel"]["sysctl"]["kernel.modprobe"], &Value::from(strings[1].as_str()));
            for list in ["extraUpFlags", "extraSetFlags"] {
                for flag in &flags {
                    let taken = tailscale[list].as_array().unwrap();
                    prop_assert!(taken.contains(&Value::from(flag.as_str())), "{} of {:?}", flag, taken);
                }
            }
            let daemon: Vec<&str> = tailscale["extraDaemonFlags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect();
            prop_assert_eq!(daemon_arguments(&daemon.join(" ")), flags);
            Ok(())
        })
        .unwrap();
    assert!(taken.get() > 4, "only {} profiles were taken", taken.get());
}

/// What tailscaled is given where NixOS writes `Environment="FLAGS=…"` and the unit says `$FLAGS`: systemd reads the
/// assignment (specifiers, C escapes inside double quotes), and splits the variable into words (quotes, and a backslash
/// that takes the next character as it is). After systemd.exec(5), systemd.service(5), systemd.syntax(7).
fn daemon_arguments(flags: &str) -> Vec<String> {
    let flags = flags.replace("%%", "%");
    let mut value = String::new();
    let mut characters = flags.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | '"' | '\'')) => value.push(escaped),
                other => panic!("no escape: {other:?}"),
            },
            '"' => panic!("the assignment ends early: {flags}"),
            other => value.push(other),
        }
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => word
                .get_or_insert_default()
                .push(characters.next().expect("a character to take")),
            '\'' | '"' if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ' ' if quote.is_none() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}
