//! What a rendered tree means for the directory that it goes to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files::{Committer, FormerHosts, Leavings, Wanted};
use crate::checks::Checked;
use crate::model::Shape;
use crate::render::{self, Tree};

/// The process that carries a commit out is this program under a hidden command.
pub(crate) const COMMITTER: Committer = Committer::Program {
    program: "/proc/self/exe",
    arguments: &["finish-commit"],
};

/// Whether a file with this first line was written by us.
pub(crate) fn is_ours(line: &str) -> bool {
    render::is_generated(line)
}

/// The files of `tree`, and where those of an earlier render may lie. In a fleet's directory that is every host's, also
/// those of hosts that have left it, but not what another profile was rendered to.
pub(crate) fn wanted<'a>(tree: &'a Tree, checked: &Checked, profile: &str) -> Wanted<'a> {
    let of_host: BTreeSet<PathBuf> = render::paths().map(|path| directory(Path::new(path))).collect();
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
            hosts: Some(FormerHosts {
                main: PathBuf::from(render::MAIN),
                is_of_fleet: {
                    let from = format!(" from {profile}. ");
                    Box::new(move |line| is_ours(line) && line.contains(&from))
                },
                directories: of_host,
            }),
        },
    };
    Wanted {
        texts: tree.files().map(|(path, text)| (Path::new(path), text)).collect(),
        is_marked: is_ours,
        leavings,
    }
}

fn directory(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}
