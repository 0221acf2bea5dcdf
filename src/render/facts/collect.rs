//! The facts of a host, group by group.

use super::way_in::WayIn;
use super::{Facts, SHIELDS_UP, TAILNET_INTERFACE, TAILSCALE_SSH};
use crate::model::{
    AgeKeySource, Alerts, AllowedService, Auth, Certificate, Failover, FailoverAction, FileRef, FirewallMode, Host,
    LanRoute, LanService, ManagementService, MonitorSettings, Probed, Probes, ProxiedService, Proxy, RateLimit, Share,
    SmtpTls, SopsFile, UpstreamAddress, Way, WebhookAddress, WebhookFormat, Zone, ZoneLimit, ZoneLog,
    known_service::{self, KnownService},
};
use crate::net::{CredentialName, PortRange, PortSet, ServiceName, Transport};
use crate::nixos::sysctl;

pub(super) fn collect(host: &Host, facts: &mut Facts) {
    facts.value("host", &host.name);
    facts.value("NixOS release", host.release.as_str());
    for path in &host.management {
        let service = match &path.service {
            ManagementService::Named(name) => name.to_string(),
            ManagementService::Port(transport, port) => format!("{transport} {port}"),
        };
        let ports = match &path.service {
            ManagementService::Named(name) => host.resolve_service(name).unwrap_or_default(),
            ManagementService::Port(transport, port) => vec![(*transport, (*port).into())],
        };
        let way = WayIn {
            via: path.via.clone(),
            from: path.from,
            service,
            ports,
        };
        facts.state(WayIn::SUBJECT, way.to_string());
    }
    tailscale(host, facts);
    zones(host, facts);
    if let Some(proxy) = &host.proxy {
        self::proxy(proxy, facts);
    }
    monitoring(host, facts);
    tuning(host, facts);
    dns(host, facts);
    if let Some(qos) = &host.qos {
        for (interface, limit) in &qos.limits {
            let limit = format!("{}, burst {}, latency {}", limit.rate, limit.burst, limit.latency);
            facts.value(format!("limit of what {interface} sends"), &limit);
        }
    }
    secrets(host, facts);
}

fn tailscale(host: &Host, facts: &mut Facts) {
    let Some(tailscale) = &host.tailscale else { return };
    facts.value("node name", &tailscale.hostname);
    facts.value(TAILNET_INTERFACE, &tailscale.interface);
    facts.value(
        "port of tailscaled",
        &tailscale.port.map_or_else(|| "any".to_owned(), |port| port.to_string()),
    );
    let backend = host.tailscaled_backend();
    facts.value(
        "netfilter backend of tailscaled",
        backend.map_or("the host's own", FirewallMode::as_str),
    );
    facts.value(
        "auth key",
        &tailscale.auth_key.as_ref().map_or_else(|| "none".to_owned(), file),
    );
    for route in tailscale.routes() {
        facts.state(format!("route {route}"), "is advertised");
    }
    for tag in &tailscale.tags {
        facts.state(format!("tag {tag}"), "is asked for");
    }
    if let Some(choice) = &tailscale.use_exit_node {
        facts.value("exit node in use", choice);
    }
    if let Some(operator) = &tailscale.operator {
        facts.value("operator", operator);
    }
    let switches = [
        (tailscale.exit_node, "exit node", "is offered"),
        (tailscale.ssh, TAILSCALE_SSH.0, TAILSCALE_SSH.1),
        (tailscale.shields_up, SHIELDS_UP.0, SHIELDS_UP.1),
        (
            tailscale.accept_routes,
            "tailscaled",
            "accepts the routes of other nodes",
        ),
        (tailscale.accept_dns, "tailscaled", "accepts the tailnet's name servers"),
        (tailscale.magic_dns, "systemd-resolved", "answers the tailnet's names"),
        (
            tailscale.exit_node_allow_lan_access,
            "the local network",
            "stays reachable beside an exit node",
        ),
        (tailscale.open_firewall, "port of tailscaled", "is open to everybody"),
    ];
    for (_, subject, said) in switches.iter().filter(|(on, ..)| *on) {
        facts.state(*subject, *said);
    }
    for (command, flags) in [
        ("tailscale up", &tailscale.extra_up_flags),
        ("tailscale set", &tailscale.extra_set_flags),
        ("tailscaled", &tailscale.extra_daemon_flags),
    ] {
        if !flags.is_empty() {
            facts.value(format!("further flags of {command}"), &flags.join(" "));
        }
    }
    for server in &tailscale.extra_dns_servers {
        facts.state(format!("name server {server}"), "is asked");
    }
}

