//! A tree is written whole or not at all: killed at any moment, on a full disk, where nothing may be written.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};

use super::HOST;
use crate::support::left_out;
use crate::support::run::{Ended, Files, Place, TAILWRIGHT, files};
use crate::support::tool;

/// Two profiles that differ in most of their files, and in which files they have.
fn profiles(place: &Place) {
    place.write("one.nix", HOST);
    let other = HOST
        .replace("name = \"small\"", "name = \"other\"")
        .replace("tag:server", "tag:other")
        .replace(
            "network.tuning.profile = \"router\";",
            "network.qos.limits.tailscale0 = { rate = \"10mbit\"; };",
        );
    place.write("two.nix", other);
    for (profile, out) in [("one.nix", "expected-one"), ("two.nix", "expected-two")] {
        place.tailwright(&["render", profile, "--out", out]).status(0);
    }
}

/// What each profile's tree is.
fn expected(place: &Place) -> [Files; 2] {
    let [one, two] = ["expected-one", "expected-two"].map(|out| place.files(out));
    assert!(one.keys().ne(two.keys()), "files come and go");
    let changed = one
        .iter()
        .filter(|(path, text)| two.get(*path).is_some_and(|other| other != *text));
    assert!(changed.count() >= 4, "and change");
    [one, two]
}

/// The ways to write a tree; see `src/cli/files`. A directory of somebody else's rules the exchange out.
const WAYS: [(&str, &[&str]); 2] = [
    ("exchange", &["out/README.md", "out/modules/mine.nix"]),
    ("journal", &["out/README.md", "out/modules/mine.nix", "out/.git/HEAD"]),
];

/// OUT as somebody sees it who knows what he put there himself.
fn rendered(out: &Path, theirs: &[&str]) -> Files {
    let mut found = files(out);
    for path in theirs {
        let path = path.trim_start_matches("out/");
        assert_eq!(found.remove(path).as_deref(), Some("mine"), "{path} is not as it was");
    }
    found
}

