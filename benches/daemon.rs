//! What the monitor takes while it runs, and how fast it acts.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Pid;
use serde_json::json;
use tailwright::model::MonitorSettings;
use tailwright::monitor::Level;
use tailwright::monitor::decision::What;
use tailwright::monitor::failover::{ExitNodeUse, Setting};
use tailwright::net::TimeSpan;

use crate::support::netns::Netns;
use crate::support::scratch::Scratch;
use crate::support::tailnet::{Lab, Monitor, nothing, settings, until};
use crate::support::tailscaled::{Tailscaled, World};

/// Resident, with 100 peers, 10 of them measured.
const MOST_MEMORY: f64 = 12.0;
/// Of one processor, in percent, by the time between two checks.
const MOST_CPU: [(u64, u64, f64); 2] = [(1, 30, 1.0), (30, 120, 0.1)];
/// The processor time of a check, as a share of what a shell takes for one.
const DEAREST_CHECK: f64 = 0.05;
/// How often each failure is made.
const TURNS: usize = 11;

/// Prints everything; whether all budgets were kept.
pub fn print() -> bool {
    let mut kept = true;
    let mut check = None;
    println!();
    println!(
        "{:<44} {:>12} {:>12} {:>11}",
        "tsctl monitor, 100 peers, 10 measured", "resident", "of a CPU", "a check"
    );
    for (interval, watched, most) in MOST_CPU {
        let Some(Figures { resident, cpu, probes }) = figures(interval, Duration::from_secs(watched)) else {
            return false;
        };
        let share = cpu.as_secs_f64() / Duration::from_secs(watched).as_secs_f64() * 100.0;
        let each = cpu / u32::try_from(probes.max(1)).expect("few");
        let good = resident <= MOST_MEMORY && share <= most;
        println!(
            "{:<44} {resident:>9.1} MB {share:>10.3} % {:>8.3} ms{}",
            format!("  a check of each every {interval} s"),
            each.as_secs_f64() * 1e3,
            if good { "" } else { "  OVER ITS BUDGET" }
        );
        kept &= good;
        check.get_or_insert(each);
    }
    if let (Some(shell), Some(own)) = (shell(), check) {
        let ratio = own.as_secs_f64() / shell.as_secs_f64();
        let good = ratio <= DEAREST_CHECK;
        println!(
            "{:<44} {:>37.3} ms",
            "  a shell with grep, awk and bc, no tailscale",
            shell.as_secs_f64() * 1e3
        );
        println!(
            "  a check takes 1/{:.0} of what the shell takes{}",
            1.0 / ratio,
            if good { "" } else { "  OVER ITS BUDGET" }
        );
        kept &= good;
    } else {
        println!("  no bc on this machine: not compared with a shell");
    }
    let reacts = reactions();
    kept && reacts
}

struct Figures {
    /// In megabytes.
    resident: f64,
    /// Within the time that it was watched.
    cpu: Duration,
    /// Made in this time.
    probes: u64,
}

/// A monitor with 100 peers, of which ten may be exit nodes.
fn figures(interval: u64, watched: Duration) -> Option<Figures> {
    let client = Netns::new()?;
    let mut world = World::running();
    world.add_peers(97);
    let names: Vec<String> = (1..=10).map(|number| format!("peer-{number}")).collect();
    for name in &names {
        world.offer_exit_node(name);
    }
    world.operator = Some(rustix::process::geteuid().as_raw());
    let first = world.peer(&names[0])["ID"].clone();
    world.patch_prefs(&json!({"ExitNodeID": first, "ExitNodeIDSet": true}).to_string());
    let tailscaled = Tailscaled::start(world);
    let nodes = format!("[ \"{}\" ]", names.join("\" \""));
    let mut settings = settings(
        "",
        "",
        &[
            ("exitNodes", &nodes),
            ("checkTimeout", "\"500ms\""),
            ("checkInterval", &format!("\"{interval}s\"")),
        ],
        &[],
    );
    settings.exit_node = names[0].parse().ok();
    settings.probes = nothing();
    let mut monitor = Monitor::new(tailscaled.socket(), &settings);
    monitor.start_in(&client);
    monitor.ready();
    // Windows are filled, and what happens only once has happened.
    until("it measures", || (monitor.report()?.counts.probes >= 20).then_some(()));
    std::thread::sleep(Duration::from_secs(10));
    let probes = |monitor: &Monitor| monitor.report().map(|report| report.counts.probes);
    let (before, cpu) = (probes(&monitor)?, cpu_time(monitor.pid()));
    std::thread::sleep(watched);
    let cpu = cpu_time(monitor.pid()).saturating_sub(cpu);
    Some(Figures {
        resident: resident(monitor.pid()),
        cpu,
        probes: probes(&monitor)? - before,
    })
}

