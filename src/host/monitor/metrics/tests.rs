use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::textfile::Textfile;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn the_file_is_whole_readable_and_gone_at_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a.prom");
    let mut file = Textfile::at(&path.to_str().unwrap().parse().unwrap());
    file.write("one 1\n").unwrap();
    let former = std::fs::File::open(&path).unwrap();
    file.write("two 2\n").unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "two 2\n");
    // Whoever had the former one open reads that to its end.
    assert_eq!(std::io::read_to_string(former).unwrap(), "one 1\n");
    assert_eq!(mode(&path), 0o644);
    drop(file);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn a_link_that_somebody_put_there_is_not_followed() {
    let directory = tempfile::tempdir().unwrap();
    let victim = directory.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    for name in [".a.prom.new", "a.prom"] {
        symlink(&victim, directory.path().join(name)).unwrap();
    }
    let path = directory.path().join("a.prom");
    let mut file = Textfile::at(&path.to_str().unwrap().parse().unwrap());
    file.write("one 1\n").unwrap();
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    assert!(!std::fs::symlink_metadata(&path).unwrap().is_symlink());
}

#[test]
fn what_does_not_work_is_said_once() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("missing/a.prom");
    let mut file = Textfile::at(&path.to_str().unwrap().parse().unwrap());
    let said = file.write("one 1\n").unwrap_err();
    assert!(
        said.contains("missing/a.prom") && said.contains("No such file"),
        "{said}"
    );
    assert_eq!(file.write("one 1\n"), Ok(()));
    std::fs::create_dir(directory.path().join("missing")).unwrap();
    file.write("one 1\n").unwrap();
    std::fs::remove_dir_all(directory.path().join("missing")).unwrap();
    file.write("one 1\n").unwrap_err();
}
