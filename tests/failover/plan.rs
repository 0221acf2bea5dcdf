//! What a profile makes of the failover machine.

use tailwright::diagnostic::{Report, human};
use tailwright::model::MonitorSettings;
use tailwright::monitor::failover::{Event, ExitNodeUse, Mode, OnStop, Plan, Setting, State, Subject, step};
use tailwright::monitor::{Fault, Moment, Verdict};
use tailwright::profile::load;

/// The settings of a host that uses the exit node `gate`, and the findings of reading them.
pub(super) fn read(monitoring: &str) -> (Option<MonitorSettings>, String) {
    let text = format!(
        "{{ host = {{ name = \"a\"; management = [ {{ via = \"tailscale0\"; service = \"ssh\"; }} ]; }};
            network.vpn.tailscale = {{ enable = true; useExitNode = \"gate\"; acceptRoutes = true; }};
            network.monitoring.tailscale = {{ enable = true; enableAutoFailover = true; {monitoring} }}; }}"
    );
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let report = Report::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut out = Vec::new();
    human(&report, false, &mut out).unwrap();
    let host = profile.fleet.and_then(|fleet| fleet.hosts.into_values().next());
    let settings = host.and_then(|host| MonitorSettings::of(&host));
    (settings, String::from_utf8(out).unwrap())
}

pub(super) fn settings(monitoring: &str) -> MonitorSettings {
    let (settings, out) = read(monitoring);
    assert_eq!(out, "", "{monitoring}");
    let settings = settings.unwrap();
    // As the host reads them.
    let json = serde_json::to_string(&settings).unwrap();
    assert_eq!(serde_json::from_str::<MonitorSettings>(&json).unwrap(), settings);
    settings
}

fn plan(monitoring: &str) -> Plan {
    Plan::of(&settings(monitoring))
}

fn ladder(plan: &Plan, subject: &Subject) -> Vec<String> {
    let ladder = &plan.ladders[subject];
    let rungs = ladder
        .rungs
        .iter()
        .map(|rung| format!("{}: {}", rung.rank, rung.setting));
    ladder.home.iter().map(ToString::to_string).chain(rungs).collect()
}

#[test]
fn the_defaults_are_the_guides_and_leave_nothing_open() {
    let plan = plan("exitNodes = [ \"gate\" \"spare\" \"auto\" ];");
    assert_eq!((plan.mode, plan.on_stop), (Mode::Act, OnStop::Restore));
    assert_eq!((plan.fall.consecutive.get(), plan.rise.consecutive.get()), (3, 5));
    assert_eq!(
        ladder(&plan, &Subject::ExitNode),
        ["exit node gate", "1: exit node spare", "2: exit node auto:any"]
    );
    assert_eq!(
        ladder(&plan, &Subject::Tunnel),
        ["tunnel up"],
        "and it is never taken down"
    );
    assert_eq!(
        ladder(&plan, &Subject::Routes),
        ["routes accepted"],
        "no route is said to be reached directly"
    );
    assert!(plan.restart.is_none());
    assert_eq!(
        [plan.hold_down, plan.max_hold_down, plan.min_dwell, plan.move_window].map(|span| span.to_string()),
        ["2m", "1h", "2m", "1m"]
    );
}

