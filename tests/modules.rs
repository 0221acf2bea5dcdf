//! The modules beside the firewall's and the proxy's: what Nix makes of them, compared with the model.

mod hostile;
mod kernel_parameters;
mod monitor;

use std::path::Path;

use serde_json::{Value, json};
use tailwright::model::{FileRef, Host, MonitorSettings, Release, SysctlValue};
use tailwright::net::Transport;
use tailwright::nixos::sysctl;
use tailwright::proxy;

use crate::examples::examples;
use crate::support::netns::Netns;
use crate::support::nix::{self, Evaluation, Nix, Written};
use crate::support::rendered::Rendered;
use crate::support::tool;

fn record(nix: &Nix, rendered: &Rendered, folder: &str) -> Evaluation {
    let disk = rendered.on_disk();
    nix.record(&[&disk.path().join(folder)])
        .unwrap_or_else(|said| panic!("{said}"))
}

/// The only host of a profile, and what its modules set.
fn evaluated(nix: &Nix, text: &str) -> (Host, Evaluation) {
    let rendered = Rendered::of(text);
    let evaluation = record(nix, &rendered, "");
    (rendered.fleet.hosts.into_values().next().unwrap(), evaluation)
}

#[test]
fn what_the_modules_set_is_what_the_model_says() {
    let Some(nix) = Nix::new() else { return };
    for path in examples() {
        let rendered = Rendered::of_file(&path).unwrap_or_else(|report| panic!("{report}"));
        let folders = rendered.folders();
        for host in rendered.fleet.hosts.values() {
            let own = format!("{}/", host.name);
            let folder = if folders.contains(&own) { own } else { String::new() };
            let place = format!("{}: {}", path.display(), host.name);
            if !folders.contains(&folder) {
                assert_ne!(host.os, tailwright::model::Os::Nixos, "{place}");
                continue;
            }
            compare(host, &record(&nix, &rendered, &folder), &place);
        }
    }
}

fn compare(host: &Host, evaluation: &Evaluation, place: &str) {
    let config = &evaluation.config;
    // The recorded host runs 26.05.
    let warned = config["warnings"]
        .as_array()
        .is_some_and(|warnings| !warnings.is_empty());
    assert_eq!(warned, host.release != Release::R2605, "{place}");
    if let Some(tailscale) = &host.tailscale {
        let set = &config["services"]["tailscale"];
        assert_eq!(set["enable"], true, "{place}");
        assert_eq!(set["port"], tailscale.port.map_or(0, u16::from), "{place}");
        assert_eq!(set["interfaceName"], tailscale.interface.to_string(), "{place}");
        let key = tailscale.auth_key.as_ref().map(|key| match key {
            FileRef::Secret(name) => format!("/run/secrets/{name}"),
            FileRef::Path(path) => path.to_string(),
        });
        assert_eq!(
            set.get("authKeyFile").and_then(Value::as_str),
            key.as_deref(),
            "{place}"
        );
        let routes: Vec<String> = tailscale.routes().iter().map(ToString::to_string).collect();
        let flags = set["extraSetFlags"].as_array().unwrap();
        for flag in [
            format!("--hostname={}", tailscale.hostname),
            format!("--advertise-routes={}", routes.join(",")),
        ] {
            assert!(
                flags.contains(&Value::from(flag.as_str())),
                "{place}: {flag} of {flags:?}"
            );
        }
        if let Some(backend) = host.tailscaled_backend() {
            let environment = &config["systemd"]["services"]["tailscaled"]["environment"];
            assert_eq!(environment["TS_DEBUG_FIREWALL_MODE"], backend.as_str(), "{place}");
        }
    }
    let settings = sysctl::settings(host);
    for (key, setting) in &settings {
        let expected = match &setting.value {
            SysctlValue::Integer(number) => json!(number),
            SysctlValue::Text(text) => json!(text),
        };
        assert_eq!(config["boot"]["kernel"]["sysctl"][key], expected, "{place}: {key}");
    }
    for secret in host.secrets.secrets.values() {
        let set = &config["sops"]["secrets"][secret.name.to_string()];
        assert_eq!(set["key"], secret.key, "{place}");
        assert_eq!(set["owner"], secret.owner.to_string(), "{place}");
        assert_eq!(set["mode"], secret.mode.to_string(), "{place}");
    }
    if let Some(ruleset) = tailwright::firewall::compile(host) {
        let text = config["environment"]["etc"]["tailwright/firewall.nft"]["text"].as_str();
        let head = "add table inet tailwright\ndelete table inet tailwright\ntable inet tailwright {\n";
        let expected = format!("{head}{}\n}}\n", ruleset.content());
        assert_eq!(text, Some(expected.as_str()), "{place}");
    }
    if let Some(settings) = MonitorSettings::of(host) {
        // In the system is what came out of the check.
        let source = &config["environment"]["etc"]["tailwright/tsctl.json"]["source"];
        assert!(source.as_str().unwrap().ends_with("-tsctl.json"), "{place}");
        let text = &written(evaluation, "writeTextFile", "tsctl.json").text;
        assert_eq!(
            serde_json::from_str::<MonitorSettings>(text).unwrap(),
            settings,
            "{place}"
        );
        // What the doctor looks for is what nginx is told.
        let told = proxy::compile(host).map(|nginx| nginx.listeners()).unwrap_or_default();
        for port in &settings.expected.listens {
            assert!(told.contains(&(Transport::Tcp, *port)), "{place}: {port}");
        }
        assert_eq!(settings.expected.listens.is_empty(), told.is_empty(), "{place}");
        assert_eq!(settings.expected.zones, host.zones.is_some(), "{place}");
    }
    for (interface, limit) in host.qos.iter().flat_map(|qos| &qos.limits) {
        let unit = &config["systemd"]["services"][format!("tailwright-qos-{interface}")]["serviceConfig"];
        let command = unit["ExecStart"].as_str().unwrap();
        assert!(
            command.contains(&format!(
                "/bin/tc qdisc replace dev {interface} root tbf rate {} ",
                limit.rate
            )),
            "{command}"
        );
    }
}

