//! One of the two that are compared: a profile, or what was rendered.

use std::collections::BTreeMap;
use std::path::Path;

use super::table;
use crate::checks::Checked;
use crate::cli::failure::Failure;
use crate::cli::files::{self, FileError};
use crate::cli::input::Input;
use crate::cli::output::{self, Kind};
use crate::firewall::difference::Filter;
use crate::firewall::{self, Exposure};
use crate::model::Os;
use crate::render::{self, About, Facts, Tree};

/// One of the two that are compared.
pub(super) struct Side {
    /// Its name as the user gave it.
    pub(super) name: String,
    /// Its files.
    pub(super) tree: Tree,
    /// Its hosts by name, as far as they get a firewall from here.
    pub(super) hosts: BTreeMap<String, HostSide>,
    /// The profile, to point into.
    pub(super) input: Option<Input>,
}

/// A host of one side.
pub(super) struct HostSide {
    /// What its zones let in, `None` where it has none; or why that cannot be told.
    pub(super) exposure: Result<Option<Exposure>, String>,
    pub(super) facts: Facts,
}

impl HostSide {
    /// What stands before it, as far as that can be told.
    pub(super) fn filter(&self) -> Result<Filter<'_>, &str> {
        match &self.exposure {
            Ok(Some(exposure)) => Ok(Filter::Zones(exposure)),
            Ok(None) => Ok(Filter::NoZones),
            Err(why) => Err(why),
        }
    }
}

impl Side {
    /// Two profiles; `None` where one has errors. The files of both name the new one, so that its name is no difference.
    pub(super) fn of_profiles(old: Input, new: Input) -> Option<[Self; 2]> {
        let about = About::new(&new.file_name);
        let old = Self::of_profile(old, Kind::Modules, &about, &[Os::Nixos, Os::Linux])?;
        let new = Self::of_profile(new, Kind::Modules, &about, &[Os::Nixos, Os::Linux])?;
        Some([old, new])
    }

    /// A directory, and the profile that is to be rendered to it.
    pub(super) fn of_directory_and_profile(directory: &Path, profile: Input) -> Result<Option<[Self; 2]>, Failure> {
        files::check_directory(directory)?;
        let kind = kind_of(directory)?.unwrap_or(Kind::Modules);
        let about = About::new(&profile.file_name);
        let systems: &[Os] = match kind {
            Kind::Modules => &[Os::Nixos],
            Kind::Raw => &[Os::Nixos, Os::Linux],
        };
        let Some(new) = Self::of_profile(profile, kind, &about, systems) else {
            return Ok(None);
        };
        let Some(checked) = new.checked() else { return Ok(None) };
        let wanted = output::wanted(kind, &new.tree, checked, &about.profile);
        let old = files::read_tree(directory, &wanted)?;
        let old = old
            .into_iter()
            .map(|(path, text)| (path.to_string_lossy().into_owned(), text));
        let old = Self::of_tree(directory, old.collect(), kind);
        Ok(Some([old, new]))
    }

    /// A directory by itself.
    pub(super) fn of_directory(directory: &Path) -> Result<Self, Failure> {
        files::check_directory(directory)?;
        let Some(kind) = kind_of(directory)? else {
            let nothing = std::io::Error::other("nothing there was rendered by tailwright");
            return Err(FileError::of("read", directory)(nothing).into());
        };
        let mut found = files::read_known(directory, &paths(kind))?;
        // What belongs to no host of ours is somebody else's.
        let ours: Vec<String> = found
            .iter()
            .filter(|(_, text)| is_ours(text))
            .filter_map(|(path, _)| folder(path, kind))
            .collect();
        found.retain(|path, _| folder(path, kind).is_some_and(|folder| ours.contains(&folder)));
        Ok(Self::of_tree(directory, found.into_iter().collect(), kind))
    }

    fn checked(&self) -> Option<&Checked> {
        self.input.as_ref()?.checked.as_ref()
    }

    fn of_profile(input: Input, kind: Kind, about: &About, systems: &[Os]) -> Option<Self> {
        let checked = input.checked.as_ref()?;
        let hosts = checked.fleet().hosts.values().filter(|host| systems.contains(&host.os));
        let hosts = hosts.map(|host| {
            let side = HostSide {
                exposure: Ok(firewall::exposure(host)),
                facts: Facts::of(host),
            };
            (host.name.to_string(), side)
        });
        Some(Self {
            name: input.name.clone(),
            tree: match kind {
                Kind::Modules => render::render(checked, about),
                Kind::Raw => render::raw(checked, about),
            },
            hosts: hosts.collect(),
            input: Some(input),
        })
    }

    fn of_tree(directory: &Path, tree: Tree, kind: Kind) -> Self {
        let mut hosts = BTreeMap::new();
        for folder in tree.files().filter_map(|(path, _)| folder(path, kind)) {
            let facts = tree
                .get(&format!("{folder}{}", render::FACTS))
                .map(Facts::read)
                .unwrap_or_default();
            let name = match facts.value_of("host") {
                Some(name) => name.to_owned(),
                None => folder.trim_end_matches('/').to_owned(),
            };
            hosts.entry(name).or_insert_with(|| HostSide {
                exposure: table::read(&tree, &folder, kind).map(|ruleset| ruleset.map(|ruleset| ruleset.exposure())),
                facts,
            });
        }
        Self {
            name: directory.display().to_string(),
            tree,
            hosts,
            input: None,
        }
    }
}

fn paths(kind: Kind) -> Vec<&'static str> {
    match kind {
        Kind::Modules => render::paths().collect(),
        Kind::Raw => render::raw_paths().collect(),
    }
}

/// The host's folder that a path of ours lies in, with a slash at its end; empty for the root.
fn folder(path: &str, kind: Kind) -> Option<String> {
    let mut folders = paths(kind).into_iter().filter_map(|known| path.strip_suffix(known));
    let folder = folders.find(|folder| folder.is_empty() || folder.ends_with('/'))?;
    Some(folder.to_owned())
}

fn is_ours(text: &str) -> bool {
    output::is_ours(text.lines().next().unwrap_or_default())
}

/// What was written to a directory, if anything was.
fn kind_of(directory: &Path) -> Result<Option<Kind>, FileError> {
    for kind in [Kind::Modules, Kind::Raw] {
        let found = files::read_known(directory, &paths(kind))?;
        if found.values().any(|text| is_ours(text)) {
            return Ok(Some(kind));
        }
    }
    Ok(None)
}
