//! What the Nix writer prints, its readers take for the same data: the reader of profiles, the formatter, and Nix itself.
//! And what the reader of profiles takes for data, Nix takes for the same data.

use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tailwright::diagnostic::place::SourceId;
use tailwright::nixos::module::Module;
use tailwright::nixos::value::{
    AttrPath, Binding, Call, Finite, NixSet, NixValue, Part, Reference, RelativePath, Template,
};
use tailwright::profile::nix;
use tailwright::profile::tree::{Node, Value};

use crate::support::nix::Nix;
use crate::support::scratch::Scratch;

/// Text made of what could leave a string, a name or a comment.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "\"",
        "${",
        "''",
        "$${",
        "$$",
        "$",
        "'",
        "'''",
        "\\",
        "\\n",
        "\n",
        "\n",
        "\r",
        "\t",
        ";",
        "@",
        "#",
        "/*",
        "*/",
        "{",
        "}",
        " ",
        "  ",
        "a",
        "b c",
        "=",
        "é",
        "\u{1}",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "\u{1f600}",
        "rec",
        "inherit",
        "or",
        "1",
        "-",
        ".",
        "../",
        "<nixpkgs>",
        "${builtins.abort \"x\"}",
        "\"; x = abort \"x\"; y = \"",
        "''; x = abort \"x\"; y = ''",
    ]);
    let line = prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat());
    // Whole lines, as indented strings have them, and anything else.
    (prop::collection::vec(line, 0..4), any::<bool>())
        .prop_map(|(lines, whole)| lines.join("\n") + if whole { "\n" } else { "" })
}

fn reference() -> impl Strategy<Value = Reference> {
    (hostile(), hostile(), 0..4).prop_map(|(one, other, kind)| {
        let path = AttrPath::single(one.clone()).name(other);
        match kind {
            0 => Reference::package(path),
            1 => Reference::lib(path),
            2 => Reference::config(path),
            _ => Reference::secret(&one),
        }
    })
}

fn template() -> impl Strategy<Value = Template> {
    let part = prop_oneof![
        hostile().prop_map(Part::Text),
        reference().prop_map(Part::Reference),
        (reference(), reference()).prop_map(|(function, argument)| {
            Part::Call(Call {
                function,
                arguments: vec![argument.into()],
            })
        }),
    ];
    prop::collection::vec(part, 0..5).prop_map(|parts| {
        parts.into_iter().fold(Template::new(), |template, part| match part {
            Part::Text(text) => template.text(text),
            other => template.value(other),
        })
    })
}

fn data(leaf: impl Strategy<Value = NixValue> + 'static) -> impl Strategy<Value = NixValue> {
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(NixValue::List),
            prop::collection::vec((hostile(), inner.clone()), 0..5).prop_map(|pairs| {
                let pairs = pairs.into_iter().map(|(name, value)| (AttrPath::single(name), value));
                NixValue::Set(pairs.collect())
            }),
            inner.prop_map(NixValue::mk_default),
        ]
    })
}

/// Values that any reader takes for data, `mkDefault` aside.
fn plain() -> impl Strategy<Value = NixValue> {
    prop_oneof![
        Just(NixValue::Null),
        any::<bool>().prop_map(NixValue::Bool),
        (-i64::MAX..=i64::MAX).prop_map(NixValue::Integer),
        // As many digits as Nix keeps when it prints a number.
        (-9_999_i32..9_999, -8..8).prop_map(|(digits, exponent)| float(f64::from(digits) * 10_f64.powi(exponent))),
        hostile().prop_map(NixValue::String),
        hostile().prop_map(NixValue::Lines),
    ]
}

fn float(number: f64) -> NixValue {
    let rounded: f64 = format!("{number:.4e}").parse().expect("a number");
    NixValue::Float(Finite::new(rounded).expect("finite"))
}

