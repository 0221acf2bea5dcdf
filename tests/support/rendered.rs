//! Profiles as the trees that they are rendered to, in memory and on disk.

use std::fs;
use std::path::Path;

use tailwright::checks;
use tailwright::diagnostic::{Report, human};
use tailwright::model::{Fleet, Shape, SopsFile};
use tailwright::profile::{Opened, load};
use tailwright::render::{About, Tree, render};

use super::scratch::Scratch;

/// A profile and its tree.
pub struct Rendered {
    /// The model.
    pub fleet: Fleet,
    /// The files.
    pub tree: Tree,
}

impl Rendered {
    /// Renders the profile in a file. `Err` with the report where it has errors.
    pub fn of_file(path: &Path) -> Result<Self, String> {
        let name = path.file_name().expect("a file").to_string_lossy();
        Self::new(
            &name,
            &fs::read(path).expect("a profile"),
            path.parent().unwrap_or(path),
        )
    }

    /// Renders a profile in the Nix notation; it must have no errors.
    pub fn of(text: &str) -> Self {
        Self::new("host.nix", text.as_bytes(), Path::new("/nonexistent")).unwrap_or_else(|report| panic!("{report}"))
    }

    /// `Err` with the report where the profile has errors.
    pub fn new(name: &str, bytes: &[u8], folder: &Path) -> Result<Self, String> {
        let mut profile = load(name, bytes, None, &mut |other| {
            let bytes = fs::read(folder.join(other)).map_err(|error| error.to_string())?;
            Ok(Opened {
                name: other.to_owned(),
                bytes,
            })
        });
        let mut findings = std::mem::take(&mut profile.findings);
        let checked = profile.fleet.take().and_then(|fleet| checks::run(fleet, &mut findings));
        let Some(checked) = checked else {
            let report = Report::new(&findings, profile.sources.clone(), |place| profile.locate(place));
            let mut out = Vec::new();
            human(&report, false, &mut out).expect("memory");
            return Err(String::from_utf8_lossy(&out).into_owned());
        };
        Ok(Self {
            tree: render(&checked, &About::new(name)),
            fleet: checked.fleet().clone(),
        })
    }

    /// The files on disk, with the encrypted files beside them that they name.
    pub fn on_disk(&self) -> Scratch {
        let scratch = Scratch::new();
        for (path, text) in self.tree.files() {
            scratch.write(path, text);
        }
        for (name, host) in &self.fleet.hosts {
            if let Some(SopsFile::InTree(path)) = &host.secrets.sops_file {
                let folder = match self.fleet.shape {
                    Shape::Host => String::new(),
                    Shape::Fleet => format!("{name}/"),
                };
                scratch.write(format!("{folder}{path}"), "sops: {}\n");
            }
        }
        scratch
    }

    /// The folders of hosts that have files: the tree's root for a host profile.
    pub fn folders(&self) -> Vec<String> {
        self.tree
            .files()
            .filter_map(|(path, _)| path.strip_suffix("default.nix"))
            .map(str::to_owned)
            .collect()
    }
}
