//! Keys of Tailscale that were written into a profile by mistake.
//!
//! Whatever a profile says may be rendered, and what is rendered is in the Nix store: a host name is no better a place for a
//! key than the option that wants the path of its file. So a key is refused wherever it stands.

use super::tree::{Node, Value};
use crate::diagnostic::{Code, FieldPath, Finding, Findings, Place};

/// What the finding says; the key is not repeated.
pub(super) const MESSAGE: &str = "a key itself is written here; anybody who reads the profile or the Nix store has it";
/// The way out.
pub(super) const HELP: &str = "put the key into the sops file and write the path that it is installed at, or `{ secret = \"tailscale-authkey\"; }`; revoke this key if the file was ever shared";

/// What keys of Tailscale begin with: auth keys, API tokens, OAuth client secrets.
const PREFIX: &str = "tskey-";
/// No key is shorter behind its prefix (<https://tailscale.com/kb/1085/auth-keys>).
const SHORTEST: usize = 16;

/// Takes every key below `root`, which stands at `at`, out of the tree and reports it.
pub(super) fn take_out(root: &mut Node, at: &FieldPath, findings: &mut Findings) {
    if is_below(root) {
        take(root, at, findings);
    }
}

/// Almost always nothing is found, and then no path has to be made.
fn is_below(node: &Node) -> bool {
    match &node.value {
        Value::String(text) | Value::Path(text) => is_in(text),
        Value::List(items) => items.iter().any(is_below),
        Value::Set(set) => set.iter().any(|(name, entry)| is_in(name) || is_below(&entry.node)),
        _ => false,
    }
}

fn take(node: &mut Node, at: &FieldPath, findings: &mut Findings) {
    match &mut node.value {
        Value::String(text) | Value::Path(text) if is_in(text) => {
            findings.add(finding(Place::Refused(at.clone(), node.span)));
            node.value = Value::Removed;
        }
        Value::List(items) => {
            let mut accepted = 0;
            for item in items {
                take(item, &at.index(accepted), findings);
                accepted += usize::from(!item.is_removed());
            }
        }
        Value::Set(set) => {
            let names: Vec<String> = set.iter().map(|(name, _)| name.to_owned()).collect();
            for name in names {
                if is_in(&name) {
                    // A path would repeat the name.
                    if let Some(entry) = set.remove(&name) {
                        findings.add(finding(Place::Text(entry.key_span)));
                    }
                } else if let Some(value) = set.get_mut(&name) {
                    take(value, &at.name(name), findings);
                }
            }
        }
        _ => {}
    }
}

fn finding(place: Place) -> Finding {
    Finding::at(Code::SecretInProfile, place, MESSAGE).help(HELP)
}

/// Whether a text has a key in it, and not the name of a file for one: keys are long, and random capitals are among them.
fn is_in(text: &str) -> bool {
    text.match_indices(PREFIX).any(|(start, prefix)| {
        let rest = text.get(start + prefix.len()..).unwrap_or_default();
        let of_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let key = rest.bytes().take_while(of_key);
        key.clone().count() >= SHORTEST && key.into_iter().any(|byte| byte.is_ascii_uppercase())
    })
}
