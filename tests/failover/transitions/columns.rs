//! The machines of each table.

use tailwright::model::MonitorSettings;
use tailwright::monitor::Verdict;
use tailwright::monitor::failover::{Command, Ending, Event, ExitNodeUse, Mode, Phase, Plan, Setting};

use super::super::plan::settings;
use super::bench::{Bench, down, slow};

/// A machine to which things happen.
pub struct Column {
    pub name: String,
    pub phase: Phase,
    pub bench: Bench,
}

/// Every table: what is said before it, and its machines.
pub fn all() -> Vec<(&'static str, Vec<Column>)> {
    vec![
        (
            "### The exit node\n\n\
             The host wants the exit node `gate` and may take `spare`, with the standard thresholds. In *home*, *waiting*, *moving* and\n\
             *stuck* `gate` is in force, in *trial* and *away* `spare`, in *overridden* one that is not listed.",
            phases(&exit_node(), Phase::ALL.to_vec()),
        ),
        (
            "### The exit node, while something holds moves back\n\n\
             `gate` is dead and `spare` is good, and it would be moved. *stopping*: `spare` was in force, and the way back is not answered yet.",
            held_back(&exit_node()),
        ),
        (
            "### The tunnel\n\n\
             `restart` and `tunnel-down` are listed, `returnAfter` is 10 min, and there is another way in. In *home* and *stuck* the tunnel is up, in *waiting* too:\n\
             tailscaled was restarted a moment ago, and the tunnel is dead again. *restarting*: that is under way. In *trial*, *away* and\n\
             *overridden* the tunnel is down.",
            tunnel(),
        ),
        (
            "### Routes of the tailnet\n\n\
             `routes-off` is listed, and the prefix is reached directly.",
            phases(&routes(), Phase::ALL.to_vec()),
        ),
        (
            "### A service\n\n\
             `lan-address` is listed.",
            phases(&service(), Phase::ALL.to_vec()),
        ),
    ]
}

fn node(name: &str) -> Setting {
    Setting::ExitNode(ExitNodeUse::Node(name.parse().unwrap()))
}

fn exit_node() -> Bench {
    let plan = Plan::of(&settings("exitNodes = [ \"gate\" \"spare\" ];"));
    let somebodys = Setting::ExitNode(ExitNodeUse::Other("nSOMEBODYS".to_owned()));
    Bench::new(plan, node("gate"), node("spare"), somebodys)
}