/// What a function wrote to the store under that name.
fn written<'a>(evaluation: &'a Evaluation, writer: &str, name: &str) -> &'a Written {
    let mut all = evaluation.written.iter();
    all.find(|written| written.writer == writer && written.name == name)
        .unwrap_or_else(|| panic!("{name} is not written by {writer}: {:?}", evaluation.written))
}

#[test]
fn every_example_evaluates_with_the_real_module_system() {
    let Some(nix) = Nix::new() else { return };
    for path in examples() {
        let rendered = Rendered::of_file(&path).unwrap_or_else(|report| panic!("{report}"));
        let disk = rendered.on_disk();
        for folder in rendered.folders() {
            let tree = disk.path().join(&folder);
            let Some(host) = nix.evaluate_with_lib(&tree, &[&tree]) else {
                return;
            };
            let host = host.unwrap_or_else(|said| panic!("{}: {said}", path.display()));
            assert_eq!(host.failed, Vec::<String>::new(), "{}", path.display());
        }
    }
}

#[test]
fn sops_nix_takes_the_secrets() {
    let Some(nix) = Nix::new() else { return };
    let (Some(lib), Some(sops)) = (tool::optional("NIXPKGS_LIB"), tool::optional("SOPS_NIX")) else {
        return;
    };
    for (file, source, validated) in [
        ("./secrets/tailscale.yaml", "secrets/tailscale.yaml", true),
        (
            "\"/etc/nixos/secrets/tailscale.yaml\"",
            "/etc/nixos/secrets/tailscale.yaml",
            false,
        ),
    ] {
        let rendered = Rendered::of(&format!(
            "{{ host.name = \"a\"; network.vpn.tailscale = {{ enable = true; authKeyFile = config.sops.secrets.\"tailscale-authkey\".path; }}; \
             secrets.tailscale = {{ sopsFile = {file}; keys.authkey = {{ group = \"wheel\"; mode = \"0440\"; }}; \
             age.keyFile = \"/var/lib/sops-nix/key.txt\"; age.sshKeyPaths = [ \"/etc/ssh/ssh_host_ed25519_key\" ]; }}; }}"
        ));
        let disk = rendered.on_disk();
        let seen = nix
            .evaluate(&format!(
                "import {} {{ nixpkgsLib = {}; sopsNix = {}; modules = [ {} ]; }}",
                nix::path(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nix/sops.nix")),
                nix::path(&lib),
                nix::path(&sops),
                nix::path(disk.path())
            ))
            .unwrap_or_else(|said| panic!("{said}"));
        assert_eq!(seen["failed"], json!([]));
        assert_eq!(seen["validate"], validated);
        assert_eq!(seen["keyFile"], "/var/lib/sops-nix/key.txt");
        assert_eq!(seen["sshKeyPaths"], json!(["/etc/ssh/ssh_host_ed25519_key"]));
        let secret = &seen["secrets"]["tailscale-authkey"];
        assert_eq!(
            (&secret["owner"], &secret["group"], &secret["mode"]),
            (&json!("root"), &json!("wheel"), &json!("0440"))
        );
        assert_eq!(
            (&secret["key"], &secret["path"]),
            (&json!("authkey"), &json!("/run/secrets/tailscale-authkey"))
        );
        // A path of the tree is copied to the store when it is shown.
        let place = secret["sopsFile"].as_str().unwrap();
        assert!(
            place == source || place.ends_with("tailscale.yaml") && validated,
            "{place}"
        );
    }
}

#[test]
fn another_release_is_warned_of() {
    let Some(nix) = Nix::new() else { return };
    let warnings = |release: &str| {
        let (_, evaluation) = evaluated(&nix, &format!("{{ host.name = \"a\"; host.release = \"{release}\"; }}"));
        evaluation.config["warnings"].as_array().unwrap().len()
    };
    // The recorded host runs 26.05.
    assert_eq!((warnings("25.11"), warnings("26.05"), warnings("26.11")), (1, 0, 1));
}

#[test]
fn nginx_may_speak_to_an_acknowledged_container_engine() {
    let Some(nix) = Nix::new() else { return };
    let (_, evaluation) = evaluated(
        &nix,
        "{ host.name = \"a\"; network.vpn.tailscale.enable = true; network.proxy.nginx-tailscale = { enable = true; \
         tailnetDomain = \"tail12345.ts.net\"; services.docker = { upstreamSocket = \"/run/docker.sock\"; \
         protocol = \"http\"; port = 8443; acknowledge = [ \"docker-socket\" ]; }; }; }",
    );
    let unit = &evaluation.config["systemd"]["services"]["nginx"]["serviceConfig"];
    assert_eq!(unit["SupplementaryGroups"], serde_json::json!(["docker"]));
}

#[test]
fn a_limit_is_put_on_twice_and_taken_off() {
    let Some(nix) = Nix::new() else { return };
    let Some(tc) = tool::part("tc") else { return };
    let Some(namespace) = Netns::with_interfaces(&["br-lan"]) else {
        return;
    };
    let (_, evaluation) = evaluated(
        &nix,
        "{ host.name = \"a\"; network.qos.limits.br-lan = { rate = \"10mbit\"; burst = \"32kbit\"; latency = \"400ms\"; }; }",
    );
    let unit = &evaluation.config["systemd"]["services"]["tailwright-qos-br-lan"]["serviceConfig"];
    let arguments = |key: &str| -> Vec<String> {
        let command = unit[key].as_str().unwrap();
        let (_, arguments) = command.split_once("/bin/tc ").unwrap();
        arguments.split(' ').map(str::to_owned).collect()
    };
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        namespace.must(&tc, &arguments)
    };
    run(&arguments("ExecStart"));
    run(&arguments("ExecStart"));
    let shown = run(&["qdisc", "show", "dev", "br-lan"].map(str::to_owned));
    assert!(
        shown.contains("qdisc tbf") && shown.contains("rate 10Mbit burst 4Kb lat 400ms"),
        "{shown}"
    );
    run(&arguments("ExecStop"));
    let shown = run(&["qdisc", "show", "dev", "br-lan"].map(str::to_owned));
    assert!(!shown.contains("tbf"), "{shown}");
}
