use std::collections::BTreeSet;

use super::*;
use crate::net::ServiceName;

fn port(number: u16) -> Port {
    Port::new(number).unwrap()
}

#[test]
fn names_are_sorted_and_no_name_or_alias_occurs_twice() {
    assert!(all().windows(2).all(|pair| pair[0].name < pair[1].name));
    let mut seen = BTreeSet::new();
    for name in all().iter().flat_map(KnownService::names) {
        assert!(seen.insert(name), "{name} occurs twice");
    }
}

#[test]
fn every_entry_is_sound() {
    for service in all() {
        let name = service.name;
        assert!(name.parse::<ServiceName>().is_ok(), "{name}");
        assert!(!service.endpoints.is_empty(), "{name} has no port");
        assert!(
            service.endpoints.iter().all(|endpoint| endpoint.port > Port::MIN),
            "{name} has a wrong port"
        );
        assert!(service.about.ends_with('.') && service.about.len() > 10, "{name}");
        let http = service.endpoints.iter().any(|endpoint| endpoint.protocol.is_http());
        let needs_http = service.streaming
            || service.websocket
            || service.tolerates_path_prefix
            || service.wants_localhost
            || service.health_path.is_some();
        assert!(
            http || !needs_http,
            "{name} is not HTTP, but has properties of HTTP services"
        );
        assert!(service.health_path.is_none_or(|path| path.starts_with('/')), "{name}");
    }
}

#[test]
fn names_and_aliases_are_found_exactly() {
    for service in all() {
        for name in service.names() {
            assert_eq!(known(name), Some(service));
        }
    }
    assert_eq!(known("SSH"), None);
    assert_eq!(known(""), None);
}

#[test]
fn a_service_of_another_name_is_recognised_where_one_alone_has_the_port() {
    let name = |service: &str, number: u16| recognised(service, Some(port(number))).map(|known| known.name);
    assert_eq!(name("llm", 11434), Some("ollama"));
    assert_eq!(
        name("llamacpp", 11434),
        Some("llamacpp"),
        "the name is the author's word"
    );
    assert_eq!(name("wiki", 8080), None, "many have it");
    assert_eq!(name("wiki", 1), None);
    assert_eq!(recognised("ollama", None).map(|known| known.name), Some("ollama"));
    assert_eq!(recognised("wiki", None), None);
}

/// Ports from the IANA registry, Debian's /etc/services (netbase), and the documents of the projects.
#[test]
fn well_known_ports() {
    use ApplicationProtocol::{Http, Https, Tcp, Udp};
    for (name, number, protocol) in [
        ("ssh", 22, Tcp),
        ("smtp", 25, Tcp),
        ("dns", 53, Udp),
        ("http", 80, Http),
        ("ntp", 123, Udp),
        ("snmp", 161, Udp),
        ("https", 443, Https),
        ("quic", 443, Udp),
        ("smb", 445, Tcp),
        ("ipp", 631, Http),
        ("ldaps", 636, Tcp),
        ("imaps", 993, Tcp),
        ("mqtt", 1883, Tcp),
        ("nfs", 2049, Tcp),
        ("mysql", 3306, Tcp),
        ("rdp", 3389, Tcp),
        ("postgresql", 5432, Tcp),
        ("mdns", 5353, Udp),
        ("redis", 6379, Tcp),
        ("ollama", 11434, Http),
        ("tailscale", 41641, Udp),
        ("wireguard", 51820, Udp),
    ] {
        let endpoint = known(name).unwrap().main_endpoint().unwrap();
        assert_eq!((endpoint.port, endpoint.protocol), (port(number), protocol), "{name}");
    }
}

/// What the user's documents name, with the ports that they give.
#[test]
fn the_services_of_the_documents() {
    for (name, number) in [
        ("ollama", 11434),
        ("llamacpp", 8080),
        ("llama", 8080),
        ("db", 5432),
        ("postgres", 5432),
        ("tensorzero", 3030),
        ("agent-zero", 8080),
        ("hi-rag", 8086),
        ("extract-worker", 8083),
        ("nats", 4222),
        ("qdrant", 6333),
        ("prometheus", 9090),
        ("grafana", 3000),
        ("moltis", 13131),
        ("docker", 2376),
        ("open-webui", 8080),
        ("vllm", 8000),
        ("lm-studio", 1234),
        ("comfyui", 8188),
        ("tailscale-web", 5252),
        ("node-exporter", 9100),
    ] {
        assert_eq!(
            known(name).unwrap().main_endpoint().unwrap().port,
            port(number),
            "{name}"
        );
    }
}

#[test]
fn language_models_stream() {
    for name in [
        "ollama",
        "llamacpp",
        "vllm",
        "open-webui",
        "tensorzero",
        "lm-studio",
        "litellm",
    ] {
        assert!(known(name).unwrap().streaming, "{name}");
    }
    assert!(!known("grafana").unwrap().tolerates_path_prefix && known("ollama").unwrap().tolerates_path_prefix);
}

#[test]
fn a_misspelt_service_finds_its_neighbour() {
    assert_eq!(nearest("postgreslq"), Some("postgresql"));
    assert_eq!(nearest("olama"), Some("ollama"));
    assert_eq!(nearest("open_webui"), Some("open-webui"));
    assert_eq!(nearest("SSH"), Some("ssh"));
    assert_eq!(nearest("no-such-thing-at-all"), None);
}

#[test]
fn a_port_that_is_no_http() {
    assert_eq!(not_http(port(5432)).unwrap().name, "postgresql");
    assert_eq!(not_http(port(22)).unwrap().name, "ssh");
    // Used for HTTP by one service and for something else by another.
    assert_eq!(not_http(port(9000)), None);
    assert_eq!(not_http(port(8080)), None);
    assert_eq!(
        not_http(port(8001)),
        None,
        "gRPC of an inference server, and any application's"
    );
    assert_eq!(not_http(port(41641)), None, "UDP only");
    assert_eq!(not_http(port(54321)), None);
    let at_3000: Vec<&str> = by_port(Transport::Tcp, port(3000))
        .map(|service| service.name)
        .collect();
    assert!(at_3000.contains(&"grafana") && at_3000.contains(&"gitea"));
    assert_eq!(by_port(Transport::Udp, port(443)).count(), 1);
}