fn routes() -> Bench {
    let plan = Plan::of(&settings(
        "failover.actions = [ \"routes-off\" ];
         failover.lanRoutes = [ { prefix = \"192.168.15.0/24\"; probe = \"192.168.15.1\"; } ];",
    ));
    let [on, off] = [true, false].map(Setting::AcceptRoutes);
    Bench::new(plan, on, off.clone(), off)
}

fn service() -> Bench {
    let plan = Plan::of(&settings(
        "failover.actions = [ \"lan-address\" ];
         failover.lanServices.ollama = { tailnetAddress = \"desk\"; lanAddress = \"192.168.15.20\"; port = 11434; };",
    ));
    let name = || "ollama".parse().unwrap();
    let lan = Setting::LanAddress(name());
    Bench::new(plan, Setting::TailnetAddress(name()), lan.clone(), lan)
}

/// Each of these phases, where what fails is moved away from at once.
fn phases(start: &Bench, phases: Vec<Phase>) -> Vec<Column> {
    let mut home = start.clone();
    home.checks(6, &Verdict::Good, &Verdict::Good);
    let mut waiting = start.clone();
    waiting.checks(3, &slow(), &Verdict::Good);
    let mut moving = home.clone();
    moving.answers = false;
    moving.checks(3, &down(), &Verdict::Good);
    let mut trial = home.clone();
    trial.checks(3, &down(), &Verdict::Good);
    let mut away = trial.clone();
    away.checks(12, &down(), &Verdict::Good);
    let mut stuck = home.clone();
    stuck.checks(3, &down(), &down());
    let mut overridden = home.clone();
    overridden.by_hand(overridden.third.clone());
    let all = [home, waiting, moving, trial, away, stuck, overridden];
    let all = phases.into_iter().zip(all);
    all.map(|(phase, bench)| column(phase.name(), phase, bench)).collect()
}

fn column(name: &str, phase: Phase, mut bench: Bench) -> Column {
    assert_eq!(bench.phase(), phase, "{name}");
    bench.answers = false;
    bench.actions.clear();
    bench.sent.clear();
    Column {
        name: name.to_owned(),
        phase,
        bench,
    }
}

fn held_back(start: &Bench) -> Vec<Column> {
    let mut home = start.clone();
    home.checks(6, &Verdict::Good, &Verdict::Good);
    let fails = |mut bench: Bench| {
        bench.checks(3, &down(), &Verdict::Good);
        bench
    };
    let with = |change: fn(&mut Bench)| {
        let mut bench = home.clone();
        change(&mut bench);
        fails(bench)
    };
    let paused = with(|bench| bench.send(Event::Asked(Command::Pause(None))));
    let paused_for = with(|bench| {
        let until = bench.now.after_millis(300_000);
        bench.send(Event::Asked(Command::Pause(Some(until))));
    });
    // 1,000,000,000 s after the beginning of 1970 is a Sunday, 01:46.
    let maintenance = with(|bench| bench.plan.maintenance = vec!["Sun 01:00-02:00".parse().unwrap()]);
    let unwritable = with(|bench| {
        bench.answers = false;
        bench.send(Event::SaveFailed([].into()));
    });
    let dry_run = with(|bench| bench.plan.mode = Mode::DryRun);
    let reports = with(|bench| bench.plan.mode = Mode::Report);
    let pinned = with(|bench| {
        let until = bench.now.after_millis(300_000);
        bench.send(Event::Asked(Command::Switch(bench.wanted.clone(), Some(until))));
    });
    let mut stopping = fails(home.clone());
    stopping.checks(1, &down(), &Verdict::Good);
    stopping.answers = false;
    stopping.send(Event::Stop(Ending::Stop));
    vec![
        column("paused", Phase::Waiting, paused),
        column("paused for 5 min", Phase::Waiting, paused_for),
        column("maintenance", Phase::Waiting, maintenance),
        column("unwritable", Phase::Waiting, unwritable),
        column("dry run", Phase::Waiting, dry_run),
        column("only reports", Phase::Stuck, reports),
        column("pinned for 5 min", Phase::Overridden, pinned),
        column("stopping", Phase::Moving, stopping),
    ]
}

fn tunnel() -> Vec<Column> {
    let mut settings: MonitorSettings = settings(
        "failover.actions = [ \"restart\" \"tunnel-down\" ]; failover.allowTunnelDown = true; failover.returnAfter = \"10m\";",
    );
    // Another way in, by the interface that is up.
    let mut lan = settings.management[0].clone();
    lan.via = super::bench::lan();
    settings.management.push(lan);
    settings.exit_node_lan_access = true;
    let start = Bench::new(
        Plan::of(&settings),
        Setting::Tunnel(true),
        Setting::Tunnel(false),
        Setting::Tunnel(false),
    );
    let mut home = start.clone();
    home.checks(6, &Verdict::Good, &Verdict::Good);
    let mut restarting = home.clone();
    restarting.answers = false;
    restarting.checks(3, &down(), &Verdict::Good);
    let mut restarted = home.clone();
    restarted.checks(3, &down(), &Verdict::Good);
    let mut waiting = restarted.clone();
    waiting.measure(1, &Setting::Tunnel(false), &Verdict::Good);
    waiting.measure(3, &Setting::Tunnel(true), &down());
    let mut moving = restarted.clone();
    moving.checks(2, &down(), &Verdict::Good);
    moving.answers = false;
    moving.checks(1, &down(), &Verdict::Good);
    let mut trial = restarted.clone();
    trial.checks(3, &down(), &Verdict::Good);
    let mut away = trial.clone();
    away.checks(12, &down(), &Verdict::Good);
    let mut stuck = restarted.clone();
    stuck.checks(3, &down(), &down());
    let mut overridden = home.clone();
    overridden.by_hand(Setting::Tunnel(false));
    vec![
        column("home", Phase::Home, home),
        column("restarting", Phase::Waiting, restarting),
        column("waiting", Phase::Waiting, waiting),
        column("moving", Phase::Moving, moving),
        column("trial", Phase::Trial, trial),
        column("away", Phase::Away, away),
        column("stuck", Phase::Stuck, stuck),
        column("overridden", Phase::Overridden, overridden),
    ]
}