#[test]
fn the_list_of_actions_is_the_ranking() {
    let plan = plan(
        "exitNodes = [ \"spare\" ];
         failover = {
           actions = [ \"lan-address\" \"exit-node\" \"no-exit-node\" \"routes-off\" \"restart\" \"tunnel-down\" ];
           allowTunnelDown = true;
           lanRoutes = [ { prefix = \"192.168.15.0/24\"; probe = \"192.168.15.1\"; } ];
           lanServices.ollama = { tailnetAddress = \"desk\"; lanAddress = \"192.168.15.20\"; port = 11434; };
           failureShare = { count = 5; of = 20; };
           maintenanceWindows = [ \"Sun 02:00-05:00\" ];
           autoReturn = false; dryRun = true; restoreOnStop = false;
         };",
    );
    let of = |subject: &Subject| ladder(&plan, subject).pop().unwrap();
    assert_eq!(
        of(&Subject::Service("ollama".parse().unwrap())),
        "0: ollama by its LAN address"
    );
    assert_eq!(
        ladder(&plan, &Subject::ExitNode)[1..],
        ["1: exit node spare", "2: no exit node"]
    );
    assert_eq!(of(&Subject::Routes), "3: routes not accepted");
    assert_eq!(plan.restart.unwrap().rank, 4);
    assert_eq!(of(&Subject::Tunnel), "5: tunnel down");
    assert_eq!(plan.fall.of.map(|(count, of)| (count.get(), of.get())), Some((5, 20)));
    assert_eq!(
        (plan.mode, plan.on_stop, plan.return_after),
        (Mode::DryRun, OnStop::Keep, None)
    );
    assert_eq!(plan.maintenance.len(), 1);
}

#[test]
fn what_cannot_be_meant_is_refused_at_its_place() {
    for (monitoring, expected) in [
        (
            "failover.actions = [ \"exit-node\" \"tunnel-down\" ];",
            "cuts off everybody who comes in by the tailnet",
        ),
        ("failover.actions = [ \"restart\" \"restart\" ];", "listed twice"),
        ("failover.failureShare = { count = 3; of = 65; };", "expected 1 to 64"),
        ("failover.failureShare = { count = 3; of = 2; };", "3 of 2 checks"),
        ("failover.failureShare.count = 3;", "`of` is missing"),
        (
            "failover = { holdDown = 600; maxHoldDown = 60; };",
            "shorter than the first",
        ),
        ("failover.restartsPerDay = 25;", "expected 1 to 24"),
        ("checkTimeout = 60;", "longer (1m) than until the next check"),
        (
            "failover.lanRoutes = [ { prefix = \"192.168.15.0/24\"; probe = \"192.168.16.1\"; } ];",
            "192.168.16.1 is not in 192.168.15.0/24",
        ),
        (
            "failover.lanRoutes = [ { prefix = \"192.168.15.0/24\"; } ];",
            "`probe` is missing",
        ),
        ("failover.lanServices.db = { port = 5432; };", "`lanAddress` is missing"),
        (
            "failover.maintenanceWindows = [ \"sunday 2-5\" ];",
            "invalid window of time",
        ),
        ("failover.actions = [ \"reboot\" ];", "is none of"),
    ] {
        let (_, out) = read(monitoring);
        assert!(
            out.contains("error[") && out.contains(expected) && out.contains("host.nix:3:"),
            "{monitoring}: {out}"
        );
    }
}

/// However an outage falls between two checks, the fast profile has moved within three seconds: checks begin at their
/// interval, and a dead one is known at its time-out.
#[test]
fn the_fast_profile_moves_within_three_seconds() {
    let settings = settings("profile = \"fast\"; exitNodes = [ \"spare\" ];");
    let plan = Plan::of(&settings);
    let node = |name: &str| Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()));
    let interval = settings.check_interval.as_millis();
    let timeout = settings.check_timeout.as_millis();
    let mut slowest = 0;
    for offset in 0..interval {
        let mut state = State::new();
        let mut send = |event, at: u64| {
            let done = step(&plan, state.clone(), event, Moment::from_millis(at));
            state = done.state;
            done.actions
        };
        send(Event::Started, 0);
        send(Event::Seen(vec![node("gate")]), 0);
        let out_at = 100 * interval + offset;
        let moved_at = (0..).find_map(|check| {
            let begins = check * interval;
            let dead = begins >= out_at;
            let ends = begins + if dead { timeout } else { 20 };
            send(Event::Measured(node("spare"), Verdict::Good), ends);
            let verdict = if dead {
                Verdict::Down(Fault::NoAnswer { waited: timeout })
            } else {
                Verdict::Good
            };
            let actions = send(Event::Measured(node("gate"), verdict), ends);
            let applies = actions
                .iter()
                .any(|action| matches!(action, tailwright::monitor::failover::Action::Apply(..)));
            applies.then_some(ends)
        });
        slowest = slowest.max(moved_at.unwrap() - out_at);
    }
    assert!(slowest < 3_000, "{slowest} ms");
    assert_eq!(
        slowest,
        3 * interval - 1 + timeout,
        "the least that three checks in a row can take"
    );
}

#[test]
fn the_fast_profile_is_no_short_interval_by_mistake() {
    let settings = settings("profile = \"fast\";");
    assert_eq!(settings.check_interval.to_string(), "700ms");
    assert_eq!(settings.recovery_threshold, 10);
}
