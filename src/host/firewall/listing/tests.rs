use proptest::prelude::*;
use serde_json::json;

use super::*;

fn read(objects: &Value) -> Listing {
    Listing::read(json!({ "nftables": objects }).to_string().as_bytes()).unwrap()
}

#[test]
fn what_nft_lists_is_read() {
    let listing = read(&json!([
        { "metainfo": { "version": "1.1.3", "json_schema_version": 1 } },
        { "table": { "family": "inet", "name": "tailwright", "handle": 2 } },
        { "chain": { "family": "inet", "table": "tailwright", "name": "input", "handle": 1, "type": "filter", "hook": "input",
            "prio": 0, "policy": "drop" } },
        { "chain": { "family": "inet", "table": "tailwright", "name": "zone.lan", "handle": 2 } },
        { "set": { "family": "inet", "name": "dropped/v4", "table": "tailwright", "type": "ipv4_addr", "handle": 6,
            "size": 4096, "flags": ["timeout", "dynamic"], "timeout": 600,
            "elem": [{ "elem": { "val": "192.0.2.1", "expires": 599, "counter": { "packets": 9, "bytes": 270 } } }] } },
        { "set": { "name": "wan", "type": "ifname", "elem": ["eth0"] } },
        { "map": { "name": "zone.lan", "type": ["inet_proto", "inet_service"], "map": "verdict", "flags": ["interval"],
            "elem": [
                [{ "elem": { "val": { "concat": ["tcp", 22] }, "comment": "ssh: a", "counter": { "packets": 1, "bytes": 60 } } },
                    { "accept": null }],
                [{ "concat": ["udp", { "range": [100, 200] }] }, { "goto": { "target": "x" } }],
                [{ "prefix": { "addr": "10.0.0.0", "len": 8 } }, { "drop": null }],
            ] } },
        { "rule": { "chain": "input", "handle": 15, "expr": [
            { "vmap": { "key": { "meta": { "key": "iifname" } }, "data": "@zones" } }] } },
        { "rule": { "chain": "input", "comment": "why", "expr": [
            { "match": { "op": "==", "left": { "meta": { "key": "iifname" } }, "right": "br-*" } },
            { "counter": { "packets": 2, "bytes": 3 } },
            { "goto": { "target": "zone.lan" } }] } },
        { "rule": { "chain": "zone.lan", "expr": [
            { "vmap": { "key": { "concat": [{ "meta": { "key": "l4proto" } },
                { "payload": { "protocol": "th", "field": "dport" } }] }, "data": "@zone.lan" } }] } },
        { "rule": { "chain": "zone.lan", "expr": [{ "counter": { "packets": 5, "bytes": 6 } }, { "reject": null }] } },
    ]));
    assert_eq!(listing.chains.len(), 2);
    assert_eq!(listing.chains[0].priority, Some(0));
    assert_eq!(listing.chains[1].hook, None);
    let dropped = &listing.elements_of("dropped/v4")[0];
    assert_eq!((dropped.shown().as_str(), dropped.expires), ("192.0.2.1", Some(599)));
    assert_eq!(dropped.counter, Some(Counter { packets: 9, bytes: 270 }));
    assert!(listing.sets[0].is_dynamic && !listing.sets[1].is_dynamic);
    assert_eq!(listing.elements_of("wan")[0].key, ["eth0"]);
    let ports = listing.elements_of("zone.lan");
    assert_eq!(ports[0].key, ["tcp", "22"]);
    assert_eq!(
        (ports[0].comment.as_deref(), &ports[0].decision),
        (Some("ssh: a"), &Some(Decision::Accept))
    );
    assert_eq!(
        (ports[1].shown().as_str(), &ports[1].decision),
        ("udp . 100-200", &Some(Decision::Goto("x".to_owned())))
    );
    assert_eq!(ports[2].shown(), "10.0.0.0/8");
    let rules: Vec<_> = listing.rules_of("input").collect();
    assert_eq!(
        rules[0].asks,
        Some(("zones".to_owned(), vec!["meta iifname".to_owned()]))
    );
    assert!(!rules[0].is_conditional);
    assert_eq!(
        (rules[1].interface.as_deref(), rules[1].comment.as_deref()),
        (Some("br-*"), Some("why"))
    );
    assert_eq!(rules[1].decision, Some(Decision::Goto("zone.lan".to_owned())));
    assert!(rules[1].is_conditional);
    let rules: Vec<_> = listing.rules_of("zone.lan").collect();
    let (_, fields) = rules[0].asks.as_ref().unwrap();
    assert_eq!(*fields, ["meta l4proto", "th dport"]);
    assert_eq!(
        (rules[1].counter, &rules[1].decision),
        (Some(Counter { packets: 5, bytes: 6 }), &Some(Decision::Reject))
    );
}

#[test]
fn what_is_unknown_is_passed_over() {
    let listing = read(&json!([
        7, null, "x", { "flowtable": { "name": "f" } }, { "quux": [] }, { "chain": { "name": 3 } }, { "set": [] },
        { "rule": { "expr": 7 } },
        { "rule": { "chain": "a", "expr": [7, { "quux": 1 }, { "xt": null }, { "counter": "named" }, { "accept": null }],
            "colour": "red" } },
        { "chain": { "family": "inet", "table": "t", "name": "c", "devs": ["a"], "colour": "red" } },
    ]));
    assert_eq!(
        (listing.chains.len(), listing.rules.len(), listing.sets.len()),
        (1, 1, 0)
    );
    assert_eq!(listing.rules[0].decision, Some(Decision::Accept));
    assert!(listing.rules[0].is_conditional && listing.rules[0].counter.is_none());
    for bad in ["", "{", "[]", "{\"nftables\": 1}", "null"] {
        Listing::read(bad.as_bytes()).unwrap_err();
    }
}

/// Any JSON, much of it with the words that nft uses.
fn json_value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "elem", "val", "concat", "range", "prefix", "addr", "len", "counter", "packets", "bytes", "comment", "vmap",
        "key", "data", "meta", "payload", "protocol", "field", "match", "op", "left", "right", "goto", "target",
        "accept", "expr", "chain", "set", "map", "rule", "name", "flags", "dynamic", "iifname", "==", "expires", "@x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_listing_is_too_odd_to_be_read(objects in prop::collection::vec(json_value(), 0..6)) {
        let kinds = ["rule", "set", "map", "chain"];
        let wrapped: Vec<_> = objects.iter().zip(kinds.iter().cycle()).map(|(object, kind)| json!({ *kind: object })).collect();
        for objects in [objects, wrapped] {
            let listing = read(&Value::from(objects));
            for set in &listing.sets {
                for element in &set.elements {
                    prop_assert!(!element.key.is_empty() || element.shown().is_empty());
                }
            }
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Listing::read(&bytes);
    }
}
