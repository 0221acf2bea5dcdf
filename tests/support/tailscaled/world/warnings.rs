//! What its health is.

use serde_json::{Value, json};

use super::World;

/// Codes of what the control plane says; it sends this node with it.
const FROM_CONTROL: &str = "control-health.";

/// What daemons were seen to complain of: code, severity, title, text.
const KNOWN: [(&str, &str, &str, &str); 5] = [
    (
        "not-in-map-poll",
        "medium",
        "Out of sync",
        "Unable to connect to the Tailscale coordination server to synchronize the state of your tailnet. Peer \
         reachability might degrade over time.",
    ),
    ("wantrunning-false", "low", "Tailscale off", "Tailscale is stopped."),
    (
        "warming-up",
        "low",
        "Tailscale is starting",
        "Tailscale is starting. Please wait.",
    ),
    (
        "ip-forwarding-off",
        "medium",
        "IP forwarding is off",
        "Subnet routing is enabled, but IP forwarding is disabled. Check that IP forwarding is enabled on your machine.",
    ),
    (
        "no-derp-connection",
        "medium",
        "Relay server unavailable",
        "Tailscale could not connect to the 'Lab Two' relay server. Your Internet connection might be down, or the \
         server might be temporarily unavailable.",
    ),
];

impl World {
    /// Something is wrong with it, and streams hear of it.
    pub fn warn(&mut self, code: &str, text: Option<&str>) -> Result<(), String> {
        let known = KNOWN.iter().find(|(known, ..)| *known == code);
        let (severity, title, text) = match (known, text) {
            (Some((_, severity, title, said)), text) => (*severity, *title, text.unwrap_or(said)),
            (None, Some(text)) => ("medium", code, text),
            (None, None) => {
                return Err(format!(
                    "no daemon was seen to complain of {code}: say in quotes what it says"
                ));
            }
        };
        if code.starts_with(FROM_CONTROL) {
            self.tell_self();
        }
        let warning = json!({
            "WarnableCode": code, "Severity": severity, "Title": title, "Text": text,
            "BrokenSince": "2026-11-20T04:09:41.718331588Z", "ETag": format!("{code:0<64}"),
        });
        if !self.warnings.is_object() {
            self.warnings = json!({});
        }
        self.warnings[code] = warning;
        self.tell_health();
        Ok(())
    }

    /// That is over, or everything is.
    pub fn mend(&mut self, code: Option<&str>) -> Result<(), String> {
        if self
            .warnings
            .as_object()
            .is_some_and(|all| all.keys().any(|code| code.starts_with(FROM_CONTROL)))
        {
            self.tell_self();
        }
        if let Some(code) = code {
            let warnings = self.warnings.as_object_mut();
            if warnings.and_then(|warnings| warnings.remove(code)).is_none() {
                return Err(format!("{code} is not wrong"));
            }
        }
        if code.is_none() || self.warnings == json!({}) {
            self.warnings = Value::Null;
        }
        self.tell_health();
        Ok(())
    }

    fn tell_health(&mut self) {
        let warnings = self.warnings.as_object();
        self.status["Health"] = warnings
            .into_iter()
            .flat_map(|warnings| warnings.values())
            .map(|warning| warning["Text"].clone())
            .collect();
        let health = json!({"Health": {"Warnings": self.warnings}});
        self.tell(&health);
    }
}
