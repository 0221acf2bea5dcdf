use serde_json::Value;

use super::*;
use crate::host::firewall::moment::WallTime;
use crate::host::show::{State, drawn, golden};
use crate::localapi::Error;

/// 2026-11-20T04:05:00Z, when the captures were taken.
const NOW: WallTime = WallTime::from_unix(1_795_147_500);

fn captured(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn running() -> Value {
    captured(include_str!(
        "../../../../tests/fixtures/localapi/07-status-running.json"
    ))
}

fn needs_login() -> Value {
    captured(include_str!(
        "../../../../tests/fixtures/localapi/01-status-needslogin.json"
    ))
}

fn judged(status: &Value, units: Units) -> LoginSeen {
    // Before the first login no control plane is set.
    let prefs = captured(if status["HaveNodeKey"] == true {
        include_str!("../../../../tests/fixtures/localapi/09-prefs-running.json")
    } else {
        include_str!("../../../../tests/fixtures/localapi/02-prefs-needslogin.json")
    });
    let asked = Asked {
        begun: Begun::Nothing,
        status: Ok(serde_json::from_value(status.clone()).unwrap()),
        prefs: Some(serde_json::from_value(prefs).unwrap()),
        units,
    };
    LoginSeen::judge(&asked, NOW)
}

const RENDERED: Units = Units {
    autoconnect: true,
    set: true,
};

/// Each state, by the name of its files.
fn states() -> Vec<(&'static str, LoginSeen, State)> {
    let mut waiting = needs_login();
    waiting["AuthURL"] = "https://login.example.net/a/1234".into();
    let mut ends = running();
    ends["Self"]["KeyExpiry"] = "2026-11-23T04:05:00Z".into();
    let mut expired = running();
    expired["BackendState"] = "NeedsLogin".into();
    expired["Self"]["KeyExpiry"] = "2026-11-20T00:00:00Z".into();
    let mut stopped = running();
    stopped["BackendState"] = "Stopped".into();
    let away = Asked {
        begun: Begun::Nothing,
        status: Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into())),
        prefs: None,
        units: RENDERED,
    };
    vec![
        ("good", judged(&running(), RENDERED), State::Good),
        ("needs-login", judged(&needs_login(), RENDERED), State::Down),
        ("waiting", judged(&waiting, RENDERED), State::Down),
        ("expired", judged(&expired, RENDERED), State::Down),
        ("key-ends", judged(&ends, RENDERED), State::Degraded),
        ("stopped", judged(&stopped, Units::default()), State::Down),
        ("away", LoginSeen::judge(&away, NOW), State::Down),
    ]
}

#[test]
fn each_state_is_drawn_within_its_columns() {
    for (name, seen, state) in states() {
        assert_eq!(seen.state, state, "{name}: {:?}", seen.reasons);
        golden("tailnet/auth", name, &seen);
    }
}

#[test]
fn a_node_that_is_logged_in_is_good() {
    let seen = judged(&running(), RENDERED);
    assert_eq!(seen.state, State::Good);
}

#[test]
fn a_login_is_said_how() {
    let seen = judged(&needs_login(), RENDERED);
    assert_eq!(seen.state, State::Down);
    let text = drawn(&seen, 80);
    for words in [
        "nobody is logged in",
        "sudo tsctl auth --login",
        "sudo systemctl restart tailscaled-autoconnect",
        "sudo systemctl restart tailscaled-set",
    ] {
        assert!(text.contains(words), "{text}");
    }
    // No host's units are named where there are none.
    assert!(!drawn(&judged(&needs_login(), Units::default()), 80).contains("systemctl"));
    let mut waiting = needs_login();
    waiting["AuthURL"] = "https://login.example.net/a/1234".into();
    assert!(drawn(&judged(&waiting, RENDERED), 80).contains("https://login.example.net/a/1234"));
}

#[test]
fn that_an_auth_key_may_be_refused_is_said_where_it_may_be() {
    let text = drawn(&judged(&needs_login(), RENDERED), 80);
    assert!(
        !text.contains("refused"),
        "nothing was changed before the first login: {text}"
    );
    let mut expired = running();
    expired["BackendState"] = "NeedsLogin".into();
    expired["Self"]["KeyExpiry"] = "2026-11-20T00:00:00Z".into();
    let text = drawn(&judged(&expired, RENDERED), 200);
    assert!(text.contains("the key of this node has expired"), "{text}");
    assert!(
        text.contains("refused where a preference was changed")
            && text.contains("restart tailscaled-autoconnect; journalctl -u tailscaled-autoconnect"),
        "{text}"
    );
}

#[test]
fn a_key_that_expires_is_told_in_time() {
    let mut status = running();
    status["Self"]["KeyExpiry"] = "2026-11-23T04:05:00Z".into();
    let seen = judged(&status, RENDERED);
    assert_eq!(seen.state, State::Degraded);
    assert!(drawn(&seen, 80).contains("sudo tsctl auth --login"));
}

#[test]
fn a_tailscaled_that_is_away_is_down() {
    let asked = Asked {
        status: Err(Error::NoSocket("/run/tailscale/tailscaled.sock".into())),
        prefs: None,
        begun: Begun::Nothing,
        units: RENDERED,
    };
    let seen = LoginSeen::judge(&asked, NOW);
    assert_eq!(seen.state, State::Down);
    assert!(drawn(&seen, 80).contains("sudo systemctl start tailscaled"));
}

#[test]
fn the_schema_that_is_published_is_that_of_these_types() {
    crate::host::show::published::<LoginSeen>("ts-auth.json");
}

#[test]
fn a_login_that_was_begun_says_where_it_is_ended() {
    let after = |status: &Value, begun: Begun| {
        let asked = Asked {
            begun,
            status: Ok(serde_json::from_value(status.clone()).unwrap()),
            prefs: None,
            units: Units::default(),
        };
        drawn(&LoginSeen::judge(&asked, NOW), 80)
    };
    let silent = after(&needs_login(), Begun::Login);
    assert!(
        silent.contains("has not said yet where to log in") && silent.contains("tsctl auth --watch"),
        "{silent}"
    );
    let mut renewing = running();
    renewing["AuthURL"] = "https://login.example.net/a/1234".into();
    let said = after(&renewing, Begun::Login);
    assert!(said.contains("renew the key") && said.contains("/a/1234"), "{said}");
    let refused = after(
        &running(),
        Begun::Refused(Error::NoSocket("/run/tailscale/tailscaled.sock".into())),
    );
    assert!(refused.starts_with("login: down"), "{refused}");
}