fn zones(host: &Host, facts: &mut Facts) {
    let Some(zones) = &host.zones else { return };
    facts.state("firewall", "has zones");
    facts.value("default policy", zones.default_policy.as_str());
    if zones.logging {
        facts.value(
            "log prefix of refused packets",
            &format!("{:?}", zones.log_prefix.to_string()),
        );
        let RateLimit { rate, burst } = zones.log_limit;
        facts.value("log lines of refused packets", &format!("{rate} burst {burst}"));
    }
    if zones.rate_limiting {
        facts.value(
            "limit of new connections per source",
            &format!("{} burst {}", zones.rate_limit, zones.rate_limit_burst),
        );
    }
    if zones.accounting {
        facts.state("packets of known connections", "are counted by zone and service");
    }
    for interface in &zones.flowtable {
        facts.state(
            format!("connections through {interface}"),
            "go past the rules once they are established",
        );
    }
    if let Some(mode) = zones.reverse_path {
        facts.value("way back to sources", mode.as_str());
    }
    if let Some(blocks) = zones.block_bogons {
        facts.state(
            "sources that are not on the internet",
            if blocks { "are dropped" } else { "may come by a WAN" },
        );
    }
    for zone in zones.zones.values() {
        self::zone(host, zone, facts);
    }
}

fn zone(host: &Host, zone: &Zone, facts: &mut Facts) {
    let subject = format!("zone {}", zone.name);
    for member in &zone.members {
        let from = member
            .prefix
            .map(|prefix| format!(" from {prefix}"))
            .unwrap_or_default();
        facts.state(&subject, format!("includes {}{from}", member.interface));
    }
    if zone.allow_all {
        facts.state(&subject, "admits everything");
    }
    let own = |name: &ServiceName| host.resolve_service(name);
    admits(&subject, "admits", &zone.tcp, &zone.udp, &zone.services, own, facts);
    if let Some(forwarded) = &zone.forwarded {
        // They are offered by the hosts behind the zone, so that this host's proxy has no say.
        let usual = |name: &ServiceName| {
            let endpoints = known_service::known(name.as_str())?.endpoints.iter();
            Some(
                endpoints
                    .map(|endpoint| (endpoint.transport(), endpoint.port.into()))
                    .collect(),
            )
        };
        let said = "takes forwarded";
        admits(
            &subject,
            said,
            &forwarded.tcp,
            &forwarded.udp,
            &forwarded.services,
            usual,
            facts,
        );
    }
    for (other, _) in &zone.forward_to {
        facts.state(&subject, format!("forwards to zone {other}"));
    }
    if zone.deny_interzone {
        facts.state(&subject, "is kept apart from the other zones");
    }
    zone_limits(zone, &subject, facts);
}

fn zone_limits(zone: &Zone, subject: &str, facts: &mut Facts) {
    let limited = |limit: RateLimit| format!("{} burst {}", limit.rate, limit.burst);
    match zone.limit {
        ZoneLimit::Common => {}
        ZoneLimit::Off => facts.state(subject, "has no limit of new connections"),
        ZoneLimit::Own(limit) => facts.value(format!("limit of new connections from {subject}"), &limited(limit)),
    }
    for limit in &zone.service_limits {
        let name = &limit.service.name;
        facts.value(
            format!("limit of new connections from {subject} to {name}"),
            &limited(limit.limit),
        );
    }
    if let Some(egress) = &zone.egress {
        let addresses = egress.prefixes.as_ref().map(|prefixes| {
            let prefixes: Vec<String> = prefixes.iter().map(|(prefix, _)| prefix.to_string()).collect();
            prefixes.join(", ")
        });
        facts.value(
            format!("addresses that the host may reach in {subject}"),
            addresses.as_deref().unwrap_or("all"),
        );
        match &egress.ports {
            None => facts.state(subject, "may be reached by the host on all ports"),
            Some(ports) => {
                let usual = |name: &ServiceName| known_service::known(name.as_str()).map(KnownService::ports);
                let said = "may be reached by the host on";
                admits(subject, said, &ports.tcp, &ports.udp, &ports.services, usual, facts);
            }
        }
    }
    if let Some(mode) = zone.reverse_path {
        facts.value(format!("way back to sources in {subject}"), mode.as_str());
    }
    match &zone.log {
        ZoneLog::Common => {}
        ZoneLog::Off => facts.state(subject, "is refused without a line in the log"),
        ZoneLog::Own { prefix, limit } => {
            facts.value(format!("log prefix of {subject}"), &format!("{:?}", prefix.to_string()));
            facts.value(format!("log lines of {subject}"), &limited(*limit));
        }
    }
}

