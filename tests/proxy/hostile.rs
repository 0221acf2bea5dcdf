//! Profile text in nginx's syntax: whatever it holds, it comes out as one word, or not at all.

use proptest::prelude::*;
use tailwright::model::{Auth, Certificate, Exposure, FileRef, Host, UpstreamAddress};
use tailwright::net::{AbsolutePath, NginxDirectives, SocketPath};
use tailwright::proxy;

use super::nixos::evaluated;
use super::reader::{Node, named, read};
use super::{emulated, host};
use crate::support::netns::Netns;
use crate::support::nginx::Nginx;
use crate::support::nix::Nix;

const PROFILE: &str = r#"{
  host = { name = "kernelcore"; };
  network.proxy.nginx-tailscale = {
    enable = true; tailnetDomain = "your-tailnet.ts.net"; enableHTTP3 = true;
    certificateFile = "/c"; certificateKeyFile = "/k"; errorLog = "/e";
    services = {
      app = { port = 8443; upstreamSocket = "/s"; authFile = "/a"; };
      sub = { expose = "path"; upstreamSocket = "/s"; };
      far = { expose = "path"; upstreamHost = "far.lan"; upstreamPort = 80; };
      echo = { port = 7; protocol = "tcp"; upstreamSocket = "/s"; };
    };
  };
}"#;

/// What is put where a test wants to see something harmless.
const HARMLESS: &str = "/harmless";

/// The host with `text` in every place that takes a path.
fn with(text: &str) -> Option<Host> {
    let mut host = host(PROFILE);
    let path: AbsolutePath = text.parse().ok()?;
    let socket: SocketPath = text.parse().ok()?;
    let proxy = host.proxy.as_mut()?;
    proxy.access_log = Some(path.clone());
    proxy.error_log = Some(path.clone());
    proxy.certificate = Certificate::Files {
        certificate: FileRef::Path(path.clone()),
        key: FileRef::Path(path.clone()),
    };
    for service in proxy.services.values_mut() {
        if let UpstreamAddress::Unix(place) = &mut service.upstream.address {
            *place = socket.clone();
        }
        if let Auth::Basic(file) = &mut service.auth {
            *file = FileRef::Path(path.clone());
        }
    }
    Some(host)
}

fn tree(host: &Host) -> Vec<Node> {
    let text = proxy::compile(host).expect("a proxy").to_string();
    read(&text).unwrap_or_else(|said| panic!("{said}: {text}"))
}

/// The tree as it would be with [`HARMLESS`] in the place of `text`: the words are decoded as nginx does, and the one
/// variable that stands for a dollar sign is taken for one.
fn harmless(nodes: Vec<Node>, text: &str) -> Vec<Node> {
    // A log whose name has a variable is not buffered.
    let calm = |word: String| word.replace("${tailwright_dollar}", "$").replace(text, HARMLESS);
    let buffered = |word: &String| !matches!(word.as_str(), "buffer=32k" | "flush=5s");
    let nodes = nodes
        .into_iter()
        .filter(|node| node.words != ["geo", "$tailwright_dollar"]);
    nodes
        .map(|node| Node {
            words: node.words.into_iter().filter(buffered).map(calm).collect(),
            block: node.block.map(|nodes| harmless(nodes, text)),
        })
        .collect()
}

