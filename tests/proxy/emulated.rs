//! The `nginx.conf` that NixOS 26.05 makes of `services.nginx`, from an evaluated configuration, for as many of its options
//! as are used here (an unknown option fails the test). Facts: nixos/modules/services/web-servers/nginx/default.nix.

use std::fmt::Write;

use serde_json::{Map, Value};

/// The text of `nginx.conf`.
pub fn nginx_conf(config: &Value) -> String {
    let nginx = options(
        &config["services"]["nginx"],
        &[
            "enable",
            "package",
            "recommendedOptimisation",
            "recommendedTlsSettings",
            "serverNamesHashBucketSize",
            "logError",
            "appendConfig",
            "eventsConfig",
            "commonHttpConfig",
            "streamConfig",
            "upstreams",
            "virtualHosts",
        ],
    );
    assert_eq!(nginx["enable"], true);
    let mut out = String::new();
    let line = |name: &str| nginx.get(name).map(text).unwrap_or_default();
    let _ = writeln!(out, "pid /run/nginx/nginx.pid;");
    let log = nginx.get("logError").map_or("stderr".to_owned(), text);
    let _ = writeln!(out, "error_log {log};");
    let _ = writeln!(out, "events {{\n{}\n}}", line("eventsConfig"));
    let _ = writeln!(out, "http {{");
    let _ = writeln!(out, "types_hash_max_size 4096;\ndefault_type application/octet-stream;");
    for (name, upstream) in entries(nginx.get("upstreams")) {
        let upstream = options(upstream, &["servers", "extraConfig"]);
        let _ = writeln!(out, "upstream {name} {{");
        for (server, parameters) in entries(upstream.get("servers")) {
            assert_eq!(parameters, &Value::Object(Map::new()));
            let _ = writeln!(out, "server {server} ;");
        }
        let _ = writeln!(out, "{}\n}}", upstream.get("extraConfig").map(text).unwrap_or_default());
    }
    let _ = writeln!(
        out,
        "sendfile on;\ntcp_nopush on;\ntcp_nodelay on;\nkeepalive_timeout 65;"
    );
    let _ = writeln!(
        out,
        "ssl_protocols TLSv1.2 TLSv1.3;\nssl_session_timeout 1d;\nssl_session_cache shared:SSL:10m;"
    );
    let _ = writeln!(out, "ssl_session_tickets off;\nssl_prefer_server_ciphers off;");
    if let Some(bucket) = nginx.get("serverNamesHashBucketSize") {
        let _ = writeln!(out, "server_names_hash_bucket_size {bucket};");
    }
    let _ = writeln!(
        out,
        "map $http_upgrade $connection_upgrade {{\ndefault upgrade;\n'' close;\n}}"
    );
    let _ = writeln!(out, "client_max_body_size 10m;\nserver_tokens off;");
    let _ = writeln!(out, "{}", line("commonHttpConfig"));
    for (key, host) in entries(nginx.get("virtualHosts")) {
        virtual_host(&mut out, key, host, config);
    }
    let _ = writeln!(out, "}}");
    if nginx.contains_key("streamConfig") {
        let _ = writeln!(out, "stream {{\n{}\n}}", line("streamConfig"));
    }
    let _ = writeln!(out, "{}", line("appendConfig"));
    out
}

fn virtual_host(out: &mut String, key: &str, host: &Value, config: &Value) {
    let host = options(
        host,
        &[
            "serverName",
            "serverAliases",
            "listen",
            "default",
            "onlySSL",
            "rejectSSL",
            "useACMEHost",
            "sslCertificate",
            "sslCertificateKey",
            "quic",
            "reuseport",
            "extraConfig",
            "locations",
        ],
    );
    let on = |name: &str| host.get(name) == Some(&Value::Bool(true));
    let name = host.get("serverName").map_or(key.to_owned(), text);
    let _ = writeln!(out, "server {{");
    for listen in host["listen"].as_array().expect("a list") {
        let listen = options(listen, &["addr", "port", "ssl"]);
        let address = format!("listen {}:{} ", text(&listen["addr"]), listen["port"]);
        let flags = format!(
            "{}{}",
            if on("default") { "default_server " } else { "" },
            if on("reuseport") { "reuseport " } else { "" }
        );
        if listen["ssl"] == true && on("quic") {
            let _ = writeln!(out, "{address}quic {flags};");
        }
        let ssl = if listen["ssl"] == true { "ssl " } else { "" };
        let _ = writeln!(out, "{address}{ssl}{flags};");
    }
    let aliases = host
        .get("serverAliases")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let aliases: Vec<String> = aliases.iter().map(text).collect();
    let _ = writeln!(out, "server_name {name} {};", aliases.join(" "));
    if on("onlySSL") {
        let _ = writeln!(out, "http2 on;");
        if on("quic") {
            let _ = writeln!(out, "http3 on;\nhttp3_hq off;");
        }
        let (chain, key) = match host.get("useACMEHost").map(text) {
            Some(name) => {
                let group = &config["security"]["acme"]["certs"][&name]["group"];
                assert_eq!(group, "nginx", "NixOS refuses a certificate that nginx cannot read");
                (
                    format!("/var/lib/acme/{name}/fullchain.pem"),
                    format!("/var/lib/acme/{name}/key.pem"),
                )
            }
            None => (text(&host["sslCertificate"]), text(&host["sslCertificateKey"])),
        };
        assert!(chain.starts_with('/') && key.starts_with('/'), "of type path");
        let _ = writeln!(out, "ssl_certificate {chain};\nssl_certificate_key {key};");
    }
    assert!(!(on("onlySSL") && on("rejectSSL")), "NixOS refuses both");
    if on("rejectSSL") {
        let _ = writeln!(out, "ssl_reject_handshake on;");
    }
    for (path, location) in entries(host.get("locations")) {
        let location = options(
            location,
            &[
                "proxyPass",
                "recommendedProxySettings",
                "return",
                "basicAuthFile",
                "extraConfig",
            ],
        );
        let _ = writeln!(out, "location {path} {{");
        if let Some(target) = location.get("proxyPass") {
            assert_eq!(location.get("recommendedProxySettings"), Some(&Value::Bool(false)));
            let _ = writeln!(out, "proxy_pass {};", text(target));
        }
        if let Some(answer) = location.get("return") {
            let _ = writeln!(out, "return {};", text(answer));
        }
        let _ = writeln!(out, "{}", location.get("extraConfig").map(text).unwrap_or_default());
        if let Some(file) = location.get("basicAuthFile") {
            let _ = writeln!(out, "auth_basic secured;\nauth_basic_user_file {};", text(file));
        }
        let _ = writeln!(out, "}}");
    }
    let _ = writeln!(out, "{}\n}}", host.get("extraConfig").map(text).unwrap_or_default());
}

/// The options that are set, all of which must be known here.
fn options<'a>(value: &'a Value, known: &[&str]) -> &'a Map<String, Value> {
    let set = value.as_object().unwrap_or_else(|| panic!("no set: {value}"));
    for name in set.keys() {
        assert!(known.contains(&name.as_str()), "unknown option {name} in {value}");
    }
    set
}

fn entries(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_object).into_iter().flatten()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        other => panic!("no text: {other}"),
    }
}
