//! Files that nobody means to be profiles, and names that lead nowhere.

use std::os::unix::fs::symlink;

use snapbox::str;

use super::HOST;
use crate::support::run::Place;

/// Ten million bytes by an xorshift generator: no notation, no UTF-8, the same every time.
fn junk() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(10_000_000);
    while bytes.len() < 10_000_000 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes
}

/// What `check` prints of a profile that it cannot read: a finding at a place, no panic, status 1.
#[track_caller]
fn refused(file: &str, text: impl AsRef<[u8]>, reason: &str) {
    let place = Place::new().with(file, &text);
    let ended = place.tailwright(&["check", file]);
    ended.status(1).err("");
    let out = ended.stdout();
    assert!(
        out.starts_with("error[") && out.contains(&format!("--> {file}:")),
        "{out}"
    );
    assert!(out.contains(reason), "{out}");
    assert!(out.len() < 20_000, "it does not repeat the input");
    let rendered = place.tailwright(&["render", file, "--out", "out"]);
    rendered.status(1).out("").err(out.as_str());
    assert!(!place.path("out").exists());
    let data = place.tailwright(&["check", file, "--format", "json"]);
    data.status(1).err("");
    serde_json::from_str::<serde_json::Value>(&data.stdout()).expect("JSON");
    let piped = place.tailwright_with(
        &text,
        &["check", "-", "--notation", file.rsplit('.').next().unwrap_or(file)],
    );
    piped.status(1).err("");
}

#[test]
fn an_empty_file() {
    for file in ["a.nix", "a.toml", "a.json"] {
        refused(file, "", "the text is empty");
        refused(file, " \n\t\n", "the text is empty");
    }
}

#[test]
fn a_text_in_another_notation_than_its_name_says() {
    let nix = "{ host.name = \"a\"; }";
    let toml = "[host]\nname = \"a\"\n";
    let json = "{ \"host\": { \"name\": \"a\" } }";
    for (file, others) in [
        ("a.nix", [toml, json]),
        ("a.toml", [nix, json]),
        ("a.json", [nix, toml]),
    ] {
        for text in others {
            refused(file, text, "error[wrong-notation]");
        }
    }
}

#[test]
fn ten_megabytes_of_junk() {
    for file in ["a.nix", "a.toml", "a.json"] {
        refused(file, junk(), "error[syntax]: the text is longer than 8 MiB");
    }
}

#[test]
fn seven_megabytes_of_junk_that_is_short_enough_to_be_read() {
    let junk = junk();
    let printable: String = junk[..7_000_000]
        .iter()
        .map(|byte| char::from(b' ' + byte % 95))
        .collect();
    for file in ["a.nix", "a.toml", "a.json"] {
        refused(file, &junk[..7_000_000], "is not UTF-8");
        refused(file, &printable, "error[");
    }
}

#[test]
fn ten_thousand_levels() {
    let nested =
        |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(10_000), close.repeat(10_000));
    for (file, text) in [
        ("a.nix", nested("{ a = ", "1", "; }")),
        ("a.nix", format!("{{ a = {}; }}", nested("[", "", "]"))),
        ("a.nix", format!("{{ a = {}; }}", nested("(", "1", ")"))),
        ("a.nix", format!("{{ a = {}; }}", nested("\"${", "1", "}\""))),
        ("a.toml", format!("a = {}", nested("[", "", "]"))),
        ("a.toml", format!("a = {}", nested("{ a = ", "1", " }"))),
        ("a.toml", format!("a{} = 1", ".a".repeat(10_000))),
        ("a.toml", format!("[a{}]\nb = 1", ".a".repeat(10_000))),
        ("a.json", nested("{ \"a\": ", "1", " }")),
        ("a.json", format!("{{ \"a\": {} }}", nested("[", "", "]"))),
        // Never closed.
        ("a.nix", "[".repeat(10_000)),
        ("a.nix", "{a=".repeat(10_000)),
        ("a.toml", format!("a={}", "[".repeat(10_000))),
        ("a.json", format!("{{\"a\":{}", "[".repeat(10_000))),
    ] {
        refused(file, &text, "error[");
    }
}

#[test]
fn bytes_that_are_no_text() {
    for file in ["a.nix", "a.toml", "a.json"] {
        refused(file, b"{ a = \"\xff\"; }", "is not UTF-8");
        refused(file, "{ a = \"b\0c\"; }", "NUL");
        refused(file, b"\xff\xfe{\0}\0", "UTF-16");
    }
}

