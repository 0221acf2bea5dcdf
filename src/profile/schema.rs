//! The JSON Schema of a profile.

use serde_json::Value;

use super::written;

/// The JSON Schema (draft 2020-12) that editors check and complete a TOML or JSON profile by; made from the types in
/// [`written`], so it cannot say anything else than the reader does.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(written::Profile);
    schema.insert("title".to_owned(), Value::from("tailwright profile"));
    schema.to_value()
}