/// Characters that mean something to nginx, to Nix, or to nobody.
const NASTY: &str = r#"[a ;{}"'$#\\/.*~^()|&<>`%!?=,@é\[\]]{1,30}"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_path_stays_a_word(nasty in NASTY) {
        let text = format!("/zz{nasty}");
        let Some(host) = with(&text) else { return Ok(()) };
        let expected = harmless(tree(&with(HARMLESS).expect("a path")), HARMLESS);
        prop_assert!(harmless(tree(&host), &text) == expected, "{}", text);
    }

    #[test]
    fn a_location_stays_a_word(nasty in NASTY) {
        // Lowering lets far less through.
        let exposed = |path: &str| {
            let mut host = host(PROFILE);
            for name in ["sub", "far"] {
                let service = host.proxy.as_mut().unwrap().services.get_mut(&name.parse().unwrap()).unwrap();
                service.exposure = Exposure::Path(format!("/{name}{path}/"));
            }
            tree(&host)
        };
        let nodes = exposed(&nasty);
        let reference = harmless(exposed(""), "\u{0}");
        let shape = |nodes: &[Node]| -> Vec<(String, usize)> {
            fn visit(nodes: &[Node], found: &mut Vec<(String, usize)>) {
                for node in nodes {
                    found.push((node.words[0].clone(), node.words.len()));
                    visit(node.block.as_deref().unwrap_or_default(), found);
                }
            }
            let mut found = Vec::new();
            visit(nodes, &mut found);
            found
        };
        let nodes = harmless(nodes, "\u{0}");
        prop_assert!(shape(&nodes) == shape(&reference), "{}", nasty);
        let wanted = format!("/sub{nasty}/");
        let http = named(&nodes, "http").next().unwrap();
        let found = http.all("server").flat_map(|server| server.all("location")).any(|location| location.words[1] == wanted);
        prop_assert!(found, "{}", wanted);
    }

    #[test]
    fn a_users_directives_stay_in_their_location(text in r#"([a-z$"' \n;{}#\\]|x y;|a \{ b c; \}|'s' d;|# c\n){0,12}"#) {
        let Ok(own) = text.parse::<NginxDirectives>() else { return Ok(()) };
        let with = |own: Option<NginxDirectives>| {
            let mut host = host(PROFILE);
            let services = &mut host.proxy.as_mut().unwrap().services;
            services.get_mut(&"app".parse().unwrap()).unwrap().extra_config = own;
            tree(&host)
        };
        let location = |nodes: &mut Vec<Node>| -> Vec<Node> {
            let http = nodes.iter_mut().find(|node| node.words[0] == "http").unwrap();
            let servers = http.block.as_mut().unwrap().iter_mut();
            let server = servers.filter(|node| node.words[0] == "server").find(|server| {
                server.all("location").any(|location| location.all("proxy_pass").any(|pass| pass.words[1] == "http://tailwright_app"))
            });
            let location = server.unwrap().block.as_mut().unwrap().iter_mut().find(|node| node.words[0] == "location");
            std::mem::take(location.unwrap().block.as_mut().unwrap())
        };
        // Without what one of the words above could replace, which is none of ours.
        let (mut written, mut bare) = (with(Some(own.clone())), with(None));
        let mut inside = location(&mut written);
        let ours = location(&mut bare);
        prop_assert_eq!(written, bare);
        let theirs = read(own.as_str()).expect("complete directives");
        inside.retain(|node| !ours.contains(node));
        let theirs: Vec<Node> = theirs.into_iter().filter(|node| !ours.contains(node)).collect();
        prop_assert_eq!(inside, theirs);
    }
}

/// Real readers take real time: a few that were chosen.
const CHOSEN: [&str; 7] = [
    "/a b",
    "/a;b {c}",
    "/a\"b'c",
    "/a\\b",
    "/a$b${c}",
    "/'';${builtins.abort \"x\"}",
    "/#é ''\\${x}",
];

#[test]
fn nginx_reads_what_we_meant() {
    for text in CHOSEN {
        let host = with(text).expect("a path");
        let Some(network) = Netns::new() else { return };
        let nginx = proxy::compile(&host).expect("a proxy");
        let Some(real) = Nginx::of_text(network, &nginx.to_string()) else {
            return;
        };
        assert_eq!(real.check(), Ok(()), "{text}");
    }
}

#[test]
fn nixos_makes_the_same_of_it() {
    let Some(nix) = Nix::new() else { return };
    for text in CHOSEN {
        let host = with(text).expect("a path");
        let theirs =
            read(&emulated::nginx_conf(&evaluated(&nix, &host))).unwrap_or_else(|said| panic!("{said}: {text}"));
        let theirs = super::nixos::block(&theirs, "http", super::nixos::ADDED);
        assert_eq!(theirs, super::nixos::block(&tree(&host), "http", &[]), "{text}");
    }
}
