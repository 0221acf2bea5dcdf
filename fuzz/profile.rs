//! What must hold for any bytes given to the readers of profiles. The fuzz targets run it on what the fuzzer finds, the
//! integration tests on the seeds.

use tailwright::diagnostic::place::{SourceId, Span};
use tailwright::nixos::value::{AttrPath, Finite, NixSet, NixValue, Reference};
use tailwright::profile::fault::{Fault, ReadError};
use tailwright::profile::tree::{Node, Value};
use tailwright::profile::{json as json_reader, nix as nix_reader, text, toml as toml_reader};

const SOURCE: SourceId = SourceId(7);

/// What a reader says of a text.
type Reading = (Option<Node>, Vec<ReadError>);

/// Reads bytes as Nix.
pub fn nix(bytes: &[u8]) {
    check(bytes, |text| {
        let (file, errors) = nix_reader::read(text, SOURCE);
        for span in file.impure_lookups {
            assert_place(text, span);
        }
        if let Some(foreign) = &file.foreign {
            assert_places(text, foreign);
        }
        (file.profile, errors)
    });
}

/// Reads bytes as TOML.
pub fn toml(bytes: &[u8]) {
    check(bytes, |text| toml_reader::read(text, SOURCE));
}

/// Reads bytes as JSON.
pub fn json(bytes: &[u8]) {
    check(bytes, |text| json_reader::read(text, SOURCE));
}

fn check(bytes: &[u8], read: impl Fn(&str) -> Reading) {
    let text = match text::text(bytes, SOURCE) {
        Ok(text) => text,
        Err(error) => {
            assert!(error.span.start as usize <= bytes.len());
            return;
        }
    };
    let (tree, errors) = read(text);
    for error in &errors {
        assert_place(text, error.span);
        error.other.iter().for_each(|span| assert_place(text, *span));
        assert!(!error.message.is_empty());
    }
    assert!(
        errors.is_sorted_by_key(|error| error.span),
        "the errors are in the order of the text: {errors:?}"
    );
    assert!(
        tree.is_some() || !errors.is_empty(),
        "a text without a tree has an error"
    );
    assert_eq!(
        read(text),
        (tree.clone(), errors.clone()),
        "the same text reads the same"
    );
    let Some(tree) = tree else { return };
    assert_places(text, &tree);
    if errors.is_empty() {
        assert_survives_notations(&tree);
    }
}

/// What one notation says, each of the others can say, if it has that kind of value at all.
pub fn assert_survives_notations(tree: &Node) {
    let data = tree.clone().without_spans();
    if let Some(value) = to_nix(tree) {
        let (file, errors) = nix_reader::read(&value.to_string(), SOURCE);
        // A set with the names that a NixOS module has is read as a module.
        if file.foreign.is_none() {
            assert_same(&data, file.profile, &errors, &value.to_string());
        }
    }
    if let Some(value) = to_json(tree) {
        for text in [value.to_string(), format!("{value:#}")] {
            let (tree, errors) = json_reader::read(&text, SOURCE);
            assert_same(&data, tree, &errors, &text);
        }
    }
    if let Some(toml::Value::Table(table)) = to_toml(tree) {
        let text = toml::to_string(&table).expect("a table of TOML values has a text");
        if !table.is_empty() {
            let (tree, errors) = toml_reader::read(&text, SOURCE);
            assert_same(&data, tree, &errors, &text);
        }
    }
}

fn assert_same(data: &Node, tree: Option<Node>, errors: &[ReadError], text: &str) {
    // The notations differ in how deep they nest.
    if errors.iter().any(|error| error.code == Fault::TooDeep) {
        return;
    }
    assert_eq!(errors, [], "{text}");
    assert_eq!(tree.map(Node::without_spans).as_ref(), Some(data), "{text}");
}

fn assert_place(text: &str, span: Span) {
    let (start, end) = (span.start as usize, span.end as usize);
    assert_eq!(span.source, SOURCE);
    assert!(text.get(start..end).is_some(), "{span:?} is a place of the text");
}

fn assert_places(text: &str, node: &Node) {
    assert_place(text, node.span);
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| assert_places(text, item)),
        Value::Set(set) => {
            for (_, entry) in set.iter() {
                assert_place(text, entry.key_span);
                assert_places(text, &entry.node);
            }
        }
        _ => {}
    }
}

/// A tree as the Nix writer takes it; `None` if it holds a path, which the writer takes only as its own type.
pub fn to_nix(node: &Node) -> Option<NixValue> {
    Some(match &node.value {
        Value::Null => NixValue::Null,
        Value::Bool(value) => NixValue::Bool(*value),
        // The lowest number has no literal in Nix.
        Value::Integer(number) => NixValue::Integer((*number != i64::MIN).then_some(*number)?),
        Value::Float(number) => NixValue::Float(Finite::new(*number)?),
        Value::String(text) => NixValue::Lines(text.clone()),
        Value::Secret(name) => NixValue::Reference(Reference::secret(name)),
        Value::List(items) => NixValue::List(items.iter().map(to_nix).collect::<Option<_>>()?),
        Value::Set(set) => NixValue::Set(
            set.iter()
                .map(|(key, entry)| Some((AttrPath::single(key), to_nix(&entry.node)?)))
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .collect::<NixSet>(),
        ),
        Value::Path(_) | Value::Removed => return None,
    })
}

fn to_json(node: &Node) -> Option<serde_json::Value> {
    Some(match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Secret(name) => serde_json::json!({ "secret": name }),
        Value::List(items) => items.iter().map(to_json).collect::<Option<_>>()?,
        Value::Set(set) => set
            .iter()
            .map(|(key, entry)| Some((key.to_owned(), to_json(&entry.node)?)))
            .collect::<Option<serde_json::Map<_, _>>>()?
            .into(),
        Value::Path(_) | Value::Removed => return None,
    })
}

fn to_toml(node: &Node) -> Option<toml::Value> {
    Some(match &node.value {
        Value::Bool(value) => (*value).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Secret(name) => toml::Value::Table([("secret".to_owned(), name.as_str().into())].into_iter().collect()),
        Value::List(items) => items.iter().map(to_toml).collect::<Option<Vec<_>>>()?.into(),
        Value::Set(set) => toml::Value::Table(
            set.iter()
                .map(|(key, entry)| Some((key.to_owned(), to_toml(&entry.node)?)))
                .collect::<Option<_>>()?,
        ),
        Value::Null | Value::Path(_) | Value::Removed => return None,
    })
}
