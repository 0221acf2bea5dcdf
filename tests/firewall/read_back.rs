//! A table in a form in which the one that was printed and the one that the kernel lists can be compared.

use std::collections::BTreeMap;

use serde_json::Value;
use tailwright::firewall::ruleset::{Action, Chain, MapElement, Ruleset, SetContent, Verdict};
use tailwright::firewall::ruleset::{LookupMap, Value as Field};

/// What is compared.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Shape {
    /// Chains: hook, policy, and one line per rule with its verdict and comment.
    chains: BTreeMap<String, (String, Vec<String>)>,
    /// Maps and sets: type, and the elements with their verdicts and comments.
    sets: BTreeMap<String, (String, Vec<String>)>,
}

/// The shape of a ruleset.
pub fn of_ruleset(ruleset: &Ruleset) -> Shape {
    let table = &ruleset.table;
    let mut shape = Shape::default();
    for chain in &table.chains {
        let rules = chain.rules.iter().map(|rule| {
            let comment = rule.evidence.comment().map(|comment| comment.to_string());
            line(&action(&rule.action), comment.as_deref(), rule.counted)
        });
        shape
            .chains
            .insert(chain.name.to_string(), (base(chain), rules.collect()));
    }
    for map in &table.maps {
        let key: Vec<_> = map.key.iter().map(|key| key.data_type()).collect();
        let elements = map.elements.iter().map(|element| entry(element, map.counted));
        shape
            .sets
            .insert(map.name.to_string(), (key.join(" . "), sorted(elements)));
    }
    for set in &table.sets {
        let (kind, elements) = match &set.content {
            SetContent::Elements { key, elements } => {
                let elements = elements.iter().map(|element| {
                    let comment = element.evidence.comment().map(|comment| comment.to_string());
                    line(&field(&element.value), comment.as_deref(), false)
                });
                (key.data_type().to_owned(), sorted(elements))
            }
            SetContent::Buckets { key, size, timeout } => {
                (format!("{} {size} {timeout}", key.selector().data_type()), Vec::new())
            }
        };
        shape.sets.insert(set.name.to_string(), (kind, elements));
    }
    shape
}

fn base(chain: &Chain) -> String {
    chain.base.map_or_else(String::new, |base| {
        let priority = match base.priority.to_string().as_str() {
            "filter" => 0,
            "mangle + 10" => -140,
            "srcnat" => 100,
            other => panic!("{other}"),
        };
        format!("{} {priority} {}", base.hook.name(), base.policy.name())
    })
}

fn entry(element: &MapElement, counted: bool) -> String {
    let key: Vec<_> = element.key.iter().map(field).collect();
    let comment = element.evidence.comment().map(|comment| comment.to_string());
    let key = line(&key.join(" . "), comment.as_deref(), counted);
    format!("{key} : {}", verdict(&element.verdict))
}

fn action(action: &Action) -> String {
    match action {
        Action::Continue => String::new(),
        Action::Verdict(decided) => verdict(decided),
        Action::Reject(_) => "reject".to_owned(),
        Action::Masquerade => "masquerade".to_owned(),
        Action::Lookup(lookup) => match &lookup.map {
            LookupMap::Named(name) => format!("@{name}"),
            LookupMap::Inline(elements) => {
                let elements = elements.iter().map(|element| entry(element, false));
                sorted(elements).join(", ")
            }
        },
    }
}

fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accept => "accept".to_owned(),
        Verdict::Drop => "drop".to_owned(),
        Verdict::Return => "return".to_owned(),
        Verdict::Jump(chain) => format!("jump {chain}"),
        Verdict::Goto(chain) => format!("goto {chain}"),
    }
}

fn field(value: &Field) -> String {
    match value {
        Field::Interface(interface) => interface.to_string(),
        Field::Addresses(range) => range.to_string(),
        Field::Protocol(protocol) => protocol.name().to_owned(),
        Field::Ports(ports) => ports.to_string(),
        Field::State(state) => state.name().to_owned(),
        Field::Icmp(kind) => kind.name().to_owned(),
        Field::Icmpv6(kind) => kind.name().to_owned(),
        Field::Family(family) => family.name().to_owned(),
        Field::PacketType(kind) => kind.name().to_owned(),
    }
}

