//! What it does about failures.

use std::time::Duration;

use super::{about_exit_node, changes, exit_node, phase, set_alive, tailnet, use_exit_node};
use crate::support::monitor::{Monitor, hasty_settings};
use crate::support::tailscaled::Tailscaled;

fn home(fake: &Tailscaled) -> Monitor {
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home" && about_exit_node(report)["settings"][0]["level"] == "good");
    monitor
}

#[test]
fn an_exit_node_that_dies_is_left_and_returned_to() {
    let fake = tailnet();
    let monitor = home(&fake);
    assert_eq!(changes(&fake), 0, "what is good is left alone");
    set_alive(&fake, "gamma", false);
    let report = monitor.wait_for(|report| phase(report) == "away");
    assert_eq!(exit_node(&fake), "beta");
    assert_eq!(report["counts"]["moves"], 1, "{report}");
    assert!(report["lastMove"].as_u64() <= report["at"].as_u64());
    assert!(report["counts"]["probesFailed"].as_u64() >= Some(3), "{report}");
    assert!(!report["readings"].as_array().expect("a list").is_empty());
    // The preferences that are not its own are as they were.
    fake.change(|world| {
        assert_eq!(world.prefs["RouteAll"], true);
        assert_eq!(world.prefs["WantRunning"], true);
    });
    set_alive(&fake, "gamma", true);
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!(exit_node(&fake), "gamma");
    assert_eq!(changes(&fake), 2);
    let log = std::fs::read_to_string(monitor.path("state/decisions.jsonl")).expect("a log");
    let moves = log.lines().filter(|line| line.contains("\"moved\"")).count();
    assert_eq!(moves, 2, "{log}");
}

#[test]
fn nothing_is_done_while_the_link_is_down() {
    let fake = tailnet();
    let monitor = home(&fake);
    monitor.set_link(false);
    for name in ["gamma", "beta"] {
        set_alive(&fake, name, false);
    }
    monitor.wait_for(|report| report["diagnosis"].to_string().contains("link"));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(changes(&fake), 0, "{}", monitor.said());
    monitor.set_link(true);
    set_alive(&fake, "beta", true);
    monitor.wait_for(|report| phase(report) == "away");
}

#[test]
fn in_a_dry_run_it_writes_down_what_it_would_do() {
    let fake = tailnet();
    let mut monitor = Monitor::new(fake.socket(), &hasty_settings()).with(&["--dry-run"]);
    monitor.start_again();
    monitor.wait_for(|report| phase(report) == "home" && report["mode"] == "dry-run");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| {
        monitor
            .said()
            .contains("dry run: would go from exit node gamma to exit node beta")
    });
    monitor.stop();
    assert_eq!((exit_node(&fake).as_str(), changes(&fake)), ("gamma", 0));
}

