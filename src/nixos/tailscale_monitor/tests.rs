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
fn it_runs_as_the_user_with_the_fewest_rights_that_is_enough() {
    const ROOT: &str = "User = \"root\";";
    const NOBODY: &str = "DynamicUser = true;";
    const OWN: &str = "User = \"tailwright-monitor\";";
    let is_operator = |text: &str, name: &str| {
        text.replace(
            "network.vpn.tailscale.enable = true;",
            &format!("network.vpn.tailscale = {{ enable = true; operator = \"{name}\"; }};"),
        )
    };
    let acts = profile("enableAutoFailover = true;");
    for (profile, expected) in [
        (profile(""), NOBODY),
        (acts.clone(), ROOT),
        // The one operator is a person's.
        (is_operator(&acts, "ada"), ROOT),
        (is_operator(&acts, "tailwright-monitor"), OWN),
        (profile("alertEmail = \"ops@example.org\";"), ROOT),
        (
            profile("alertEmail = \"ops@example.org\"; alerts.smtp = { host = \"mail.example.org\"; };"),
            NOBODY,
        ),
        (
            profile("metrics.textfile = \"/run/tailwright-monitor/a.prom\";"),
            NOBODY,
        ),
        (profile("metrics.textfile = \"/var/lib/node/a.prom\";"), ROOT),
    ] {
        let text = module_of(&profile, PATH);
        for user in [ROOT, NOBODY, OWN] {
            assert_eq!(text.contains(user), user == expected, "{profile}: {text}");
        }
        assert_eq!(
            text.contains("users.users.tailwright-monitor"),
            expected == OWN,
            "{text}"
        );
    }
}

#[test]
fn a_user_of_its_own_may_restart_tailscaled_where_that_is_listed() {
    let text = |actions: &str| {
        let profile = profile(&format!("enableAutoFailover = true; failover.actions = [ {actions} ];"));
        let profile = profile.replace(
            "tailscale.enable = true;",
            "tailscale = { enable = true; operator = \"tailwright-monitor\"; };",
        );
        module_of(&profile, PATH)
    };
    assert!(text("\"restart\"").contains("action.lookup(\"unit\") == \"tailscaled.service\""));
    assert!(!text("\"exit-node\"").contains("polkit"));
}

#[test]
fn the_package_is_asked_for_by_name() {
    let text = module_of(&profile(""), PATH);
    assert!(text.contains("tsctl = pkgs.tsctl or (throw \""), "{text}");
    assert!(!text.contains("tailwright-benchmark"), "{text}");
}

#[test]
fn metrics_are_written_where_the_unit_may_write() {
    let text = module_of(&profile("metrics.textfile = \"/var/lib/node 50%/a.prom\";"), PATH);
    assert!(text.contains("ReadWritePaths = [\"-/var/lib/node 50%%\"];"), "{text}");
    let text = module_of(&profile("metrics.textfile = \"/run/tailwright-monitor/a.prom\";"), PATH);
    assert!(!text.contains("ReadWritePaths"), "{text}");
}

#[test]
fn hosts_leads_to_the_monitor_only_where_it_changes_addresses() {
    let lan = "failover = { actions = [ \"lan-address\" ]; lanServices.db = { tailnetAddress = \"nas\"; \
               lanAddress = \"192.168.15.5\"; port = 5432; }; };";
    let text = module_of(&profile(&format!("enableAutoFailover = true; {lan}")), PATH);
    assert!(
        text.contains("environment.etc.hosts.source = lib.mkForce \"/run/tailwright-monitor/hosts\";")
            && text.contains("RuntimeDirectoryPreserve = true;"),
        "{text}"
    );
    for other in [lan, "enableAutoFailover = true;"] {
        assert!(!module_of(&profile(other), PATH).contains("hosts"), "{other}");
    }
}

#[test]
fn settings_read_back_and_refuse_what_they_do_not_know() {
    let settings = MonitorSettings::of(&host(&profile(
        "enableBenchmarks = true; alertEmail = \"ops@example.org\"; exitNodes = [ \"gate\" \"auto\" \"100.64.0.9\" ]; \
         metrics = { listen = \"[::1]:9811\"; textfile = \"/run/tailwright-monitor/a.prom\"; };",
    )))
    .unwrap();
    let json = serde_json::to_value(&settings).unwrap();
    assert_eq!(json["exitNodes"], serde_json::json!(["gate", "auto:any", "100.64.0.9"]));
    assert_eq!(json["management"][0]["ports"], 22);
    assert_eq!(
        json["metrics"],
        serde_json::json!({"listen": "[::1]:9811", "textfile": "/run/tailwright-monitor/a.prom"})
    );
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
