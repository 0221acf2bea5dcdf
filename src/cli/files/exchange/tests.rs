//! What a run leaves that was killed before or after the exchange.

use std::os::unix::fs::MetadataExt;

use super::super::tests::{Place, new, old, wanted};
use super::super::{Committer, write_tree};
use super::*;

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// The staging directory with `tree` in it and a state that says which tree was staged.
fn stage(place: &Place, staged: &Path, foreign: &[&str]) -> PathBuf {
    let staging = place.out().with_file_name(".out.tailwright");
    let state = State {
        staged: inode(staged),
        directories: ["", "modules", "modules/a"].map(PathBuf::from).into(),
        foreign: foreign
            .iter()
            .map(|path| (PathBuf::from(path), inode(&place.out().join(path))))
            .collect(),
    };
    fs::write(staging.join(STATE), serde_json::to_vec(&state).unwrap()).unwrap();
    staging
}

fn write(place: &Place) {
    write_tree(&place.out(), &wanted(&new()), Committer::Here).unwrap();
}

#[test]
fn a_tree_that_was_only_staged_is_cleared_away() {
    let place = Place::new();
    write_tree(&place.out(), &wanted(&old()), Committer::Here).unwrap();
    place.put("notes.md", "mine");
    let tree = place.out().with_file_name(".out.tailwright").join(TREE);
    fs::create_dir_all(tree.join("modules/a")).unwrap();
    fs::hard_link(place.out().join("notes.md"), tree.join("notes.md")).unwrap();
    fs::write(tree.join("modules/a/half.nix"), "half").unwrap();
    stage(&place, &tree, &["notes.md"]);
    // He has no more use for it; the link in the staged tree must not bring it back.
    fs::remove_file(place.out().join("notes.md")).unwrap();
    write(&place);
    assert_eq!(place.files(), new());
    assert_eq!(place.beside(), ["out"]);
}

#[test]
fn a_staging_directory_without_a_state_is_cleared_away() {
    let place = Place::new();
    fs::create_dir_all(place.out().with_file_name(".out.tailwright").join(TREE)).unwrap();
    write(&place);
    fs::create_dir(place.out().with_file_name(".out.tailwright")).unwrap();
    fs::write(place.out().with_file_name(".out.tailwright").join(STATE), "{\"sta").unwrap();
    write_tree(&place.out(), &wanted(&old()), Committer::Here).unwrap();
    assert_eq!((place.files(), place.beside()), (old(), vec!["out".to_owned()]));
}

#[test]
fn after_the_exchange_what_came_into_the_old_tree_meanwhile_is_carried_over() {
    let place = Place::new();
    write(&place);
    for path in ["same.md", "modules/same.md", "changed.md", "both.md"] {
        place.put(path, "mine");
    }
    let tree = place.out().with_file_name(".out.tailwright").join(TREE);
    fs::create_dir_all(tree.join("modules/a")).unwrap();
    for path in ["same.md", "modules/same.md"] {
        fs::hard_link(place.out().join(path), tree.join(path)).unwrap();
    }
    let ours = fs::read(place.out().join("default.nix")).unwrap();
    fs::write(tree.join("default.nix"), &ours).unwrap();
    fs::write(tree.join("modules/a/gone.nix"), &ours).unwrap();
    let staging = stage(
        &place,
        &place.out(),
        &["same.md", "modules/same.md", "changed.md", "both.md"],
    );
    // Between the linking and the exchange:
    fs::write(tree.join("appeared.md"), "appeared").unwrap();
    fs::create_dir(tree.join("modules/dir")).unwrap();
    fs::write(tree.join("modules/dir/appeared.md"), "appeared").unwrap();
    fs::write(tree.join("changed.md"), "changed").unwrap();

    write(&place);
    let mut expected = new();
    for (path, text) in [
        ("same.md", "mine"),
        ("modules/same.md", "mine"),
        ("appeared.md", "appeared"),
        ("modules/dir/appeared.md", "appeared"),
        ("changed.md", "changed"),
        ("both.md", "mine"),
    ] {
        expected.insert(path.to_owned(), text.to_owned());
    }
    assert_eq!(place.files(), expected);
    assert!(!staging.exists());
}

#[test]
fn what_changed_in_both_trees_is_kept_in_both() {
    let place = Place::new();
    write(&place);
    place.put("both.md", "first");
    let tree = place.out().with_file_name(".out.tailwright").join(TREE);
    fs::create_dir_all(&tree).unwrap();
    stage(&place, &place.out(), &["both.md"]);
    fs::write(tree.join("both.md"), "before the exchange").unwrap();
    let after = place.put("after", "after the exchange");
    fs::rename(after, place.out().join("both.md")).unwrap();
    let said = write_tree(&place.out(), &wanted(&new()), Committer::Here)
        .unwrap_err()
        .to_string();
    assert!(
        said.contains(".out.tailwright") && said.contains("both.md changed"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(tree.join("both.md")).unwrap(), "before the exchange");
    assert_eq!(
        fs::read_to_string(place.out().join("both.md")).unwrap(),
        "after the exchange"
    );
}

#[test]
fn somebody_elses_file_of_the_staging_name_is_left_alone() {
    for is_dir in [false, true] {
        let place = Place::new();
        let mut theirs = place.out().with_file_name(".out.tailwright");
        if is_dir {
            fs::create_dir(&theirs).unwrap();
            theirs = theirs.join("notes");
        }
        fs::write(&theirs, "mine").unwrap();
        let said = write_tree(&place.out(), &wanted(&new()), Committer::Here)
            .unwrap_err()
            .to_string();
        assert!(said.contains("is not what an interrupted run leaves"), "{said}");
        assert_eq!(fs::read_to_string(theirs).unwrap(), "mine");
    }
}
