use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::localapi::data::Status;

/// The status without its peers, and them, where the text comes in pieces of that size.
fn sifted(text: &str, size: usize) -> Result<(String, Vec<Peer>), Error> {
    let mut peers = Vec::new();
    let mut sieve = Sieve::new(|peer| peers.push(peer));
    for piece in text.as_bytes().chunks(size.max(1)) {
        sieve.take(piece)?;
    }
    let rest = sieve.end()?;
    Ok((String::from_utf8(rest.into()).unwrap(), peers))
}

const RUNNING: &str = include_str!("../../../tests/fixtures/localapi/07-status-running.json");

#[test]
fn with_its_peers_put_back_it_is_the_same_status() {
    let whole: Status = serde_json::from_str(RUNNING).unwrap();
    for size in [1, 2, 7, 100, 1_000, RUNNING.len()] {
        let (rest, peers) = sifted(RUNNING, size).unwrap();
        let mut status: Status = serde_json::from_str(&rest).unwrap();
        assert_eq!(status.peers.0.len(), 0, "they are taken out");
        status.peers.0 = peers;
        assert_eq!(status, whole, "in pieces of {size}");
    }
}

#[test]
fn only_the_peers_are_taken_out() {
    let nobody = json!({"ID": ""});
    let text = json!({
        "A": [1, {"Peer": {"k": {"ID": "inner"}}}], "Peer": {"k1": {"ID": "n1"}, "k2": null, "k3": nobody, "k4": {"ID": "n4"}},
        "Version": "1}{,\"", "Z": 12,
    });
    let mut left = text.clone();
    left.as_object_mut().unwrap().remove("Peer");
    for size in 1..40 {
        let (rest, peers) = sifted(&format!(" {text:#}\n"), size).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), left);
        let ids: Vec<&str> = peers.iter().map(|peer| peer.id.as_str()).collect();
        assert_eq!(ids, ["n1", "n4"]);
    }
    for text in [
        "{}",
        r#"{"Peer":null}"#,
        r#"{"Peer":{}}"#,
        r#"{"Peer":{},"Z":1}"#,
        "null",
    ] {
        let (rest, peers) = sifted(text, 3).unwrap();
        assert_eq!(
            serde_json::from_str::<Option<Status>>(&rest)
                .unwrap()
                .unwrap_or_default(),
            Status::default()
        );
        assert_eq!(peers, []);
    }
}

#[test]
fn what_is_no_status_stays_as_it_came_or_is_complained_of() {
    for text in [
        "",
        "[]",
        "garbage",
        "\"{",
        "{} {}",
        r#"{"a":1,"#,
        r#"{"a":"#,
        r#"{"Peer":7}"#,
        r#"{"Peer":{"k":{"ID""#,
    ] {
        let (rest, _) = sifted(text, 2).unwrap();
        assert!(
            serde_json::from_str::<Status>(&rest).is_err() || text == "[]",
            "{text}: {rest}"
        );
    }
    for (text, what) in [
        (r#"{"a" 1}"#, "`1` where `:` should be"),
        (r#"{"a":1 "b":2}"#, "`\\\"` where `,` should be"),
        (r#"{"Peer":{"k":{"RxBytes":"many"}}}"#, "invalid type: string \"many\""),
        (r#"{"a":nothing }"#, "expected ident"),
    ] {
        let error = sifted(text, 1).expect_err(text).to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_member_of_megabytes_is_looked_at_a_few_times_only() {
    let text = json!({"Health": ["x".repeat(4 << 20)], "Peer": {"k": {"ID": "n1"}}}).to_string();
    let began = std::time::Instant::now();
    let (_, peers) = sifted(&text, 100).unwrap();
    assert_eq!(peers.len(), 1);
    // Each time from its beginning it would be minutes.
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<i16>().prop_map(|number| Value::from(f64::from(number) / 4.0)),
        "[a{}\\[\\],:\"\\\\ é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[aP{\"]{0,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_else_a_status_has_is_left_as_it_is(
        members in prop::collection::btree_map("[a-z{\"é]{0,3}", any_json(), 0..5),
        ids in prop::collection::vec("[a-z]{1,4}", 0..4),
        size in 1_usize..50,
    ) {
        let mut left: serde_json::Map<String, Value> = members.into_iter().collect();
        let expected = Value::Object(left.clone());
        let peers: serde_json::Map<String, Value> =
            ids.iter().enumerate().map(|(key, id)| (key.to_string(), json!({"ID": id}))).collect();
        left.insert("Peer".to_owned(), peers.into());
        let (rest, peers) = sifted(&Value::Object(left).to_string(), size).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), expected);
        prop_assert_eq!(peers.iter().map(|peer| peer.id.as_str()).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn any_text_is_sifted_without_harm(text in ".{0,60}", size in 1_usize..9) {
        let _ = sifted(&text, size);
        let _ = sifted(&format!("{{\"Peer\":{{{text}"), size);
    }
}
