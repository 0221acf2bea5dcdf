//! Everything else that the monitor may do, and what it never does.

use tailwright::monitor::Level;
use tailwright::monitor::decision::What;
use tailwright::monitor::diagnosis::{DaemonFault, Layer};
use tailwright::monitor::failover::{Alarm, Phase, Setting, Subject};

use super::scenario::{MANY, OFF, SECOND, THREE, assert_moves, assert_only, level, node, play, with};
use crate::support::tailnet::{DESK, LAN, Lab, Monitor, SERVICE_PORT, settings, until};

#[test]
fn acting() {
    play(&[
        ("fail open, where that is said", open),
        ("a service is spoken to by its address on the LAN", lan_address),
        ("routes are not accepted while the LAN is reached directly", routes_off),
        ("routes are kept while only they lead to another site", other_routes),
        ("the tunnel is never the only way in that is closed", only_way_in),
        ("the tunnel is taken down where that is acknowledged", tunnel_down),
        ("a dead tunnel goes down, and comes up again by itself", down_and_up),
        ("a tunnel that is taken down for a while comes up by itself", down_for),
        ("dead exit nodes beside a living peer are no dead tunnel", living_peer),
        ("tailscaled is restarted, and not too often", restarts),
        (
            "a tailscaled that waits for the control plane is left alone",
            waits_for_control,
        ),
        ("a change that is refused is told", refused),
        ("a change that is not answered is found out", unanswered),
        ("a slow tailscaled is waited for", slow),
    ]);
}

/// Without any exit node, traffic leaves around the tunnel: only where `no-exit-node` is listed.
fn open(lab: &mut Lab) {
    let settings = with(&[THREE], &[("actions", "[ \"exit-node\" \"no-exit-node\" ]")]);
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    for name in ["spare", "third", "gate"] {
        lab.faults().kill(name);
        monitor.until("it is down", |report| {
            (level(report, &node(name)) == Level::Down).then_some(())
        });
    }
    until("no exit node is in force", || (lab.exit_node().is_none()).then_some(()));
    monitor.until_phase(Phase::Away);
    assert_moves(lab, &monitor, &["-"]);
    assert_eq!(monitor.moves()[0].1, OFF);
    lab.faults().revive("spare");
    until("the tunnel is used again", || {
        (lab.exit_node().as_deref() == Some("spare")).then_some(())
    });
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    assert_only(lab, &["ExitNodeID", "ExitNodeIP", "AutoExitNode"]);
}

fn lan_address(lab: &mut Lab) {
    let service = format!(
        "{{ ollama = {{ tailnetAddress = \"desk\"; lanAddress = \"{}\"; port = {SERVICE_PORT}; }}; }}",
        DESK.outside
    );
    let mut monitor = Monitor::start(lab, &with(&[], &[("lanServices", &service)]));
    monitor.ready();
    let ollama = || "ollama".parse().expect("a name");
    let (lan, tailnet) = (Setting::LanAddress(ollama()), Setting::TailnetAddress(ollama()));
    monitor.until("both are measured", |report| {
        [&lan, &tailnet]
            .iter()
            .all(|setting| level(report, setting) == Level::Good)
            .then_some(())
    });
    let hosts = |monitor: &Monitor| std::fs::read_to_string(monitor.path("run/hosts")).unwrap_or_default();
    let address = DESK.outside.to_string();
    assert!(!hosts(&monitor).contains(&address), "{}", hosts(&monitor));
    lab.faults().kill("desk");
    until("it is spoken to on the LAN", || {
        hosts(&monitor).contains(&address).then_some(())
    });
    assert!(hosts(&monitor).contains("localhost"), "what was there stays");
    lab.faults().revive("desk");
    until("it is spoken to in the tailnet", || {
        (!hosts(&monitor).contains(&address)).then_some(())
    });
    assert_eq!(lab.patches(), [], "no preference is touched");
    monitor.alive();
}

