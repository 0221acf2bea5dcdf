//! The modules beside the firewall's and the proxy's: what Nix makes of them, compared with the model.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use tailwright::model::{FileRef, Host, MonitorSettings, Release, SysctlValue};
use tailwright::net::Transport;
use tailwright::nixos::sysctl;
use tailwright::proxy;

use crate::examples::examples;
use crate::support::netns::Netns;
use crate::support::nix::{self, Evaluation, Nix, Written};
use crate::support::rendered::Rendered;
use crate::support::run::{Ended, Place, TSCTL};
use crate::support::scratch::Scratch;
use crate::support::tool;
use crate::support::units;

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

/// The kernel parameters of a host with another file of the user's beside it. `None` where the values cannot be seen: no
/// `lib`, or the declarations of a whole nixpkgs.
fn beside(nix: &Nix, profile: &str, own: &str) -> Option<Result<Value, String>> {
    let disk = Rendered::of(profile).on_disk();
    let scratch = Scratch::new();
    let own = scratch.write("own.nix", own);
    match nix.evaluate_with_lib(disk.path(), &[disk.path(), &own])? {
        Ok(host) if host.declarations != "own" => None,
        Ok(mut host) => Some(Ok(host.settings.remove("boot.kernel.sysctl").unwrap_or_default())),
        Err(said) => Some(Err(said)),
    }
}