#[test]
fn a_change_that_is_not_permitted_is_told_with_what_permits_it() {
    let fake = tailnet();
    let monitor = home(&fake);
    fake.now(r#"answer PATCH prefs 403 plain "prefs write access denied""#);
    set_alive(&fake, "gamma", false);
    let report = monitor.wait_for(|report| !about_exit_node(report)["refused"].is_null());
    let refused = about_exit_node(&report)["refused"].to_string();
    assert!(refused.contains("sudo tailscale set --operator"), "{refused}");
    assert!(report["alarms"].to_string().contains("refused"), "{report}");
    assert!(report["counts"]["movesFailed"].as_u64() > Some(0), "{report}");
    assert_eq!(exit_node(&fake), "gamma");
    assert!(
        monitor
            .said()
            .contains("only root and tailscaled's operator may do that"),
        "{}",
        monitor.said()
    );
}

#[test]
fn a_name_that_several_nodes_have_or_none_is_not_taken() {
    for (several, said, fault) in [
        (true, "beta: several nodes are called so", "ambiguous"),
        (false, "beta: there is no such node", "no-such-node"),
    ] {
        let fake = tailnet();
        fake.change(|world| {
            world.peer("delta")["DNSName"] = "beta.other.ts.net.".into();
            if !several {
                for name in ["delta", "beta"] {
                    world.peer(name)["DNSName"] = format!("{name}-1.lab-tailnet.ts.net.").into();
                }
            }
        });
        let monitor = home(&fake);
        let ended = monitor.tsctl(&["failover", "switch", "beta"]);
        ended.status(1);
        assert!(ended.stderr().contains(said), "{}", ended.stderr());
        monitor.wait_for(|report| about_exit_node(report)["settings"][1]["fault"] == fault);
        assert_eq!((exit_node(&fake).as_str(), changes(&fake)), ("gamma", 0));
    }
}

#[test]
fn a_node_that_is_no_exit_node_is_not_taken() {
    let fake = tailnet();
    fake.change(|world| world.peer("beta")["ExitNodeOption"] = false.into());
    let monitor = home(&fake);
    let ended = monitor.tsctl(&["failover", "switch", "beta"]);
    ended.status(1);
    assert!(
        ended.stderr().contains("beta: it is no exit node"),
        "{}",
        ended.stderr()
    );
    assert_eq!((exit_node(&fake).as_str(), changes(&fake)), ("gamma", 0));
}

#[test]
fn whoever_asks_hears_that_it_was_not_permitted() {
    let fake = tailnet();
    let monitor = home(&fake);
    fake.now(r#"answer PATCH prefs 403 plain "prefs write access denied""#);
    let ended = monitor.tsctl(&["failover", "switch", "beta"]);
    ended.status(1);
    let said = ended.stderr();
    assert!(
        said.contains("exit node beta was not put in force") && said.contains("tsctl why"),
        "{said}"
    );
}

#[test]
fn settings_that_change_while_it_is_away_lead_to_what_they_list() {
    let fake = tailnet();
    let monitor = home(&fake);
    set_alive(&fake, "gamma", false);
    monitor.wait_for(|report| phase(report) == "away");
    let mut settings = hasty_settings();
    settings["exitNodes"] = serde_json::json!(["gamma"]);
    monitor.write_settings(&settings);
    monitor.signal(rustix::process::Signal::HUP);
    monitor.wait_until(|| monitor.said().contains("the settings have been read again"));
    // It is still its own choice, and left for what is listed.
    let report = monitor.report().expect("it answers");
    assert_eq!(phase(&report), "away", "{report:#}");
    set_alive(&fake, "gamma", true);
    monitor.wait_for(|report| phase(report) == "home");
    assert_eq!(exit_node(&fake), "gamma");
}

#[test]
fn a_tailscaled_that_is_away_is_waited_for() {
    let fake = tailnet();
    let monitor = home(&fake);
    fake.now("die");
    monitor.wait_for(|report| report["diagnosis"].to_string().contains("not-running"));
    assert!(monitor.said().contains("tailscaled does not run"), "{}", monitor.said());
    fake.now("start");
    monitor.wait_for(|report| phase(report) == "home" && !report["diagnosis"].to_string().contains("not-running"));
    assert_eq!(changes(&fake), 0);
    assert!(monitor.said().contains("tailscaled answers again"));
}

#[test]
fn a_node_that_is_not_logged_in_is_told_and_nothing_is_done() {
    let fake = tailnet();
    let monitor = home(&fake);
    fake.now("state NeedsLogin");
    let report = monitor.wait_for(|report| report["alarms"].to_string().contains("needs-login"));
    assert!(report["diagnosis"].to_string().contains("needs-login"), "{report}");
    assert_eq!(changes(&fake), 0);
}

#[test]
fn a_daemon_without_new_parts_of_the_bus_is_followed_too() {
    let mut world = crate::support::tailscaled::World::old();
    world.offer_exit_node("beta");
    world.offer_exit_node("gamma");
    let fake = Tailscaled::start(world);
    use_exit_node(&fake, "gamma");
    let monitor = Monitor::start(fake.socket(), &hasty_settings());
    monitor.wait_for(|report| phase(report) == "home");
    set_alive(&fake, "gamma", false);
    monitor.wait_until(|| exit_node(&fake) == "beta");
}
