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
fn block(nodes: &[Node], name: &str, added: &[&str]) -> Vec<Node> {
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
const ADDED: &[&str] = &[
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