fn spawn(place: &Place, profile: &str) -> Child {
    place
        .command(TAILWRIGHT)
        .args(["render", profile, "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

/// Waits until no run holds OUT, as another run would.
fn wait_for_lock(out: &Path) {
    loop {
        let held = open(out, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty()).expect("OUT is always there");
        flock(&held, FlockOperation::LockExclusive).expect("a lock");
        let now = rustix::fs::stat(out).expect("OUT is always there");
        if rustix::fs::fstat(&held).expect("open").st_ino == now.st_ino {
            return;
        }
    }
}

/// Moments between the start of a run and a little after its usual end, by a generator that gives the same each time.
fn moments(count: u32, usual: Duration) -> impl Iterator<Item = Duration> {
    let mut state = 0x2545_f491_u32;
    (0..count).map(move |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        usual * (state % 1200) / 1000
    })
}

#[test]
fn a_killed_run_leaves_the_old_tree_or_the_new_one() {
    for (way, theirs) in WAYS {
        let place = Place::new();
        profiles(&place);
        let trees = expected(&place);
        for path in theirs {
            place.write(path, "mine");
        }
        place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
        let start = Instant::now();
        place.tailwright(&["render", "two.nix", "--out", "out"]).status(0);
        let usual = start.elapsed();

        let out = place.path("out");
        let mut outcomes = [0, 0];
        for (turn, moment) in moments(150, usual).enumerate() {
            let mut run = spawn(&place, ["one.nix", "two.nix"][turn % 2]);
            std::thread::sleep(moment);
            run.kill().expect("it is our child");
            run.wait().expect("it ends");
            wait_for_lock(&out);
            let mut found = rendered(&out, theirs);
            // What waits for its place is no part of the tree.
            found.retain(|path, _| !path.starts_with(".tailwright/"));
            let which = trees.iter().position(|tree| *tree == found);
            let which = which.unwrap_or_else(|| panic!("{way}, killed after {moment:?}: a mix\n{found:#?}"));
            outcomes[which] += 1;
        }
        assert!(outcomes[0] > 10 && outcomes[1] > 10, "{way}: both happen: {outcomes:?}");

        for profile in ["one.nix", "two.nix"] {
            place.tailwright(&["render", profile, "--out", "out"]).status(0);
        }
        assert_eq!(rendered(&out, theirs), trees[1], "{way}: no litter inside");
        assert!(!place.path(".out.tailwright").exists(), "{way}: nor beside");
    }
}

#[test]
fn a_killed_first_run_leaves_nothing_or_the_tree() {
    let place = Place::new();
    profiles(&place);
    let [one, _] = expected(&place);
    let start = Instant::now();
    spawn(&place, "one.nix").wait().expect("it ends");
    for moment in moments(60, start.elapsed()) {
        std::fs::remove_dir_all(place.path("out")).ok();
        let mut run = spawn(&place, "one.nix");
        std::thread::sleep(moment);
        run.kill().expect("it is our child");
        run.wait().expect("it ends");
        let found = place.files("out");
        assert!(
            found == one || !place.path("out").exists(),
            "after {moment:?}: {found:#?}"
        );
    }
}

/// Kills a run, and every process that it started, at one moment: they share a process namespace, whose first process
/// dies with the one that made it.
#[test]
fn where_everything_is_killed_the_next_command_ends_the_work() {
    let (_, theirs) = WAYS[1];
    let place = Place::new();
    profiles(&place);
    let trees = expected(&place);
    for path in theirs {
        place.write(path, "mine");
    }
    place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
    let command = |profile: &str| {
        let mut command = unshared(&place, &["--pid", "--fork", "--kill-child"]);
        command.args([TAILWRIGHT, "render", profile, "--out", "out"]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let start = Instant::now();
    let ended = command("two.nix").status().expect("it starts");
    if !ended.success() {
        left_out::note_missing("no process namespaces here");
        return;
    }
    let usual = start.elapsed();
    for (turn, moment) in moments(100, usual).enumerate() {
        let mut run = command(["one.nix", "two.nix"][turn % 2]).spawn().expect("it starts");
        std::thread::sleep(moment);
        run.kill().expect("it is our child");
        run.wait().expect("it ends");
        wait_for_lock(&place.path("out"));
        // Whatever it says of the tree, it ends first what was begun.
        place.tailwright(&["render", "one.nix", "--out", "out", "--check"]);
        let found = rendered(&place.path("out"), theirs);
        assert!(trees.contains(&found), "after {moment:?}: {found:#?}");
    }
}

/// The system calls of a run that a file's fate can hang on.
const CALLS: &str = "openat,write,renameat2,renameat,linkat,mkdirat,unlinkat,unlink,rmdir,fsync,fchmod,fchown,flock";

/// `render two.nix --out out` with its system calls tampered with; see strace(1). `None` where the test is left out.
fn tampered(place: &Place, calls: &str, how: &str) -> Option<Command> {
    let strace = tool::part("strace")?;
    let traced = Command::new(&strace).args(["-qq", "-o", "/dev/null", "true"]).status();
    if !traced.is_ok_and(|status| status.success()) {
        left_out::note_missing("no program may be traced here");
        return None;
    }
    let mut command = place.command(&strace);
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}")]);
    command.args(["-e", &format!("inject={calls}:{how}")]);
    command.args([TAILWRIGHT, "render", "two.nix", "--out", "out"]);
    Some(command)
}

/// Tampers with a run's first call, then with its second, and so on until there is none of that number; `how` may name
/// it. Each time the tree must be the old one or the new one. How often it was which.
fn tampered_at_every_call(way: &str, theirs: &[&str], calls: &str, how: impl Fn(u32) -> String) -> Option<[u32; 2]> {
    let place = Place::new();
    profiles(&place);
    let trees = expected(&place);
    for path in theirs {
        place.write(path, "mine");
    }
    place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
    let mut outcomes = [0, 0];
    // The first openat calls find the libraries.
    for call in 2..2000 {
        // Every process that the run starts is tampered with at its own call of that number.
        let output = tampered(&place, calls, &how(call))?.output().expect("it starts");
        wait_for_lock(&place.path("out"));
        // Whatever it says of the tree, it ends first what was begun.
        place.tailwright(&["render", "one.nix", "--out", "out", "--check"]);
        let found = rendered(&place.path("out"), theirs);
        let which = trees.iter().position(|tree| *tree == found);
        outcomes[which.unwrap_or_else(|| panic!("{way}, call {call}: a mix\n{found:#?}\n{output:?}"))] += 1;
        assert!(
            !output.status.success() || which == Some(1),
            "{way}, call {call}: {output:?}"
        );
        place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
        assert_eq!(
            rendered(&place.path("out"), theirs),
            trees[0],
            "{way}, call {call}: no litter inside"
        );
        assert!(
            !place.path(".out.tailwright").exists(),
            "{way}, call {call}: nor beside"
        );
        if call > 100 && output.status.success() && output.stderr.is_empty() {
            return Some(outcomes);
        }
    }
    panic!("{way}: it ends some day");
}

#[test]
fn killed_at_any_system_call() {
    for (way, theirs) in WAYS {
        let calls = format!("{CALLS},execve,wait4");
        let Some(outcomes) = tampered_at_every_call(way, theirs, &calls, |call| format!("signal=SIGKILL:when={call}"))
        else {
            return;
        };
        assert!(outcomes[0] > 10 && outcomes[1] > 1, "{way}: {outcomes:?}");
    }
}

#[test]
fn any_system_call_may_fail() {
    for (way, theirs) in WAYS {
        let Some(outcomes) = tampered_at_every_call(way, theirs, CALLS, |call| format!("error=EIO:when={call}")) else {
            return;
        };
        assert!(outcomes[0] > 10 && outcomes[1] > 1, "{way}: {outcomes:?}");
    }
}

#[test]
fn a_file_system_that_cannot_exchange_files_nor_keep_from_replacing_one() {
    for (way, theirs) in WAYS {
        let place = Place::new();
        profiles(&place);
        for path in theirs {
            place.write(path, "mine");
        }
        place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
        let Some(mut command) = tampered(&place, "renameat2", "error=EINVAL") else {
            return;
        };
        Ended::of(&mut command).status(0);
        assert_eq!(rendered(&place.path("out"), theirs), expected(&place)[1], "{way}");
        assert!(!place.path(".out.tailwright").exists(), "{way}");
    }
    let place = Place::new();
    profiles(&place);
    let Some(mut command) = tampered(&place, "renameat2", "error=EINVAL") else {
        return;
    };
    Ended::of(&mut command).status(0);
    assert_eq!(place.files("out"), expected(&place)[1], "where there was no OUT");
}

/// A program in mount namespaces of its own (and whatever else is asked for), as root there.
fn unshared(place: &Place, more: &[&str]) -> Command {
    let mut command = place.command("unshare");
    if !rustix::process::geteuid().is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command.arg("--mount").args(more);
    command
}

/// Runs a shell script as root of a mount namespace of its own; what it did with mounts ends with it.
fn script(place: &Place, text: &str) -> Option<Ended> {
    let mut probe = unshared(place, &[]);
    probe.args(["sh", "-c", "mount -t tmpfs none /mnt"]);
    if !probe.output().is_ok_and(|output| output.status.success()) {
        left_out::note_missing("no mount namespaces here");
        return None;
    }
    let mut command = unshared(place, &[]);
    command.args(["sh", "-euc", text]).env("TAILWRIGHT", TAILWRIGHT);
    Some(Ended::of(&mut command))
}

#[test]
fn a_full_disk_leaves_the_old_tree_and_no_litter() {
    for (way, theirs) in WAYS {
        let place = Place::new();
        profiles(&place);
        std::fs::create_dir(place.path("disk")).expect("a directory");
        let theirs_there = theirs.join(" ");
        // The disk fills up at every point of the staging: with nothing left, with one block left, and so on until the
        // render fits. Each time what is there is copied out for the test to look at.
        let text = format!(
            "mount -t tmpfs -o size=512k tmpfs disk
             for path in {theirs_there}; do mkdir -p disk/$(dirname $path); printf mine > disk/$path; done
             $TAILWRIGHT render one.nix --out disk/out
             blocks=0
             while :; do
               dd if=/dev/zero of=disk/fill bs=4096 2>/dev/null || true
               truncate -s -$((blocks * 4096)) disk/fill
               status=0
               $TAILWRIGHT render two.nix --out disk/out 2>said || status=$?
               rm disk/fill
               mkdir seen; cp -a disk/. seen/
               mv seen seen-$blocks
               [ $status = 0 ] && break
               [ $status = 74 ]
               grep -q 'no space left on device' said
               blocks=$((blocks + 1))
               [ $blocks -lt 100 ]
             done"
        );
        let Some(ended) = script(&place, &text) else { return };
        ended.status(0);
        let trees = expected(&place);
        let mut blocks = 0;
        while place.path(&format!("seen-{}", blocks + 1)).exists() {
            let seen = place.path(&format!("seen-{blocks}"));
            assert_eq!(rendered(&seen.join("out"), theirs), trees[0], "{way}, {blocks} blocks");
            let beside: Vec<_> = std::fs::read_dir(&seen).expect("it was copied").collect();
            assert_eq!(beside.len(), 1, "{way}, {blocks} blocks: {beside:?}");
            blocks += 1;
        }
        assert!(blocks > 3, "{way}: it failed at several points");
        let last = place.path(&format!("seen-{blocks}"));
        assert_eq!(rendered(&last.join("out"), theirs), trees[1], "{way}: and then it fits");
    }
}

#[test]
fn a_full_disk_leaves_no_new_directory_behind() {
    let place = Place::new();
    profiles(&place);
    std::fs::create_dir(place.path("disk")).expect("a directory");
    let text = "mount -t tmpfs -o size=64k tmpfs disk
         dd if=/dev/zero of=disk/fill bs=4096 2>/dev/null || true
         truncate -s -8192 disk/fill
         status=0; $TAILWRIGHT render one.nix --out disk/deep/er/out || status=$?
         ls -A disk
         exit $status";
    let Some(ended) = script(&place, text) else { return };
    ended.status(74).out("fill\n");
}

#[test]
fn where_nothing_may_be_written_nothing_is() {
    for (way, theirs) in WAYS {
        // All of OUT, or one directory in it.
        for closed in ["out", "out/modules/network/vpn"] {
            let place = Place::new();
            profiles(&place);
            for path in theirs {
                place.write(path, "mine");
            }
            place.tailwright(&["render", "one.nix", "--out", "out"]).status(0);
            let text = format!(
                "mount --bind {closed} {closed}; mount -o remount,bind,ro {closed}
                 exec $TAILWRIGHT render two.nix --out out"
            );
            let Some(ended) = script(&place, &text) else { return };
            ended.status(74).out("");
            let said = ended.stderr();
            assert!(
                said.contains("read-only file system") && said.contains(closed),
                "{way}: {said}"
            );
            assert_eq!(
                rendered(&place.path("out"), theirs),
                expected(&place)[0],
                "{way}, {closed}"
            );
            assert!(!place.path(".out.tailwright").exists());
        }
    }
}

#[test]
fn a_directory_that_cannot_be_made_is_told() {
    let place = Place::new().with("host.nix", HOST);
    std::fs::create_dir(place.path("closed")).expect("a directory");
    let text = "mount --bind closed closed; mount -o remount,bind,ro closed
                exec $TAILWRIGHT render host.nix --out closed/out";
    let Some(ended) = script(&place, text) else { return };
    ended.status(74).out("");
    assert!(ended.stderr().contains("read-only file system"), "{}", ended.stderr());
}

#[test]
fn the_current_directory_stays_the_same_directory() {
    let place = Place::new().with("host.nix", HOST);
    place.write("out/.git/HEAD", "mine");
    let run = |at: &str, out: &str| {
        let mut command = place.command("sh");
        command.args([
            "-euc",
            "cd $0; $TAILWRIGHT render $2/host.nix --out $1; ls default.nix",
            at,
            out,
        ]);
        command.arg(place.path("")).env("TAILWRIGHT", TAILWRIGHT);
        Ended::of(&mut command)
    };
    let ended = run("out", ".");
    ended.status(0);
    assert!(ended.stdout().ends_with("\ndefault.nix\n"), "{}", ended.stdout());
    // From a directory in it, too.
    std::fs::remove_dir_all(place.path("out/.git")).expect("it is there");
    place.write("out/modules/network/default.nix", "mine");
    place.write("host.nix", HOST.replace("tag:server", "tag:desk"));
    let ended = run("out/modules/network", "../..");
    ended.status(0);
    assert!(ended.stdout().ends_with("\ndefault.nix\n"), "{}", ended.stdout());
}