/// The `desk` leads to the LAN for the tailnet. It stops doing that; the client is on that LAN.
fn routes_off(lab: &mut Lab) {
    let routes = format!("[ {{ prefix = \"{LAN}\"; probe = \"192.168.15.1\"; }} ]");
    let settings = settings("", "acceptRoutes = true;", &[], &[("lanRoutes", &routes)]);
    lab.tailscaled.now("set RouteAll true");
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until("both are measured", |report| {
        [true, false]
            .iter()
            .all(|accept| level(report, &Setting::AcceptRoutes(*accept)) == Level::Good)
            .then_some(())
    });
    lab.faults().subnet(false);
    until("routes are not accepted", || {
        (lab.preference("RouteAll") == false).then_some(())
    });
    assert_only(lab, &["RouteAll"]);
    monitor.measure(MANY);
    lab.faults().subnet(true);
    until("routes are accepted again", || {
        (lab.preference("RouteAll") == true).then_some(())
    });
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}

/// The same, and `third` leads to a network that nothing else leads to: it is not cut off for that.
fn other_routes(lab: &mut Lab) {
    let routes = format!("[ {{ prefix = \"{LAN}\"; probe = \"192.168.15.1\"; }} ]");
    let settings = settings("", "acceptRoutes = true;", &[], &[("lanRoutes", &routes)]);
    let leads = |lab: &Lab, prefixes: &[&str]| {
        let prefixes = serde_json::json!(prefixes);
        lab.tailscaled.now(&format!("routes third {prefixes}"));
    };
    leads(lab, &["10.20.0.0/16"]);
    lab.tailscaled.now("set RouteAll true");
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until("the other network is seen", |report| {
        (level(report, &Setting::AcceptRoutes(true)) == Level::Good
            && level(report, &Setting::AcceptRoutes(false)) == Level::Down)
            .then_some(())
    });
    lab.faults().subnet(false);
    monitor.until_told(&Alarm::Stuck(Subject::Routes));
    monitor.measure(MANY);
    assert_eq!(lab.preference("RouteAll"), true);
    assert_eq!(lab.patches(), []);
    let report = monitor.report().expect("it runs");
    let mut listed = report.subjects.iter().flat_map(|subject| &subject.settings);
    let off = listed.find(|listed| listed.setting == Setting::AcceptRoutes(false));
    let fault = off.and_then(|off| off.fault.as_ref()).expect("what is against it");
    assert_eq!(
        fault.to_string(),
        "it would cut off 10.20.0.0/16, where only the tailnet leads"
    );
    leads(lab, &[]);
    until("routes are not accepted", || {
        (lab.preference("RouteAll") == false).then_some(())
    });
}

/// Everything in the tailnet is dead, and the operator comes in by it.
const MANAGED_BY_TUNNEL: &str = "management = [ { via = \"tailscale0\"; service = \"ssh\"; } ];";
const MANAGED_BY_BOTH: &str =
    "management = [ { via = \"tailscale0\"; service = \"ssh\"; } { via = \"enp3s0\"; service = \"ssh\"; } ];";
const LAST_RESORT: [(&str, &str); 2] = [
    ("actions", "[ \"exit-node\" \"tunnel-down\" ]"),
    ("allowTunnelDown", "true"),
];

fn everything_dies(lab: &Lab) {
    for name in ["spare", "third", "desk", "gate"] {
        lab.faults().kill(name);
    }
}

fn only_way_in(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &settings(MANAGED_BY_TUNNEL, "", &[], &LAST_RESORT));
    monitor.ready();
    monitor.until_well();
    let said = monitor
        .failover(&["switch", "tunnel-down"])
        .expect_err("not even when asked for");
    assert!(said.contains("way in"), "{said}");
    everything_dies(lab);
    monitor.until_told(&Alarm::Stuck(Subject::ExitNode));
    monitor.measure(MANY);
    assert_eq!(lab.preference("WantRunning"), true);
    assert_eq!(lab.patches(), []);
}

