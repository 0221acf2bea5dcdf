//! From the text of a profile, and of the files that it names, to the model.

use std::collections::BTreeMap;

use super::fault::{Fault, ReadError};
use super::lower::{self, Written};
use super::notation::Notation;
use super::tree::{Node, Set, Value};
use super::{de, json, key_value, nix, text, toml, written};
use crate::diagnostic::{Code, FieldPath, Finding, Findings, Place, SourceId, Sources, Span};
use crate::model::{Fleet, Host, Shape};
use crate::net::{HostName, TailnetDomain};

/// A file that a profile names, as the caller found it.
pub struct Opened {
    /// The name that it is shown by.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A profile as far as it could be read.
#[derive(Debug, Default)]
pub struct Profile {
    /// Every text that was read.
    pub sources: Sources,
    /// The model; `None` where too much was wrong. Where some groups could not be read, errors in `findings` say so and
    /// the model lacks them.
    pub fleet: Option<Fleet>,
    /// What was wrong so far; rules have not been asked yet.
    pub findings: Findings,
    tree: Option<Node>,
    /// What the files of hosts set beside the profile, by the host's root.
    foreign: BTreeMap<FieldPath, Node>,
}

/// Reads a profile. `open` is asked for each file that a fleet names, by the path as it is written there.
pub fn load(
    name: &str,
    bytes: &[u8],
    notation: Option<Notation>,
    open: &mut dyn FnMut(&str) -> Result<Opened, String>,
) -> Profile {
    let mut profile = Profile::default();
    let mut tree = profile.read(name, bytes, notation, &FieldPath::root());
    if let Some(root) = &mut tree {
        profile.open_hosts(root, open);
        profile.fleet = profile.lower(root);
    }
    profile.tree = tree;
    profile
}

impl Profile {
    /// Where a label points.
    pub fn locate(&self, place: &Place) -> Option<Span> {
        let (path, name) = match place {
            Place::Text(span) | Place::Refused(_, span) => return Some(*span),
            Place::Field(path) => (path, false),
            Place::Name(path) => (path, true),
        };
        let tree = self.tree.as_ref()?;
        let located = tree.locate(path);
        if !located.exact
            && let Some(span) = self.locate_foreign(path)
        {
            return Some(span);
        }
        // A group, and what is missing from it, is pointed at by the group's name: its text may be a hundred lines.
        let is_group = tree.at(path).is_none_or(|node| matches!(node.value, Value::Set(_)));
        Some(if name || is_group {
            located.label()
        } else {
            located.span
        })
    }

    /// Whether a field is written, and not left to its default.
    pub fn has(&self, path: &FieldPath) -> bool {
        let is_written = self.tree.as_ref().is_some_and(|tree| tree.at(path).is_some());
        is_written || self.locate_foreign(path).is_some()
    }

    fn locate_foreign(&self, path: &FieldPath) -> Option<Span> {
        self.foreign.iter().find_map(|(host, foreign)| {
            let below = path.steps().strip_prefix(host.steps())?;
            let below = below
                .iter()
                .fold(FieldPath::root(), |path, step| path.step(step.clone()));
            let located = foreign.locate(&below);
            (located.exact && !below.steps().is_empty()).then_some(located.span)
        })
    }

