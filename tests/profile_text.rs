//! The readers of profiles on any text: what must always hold, and hostile text that must end soon.

#[path = "../fuzz/profile.rs"]
mod fuzz;

use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use tailwright::diagnostic::place::{SourceId, Span};
use tailwright::profile::fault::{Fault, ReadError};
use tailwright::profile::tree::{Node, Set, Value};
use tailwright::profile::{Notation, json, nix, toml};

const SOURCE: SourceId = SourceId(0);

/// What a reader says of a text in `notation`.
fn errors(notation: Notation, text: &str) -> Vec<ReadError> {
    match notation {
        Notation::Nix => nix::read(text, SOURCE).1,
        Notation::Toml => toml::read(text, SOURCE).1,
        Notation::Json => json::read(text, SOURCE).1,
    }
}

#[test]
fn the_seeds_of_the_fuzzer_hold() {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let mut read = 0;
    for (folder, body) in [
        ("profile_nix", fuzz::nix as fn(&[u8])),
        ("profile_toml", fuzz::toml),
        ("profile_json", fuzz::json),
    ] {
        for entry in std::fs::read_dir(seeds.join(folder)).expect("seeds") {
            let bytes = std::fs::read(entry.expect("a seed").path()).expect("a seed");
            // A seed of one notation is as good as any junk for the others.
            for body in [body, fuzz::nix, fuzz::toml, fuzz::json] {
                body(&bytes);
            }
            read += 1;
        }
    }
    assert!(read >= 20, "{read} seeds");
}

/// Text that keeps a parser busy: all of it opens something, repeats something, or recurses on something.
const UNITS: [&str; 40] = [
    "a.",
    "a ",
    "-",
    "+",
    "<",
    "</",
    "[",
    "]",
    "{",
    "}",
    "(",
    "\"",
    "''",
    "${",
    "\"${",
    "1 + ",
    "x: ",
    "!",
    "a ++ ",
    "a // ",
    "a = 1;",
    "a = 1\n",
    "a = 1 b = ",
    ";",
    "= ",
    "if ",
    "let ",
    "let a = 1; in ",
    "with a; ",
    "a or ",
    "a ? b ",
    "#\n",
    "/*",
    "{ \"a\": ",
    "[a]\n",
    "[[a]]\n",
    "a = {",
    "a = [",
    "a.a = 1\n",
    "'''",
];

/// What stands around it.
const FRAMES: [(&str, &str); 5] = [
    ("", ""),
    ("{ a = [ ", " ]; }"),
    ("{ a = ", "; }"),
    ("{ \"a\": [ ", " 1 ] }"),
    ("a = [ ", " ]"),
];

#[test]
fn junk_ends_soon() {
    const LENGTH: usize = 32 * 1024;
    // Linear work on this much takes a tenth of a second even without optimisation; quadratic work takes longer than this.
    const SOON: Duration = Duration::from_secs(5);
    for unit in UNITS {
        for (before, after) in FRAMES {
            let text = format!("{before}{}{after}", unit.repeat(LENGTH / unit.len()));
            for notation in [Notation::Nix, Notation::Toml, Notation::Json] {
                let start = Instant::now();
                let errors = errors(notation, &text);
                assert!(start.elapsed() < SOON, "{notation}: {before}{unit}");
                assert!(errors.len() <= 501);
            }
            Notation::sniff(&text);
        }
    }
}

#[test]
fn ten_megabytes_are_refused_at_once() {
    for unit in UNITS {
        let text = unit.repeat(10 * 1024 * 1024 / unit.len());
        for notation in [Notation::Nix, Notation::Toml, Notation::Json] {
            let errors = errors(notation, &text);
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].code, Fault::TooLarge);
            assert!(errors[0].message.contains("8 MiB"), "{}", errors[0].message);
        }
    }
}

/// Ways to nest: what opens, what is innermost, what closes.
const NESTINGS: [(Notation, &str, &str, &str); 32] = [
    (Notation::Nix, "[", "", "]"),
    (Notation::Nix, "(", "1", ")"),
    (Notation::Nix, "{ a = ", "1", "; }"),
    (Notation::Nix, "{ a.b.c = ", "1", "; }"),
    (Notation::Nix, "rec { a = ", "1", "; }"),
    (Notation::Nix, "[ { a = ", "1", "; } ]"),
    (Notation::Nix, "\"${", "a", "}\""),
    (Notation::Nix, "''${", "a", "}''"),
    (Notation::Nix, "./${", "a", "}"),
    (Notation::Nix, "{ ${", "a", "} = 1; }"),
    (Notation::Nix, "lib.mkDefault (", "1", ")"),
    (Notation::Nix, "x: ", "1", ""),
    (Notation::Nix, "{ x }: ", "1", ""),
    (Notation::Nix, "{ x ? ", "1", " }: 1"),
    (Notation::Nix, "with a; ", "1", ""),
    (Notation::Nix, "assert a; ", "1", ""),
    (Notation::Nix, "let a = 1; in ", "1", ""),
    (Notation::Nix, "let a = ", "1", "; in 1"),
    (Notation::Nix, "let { body = ", "1", "; }"),
    (Notation::Nix, "if a then ", "1", " else 1"),
    (Notation::Nix, "if a then 1 else ", "1", ""),
    (Notation::Nix, "- ", "1", ""),
    (Notation::Nix, "! ", "1", ""),
    (Notation::Nix, "1 + ", "1", ""),
    (Notation::Nix, "a ++ ", "1", ""),
    (Notation::Nix, "a.b or ", "1", ""),
    (Notation::Nix, "[ a.b or ", "1", " ]"),
    (Notation::Nix, "f (a) ", "1", ""),
    (Notation::Toml, "[", "1", "]"),
    (Notation::Toml, "{ a = ", "1", " }"),
    (Notation::Json, "[", "1", "]"),
    (Notation::Json, "{ \"a\": ", "1", " }"),
];

