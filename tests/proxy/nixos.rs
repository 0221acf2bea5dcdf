//! The rendered modules: evaluated, turned into `nginx.conf` as NixOS does, and compared with the tree.

use serde_json::Value;
use tailwright::model::Host;
use tailwright::{nixos, proxy};

use super::reader::{Node, named, read};
use super::{emulated, host, hosts};
use crate::support::netns::Netns;
use crate::support::nginx::Nginx;
use crate::support::nix::{Nix, formatted};
use crate::support::scratch::Scratch;
use crate::support::tool;
use crate::support::units;

/// The values that the two proxy modules of a host set.
pub fn evaluated(nix: &Nix, host: &Host) -> Value {
    let scratch = Scratch::new();
    let modules = nixos::modules(host);
    let files: Vec<_> = modules
        .iter()
        .filter(|(path, _)| path.starts_with("modules/network/proxy/"))
        .map(|(path, module)| {
            let text = module.to_string();
            assert_eq!(formatted(&text).as_ref(), Ok(&text), "{path}");
            scratch.write(path.replace('/', "-"), text)
        })
        .collect();
    assert_eq!(files.len(), 2);
    let mut files: Vec<_> = files.iter().map(std::path::PathBuf::as_path).collect();
    // What other modules of a host declare.
    let secrets = scratch.write(
        "secrets.nix",
        "{ sops.secrets.proxy-users = {}; sops.secrets.dns-token = {}; \
           services.tailscaleAuth.group = \"tailscale-nginx-auth\"; services.nginx.group = \"nginx\"; }",
    );
    files.push(&secrets);
    let mut config = nix.record(&files).unwrap_or_else(|said| panic!("{said}")).config;
    config["services"]["nginx"]
        .as_object_mut()
        .expect("a set")
        .remove("group");
    config
}

/// The block of `name`, with its directives sorted and without what NixOS adds.
pub fn block(nodes: &[Node], name: &str, added: &[&str]) -> Vec<Node> {
    let mut nodes: Vec<Node> = named(nodes, name)
        .flat_map(|node| node.block.clone().unwrap_or_default())
        .collect();
    nodes.retain(|node| !added.contains(&node.words.join(" ").as_str()));
    nodes.iter_mut().for_each(sort);
    nodes.sort();
    nodes
}

/// Order means nothing between the directives of these blocks, but for the maps' entries.
fn sort(node: &mut Node) {
    if let Some(nodes) = &mut node.block
        && !matches!(node.words[0].as_str(), "map" | "geo")
    {
        nodes.retain(|node| node.words != ["http3_hq", "off"]);
        nodes.iter_mut().for_each(sort);
        nodes.sort();
    }
}

/// What NixOS says in `http` by itself.
pub const ADDED: &[&str] = &[
    "types_hash_max_size 4096",
    "default_type application/octet-stream",
    "sendfile on",
    "tcp_nopush on",
    "tcp_nodelay on",
    "keepalive_timeout 65",
    "ssl_protocols TLSv1.2 TLSv1.3",
    "ssl_session_timeout 1d",
    "ssl_session_cache shared:SSL:10m",
    "ssl_session_tickets off",
    "ssl_prefer_server_ciphers off",
    "map $http_upgrade $connection_upgrade",
    "client_max_body_size 10m",
    "server_tokens off",
];

#[test]
fn nixos_makes_the_same_configuration_and_nginx_accepts_it() {
    let Some(nix) = Nix::new() else { return };
    for profile in hosts::ALL {
        let host = host(profile);
        let tree = proxy::compile(&host).expect("a proxy").to_string();
        let ours = read(&tree).expect("our own text");
        let text = emulated::nginx_conf(&evaluated(&nix, &host));
        let theirs = read(&text).unwrap_or_else(|said| panic!("{said}: {text}"));
        for context in ["http", "stream", "events"] {
            assert_eq!(
                block(&theirs, context, ADDED),
                block(&ours, context, &[]),
                "{context} of {profile}"
            );
        }
        for name in ["worker_processes", "worker_rlimit_nofile"] {
            let words = |nodes| named(nodes, name).cloned().collect::<Vec<_>>();
            assert_eq!(words(&theirs), words(&ours));
        }
        let Some(network) = Netns::new() else { return };
        let Some(real) = Nginx::of_text(network, &text) else {
            return;
        };
        assert_eq!(real.check(), Ok(()), "{text}");
    }
}

#[test]
fn systemd_accepts_the_units() {
    let Some(nix) = Nix::new() else { return };
    let config = evaluated(&nix, &host(hosts::EVERYTHING));
    let units = units::of_config(&config);
    let names: Vec<&str> = units.iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "tailwright-certificate-placeholder.service",
        "tailwright-tailscale-cert.service",
        "tailwright-tailscale-cert.timer",
        "tailwright-tailscale-cert.path",
        "tailwright-serve-chat.service",
        "tailwright-funnel-blog.service",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert_eq!(units::verify(&units), Ok(()));
}