fn admits(
    subject: &str,
    verb: &str,
    tcp: &PortSet,
    udp: &PortSet,
    services: &[AllowedService],
    resolve: impl Fn(&ServiceName) -> Option<Vec<(Transport, PortRange)>>,
    facts: &mut Facts,
) {
    for (transport, ports) in [(Transport::Tcp, tcp), (Transport::Udp, udp)] {
        for range in ports.ranges() {
            facts.state(subject, format!("{verb} {transport} {range}"));
        }
    }
    for service in services {
        match resolve(&service.name) {
            Some(ports) => {
                for (transport, range) in ports {
                    facts.state(subject, format!("{verb} {transport} {range}"));
                }
            }
            None => facts.state(subject, format!("{verb} {}", service.name)),
        }
    }
}

fn proxy(proxy: &Proxy, facts: &mut Facts) {
    facts.value("name of the proxy", &proxy.node_name());
    let certificate = match &proxy.certificate {
        Certificate::Tailscale => "tailscale cert".to_owned(),
        Certificate::Acme => "ACME".to_owned(),
        Certificate::Files { certificate, .. } => file(certificate),
        Certificate::None => "none".to_owned(),
    };
    facts.value("certificate of the proxy", &certificate);
    let switches = [
        (proxy.offers_http3(), "speaks HTTP/3"),
        (proxy.connection_pooling, "keeps connections to upstreams open"),
        (proxy.security_headers, "sends security headers"),
    ];
    for (_, said) in switches.iter().filter(|(on, _)| *on) {
        facts.state("proxy", *said);
    }
    let log = |path: Option<&crate::net::AbsolutePath>| path.map_or_else(|| "none".to_owned(), ToString::to_string);
    facts.value("access log of the proxy", &log(proxy.access_log.as_ref()));
    facts.value("error log of the proxy", &log(proxy.error_log.as_ref()));
    for service in proxy.services.values() {
        self::service(proxy, service, facts);
    }
}

fn service(proxy: &Proxy, service: &ProxiedService, facts: &mut Facts) {
    let name = &service.name;
    facts.value(format!("service {name}"), &proxy.address_of(service));
    let address = match &service.upstream.address {
        UpstreamAddress::Tcp(host, port) => format!("{}:{port}", host.in_url()),
        UpstreamAddress::Unix(path) => format!("unix:{path}"),
    };
    facts.value(
        format!("upstream of {name}"),
        &format!("{}://{address}", service.upstream.protocol.as_str()),
    );
    let auth = match &service.auth {
        Auth::None => "none".to_owned(),
        Auth::Tailscale { .. } => "Tailscale identity".to_owned(),
        Auth::Basic(htpasswd) => format!("password, {}", file(htpasswd)),
    };
    facts.value(format!("authentication of {name}"), &auth);
    facts.value(format!("time-out of {name}"), &service.timeout);
    if let Some(limit) = &service.rate_limit {
        facts.value(format!("rate limit of {name}"), limit);
        facts.value(format!("burst of {name}"), &service.rate_limit_burst);
    }
    if let Some(size) = &service.max_body_size {
        facts.value(format!("largest body of {name}"), size);
    }
    if let Some(port) = service.funnel {
        facts.state(
            format!("funnel of {name}"),
            format!("is open to the internet on port {port}"),
        );
    }
    if service.streaming {
        facts.state(format!("service {name}"), "streams");
    }
    if service.websocket {
        facts.state(format!("service {name}"), "takes WebSockets");
    }
    if let Some(directives) = &service.extra_config {
        facts.value(format!("further directives of {name}"), directives);
    }
}

