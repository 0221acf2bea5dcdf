//! A serde deserialiser over the spanned tree that lets all faults of a profile be found in one run.
//!
//! serde stops at the first fault. [`read`] therefore notes it with its path, marks the offending value as
//! [`Value::Removed`] and starts again, until what is left can be read: every later fault is found too, and the rest of
//! the profile can still be checked. Unknown fields are collected on the way and do not stop anything.

use std::cell::RefCell;
use std::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, Visitor};

use super::key_value;
use super::tree::{Node, Set, Value};
use crate::diagnostic::{Code, FieldPath, Finding, Findings, Place, Step, nearest};

/// Faults reported per group before the rest is left for the next run.
const MOST: usize = 100;

/// Reads `node`, which stands at `at`, as a `T`. Faults become findings; what they concern is left at its default.
/// `None` only where the whole of `node` is of the wrong kind.
pub(super) fn read<T: DeserializeOwned>(node: &mut Node, at: &FieldPath, findings: &mut Findings) -> Option<T> {
    for _ in 0..MOST {
        let unknown = RefCell::new(Vec::new());
        let reader = Reader {
            node,
            trail: Trail::Start(at),
            unknown: &unknown,
        };
        match T::deserialize(reader) {
            Ok(value) => {
                findings.extend(unknown.into_inner());
                return Some(value);
            }
            Err(fault) => {
                let below = fault.path();
                let whole = below.steps().is_empty();
                let span = node.locate(&below).span;
                findings.add(fault.into_finding(Place::Refused(at.join(&below), span)));
                match node.at_mut(&below) {
                    Some(offender) if !whole => offender.value = Value::Removed,
                    _ => return None,
                }
            }
        }
    }
    findings.add(Finding::new(
        Code::InvalidValue,
        at.clone(),
        format!("more than {MOST} values here cannot be read; the rest is not looked at"),
    ));
    None
}

/// Why a value cannot be read, and the way to it (innermost step first).
#[derive(Debug)]
struct Fault {
    message: String,
    help: Option<String>,
    code: Code,
    steps: Vec<Step>,
}

impl Fault {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            code: Code::InvalidValue,
            steps: Vec::new(),
        }
    }

    fn below(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    fn path(&self) -> FieldPath {
        self.steps
            .iter()
            .rev()
            .fold(FieldPath::root(), |path, step| path.step(step.clone()))
    }

    fn into_finding(self, place: Place) -> Finding {
        let finding = Finding::at(self.code, place, self.message);
        match self.help {
            Some(help) => finding.help(help),
            None => finding,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

/// Prefix by which a visitor says that a written value is itself a secret; see [`super::written`].
pub(super) const SECRET_VALUE: &str = "\u{1}secret:";

impl de::Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        match message.strip_prefix(SECRET_VALUE) {
            Some(rest) => Self {
                code: Code::SecretInProfile,
                help: Some(key_value::HELP.to_owned()),
                ..Self::new(rest)
            },
            // The standard library's word for it names no grammar.
            None if message == "invalid IP address syntax" => {
                Self::new("expected an IPv4 or IPv6 address, such as \"9.9.9.9\"")
            }
            None => Self::new(message),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {}, found {}", wanted(expected), kind(found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {}, found {}", wanted(expected), kind(found)))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let words = expected
            .iter()
            .map(|word| format!("{word:?}"))
            .collect::<Vec<_>>()
            .join(", ");
        let mut fault = Self::new(format!("{variant:?} is none of {words}"));
        fault.help = nearest(expected.iter().copied(), variant).map(|word| format!("did you mean {word:?}?"));
        fault
    }
}

/// serde's names of Rust's own types in a profile's words.
fn wanted(expected: &dyn de::Expected) -> String {
    let name = expected.to_string();
    match name.as_str() {
        "a boolean" => "`true` or `false`".to_owned(),
        "u16" => "a whole number from 0 to 65535".to_owned(),
        "u32" => "a whole number from 0 to 4294967295".to_owned(),
        "i64" => "a whole number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a set of options".to_owned(),
        _ if name.starts_with("struct ") => "a set of options".to_owned(),
        _ if name.starts_with("enum ") => "a word in quotes".to_owned(),
        _ => name,
    }
}

fn kind(found: de::Unexpected<'_>) -> String {
    match found {
        de::Unexpected::Bool(value) => format!("`{value}`"),
        de::Unexpected::Signed(value) => format!("the number {value}"),
        de::Unexpected::Unsigned(value) => format!("the number {value}"),
        de::Unexpected::Float(value) => format!("the number {value}"),
        de::Unexpected::Str(_) => "a string".to_owned(),
        de::Unexpected::Unit | de::Unexpected::Option => "null".to_owned(),
        de::Unexpected::Seq => "a list".to_owned(),
        de::Unexpected::Map => "a set".to_owned(),
        de::Unexpected::Other(what) => what.to_owned(),
        other => other.to_string(),
    }
}

/// The way to a node; made into a path only where one is needed, as most profiles have nothing wrong.
#[derive(Clone, Copy)]
enum Trail<'t> {
    Start(&'t FieldPath),
    Name(&'t Trail<'t>, &'t str),
    Index(&'t Trail<'t>, usize),
}

impl Trail<'_> {
    fn path(&self) -> FieldPath {
        match self {
            Self::Start(path) => (*path).clone(),
            Self::Name(before, name) => before.path().name(*name),
            Self::Index(before, index) => before.path().index(*index),
        }
    }
}

