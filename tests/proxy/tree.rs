//! What profiles compile to, and what nginx says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use snapbox::Data;
use tailwright::net::{Port, Transport};
use tailwright::{nixos, proxy};

use super::reader::{Node, named, read};
use super::{host, hosts};
use crate::support::netns::Netns;
use crate::support::nginx::{Fragments, Nginx};

/// The servers of `http` in the tree of a profile.
fn servers(profile: &str) -> Vec<Node> {
    let nodes = read(&proxy::compile(&host(profile)).expect("a proxy").to_string()).expect("nginx text");
    let http = named(&nodes, "http").next().expect("http").clone();
    http.all("server").cloned().collect()
}

/// The server of one name on one port.
fn server(servers: &[Node], name: &str, port: &str) -> Node {
    let here = |server: &&Node| {
        server.only("server_name").contains(&name.to_owned())
            && server
                .all("listen")
                .any(|listen| listen.words[1].ends_with(&format!(":{port}")))
    };
    let found: Vec<_> = servers.iter().filter(here).collect();
    assert_eq!(found.len(), 1, "{name}:{port}");
    found[0].clone()
}

fn location(server: &Node, path: &[&str]) -> Node {
    let found = server.all("location").find(|location| location.words[1..] == *path);
    found.unwrap_or_else(|| panic!("no {path:?} in {server}")).clone()
}

fn flat(nodes: &[Node], found: &mut Vec<Node>) {
    for node in nodes {
        found.push(node.clone());
        flat(node.block.as_deref().unwrap_or_default(), found);
    }
}

#[test]
fn nginx_accepts_every_tree() {
    for text in hosts::ALL {
        let nginx = proxy::compile(&host(text)).expect("a proxy");
        let Some(network) = Netns::new() else { return };
        let Some(real) = Nginx::of_text(network, &nginx.to_string()) else {
            return;
        };
        assert_eq!(real.check(), Ok(()), "{nginx}");
    }
}

#[test]
fn the_whole_output() {
    let golden = |name: &str| Data::read_from(&Path::new("tests/golden/proxy").join(name), None).raw();
    for (name, profile) in [
        ("everything", hosts::EVERYTHING),
        ("plain", hosts::PLAIN),
        ("guide", hosts::GUIDE),
    ] {
        let host = host(profile);
        let nginx = proxy::compile(&host).expect("a proxy");
        snapbox::assert_data_eq!(nginx.to_string(), golden(&format!("{name}.conf")));
        let modules = nixos::modules(&host);
        for file in ["nginx-tailscale", "tailscale-services"] {
            let module = &modules[format!("modules/network/proxy/{file}.nix").as_str()];
            snapbox::assert_data_eq!(module.to_string(), golden(&format!("{name}/{file}.nix")));
        }
    }
}

#[test]
fn each_socket_has_one_owner_and_one_default() {
    for profile in hosts::ALL {
        let mut owners: BTreeMap<String, usize> = BTreeMap::new();
        let mut defaults: BTreeMap<String, usize> = BTreeMap::new();
        let mut sockets = BTreeSet::new();
        for server in servers(profile) {
            for listen in server.all("listen") {
                let socket = listen.words[1].clone()
                    + if listen.words.contains(&"quic".to_owned()) {
                        " quic"
                    } else {
                        ""
                    };
                sockets.insert(socket.clone());
                *owners.entry(socket.clone()).or_default() +=
                    usize::from(listen.words.contains(&"reuseport".to_owned()));
                *defaults.entry(socket).or_default() +=
                    usize::from(listen.words.contains(&"default_server".to_owned()));
            }
        }
        for socket in &sockets {
            assert_eq!(defaults[socket], 1, "{socket}");
            assert!(owners[socket] <= 1, "{socket}");
            assert!(!socket.contains("quic") || owners[socket] == 1, "{socket}");
        }
    }
}

#[test]
fn names_that_nobody_claims_are_refused() {
    let servers = servers(hosts::EVERYTHING);
    let default = server(&servers, "_", "443");
    assert_eq!(default.only("ssl_reject_handshake"), ["on"]);
    assert_eq!(location(&default, &["/"]).only("return"), ["444"]);
    let ports: BTreeSet<&str> = default
        .all("listen")
        .filter_map(|listen| listen.words[1].rsplit(':').next())
        .collect();
    let all: BTreeSet<&str> = servers
        .iter()
        .flat_map(|server| server.all("listen"))
        .filter_map(|listen| listen.words[1].rsplit(':').next())
        .collect();
    assert_eq!(ports, all);
}

