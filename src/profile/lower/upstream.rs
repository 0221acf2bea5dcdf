//! NixOS's own options that stand beside the profile in the same file.

use std::collections::BTreeMap;

use super::Scope;
use crate::diagnostic::FieldPath;
use crate::model::{SysctlValue, UpstreamOptions};
use crate::profile::tree::{Node, Value};

const SYSCTL: &str = "boot.kernel.sysctl";
const SOPS: &str = "sops.secrets";

pub(super) fn upstream(scope: &mut Scope<'_>, foreign: Option<&Node>) -> UpstreamOptions {
    let Some(foreign) = foreign else {
        return UpstreamOptions::default();
    };
    let find = |dotted: &str| {
        foreign
            .at(&FieldPath::of(dotted))
            .map(|node| (node, scope.field(dotted)))
    };
    let text = |dotted: &str| find(dotted).and_then(|(node, field)| node.as_str().map(|text| (text.to_owned(), field)));
    let set_to_true =
        |dotted: &str| find(dotted).and_then(|(node, field)| matches!(node.value, Value::Bool(true)).then_some(field));
    let ruleset = text("networking.nftables.ruleset").filter(|(text, _)| !text.trim().is_empty());
    let ruleset_file = find("networking.nftables.rulesetFile").filter(|(node, _)| node.value != Value::Null);
    UpstreamOptions {
        nginx_append_config: text("services.nginx.appendConfig"),
        resolved_extra_config: text("services.resolved.extraConfig"),
        tailscaled_firewall_mode: text("systemd.services.tailscaled.environment.TS_DEBUG_FIREWALL_MODE"),
        nftables_ruleset: ruleset.map(|(_, field)| field).or(ruleset_file.map(|(_, field)| field)),
        nftables_flush: set_to_true("networking.nftables.flushRuleset"),
        firewall_enabled: set_to_true("networking.firewall.enable"),
        sysctl: sysctl(scope, foreign),
        sops_secrets: names(scope, foreign),
    }
}

fn sysctl(scope: &Scope<'_>, foreign: &Node) -> BTreeMap<crate::model::SysctlKey, (SysctlValue, FieldPath)> {
    let mut keys = BTreeMap::new();
    if let Some(root) = foreign.at(&FieldPath::of(SYSCTL)) {
        collect(root, "", &scope.field(SYSCTL), &mut keys);
    }
    keys
}

/// Keys may be written whole in quotes or as nested attributes; both mean the same to NixOS only in the former case, but
/// either tells what the author wants.
fn collect(
    node: &Node,
    dotted: &str,
    field: &FieldPath,
    keys: &mut BTreeMap<crate::model::SysctlKey, (SysctlValue, FieldPath)>,
) {
    let value = match &node.value {
        Value::Set(set) => {
            for (name, entry) in set.iter() {
                let dotted = if dotted.is_empty() {
                    name.to_owned()
                } else {
                    format!("{dotted}.{name}")
                };
                collect(&entry.node, &dotted, &field.name(name), keys);
            }
            return;
        }
        Value::Integer(number) => SysctlValue::Integer(*number),
        Value::Bool(flag) => SysctlValue::Integer((*flag).into()),
        Value::String(text) => SysctlValue::Text(text.clone()),
        _ => return,
    };
    if let Ok(key) = dotted.parse() {
        keys.insert(key, (value, field.clone()));
    }
}

fn names(scope: &Scope<'_>, foreign: &Node) -> BTreeMap<String, FieldPath> {
    let set = foreign.at(&FieldPath::of(SOPS)).and_then(Node::as_set);
    let names = set.into_iter().flat_map(super::super::tree::Set::iter);
    names
        .map(|(name, _)| (name.to_owned(), scope.field(SOPS).name(name)))
        .collect()
}