#[test]
fn a_profile_that_cannot_be_read_is_status_74() {
    let place = Place::new();
    symlink("loop.nix", place.path("loop.nix")).expect("a link");
    std::fs::create_dir(place.path("directory")).expect("a directory");
    for (profile, reason) in [
        ("missing.nix", "no such file or directory"),
        ("directory", "is a directory"),
        ("loop.nix", "too many levels of symbolic links"),
        ("/dev/zero", "it is no plain file"),
    ] {
        for arguments in [&["check", profile][..], &["render", profile, "--out", "out"]] {
            place
                .tailwright(arguments)
                .status(74)
                .out("")
                .err(format!("tailwright: failed to read {profile}: {reason}\n"));
        }
    }
}

#[test]
fn files_of_hosts_that_cannot_be_read_are_findings_at_the_fleets_line() {
    let fleet = "{
  hosts.absolute = /etc/passwd;
  hosts.device = ./zero;
  hosts.directory = ./hosts;
  hosts.home = ~/host.nix;
  hosts.itself = ./fleet.nix;
  hosts.itselfByLink = ./hosts/back.nix;
  hosts.loop = ./loop.nix;
  hosts.missing = ./missing.nix;
  hosts.rest.network.vpn.tailscale.enable = 1;
}
";
    let place = Place::new().with("fleet.nix", fleet);
    std::fs::create_dir(place.path("hosts")).expect("a directory");
    for (link, to) in [
        ("loop.nix", "loop.nix"),
        ("zero", "/dev/zero"),
        ("hosts/back.nix", "../fleet.nix"),
    ] {
        symlink(to, place.path(link)).expect("a link");
    }
    place
        .tailwright(&["check", "fleet.nix"])
        .status(1)
        .err("")
        .out(snapbox::file!["unreadable_hosts.txt"]);
}

#[test]
fn an_output_that_is_no_directory() {
    let place = Place::new().with("host.nix", HOST).with("out", "mine");
    symlink("nowhere", place.path("link")).expect("a link");
    for (out, reason) in [
        ("out", "not a directory"),
        ("out/below", "not a directory"),
        ("link", "leads nowhere"),
    ] {
        let ended = place.tailwright(&["render", "host.nix", "--out", out]);
        ended.status(74).out("");
        assert!(ended.stderr().contains(reason), "{out}: {}", ended.stderr());
    }
    assert_eq!(place.files("")["out"], "mine");
}

#[test]
fn a_link_where_a_file_should_go() {
    let place = Place::new()
        .with("host.nix", HOST)
        .with("elsewhere/default.nix", "mine");
    std::fs::create_dir_all(place.path("out")).expect("a directory");
    symlink("../elsewhere/default.nix", place.path("out/default.nix")).expect("a link");
    symlink("../elsewhere", place.path("out/modules")).expect("a link");
    let before = place.files("");
    place
        .tailwright(&["render", "host.nix", "--out", "out"])
        .status(74)
        .out("")
        .err(str![[r#"
tailwright: out/default.nix is a symbolic link; files are written where their names say, so remove it first
out/modules is a symbolic link; files are written where their names say, so remove it first
nothing was changed

"#]]);
    assert_eq!(place.files(""), before);
}

#[test]
fn somebody_elses_file_where_ours_should_go() {
    let place = Place::new()
        .with("host.nix", HOST)
        .with("out/default.nix", "{ mine = true; }");
    let before = place.files("");
    place
        .tailwright(&["render", "host.nix", "--out", "out"])
        .status(74)
        .out("")
        .err(str![[r#"
tailwright: out/default.nix was not generated by tailwright (its first line does not say so); move it away first
nothing was changed

"#]]);
    assert_eq!(place.files(""), before);
}

#[test]
fn files_that_are_not_ours_stay_as_they_are() {
    let place = Place::new().with("host.nix", HOST);
    let theirs = [
        "out/README.md",
        "out/.gitignore",
        "out/modules/network/mine.nix",
        "out/mine/default.nix",
        "out/flake.nix",
    ];
    for path in theirs {
        place.write(path, format!("{path} is mine"));
    }
    std::fs::create_dir_all(place.path("out/reports/empty")).expect("a directory");
    for text in [
        HOST.to_owned(),
        HOST.replace("tag:server", "tag:desk"),
        HOST.replace("\"router\"", "\"throughput\""),
    ] {
        place.write("host.nix", text);
        place.tailwright(&["render", "host.nix", "--out", "out"]).status(0);
        for path in theirs {
            assert_eq!(place.files("")[path], format!("{path} is mine"));
        }
        assert!(place.path("out/reports/empty").is_dir());
    }
}
