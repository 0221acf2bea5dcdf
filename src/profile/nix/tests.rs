use super::*;
use crate::diagnostic::place::FieldPath;
use crate::profile::fault::Fault;
use crate::profile::tree::Value;

fn parsed(text: &str) -> (NixFile, Vec<ReadError>) {
    read(text, SourceId(0))
}

/// The profile of a text without faults.
fn profile(text: &str) -> Node {
    let (file, errors) = parsed(text);
    assert_eq!(errors, [], "{text}");
    file.profile.unwrap()
}

fn value(text: &str) -> Value {
    let tree = profile(&format!("{{ x = {text}; }}"));
    tree.at(&FieldPath::of("x")).unwrap().value.clone()
}

/// The faults of a text, each with what it points at.
fn faults(text: &str) -> Vec<(Fault, &str)> {
    let (_, errors) = parsed(text);
    errors.iter().map(|error| (error.code, at(text, error.span))).collect()
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn evaluation(expression: &str) {
    let text = format!("{{ a = 1; x = {expression}; b = 2; }}");
    let (file, errors) = parsed(&text);
    let pointed: Vec<_> = errors.iter().map(|error| (error.code, at(&text, error.span))).collect();
    assert_eq!(pointed, [(Fault::NeedsEvaluation, expression)]);
    assert!(errors[0].help.is_some());
    let tree = file.profile.unwrap();
    assert!(tree.at(&FieldPath::of("x")).unwrap().is_removed());
    assert!(tree.at(&FieldPath::of("b")).is_some());
}

#[test]
fn values_are_read_as_nix_reads_them() {
    assert_eq!(value("null"), Value::Null);
    assert_eq!(value("true"), Value::Bool(true));
    assert_eq!(value("(42)"), Value::Integer(42));
    assert_eq!(value("-7"), Value::Integer(-7));
    assert_eq!(value("1.5e3"), Value::Float(1500.0));
    assert_eq!(value("-.5"), Value::Float(-0.5));
    assert_eq!(value(r#""a\"\n\${x}""#), Value::String("a\"\n${x}".to_owned()));
    assert_eq!(value("''\n  a\n    b\n''"), Value::String("a\n  b\n".to_owned()));
    assert_eq!(value("''''"), Value::String(String::new()));
    assert_eq!(value("./a/b.nix"), Value::Path("./a/b.nix".to_owned()));
    assert_eq!(value("/etc/x"), Value::Path("/etc/x".to_owned()));
    assert_eq!(value("~/x"), Value::Path("~/x".to_owned()));
    assert_eq!(
        value("https://a.example/b?c=d"),
        Value::String("https://a.example/b?c=d".to_owned())
    );
    assert_eq!(value("lib.mkDefault (mkForce 3)"), Value::Integer(3));
    let Value::List(items) = value("[ 1 (-2) \"x\" [ ] { a = 1; } ] /* x */ # y\n") else {
        panic!("no list");
    };
    assert_eq!(items.len(), 5);
    assert_eq!(items[1].value, Value::Integer(-2));
}

#[test]
fn secrets_are_references() {
    let secret = Value::Secret("ts key".to_owned());
    assert_eq!(value(r#"config.sops.secrets."ts key".path"#), secret);
    assert_eq!(value(r#""${config.sops.secrets."ts key".path}""#), secret);
    assert_eq!(value(r#"{ secret = "ts key"; }"#), secret);
    assert_eq!(value("config.sops.secrets.x.path"), Value::Secret("x".to_owned()));
    let tree = profile(r#"{ a.secret = "x"; secret = "y"; }"#);
    assert_eq!(
        tree.at(&FieldPath::of("a")).unwrap().value,
        Value::Secret("x".to_owned())
    );
    assert_eq!(tree.at(&FieldPath::of("secret")).unwrap().as_str(), Some("y"));
}

#[test]
fn other_references_are_unknown() {
    let text = "{ a = config.networking.hostName; b = config.sops.secrets.x; c = config.sops.secrets.x.path or null; }";
    assert_eq!(
        faults(text),
        [
            (Fault::UnknownReference, "config.networking.hostName"),
            (Fault::UnknownReference, "config.sops.secrets.x"),
            (Fault::UnknownReference, "config.sops.secrets.x.path or null"),
        ]
    );
}

#[test]
fn what_needs_evaluation_is_refused_once_at_its_place() {
    for expression in [
        "f 1 2 (g 3)",
        "[ 1 ] [ 2 ]",
        "lib.mkIf true { y = f 1; }",
        "lib.mkOverride 900 1",
        "import ./x.nix",
        "if true then 1 else 2",
        "let y = 1; in y",
        "with lib; 1",
        "[ 1 ] ++ [ 2 ]",
        "{ } // { }",
        "\"a\" + \"b\"",
        "1 - 2",
        "!true",
        "-(1 + 2)",
        "x: x",
        "{ y }: y",
        "pkgs.openssl",
        "name",
        "<nixpkgs>",
        "./${a}/b",
        "assert true; 1",
        "a ? b",
        "__curPos",
    ] {
        evaluation(expression);
    }
    assert_eq!(
        faults("{ a = \"x ${y} z ${w}\"; ${b} = 1; \"c${d}\" = 2; inherit e f; inherit (g) h; }"),
        [
            (Fault::NeedsEvaluation, "${y}"),
            (Fault::NeedsEvaluation, "${w}"),
            (Fault::NeedsEvaluation, "${b}"),
            (Fault::NeedsEvaluation, "\"c${d}\""),
            (Fault::NeedsEvaluation, "inherit e f;"),
            (Fault::NeedsEvaluation, "inherit (g) h;"),
        ]
    );
}

#[test]
fn sets_merge_as_in_nix() {
    let merged = profile("{ a.b = 1; a.c = 2; a = { d = 3; }; a = ({ e.f = 4; }); \"a\".e.g = 5; or = 6; }");
    let written_out = profile("{ a = { b = 1; c = 2; d = 3; e = { f = 4; g = 5; }; }; or = 6; }");
    assert_eq!(merged.without_spans(), written_out.without_spans());
    assert_eq!(
        profile("rec { a = 1; }").without_spans(),
        profile("{ a = 1; }").without_spans()
    );
}

#[test]
fn duplicates_name_both_places() {
    let text =
        "{ a.b = 1; a.b = 2; c = 1; c.d = 2; e = lib.mkDefault { x = 1; }; e.y = 2; f = { g = 1; }; f = { g = 2; }; }";
    let (_, errors) = parsed(text);
    let places: Vec<_> = errors
        .iter()
        .map(|error| {
            (
                error.code,
                at(text, error.span),
                error.span.start,
                error.other.unwrap().start,
            )
        })
        .collect();
    let of = |what: &str, nth: usize| u32::try_from(text.match_indices(what).nth(nth).unwrap().0).unwrap();
    assert_eq!(
        places,
        [
            (Fault::DuplicateKey, "b", of("b =", 1), of("b =", 0)),
            (Fault::DuplicateKey, "c", of("c.d", 0), of("c =", 0)),
            (Fault::DuplicateKey, "e", of("e.y", 0), of("e =", 0)),
            (Fault::DuplicateKey, "g", of("g =", 1), of("g =", 0)),
        ]
    );
}

#[test]
fn a_module_hands_on_what_is_not_its_own() {
    let text = r#"
{ config, pkgs, lib, ... }:
{
  imports = [ ./x.nix (import ./y.nix { inherit lib; }) ];
  kernelcore.network.vpn.tailscale = {
    enable = true;
    authKeyFile = config.sops.secrets."ts".path;
  };
  config.kernelcore.network.dns.enable = lib.mkDefault true;
  boot.kernel.sysctl."net.core.rmem_max" = 1;
  config = {
    services.nginx.package = pkgs.nginx.override { x = 1; };
    services.nginx.appendConfig = "events {}";
    kernelcore.host.name = "a";
  };
  environment.systemPackages = with pkgs; [ curl ];
  systemd.services.x.enable = builtins.pathExists "/etc/x";
  foo = if pathExists ./y then lib.pathExists ./z else 1;
  ${dynamic} = 1;
  inherit (x) y;
}
"#;
    let (file, errors) = parsed(text);
    assert_eq!(errors, []);
    let profile = file.profile.unwrap();
    assert_eq!(
        profile.at(&FieldPath::of("host.name")).and_then(Node::as_str),
        Some("a")
    );
    assert_eq!(
        profile
            .at(&FieldPath::of("network.vpn.tailscale.authKeyFile"))
            .map(|node| &node.value),
        Some(&Value::Secret("ts".to_owned()))
    );
    assert!(profile.at(&FieldPath::of("network.dns.enable")).is_some());
    let foreign = file.foreign.unwrap();
    assert!(foreign.at(&FieldPath::of("kernelcore")).is_none());
    assert_eq!(
        foreign
            .at(&FieldPath::of("services.nginx.appendConfig"))
            .and_then(Node::as_str),
        Some("events {}")
    );
    assert!(
        foreign
            .at(&FieldPath::of("services.nginx.package"))
            .unwrap()
            .is_removed()
    );
    assert!(
        foreign
            .at(&FieldPath::of("boot.kernel.sysctl").name("net.core.rmem_max"))
            .is_some()
    );
    let lookups: Vec<_> = file.impure_lookups.iter().map(|span| at(text, *span)).collect();
    assert_eq!(
        lookups,
        ["builtins.pathExists \"/etc/x\"", "pathExists ./y", "lib.pathExists ./z"]
    );
}

#[test]
fn bindings_without_braces_are_a_block_of_a_guide() {
    let text = "# A guide\nkernelcore.network.vpn.tailscale = {\n  enable = true;\n}; # end";
    let (file, errors) = parsed(text);
    assert_eq!(errors, []);
    let tree = file.profile.unwrap();
    let enable = tree.locate(&FieldPath::of("network.vpn.tailscale.enable"));
    assert_eq!(at(text, enable.span), "true");
    assert_eq!(at(text, enable.key_span.unwrap()), "enable");
    assert!(tree.at(&FieldPath::of("network")).is_some());

    let tree = profile("network.dns.enable = true;");
    assert!(tree.at(&FieldPath::of("network.dns.enable")).is_some());

    let (file, errors) = parsed("boot.kernel.sysctl = { \"net.core.rmem_max\" = 1; };");
    assert_eq!(errors, []);
    assert!(file.profile.unwrap().as_set().unwrap().is_empty());
    assert!(file.foreign.unwrap().at(&FieldPath::of("boot.kernel.sysctl")).is_some());

    // An upstream option beside fields of a profile is for the model to refuse.
    let (file, _) = parsed("services.x = 1; network.y = 2;");
    assert!(file.foreign.is_none());
}

#[test]
fn modules_hide_nothing() {
    for (text, place) in [
        (
            "{ lib, ... }: { config = lib.mkIf true { kernelcore.x = 1; }; }",
            "{ kernelcore.x = 1; }",
        ),
        ("{ imports = [ { kernelcore.x = 1; } ]; }", "{ kernelcore.x = 1; }"),
        (
            "{ lib, ... }: lib.mkMerge [ { kernelcore.x = 1; } ]",
            "lib.mkMerge [ { kernelcore.x = 1; } ]",
        ),
        ("{ lib, ... }: { kernelcore = lib.mkIf true { }; }", "lib.mkIf true { }"),
        ("{ lib, ... }: let x = 1; in { kernelcore.y = 1; }", "let"),
        ("{ a, ... }: { inherit (a) kernelcore; }", "inherit (a) kernelcore;"),
        ("{ ... }: { kernelcore.${x} = 1; }", "${x}"),
        ("{ ... }: { config.kernelcore.${x} = 1; }", "${x}"),
    ] {
        assert_eq!(faults(text), [(Fault::NeedsEvaluation, place)], "{text}");
    }
    // A host of that name, or an option of it, is none.
    for text in [
        "{ ... }: { users.users.kernelcore.uid = 1; containers.a.config = { kernelcore.x = 1; }; options.kernelcore = f 1; }",
        "{ lib, ... }: { config = lib.mkIf true { services.x = 1; }; }",
    ] {
        assert_eq!(faults(text), [], "{text}");
    }
}

#[test]
fn a_profile_is_a_set() {
    assert_eq!(faults("[ 1 2 ]"), [(Fault::UnknownValue, "[ 1 2 ]")]);
    assert_eq!(faults("{ ... }: { kernelcore = 5; }"), [(Fault::UnknownValue, "5")]);
    assert_eq!(faults(""), [(Fault::Empty, "")]);
    assert_eq!(faults("  # nothing\n /* at all */\n"), [(Fault::Empty, "")]);
    assert!(profile("{ }").as_set().unwrap().is_empty());
}

fn syntax_error(text: &str, place: &str, message: &str) {
    let (file, errors) = parsed(text);
    assert!(file.profile.is_none());
    let first = &errors[0];
    assert_eq!(
        (first.code, at(text, first.span), first.message.as_str()),
        (Fault::Syntax, place, message)
    );
}

#[test]
fn syntax_errors_say_what_is_missing() {
    syntax_error("{ a = true\n  b = 1; }", "true", "`;` is missing after this");
    syntax_error("{ a = 1 }", "1", "`;` is missing after this");
    syntax_error("{ a = [ 1, 2 ]; }", ",", "unexpected `,`, expected a value");
    syntax_error("{ a = 1, b = 2; }", ",", "unexpected `,`, expected `;`");
    syntax_error("{ a = [ -1 ]; }", "-", "unexpected `-`, expected a value");
    syntax_error(
        "{ a = { b = 1; ]; }",
        "]",
        "`]` does not close the `{` that is open here",
    );
    syntax_error("{ a = [ 1 2; }", "}", "`}` does not close the `[` that is open here");
    syntax_error("{ a = 1; ", "{", "this `{` is never closed");
    syntax_error("{ a = \"x; }", "\"", "this string is never closed");
    syntax_error("{ a = ''x; }", "''", "this string is never closed");
    syntax_error("{ /* a = 1; }", "/*", "this comment is never closed");
    syntax_error("{ a = 1; } }", "}", "`}` closes nothing");
    syntax_error("{ a = 1; } = b", "=", "unexpected `=` after the end of the expression");
    syntax_error("{ a = ; }", ";", "unexpected `;`, expected a value");
    syntax_error("{ a : 1; }", ":", "unexpected `:`, expected `=`");
    syntax_error(
        "{ a = 1; # x\r b = 2; }",
        "\r",
        "a lone carriage return ends the comment, so Nix reads what follows as code",
    );
    syntax_error("\u{feff}{ }", "\u{feff}", "the text starts with a byte order mark");
}

#[test]
fn numbers_have_bounds() {
    assert_eq!(value("9223372036854775807"), Value::Integer(i64::MAX));
    assert_eq!(
        faults("{ a = 9223372036854775808; b = 1.0e999; c = -9223372036854775808; }"),
        [
            (Fault::NumberOutOfRange, "9223372036854775808"),
            (Fault::NumberOutOfRange, "1.0e999"),
            (Fault::NumberOutOfRange, "-9223372036854775808"),
        ]
    );
}

#[test]
fn nul_is_refused() {
    assert_eq!(faults("{ a = \"x\0\"; }"), [(Fault::Nul, "\0")]);
}
