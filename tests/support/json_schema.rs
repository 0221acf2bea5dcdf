//! Holds JSON against a JSON Schema, as far as ours use the language (draft 2020-12).

use std::path::Path;

use serde_json::Value;

/// The schema that is published with that name.
pub fn published(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(name);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).expect("a schema is JSON")
}

/// The value must be as the schema that is published with that name says.
#[track_caller]
pub fn assert_valid(value: &Value, name: &str) {
    assert_eq!(
        faults(value, &published(name)),
        Vec::<String>::new(),
        "{name}: {value:#}"
    );
}

/// What of `value` is not as the schema says, with its place.
pub fn faults(value: &Value, schema: &Value) -> Vec<String> {
    let mut found = Vec::new();
    hold(value, schema, schema, "", &mut found);
    found
}

fn hold(value: &Value, part: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    let Some(rules) = part.as_object() else { return };
    for (name, rule) in rules {
        match name.as_str() {
            "$ref" => {
                let target = rule.as_str().and_then(|text| text.strip_prefix('#'));
                let target = target.and_then(|pointer| schema.pointer(pointer));
                hold(
                    value,
                    target.expect("a reference within the schema"),
                    schema,
                    place,
                    found,
                );
            }
            "type" => {
                let accepted: Vec<&str> = match rule {
                    Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
                    one => one.as_str().into_iter().collect(),
                };
                if !accepted.iter().any(|kind| is_a(value, kind)) {
                    found.push(format!("{place}: {value} is no {accepted:?}"));
                }
            }
            "const" if value != rule => found.push(format!("{place}: {value} is not {rule}")),
            "enum" if !rule.as_array().expect("a list").contains(value) => {
                found.push(format!("{place}: {value} is none of {rule}"));
            }
            "oneOf" | "anyOf" => {
                let fits = |option: &&Value| {
                    let mut faults = Vec::new();
                    hold(value, option, schema, place, &mut faults);
                    faults.is_empty()
                };
                let count = rule.as_array().expect("a list").iter().filter(fits).count();
                if count == 0 || name == "oneOf" && count > 1 {
                    found.push(format!("{place}: {value} fits {count} of {rule}"));
                }
            }
            "required" => {
                for key in rule.as_array().expect("a list").iter().filter_map(Value::as_str) {
                    if value.is_object() && value.get(key).is_none() {
                        found.push(format!("{place}: {key} is missing"));
                    }
                }
            }
            "properties" => {
                let Some(fields) = value.as_object() else { continue };
                for (key, inner) in fields {
                    match rule.get(key) {
                        Some(part) => hold(inner, part, schema, &format!("{place}/{key}"), found),
                        // Everything that is printed is described.
                        None => found.push(format!("{place}: {key} is not described")),
                    }
                }
            }
            "items" => {
                for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
                    hold(inner, rule, schema, &format!("{place}/{index}"), found);
                }
            }
            "minimum" => {
                if value
                    .as_f64()
                    .is_some_and(|number| number < rule.as_f64().expect("a number"))
                {
                    found.push(format!("{place}: {value} is less than {rule}"));
                }
            }
            "const" | "enum" | "$schema" | "$defs" | "title" | "description" | "format" | "maximum" => {}
            other => panic!("the rule {other} is not known here"),
        }
    }
}

fn is_a(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = serde_json::json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": ["string", "null"]},
            "state": {"$ref": "#/$defs/State"},
            "list": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
        "$defs": {"State": {"oneOf": [{"const": "good"}, {"const": "down"}]}},
    });
    let good = serde_json::json!({"name": null, "state": "down", "list": [1]});
    assert_eq!(faults(&good, &schema), Vec::<String>::new());
    for bad in [
        serde_json::json!([]),
        serde_json::json!({}),
        serde_json::json!({"name": 1}),
        serde_json::json!({"name": "x", "state": "other"}),
        serde_json::json!({"name": "x", "list": [-1]}),
        serde_json::json!({"name": "x", "list": [1.5]}),
        serde_json::json!({"name": "x", "more": 1}),
    ] {
        assert!(!faults(&bad, &schema).is_empty(), "{bad}");
    }
}