    /// Reads one text, whose profile is to stand at `at`.
    fn read(&mut self, name: &str, bytes: &[u8], notation: Option<Notation>, at: &FieldPath) -> Option<Node> {
        let source = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let text = match text::text(bytes, source) {
            Ok(text) => text,
            Err(error) => {
                // Up to the first wrong byte the text is the same, so the error's place holds.
                let shown = bytes.get(..super::limit::MAX_BYTES).unwrap_or(bytes);
                self.sources.add(name, String::from_utf8_lossy(shown));
                self.findings.add(finding_of(error));
                return None;
            }
        };
        self.sources.add(name, text);
        let notation = notation
            .or_else(|| Notation::of_file(name))
            .unwrap_or_else(|| Notation::sniff(text));
        let (tree, errors) = match notation {
            Notation::Nix => {
                let (file, errors) = nix::read(text, source);
                for span in file.impure_lookups {
                    let message = "whether a file exists is asked of the machine that evaluates, not of the host; under a flake the answer is always no";
                    let finding = Finding::at(Code::ImpureLookup, Place::Text(span), message);
                    self.findings
                        .add(finding.help("say in the profile what the host has, such as `authKeyFile`"));
                }
                if let Some(foreign) = file.foreign {
                    self.foreign.insert(at.clone(), foreign);
                }
                (file.profile, errors)
            }
            Notation::Toml => toml::read(text, source),
            Notation::Json => json::read(text, source),
        };
        let mut tree = tree;
        if let Some(tree) = &mut tree {
            key_value::take_out(tree, at, &mut self.findings);
        }
        let mut removed = Vec::new();
        if let Some(tree) = tree.as_ref().filter(|_| !errors.is_empty()) {
            removed_below(tree, at, &mut removed);
        }
        let findings = errors.into_iter().map(finding_of);
        self.findings
            .extend(findings.map(|finding| with_field(finding, &removed)));
        tree
    }

    /// Puts the profiles of the hosts that are given by path where their paths stand.
    fn open_hosts(&mut self, root: &mut Node, open: &mut dyn FnMut(&str) -> Result<Opened, String>) {
        let Some(hosts) = root.at_mut(&FieldPath::of("hosts")) else {
            return;
        };
        let Value::Set(set) = &mut hosts.value else {
            return;
        };
        for name in names(set) {
            let at = FieldPath::of("hosts").name(name.clone());
            let Some(node) = set.get_mut(&name) else { continue };
            let (Value::String(path) | Value::Path(path)) = &node.value else {
                continue;
            };
            match open(path) {
                Ok(Opened { name, bytes }) => {
                    *node = self
                        .read(&name, &bytes, None, &at)
                        .unwrap_or_else(|| Node::removed(node.span));
                }
                Err(reason) => {
                    let message = format!("{path:?} cannot be read: {reason}");
                    let place = Place::Refused(at, node.span);
                    self.findings.add(Finding::at(Code::UnreadableSource, place, message));
                    *node = Node::removed(node.span);
                }
            }
        }
    }

    fn lower(&mut self, root: &mut Node) -> Option<Fleet> {
        let top: written::Profile = de::read(root, &FieldPath::root(), &mut self.findings)?;
        let lint = lower::lint(top.lint.as_ref(), &FieldPath::of("lint"), &mut self.findings);
        let tailnet = top.tailnet.and_then(|tailnet| tailnet.domain);
        if top.hosts.is_none() {
            let profile = written::HostProfile {
                host: top.host,
                network: top.network,
                secrets: top.secrets,
                lint: None,
            };
            let host = self.host(profile, FieldPath::root(), None, tailnet.as_ref())?;
            return Some(Fleet {
                shape: Shape::Host,
                tailnet,
                hosts: BTreeMap::from([(host.name.clone(), host)]),
                lint,
            });
        }
        let stray = [
            ("host", top.host.is_some()),
            ("network", top.network.is_some()),
            ("secrets", top.secrets.is_some()),
        ];
        for (group, _) in stray.iter().filter(|(_, written)| *written) {
            let place = Place::Name(FieldPath::of(group));
            let message = format!("`{group}` stands beside `hosts`: a fleet says it for each host");
            let finding = Finding::at(Code::InvalidValue, place, message);
            self.findings
                .add(finding.help(format!("write it below a host: `hosts.NAME.{group}`")));
        }
        let hosts = self.hosts(root, tailnet.as_ref());
        Some(Fleet {
            shape: Shape::Fleet,
            tailnet,
            hosts,
            lint,
        })
    }

