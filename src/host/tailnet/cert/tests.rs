use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::show::{State, drawn, golden, long_name};
use crate::host::tailnet::when::DAY;
use crate::localapi::Error;

/// 2026-11-20T04:05:00Z.
const NOW: WallTime = WallTime::from_unix(1_795_147_500);

fn one(known: Result<Certificate, String>) -> CertificatesSeen {
    let asked = Asked {
        certificates: vec![("alpha.lab-tailnet.ts.net".to_owned(), known)],
        ..Asked::default()
    };
    CertificatesSeen::judge(asked, NOW)
}

fn ends(after: u64) -> Certificate {
    Certificate::Ends(NOW.unix() + after)
}

#[test]
fn each_state_has_its_reason_and_its_command() {
    for (known, state, command) in [
        (Ok(ends(61 * DAY)), State::Good, None),
        (
            Ok(ends(13 * DAY)),
            State::Degraded,
            Some("sudo tsctl cert --renew alpha.lab-tailnet.ts.net"),
        ),
        (
            Ok(Certificate::Ends(NOW.unix() - 1)),
            State::Down,
            Some("sudo tsctl cert --renew alpha.lab-tailnet.ts.net"),
        ),
        (
            Ok(Certificate::None),
            State::Good,
            Some("sudo tsctl cert --renew alpha.lab-tailnet.ts.net"),
        ),
        (
            Ok(Certificate::Unknown(crate::host::unknown::Unknown::NeedsRoot)),
            State::CannotTell,
            Some("sudo tsctl cert"),
        ),
    ] {
        let seen = one(known);
        assert_eq!(seen.state, state, "{seen:?}");
        let said = seen.reasons.first().and_then(|reason| reason.command.as_deref());
        assert_eq!(said, command);
    }
    assert_eq!(
        CertificatesSeen::judge(Asked::default(), NOW).state,
        State::Degraded,
        "no names"
    );
    let away = Asked::unasked(Error::NoSocket("/run/tailscale/tailscaled.sock".into()));
    assert_eq!(CertificatesSeen::judge(away, NOW).state, State::Down);
    let unknown = Asked {
        unknown: vec!["www.example.org".to_owned()],
        ..Asked::default()
    };
    assert_eq!(CertificatesSeen::judge(unknown, NOW).state, State::Degraded);
}

#[test]
fn what_tailscaled_says_is_harmless_on_a_terminal() {
    let text = drawn(&one(Err("rate limit\u{1b}[2J".to_owned())), 80);
    assert!(
        text.contains("was not renewed: rate limit") && !text.contains('\u{1b}'),
        "{text}"
    );
}

/// Each state, by the name of its files.
fn states() -> Vec<(&'static str, CertificatesSeen, State)> {
    let unknown = Certificate::Unknown(crate::host::unknown::Unknown::NeedsRoot);
    let away = Asked::unasked(Error::NoSocket("/run/tailscale/tailscaled.sock".into()));
    let long = Asked {
        certificates: vec![(format!("{}.lab-tailnet.ts.net", long_name()), Ok(ends(61 * DAY)))],
        ..Asked::default()
    };
    vec![
        ("good", one(Ok(ends(61 * DAY))), State::Good),
        ("ends-soon", one(Ok(ends(3 * DAY))), State::Degraded),
        ("over", one(Ok(Certificate::Ends(NOW.unix() - DAY))), State::Down),
        ("none", one(Ok(Certificate::None)), State::Good),
        ("root-only", one(Ok(unknown)), State::CannotTell),
        ("refused", one(Err("500: rate limited".to_owned())), State::Down),
        (
            "no-names",
            CertificatesSeen::judge(Asked::default(), NOW),
            State::Degraded,
        ),
        ("away", CertificatesSeen::judge(away, NOW), State::Down),
        ("long-names", CertificatesSeen::judge(long, NOW), State::Good),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("tailnet/cert", name, &seen);
    }
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<CertificatesSeen>("ts-cert.json");
}