fn monitoring(host: &Host, facts: &mut Facts) {
    let Some(settings) = MonitorSettings::of(host) else {
        return;
    };
    facts.state("monitor", "watches the tailnet");
    if settings.auto_failover {
        facts.state("monitor", "acts by itself");
    }
    facts.value("check interval of the monitor", &settings.check_interval);
    facts.value("time for an answer to the monitor", &settings.check_timeout);
    facts.value("largest latency for the monitor", &settings.max_latency);
    facts.value(
        "largest loss for the monitor",
        &format!("{} %", settings.max_packet_loss.get()),
    );
    facts.value("bad checks before the monitor acts", &settings.failure_threshold);
    facts.value("good checks before the monitor goes back", &settings.recovery_threshold);
    failover(&settings.failover, facts);
    probes(&settings.probes, facts);
    let nodes: Vec<String> = settings.exit_nodes.iter().map(ToString::to_string).collect();
    if !nodes.is_empty() {
        facts.value("exit nodes to move to", &nodes.join(", "));
    }
    alerts(&settings.alerts, facts);
    if let Some(listen) = &settings.metrics.listen {
        facts.value("where metrics are served", listen);
    }
    if let Some(file) = &settings.metrics.textfile {
        facts.value("file of metrics", file);
    }
    if let Some(interval) = settings.benchmark_interval {
        facts.value("interval of benchmarks", &interval);
    }
}

fn alerts(alerts: &Alerts<CredentialName>, facts: &mut Facts) {
    for (name, receiver) in &alerts.receivers {
        let way = match &receiver.way {
            Way::Webhook { format, url, token } => {
                let format = match format {
                    WebhookFormat::Json => "JSON",
                    WebhookFormat::Ntfy => "ntfy",
                    WebhookFormat::Slack => "Slack",
                };
                let url = match url {
                    WebhookAddress::Known(url) => url.to_string(),
                    WebhookAddress::File(_) => "a secret address".to_owned(),
                };
                let token = if token.is_some() { ", with a token" } else { "" };
                format!("webhook ({format}) at {url}{token}")
            }
            Way::Mail { to, from, smtp: None } => format!("mail to {to} from {from} by sendmail"),
            Way::Mail {
                to,
                from,
                smtp: Some(smtp),
            } => {
                let login = smtp.login.as_ref().map(|login| format!(", as {}", login.user));
                let login = login.unwrap_or_default();
                let (host, port) = (smtp.host.in_url(), smtp.port);
                let tls = match smtp.tls {
                    SmtpTls::Implicit => "TLS",
                    SmtpTls::Starttls => "STARTTLS",
                    SmtpTls::None => "no TLS",
                };
                format!("mail to {to} from {from} by {host}:{port} ({tls}{login})")
            }
            Way::Command { program, arguments } => {
                let words: Vec<String> = std::iter::once(program.to_string())
                    .chain(arguments.iter().cloned())
                    .map(|word| format!("{word:?}"))
                    .collect();
                format!("program {}", words.join(" "))
            }
        };
        facts.value(format!("how {name} is told of failures"), &way);
        facts.value(format!("least severity for {name}"), receiver.severity.as_str());
        let rate = format!("{} an hour, {} at once", receiver.messages_per_hour, receiver.burst);
        facts.value(format!("messages to {name}"), &rate);
        facts.value(format!("time for a message to {name}"), &receiver.timeout);
        if let Some(span) = receiver.remind_after {
            facts.value(format!("reminders to {name} after"), &span);
        }
    }
}

fn probes(probes: &Probes, facts: &mut Facts) {
    for address in &probes.internet {
        facts.state("monitor", format!("asks {address} whether the internet is reached"));
    }
    let dns = probes.egress.dns.iter().map(ToString::to_string);
    for target in dns.chain(probes.egress.http.iter().map(ToString::to_string)) {
        facts.state("monitor", format!("asks {target} through the exit node"));
    }
    for (name, target) in &probes.targets {
        let asked = match &target.ask {
            Probed::Ping(host) => format!("pings {host}"),
            Probed::Peer { node, kind } => format!("has tailscaled ping {node} ({})", kind.as_str()),
            Probed::Tcp(endpoint) => format!("connects to {endpoint}"),
            Probed::Http(url) => format!("asks for {url}"),
            Probed::Dns { server, name } => format!("asks {server} for {name}"),
        };
        facts.state(format!("target {name} of the monitor"), asked);
        facts.value(format!("check interval of target {name}"), &target.interval);
        facts.value(format!("time for an answer of target {name}"), &target.timeout);
        facts.value(format!("largest latency of target {name}"), &target.max_latency);
        facts.value(
            format!("largest loss of target {name}"),
            &format!("{} %", target.max_packet_loss.get()),
        );
    }
}

