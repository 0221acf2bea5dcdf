//! What a journal answers for when it is interrupted at any of its steps.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt;

use super::super::tests::{Place as Scratch, is_marked, new, old, texts, wanted};
use super::super::write_tree;
use super::*;

/// OUT with the old tree and somebody's directory, and everything that is new beside it, up to the journal.
fn prepared() -> (Scratch, Dir, Dir, Journal) {
    let scratch = Scratch::new();
    scratch.put(".git/HEAD", "mine");
    write_tree(&scratch.out(), &wanted(&old()), Committer::Here).unwrap();
    let dir = Dir::open(&scratch.out()).unwrap();
    let new = new();
    let wanted = wanted(&new);
    let survey = Survey::of(&dir, &scratch.out(), &wanted).unwrap();
    let folder = dir.make_dir(Path::new(FOLDER), Mode::RWXU).unwrap();
    let journal = Journal::prepare(&dir, &folder, &scratch.out(), &survey, &wanted).unwrap();
    (scratch, dir, folder, journal)
}

fn ours(scratch: &Scratch) -> BTreeMap<String, String> {
    let mut files = scratch.files();
    assert_eq!(files.remove(".git/HEAD").as_deref(), Some("mine"));
    files
}

#[test]
fn whatever_step_it_ends_at_the_next_run_takes_the_rest() {
    let steps = prepared().3.moves.len();
    assert_eq!(
        steps, 5,
        "a changed file, one that comes, a directory that comes, two that go"
    );
    for taken in 0..=steps {
        let (scratch, dir, folder, journal) = prepared();
        for step in &journal.moves[..taken] {
            Place::of(&dir, &folder, step).unwrap().forward(is_marked).unwrap();
        }
        recover(&dir, &scratch.out(), is_marked).unwrap();
        assert_eq!(ours(&scratch), new(), "after {taken} steps");
        assert!(!scratch.out().join("reports").exists());
    }
}

#[test]
fn whatever_step_fails_all_are_taken_back() {
    let steps = prepared().3.moves.len();
    for taken in 0..=steps {
        let (scratch, dir, folder, journal) = prepared();
        for step in &journal.moves[..taken] {
            Place::of(&dir, &folder, step).unwrap().forward(is_marked).unwrap();
        }
        for step in journal
            .moves
            .iter()
            .rev()
            .filter(|step| step.is_taken(&folder).unwrap())
        {
            Place::of(&dir, &folder, step).unwrap().back().unwrap();
        }
        journal.conclude(&dir, &folder, false).unwrap();
        assert_eq!(ours(&scratch), old(), "after {taken} steps");
    }
}

#[test]
fn where_files_cannot_be_exchanged_the_old_one_steps_aside() {
    let aside = |dir: &Dir, folder: &Dir, journal: &Journal| {
        let step = journal
            .moves
            .iter()
            .find(|step| step.new.is_some() && step.old.is_some())
            .unwrap();
        let place = Place::of(dir, folder, step).unwrap();
        place.around.move_to(place.name, folder, &spare(&step.slot)).unwrap();
        (step.slot.clone(), step.path.clone())
    };
    let (scratch, dir, folder, journal) = prepared();
    aside(&dir, &folder, &journal);
    recover(&dir, &scratch.out(), is_marked).unwrap();
    assert_eq!(ours(&scratch), new(), "killed between the two renames");

    for is_moved_in in [false, true] {
        let (scratch, dir, folder, journal) = prepared();
        let (slot, path) = aside(&dir, &folder, &journal);
        if is_moved_in {
            folder.move_to(&slot, &dir, &path).unwrap();
        }
        let step = journal.moves.iter().find(|step| step.slot == slot).unwrap();
        assert!(step.is_taken(&folder).unwrap());
        Place::of(&dir, &folder, step).unwrap().back().unwrap();
        journal.conclude(&dir, &folder, false).unwrap();
        assert_eq!(ours(&scratch), old());
    }
}

#[test]
fn what_somebody_put_there_meanwhile_stays_and_everything_is_taken_back() {
    let (scratch, dir, folder, journal) = prepared();
    scratch.put("modules/b", "mine");
    let finished = journal.finish(&dir, &folder, is_marked).unwrap();
    let said = finished.into_result().unwrap_err().to_string();
    assert!(said.contains("modules/b was put there meanwhile"), "{said}");
    let mut files = ours(&scratch);
    assert_eq!(files.remove("modules/b").as_deref(), Some("mine"));
    assert_eq!(files, old());
}

#[test]
fn a_file_that_was_restored_meanwhile_stays() {
    let (scratch, dir, folder, journal) = prepared();
    Place::of(&dir, &folder, &journal.moves[0])
        .unwrap()
        .forward(is_marked)
        .unwrap();
    let changed = scratch.out().join(&journal.moves[0].path);
    let inode = fs::metadata(&changed).unwrap().ino();
    // As a version control system does it.
    let restored = scratch.put("restored", &texts(&[("x", "older")])["x"]);
    fs::rename(restored, &changed).unwrap();
    assert_ne!(fs::metadata(&changed).unwrap().ino(), inode);
    recover(&dir, &scratch.out(), is_marked).unwrap();
    let mut expected = old();
    expected.extend(texts(&[("default.nix", "older")]));
    assert_eq!(ours(&scratch), expected);
}

#[test]
fn staging_without_a_journal_is_cleared_away() {
    let (scratch, dir, folder, _) = prepared();
    folder.remove(Path::new(JOURNAL)).unwrap();
    folder.write(Path::new(DRAFT), b"{\"mo").unwrap();
    recover(&dir, &scratch.out(), is_marked).unwrap();
    assert_eq!(ours(&scratch), old());
}

#[test]
fn somebody_elses_directory_of_that_name_is_left_alone() {
    for (path, text) in [(FOLDER.to_owned(), "mine"), (format!("{FOLDER}/notes"), "mine")] {
        let scratch = Scratch::new();
        scratch.put(".git/HEAD", "mine");
        let theirs = scratch.put(&path, text);
        let said = write_tree(&scratch.out(), &wanted(&new()), Committer::Here)
            .unwrap_err()
            .to_string();
        assert!(said.contains("is not what an interrupted run leaves"), "{said}");
        assert_eq!(fs::read_to_string(theirs).unwrap(), "mine");
    }
}

#[test]
fn a_process_that_does_not_start_or_is_killed_is_stood_in_for() {
    for (program, arguments) in [
        ("/nonexistent", &[][..] as &'static [&'static str]),
        ("/bin/sh", &["-c", "kill -9 $$"]),
    ] {
        let scratch = Scratch::new();
        scratch.put(".git/HEAD", "mine");
        write_tree(&scratch.out(), &wanted(&old()), Committer::Here).unwrap();
        let committer = Committer::Program { program, arguments };
        write_tree(&scratch.out(), &wanted(&new()), committer).unwrap();
        assert_eq!(ours(&scratch), new(), "{program}");
    }
}