/// The shape of what `nft -j list table` says.
pub fn of_listing(listing: &Value) -> Shape {
    let mut shape = Shape::default();
    for item in listing["nftables"].as_array().expect("a list") {
        if let Some(chain) = item.get("chain") {
            let base = match chain.get("hook") {
                Some(hook) => format!("{} {} {}", text(hook), chain["prio"], text(&chain["policy"])),
                None => String::new(),
            };
            shape.chains.insert(text(&chain["name"]), (base, Vec::new()));
        } else if let Some(rule) = item.get("rule") {
            let chain = shape.chains.get_mut(&text(&rule["chain"])).expect("its chain");
            chain.1.push(rule_line(rule));
        } else if let Some(map) = item.get("map") {
            let elements = map["elem"].as_array().expect("elements").iter();
            let elements = elements.map(|element| map_entry(&element[0], &element[1]));
            shape
                .sets
                .insert(text(&map["name"]), (data_type(&map["type"]), sorted(elements)));
        } else if let Some(set) = item.get("set") {
            let mut kind = data_type(&set["type"]);
            if let Some(timeout) = set.get("timeout") {
                kind = format!("{kind} {} {timeout}", set["size"]);
            }
            let elements = set["elem"].as_array().map(Vec::as_slice).unwrap_or_default();
            shape
                .sets
                .insert(text(&set["name"]), (kind, sorted(elements.iter().map(key_line))));
        }
    }
    shape
}

fn rule_line(rule: &Value) -> String {
    let mut action = String::new();
    let mut counted = false;
    for statement in rule["expr"].as_array().expect("statements") {
        let (name, body) = statement.as_object().expect("one").iter().next().expect("one");
        match name.as_str() {
            "counter" => counted = true,
            "accept" | "drop" | "return" | "reject" | "masquerade" => action.clone_from(name),
            "jump" | "goto" => action = format!("{name} {}", text(&body["target"])),
            "vmap" => action = lookup(&body["data"]),
            _ => {}
        }
    }
    line(&action, rule.get("comment").map(text).as_deref(), counted)
}

fn lookup(map: &Value) -> String {
    if let Some(name) = map.as_str() {
        return name.to_owned();
    }
    let elements = map["set"].as_array().expect("elements").iter();
    sorted(elements.map(|element| map_entry(&element[0], &element[1]))).join(", ")
}

fn map_entry(key: &Value, verdict: &Value) -> String {
    let (name, body) = verdict.as_object().expect("one").iter().next().expect("one");
    let verdict = match body.get("target") {
        Some(target) => format!("{name} {}", text(target)),
        None => name.clone(),
    };
    format!("{} : {verdict}", key_line(key))
}

fn key_line(key: &Value) -> String {
    match key.get("elem") {
        Some(element) => {
            let comment = element.get("comment").map(text);
            line(
                &key_text(&element["val"]),
                comment.as_deref(),
                element.get("counter").is_some(),
            )
        }
        None => key_text(key),
    }
}

fn key_text(key: &Value) -> String {
    if let Some(parts) = key.get("concat").and_then(Value::as_array) {
        parts.iter().map(key_text).collect::<Vec<_>>().join(" . ")
    } else if let Some(range) = key.get("range") {
        format!("{}-{}", key_text(&range[0]), key_text(&range[1]))
    } else if let Some(prefix) = key.get("prefix") {
        format!("{}/{}", text(&prefix["addr"]), prefix["len"])
    } else {
        text(key)
    }
}

fn data_type(kind: &Value) -> String {
    match kind.as_array() {
        Some(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" . "),
        None => text(kind),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn line(what: &str, comment: Option<&str>, counted: bool) -> String {
    let counted = if counted { " counted" } else { "" };
    match comment {
        Some(comment) => format!("{what}{counted} # {comment}"),
        None => format!("{what}{counted}"),
    }
}

fn sorted(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    lines
}