/// Runs a unit's script as NixOS does, in `state`, with `programs` before the machine's own.
fn run_script(config: &Value, unit: &str, state: &std::path::Path, programs: &std::path::Path) -> bool {
    let script = config["systemd"]["services"][unit]["script"]
        .as_str()
        .expect("a script");
    let openssl = tool::part("openssl").expect("found before");
    let own = openssl.parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", &format!("set -e\n{script}")])
        .env("STATE_DIRECTORY", state);
    let output = tool::run(command.env("PATH", format!("{}:{own}:{path}", programs.display())));
    output.status.success()
}

#[test]
fn nginx_gets_a_certificate_before_and_after_the_login() {
    use std::os::unix::fs::PermissionsExt;
    let Some(nix) = Nix::new() else { return };
    if tool::part("openssl").is_none() {
        return;
    }
    let config = evaluated(&nix, &host(hosts::EVERYTHING));
    let (state, programs) = (Scratch::new(), Scratch::new());
    let tailscale = |script: &str| {
        let file = programs.write("tailscale", format!("#!/bin/sh\n{script}\n"));
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("our own file");
    };
    let run = |unit: &str| run_script(&config, unit, state.path(), programs.path());
    let file = |suffix: &str| {
        let path = state.path().join(format!("kernelcore.your-tailnet.ts.net.{suffix}"));
        let mode = std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode, 0o640, "{suffix}");
        std::fs::read_to_string(path).expect("text")
    };
    let (placeholder, real) = ("tailwright-certificate-placeholder", "tailwright-tailscale-cert");
    assert!(run(placeholder));
    let first = (file("crt"), file("key"));
    assert!(first.0.contains("BEGIN CERTIFICATE") && first.1.contains("PRIVATE KEY"));
    assert!(run(placeholder), "again");
    assert_eq!((file("crt"), file("key")), first, "a pair is left alone");
    // Not logged in.
    tailscale("exit 1");
    assert!(!run(real));
    assert_eq!((file("crt"), file("key")), first);
    // Logged in.
    tailscale(
        "[ \"$1 $2 $4 $6\" = \"cert --cert-file --key-file kernelcore.your-tailnet.ts.net\" ] || exit 2\n\
         echo chain >\"$3\"; echo key >\"$5\"; chmod 600 \"$5\"",
    );
    assert!(run(real));
    assert_eq!((file("crt"), file("key")), ("chain\n".to_owned(), "key\n".to_owned()));
    assert!(run(real), "again");
    assert_eq!(
        std::fs::read_dir(state.path()).expect("a folder").count(),
        2,
        "nothing else is left"
    );
    // No pair, as after a crash between the two.
    assert!(run(placeholder));
    assert!(file("crt").contains("BEGIN CERTIFICATE"));
}

#[test]
fn tailscaled_is_told_what_to_serve_and_to_stop() {
    let Some(nix) = Nix::new() else { return };
    let host = host(hosts::EVERYTHING);
    let config = evaluated(&nix, &host);
    let said = |unit: &str, key: &str| {
        let said = config["systemd"]["services"][unit]["serviceConfig"][key]
            .as_str()
            .expect("a command");
        said.rsplit_once("/bin/tailscale ").expect("of tailscale").1.to_owned()
    };
    let backend = |name: &str| {
        let served = proxy::served(&host)
            .into_iter()
            .find(|served| served.service.name.as_str() == name);
        format!("127.0.0.1:{}", served.expect("served").backend)
    };
    for (unit, name, start, stop) in [
        (
            "tailwright-serve-chat",
            "chat",
            "serve --service=svc:chat --https=443 http://",
            "serve clear svc:chat",
        ),
        (
            "tailwright-serve-cache",
            "cache",
            "serve --service=svc:cache --tcp=6379 tcp://",
            "serve clear svc:cache",
        ),
        (
            "tailwright-funnel-blog",
            "blog",
            "funnel --bg --https=8443 http://",
            "funnel --https=8443 off",
        ),
    ] {
        assert_eq!(said(unit, "ExecStart"), format!("{start}{}", backend(name)));
        assert_eq!(said(unit, "ExecStop"), stop);
    }
}

#[test]
fn only_the_tailnet_reaches_the_ports_where_the_zones_do_not_decide() {
    let Some(nix) = Nix::new() else { return };
    let host = host(hosts::EVERYTHING);
    let open = &evaluated(&nix, &host)["networking"]["firewall"];
    assert_eq!(
        open,
        &serde_json::json!({ "interfaces": { "tailscale0": {
            "allowedTCPPorts": [80, 443, 5433, 5673, 9443, 9444, 9445, 21434],
            "allowedUDPPorts": [443, 9443, 9444, 9445, 21434],
        } } })
    );
    let zones = "network.security.firewall-zones = { enable = true; zones.internal.interfaces = [ \"tailscale0\" ]; };\n  network.tuning";
    let with_zones = super::host(&hosts::EVERYTHING.replacen("network.tuning", zones, 1));
    assert_eq!(evaluated(&nix, &with_zones)["networking"]["firewall"], Value::Null);
}

#[test]
fn http3_takes_another_package_before_26_05() {
    for (release, package) in [("25.11", true), ("26.05", false), ("26.11", false)] {
        let profile = hosts::EVERYTHING.replacen("26.05", release, 1);
        let modules = nixos::modules(&super::host(&profile));
        let text = modules["modules/network/proxy/nginx-tailscale.nix"].to_string();
        assert_eq!(text.contains("nginxQuic"), package, "{release}");
    }
}
