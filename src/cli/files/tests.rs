//! Trees written both ways: what changes, what does not, and what is refused.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use super::*;

const MARK: &str = "# ours";

pub(super) fn is_marked(line: &str) -> bool {
    line == MARK
}

/// A directory of the test's own, with OUT in it.
pub(super) struct Place(tempfile::TempDir);

impl Place {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn out(&self) -> PathBuf {
        self.0.path().join("out")
    }

    pub(super) fn put(&self, path: &str, text: &str) -> PathBuf {
        let path = self.out().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn put_all(&self, paths: &[&str]) {
        for path in paths {
            self.put(path, "mine");
        }
    }

    /// What stands beside OUT.
    pub(super) fn beside(&self) -> Vec<String> {
        names(self.0.path())
    }

    /// Every file below OUT with its text; links with where they lead.
    pub(super) fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        collect(&self.out(), "", &mut files);
        files
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn collect(dir: &Path, below: &str, files: &mut BTreeMap<String, String>) {
    for name in names(dir) {
        let path = dir.join(&name);
        let shown = format!("{below}{name}");
        let kind = fs::symlink_metadata(&path).unwrap().file_type();
        if kind.is_dir() {
            collect(&path, &format!("{shown}/"), files);
        } else if kind.is_symlink() {
            files.insert(shown, format!("-> {}", fs::read_link(&path).unwrap().display()));
        } else {
            files.insert(shown, fs::read_to_string(&path).unwrap());
        }
    }
}

/// Texts by path, each under our first line.
pub(super) fn texts(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter()
        .map(|(path, text)| ((*path).to_owned(), format!("{MARK}\n{text}\n")))
        .collect()
}

pub(super) fn wanted(texts: &BTreeMap<String, String>) -> Wanted<'_> {
    Wanted {
        texts: texts
            .iter()
            .map(|(path, text)| (Path::new(path), text.as_str()))
            .collect(),
        is_marked,
        leavings: Leavings {
            directories: ["", "modules", "modules/a", "modules/b/c", "reports"]
                .map(PathBuf::from)
                .into(),
            hosts: None,
        },
    }
}

fn write(place: &Place, of: &BTreeMap<String, String>) -> Changes {
    write_tree(&place.out(), &wanted(of), Committer::Here).unwrap()
}

fn inode(path: &Path) -> u64 {
    fs::symlink_metadata(path).unwrap().ino()
}

/// The tree before and after most tests: one file changes, one stays, one goes, one comes, and a directory each goes and
/// comes.
pub(super) fn old() -> BTreeMap<String, String> {
    texts(&[
        ("default.nix", "old"),
        ("modules/a/kept.nix", "same"),
        ("modules/a/gone.nix", "x"),
        ("reports/gone.txt", "x"),
    ])
}

pub(super) fn new() -> BTreeMap<String, String> {
    texts(&[
        ("default.nix", "new, and longer"),
        ("modules/a/kept.nix", "same"),
        ("modules/a/come.nix", "y"),
        ("modules/b/c/come.nix", "y"),
    ])
}

/// Both ways; a directory of somebody else's is what keeps OUT from being exchanged.
const WAYS: [(&str, &[&str]); 2] = [("exchange", &["notes.md"]), ("journal", &["notes.md", ".git/HEAD"])];

#[test]
fn a_tree_comes_to_be_with_the_directories_around_it() {
    let place = Place::new();
    let out = place.out().join("deep/er");
    let changes = write_tree(&out, &wanted(&new()), Committer::Here).unwrap();
    assert_eq!(changes.added.len(), 4);
    assert!(changes.changed.is_empty() && changes.removed.is_empty());
    assert_eq!(names(out.parent().unwrap()), ["er"], "nothing is left beside it");
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let plain = place.put("plain", "");
    assert_eq!(
        mode(out.join("default.nix")),
        mode(plain),
        "as any program makes a file"
    );
    assert_eq!(
        mode(out.join("modules")),
        mode(place.out()),
        "as any program makes a directory"
    );
}

#[test]
fn what_is_as_wanted_is_not_touched() {
    let place = Place::new();
    write(&place, &new());
    let seen = |place: &Place| {
        let of = |path: &Path| {
            let metadata = fs::metadata(path).unwrap();
            (metadata.ino(), metadata.mtime_nsec(), metadata.ctime_nsec())
        };
        (of(&place.out()), of(&place.out().join("modules/a/kept.nix")))
    };
    let before = seen(&place);
    assert!(write(&place, &new()).is_empty());
    assert!(compare_tree(&place.out(), &wanted(&new())).unwrap().is_empty());
    assert_eq!(seen(&place), before);
}

#[test]
fn one_tree_follows_another() {
    for (way, foreign) in WAYS {
        let place = Place::new();
        write(&place, &old());
        fs::set_permissions(place.out().join("default.nix"), fs::Permissions::from_mode(0o640)).unwrap();
        let foreign: Vec<_> = foreign.iter().map(|path| place.put(path, "mine")).collect();
        let link = place.out().join("modules/link");
        symlink("/nowhere", &link).unwrap();
        let kept = place.out().join("modules/a/kept.nix");
        let before: Vec<u64> = foreign.iter().chain([&kept, &link]).map(|path| inode(path)).collect();
        let root = inode(&place.out());

        let expected = compare_tree(&place.out(), &wanted(&new())).unwrap();
        let changes = write(&place, &new());
        assert_eq!(changes, expected, "{way}");
        assert_eq!(
            changes.added,
            ["modules/a/come.nix", "modules/b/c/come.nix"].map(PathBuf::from)
        );
        assert_eq!(changes.changed, ["default.nix"].map(PathBuf::from));
        assert_eq!(
            changes.removed,
            ["modules/a/gone.nix", "reports/gone.txt"].map(PathBuf::from)
        );

        let mut files = place.files();
        for path in &foreign {
            let path = path.strip_prefix(place.out()).unwrap().to_str().unwrap();
            assert_eq!(files.remove(path).as_deref(), Some("mine"), "{way}: {path}");
        }
        assert_eq!(files.remove("modules/link").as_deref(), Some("-> /nowhere"));
        assert_eq!(files, new(), "{way}");
        assert_eq!(place.beside(), ["out"], "{way}: no litter");
        assert!(
            !place.out().join("reports").exists(),
            "{way}: a directory that we emptied goes"
        );
        let after: Vec<u64> = foreign.iter().chain([&kept, &link]).map(|path| inode(path)).collect();
        assert_eq!(after, before, "{way}: the same files, not copies");
        assert_eq!(inode(&place.out()) == root, way == "journal", "{way} was taken");
        let mode = fs::metadata(place.out().join("default.nix"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o640, "{way}: the mode of a changed file stays");
    }
}

#[test]
fn a_single_change_needs_no_journal() {
    let place = Place::new();
    place.put(".git/HEAD", "mine");
    write(&place, &old());
    let mut one = old();
    one.insert("default.nix".to_owned(), format!("{MARK}\nother\n"));
    write(&place, &one);
    one.insert(".git/HEAD".to_owned(), "mine".to_owned());
    assert_eq!(place.files(), one);
}

/// Puts something in the way.
type Obstruct<'a> = &'a dyn Fn(&Place);

#[test]
fn what_is_not_ours_is_in_the_way_and_nothing_changes() {
    let elsewhere = tempfile::tempdir().unwrap();
    let cases: [(&str, Obstruct, &str); 6] = [
        (
            "a file without the mark",
            &|place| drop(place.put("default.nix", "mine")),
            "was not generated",
        ),
        (
            "a link to a file",
            &|place| {
                fs::write(elsewhere.path().join("target"), format!("{MARK}\n")).unwrap();
                symlink(elsewhere.path().join("target"), place.out().join("modules/a/come.nix")).unwrap();
            },
            "symbolic link",
        ),
        (
            "a link to nothing",
            &|place| symlink("/nowhere", place.out().join("modules/b")).unwrap(),
            "symbolic link",
        ),
        (
            "a link to a directory",
            &|place| symlink(elsewhere.path(), place.out().join("modules/b")).unwrap(),
            "symbolic link",
        ),
        (
            "a directory",
            &|place| drop(place.put("modules/a/come.nix/x", "mine")),
            "is a directory",
        ),
        (
            "a file for a directory",
            &|place| drop(place.put("modules/b", "mine")),
            "no directory",
        ),
    ];
    for (what, obstruct, reason) in cases {
        for (way, foreign) in WAYS {
            let place = Place::new();
            write(&place, &old());
            place.put_all(foreign);
            obstruct(&place);
            let before = place.files();
            let error = write_tree(&place.out(), &wanted(&new()), Committer::Here).unwrap_err();
            let said = error.to_string();
            assert!(
                said.contains(reason) && said.contains("nothing was changed"),
                "{what}: {said}"
            );
            assert!(matches!(error, FileError::Refused(_)), "{what}");
            assert_eq!(place.files(), before, "{what}, {way}");
            assert_eq!(place.beside(), ["out"]);
            assert!(
                compare_tree(&place.out(), &wanted(&new())).is_err(),
                "{what}: and it is seen by comparing"
            );
        }
    }
    assert!(names(elsewhere.path()).len() <= 1, "nothing was written through a link");
}

#[test]
fn all_that_is_in_the_way_is_said_at_once() {
    let place = Place::new();
    place.put("default.nix", "mine");
    place.put("modules/b", "mine");
    let said = write_tree(&place.out(), &wanted(&new()), Committer::Here)
        .unwrap_err()
        .to_string();
    assert!(
        said.contains("out/default.nix was not") && said.contains("out/modules/b is no"),
        "{said}"
    );
}

#[test]
fn a_marked_file_where_we_never_write_is_not_ours() {
    let place = Place::new();
    let copy = place.put("mine/copy.nix", &format!("{MARK}\n"));
    write(&place, &new());
    write(&place, &old());
    assert!(copy.exists());
}

#[test]
fn the_named_directory_may_be_a_link_but_not_to_nothing() {
    let place = Place::new();
    write(&place, &old());
    let link = place.0.path().join("link");
    symlink("out", &link).unwrap();
    write_tree(&link, &wanted(&new()), Committer::Here).unwrap();
    assert_eq!(place.files(), new());
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    let nowhere = place.0.path().join("nowhere");
    symlink("missing", &nowhere).unwrap();
    let said = write_tree(&nowhere, &wanted(&new()), Committer::Here)
        .unwrap_err()
        .to_string();
    assert!(said.contains("leads nowhere"), "{said}");
}

#[test]
fn a_directory_that_a_failed_run_made_goes_again() {
    let place = Place::new();
    place.put("file", "mine");
    let out = place.out().join("a/b");
    let long = "x".repeat(300);
    let impossible = texts(&[("default.nix", "x"), (&long, "x")]);
    write_tree(&out, &wanted(&impossible), Committer::Here).unwrap_err();
    assert_eq!(names(&place.out()), ["file"]);
    for (way, foreign) in WAYS {
        place.put_all(foreign);
        let before = place.files();
        write_tree(&place.out(), &wanted(&impossible), Committer::Here).unwrap_err();
        assert_eq!(place.files(), before, "{way}");
        assert_eq!(place.beside(), ["out"], "{way}");
    }
}

#[test]
fn former_hosts_of_this_fleet_go_and_other_directories_stay() {
    let place = Place::new();
    let fleet = |line: &str| format!("{MARK}\n{line}\n");
    place.put("gone/default.nix", &fleet("x"));
    place.put("default.nix", &fleet("x"));
    place.put("gone/modules/a.nix", &fleet("x"));
    place.put("gone/mine.txt", "mine");
    place.put("other/default.nix", "# of another fleet\n");
    place.put("other/modules/a.nix", &fleet("x"));
    let of = BTreeMap::from([("kept/default.nix".to_owned(), fleet("x"))]);
    let mut wanted = wanted(&of);
    wanted.leavings = Leavings {
        directories: ["kept"].map(PathBuf::from).into(),
        hosts: Some(FormerHosts {
            main: PathBuf::from("default.nix"),
            is_of_fleet: Box::new(is_marked),
            directories: ["", "modules"].map(PathBuf::from).into(),
        }),
    };
    let changes = write_tree(&place.out(), &wanted, Committer::Here).unwrap();
    assert_eq!(
        changes.removed,
        ["default.nix", "gone/default.nix", "gone/modules/a.nix"].map(PathBuf::from)
    );
    let left: Vec<_> = place.files().into_keys().collect();
    assert_eq!(
        left,
        [
            "gone/mine.txt",
            "kept/default.nix",
            "other/default.nix",
            "other/modules/a.nix"
        ]
    );
}

#[test]
fn what_is_read_is_ours_and_what_stands_in_our_places() {
    let place = Place::new();
    write(&place, &old());
    place.put("default.nix", "edited");
    place.put("notes.md", "mine");
    let mut expected = old();
    expected.insert("default.nix".to_owned(), "edited".to_owned());
    let read = read_tree(&place.out(), &wanted(&new())).unwrap();
    let read: BTreeMap<_, _> = read
        .into_iter()
        .map(|(path, text)| (path.display().to_string(), text))
        .collect();
    assert_eq!(read, expected);
    assert!(
        read_tree(&place.out().join("missing"), &wanted(&new()))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn runs_on_the_same_directory_wait_for_each_other() {
    for (way, foreign) in WAYS {
        let place = Place::new();
        place.put_all(foreign);
        std::thread::scope(|scope| {
            for number in 0..8 {
                let out = place.out();
                scope.spawn(move || {
                    for turn in 0..10 {
                        let of = if (number + turn) % 2 == 0 { old() } else { new() };
                        write_tree(&out, &wanted(&of), Committer::Here).unwrap();
                    }
                });
            }
        });
        let mut files = place.files();
        files.retain(|path, _| !foreign.contains(&path.as_str()));
        assert!(files == old() || files == new(), "{way}: {files:#?}");
        assert_eq!(place.beside(), ["out"], "{way}");
    }
}