/// Values of every kind.
fn any_value() -> impl Strategy<Value = NixValue> {
    data(prop_oneof![
        plain(),
        template().prop_map(NixValue::Template),
        template().prop_map(NixValue::TemplateLines),
        reference().prop_map(NixValue::Reference),
        reference().prop_map(NixValue::get_exe),
        (reference(), hostile()).prop_map(|(reference, why)| NixValue::OrThrow(reference, why)),
        (reference(), hostile(), hostile())
            .prop_map(|(reference, other, value)| NixValue::optional(NixValue::Differs(reference, other), value)),
        hostile().prop_map(|value| NixValue::optional(NixValue::HasPackage("tsctl"), value)),
        Just(NixValue::Path(RelativePath::new("modules/x.nix").expect("a path"))),
    ])
}

fn module() -> impl Strategy<Value = Module> {
    let path = prop::collection::vec(hostile(), 1..4).prop_map(|names| {
        let mut names = names.into_iter();
        let first = AttrPath::single(names.next().unwrap_or_default());
        names.fold(first, AttrPath::name)
    });
    let binding = (path, any_value(), prop::option::of(hostile()), any::<bool>());
    (hostile(), prop::collection::vec(binding, 0..5)).prop_map(|(header, bindings)| {
        let mut module = Module::new(header);
        for (path, value, comment, spaced) in bindings {
            let mut binding = Binding::new(path, value);
            binding.comment = comment;
            binding.spaced = spaced;
            module.bind(binding);
        }
        module
    })
}

fn formatted(text: &str) -> String {
    let (status, after) = alejandra::format::in_memory("test.nix".to_owned(), text.to_owned());
    if let alejandra::format::Status::Error(error) = status {
        panic!("{error}:\n{text}");
    }
    after
}

/// What a value says, as JSON has it.
fn as_json(value: &NixValue) -> serde_json::Value {
    match value {
        NixValue::Null => json!(null),
        NixValue::Bool(value) => json!(value),
        NixValue::Integer(number) => json!(number),
        NixValue::Float(number) => json!(number.get()),
        NixValue::String(text) | NixValue::Lines(text) => json!(text),
        NixValue::List(items) => items.iter().map(as_json).collect(),
        NixValue::Set(set) => set
            .bindings()
            .iter()
            .map(|binding| {
                let [name] = binding.path.names() else {
                    panic!("one name")
                };
                (name.clone(), as_json(&binding.value))
            })
            .collect(),
        NixValue::Call(call) => as_json(call.arguments.last().expect("an argument")),
        other => panic!("{other:?} is no data"),
    }
}

/// What a tree says, as JSON has it.
fn tree_as_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => json!(null),
        Value::Bool(value) => json!(value),
        Value::Integer(number) => json!(number),
        Value::Float(number) => json!(number),
        Value::String(text) => json!(text),
        Value::Secret(name) => json!({ "secret": name }),
        Value::List(items) => items.iter().map(tree_as_json).collect(),
        Value::Set(set) => set
            .iter()
            .map(|(key, entry)| (key.to_owned(), tree_as_json(&entry.node)))
            .collect(),
        other => panic!("{other:?} is no data"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_formatter_changes_nothing(mut module in module(), definition in prop::option::of(any_value())) {
        if let Some(value) = definition {
            module.define("defined", value);
        }
        let text = module.to_string();
        prop_assert_eq!(formatted(&text), text);
    }

    #[test]
    fn the_reader_of_profiles_reads_the_same_data(value in data(plain())) {
        let set = NixSet::new().with("x", value.clone()).with("y", 1);
        let text = NixValue::Set(set).to_string();
        let (file, errors) = nix::read(&text, SourceId(0));
        prop_assert_eq!(errors, [], "{}", text);
        let tree = tree_as_json(&file.profile.expect("a profile"));
        prop_assert_eq!(same_numbers(&tree), same_numbers(&json!({ "x": as_json(&value), "y": 1 })), "{}", text);
    }

    #[test]
    fn a_module_sets_what_was_bound_and_nothing_else(module in module()) {
        let text = module.to_string();
        // Whatever the values are, the text is a module whose attributes are the bindings'.
        let (file, errors) = nix::read(&format!("{{ kernelcore = {{}}; inner = {}; }}", module_body(&text)), SourceId(0));
        prop_assert_eq!(errors, [], "{}", text);
        let foreign = file.foreign.expect("a module");
        let inner = foreign.as_set().and_then(|set| set.get("inner")).and_then(Node::as_set).expect("its body");
        let mut heads: Vec<_> = module.body.bindings().iter().map(|binding| binding.path.names()[0].clone()).collect();
        heads.sort();
        heads.dedup();
        prop_assert_eq!(inner.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>(), heads, "{}", text);
    }
}