fn tunnel_down(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &settings(MANAGED_BY_BOTH, "", &[], &LAST_RESORT));
    monitor.ready();
    monitor.until_well();
    monitor
        .failover(&["switch", "tunnel-down"])
        .expect("there is another way in");
    until("the tunnel is down", || {
        (lab.preference("WantRunning") == false).then_some(())
    });
    monitor.failover(&["restore"]).expect("the operator may");
    until("the tunnel is up", || {
        (lab.preference("WantRunning") == true).then_some(())
    });
    monitor.until_well();
    // The other way in is closed now.
    lab.faults().link(false);
    monitor.until("the cable is pulled", |report| {
        (!report.diagnosis.failures.is_empty()).then_some(())
    });
    monitor
        .failover(&["switch", "tunnel-down"])
        .expect_err("it would be the last way in");
    assert_eq!(lab.preference("WantRunning"), true);
    assert_only(lab, &["WantRunning"]);
}

/// Nothing answers through the tunnel, so the monitor takes it down; it tries it again, finds it dead, and again, until it is not.
fn down_and_up(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &settings(MANAGED_BY_BOTH, "", &[], &LAST_RESORT));
    monitor.ready();
    monitor.until_well();
    everything_dies(lab);
    let running = |lab: &Lab, up: bool| (lab.preference("WantRunning") == up).then_some(());
    until("the tunnel is down", || running(lab, false));
    monitor.until_told(&Alarm::Away(Subject::Tunnel));
    until("it is tried again", || running(lab, true));
    until("and is still dead", || running(lab, false));
    for name in ["gate", "spare", "third", "desk"] {
        lab.faults().revive(name);
    }
    monitor.until_well();
    assert_eq!(lab.preference("WantRunning"), true);
    lab.visit().expect("through the tunnel");
    let stopped = stopped_was_told(&monitor);
    assert!(!stopped, "nobody but the monitor took it down: {}", monitor.log());
}

fn down_for(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &settings(MANAGED_BY_BOTH, "", &[], &LAST_RESORT));
    monitor.ready();
    monitor.until_well();
    let said = monitor.failover(&["switch", "tunnel-down", "--for", "3s"]);
    said.expect("there is another way in");
    until("the tunnel is down", || {
        (lab.preference("WantRunning") == false).then_some(())
    });
    until("it is up", || (lab.preference("WantRunning") == true).then_some(()));
    monitor.until_well();
    assert_eq!(monitor.moves().len(), 2, "{:#?}", monitor.why());
    assert!(!stopped_was_told(&monitor), "{}", monitor.log());
}

/// Whether people were told that somebody has stopped tailscaled.
fn stopped_was_told(monitor: &Monitor) -> bool {
    let stopped = Layer::Daemon(DaemonFault::Stopped).to_string();
    monitor.log().contains(&stopped)
}

/// Every exit node is dead, as where their site has lost its power. The tunnel is well.
fn living_peer(lab: &mut Lab) {
    let actions = "[ \"exit-node\" \"restart\" \"tunnel-down\" ]";
    let failover = [("actions", actions), ("allowTunnelDown", "true")];
    let mut monitor = Monitor::start(lab, &settings(MANAGED_BY_BOTH, "", &[], &failover));
    monitor.ready();
    monitor.until_well();
    for name in ["spare", "third", "gate"] {
        lab.faults().kill(name);
    }
    monitor.until_told(&Alarm::Stuck(Subject::ExitNode));
    monitor.measure(MANY);
    assert_eq!(monitor.restarts(), 0, "{:#?}", monitor.why());
    assert_eq!(lab.preference("WantRunning"), true);
    assert_moves(lab, &monitor, &[]);
    // The last peer dies as well: now it is the tunnel.
    lab.faults().kill("desk");
    until("tailscaled is restarted", || (monitor.restarts() == 1).then_some(()));
}

