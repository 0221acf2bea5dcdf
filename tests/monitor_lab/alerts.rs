//! What people are told while the network is as it is: mail goes the way that everything goes.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tailwright::model::MonitorSettings;
use tailwright::monitor::diagnosis::Layer;
use tailwright::monitor::failover::{Alarm, Phase};

use super::scenario::{MANY, assert_moves, play, with};
use crate::support::tailnet::{GATE, Lab, Mail, Monitor, SPARE, until};

#[test]
fn alerts() {
    play(&[
        (
            "a move and the way back are mailed, each through the node in force",
            moved,
        ),
        ("what cannot be mailed is mailed when the internet is back", cut_off),
    ]);
}

/// Everything is mailed to somebody in the internet.
fn mailing() -> MonitorSettings {
    let alerts = "{ smtp = { host = \"198.51.100.80\"; tls = \"none\"; }; \
                  receivers.desk = { type = \"mail\"; to = \"ops@example.org\"; burst = 50; timeout = \"2s\"; }; }";
    with(&[("alerts", alerts)], &[])
}

/// The mails that contain this in their subject.
fn about(lab: &Lab, what: &str) -> Vec<Mail> {
    let mut mails = lab.services.mails();
    mails.retain(|mail| mail.subject.contains(what));
    mails
}

const AWAY: &str = "exit node: not the wanted one is in force";

/// gate dies and comes back.
fn moved(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &mailing());
    monitor.ready();
    monitor.until_well();
    assert_eq!(about(lab, AWAY).len(), 0);
    let died = Instant::now();
    lab.faults().kill("gate");
    until("the move is mailed", || about(lab, AWAY).pop());
    lab.faults().revive("gate");
    monitor.until_phase(Phase::Home);
    monitor.until("everything is told", |report| {
        (report.alarms.is_empty() && report.counts.alerts_waiting == 0).then_some(())
    });
    monitor.measure(MANY);
    let mails = about(lab, AWAY);
    assert_eq!(mails.len(), 2, "{:#?}", lab.services.mails());
    assert!(mails[0].subject.starts_with("[warning] alpha: "), "{mails:#?}");
    assert!(mails[1].subject.starts_with("[over] alpha: "), "{mails:#?}");
    assert_moves(lab, &monitor, &["spare", "gate"]);
    let moves = lab.moves();
    assert!(
        died < moves[0].0 && moves[0].0 <= mails[0].at,
        "not before it has moved"
    );
    assert!(moves[1].0 <= mails[1].at, "not before it has returned");
    let ways: Vec<Ipv4Addr> = mails.iter().map(|mail| mail.from).collect();
    assert_eq!(ways, [SPARE.outside, GATE.outside]);
}

/// The internet is away for a while, for every node.
fn cut_off(lab: &mut Lab) {
    let mut monitor = Monitor::start(lab, &mailing());
    monitor.ready();
    monitor.until_well();
    let before = lab.services.mails().len();
    lab.faults().internet(false);
    monitor.until_told(&Alarm::Layer(Layer::Internet));
    monitor.until("it has tried in vain", |report| {
        (report.counts.alerts_failed > 0 && report.counts.alerts_waiting > 0).then_some(())
    });
    monitor.measure(MANY);
    assert_eq!(lab.services.mails().len(), before, "nothing can arrive");
    // It waits on disk, not in memory.
    monitor.kill();
    let back = Instant::now();
    lab.faults().internet(true);
    monitor.start_in(&lab.topology.client);
    monitor.until("everything is told", |report| {
        (report.alarms.is_empty() && report.counts.alerts_waiting == 0).then_some(())
    });
    let told = about(lab, "the internet is not reached");
    // Whether it was over before it could be told depends on who comes first.
    let ends = told.iter().filter(|mail| mail.subject.starts_with("[over]"));
    assert!(ends.count() == 1 && told.len() <= 2, "{told:#?}");
    assert!(told[told.len() - 1].subject.starts_with("[over]"), "{told:#?}");
    assert!(told.iter().all(|mail| mail.at >= back));
    assert!(told[0].at - back < Duration::from_secs(30), "soon");
    assert_moves(lab, &monitor, &[]);
}
