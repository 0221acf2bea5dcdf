//! The table of known services.

use super::{ApplicationProtocol, Endpoint, KnownService};
use crate::net::Port;

/// All known services, sorted by name.
///
/// Ports below 1024 and of the classical protocols (`ssh`, `dns`, `ntp`, `nfs`, `mqtt`, `postgresql`, `rdp`, …) are those of
/// the IANA registry (<https://www.iana.org/assignments/service-names-port-numbers>). Ports and health paths of products
/// are the defaults in their own documentation; where NixOS chooses another default, the sentence says so. The services
/// of the PMOVES stack have the ports that its documents give.
#[rustfmt::skip]
pub(super) const SERVICES: &[KnownService] = &[
    service("adguard-home", &[http(3000)], "Network-wide blocker of advertisements with its own web interface.")
        .also(&["adguard", "adguardhome"]),
    service("agent-zero", &[http(8080)], "Agent framework with a web interface; its port is the one of the PMOVES stack.")
        .also(&["agentzero", "agent0"])
        .streaming().websocket().health("/healthz"),
    service("alertmanager", &[http(9093)], "Routes and groups the alerts of Prometheus.")
        .also(&["prometheus-alertmanager"])
        .health("/-/healthy"),
    service("anythingllm", &[http(3001)], "Chat with documents in front of language models.")
        .also(&["anything-llm"])
        .streaming().websocket().health("/api/ping"),
    service("authelia", &[http(9091)], "Single sign-on for web applications behind a proxy.")
        .health("/api/health"),
    service("authentik", &[http(9000), https(9443)], "Identity provider with single sign-on.")
        .also(&["goauthentik"])
        .websocket().health("/-/health/live/"),
    service("calibre-web", &[http(8083)], "Web interface to a library of electronic books."),
    service("chroma", &[http(8000)], "Vector database for embeddings.")
        .also(&["chromadb"])
        .below_any_path().health("/api/v2/heartbeat"),
    service("clickhouse", &[http(8123), tcp(9000)], "Column store for analytics, with HTTP and native interfaces.")
        .below_any_path().health("/ping"),
    service("cockpit", &[https(9090)], "Administration of a Linux host in the browser.")
        .websocket(),
    service("comfyui", &[http(8188)], "Node-based interface to image generation models.")
        .also(&["comfy"])
        .websocket().health("/system_stats"),
    service("couchdb", &[http(5984)], "Document database with an HTTP interface.")
        .below_any_path().health("/_up"),
    service("dhcpv6-client", &[udp(546)], "Answers of DHCPv6 servers to this host.")
        .also(&["dhcpv6"]),
    service("dns", &[udp(53), tcp(53)], "Domain Name System, over UDP and TCP.")
        .also(&["domain"]),
    service("dns-over-tls", &[tcp(853)], "Domain Name System over TLS.")
        .also(&["dot", "domain-s"]),
    service("docker", &[https(2376)], "Docker's API over TLS; whoever may use it is root on the host.")
        .also(&["docker-api", "dockerd"])
        .websocket(),
    service("docker-insecure", &[http(2375)], "Docker's API without encryption and authentication: root on the host for everybody who reaches it.")
        .websocket(),
    service("elasticsearch", &[http(9200)], "Search engine with an HTTP interface.")
        .also(&["opensearch"])
        .below_any_path().health("/_cluster/health"),
    service("etcd", &[http(2379)], "Key-value store of clusters.")
        .below_any_path().health("/health"),
    service("extract-worker", &[http(8083)], "Document extraction worker of the PMOVES stack.")
        .also(&["extract"])
        .below_any_path().health("/healthz"),
    service("forgejo", &[http(3000)], "Git forge with a web interface.")
        .health("/api/healthz"),
    service("frigate", &[https(8971)], "Network video recorder with object detection.")
        .streaming().websocket(),
    service("ftp", &[tcp(21)], "File Transfer Protocol, control connection."),
    service("git", &[tcp(9418)], "Git's own unauthenticated protocol.")
        .also(&["git-daemon"]),
    service("gitea", &[http(3000)], "Git forge with a web interface.")
        .health("/api/healthz"),
    service("grafana", &[http(3000)], "Dashboards for metrics and logs.")
        .websocket().health("/api/health"),
    service("headscale", &[http(8080)], "Control server for Tailscale clients.")
        .websocket().health("/health"),
    service("hi-rag", &[http(8086)], "Retrieval service of the PMOVES stack.")
        .also(&["hirag"])
        .below_any_path().health("/healthz"),
    service("home-assistant", &[http(8123)], "Home automation.")
        .also(&["homeassistant", "hass"])
        .websocket(),
    service("homepage", &[http(8082)], "Start page for the services of a household.")
        .also(&["homepage-dashboard"])
        .health("/api/healthcheck"),
    service("http", &[http(80)], "Hypertext Transfer Protocol in the clear.")
        .also(&["web", "www"]),
    service("https", &[https(443)], "Hypertext Transfer Protocol over TLS."),
    service("imaps", &[tcp(993)], "Mail access over TLS."),
    service("immich", &[http(2283)], "Photo and video library.")
        .websocket().health("/api/server/ping"),
    service("influxdb", &[http(8086)], "Time series database.")
        .below_any_path().health("/health"),
    service("iperf3", &[tcp(5201), udp(5201)], "Measures throughput.")
        .also(&["iperf"]),
    service("ipp", &[http(631)], "Internet Printing Protocol, spoken by CUPS.")
        .also(&["cups", "printing"]),
    service("jaeger", &[http(16686)], "Web interface to distributed traces."),
    service("jellyfin", &[http(8096)], "Media server.")
        .websocket().health("/health"),
    service("jellyseerr", &[http(5055)], "Requests for media libraries.")
        .also(&["overseerr"])
        .health("/api/v1/status"),
    service("jupyter", &[http(8888)], "Notebooks in the browser.")
        .also(&["jupyterlab", "jupyter-notebook"])
        .websocket().health("/api"),
    service("kafka", &[tcp(9092)], "Event log of Apache Kafka."),
    service("kerberos", &[tcp(88), udp(88)], "Kerberos key distribution center.")
        .also(&["krb5"]),
    service("keycloak", &[http(8080)], "Identity provider."),
    service("kubernetes-api", &[https(6443)], "API server of Kubernetes.")
        .also(&["kube-apiserver", "k3s"])
        .websocket().health("/livez"),
    service("langfuse", &[http(3000)], "Traces and evaluations of language model applications.")
        .health("/api/public/health"),
    service("ldap", &[tcp(389)], "Directory access."),
    service("ldaps", &[tcp(636)], "Directory access over TLS."),
    service("librechat", &[http(3080)], "Chat interface in front of language models.")
        .streaming().health("/health"),
    service("litellm", &[http(4000)], "Proxy that gives many language model providers one interface.")
        .streaming().below_any_path().health("/health/liveliness"),
    service("llamacpp", &[http(8080)], "HTTP server of llama.cpp for language models.")
        .also(&["llama", "llama-cpp", "llama-server", "llama.cpp"])
        .streaming().below_any_path().health("/health"),
    service("lm-studio", &[http(1234)], "Local language models with an interface like OpenAI's.")
        .also(&["lmstudio"])
        .streaming().below_any_path().health("/v1/models"),
    service("localai", &[http(8080)], "Local models with an interface like OpenAI's.")
        .also(&["local-ai"])
        .streaming().below_any_path().health("/readyz"),
    service("loki", &[http(3100)], "Log store of Grafana.")
        .websocket().below_any_path().health("/ready"),
    service("matrix-synapse", &[http(8008)], "Matrix home server.")
        .also(&["synapse", "matrix"])
        .below_any_path().health("/health"),
    service("mdns", &[udp(5353)], "Multicast DNS on the local link.")
        .also(&["avahi", "zeroconf", "bonjour"]),
    service("meilisearch", &[http(7700)], "Search engine with an HTTP interface.")
        .below_any_path().health("/health"),
    service("memcached", &[tcp(11211)], "Cache in memory.")
        .also(&["memcache"]),
    service("milvus", &[tcp(19530), http(9091)], "Vector database, gRPC first; health and metrics over HTTP.")
        .below_any_path().health("/healthz"),
    service("minecraft", &[tcp(25565)], "Minecraft server, Java edition."),
    service("minio", &[http(9000), http(9001)], "Object store with the interface of S3, and its console.")
        .also(&["s3"])
        .websocket().health("/minio/health/live"),
    service("moltis", &[https(13131)], "Personal agent gateway with a web interface.")
        .streaming().websocket().health("/health"),
    service("mongodb", &[tcp(27017)], "Document database.")
        .also(&["mongo"]),
    service("mqtt", &[tcp(1883)], "Message queue telemetry transport in the clear.")
        .also(&["mosquitto"]),
    service("mqtts", &[tcp(8883)], "Message queue telemetry transport over TLS.")
        .also(&["mqtt-tls"]),
    service("mssql", &[tcp(1433)], "Microsoft SQL Server.")
        .also(&["sqlserver"]),
    service("munin", &[tcp(4949)], "Munin's node agent.")
        .also(&["munin-node"]),
    service("mysql", &[tcp(3306)], "MySQL or MariaDB database.")
        .also(&["mariadb"]),
    service("n8n", &[http(5678)], "Workflow automation.")
        .streaming().websocket().health("/healthz"),
    service("nats", &[tcp(4222)], "NATS messaging, client connections."),
    service("nats-monitoring", &[http(8222)], "Monitoring interface of NATS.")
        .below_any_path().health("/healthz"),
    service("navidrome", &[http(4533)], "Music server."),
    service("neo4j", &[http(7474), tcp(7687)], "Graph database, browser and Bolt."),
    service("netdata", &[http(19999)], "Metrics of a host in real time.")
        .websocket().health("/api/v1/info"),
    service("nextcloud", &[http(80)], "Files, calendars and contacts.")
        .health("/status.php"),
    service("nfs", &[tcp(2049)], "Network File System, version 4.")
        .also(&["nfs4"]),
    service("node-exporter", &[http(9100)], "Metrics of a host for Prometheus.")
        .also(&["node_exporter", "prometheus-node-exporter"])
        .below_any_path().health("/metrics"),
    service("node-red", &[http(1880)], "Flow-based automation.")
        .also(&["nodered"])
        .websocket(),
    service("ntfy", &[http(2586)], "Push notifications over HTTP; the port is the one of NixOS.")
        .streaming().websocket().health("/v1/health"),
    service("ntp", &[udp(123)], "Network Time Protocol.")
        .also(&["chrony", "ntpd"]),
    service("nut", &[tcp(3493)], "Network UPS Tools.")
        .also(&["upsd"]),
    service("ollama", &[http(11434)], "Local language models.")
        .streaming().below_any_path().wants_localhost().health("/api/version"),
    service("open-webui", &[http(8080)], "Chat interface in front of Ollama and others.")
        .also(&["openwebui", "webui"])
        .streaming().websocket().health("/health"),
    service("openvpn", &[udp(1194)], "OpenVPN tunnel."),
    service("otlp", &[tcp(4317), http(4318)], "OpenTelemetry collector, over gRPC and HTTP.")
        .also(&["otel-collector", "opentelemetry-collector"])
        .below_any_path(),
    service("paperless", &[http(28981)], "Archive of scanned documents; the port is the one of NixOS.")
        .also(&["paperless-ngx"])
        .websocket(),
    service("plex", &[http(32400)], "Media server.")
        .websocket().health("/identity"),
    service("portainer", &[https(9443)], "Web interface to container engines; whoever may use it is root on the host.")
        .websocket().health("/api/system/status"),
    service("postgresql", &[tcp(5432)], "PostgreSQL database.")
        .also(&["postgres", "psql", "pg", "db"]),
    service("prometheus", &[http(9090)], "Metrics store.")
        .health("/-/healthy"),
    service("prowlarr", &[http(9696)], "Manager of indexers.")
        .websocket().health("/ping"),
    service("pushgateway", &[http(9091)], "Takes metrics of short jobs for Prometheus.")
        .also(&["prometheus-pushgateway"])
        .below_any_path().health("/-/healthy"),
    service("qdrant", &[http(6333), tcp(6334)], "Vector database, over HTTP and gRPC.")
        .below_any_path().health("/healthz"),
    service("quic", &[udp(443)], "HTTP/3 over QUIC.")
        .also(&["http3", "h3"]),
    service("rabbitmq", &[tcp(5672)], "Message broker.")
        .also(&["amqp"]),
    service("radarr", &[http(7878)], "Collection manager for films.")
        .websocket().health("/ping"),
    service("rdp", &[tcp(3389), udp(3389)], "Remote desktop of Windows.")
        .also(&["ms-wbt-server", "remote-desktop"]),
    service("redis", &[tcp(6379)], "Key-value store in memory.")
        .also(&["valkey"]),
    service("rsync", &[tcp(873)], "Rsync daemon.")
        .also(&["rsyncd"]),
    service("rtsp", &[tcp(554)], "Control of media streams."),
    service("searxng", &[http(8888)], "Metasearch engine.")
        .also(&["searx"])
        .health("/healthz"),
    service("sglang", &[http(30000)], "Inference server for language models.")
        .streaming().below_any_path().health("/health"),
    service("sip", &[udp(5060), tcp(5060)], "Session Initiation Protocol."),
    service("smb", &[tcp(445)], "Windows file sharing.")
        .also(&["samba", "cifs", "microsoft-ds"]),
    service("smtp", &[tcp(25)], "Mail between servers.")
        .also(&["mail"]),
    service("snmp", &[udp(161)], "Simple Network Management Protocol.")
        .also(&["snmpd"]),
    service("sonarr", &[http(8989)], "Collection manager for series.")
        .websocket().health("/ping"),
    service("ssh", &[tcp(22)], "Secure shell.")
        .also(&["sshd", "openssh", "sftp"]),
    service("stable-diffusion-webui", &[http(7860)], "Web interface to image generation models.")
        .also(&["automatic1111", "a1111"])
        .websocket(),
    service("stun", &[udp(3478), tcp(3478)], "Finds public addresses and relays media.")
        .also(&["turn", "coturn"]),
    service("submission", &[tcp(587)], "Mail from clients."),
    service("submissions", &[tcp(465)], "Mail from clients over TLS.")
        .also(&["smtps"]),
    service("syncthing", &[tcp(22000), udp(22000), udp(21027)], "File synchronisation: transfers and local discovery."),
    service("syncthing-gui", &[http(8384)], "Web interface of Syncthing.")
        .wants_localhost().health("/rest/noauth/health"),
    service("syslog", &[udp(514)], "System log messages from other hosts."),
    service("tailscale", &[udp(41641)], "Tailscale's WireGuard packets between nodes.")
        .also(&["tailscaled"]),
    service("tailscale-web", &[http(5252)], "Web client of tailscaled on the node's tailnet addresses.")
        .also(&["tailscale-web-client"]),
    service("telnet", &[tcp(23)], "Remote terminal in the clear."),
    service("tensorzero", &[http(3030)], "Gateway to language models; its port is the one of the PMOVES stack (upstream: 3000).")
        .also(&["tensorzero-gateway"])
        .streaming().below_any_path().health("/health"),
    service("text-generation-webui", &[http(7860)], "Web interface to language models.")
        .also(&["oobabooga"])
        .streaming().websocket(),
    service("tgi", &[http(3000)], "Inference server of Hugging Face.")
        .also(&["text-generation-inference"])
        .streaming().below_any_path().health("/health"),
    service("transmission", &[http(9091)], "BitTorrent client with a web interface.")
        .wants_localhost(),
    service("triton", &[http(8000), tcp(8001)], "Inference server of NVIDIA, over HTTP and gRPC.")
        .also(&["tritonserver"])
        .below_any_path().health("/v2/health/ready"),
    service("unifi", &[https(8443)], "Controller of UniFi network devices.")
        .also(&["unifi-network"])
        .websocket(),
    service("uptime-kuma", &[http(3001)], "Watches whether services answer.")
        .also(&["uptimekuma"])
        .websocket(),
    service("vault", &[http(8200)], "Secret store.")
        .also(&["openbao"])
        .below_any_path().health("/v1/sys/health"),
    service("vaultwarden", &[http(8222)], "Password vault; the port is the one of NixOS.")
        .also(&["bitwarden"])
        .websocket().health("/alive"),
    service("victoriametrics", &[http(8428)], "Metrics store.")
        .also(&["victoria-metrics"])
        .below_any_path().health("/health"),
    service("vllm", &[http(8000)], "Inference server for language models.")
        .streaming().below_any_path().health("/health"),
    service("vnc", &[tcp(5900)], "Remote desktop, first display."),
    service("weaviate", &[http(8080)], "Vector database.")
        .below_any_path().health("/v1/.well-known/ready"),
    service("wireguard", &[udp(51820)], "WireGuard tunnel.")
        .also(&["wg"]),
    service("xmpp", &[tcp(5222)], "Instant messaging, client connections.")
        .also(&["xmpp-client", "jabber"]),
    service("zabbix-agent", &[tcp(10050)], "Zabbix's agent on a host."),
];

