//! Settings, as people type them.

use crate::model::ExitNodeChoice;
use crate::monitor::Report;
use crate::monitor::failover::{ExitNodeUse, Setting};

/// The word that `tsctl failover switch` wants for a setting; nothing where it cannot be switched to.
pub(super) fn word(setting: &Setting) -> Option<String> {
    Some(match setting {
        Setting::ExitNode(ExitNodeUse::Off) => "none".to_owned(),
        Setting::ExitNode(ExitNodeUse::Node(choice)) => choice.to_string(),
        Setting::ExitNode(ExitNodeUse::Other(_)) => return None,
        Setting::AcceptRoutes(true) => "routes-on".to_owned(),
        Setting::AcceptRoutes(false) => "routes-off".to_owned(),
        Setting::TailnetAddress(name) => format!("{name}=tailnet"),
        Setting::LanAddress(name) => format!("{name}=lan"),
        Setting::Tunnel(true) => "tunnel-up".to_owned(),
        Setting::Tunnel(false) => "tunnel-down".to_owned(),
    })
}

/// Everything that can be switched to now.
pub(super) fn choices(report: &Report) -> Vec<Setting> {
    let settings = report.subjects.iter().flat_map(|subject| &subject.settings);
    settings
        .map(|listed| &listed.setting)
        .filter(|setting| word(setting).is_some())
        .cloned()
        .collect()
}

/// The setting that a word means; else what can be typed.
pub(super) fn setting(report: &Report, typed: &str) -> Result<Setting, String> {
    let choices = choices(report);
    let is_meant = |setting: &&Setting| match setting {
        // However much of its name in the tailnet somebody types.
        Setting::ExitNode(ExitNodeUse::Node(ExitNodeChoice::Node(name))) => {
            same_node(&name.to_string(), typed.trim_end_matches('.'))
        }
        _ => word(setting).as_deref() == Some(typed),
    };
    let found: Vec<&Setting> = choices.iter().filter(is_meant).collect();
    let words = |settings: &mut dyn Iterator<Item = &Setting>| settings.filter_map(word).collect::<Vec<_>>().join(", ");
    match found.as_slice() {
        [setting] => Ok((*setting).clone()),
        [] if choices.is_empty() => {
            Err("the monitor has not heard of tailscaled yet, so nothing can be switched".to_owned())
        }
        [] => Err(format!(
            "{typed} is not in the settings, and only what they list is put in force: {}",
            words(&mut choices.iter())
        )),
        several => Err(format!("{typed} may be {}", words(&mut several.iter().copied()))),
    }
}

/// Whether one of them is the other, or its first label.
fn same_node(listed: &str, typed: &str) -> bool {
    let label = |name: &str| name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    listed.eq_ignore_ascii_case(typed)
        || (!(listed.contains('.') && typed.contains('.')) && label(listed) == label(typed))
}
