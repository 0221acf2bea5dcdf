//! Settings of a monitor, lowered from a profile.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tailwright::diagnostic::{Report as Findings, human};
use tailwright::model::{EgressProbes, MonitorSettings, Probes};
use tailwright::profile::load;

use super::address::{PUBLIC_DNS, WEB, at};

/// How eager the monitor is where a scenario says nothing else: a failure is acted on within two seconds, a recovery within
/// three.
const EAGER: [(&str, &str); 8] = [
    ("checkInterval", "\"400ms\""),
    ("checkTimeout", "\"400ms\""),
    // A busy machine is late now and then: what is slow is said by the scenarios that are about it.
    ("maxPacketLoss", "40"),
    ("maxLatency", "400"),
    ("failureThreshold", "3"),
    ("recoveryThreshold", "3"),
    ("enableAutoFailover", "true"),
    ("exitNodes", "[ \"gate\" \"spare\" ]"),
];
const EAGER_FAILOVER: [(&str, &str); 5] = [
    ("holdDown", "\"1s\""),
    ("maxHoldDown", "\"8s\""),
    ("minDwell", "\"500ms\""),
    ("moveWindow", "\"500ms\""),
    ("returnAfter", "\"1s\""),
];

/// What the monitor is told, each by its name and as Nix.
pub type Options<'a> = [(&'a str, &'a str)];

/// The settings of a host of the laboratory: `host` and `tailscale` are attributes of these groups, `monitoring` and
/// `failover` change what is said above.
pub fn settings(host: &str, tailscale: &str, monitoring: &Options<'_>, failover: &Options<'_>) -> MonitorSettings {
    lowered(
        host,
        tailscale,
        &merged(&EAGER, monitoring),
        &merged(&EAGER_FAILOVER, failover),
    )
}

/// Those of the profile `fast`, with nothing else said than which exit nodes there are.
pub fn fast() -> MonitorSettings {
    let options = "profile = \"fast\"; enableAutoFailover = true; exitNodes = [ \"gate\" \"spare\" ];";
    lowered("", "", options, "")
}

fn merged(all: &Options<'_>, others: &Options<'_>) -> String {
    let mut options: BTreeMap<&str, &str> = BTreeMap::new();
    options.extend(all.iter().chain(others).copied());
    options.iter().fold(String::new(), |mut text, (name, value)| {
        let _ = write!(text, "{name} = {value}; ");
        text
    })
}

fn lowered(host: &str, tailscale: &str, monitoring: &str, failover: &str) -> MonitorSettings {
    let text = format!(
        "{{ host = {{ name = \"alpha\"; interfaces.enp3s0 = {{ role = \"lan\"; prefixes = [ \"192.168.15.10/24\" ]; }}; {host} }};
            network.vpn.tailscale = {{ enable = true; useExitNode = \"gate\"; exitNodeAllowLANAccess = true; {tailscale} }};
            network.monitoring.tailscale = {{ enable = true; {monitoring} failover = {{ {failover} }}; }}; }}",
    );
    let profile = load("host.nix", text.as_bytes(), None, &mut |_| Err("no file".to_owned()));
    let found = Findings::new(&profile.findings, profile.sources.clone(), |place| {
        profile.locate(place)
    });
    let mut said = Vec::new();
    human(&found, false, &mut said).expect("memory");
    let host = profile.fleet.and_then(|fleet| fleet.hosts.into_values().next());
    let settings = host.and_then(|host| MonitorSettings::of(&host));
    let mut settings = settings
        .filter(|_| !found.has_errors())
        .unwrap_or_else(|| panic!("{text}\n{}", String::from_utf8_lossy(&said)));
    settings.probes = Probes {
        internet: vec![at(WEB, 80)],
        egress: EgressProbes {
            dns: vec![PUBLIC_DNS.into()],
            http: vec![format!("http://{WEB}/").parse().expect("a URL")],
        },
        ..Probes::default()
    };
    settings
}

/// Nothing but tailscaled is asked.
pub fn nothing() -> Probes {
    let egress = EgressProbes {
        dns: Vec::new(),
        http: Vec::new(),
    };
    Probes {
        internet: Vec::new(),
        egress,
        ..Probes::default()
    }
}
