use proptest::prelude::*;

use super::*;
use crate::diagnostic::place::FieldPath;
use crate::profile::limit::MAX_DEPTH;

fn at(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn faults(text: &str) -> Vec<(Fault, &str, String)> {
    let (_, errors) = read(text, SourceId(0));
    errors
        .into_iter()
        .map(|error| (error.code, at(text, error.span), error.message))
        .collect()
}

#[test]
fn values_have_their_places() {
    let text =
        r#"{ "a" : { "é\n" : [ 1, -2.5e1, true, null, "x\"y\u00e9" ] }, "s": {"secret": "k"}, "e": {}, "l": [] }"#;
    let (tree, errors) = read(text, SourceId(0));
    assert_eq!(errors, []);
    let tree = tree.unwrap();
    let list = FieldPath::of("a").name("é\n");
    let located = tree.locate(&list);
    assert_eq!(at(text, located.key_span.unwrap()), "\"é\\n\"");
    for (index, written, value) in [
        (0, "1", Value::Integer(1)),
        (1, "-2.5e1", Value::Float(-25.0)),
        (2, "true", Value::Bool(true)),
        (3, "null", Value::Null),
        (4, "\"x\\\"y\\u00e9\"", Value::String("x\"yé".to_owned())),
    ] {
        let node = tree.at(&list.index(index)).unwrap();
        assert_eq!((at(text, node.span), &node.value), (written, &value));
    }
    assert_eq!(
        tree.at(&FieldPath::of("s")).unwrap().value,
        Value::Secret("k".to_owned())
    );
    assert_eq!(at(text, tree.locate(&FieldPath::of("s")).span), "{\"secret\": \"k\"}");
}

#[test]
fn duplicates_name_both_places() {
    let text = r#"{ "a": { "b": 1, "\u0062": 2 } }"#;
    let (tree, errors) = read(text, SourceId(0));
    assert_eq!(errors[0].code, Fault::DuplicateKey);
    assert_eq!(at(text, errors[0].span), "\"\\u0062\"");
    assert_eq!(at(text, errors[0].other.unwrap()), "\"b\"");
    assert_eq!(
        tree.unwrap().at(&FieldPath::of("a.b")).map(|node| &node.value),
        Some(&Value::Integer(1))
    );
}

#[test]
fn syntax_errors_have_their_places() {
    for (text, place, message) in [
        ("{ \"a\": 1,\n  \"é\": }", "}", "expected value"),
        ("{\n\"a\": 1\n\"b\": 2 }", "\"", "expected `,` or `}`"),
        ("{ \"a\": 1", "1", "EOF while parsing an object"),
        ("{ \"a\": 1 } x", "x", "trailing characters"),
        ("{ \"a\": [1, ] }", "]", "expected value"),
        ("{ \"a\": \"\\q\" }", "q", "invalid escape"),
    ] {
        assert_eq!(faults(text), [(Fault::Syntax, place, message.to_owned())], "{text}");
    }
    let (code, place, _) = faults("{ \"a\": \"\\ud800\" }").remove(0);
    assert_eq!((code, place), (Fault::Syntax, "\"\\ud800\""));
    assert_eq!(faults("  ").remove(0).0, Fault::Empty);
    assert_eq!(
        faults("[ 1 ]").remove(0),
        (
            Fault::UnknownValue,
            "[ 1 ]",
            "a profile is an object, not a list".to_owned()
        )
    );
}

#[test]
fn numbers_and_text_have_bounds() {
    let text = r#"{ "a": 9223372036854775808, "b": 1e999, "c": "\u0000", "d\u0000": 1, "e": -9223372036854775808 }"#;
    let codes: Vec<_> = faults(text).into_iter().map(|(code, place, _)| (code, place)).collect();
    assert_eq!(
        codes,
        [
            (Fault::NumberOutOfRange, "9223372036854775808"),
            (Fault::NumberOutOfRange, "1e999"),
            (Fault::Nul, "\"\\u0000\""),
            (Fault::Nul, "\"d\\u0000\""),
        ]
    );
}

#[test]
fn nesting_has_a_limit() {
    let deep = |levels: usize| format!("{{ \"a\": {}{} }}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(read(&deep(MAX_DEPTH - 1), SourceId(0)).1, []);
    let text = deep(10_000);
    let (_, errors) = read(&text, SourceId(0));
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].code, Fault::TooDeep);
    let text = "{ \"a\": ".repeat(1_000_000);
    assert_eq!(read(&text, SourceId(0)).1[0].code, Fault::Syntax);
}

/// The data of a tree as `serde_json` has it.
fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::String(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Set(set) => set
            .iter()
            .map(|(key, entry)| (key.to_owned(), plain(&entry.node)))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn value() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Into::into),
        "[^\0]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map("[^\0]{0,6}", inner, 0..6)
                .prop_map(|map| map.into_iter().collect::<serde_json::Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn json_means_what_serde_json_reads(value in value(), pretty: bool) {
        let value = serde_json::json!({ "root": value, "secret": 1 });
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let (tree, errors) = read(&text, SourceId(0));
        prop_assert_eq!(errors, []);
        // A reference to a secret is read as one; nothing here looks like it.
        prop_assert_eq!(plain(&tree.unwrap()), value);
    }

    #[test]
    fn what_is_accepted_is_json(text in r#"[\{\}\[\]",:a1\.\-e\\ \n]{0,24}"#) {
        let text = format!("{{{text}}}");
        let (tree, errors) = read(&text, SourceId(0));
        let read_by_serde = serde_json::from_str::<serde_json::Value>(&text);
        if errors.is_empty() {
            prop_assert!(read_by_serde.is_ok());
            prop_assert!(tree.is_some());
        } else if let Ok(value) = read_by_serde {
            // Only what JSON leaves open is refused beyond its grammar.
            for error in &errors {
                prop_assert!(matches!(error.code, Fault::DuplicateKey | Fault::NumberOutOfRange), "{value} {error:?}");
            }
        }
    }
}