/// The set behind the arguments and the comment at the top.
fn module_body(text: &str) -> &str {
    let start = text
        .match_indices("}: {")
        .find(|(at, _)| {
            let line = text[..*at].rfind('\n').map_or(0, |line| line + 1);
            !text[line..].starts_with('#')
        })
        .map(|(at, _)| at + 3);
    text[start.expect("the arguments")..].trim_end()
}

/// Integers and floating-point numbers of the same value are the same.
fn same_numbers(value: &serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(number) if number.is_f64() => {
            json!(number.as_f64().map(|number| format!("{number:.4e}")))
        }
        serde_json::Value::Array(items) => items.iter().map(same_numbers).collect(),
        serde_json::Value::Object(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), same_numbers(value)))
            .collect(),
        other => other.clone(),
    }
}

/// Some values of a strategy, the same in each run.
fn samples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("a value").current())
        .collect()
}

/// What Nix evaluates a text to that stands in a file.
fn evaluated(nix: &Nix, scratch: &Scratch, text: &str) -> Result<serde_json::Value, String> {
    let file = scratch.path().join("value.nix");
    std::fs::write(&file, text).expect("the scratch folder takes files");
    nix.evaluate(&format!("import {}", file.display()))
}

#[test]
fn nix_evaluates_printed_values_to_the_same_data() {
    let Some(nix) = Nix::new() else { return };
    let values = samples(&data(plain()), 600);
    let expected: serde_json::Value = values.iter().map(as_json).collect();
    let list = NixValue::List(values);
    let text = format!("let lib.mkDefault = x: x; in {list}");
    let found = evaluated(&nix, &Scratch::new(), &text).expect("Nix takes the values");
    for (found, expected) in found
        .as_array()
        .expect("a list")
        .iter()
        .zip(expected.as_array().expect("a list"))
    {
        assert_eq!(same_numbers(found), same_numbers(expected));
    }
}

#[test]
fn nix_fills_templates_in_where_they_say_so_and_nowhere_else() {
    let Some(nix) = Nix::new() else { return };
    let templates = samples(&template(), 300);
    let mut text = String::from(
        "let any = name: { __functor = _: argument: \"<${name}>\"; outPath = \"<${name}>\"; path = \"<${name}>\"; };\n",
    );
    // Each reference is to a name that no other has, so its value says which it is.
    text.push_str("in [\n");
    let mut expected = Vec::new();
    for (number, template) in templates.iter().enumerate() {
        let mut filled = String::new();
        let mut named = Template::new();
        for (position, part) in template.parts().iter().enumerate() {
            if let Part::Text(text) = part {
                filled.push_str(text);
                named = named.text(text);
            } else {
                let name = format!("r{number}-{position}");
                let _ = write!(filled, "<{name}>");
                named = named.value(Reference::package(AttrPath::single(name)));
            }
        }
        let packages = (0..template.parts().len())
            .map(|position| format!("\"r{number}-{position}\" = any \"r{number}-{position}\";"))
            .collect::<Vec<_>>()
            .join(" ");
        let _ = writeln!(
            text,
            "(let pkgs = {{ {packages} }}; in [ {} {} ])",
            NixValue::Template(named.clone()),
            NixValue::TemplateLines(named)
        );
        expected.push(json!([filled, filled]));
    }
    text.push(']');
    let found = evaluated(&nix, &Scratch::new(), &text).expect("Nix takes the templates");
    for (found, expected) in found.as_array().expect("a list").iter().zip(&expected) {
        assert_eq!(found, expected);
    }
}