#[test]
fn kernel_parameters_neither_collide_nor_get_lost() {
    let Some(nix) = Nix::new() else { return };
    let profile = "{ host.name = \"a\"; network.vpn.tailscale = { enable = true; exitNode = true; }; \
                   network.tuning = { profile = \"throughput\"; sysctl.\"net.ipv4.tcp_mtu_probing\" = 1; }; }";
    let Some(alone) = beside(&nix, profile, "{}") else {
        return;
    };
    let alone = alone.unwrap();
    assert_eq!(alone["net.core.rmem_max"], 134_217_728);
    assert_eq!(alone["net.ipv4.conf.all.forwarding"], true, "left to NixOS");
    let sysctl = |line: &str| {
        beside(
            &nix,
            profile,
            &format!("{{ lib, ... }}: {{ boot.kernel.sysctl = {{ {line} }}; }}"),
        )
        .unwrap()
    };
    // A line of the user's wins over the profile, even a smaller buffer; a proposal of another module does not.
    assert_eq!(
        sysctl("\"net.core.rmem_max\" = 4194304;").unwrap()["net.core.rmem_max"],
        4_194_304
    );
    assert_eq!(
        sysctl("\"net.ipv4.tcp_rmem\" = \"1 2 3\";").unwrap()["net.ipv4.tcp_rmem"],
        "1 2 3"
    );
    let proposed = sysctl("\"net.ipv4.tcp_rmem\" = lib.mkDefault \"1 2 3\";").unwrap();
    assert_eq!(proposed["net.ipv4.tcp_rmem"], "4096 87380 67108864");
    // What the profile names itself is not lost in silence.
    let said = sysctl("\"net.ipv4.tcp_mtu_probing\" = 2;").unwrap_err();
    assert!(said.contains("net.ipv4.tcp_mtu_probing"), "{said}");
    assert_eq!(
        sysctl("\"net.ipv4.tcp_mtu_probing\" = lib.mkForce 2;").unwrap()["net.ipv4.tcp_mtu_probing"],
        2
    );
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

/// The monitor of a host with these options, and its other options.
fn monitored(monitoring: &str, tailscale: &str) -> String {
    format!(
        "{{ host.name = \"a\"; host.management = [ {{ via = \"tailscale0\"; service = \"ssh\"; }} ]; \
         network.vpn.tailscale = {{ enable = true; {tailscale} }}; \
         network.monitoring.tailscale = {{ enable = true; {monitoring} }}; }}"
    )
}

/// Profiles whose monitors run as each of the users, with everything that changes the unit.
fn monitors() -> Vec<(&'static str, f64, String)> {
    let everything = "enableAutoFailover = true; exitNodes = [ \"gate\" ]; enableBenchmarks = true; \
                      metrics = { listen = \"127.0.0.1:9811\"; textfile = \"/var/lib/node/a.prom\"; }; \
                      failover = { actions = [ \"exit-node\" \"lan-address\" \"restart\" ]; lanServices.db = { \
                      tailnetAddress = \"nas\"; lanAddress = \"192.168.15.5\"; port = 5432; }; };";
    let in_place = everything.replace("/var/lib/node", "/run/tailwright-monitor");
    vec![
        ("nobody", 1.5, monitored("enableBenchmarks = true;", "")),
        (
            "operator",
            1.5,
            monitored(&in_place, "operator = \"tailwright-monitor\";"),
        ),
        ("root", 2.0, monitored(everything, "")),
        // Its sendmail needs rights: what it costs is said in the unit.
        ("sendmail", 2.0, monitored("alertEmail = \"ops@example.org\";", "")),
    ]
}

#[test]
fn the_units_of_the_monitor_are_confined_as_systemd_counts_it() {
    let Some(nix) = Nix::new() else { return };
    for (who, most, profile) in monitors() {
        let (_, evaluation) = evaluated(&nix, &profile);
        let all = units::of_config(&evaluation.config);
        assert_eq!(units::verify(&all), Ok(()), "{who}");
        let services = all
            .iter()
            .filter(|(name, _)| name.starts_with("tailwright-") && name.ends_with(".service"));
        let mut counted = 0;
        for (name, text) in services {
            let Some((level, said)) = units::exposure(name, text) else {
                return;
            };
            assert!(level <= most, "{who}: {name} is exposed at {level}\n{said}");
            counted += 1;
        }
        assert!(counted > 0, "{who}");
    }
    // It would see a unit that is not confined.
    let (level, _) = units::exposure("open.service", "[Service]\nExecStart=/bin/true\n").unwrap();
    assert!(level > 9.0);
}

#[test]
fn every_option_of_the_monitor_is_one_of_nixos() {
    let Some(nix) = Nix::new() else { return };
    for (who, _, profile) in monitors() {
        let disk = Rendered::of(&profile).on_disk();
        let Some(host) = nix.evaluate_with_lib(disk.path(), &[disk.path()]) else {
            return;
        };
        let host = host.unwrap_or_else(|said| panic!("{who}: {said}"));
        assert_eq!(host.failed, Vec::<String>::new(), "{who}");
    }
}

#[test]
fn the_settings_are_checked_by_tsctl_when_the_system_is_built() {
    let Some(nix) = Nix::new() else { return };
    for (who, _, profile) in monitors() {
        let (host, evaluation) = evaluated(&nix, &profile);
        let script = &written(&evaluation, "checkPhase", "tsctl.json").text;
        let settings = &written(&evaluation, "writeTextFile", "tsctl.json").text;
        let program = "/nix/store/00000000000000000000000000000000-tsctl/bin/tsctl";
        assert!(
            script.starts_with(&format!("{program} monitor --check-config ")),
            "{script}"
        );
        // The same by hand, as the builder of nixpkgs does it (`set -e`).
        let scratch = Scratch::new();
        let build = |settings: &str| {
            let run = tool::run(
                std::process::Command::new("bash")
                    .args(["-euc", &script.replace(program, TSCTL)])
                    .env("target", scratch.write("settings", settings)),
            );
            tool::accepted(&run)
        };
        build(settings).unwrap_or_else(|said| panic!("{who}: {said}"));
        let read: MonitorSettings = serde_json::from_str(settings).unwrap();
        assert_eq!(Some(read), MonitorSettings::of(&host), "{who}");
        let wrong = settings.replace("\"failureThreshold\": 3", "\"failureThreshold\": 0");
        assert_ne!(&wrong, settings);
        let said = build(&wrong).unwrap_err();
        assert!(said.contains("failureThreshold"), "{said}");
    }
}

#[test]
fn the_scripts_of_the_guide_run_tsctl() {
    let Some(nix) = Nix::new() else { return };
    let (_, evaluation) = evaluated(&nix, &monitored("", ""));
    let run = |name: &str, arguments: &[&str], ends: [&str; 3]| {
        let file = &evaluation.config["environment"]["etc"][format!("tailscale/{name}")];
        assert_eq!(file["mode"], "0755");
        let text = file["text"].as_str().unwrap();
        assert!(text.starts_with("#!/nix/store/"), "{text}");
        // A tsctl that says what it was asked, and how bad it is.
        let place = Place::new();
        let tsctl = place.write(
            "tsctl",
            "#!/bin/sh\nprintf '[%s]\\n' \"$@\"\neval \"exit \\${ends_$1:-0}\"\n",
        );
        std::fs::set_permissions(&tsctl, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let program = "/nix/store/00000000000000000000000000000000-tsctl/bin/tsctl";
        assert!(text.contains(program), "{text}");
        place.write(name, text.replace(program, tsctl.to_str().unwrap()));
        let mut command = place.command("sh");
        command.envs(["ends_status", "ends_failover", "ends_quality"].into_iter().zip(ends));
        Ended::of(command.arg(name).args(arguments))
    };
    run("health-check.sh", &["--json", "a b"], ["0", "0", "0"])
        .status(0)
        .err("")
        .out("[doctor]\n[--json]\n[a b]\n");
    // What is known to be bad outweighs what cannot be told, whatever the number.
    for (ends, status) in [
        (["0", "0", "0"], 0),
        (["0", "3", "0"], 3),
        (["64", "0", "0"], 64),
        (["3", "1", "0"], 1),
        (["3", "0", "2"], 2),
        (["74", "2", "3"], 2),
        (["1", "2", "64"], 2),
    ] {
        run("monitoring-check.sh", &[], ends).status(status);
    }
    let monitoring = run("monitoring-check.sh", &[], ["0", "2", "1"]);
    monitoring.status(2).err("");
    let expected = "\n== tsctl status --peers=active\n[status]\n[--peers=active]\n\
                    \n== tsctl failover status\n[failover]\n[status]\n\
                    \n== tsctl quality\n[quality]\n";
    monitoring.out(expected);
}

#[test]
fn a_missing_overlay_says_what_to_do() {
    let Some(nix) = Nix::new() else { return };
    let disk = Rendered::of(
        "{ host.name = \"a\"; network.vpn.tailscale.enable = true; network.monitoring.tailscale.enable = true; }",
    )
    .on_disk();
    let module = disk.path().join("modules/network/monitoring/tailscale-monitor.nix");
    let lib = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nix/lib.nix");
    let said = nix
        .evaluate(&format!(
            "(import {} {{ config = {{}}; lib = import {}; pkgs = {{}}; }}).environment.systemPackages",
            nix::path(&module),
            nix::path(&lib)
        ))
        .unwrap_err();
    assert!(
        said.contains("pkgs.tsctl is missing: import tailwright's nixosModules.default"),
        "{said}"
    );
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

/// Printable ASCII with the characters that mean something to Nix, systemd and the shell thrown in.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("${x}"),
        Just("''"),
        Just("\""),
        Just("\\"),
        Just("'"),
        Just("$"),
        Just("%"),
        Just(";"),
        Just("}"),
        Just(" "),
        Just("#"),
        Just("*/"),
        Just("@"),
        Just("a"),
        Just("="),
    ];
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

#[test]
fn no_string_of_a_profile_leaves_its_place() {
    let Some(nix) = Nix::new() else { return };
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strings = prop::collection::vec(hostile(), 12);
    let taken = std::cell::Cell::new(0);
    runner
        .run(&strings, |strings| {
            let flags: Vec<String> = strings.iter().enumerate().map(|(n, text)| format!("--x{n}={text}")).collect();
            let list = flags.iter().map(|flag| nix::string(flag)).collect::<Vec<_>>().join(" ");
            let path = format!("/run/{}", strings[0].replace('/', "-"));
            let profile = format!(
                "{{ host.name = \"a\"; network.vpn.tailscale = {{ enable = true; authKeyFile = {path}; extraUpFlags = [ {list} ]; \
                 extraSetFlags = [ {list} ]; extraDaemonFlags = [ {list} ]; }}; \
                 secrets.tailscale = {{ sopsFile = {path}; keys.authkey = {{}}; age.keyFile = {path}; }}; \
                 network.tuning.sysctl.\"kernel.modprobe\" = {text}; }}",
                path = nix::string(&path),
                text = nix::string(&strings[1]),
            );
            let rendered = Rendered::new("a\n${x}''\".nix", profile.as_bytes(), Path::new("/nonexistent"));
            // Trailing spaces and the like may be refused; what is taken has to come out as it went in.
            let Ok(rendered) = rendered else { return Ok(()) };
            taken.set(taken.get() + 1);
            for (file, text) in rendered.tree.files() {
                if Path::new(file).extension().is_none_or(|extension| extension != "nix") {
                    continue;
                }
                prop_assert_eq!(nix::formatted(text), Ok(text.to_owned()), "{}", file);
            }
            let config = record(&nix, &rendered, "").config;
            let tailscale = &config["services"]["tailscale"];
            prop_assert_eq!(&tailscale["authKeyFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["sops"]["age"]["keyFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["sops"]["secrets"]["tailscale-authkey"]["sopsFile"], &Value::from(path.as_str()));
            prop_assert_eq!(&config["boot"]["kernel"]["sysctl"]["kernel.modprobe"], &Value::from(strings[1].as_str()));
            for list in ["extraUpFlags", "extraSetFlags"] {
                for flag in &flags {
                    let taken = tailscale[list].as_array().unwrap();
                    prop_assert!(taken.contains(&Value::from(flag.as_str())), "{} of {:?}", flag, taken);
                }
            }
            let daemon: Vec<&str> = tailscale["extraDaemonFlags"].as_array().unwrap().iter().map(|flag| flag.as_str().unwrap()).collect();
            prop_assert_eq!(daemon_arguments(&daemon.join(" ")), flags);
            Ok(())
        })
        .unwrap();
    assert!(taken.get() > 4, "only {} profiles were taken", taken.get());
}

/// What tailscaled is given where NixOS writes `Environment="FLAGS=…"` and the unit says `$FLAGS`: systemd reads the
/// assignment (specifiers, C escapes inside double quotes), and splits the variable into words (quotes, and a backslash
/// that takes the next character as it is). After systemd.exec(5), systemd.service(5), systemd.syntax(7).
fn daemon_arguments(flags: &str) -> Vec<String> {
    let flags = flags.replace("%%", "%");
    let mut value = String::new();
    let mut characters = flags.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | '"' | '\'')) => value.push(escaped),
                other => panic!("no escape: {other:?}"),
            },
            '"' => panic!("the assignment ends early: {flags}"),
            other => value.push(other),
        }
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut characters = value.chars();
    while let Some(c) = characters.next() {
        match c {
            '\\' => word
                .get_or_insert_default()
                .push(characters.next().expect("a character to take")),
            '\'' | '"' if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ' ' if quote.is_none() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}
