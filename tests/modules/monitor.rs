//! The monitor's module: its units, its settings, the guide's scripts.

use std::path::Path;

use tailwright::model::MonitorSettings;

use super::{evaluated, written};
use crate::support::nix::{self, Nix};
use crate::support::rendered::Rendered;
use crate::support::run::{Ended, Place, TSCTL};
use crate::support::scratch::Scratch;
use crate::support::tool;
use crate::support::units;

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