/// The processor time of all its threads, from `/proc/PID/task/*/schedstat`.
fn cpu_time(pid: Pid) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())).expect("it runs");
    let nanoseconds = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// In megabytes.
fn resident(pid: Pid) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero())).expect("it runs");
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok());
    kilobytes.expect("in kilobytes") * 1024.0 / 1e6
}

/// One check as scripts make it: what `tailscale status` and `tailscale ping` print is taken apart by other programs, and
/// compared by bc. To the shell's favour, the two are only read from files.
const CHECK: &str = r#"
state=$(cat status.json | grep -o '"BackendState": *"[^"]*"' | cut -d'"' -f4)
[ "$state" = Running ] || exit 1
said=$(cat ping.txt)
received=$(echo "$said" | grep -c '^pong from')
loss=$(echo "scale=1; (5 - $received) * 100 / 5" | bc -l)
latency=$(echo "$said" | grep -o 'in [0-9]*ms' | grep -o '[0-9]*' | awk '{ sum += $1 } END { print sum / NR }')
[ "$(echo "$latency > 200" | bc -l)" = 1 ] && echo slow
[ "$(echo "$loss > 5" | bc -l)" = 1 ] && echo lossy
"#;

/// The processor time of one check by the shell; nothing where there is no bc.
fn shell() -> Option<Duration> {
    const TIMES: u32 = 100;
    let scratch = Scratch::new();
    let mut world = World::running();
    world.add_peers(97);
    scratch.write(
        "status.json",
        serde_json::to_string_pretty(&world.status).expect("data"),
    );
    let pong = "pong from beta (100.64.0.1) via 10.77.1.12:41641 in 12ms\n";
    scratch.write("ping.txt", pong.repeat(5));
    let bc = Command::new("bc").stdin(Stdio::null()).stdout(Stdio::null()).status();
    if !bc.is_ok_and(|status| status.success()) {
        return None;
    }
    let before = children_time();
    let script = format!("for i in $(seq {TIMES}); do {CHECK} done");
    let status = Command::new("sh")
        .args(["-c", &script])
        .current_dir(scratch.path())
        .status()
        .expect("a shell");
    assert!(status.success() || status.code() == Some(1), "{status}");
    Some(children_time().saturating_sub(before) / TIMES)
}

/// The processor time of this process's children that have ended, theirs included (`proc_pid_stat(5)`, fields 16 and 17).
fn children_time() -> Duration {
    let text = std::fs::read_to_string("/proc/self/stat").expect("it is ours");
    let (_, fields) = text.rsplit_once(')').expect("a name in parentheses");
    let ticks = fields.split_whitespace().skip(13).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    // `USER_HZ` is 100 on Linux.
    Duration::from_millis(ticks * 10)
}

/// A failure of the exit node in force: how it is made and mended, and how many bad checks it takes.
struct Failure {
    name: &'static str,
    make: fn(&Lab),
    mend: fn(&Lab),
}

const FAILURES: [Failure; 3] = [
    Failure {
        name: "the exit node is gone",
        make: |lab| lab.faults().kill("gate"),
        mend: |lab| lab.faults().revive("gate"),
    },
    Failure {
        name: "it answers pings and forwards nothing",
        make: |lab| lab.faults().forward_nothing("gate"),
        mend: |lab| lab.faults().forward("gate"),
    },
    Failure {
        name: "what it sends is lost",
        make: |lab| lab.faults().lose("gate", 0, 100),
        mend: |lab| lab.faults().lose_nothing("gate"),
    },
];

