//! Where systemd runs, its transient timer is the guardian. Here a program stands for systemd-run that does with its
//! arguments what systemd does; the arguments themselves are what is tested.

use std::time::Instant;

use super::slot::{Host, said, text_of, wait_past_deadline};

/// Notes its arguments, then waits as long as --on-active says and runs what follows `--`.
const SYSTEMD_RUN: &str = r#"#!/bin/sh
printf '%s\n' "$@" >"$SLOT/systemd-run"
while [ "$1" != -- ]; do
  case $1 in --on-active=*ms) ms=${1#--on-active=} ms=${ms%ms} ;; esac
  shift
done
shift
setsid sh -c 'sleep "$1"; shift; exec env - "$@"' timer "$((ms / 1000)).$(printf %03d $((ms % 1000)))" "$@" </dev/null >/dev/null 2>&1 &
"#;

const SYSTEMCTL: &str = "#!/bin/sh\necho \"$*\" >>\"$SLOT/systemctl\"\n";

#[test]
fn a_timer_brings_the_former_rules_back() {
    let Some(host) = Host::new() else { return };
    let (gone, kept) = (host.slot("timed"), host.slot("timed-kept"));
    let old = gone.live();
    let start = Instant::now();
    for slot in [&gone, &kept] {
        slot.program("systemd-run", SYSTEMD_RUN);
        slot.program("systemctl", SYSTEMCTL);
        let mut words = slot.apply("4s");
        *words.last_mut().unwrap() = "systemd".to_owned();
        let script = "exec \"$@\" >\"$SLOT/out\" 2>&1";
        assert!(
            slot.script(script, &words).wait().unwrap().success(),
            "{}",
            text_of(&slot.directory.join("out"))
        );
        assert!(slot.is_live("new"));
        assert_eq!(slot.pending()["pending"]["guardian"], "systemd-timer");
    }
    let arguments = text_of(&gone.directory.join("systemd-run"));
    let id = gone.pending()["pending"]["id"].as_str().expect("an id").to_owned();
    for argument in [
        "--collect".to_owned(),
        format!("--unit=tailwright-firewall-{id}"),
        "--timer-property=AccuracySec=10ms".to_owned(),
        "--property=Restart=on-failure".to_owned(),
        "--state-dir".to_owned(),
        gone.state().to_string_lossy().into_owned(),
        "guard".to_owned(),
        id.clone(),
    ] {
        assert!(
            arguments.lines().any(|line| line == argument),
            "{argument}: {arguments}"
        );
    }
    let kept_id = kept.pending()["pending"]["id"].as_str().expect("an id").to_owned();
    let confirm = kept.script("exec \"$@\"", &kept.tsctl(&["confirm"])).wait().unwrap();
    assert!(confirm.success());
    let stopped = text_of(&kept.directory.join("systemctl"));
    assert!(
        stopped.contains(&format!("stop tailwright-firewall-{kept_id}.timer")),
        "{stopped}"
    );
    wait_past_deadline(start);
    gone.settle();
    assert_eq!(gone.live(), old);
    assert!(kept.is_live("new"));
}

#[test]
fn without_its_timer_nothing_is_loaded() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("refused");
    slot.program("systemd-run", "#!/bin/sh\necho Failed to connect to bus >&2\nexit 1\n");
    let mut words = slot.apply("4s");
    *words.last_mut().unwrap() = "systemd".to_owned();
    let output = slot.run(&words);
    assert_eq!(output.status.code(), Some(74));
    assert!(said(&output).contains("Failed to connect to bus"), "{}", said(&output));
    assert!(slot.is_live("old") && !slot.is_in("staged"));
}
