use super::*;
use crate::diagnostic::place::FieldPath;

fn faults(text: &str) -> Vec<(Fault, &str)> {
    let (_, errors) = read(text, SourceId(0));
    errors.iter().map(|error| (error.code, at(text, error.span))).collect()
}

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn tree(text: &str) -> Node {
    let (tree, errors) = read(text, SourceId(0));
    assert_eq!(errors, []);
    tree.unwrap()
}

const HOST: &str = r#"
# a host
host.name = "a"
[network.vpn.tailscale]
enable = true
authKeyFile.secret = "ts"
advertiseRoutes = [ "192.168.15.0/24", "10.0.0.0/8" ]
other = { secret = "b" }

[[host.management]]
via = "tailscale0"
[[host.management]]
via = "enp3s0"
port = 0x16
share = 0.5
"#;

#[test]
fn values_have_their_places() {
    let tree = tree(HOST);
    let route = tree.locate(&FieldPath::of("network.vpn.tailscale.advertiseRoutes").index(1));
    assert_eq!(at(HOST, route.span), "\"10.0.0.0/8\"");
    let enable = tree.locate(&FieldPath::of("network.vpn.tailscale.enable"));
    assert_eq!(at(HOST, enable.key_span.unwrap()), "enable");
    let second = FieldPath::of("host.management").index(1);
    assert_eq!(tree.at(&second.name("port")).unwrap().value, Value::Integer(22));
    assert_eq!(tree.at(&second.name("share")).unwrap().value, Value::Float(0.5));
    assert_eq!(at(HOST, tree.locate(&second).span), "[[host.management]]");
    let group = tree.locate(&FieldPath::of("network.vpn.tailscale"));
    assert_eq!(at(HOST, group.key_span.unwrap()), "tailscale");
}

#[test]
fn secrets_are_references() {
    let tree = tree(HOST);
    let tailscale = FieldPath::of("network.vpn.tailscale");
    for (name, secret) in [("authKeyFile", "ts"), ("other", "b")] {
        let node = tree.at(&tailscale.name(name)).unwrap();
        assert_eq!(node.value, Value::Secret(secret.to_owned()));
    }
}

#[test]
fn values_without_a_counterpart_are_refused() {
    let text = "a = 1979-05-27\nb = inf\nc = -nan\nd = 9223372036854775808\ne = 07:32:00\nf = \"x\\u0000\"\ng = 1e999";
    assert_eq!(
        faults(text),
        [
            (Fault::UnknownValue, "1979-05-27"),
            (Fault::NumberOutOfRange, "inf"),
            (Fault::NumberOutOfRange, "-nan"),
            (Fault::NumberOutOfRange, "9223372036854775808"),
            (Fault::UnknownValue, "07:32:00"),
            (Fault::Nul, "\"x\\u0000\""),
            (Fault::NumberOutOfRange, "1e999"),
        ]
    );
    let (tree, _) = read(text, SourceId(0));
    assert!(tree.unwrap().at(&FieldPath::of("a")).unwrap().is_removed());
}

#[test]
fn duplicates_name_both_places() {
    for (text, second, first) in [
        ("a = 1\nb = 2\na = 3\n", "a", 0),
        ("[x]\ny = 1\n[z]\n[x]\n", "x", 1),
        ("[x]\n\"y\" = 1\ny = 2\n", "y", 4),
        ("[[x]]\ny = 1\n[[x]]\ny = 1\ny = 2\n", "y", 18),
        ("a = { b = 1, c = 2, b = 3 }", "b", 6),
        ("a.b = 1\na.b = 2", "b", 2),
    ] {
        let (_, errors) = read(text, SourceId(0));
        let [error] = &errors[..] else {
            panic!("{text}: {errors:?}")
        };
        assert_eq!(
            (error.code, at(text, error.span)),
            (Fault::DuplicateKey, second),
            "{text}"
        );
        assert_eq!(error.other.map(|other| other.start), Some(first), "{text}");
        assert!(error.span.start > first);
    }
}

#[test]
fn syntax_errors_have_their_places() {
    for (text, place) in [
        ("a = \nb = 1", ""),
        ("a = [1, 2\nb = 1", "b"),
        ("a == 1", "="),
        ("[a\nb = 1", ""),
        ("a = \"x", ""),
        ("a = 'é' é", "é"),
    ] {
        let (tree, errors) = read(text, SourceId(0));
        assert!(tree.is_none());
        assert_eq!(errors[0].code, Fault::Syntax, "{text}: {errors:?}");
        assert_eq!(at(text, errors[0].span), place, "{text}: {errors:?}");
        assert!(!errors[0].message.is_empty());
    }
    assert_eq!(faults(""), [(Fault::Empty, "")]);
    assert_eq!(faults("# nothing\n"), [(Fault::Empty, "")]);
}

#[test]
fn nesting_has_a_limit() {
    for text in [
        format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000)),
        format!("a = {}", "{ a = ".repeat(10_000)),
        format!("[{}]", vec!["a"; 10_000].join(".")),
        format!("{} = 1", vec!["a"; 10_000].join(".")),
        format!("[{}]\n{} = 1", vec!["a"; 50].join("."), vec!["b"; 50].join(".")),
    ] {
        let (tree, errors) = read(&text, SourceId(0));
        assert!(tree.is_none());
        assert_eq!(errors[0].code, Fault::TooDeep);
    }
    let dotted = vec!["a"; 79].join(".");
    for text in [
        format!("[{dotted}]"),
        format!("{dotted} = 1"),
        format!("a = {}1{}", "[".repeat(78), "]".repeat(78)),
        format!("a = {}1{}", "{ a = ".repeat(39), " }".repeat(39)),
    ] {
        assert_eq!(read(&text, SourceId(0)).1, [], "{text}");
    }
}