    fn hosts(&mut self, root: &mut Node, tailnet: Option<&TailnetDomain>) -> BTreeMap<HostName, Host> {
        let mut hosts = BTreeMap::new();
        let Some(node) = root.at_mut(&FieldPath::of("hosts")) else {
            return hosts;
        };
        let Value::Set(set) = &mut node.value else {
            let message = "expected a set of hosts by name";
            self.findings
                .add(Finding::new(Code::InvalidValue, FieldPath::of("hosts"), message));
            return hosts;
        };
        for written_name in names(set) {
            let at = FieldPath::of("hosts").name(written_name.clone());
            let Some(node) = set.get_mut(&written_name).filter(|node| !node.is_removed()) else {
                continue;
            };
            let name = match written_name.parse::<HostName>() {
                Ok(name) => name,
                Err(reason) => {
                    self.findings
                        .add(Finding::at(Code::InvalidValue, Place::Name(at), reason.to_string()));
                    continue;
                }
            };
            let Some(profile) = de::read(node, &at, &mut self.findings) else {
                continue;
            };
            if let Some(first) = hosts.get(&name) {
                let message =
                    format!("{written_name:?} and another name mean one host: names differ by more than their case");
                let finding = Finding::at(Code::DuplicateKey, Place::Name(at), message);
                let first: &Host = first;
                self.findings
                    .add(finding.with_place(Place::Name(first.at.clone()), "the other one"));
                continue;
            }
            hosts.extend(
                self.host(profile, at, Some(name.clone()), tailnet)
                    .map(|host| (name, host)),
            );
        }
        hosts
    }

    fn host(
        &mut self,
        profile: written::HostProfile,
        at: FieldPath,
        name: Option<HostName>,
        tailnet: Option<&TailnetDomain>,
    ) -> Option<Host> {
        let foreign = self.foreign.get(&at);
        let written = Written {
            profile,
            at,
            name,
            tailnet: tailnet.cloned(),
            foreign,
        };
        let read = self.findings.len();
        let host_at = written.at.clone();
        let host = lower::host(written, &mut self.findings);
        let refused = self.findings.refused();
        self.findings.drop_consequences(read, &refused, &host_at);
        host
    }
}

/// The fields that the reader of a notation has left without a value.
fn removed_below(node: &Node, at: &FieldPath, removed: &mut Vec<(FieldPath, Span)>) {
    match &node.value {
        Value::Removed => removed.push((at.clone(), node.span)),
        Value::Set(set) => {
            for (name, entry) in set.iter() {
                removed_below(&entry.node, &at.name(name), removed);
            }
        }
        Value::List(items) => {
            let mut accepted = 0;
            for item in items {
                removed_below(item, &at.index(accepted), removed);
                accepted += usize::from(!item.is_removed());
            }
        }
        _ => {}
    }
}

/// A complaint about the text, which knows the field that it leaves without a value.
fn with_field(mut finding: Finding, removed: &[(FieldPath, Span)]) -> Finding {
    if let Some(label) = finding.labels.first_mut()
        && let Place::Text(span) = label.place
    {
        let around = |of: &Span| of.source == span.source && of.start <= span.start && span.end <= of.end;
        if let Some((path, _)) = removed.iter().find(|(_, of)| around(of)) {
            label.place = Place::Refused(path.clone(), span);
        }
    }
    finding
}

fn names(set: &Set) -> Vec<String> {
    set.iter().map(|(name, _)| name.to_owned()).collect()
}

fn finding_of(error: ReadError) -> Finding {
    let code = match error.code {
        Fault::DuplicateKey => Code::DuplicateKey,
        Fault::NeedsEvaluation => Code::NeedsEvaluation,
        Fault::UnknownReference => Code::UnknownReference,
        Fault::NumberOutOfRange | Fault::UnknownValue => Code::InvalidValue,
        Fault::WrongNotation => Code::WrongNotation,
        Fault::TooMany
        | Fault::Syntax
        | Fault::TooDeep
        | Fault::TooLarge
        | Fault::NotUtf8
        | Fault::Empty
        | Fault::Nul => Code::Syntax,
    };
    let mut finding = Finding::at(code, Place::Text(error.span), error.message);
    if let Some(other) = error.other {
        finding = finding.with_place(Place::Text(other), "first written here");
    }
    match error.help {
        Some(help) => finding.help(help),
        None => finding,
    }
}

#[cfg(test)]
mod tests;