/// Reads one node.
struct Reader<'t, 'de> {
    node: &'de Node,
    trail: Trail<'t>,
    unknown: &'t RefCell<Vec<Finding>>,
}

impl<'de> Reader<'_, 'de> {
    fn child<'t>(&'t self, node: &'de Node, trail: Trail<'t>) -> Reader<'t, 'de> {
        Reader {
            node,
            trail,
            unknown: self.unknown,
        }
    }

    fn complain_about_unknown(&self, set: &Set, known: &'static [&'static str]) {
        for (name, _) in set
            .iter()
            .filter(|(name, entry)| !known.contains(name) && !entry.node.is_removed())
        {
            let place = Place::Name(self.trail.path().name(name));
            let finding = Finding::at(Code::UnknownField, place, format!("there is no option {name:?} here"));
            let finding = match nearest(known.iter().copied(), name) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("known here: {}", known.join(", "))),
            };
            self.unknown.borrow_mut().push(finding);
        }
    }

    fn fields<V: Visitor<'de>>(self, known: Option<&'static [&'static str]>, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Set(set) => {
                if let Some(known) = known {
                    self.complain_about_unknown(set, known);
                }
                let mut entries = set
                    .iter()
                    .filter(|(name, entry)| !entry.node.is_removed() && known.is_none_or(|known| known.contains(name)))
                    .map(|(name, entry)| (name, &entry.node));
                visitor.visit_map(Fields {
                    reader: &self,
                    entries: &mut entries,
                    next: None,
                })
            }
            _ => de::Deserializer::deserialize_any(self, visitor),
        }
    }
}

impl<'de> de::Deserializer<'de> for Reader<'_, 'de> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(value) => visitor.visit_i64(*value),
            Value::Float(value) => visitor.visit_f64(*value),
            Value::String(value) => visitor.visit_borrowed_str(value),
            Value::Secret(name) => Err(Fault::new(format!(
                "a reference to the secret {name:?} is of no use here"
            ))),
            Value::Path(_) => {
                let mut fault = Fault::new(format!(
                    "expected {}, found a Nix path",
                    wanted(&visitor as &dyn de::Expected)
                ));
                fault.help = Some("a Nix path is copied to the store; write a path on the host as a string".to_owned());
                Err(fault)
            }
            Value::List(items) => visitor.visit_seq(Items {
                reader: &self,
                rest: &mut items.iter().filter(|item| !item.is_removed()),
                index: 0,
            }),
            Value::Set(_) => self.fields(None, visitor),
            Value::Removed => Err(Fault::new("the value could not be read")),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::Null | Value::Removed => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.fields(Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        match &self.node.value {
            Value::String(word) => visitor.visit_enum(word.as_str().into_deserializer()),
            other => Err(Fault::new(format!("expected a word in quotes, found {}", other.kind()))),
        }
    }

    /// References to files keep their kind: `FileRef` and `SopsFile` are read through this one name each.
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Fault> {
        match (&self.node.value, name) {
            (Value::Secret(secret), "FileRef") => visitor.visit_map(one("secret", secret)),
            (Value::Path(path), "SopsFile") => visitor.visit_map(one("path", path)),
            (_, "FileRef" | "SopsFile") => self.deserialize_any(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier
    }
}

fn one<'a>(key: &'a str, value: &'a str) -> de::value::MapDeserializer<'a, std::iter::Once<(&'a str, &'a str)>, Fault> {
    de::value::MapDeserializer::new(std::iter::once((key, value)))
}

struct Fields<'r, 'de> {
    reader: &'r Reader<'r, 'de>,
    entries: &'r mut dyn Iterator<Item = (&'de str, &'de Node)>,
    next: Option<(&'de str, &'de Node)>,
}

impl<'de> de::MapAccess<'de> for Fields<'_, 'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.next = self.entries.next();
        self.next
            .map(|(name, _)| {
                let key = de::value::BorrowedStrDeserializer::new(name);
                seed.deserialize(key)
                    .map_err(|fault: Fault| fault.below(Step::Name(name.to_owned())))
            })
            .transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Fault> {
        let Some((name, node)) = self.next.take() else {
            return Err(Fault::new("a value was asked for before its name"));
        };
        let trail = Trail::Name(&self.reader.trail, name);
        seed.deserialize(self.reader.child(node, trail))
            .map_err(|fault| fault.below(Step::Name(name.to_owned())))
    }
}

struct Items<'r, 'de> {
    reader: &'r Reader<'r, 'de>,
    rest: &'r mut dyn Iterator<Item = &'de Node>,
    index: usize,
}

impl<'de> de::SeqAccess<'de> for Items<'_, 'de> {
    type Error = Fault;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Fault> {
        let Some(node) = self.rest.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        let trail = Trail::Index(&self.reader.trail, index);
        seed.deserialize(self.reader.child(node, trail))
            .map(Some)
            .map_err(|fault| fault.below(Step::Index(index)))
    }
}
