//! What may be changed, and where that stands.

use crate::monitor::failover::Phase;
use crate::monitor::metrics::{Alert, Metric, Severity, Unit, words};

pub(super) const METRICS: &[Metric] = &[
    Metric::gauge(
        "tailwright_failover_phase",
        Unit::State,
        "Where each subject that the monitor may change stands.",
    )
    .labels(&["subject", "phase"])
    .drawn("Phase")
    .from("subjects[].phase", |report, samples| {
        for subject in &report.subjects {
            let name = subject.subject.to_string();
            for phase in Phase::ALL {
                samples.flag([&name, phase.name()], subject.phase == phase);
            }
        }
    })
    .alerts(&[
        Alert {
            name: "TailwrightStuck",
            when: "$metric{phase=\"stuck\"} == 1",
            after: "2m",
            severity: Severity::Critical,
            summary: "{{ $labels.instance }}: the {{ $labels.subject }} does not work, and nothing listed is better",
            what_to_do: "Look at what was tried: tsctl failover status; sudo tsctl why",
        },
        Alert {
            name: "TailwrightMoveWaits",
            when: "$metric{phase=\"waiting\"} == 1",
            after: "30m",
            severity: Severity::Warning,
            summary: "{{ $labels.instance }}: the {{ $labels.subject }} does not work, and the move from it waits",
            what_to_do: "See what it waits for: tsctl failover status",
        },
        Alert {
            name: "TailwrightAway",
            when: "$metric{phase=\"away\"} == 1",
            after: "1h",
            severity: Severity::Warning,
            summary: "{{ $labels.instance }}: the {{ $labels.subject }} is not the wanted one",
            what_to_do: "See what is wrong with the wanted one: tsctl failover status; go back by hand: sudo tsctl failover restore",
        },
        Alert {
            name: "TailwrightOverridden",
            when: "$metric{phase=\"overridden\"} == 1",
            after: "1d",
            severity: Severity::Info,
            summary: "{{ $labels.instance }}: somebody chose the {{ $labels.subject }}, and the monitor leaves it alone",
            what_to_do: "Let the monitor decide again: sudo tsctl failover resume",
        },
    ]),
    Metric::gauge(
        "tailwright_failover_setting_in_force",
        Unit::State,
        "Which of its settings is in force for each subject.",
    )
    .labels(&["subject", "setting"])
    .drawn("In force")
    .from("subjects[].standing", |report, samples| {
        for subject in &report.subjects {
            let name = subject.subject.to_string();
            for listed in &subject.settings {
                let is_in_force = listed.setting == subject.standing;
                samples.flag([&name, &words::setting(&listed.setting)], is_in_force);
            }
        }
    }),
    Metric::gauge(
        "tailwright_failover_setting_level",
        Unit::State,
        "How each setting is doing.",
    )
    .labels(&["subject", "setting", "level"])
    .drawn("Levels of the settings")
    .from("subjects[].settings[].level", |report, samples| {
        for subject in &report.subjects {
            let name = subject.subject.to_string();
            for listed in &subject.settings {
                let setting = words::setting(&listed.setting);
                for level in words::LEVELS {
                    samples.flag([&name, &setting, level.name()], listed.level == level);
                }
            }
        }
    }),
    Metric::gauge(
        "tailwright_failover_setting_bad_checks",
        Unit::Count,
        "Bad checks of each setting in a row, up to now.",
    )
    .labels(&["subject", "setting"])
    .drawn("Bad checks in a row")
    .from("subjects[].settings[].badInARow", |report, samples| {
        for subject in &report.subjects {
            let name = subject.subject.to_string();
            for listed in &subject.settings {
                let bad = u64::from(listed.bad_in_a_row);
                samples.count([&name, &words::setting(&listed.setting)], bad);
            }
        }
    }),
    Metric::gauge(
        "tailwright_failover_hold_down_end_time_seconds",
        Unit::Time,
        "Until when a setting that failed is not returned to; only for those that are held down.",
    )
    .labels(&["subject", "setting"])
    .drawn("Held down until")
    .from("subjects[].settings[].heldUntil", |report, samples| {
        for subject in &report.subjects {
            let name = subject.subject.to_string();
            for listed in &subject.settings {
                if let Some(until) = listed.held_until {
                    samples.moment([&name, &words::setting(&listed.setting)], until);
                }
            }
        }
    }),
    Metric::gauge(
        "tailwright_failover_standing_start_time_seconds",
        Unit::Time,
        "Since when what is in force for each subject has been.",
    )
    .labels(&["subject"])
    .drawn("In force since")
    .from("subjects[].since", |report, samples| {
        for subject in &report.subjects {
            samples.moment([&subject.subject.to_string()], subject.since);
        }
    }),
    Metric::gauge(
        "tailwright_failover_refused",
        Unit::Flag,
        "Whether the last change of the subject was refused.",
    )
    .labels(&["subject"])
    .drawn("Refused, paused, in maintenance")
    .from("subjects[].refused", |report, samples| {
        for subject in &report.subjects {
            samples.flag([&subject.subject.to_string()], subject.refused.is_some());
        }
    })
    .alerts(&[Alert {
        name: "TailwrightRefused",
        when: "$metric == 1",
        after: "10m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: the last change of the {{ $labels.subject }} was refused",
        what_to_do: "See why: tsctl failover status",
    }]),
    Metric::gauge(
        "tailwright_failover_paused",
        Unit::Flag,
        "Whether somebody paused all moves.",
    )
    .drawn("Refused, paused, in maintenance")
    .from("pause", |report, samples| samples.flag([], report.pause.is_some()))
    .alerts(&[Alert {
        name: "TailwrightPaused",
        when: "$metric == 1",
        after: "1d",
        severity: Severity::Info,
        summary: "{{ $labels.instance }}: failover has been paused for a day",
        what_to_do: "Let it go on: sudo tsctl failover resume",
    }]),
    Metric::gauge(
        "tailwright_failover_in_maintenance",
        Unit::Flag,
        "Whether a maintenance window is open, in which no moves are made.",
    )
    .drawn("Refused, paused, in maintenance")
    .from("maintenanceUntil", |report, samples| {
        samples.flag([], report.maintenance_until.is_some());
    }),
    Metric::gauge(
        "tailwright_failover_last_move_time_seconds",
        Unit::Time,
        "When the last move was made or tried; absent before the first.",
    )
    .drawn("In force since")
    .from("lastMove", |report, samples| {
        if let Some(moment) = report.last_move {
            samples.moment([], moment);
        }
    }),
    Metric::counter("tailwright_failover_moves_total", "Moves that were made.")
        .drawn("Moves")
        .from("counts.moves", |report, samples| {
            samples.count([], report.counts.moves);
        })
        .alerts(&[Alert {
            name: "TailwrightFlapping",
            when: "increase($metric[1h]) > 6",
            after: "0m",
            severity: Severity::Warning,
            summary: "{{ $labels.instance }}: {{ $value | humanize }} moves within an hour",
            what_to_do: "See why: sudo tsctl why",
        }]),
    Metric::counter(
        "tailwright_failover_move_failures_total",
        "Moves that were refused or went unanswered.",
    )
    .drawn("Moves")
    .from("counts.movesFailed", |report, samples| {
        samples.count([], report.counts.moves_failed);
    }),
    Metric::counter(
        "tailwright_tailscaled_restarts_total",
        "Restarts of tailscaled by the monitor.",
    )
    .drawn("Moves")
    .from("counts.restarts", |report, samples| {
        samples.count([], report.counts.restarts);
    })
    .alerts(&[Alert {
        name: "TailwrightRestartsTailscaled",
        when: "increase($metric[1d]) > 1",
        after: "0m",
        severity: Severity::Warning,
        summary: "{{ $labels.instance }}: tailscaled had to be restarted {{ $value | humanize }} times within a day",
        what_to_do: "See why: sudo tsctl why; journalctl -u tailscaled",
    }]),
];
