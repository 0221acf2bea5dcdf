//! What differs between the table in the kernel and the one that was deployed.

use std::collections::{BTreeMap, BTreeSet};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::seen::Difference;
use crate::host::firewall::listing::Listing;

/// A table without what it counts and remembers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Shape {
    /// The lines of each chain, set and map as nft writes them, by their heads (`chain input`); those of the table itself
    /// under its own head.
    blocks: BTreeMap<String, Vec<String>>,
    /// The elements of the sets and maps that rules do not fill.
    elements: BTreeMap<String, BTreeSet<String>>,
}

impl Shape {
    /// The shape of a table.
    ///
    /// `text` is what `nft --stateless --terse` lists of it; `listing` what `nft --json` does.
    pub(super) fn of(text: &str, listing: &Listing) -> Self {
        let mut blocks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut open: Vec<String> = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            // A rule that holds a set of its own ends where it begins: `{ a, b } accept`.
            if let Some(head) = line.strip_suffix(" {").filter(|_| open.len() < 2) {
                blocks.entry(head.to_owned()).or_default();
                open.push(head.to_owned());
            } else if line == "}" {
                open.pop();
            } else if let Some(lines) = open.last().and_then(|head| blocks.get_mut(head)) {
                lines.push(line.to_owned());
            }
        }
        let fixed = listing.sets.iter().filter(|set| !set.is_dynamic);
        let elements = fixed.map(|set| {
            let elements = set.elements.iter().map(|element| match &element.decision {
                Some(decision) => format!("{} : {decision}", element.shown()),
                None => element.shown(),
            });
            (set.name.clone(), elements.collect())
        });
        Self {
            blocks,
            elements: elements.collect(),
        }
    }

    /// Whether the table is switched off (`flags dormant`).
    pub(super) fn is_dormant(&self) -> bool {
        let own = self.blocks.iter().filter(|(head, _)| head.starts_with("table "));
        own.flat_map(|(_, lines)| lines)
            .any(|line| line.starts_with("flags") && line.contains("dormant"))
    }

    /// What `live` has otherwise.
    pub(super) fn differences(&self, live: &Self) -> Vec<Difference> {
        let mut differences = Vec::new();
        let heads: BTreeSet<&String> = self.blocks.keys().chain(live.blocks.keys()).collect();
        for head in heads {
            differences.extend(match (self.blocks.get(head), live.blocks.get(head)) {
                (Some(deployed), Some(live)) => lines(head, deployed, live),
                (Some(_), None) => Some(whole(head, true)),
                (None, _) => Some(whole(head, false)),
            });
        }
        let both = self
            .elements
            .iter()
            .filter_map(|(name, deployed)| Some((name, deployed, live.elements.get(name)?)));
        for (name, deployed, live) in both {
            let difference = Difference {
                place: format!("elements of {name}"),
                missing: deployed.difference(live).cloned().collect(),
                extra: live.difference(deployed).cloned().collect(),
            };
            differences.extend(Some(difference).filter(|difference| !difference.is_empty()));
        }
        differences
    }
}

impl Difference {
    fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.extra.is_empty()
    }
}

/// A block that only one of the two has.
fn whole(head: &str, is_missing: bool) -> Difference {
    let all = vec!["all of it".to_owned()];
    let (missing, extra) = if is_missing {
        (all, Vec::new())
    } else {
        (Vec::new(), all)
    };
    Difference {
        place: head.to_owned(),
        missing,
        extra,
    }
}

/// What differs between the lines of one block. Their order counts.
fn lines(head: &str, deployed: &[String], live: &[String]) -> Option<Difference> {
    let mut difference = Difference {
        place: head.to_owned(),
        missing: Vec::new(),
        extra: Vec::new(),
    };
    for op in capture_diff_slices(Algorithm::Myers, deployed, live) {
        if !matches!(op, DiffOp::Equal { .. }) {
            difference
                .missing
                .extend(deployed.get(op.old_range()).into_iter().flatten().cloned());
            difference
                .extra
                .extend(live.get(op.new_range()).into_iter().flatten().cloned());
        }
    }
    Some(difference).filter(|difference| !difference.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "table inet tailwright {\n\tset wan {\n\t\ttype ifname\n\t}\n\n\tchain input {\n\t\ttype filter hook \
                        input priority filter; policy drop;\n\t\tiifname { \"a\", \"b\" } accept\n\t\tct state vmap { \
                        established : accept }\n\t\tgoto refused\n\t}\n}\n";

    fn shape(text: &str, elements: &[&str]) -> Shape {
        let set = json!({ "nftables": [{ "set": { "name": "wan", "elem": elements } },
            { "set": { "name": "new_v4", "flags": "dynamic", "elem": elements } }] });
        Shape::of(text, &Listing::read(set.to_string().as_bytes()).unwrap())
    }

    fn told(deployed: &Shape, live: &Shape) -> Vec<String> {
        let differences = deployed.differences(live).into_iter();
        differences
            .map(|Difference { place, missing, extra }| {
                format!("{place} -[{}] +[{}]", missing.join("|"), extra.join("|"))
            })
            .collect()
    }

    #[test]
    fn the_same_table_does_not_differ() {
        let deployed = shape(TEXT, &["eth0", "eth1"]);
        assert_eq!(deployed.blocks["chain input"].len(), 4);
        assert!(told(&deployed, &shape(TEXT, &["eth1", "eth0"])).is_empty());
        assert!(!deployed.is_dormant());
        let dormant = TEXT.replacen("{\n", "{\n\tflags dormant\n", 1);
        assert!(shape(&dormant, &[]).is_dormant());
        assert_eq!(
            told(&deployed, &shape(&dormant, &["eth0", "eth1"])),
            ["table inet tailwright -[] +[flags dormant]"]
        );
    }

    #[test]
    fn what_was_added_or_taken_away_is_told_with_its_place() {
        let deployed = shape(TEXT, &["eth0"]);
        let added = TEXT.replace("\t\tgoto refused", "\t\ttcp dport 23 accept\n\t\tgoto refused");
        assert_eq!(
            told(&deployed, &shape(&added, &["eth0"])),
            ["chain input -[] +[tcp dport 23 accept]"]
        );
        assert_eq!(
            told(&shape(&added, &["eth0"]), &deployed),
            ["chain input -[tcp dport 23 accept] +[]"]
        );
        let more = TEXT.replace("\tchain input", "\tchain extra {\n\t}\n\n\tchain input");
        assert_eq!(
            told(&deployed, &shape(&more, &["eth0"])),
            ["chain extra -[] +[all of it]"]
        );
        assert_eq!(
            told(&deployed, &shape(TEXT, &["eth9"])),
            ["elements of wan -[eth0] +[eth9]"]
        );
        assert_eq!(told(&deployed, &shape("", &[])).len(), 4);
        // The order of rules is part of what they mean.
        let turned = TEXT
            .replace("\t\tgoto refused\n", "")
            .replace("\t\tiifname", "\t\tgoto refused\n\t\tiifname");
        assert_eq!(told(&deployed, &shape(&turned, &["eth0"])).len(), 1);
    }
}