fn nested(notation: Notation, levels: usize, open: &str, inner: &str, close: &str) -> String {
    let value = format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
    match notation {
        Notation::Nix => format!("{{ a = {value}; }}"),
        Notation::Toml => format!("a = {value}"),
        Notation::Json => format!("{{ \"a\": {value} }}"),
    }
}

#[test]
fn ten_thousand_levels_of_nesting_are_refused() {
    for (notation, open, inner, close) in NESTINGS {
        for levels in [10_000, 50_000] {
            let text = nested(notation, levels, open, inner, close);
            let errors = errors(notation, &text);
            assert_eq!(errors.len(), 1, "{open}: {errors:?}");
            assert_eq!(errors[0].code, Fault::TooDeep, "{open}: {errors:?}");
            assert!(errors[0].span.start > 0, "{open}");
        }
    }
    for text in [
        format!("{{ {} = 1; }}", vec!["a"; 10_000].join(".")),
        format!("{{ a = {}; }}", vec!["a"; 10_000].join(" . ")),
    ] {
        assert_eq!(errors(Notation::Nix, &text)[0].code, Fault::TooDeep);
    }
}

#[test]
fn the_deepest_nesting_that_is_read_leaves_the_stack_alone() {
    // The stack of this thread is a quarter of the main thread's.
    for (notation, open, inner, close) in NESTINGS {
        let is_read = |levels: &usize| {
            let text = nested(notation, *levels, open, inner, close);
            errors(notation, &text).iter().all(|error| error.code != Fault::TooDeep)
        };
        let levels: Vec<usize> = (1..2_000).collect();
        let deepest = levels.partition_point(is_read);
        assert!((35..1_200).contains(&deepest), "{open}: {deepest}");
    }
}

/// Text that is nearly a profile: the marks of all three notations, words, and what is hostile in strings.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "b.c",
        "kernelcore",
        "config",
        "network",
        "1",
        "-2.5",
        "\"x\"",
        "''y''",
        "\"",
        "''",
        "'",
        "${",
        "}",
        "{",
        "[",
        "]",
        "(",
        ")",
        "=",
        ";",
        ",",
        ":",
        ".",
        "#",
        "/*",
        "*/",
        "\n",
        "\r",
        "\\",
        "$",
        "inherit",
        "rec",
        "let",
        "in",
        "with",
        "if",
        "or",
        "./p",
        "<n>",
        "lib.mkDefault",
        "config.sops.secrets.x.path",
        "pathExists /x",
        "true",
        "null",
        "[[t]]\n",
        "@",
        "?",
        "...",
        "é",
        "\u{2028}",
        "\u{feff}",
        "\0",
        "secret",
        "\"secret\":",
        "+",
        "//",
    ]);
    prop::collection::vec((word, prop::bool::weighted(0.7)), 0..40).prop_map(|words| {
        words
            .into_iter()
            .flat_map(|(word, spaced)| [word, if spaced { " " } else { "" }])
            .collect()
    })
}

/// A tree of everything that all three notations have.
fn tree() -> impl Strategy<Value = Node> {
    let node = |value| Node::new(Span::default(), value);
    let text = || {
        let piece = prop::sample::select(vec![
            "\"",
            "${",
            "''",
            "$${",
            "$",
            "'",
            "\\",
            "\n",
            "\r",
            "\t",
            ";",
            "@",
            "#",
            "{",
            "}",
            " ",
            "  ",
            "a",
            "b c",
            "é",
            "\u{1}",
            "\u{85}",
            "\u{2028}",
            "\u{1f600}",
            "/*",
            "\u{7f}",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    };
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        (-i64::MAX..i64::MAX).prop_map(Value::Integer),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::Float),
        text().prop_map(Value::String),
        text().prop_map(Value::Secret),
    ]
    .prop_map(node);
    let set = move |inner| {
        prop::collection::vec((text(), inner), 0..5).prop_map(move |entries| {
            let mut set = Set::new();
            for (key, entry) in entries {
                set.insert(key, Span::default(), entry);
            }
            node(Value::Set(set))
        })
    };
    let inner = leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(move |items| node(Value::List(items))),
            set(inner).prop_filter("no reference to a secret", |node| {
                node.as_set()
                    .is_some_and(|set| set.len() != 1 || set.get("secret").is_none())
            }),
        ]
    });
    set(inner.boxed()).prop_filter("says something", |node| {
        node.as_set().is_some_and(|set| !set.is_empty())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_read_or_refused(text in soup()) {
        fuzz::nix(text.as_bytes());
        fuzz::toml(text.as_bytes());
        fuzz::json(text.as_bytes());
        let braced = format!("{{ {text} }}");
        fuzz::nix(braced.as_bytes());
        fuzz::json(braced.as_bytes());
        fuzz::nix(format!("{{ a = {text}; }}").as_bytes());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        fuzz::nix(&bytes);
        fuzz::toml(&bytes);
        fuzz::json(&bytes);
    }

    #[test]
    fn a_tree_says_the_same_in_every_notation(tree in tree()) {
        fuzz::assert_survives_notations(&tree);
    }
}