#[test]
fn nix_parses_every_module() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    for (number, module) in samples(&module(), 60).iter().enumerate() {
        let file = scratch.path().join(format!("{number}.nix"));
        std::fs::write(&file, module.to_string()).expect("the scratch folder takes files");
        if let Err(error) = nix.parse(&file) {
            // Two bindings of which one lies in the other are for the author of a module to avoid.
            assert!(error.contains("already defined"), "{error}\n{module}");
        }
    }
}

/// Pieces of string literals, as they stand between the quotes.
fn literal() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        " ", " ", "  ", "\n", "\n", "\n  ", "\t", "\r", "a", "b", "''$", "''${", "'''", "''\\n", "''\\t", "''\\ ",
        "''\\\n", "$", "$$", "$${", "'", "\\", "\\\"", "\\n", "\\$", "é",
    ]);
    (prop::collection::vec(piece, 0..10), any::<bool>()).prop_map(|(pieces, indented)| {
        let quotes = if indented { "''" } else { "\"" };
        format!("{quotes}{}{quotes}", pieces.concat())
    })
}

#[test]
fn string_literals_mean_what_they_mean_to_nix() {
    let Some(nix) = Nix::new() else { return };
    let mut text = String::from("[\n");
    let mut expected = Vec::new();
    for literal in samples(&literal(), 4_000) {
        let profile = format!("{{ x = {literal}; }}");
        let (file, errors) = nix::read(&profile, SourceId(0));
        let value = file.profile.as_ref().and_then(|tree| tree.as_set()?.get("x")?.as_str());
        if let (Some(value), []) = (value, &errors[..]) {
            let _ = writeln!(text, "{literal}");
            expected.push((value.to_owned(), literal));
        }
    }
    text.push(']');
    assert!(expected.len() > 1_500, "{}", expected.len());
    let found = evaluated(&nix, &Scratch::new(), &text).expect("Nix takes the literals that the reader takes");
    let found = found.as_array().expect("a list");
    assert_eq!(found.len(), expected.len());
    for (found, (value, literal)) in found.iter().zip(expected) {
        assert_eq!(found.as_str(), Some(value.as_str()), "{literal:?}");
    }
}

/// Sets of bindings whose paths meet, with all kinds of values.
fn bindings() -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "\"a\"", "c", "or", "\"d e\""]);
    let path = prop::collection::vec(name, 1..4).prop_map(|names| names.join("."));
    let value = prop::sample::select(vec![
        "1",
        "-1",
        "1.5",
        ".5",
        "1.",
        "00",
        "null",
        "true",
        "\"x\"",
        "''\n  y\n''",
        "[ ]",
        "[ 1 (-2) [ \"z\" ] ]",
        "{ }",
        "{ a = 1; }",
        "{ a.b = 2; }",
        "({ b = 3; })",
        "{ a = { b = 4; }; c = 5; }",
        "rec { b = 6; }",
        "https://example.org",
        "(1)",
        "[1\"a\"2]",
        "1 # x\n",
        "/* y */ 1",
    ]);
    prop::collection::vec((path, value), 0..5).prop_map(|bindings| {
        let bindings: Vec<_> = bindings
            .into_iter()
            .map(|(path, value)| format!("{path} = {value};"))
            .collect();
        format!("{{ {} }}", bindings.join(" "))
    })
}

#[test]
fn sets_merge_and_clash_as_in_nix() {
    let Some(nix) = Nix::new() else { return };
    let scratch = Scratch::new();
    let (mut accepted, mut refused) = (0, 0);
    for text in samples(&bindings(), 150) {
        let (file, errors) = nix::read(&text, SourceId(0));
        match evaluated(&nix, &scratch, &text) {
            Ok(value) => {
                assert_eq!(errors, [], "{text}");
                let tree = tree_as_json(&file.profile.expect("a profile"));
                assert_eq!(same_numbers(&tree), same_numbers(&value), "{text}");
                accepted += 1;
            }
            Err(said) => {
                assert!(!errors.is_empty(), "{text}\n{said}");
                refused += 1;
            }
        }
    }
    assert!(accepted > 40 && refused > 15, "{accepted} accepted, {refused} refused");
}
