//! What a rendered tree means for the directory that it goes to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files::{FormerHosts, Leavings, Wanted};
use crate::checks::Checked;
use crate::model::Shape;
use crate::render::{self, Tree};

/// Whether a file with this first line was written by `render` or `compile`.
pub(crate) fn is_ours(line: &str) -> bool {
    render::is_raw(line)
}

/// Which of the two trees of a fleet it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// NixOS modules.
    Modules,
    /// The files that programs read.
    Raw,
}

/// The files of `tree`, and where those of an earlier run may lie. In the directory of a fleet's modules that is every
/// host's, also those of hosts that have left it, but not what another profile was rendered to.
pub(crate) fn wanted<'a>(kind: Kind, tree: &'a Tree, checked: &Checked, profile: &str) -> Wanted<'a> {
    let of_host: BTreeSet<PathBuf> = match kind {
        Kind::Modules => render::paths().map(directory).collect(),
        Kind::Raw => render::raw_paths().map(directory).collect(),
    };
    let fleet = checked.fleet();
    let leavings = match fleet.shape {
        Shape::Host => Leavings {
            directories: of_host,
            hosts: None,
        },
        Shape::Fleet => Leavings {
            directories: fleet
                .hosts
                .keys()
                .flat_map(|host| of_host.iter().map(|below| Path::new(host.as_str()).join(below)))
                .collect(),
            hosts: (kind == Kind::Modules).then(|| former_hosts(profile, of_host)),
        },
    };
    Wanted {
        texts: tree.files().map(|(path, text)| (Path::new(path), text)).collect(),
        is_marked: is_ours,
        leavings,
    }
}

fn former_hosts(profile: &str, directories: BTreeSet<PathBuf>) -> FormerHosts {
    let from = format!(" from {profile}. ");
    FormerHosts {
        main: PathBuf::from(render::MAIN),
        is_of_fleet: Box::new(move |line| is_ours(line) && line.contains(&from)),
        directories,
    }
}

fn directory(path: &str) -> PathBuf {
    Path::new(path).parent().unwrap_or(Path::new("")).to_owned()
}
