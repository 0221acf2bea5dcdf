//! A checked fleet becomes a tree of files: the modules of each host, and the reports on it. Two trees are compared by what
//! they mean first ([`compare`]), and line by line then.

mod change;
mod exposure;
mod facts;
mod marker;
mod raw;
mod tree;

pub use change::{Change, FileChange, compare};
pub use facts::{Facts, WayIn};
pub use marker::{About, is_generated};
pub use raw::{NFTABLES, is_raw, raw, raw_paths};
pub use tree::Tree;

use crate::checks::Checked;
use crate::model::{Host, Os, Shape};
use crate::nixos;

/// The file of a host's tree that brings in the others.
pub const MAIN: &str = nixos::DEFAULT;

/// The path of the report on who can reach what, within a host's tree.
pub const EXPOSURE: &str = "reports/exposure.txt";

/// The path of the module that has the zone firewall's table, within a host's tree.
pub const ZONES: &str = nixos::FIREWALL_ZONES;

/// The path of what the tree means, one fact a line, within a host's tree. [`compare`] reads it back.
pub const FACTS: &str = "reports/facts.txt";

/// The files of a fleet. Those of a host profile stand at the tree's root; of a fleet, each host has a folder of its name.
/// A host that does not run NixOS has none, and a note says so.
pub fn render(checked: &Checked, about: &About) -> Tree {
    let fleet = checked.fleet();
    let mut tree = Tree::default();
    for (name, files) in fleet.each(|host| (host.os == Os::Nixos).then(|| files(host, about))) {
        let folder = match fleet.shape {
            Shape::Host => String::new(),
            Shape::Fleet => format!("{name}/"),
        };
        let Some(files) = files else {
            tree.note(format!("{name} does not run NixOS: nothing is rendered for it"));
            continue;
        };
        for (path, text) in files {
            tree.insert(format!("{folder}{path}"), text);
        }
    }
    tree
}

/// Every path that a host's tree can have.
pub fn paths() -> impl Iterator<Item = &'static str> {
    nixos::paths().chain([EXPOSURE, FACTS])
}

fn files(host: &Host, about: &About) -> Vec<(&'static str, String)> {
    let marker = marker::line(about);
    let mut files: Vec<(&'static str, String)> = nixos::modules(host)
        .into_iter()
        .map(|(path, mut module)| {
            module.header = format!("{marker}\n\n{}", module.header);
            (path, module.to_string())
        })
        .collect();
    files.push((EXPOSURE, exposure::report(host, &marker)));
    files.push((FACTS, Facts::of(host).text(&marker)));
    files
}

#[cfg(test)]
mod tests;