/// The profile `fast`: how long after a failure the monitor has decided, and has asked tailscaled, and has seen it done.
fn reactions() -> bool {
    let settings = fast();
    let (interval, timeout) = (millis(settings.check_interval), millis(settings.check_timeout));
    let checks = u64::from(settings.failure_threshold);
    // The failure comes just before a check, or just after one; the last check fails by its time-out.
    let least = Duration::from_millis((checks - 1) * interval + timeout);
    let most = Duration::from_millis(checks * interval + timeout);
    println!();
    println!(
        "{:<44} {:>18} {:>18} {:>12}",
        format!("profile `fast`, {TURNS} times each"),
        "decided: median",
        "p95",
        "in force"
    );
    let rows: Vec<Option<Times>> = std::thread::scope(|scope| {
        let started: Vec<_> = FAILURES
            .iter()
            .map(|failure| scope.spawn(|| times(failure, &settings)))
            .collect();
        started
            .into_iter()
            .map(|row| row.join().expect("it does not fail"))
            .collect()
    });
    let mut kept = true;
    for (failure, times) in FAILURES.iter().zip(rows) {
        let Some(Times { mut decided, mut done }) = times else {
            return false;
        };
        decided.sort();
        done.sort();
        let slowest = decided[decided.len() - 1];
        let good = slowest < Duration::from_secs(3) + Duration::from_millis(500);
        println!(
            "{:<44} {:>16.2} s {:>16.2} s {:>8.0} ms{}",
            format!("  {}", failure.name),
            decided[decided.len() / 2].as_secs_f64(),
            slowest.as_secs_f64(),
            done[done.len() / 2].as_secs_f64() * 1e3,
            if good { "" } else { "  OVER ITS BUDGET" }
        );
        kept &= good;
    }
    println!(
        "  the thresholds allow {:.1} s at the earliest, and {:.1} s where the failure comes just after a check",
        least.as_secs_f64(),
        most.as_secs_f64()
    );
    kept
}

fn fast() -> MonitorSettings {
    let mut settings = settings("", "", &[], &[]);
    (settings.check_interval, settings.check_timeout) =
        (TimeSpan::constant_millis(700), TimeSpan::constant_millis(500));
    settings.failover.move_window = TimeSpan::constant_millis(3_000);
    settings
}

fn millis(span: TimeSpan) -> u64 {
    span.as_millis()
}

struct Times {
    /// From the failure to the request.
    decided: Vec<Duration>,
    /// From the request to the entry that it is in force.
    done: Vec<Duration>,
}

fn times(failure: &Failure, settings: &MonitorSettings) -> Option<Times> {
    let lab = Lab::new()?;
    let mut monitor = Monitor::start(&lab, settings);
    monitor.ready();
    let mut times = Times {
        decided: Vec::new(),
        done: Vec::new(),
    };
    for turn in 0..TURNS {
        until("it is well, and may move", || {
            let report = monitor.report()?;
            let may = report
                .last_move
                .is_none_or(|last| report.at.since(last) > Duration::from_secs(3));
            let well =
                report.subjects.iter().flat_map(|subject| &subject.settings).all(|one| {
                    one.level == Level::Good || !matches!(one.setting, Setting::ExitNode(ExitNodeUse::Node(_)))
                });
            (may && well && report.alarms.is_empty() && lab.exit_node().as_deref() == Some("gate")).then_some(())
        });
        // At another time between two checks each time.
        std::thread::sleep(Duration::from_millis(turn as u64 * 700 / TURNS as u64));
        let before = lab.moves().len();
        let start = Instant::now();
        (failure.make)(&lab);
        until("it moves", || (lab.moves().len() > before).then_some(()));
        times.decided.push(lab.moves()[before].0 - start);
        until("it is in force", || {
            (lab.exit_node().as_deref() == Some("spare")).then_some(())
        });
        (failure.mend)(&lab);
        until("it is written down", || {
            let decisions = monitor.decisions();
            let mut last = decisions.iter().rev();
            let done = last.find(|one| matches!(one.what, What::Moved { .. }))?.at;
            let begun = last.find(|one| matches!(one.what, What::Move { .. }))?.at;
            (decisions
                .iter()
                .filter(|one| matches!(one.what, What::Moved { .. }))
                .count()
                > before)
                .then(|| times.done.push(done.since(begun)))
        });
        until("it goes home", || {
            let _ = monitor.failover(&["restore"]);
            (lab.exit_node().as_deref() == Some("gate")).then_some(())
        });
    }
    Some(times)
}
