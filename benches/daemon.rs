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
use crate::support::tailnet::{Lab, Monitor, fast, nothing, settings, until};
use crate::support::tailscaled::{Tailscaled, World};

/// Resident, in megabytes, with 100 peers.
const MOST_MEMORY: f64 = 12.0;
/// The peers that are measured.
const MEASURED: u64 = 10;
/// Of one processor, in percent, by the time between two checks.
const MOST_CPU: [(u64, u64, f64); 2] = [(1, 30, 1.0), (30, 120, 0.1)];
/// The processor time of a check, as a share of what a shell takes for one.
const DEAREST_CHECK: f64 = 0.05;
/// How often each failure is made.
const TURNS: usize = 21;
/// From the failure to the other exit node in force, where the profile says `fast`.
const SLOWEST_MOVE: Duration = Duration::from_secs(3);

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
        let Some(Figures { resident, cpu }) = figures(interval, Duration::from_secs(watched)) else {
            return false;
        };
        let share = cpu.as_secs_f64() / Duration::from_secs(watched).as_secs_f64() * 100.0;
        // A peer is asked more than once in a check, and all else that the monitor does is a part of it.
        let each = cpu / u32::try_from(MEASURED * watched / interval).expect("few");
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
    let own = check.unwrap_or_default();
    if let Some(shell) = shell() {
        let ratio = own.as_secs_f64() / shell.as_secs_f64();
        let good = ratio <= DEAREST_CHECK;
        println!(
            "{:<44} {:>37.3} ms",
            "  a shell with curl, grep, awk and bc",
            shell.as_secs_f64() * 1e3
        );
        println!(
            "  a check of a peer takes 1/{:.0} of what the shell takes{}",
            1.0 / ratio,
            if good { "" } else { "  OVER ITS BUDGET" }
        );
        kept &= good;
    } else {
        println!("  curl or bc is missing here: NOT COMPARED with a shell");
        kept = false;
    }
    let reacts = reactions();
    kept && reacts
}

struct Figures {
    /// In megabytes.
    resident: f64,
    /// Within the time that it was watched.
    cpu: Duration,
}