#[test]
fn response_headers_are_whole_at_each_level() {
    for profile in hosts::ALL {
        for server in servers(profile) {
            let headers = |node: &Node| -> BTreeSet<String> {
                node.all("add_header")
                    .map(|header| header.words[1].to_ascii_lowercase())
                    .collect()
            };
            let own = headers(&server);
            assert_eq!(own.len(), server.all("add_header").count(), "once each in {server}");
            for header in server.all("add_header") {
                assert_eq!(header.words.last().map(String::as_str), Some("always"), "{header}");
            }
            for location in server.all("location") {
                let theirs = headers(location);
                assert!(theirs.is_empty() || theirs.is_superset(&own), "{location}");
            }
        }
    }
}

#[test]
fn http3_is_announced_where_it_is() {
    for server in servers(hosts::EVERYTHING) {
        let quic: BTreeSet<String> = server
            .all("listen")
            .filter(|listen| listen.words.contains(&"quic".to_owned()))
            .filter_map(|listen| listen.words[1].rsplit(':').next().map(str::to_owned))
            .collect();
        let announced: Vec<_> = server
            .all("add_header")
            .filter(|header| header.words[1] == "Alt-Svc")
            .collect();
        if server.all("ssl_reject_handshake").next().is_some() {
            assert!(announced.is_empty());
            continue;
        }
        match quic.first() {
            None => assert!(announced.is_empty(), "{server}"),
            Some(port) => {
                assert_eq!(quic.len(), 1);
                assert_eq!(announced[0].words[2], format!("h3=\":{port}\"; ma=86400"));
            }
        }
    }
}

#[test]
fn only_a_name_of_its_own_tells_browsers_to_stay_with_tls() {
    for server in servers(hosts::EVERYTHING) {
        let told = server
            .all("add_header")
            .any(|header| header.words[1] == "Strict-Transport-Security");
        let name = &server.only("server_name")[0];
        let tls = server.all("ssl_certificate").next().is_some() || server.all("set_real_ip_from").next().is_some();
        let own = matches!(name.as_str(), "ai.example.org" | "chat.your-tailnet.ts.net");
        assert_eq!(told, own && tls, "{server}");
    }
}

#[test]
fn nothing_that_the_linter_of_nixpkgs_refuses() {
    // gixy runs in the build: variables that a client fills freely, and headers that drop others (tested above).
    for profile in hosts::ALL {
        let mut nodes = Vec::new();
        flat(&servers(profile), &mut nodes);
        for word in nodes.iter().flat_map(|node| &node.words) {
            for variable in ["$uri", "$http_host", "$document_uri"] {
                assert!(!word.contains(variable), "{word}");
            }
        }
    }
}

#[test]
fn a_path_is_taken_off_and_told() {
    let servers = servers(hosts::EVERYTHING);
    let node = server(&servers, "kernelcore.your-tailnet.ts.net", "443");
    let notes = location(&node, &["/notes/"]);
    assert_eq!(notes.only("proxy_pass"), ["http://tailwright_notes/"]);
    assert!(
        notes
            .all("proxy_set_header")
            .any(|header| header.words[1..] == ["X-Forwarded-Prefix", "/notes"])
    );
    let without = location(&node, &["=", "/notes"]);
    assert_eq!(without.only("return"), ["308", "$scheme://$host/notes/$is_args$args"]);
    // By name: a variable takes no path, so a rewrite takes the prefix off.
    let wiki = location(&node, &["/docs/wiki.d/"]);
    assert_eq!(wiki.only("proxy_pass"), ["$tailwright_upstream"]);
    assert_eq!(wiki.only("rewrite"), ["^/docs/wiki\\.d/(.*)$", "/$1", "break"]);
    assert_eq!(wiki.only("resolver"), ["127.0.0.53", "valid=30s"]);
}

#[test]
fn a_users_directives_replace_ours_and_keep_the_headers() {
    let servers = servers(hosts::EVERYTHING);
    let blog = location(&server(&servers, "kernelcore.your-tailnet.ts.net", "9445"), &["/"]);
    assert_eq!(blog.only("proxy_read_timeout"), ["9s"]);
    let hosts: Vec<_> = blog
        .all("proxy_set_header")
        .filter(|header| header.words[1].eq_ignore_ascii_case("host"))
        .collect();
    assert_eq!(hosts.len(), 1);
    assert_eq!(hosts[0].words[2], "blog.example.org");
    assert!(
        blog.all("add_header")
            .any(|header| header.words[1] == "X-Content-Type-Options")
    );
}

#[test]
fn what_the_proxy_listens_on() {
    let nginx = proxy::compile(&host(hosts::EVERYTHING)).expect("a proxy");
    let ports = |transport: Transport| -> Vec<u16> {
        let listeners = nginx.listeners();
        listeners
            .into_iter()
            .filter(|(of, _)| *of == transport)
            .map(|(_, port)| port.get())
            .collect()
    };
    assert_eq!(ports(Transport::Tcp), [80, 443, 5433, 5673, 9443, 9444, 9445, 21434]);
    assert_eq!(ports(Transport::Udp), [443, 9443, 9444, 9445, 21434]);
    let plain = proxy::compile(&host(hosts::PLAIN)).expect("a proxy");
    let expected = BTreeSet::from([(Transport::Tcp, Port::HTTP), (Transport::Tcp, Port::constant(8081))]);
    assert_eq!(plain.listeners(), expected);
}

