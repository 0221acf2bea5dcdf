//! Kernel parameters, names, secrets.

use crate::model::{AgeKeySource, Host, SopsFile};
use crate::nixos::sysctl;
use crate::render::facts::Facts;

pub(super) fn tuning(host: &Host, facts: &mut Facts) {
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

pub(super) fn dns(host: &Host, facts: &mut Facts) {
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

pub(super) fn secrets(host: &Host, facts: &mut Facts) {
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
