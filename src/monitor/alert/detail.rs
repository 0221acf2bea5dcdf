//! What is known of an alarm besides that it began.

use crate::monitor::SubjectReport;
use crate::monitor::failover::{Alarm, Subject};

/// What is known of an alarm besides that it began, one sentence; empty where nothing is. It may contain what others said.
pub fn detail(alarm: &Alarm, subjects: &[SubjectReport]) -> String {
    let of = |subject: &Subject| subjects.iter().find(|report| report.subject == *subject);
    let known = match alarm {
        Alarm::Failing(subject) | Alarm::Stuck(subject) => of(subject).map(failing),
        Alarm::Away(subject) => of(subject).map(|report| match &report.wanted {
            Some(wanted) => format!("{} is in force instead of {wanted}", report.standing),
            None => format!("{} is in force", report.standing),
        }),
        Alarm::ChangedByHand(subject) => of(subject).map(|report| format!("{} is in force", report.standing)),
        Alarm::Refused(subject) => of(subject).and_then(|report| report.refused.clone()),
        Alarm::Layer(_) | Alarm::KeyExpires(_) | Alarm::StateUnwritable => None,
    };
    known.unwrap_or_default()
}

fn failing(report: &SubjectReport) -> String {
    let standing = report.settings.iter().find(|listed| listed.setting == report.standing);
    match standing {
        Some(standing) => {
            let fault = standing.fault.as_ref().map(|fault| format!(": {fault}"));
            format!(
                "{} is {}{}",
                report.standing,
                standing.level.name(),
                fault.unwrap_or_default()
            )
        }
        None => format!("{} is in force", report.standing),
    }
}
