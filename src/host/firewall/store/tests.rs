use super::*;
use crate::host::firewall::change::{GuardianKind, Reason, VERSION};
use crate::host::firewall::moment::{Moment, WallTime};

fn store() -> (tempfile::TempDir, Store) {
    let scratch = tempfile::tempdir().unwrap();
    let store = Store::at(&scratch.path().join("tailwright/firewall")).unwrap();
    store.create().unwrap();
    (scratch, store)
}

fn change(number: u32) -> Change {
    Change {
        version: VERSION,
        id: ChangeId::new(Moment::from_millis(1_000), number),
        table: "tailwright".to_owned(),
        had_table: true,
        removes_table: false,
        file: "/etc/zones.nft".into(),
        began: WallTime::from_unix(1),
        reverts: WallTime::from_unix(31),
        deadline: Moment::from_millis(31_000),
        guardian: GuardianKind::Processes,
        nft: "/sbin/nft".into(),
    }
}

fn staged(store: &Store, number: u32) -> Change {
    let change = change(number);
    store.stage(&change.id).unwrap();
    store.describe(&change).unwrap();
    change
}

#[test]
fn a_change_is_found_in_every_phase_with_what_is_noted_about_it() {
    let (_scratch, store) = store();
    let change = staged(&store, 1);
    assert_eq!(store.current().unwrap(), None);
    store.begin(&change.id).unwrap();
    let mut at = Phase::Staged;
    for next in [Phase::Armed, Phase::Loaded, Phase::Reverting, Phase::Reverted] {
        assert!(store.advance(&change.id, at, next).unwrap());
        assert!(!store.advance(&change.id, at, next).unwrap(), "only once");
        assert_eq!(store.phase(&change.id).unwrap(), Some(next));
        assert_eq!(store.current().unwrap(), Some((next, change.clone())));
        at = next;
    }
    let settled = Settled {
        at: WallTime::from_unix(40),
        reason: Reason::TimeOver,
    };
    assert_eq!(store.settled(&change.id), None);
    store.note_settled(&change.id, &settled);
    assert_eq!(store.settled(&change.id), Some(settled));
    store.note_trouble(&change.id, "no such interface");
    assert_eq!(store.trouble(&change.id).as_deref(), Some("no such interface"));
}

#[test]
fn a_new_change_forgets_the_ones_before_and_nothing_else() {
    let (_scratch, store) = store();
    let (first, second) = (staged(&store, 1), staged(&store, 2));
    store.advance(&first.id, Phase::Staged, Phase::Discarded).unwrap();
    for other in
        ["reverted-x", "reverted-../1-1", "other-1-1"].map(|name| store.directory().join(name.replace('/', "_")))
    {
        std::fs::create_dir(other).unwrap();
    }
    store.begin(&second.id).unwrap();
    assert_eq!(store.phase(&first.id).unwrap(), None);
    assert_eq!(store.change(&first.id).unwrap(), None);
    assert_eq!(store.phase(&second.id).unwrap(), Some(Phase::Staged));
    assert_eq!(std::fs::read_dir(store.directory()).unwrap().count(), 3 + 2);
    store.forget_one(&second.id);
    assert_eq!(store.current().unwrap(), None);
}

#[test]
fn one_loads_and_many_restore() {
    let (_scratch, store) = store();
    let loading = store.lock_loading().unwrap().expect("free");
    assert!(store.lock_loading().unwrap().is_none());
    let copy = loading.share().unwrap();
    drop(loading);
    assert!(store.lock_loading().unwrap().is_none(), "its copy is open");
    drop(copy);
    assert!(store.lock_loading().unwrap().is_some());

    assert!(store.is_quiet().unwrap());
    let one = store.share_restoring().unwrap().expect("shared");
    let other = store.share_restoring().unwrap().expect("shared");
    drop(one);
    assert!(!store.is_quiet().unwrap());
    drop(other);
    assert!(store.is_quiet().unwrap());
}

#[test]
fn a_directory_that_others_can_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let (_scratch, store) = store();
    let mode = std::fs::metadata(store.directory()).unwrap().mode();
    assert_eq!(mode & 0o777, 0o700);
    std::fs::set_permissions(store.directory(), std::fs::Permissions::from_mode(0o770)).unwrap();
    let said = Store::at(store.directory()).expect_err("open to a group").to_string();
    assert!(said.contains("nobody else"), "{said}");
    let file = store.directory().join("file");
    std::fs::write(&file, "").unwrap();
    assert!(Store::at(&file).is_err());
}

#[test]
fn what_was_damaged_is_told() {
    let (_scratch, store) = store();
    let change = staged(&store, 1);
    store.begin(&change.id).unwrap();
    std::fs::write(store.path(Phase::Staged, &change.id).join(CHANGE), "{").unwrap();
    assert!(store.current().unwrap_err().to_string().contains("change.json"));
    std::fs::write(store.directory().join(CURRENT), "\"../1-2\"").unwrap();
    assert!(store.current().unwrap_err().to_string().contains("current"));
}