const fn service(name: &'static str, endpoints: &'static [Endpoint], about: &'static str) -> KnownService {
    KnownService {
        name,
        aliases: &[],
        endpoints,
        about,
        streaming: false,
        websocket: false,
        tolerates_path_prefix: false,
        wants_localhost: false,
        health_path: None,
    }
}

impl KnownService {
    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn streaming(self) -> Self {
        Self {
            streaming: true,
            ..self
        }
    }

    const fn websocket(self) -> Self {
        Self {
            websocket: true,
            ..self
        }
    }

    const fn below_any_path(self) -> Self {
        Self {
            tolerates_path_prefix: true,
            ..self
        }
    }

    const fn wants_localhost(self) -> Self {
        Self {
            wants_localhost: true,
            ..self
        }
    }

    const fn health(self, path: &'static str) -> Self {
        Self {
            health_path: Some(path),
            ..self
        }
    }
}

const fn http(port: u16) -> Endpoint {
    endpoint(port, ApplicationProtocol::Http)
}

const fn https(port: u16) -> Endpoint {
    endpoint(port, ApplicationProtocol::Https)
}

const fn tcp(port: u16) -> Endpoint {
    endpoint(port, ApplicationProtocol::Tcp)
}

const fn udp(port: u16) -> Endpoint {
    endpoint(port, ApplicationProtocol::Udp)
}

const fn endpoint(port: u16, protocol: ApplicationProtocol) -> Endpoint {
    let port = match Port::new(port) {
        Some(port) => port,
        // A 0 in the table would become 1, which a test looks for.
        None => Port::MIN,
    };
    Endpoint { port, protocol }
}
