use crate::model::MonitorSettings;
use crate::nixos::tests::{host, module_of};

const PATH: &str = "modules/network/monitoring/tailscale-monitor.nix";

fn profile(monitoring: &str) -> String {
    format!(
        "{{ host.name = \"a\"; host.management = [ {{ via = \"tailscale0\"; service = \"ssh\"; }} ]; \
         network.vpn.tailscale.enable = true; network.monitoring.tailscale = {{ enable = true; {monitoring} }}; }}"
    )
}

#[test]
fn who_acts_is_root_and_who_looks_is_nobody() {
    let text = module_of(&profile("enableAutoFailover = true;"), PATH);
    assert!(
        text.contains("User = \"root\";") && !text.contains("DynamicUser"),
        "{text}"
    );
    let text = module_of(&profile(""), PATH);
    assert!(
        text.contains("DynamicUser = true;") && !text.contains("User = \"root\""),
        "{text}"
    );
    assert!(!text.contains("tailwright-benchmark"), "{text}");
}

#[test]
fn the_package_is_asked_for_by_name() {
    let text = module_of(&profile(""), PATH);
    assert!(text.contains("tsctl = pkgs.tsctl or (throw \""), "{text}");
}

#[test]
fn settings_read_back_and_refuse_what_they_do_not_know() {
    let settings = MonitorSettings::of(&host(&profile(
        "enableBenchmarks = true; alertEmail = \"ops@example.org\"; exitNodes = [ \"gate\" \"auto\" \"100.64.0.9\" ];",
    )))
    .unwrap();
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json["exitNodes"], serde_json::json!(["gate", "auto:any", "100.64.0.9"]));
    assert_eq!(json["management"][0]["ports"], 22);
    assert_eq!(
        serde_json::from_value::<MonitorSettings>(json.clone()).unwrap(),
        settings
    );
    let mut newer = json.clone();
    newer["version"] = 2.into();
    let said = serde_json::from_value::<MonitorSettings>(newer)
        .unwrap_err()
        .to_string();
    assert!(said.contains("version 2"), "{said}");
    let mut unknown = json;
    unknown["colour"] = "red".into();
    assert!(serde_json::from_value::<MonitorSettings>(unknown).is_err());
}

#[test]
fn secrets_are_loaded_by_systemd_and_stay_out_of_the_settings() {
    let text = module_of(
        &profile(
            "alerts.receivers = { ops = { type = \"webhook\"; urlFile = config.sops.secrets.\"ops-url\".path; }; \
             phone = { type = \"webhook\"; url = \"https://ntfy.sh/x\"; tokenFile = \"/run/keys/phone\"; }; };",
        )
        .replace("{ host.name", "{ secrets.external = [ \"ops-url\" ]; host.name"),
        PATH,
    );
    assert!(
        text.contains("\"alert-ops-url:${config.sops.secrets.ops-url.path}\"")
            && text.contains("\"alert-phone-token:/run/keys/phone\"")
            && text.contains("sops-install-secrets.service"),
        "{text}"
    );
    assert!(text.contains("\"file\": \"alert-ops-url\""), "{text}");
    let text = module_of(&profile(""), PATH);
    assert!(!text.contains("LoadCredential") && !text.contains("sops"), "{text}");
}