fn failover(failover: &Failover, facts: &mut Facts) {
    for (place, action) in failover.actions.iter().enumerate() {
        facts.value(format!("what the monitor may do, {}.", place + 1), action.as_str());
    }
    for (what, share) in [
        ("bad checks that count as a failure", failover.failure_share),
        ("good checks that count as a recovery", failover.recovery_share),
    ] {
        if let Some(Share { count, of }) = share {
            facts.value(what, &format!("{count} of {of}"));
        }
    }
    facts.value("how long what failed is held down", &failover.hold_down);
    facts.value("how long it is held down at most", &failover.max_hold_down);
    facts.value("how long the monitor stays with a choice", &failover.min_dwell);
    facts.value("time between two moves of the monitor", &failover.move_window);
    match &failover.return_after {
        Some(span) => facts.value("how long what is preferred was good before it is returned to", span),
        None => facts.state("monitor", "returns to what is preferred only when told"),
    }
    if failover.may(FailoverAction::Restart) {
        facts.value("time between two restarts of tailscaled", &failover.restart_interval);
        facts.value("restarts of tailscaled in a day", &failover.restarts_per_day);
    }
    if failover.dry_run {
        facts.state("monitor", "only writes down what it would do");
    }
    if !failover.restore_on_stop {
        facts.state("monitor", "leaves its changes in place when it is stopped");
    }
    for window in &failover.maintenance_windows {
        facts.state("monitor", format!("makes no moves in the window {window}"));
    }
    for LanRoute { prefix, probe } in &failover.lan_routes {
        facts.value(format!("address that tells whether {prefix} is reached"), probe);
    }
    for (name, service) in &failover.lan_services {
        let LanService {
            tailnet_address,
            lan_address,
            port,
        } = service;
        facts.value(
            format!("ways to the service {name}"),
            &format!("{tailnet_address} and {lan_address}, port {port}"),
        );
    }
}

fn tuning(host: &Host, facts: &mut Facts) {
    for (key, setting) in sysctl::settings(host) {
        facts.value(format!("kernel parameter {key}"), &setting.value);
    }
    let Some(tuning) = &host.tuning else { return };
    if tuning.udp_gro {
        facts.state("UDP GRO forwarding", "is on");
    }
    let nginx = &tuning.nginx;
    for (what, value) in [
        ("workers of nginx", nginx.worker_processes),
        ("connections of an nginx worker", nginx.worker_connections),
        ("open files of an nginx worker", nginx.worker_rlimit_nofile),
    ] {
        if let Some(value) = value {
            facts.value(what, &value);
        }
    }
    if nginx.multi_accept {
        facts.state("nginx worker", "takes all waiting connections at once");
    }
}

fn dns(host: &Host, facts: &mut Facts) {
    let Some(dns) = &host.dns else { return };
    for server in &dns.servers {
        facts.state(format!("name server {server}"), "is asked");
    }
    for server in &dns.fallback_servers {
        facts.state(format!("name server {server}"), "is asked where nothing else is known");
    }
    for split in &dns.split {
        let servers: Vec<String> = split.servers.iter().map(ToString::to_string).collect();
        facts.value(format!("name servers of {}", split.domain), &servers.join(" "));
    }
}

fn secrets(host: &Host, facts: &mut Facts) {
    let secrets = &host.secrets;
    let Some(source) = secrets.sops_file.as_ref().filter(|_| !secrets.secrets.is_empty()) else {
        return;
    };
    let source = match source {
        SopsFile::InTree(path) => format!("./{path}"),
        SopsFile::OnHost(path) => path.to_string(),
    };
    facts.value("sops file", &source);
    for key in &secrets.age_keys {
        let (AgeKeySource::KeyFile(path) | AgeKeySource::SshKey(path)) = key;
        facts.state(format!("key {path}"), "opens the secrets");
    }
    for secret in secrets.secrets.values() {
        let readers = format!("{}, {}:{} {}", secret.key, secret.owner, secret.group, secret.mode);
        facts.value(format!("secret {}", secret.name), &readers);
    }
}

fn file(file: &FileRef) -> String {
    match file {
        FileRef::Secret(name) => format!("secret {name}"),
        FileRef::Path(path) => path.to_string(),
    }
}