#[test]
fn ports_that_nobody_asked_for_are_left_to_those_who_have_them() {
    let ports = |services: &str| {
        let profile = format!(
            "{{ host = {{ name = \"a\"; interfaces.lan0 = {{ role = \"lan\"; prefixes = [ \"192.168.1.5/24\" ]; }}; }};
               network.proxy.nginx-tailscale = {{ enable = true; tailnetDomain = \"b.ts.net\"; services = {{ {services} }}; }}; }}"
        );
        let listeners = proxy::compile(&host(&profile)).expect("a proxy").listeners();
        listeners.into_iter().map(|(_, port)| port.get()).collect::<Vec<_>>()
    };
    assert_eq!(
        ports("x = { upstreamPort = 3000; subdomain = \"x\"; };"),
        [80, 443, 13000]
    );
    let funnel = "x = { upstreamPort = 3000; subdomain = \"x\"; funnel = true; };";
    assert_eq!(ports(funnel), [13000], "tailscaled has 443");
    assert_eq!(ports("x = { upstreamPort = 80; subdomain = \"x\"; };"), [443, 10080]);
    let own = "x = { upstreamHost = \"192.168.1.5\"; upstreamPort = 80; expose = \"path\"; };";
    assert_eq!(ports(own), [443], "the host's own address");
    let other = "x = { upstreamHost = \"192.168.1.6\"; upstreamPort = 80; expose = \"path\"; };";
    assert_eq!(ports(other), [80, 443], "another host's");
}

#[test]
fn loopback_ports_stay_when_others_come_and_go() {
    let with = host(hosts::EVERYTHING);
    let without = host(&hosts::EVERYTHING.replace("blog = {", "blog = { enable = false;"));
    let backend = |host: &tailwright::model::Host, name: &str| {
        proxy::served(host)
            .into_iter()
            .find(|served| served.service.name.as_str() == name)
            .map(|served| served.backend)
    };
    assert_eq!(backend(&without, "blog"), None);
    for name in ["chat", "cache"] {
        assert!(backend(&with, name).is_some());
        assert_eq!(backend(&with, name), backend(&without, name));
    }
}

#[test]
fn fragments_make_up_the_whole() {
    for profile in hosts::ALL {
        let nginx = proxy::compile(&host(profile)).expect("a proxy");
        let fragments = Fragments {
            main: &nginx.main_text(),
            events: &nginx.events_text(),
            http: &nginx.http_text(),
            stream: &nginx.stream_text(),
        };
        let Some(network) = Netns::new() else { return };
        let Some(real) = Nginx::of_fragments(network, &fragments) else {
            return;
        };
        assert_eq!(real.check(), Ok(()), "{nginx}");
    }
}

#[test]
fn the_longest_names_fit() {
    let label = "a".repeat(63);
    let other = "b".repeat(63);
    let profile = format!(
        "{{ host.name = \"{label}\"; network.proxy.nginx-tailscale = {{ enable = true; enableHTTP3 = true;
           tailnetDomain = \"{label}.ts.net\"; services = {{
             {label} = {{ subdomain = \"{label}\"; upstreamPort = 3000; rateLimit = \"1r/s\"; port = 3001; }};
             {other} = {{ expose = \"path\"; upstreamHost = \"{label}.lan\"; upstreamPort = 3000; }};
             B{} = {{ protocol = \"tcp\"; upstreamPort = 5432; port = 5433; }};
           }}; }}; }}",
        "b".repeat(62),
    );
    let nginx = proxy::compile(&host(&profile)).expect("a proxy");
    assert_eq!(nginx.http.names_bucket, Some(256));
    let Some(network) = Netns::new() else { return };
    let Some(real) = Nginx::of_text(network, &nginx.to_string()) else {
        return;
    };
    assert_eq!(real.check(), Ok(()), "{nginx}");
}

#[test]
fn names_that_differ_in_case_are_two() {
    // nginx tells no cases apart in names of upstreams.
    let profile = "{ host.name = \"a\"; network.proxy.nginx-tailscale = { enable = true; tailnetDomain = \"b.ts.net\";
        services = { App = { upstreamPort = 3000; }; app = { upstreamPort = 3001; }; APP = { upstreamPort = 3002; }; }; }; }";
    let nginx = proxy::compile(&host(profile)).expect("a proxy");
    let names: Vec<&str> = nginx.http.upstreams.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["tailwright_app", "tailwright_app.2", "tailwright_app.3"]);
    let Some(network) = Netns::new() else { return };
    let Some(real) = Nginx::of_text(network, &nginx.to_string()) else {
        return;
    };
    assert_eq!(real.check(), Ok(()), "{nginx}");
}
