//! Every example, and every fixture of a finding that is no error, as rendered files in the hands of the programs that read
//! them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tailwright::render::{compare, is_generated};

use crate::examples::examples;
use crate::support::nix::{self, Nix};
use crate::support::rendered::Rendered;
use crate::support::{sysctl, units};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The profiles of findings that do not stand in the way of rendering.
fn fixtures() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/fixtures"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "nix"))
        .filter(|path| Rendered::of_file(path).is_ok())
        .collect();
    files.sort();
    assert!(files.len() > 5, "fixtures with nothing but warnings");
    files
}

fn example(path: &Path) -> Rendered {
    Rendered::of_file(path).unwrap_or_else(|report| panic!("{report}"))
}

#[test]
fn every_example_renders_to_its_golden_tree() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    let mut differences = Vec::new();
    for path in examples() {
        let name = path.parent().unwrap().file_name().unwrap();
        let golden = root().join("tests/golden").join(name);
        let rendered = example(&path);
        if overwrite {
            let _ = std::fs::remove_dir_all(&golden);
            for (file, text) in rendered.tree.files() {
                let file = golden.join(file);
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(file, text).unwrap();
            }
        }
        let mut expected = BTreeMap::new();
        collect(&golden, &golden, &mut expected);
        let expected = expected.into_iter().collect();
        for change in compare(&expected, &rendered.tree) {
            differences.push(format!("{}: {change:?}", name.display()));
        }
    }
    assert!(
        differences.is_empty(),
        "SNAPSHOTS=overwrite accepts these:\n{}",
        differences.join("\n")
    );
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_file_is_marked_and_formatted() {
    for path in examples().into_iter().chain(fixtures()) {
        for (file, text) in example(&path).tree.files() {
            let place = format!("{}: {file}", path.display());
            assert!(is_generated(text), "{place}");
            assert!(text.ends_with('\n') && !text.contains('\r'), "{place}");
            if Path::new(file).extension().is_some_and(|extension| extension == "nix") {
                assert_eq!(nix::formatted(text).as_deref(), Ok(text), "{place}");
            }
        }
    }
}

#[test]
fn every_file_parses_and_every_host_evaluates() {
    let Some(nix) = Nix::new() else { return };
    for path in examples().into_iter().chain(fixtures()) {
        let rendered = example(&path);
        let disk = rendered.on_disk();
        for (file, _) in rendered.tree.files() {
            if Path::new(file).extension().is_some_and(|extension| extension == "nix") {
                nix.parse(&disk.path().join(file))
                    .unwrap_or_else(|said| panic!("{}: {file}: {said}", path.display()));
            }
        }
        for folder in rendered.folders() {
            let evaluation = nix
                .record(&[&disk.path().join(folder)])
                .unwrap_or_else(|said| panic!("{}: {said}", path.display()));
            let place = path.display();
            units::verify(&units::of_config(&evaluation.config)).unwrap_or_else(|said| panic!("{place}: {said}"));
            let keys = evaluation.config["boot"]["kernel"]["sysctl"].as_object();
            for key in keys.into_iter().flat_map(serde_json::Map::keys) {
                sysctl::known(key).unwrap_or_else(|said| panic!("{place}: {said}"));
            }
        }
    }
}
