//! What fails below an exit node is no reason to leave it.

use tailwright::monitor::Report;
use tailwright::monitor::diagnosis::{DaemonFault, Layer};
use tailwright::monitor::failover::{Alarm, Phase, Subject};

use super::scenario::{MANY, assert_moves, caused_by, play, with};
use crate::support::tailnet::{Broken, Lab, Monitor};

#[test]
fn what_fails_below_moves_nothing() {
    play(&[
        ("the cable is pulled", |lab| {
            below(lab, |lab, up| lab.faults().link(up), &[Layer::Link]);
        }),
        ("the router of the local network is off", |lab| {
            below(lab, |lab, up| lab.faults().gateway(up), &[Layer::Gateway]);
        }),
        ("the internet is away", |lab| {
            below(lab, |lab, up| lab.faults().internet(up), &[Layer::Internet]);
        }),
        ("names are not resolved", |lab| {
            below(
                lab,
                |lab, up| lab.services.resolver((!up).then_some(Broken::Refusing)),
                &[Layer::Dns],
            );
        }),
        ("the control plane is lost", |lab| {
            let mut monitor = begin(lab);
            // As captured: only the status says it, and nobody is told that it is another.
            lab.tailscaled.now("control lost");
            monitor.measure(MANY);
            assert_moves(lab, &monitor, &[]);
            // The status is read every minute, and whenever the bus was broken off: that is quicker.
            lab.tailscaled.now("bus end");
            told(&mut monitor, &[Layer::Control]);
            assert_moves(lab, &monitor, &[]);
            // After eight minutes its health says it, too.
            lab.tailscaled.now("warn not-in-map-poll");
            told(&mut monitor, &[Layer::Control]);
            // When it is back, it sends everything.
            lab.tailscaled.now("control back");
            over(lab, &mut monitor);
        }),
        ("tailscaled is killed", |lab| {
            let mut monitor = begin(lab);
            lab.tailscaled.now("die");
            told(&mut monitor, &[Layer::Daemon(DaemonFault::NotRunning)]);
            assert_moves(lab, &monitor, &[]);
            lab.tailscaled.now("start");
            over(lab, &mut monitor);
        }),
        ("tailscaled is stopped by hand", |lab| {
            let mut monitor = begin(lab);
            let set = |lab: &Lab, up: bool| {
                lab.tailscaled.now(&format!("set WantRunning {up}"));
            };
            set(lab, false);
            told(&mut monitor, &[Layer::Daemon(DaemonFault::Stopped)]);
            assert_moves(lab, &monitor, &[]);
            set(lab, true);
            over(lab, &mut monitor);
        }),
    ]);
}

fn begin(lab: &Lab) -> Monitor {
    let mut monitor = Monitor::start(lab, &with(&[], &[]));
    monitor.ready();
    monitor.until_well();
    monitor
}

/// Something below fails, and works again.
fn below(lab: &Lab, set: impl Fn(&Lab, bool), layers: &[Layer]) {
    let mut monitor = begin(lab);
    set(lab, false);
    told(&mut monitor, layers);
    assert_moves(lab, &monitor, &[]);
    set(lab, true);
    over(lab, &mut monitor);
}

/// The layer is told and found to be the cause, and for many measurements nothing else happens.
fn told(monitor: &mut Monitor, layers: &[Layer]) {
    for layer in layers {
        monitor.until_told(&Alarm::Layer(layer.clone()));
    }
    monitor.measure(MANY);
    let causes = |report: &Report| layers.iter().all(|layer| caused_by(report, |cause| cause == layer));
    monitor.until("it is still the cause", |report| causes(report).then_some(()));
    let report = monitor.report().expect("it runs");
    let merely_follows = [Alarm::Failing(Subject::ExitNode), Alarm::Stuck(Subject::ExitNode)];
    assert!(
        merely_follows.iter().all(|alarm| !report.alarms.contains(alarm)),
        "{:?}",
        report.alarms
    );
}

fn over(lab: &Lab, monitor: &mut Monitor) {
    monitor.until_well();
    monitor.until_phase(Phase::Home);
    monitor.measure(MANY);
    assert_moves(lab, monitor, &[]);
    assert_eq!(lab.exit_node().as_deref(), Some("gate"));
}