/// tailscaled was started while the control plane is away (captured: it stays in `Starting`).
fn waits_for_control(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[("actions", "[ \"exit-node\" \"restart\" ]")]));
    monitor.ready();
    monitor.until_well();
    // Nobody is there.
    control_at(lab, "http://198.51.100.99:8080");
    lab.tailscaled.now("state Starting");
    monitor.until_told(&Alarm::Layer(Layer::Control));
    let blames_tailscaled = |monitor: &Monitor| {
        let starting = Alarm::Layer(Layer::Daemon(DaemonFault::Starting));
        monitor.report().is_some_and(|report| report.alarms.contains(&starting))
    };
    assert!(!blames_tailscaled(&monitor), "{:#?}", monitor.why());
    let now = monitor.until("a report", |report| Some(report.at));
    monitor.until("five seconds pass", |report| {
        (report.at.since(now) > 5 * SECOND).then_some(())
    });
    assert_eq!(monitor.restarts(), 0, "{:#?}", monitor.why());
    // The control plane is there, and tailscaled still does not come up.
    control_at(lab, "http://198.51.100.80");
    until("it is restarted", || (monitor.restarts() == 1).then_some(()));
    assert_eq!(lab.patches(), []);
}

fn control_at(lab: &Lab, url: &str) {
    lab.tailscaled.now(&format!("set ControlURL \"{url}\""));
}

fn restarts(lab: &mut Lab) {
    let settings = with(
        &[],
        &[
            ("actions", "[ \"exit-node\" \"restart\" ]"),
            ("restartInterval", "\"2s\""),
            ("restartsPerDay", "3"),
        ],
    );
    let mut monitor = Monitor::start(lab, &settings);
    monitor.ready();
    monitor.until_well();
    lab.tailscaled.now("die");
    until("it is restarted three times", || {
        (monitor.restarts() == 3).then_some(())
    });
    let restarts: Vec<u64> = monitor
        .decisions()
        .iter()
        .filter(|decision| matches!(decision.what, What::Restart { .. }))
        .map(|decision| decision.at.as_millis())
        .collect();
    assert!(
        restarts.windows(2).all(|pair| pair[1] - pair[0] >= 2_000),
        "{restarts:?}"
    );
    let now = monitor.until("a report", |report| Some(report.at));
    monitor.until("another interval passes", |report| {
        (report.at.since(now) > 4 * SECOND).then_some(())
    });
    assert_eq!(monitor.restarts(), 3, "no more in a day");
    lab.tailscaled.now("start");
    monitor.until_well();
    assert_moves(lab, &monitor, &[]);
}

/// The monitor is not allowed to change preferences.
fn refused(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    lab.tailscaled
        .now(r#"answer PATCH prefs 403 plain "prefs write access denied""#);
    lab.faults().kill("gate");
    monitor.until_told(&Alarm::Refused(Subject::ExitNode));
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
    let report = monitor.report().expect("it runs");
    let reason = report.subjects.iter().find_map(|subject| subject.refused.clone());
    assert!(
        reason.is_some_and(|reason| reason.contains("operator")),
        "what to do about it"
    );
    lab.tailscaled.now("usual");
    monitor.until_phase(Phase::Away);
}

/// tailscaled takes the request and never answers; or it makes the change, and does not say so.
fn unanswered(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    lab.tailscaled.now("answer 1 times PATCH prefs silent");
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    let asked = lab.moved_to();
    assert!(
        asked.len() >= 2 && lab.exit_node().is_some_and(|name| name != "gate"),
        "{asked:?}"
    );
    let not_moved = monitor
        .decisions()
        .into_iter()
        .any(|one| matches!(one.what, What::NotMoved { .. }));
    assert!(not_moved, "{:#?}", monitor.why());
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
}

/// Every answer takes most of what is waited for.
fn slow(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    lab.tailscaled.now("answer 1 times PATCH prefs late 2s");
    lab.faults().kill("gate");
    monitor.until_phase(Phase::Away);
    monitor.measure(MANY);
    assert_moves(lab, &monitor, &["spare"]);
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    assert_moves(lab, &monitor, &["spare", "gate"]);
}
