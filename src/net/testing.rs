//! What the tests of all text types share.

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::text::Text;

/// Every match of `regex` is accepted, and `Display` and serde read back to the same value; every other string is either
/// refused or reads back too; nothing panics. The pattern of the JSON Schema is a regular expression.
pub(crate) fn reads_back<T: Text + Eq + Debug + Serialize + DeserializeOwned>(regex: &str) {
    run(regex, |written| match written.parse::<T>() {
        Ok(value) => same::<T>(&value),
        Err(refusal) => Err(TestCaseError::fail(refusal.to_string())),
    });
    run(r"[ -~]{0,20}|\PC{0,9}|.{0,9}", |written| {
        written.parse::<T>().map_or(Ok(()), |value| same::<T>(&value))
    });
    run(T::PATTERN.trim_start_matches('^').trim_end_matches('$'), |written| {
        written.parse::<T>().map_or(Ok(()), |value| same::<T>(&value))
    });
}

fn run(regex: &str, check: impl Fn(&str) -> Result<(), TestCaseError>) {
    let strategy = proptest::string::string_regex(regex).unwrap();
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&strategy, |written| check(&written))
        .unwrap();
}

fn same<T: Text + Eq + Debug + Serialize + DeserializeOwned>(value: &T) -> Result<(), TestCaseError> {
    prop_assert_eq!(&value.to_string().parse::<T>().unwrap(), value);
    let json = serde_json::to_string(value).unwrap();
    prop_assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value);
    Ok(())
}

/// Each of `wrongs` is refused, by `FromStr` and by serde with the same message, which is one lower-case sentence.
pub(crate) fn refuses<T: Text + Debug + DeserializeOwned>(wrongs: &[&str]) {
    for wrong in wrongs {
        let refusal = wrong
            .parse::<T>()
            .map(|value| format!("{value:?}"))
            .unwrap_err()
            .to_string();
        assert!(refusal.starts_with("invalid ") && !refusal.contains('\n'), "{refusal}");
        let through_serde = serde_json::from_value::<T>((*wrong).into()).unwrap_err().to_string();
        assert_eq!(through_serde, refusal);
    }
}

/// Each wrong value is refused with the right one as suggestion, and the right one is accepted.
pub(crate) fn suggests<T: Text + Debug>(pairs: &[(&str, &str)]) {
    for (wrong, right) in pairs {
        let refusal = wrong.parse::<T>().map(|value| format!("{value:?}")).unwrap_err();
        assert_eq!(refusal.suggestion(), Some(*right), "{refusal}");
        assert!(right.parse::<T>().is_ok(), "{right}");
    }
}

/// `written` is accepted and shown as `shown`.
pub(crate) fn shows<T: Text>(pairs: &[(&str, &str)]) {
    for (written, shown) in pairs {
        match written.parse::<T>() {
            Ok(value) => assert_eq!(value.to_string(), *shown),
            Err(refusal) => panic!("{refusal}"),
        }
    }
}