/// A monitor with 100 peers, of which some may be exit nodes and are measured.
fn figures(interval: u64, watched: Duration) -> Option<Figures> {
    let client = Netns::new()?;
    let mut world = World::running();
    world.add_peers(97);
    let names: Vec<String> = (1..=MEASURED).map(|number| format!("peer-{number}")).collect();
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
    let before = cpu_time(monitor.pid());
    std::thread::sleep(watched);
    let cpu = cpu_time(monitor.pid()).saturating_sub(before);
    let resident = resident(monitor.pid());
    // The same peers must really have been measured all the time.
    let readings = monitor.report()?.readings.len() as u64;
    assert!(readings >= MEASURED, "{readings} are measured");
    Some(Figures { resident, cpu })
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

/// One check of one peer as scripts make it: other programs ask tailscaled for its status and for five pings, take the answers
/// apart and compare them. curl is a leaner program than the official command, to the shell's favour.
const CHECK: &str = r#"
status=$(curl -s --unix-socket "$SOCKET" http://local-tailscaled.sock/localapi/v0/status)
state=$(echo "$status" | grep -o '"BackendState": *"[^"]*"' | cut -d'"' -f4)
[ "$state" = Running ] || exit 1
said=$(curl -s --unix-socket "$SOCKET" -X POST "http://local-tailscaled.sock/localapi/v0/ping?ip=$PEER&type=TSMP&n=[1-5]")
times=$(echo "$said" | grep -o '"LatencySeconds": *[0-9.e-]*' | cut -d: -f2)
received=$(echo "$times" | grep -c .)
[ "$received" = 5 ] || exit 2
loss=$(echo "scale=1; (5 - $received) * 100 / 5" | bc -l)
latency=$(echo "$times" | awk '{ sum += $1 } END { printf "%f", sum / NR * 1000 }')
[ "$(echo "$latency > 200" | bc -l)" = 1 ] && echo slow
[ "$(echo "$loss > 5" | bc -l)" = 1 ] && echo lossy
"#;

/// The processor time of one check by the shell; nothing where one of its programs is missing.
fn shell() -> Option<Duration> {
    const TIMES: u32 = 100;
    for program in ["curl", "bc"] {
        let there = Command::new(program)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        if !there.is_ok_and(|status| status.success()) {
            return None;
        }
    }
    let mut world = World::running();
    world.add_peers(97);
    world.answer_status_at_once();
    let peer = world.peer("peer-1")["TailscaleIPs"][0].clone();
    let tailscaled = Tailscaled::start(world);
    let before = children_time();
    let status = Command::new("sh")
        .args(["-c", &format!("for i in $(seq {TIMES}); do {CHECK} done; exit 0")])
        .env("SOCKET", tailscaled.socket())
        .env("PEER", peer.as_str().expect("an address"))
        .status()
        .expect("a shell");
    assert!(status.success(), "{status}: its check does not work");
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

/// A failure of the exit node in force: how it is made and mended, and whether every check is bad from then on.
struct Failure {
    name: &'static str,
    make: fn(&Lab),
    mend: fn(&Lab),
    /// Otherwise it takes the window some checks until it is seen.
    is_whole: bool,
}

const FAILURES: [Failure; 5] = [
    Failure {
        name: "the exit node is gone",
        make: |lab| lab.faults().kill("gate"),
        mend: |lab| lab.faults().revive("gate"),
        is_whole: true,
    },
    Failure {
        name: "it answers pings and forwards nothing",
        make: |lab| lab.faults().forward_nothing("gate"),
        mend: |lab| lab.faults().forward("gate"),
        is_whole: true,
    },
    Failure {
        name: "what it sends is lost",
        make: |lab| lab.faults().lose("gate", 0, 100),
        mend: |lab| lab.faults().lose_nothing("gate"),
        is_whole: true,
    },
    Failure {
        name: "half of what it sends is lost",
        make: |lab| lab.faults().lose("gate", 0, 50),
        mend: |lab| lab.faults().lose_nothing("gate"),
        is_whole: false,
    },
    Failure {
        name: "it is slow: 260 ms more",
        make: |lab| lab.delay("gate", Duration::from_millis(130), Duration::from_millis(130)),
        mend: |lab| lab.delay("gate", Duration::ZERO, Duration::ZERO),
        is_whole: false,
    },
];

/// The profile `fast`: how long after a failure the monitor has decided, which is when it asks tailscaled, and how long after
/// it the other exit node is in force.
fn reactions() -> bool {
    let settings = fast();
    let (interval, timeout) = (millis(settings.check_interval), millis(settings.check_timeout));
    let checks = u64::from(settings.failure_threshold);
    // The failure comes just before a check, or just after one; the last check fails by its time-out.
    let least = Duration::from_millis((checks - 1) * interval + timeout);
    let most = Duration::from_millis(checks * interval + timeout);
    println!();
    println!(
        "{:<40} {:>9} {:>7} {:>11} {:>7}",
        format!("profile `fast`, {TURNS} times each"),
        "decided",
        "p95",
        "in force",
        "p95"
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
        let good = !failure.is_whole || p95(&decided) + p95(&done) < SLOWEST_MOVE;
        println!(
            "{:<40} {:>7.2} s {:>5.2} s {:>8.0} ms {:>4.0} ms{}",
            format!("  {}", failure.name),
            decided[decided.len() / 2].as_secs_f64(),
            p95(&decided).as_secs_f64(),
            done[done.len() / 2].as_secs_f64() * 1e3,
            p95(&done).as_secs_f64() * 1e3,
            if good { "" } else { "  OVER ITS BUDGET" }
        );
        kept &= good;
    }
    println!(
        "  where every check is bad the thresholds allow {:.1} s at the earliest, {:.1} s where the failure comes just after a check",
        least.as_secs_f64(),
        most.as_secs_f64()
    );
    kept
}

/// Of sorted times.
fn p95(times: &[Duration]) -> Duration {
    times[(times.len() * 95).div_ceil(100) - 1]
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
    let mut times = Times {
        decided: Vec::new(),
        done: Vec::new(),
    };
    let interval = millis(settings.check_interval);
    for turn in 0..TURNS {
        // A new one each time: nothing stands against a move that earlier ones left behind.
        let mut monitor = Monitor::start(&lab, settings);
        monitor.ready();
        until("all is well", || {
            let report = monitor.report()?;
            let subjects = report.subjects.iter();
            let mut listed = subjects.flat_map(|subject| &subject.settings);
            let well = listed
                .all(|one| one.level == Level::Good || !matches!(one.setting, Setting::ExitNode(ExitNodeUse::Node(_))));
            (well && report.alarms.is_empty()).then_some(())
        });
        // At another time between two checks each time.
        std::thread::sleep(Duration::from_millis(turn as u64 * interval / TURNS as u64));
        let before = lab.moves().len();
        let start = Instant::now();
        (failure.make)(&lab);
        until("it moves", || (lab.moves().len() > before).then_some(()));
        times.decided.push(lab.moves()[before].0 - start);
        until("it is written down", || {
            let decisions = monitor.decisions();
            let at = |is_it: fn(&What) -> bool| Some(decisions.iter().find(|one| is_it(&one.what))?.at);
            let done = at(|what| matches!(what, What::Moved { .. }))?;
            times
                .done
                .push(done.since(at(|what| matches!(what, What::Move { .. }))?));
            Some(())
        });
        assert_eq!(lab.exit_node().as_deref(), Some("spare"));
        drop(monitor);
        (failure.mend)(&lab);
        lab.choose("gate");
    }
    Some(times)
}
