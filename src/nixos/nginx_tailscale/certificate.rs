//! Where certificates come from: `tailscale cert` with a timer, or `security.acme`.

use std::collections::BTreeMap;

use crate::model::{AcmeDns, Certificate, Exposure, Proxy};
use crate::nixos::Module;
use crate::nixos::tailscale_command;
use crate::nixos::value::{AttrPath, Binding, NixSet, NixValue, Reference, Template};
use crate::proxy::CERTIFICATE_DIRECTORY;

/// The unit that makes a certificate to start with.
pub(super) const PLACEHOLDER: &str = "tailwright-certificate-placeholder";
/// The unit that gets the real one.
const CERTIFICATE: &str = "tailwright-tailscale-cert";
/// The unit that tells nginx.
const RELOAD: &str = "tailwright-nginx-reload";

pub(super) fn bind(proxy: &Proxy, module: &mut Module) {
    if proxy.certificate == Certificate::Tailscale {
        tailscale(&proxy.node_name(), module);
    }
    acme(proxy, module);
}

fn tailscale(name: &str, module: &mut Module) {
    let service = |unit: &str| AttrPath::of("systemd.services").name(unit);
    module.bind(
        Binding::new(service(PLACEHOLDER), placeholder(name))
            .comment(
                "nginx does not start without a certificate, and tailscaled has none before the first login: this makes one\n\
                 that nobody trusts, where there is none or where certificate and key are no pair.",
            )
            .spaced(),
    );
    module.bind(
        Binding::new(service(CERTIFICATE), certificate(name))
            .comment(
                "Asks tailscaled for the node's certificate, which it renews by itself when it is asked in time. As long as\n\
                 the node is not logged in, or HTTPS is off in the tailnet, this fails and is tried again.",
            )
            .spaced(),
    );
    let timer = NixSet::new()
        .with("description", "When the node's certificate is looked after")
        .with("wantedBy", ["timers.target"])
        .with(
            "timerConfig",
            NixSet::new()
                .with("OnBootSec", "1min")
                .with("OnCalendar", "daily")
                .with("RandomizedDelaySec", "1h")
                .with("Persistent", true),
        );
    module.bind(Binding::new(AttrPath::of("systemd.timers").name(CERTIFICATE), timer));
    let path = NixSet::new()
        .with("description", "Changes of the node's certificate")
        .with("wantedBy", ["paths.target"])
        .with(
            "pathConfig",
            NixSet::new()
                .with("PathChanged", format!("{CERTIFICATE_DIRECTORY}/{name}.crt"))
                .with("Unit", format!("{RELOAD}.service")),
        );
    module.bind(
        Binding::new(AttrPath::of("systemd.paths").name(CERTIFICATE), path)
            .comment("nginx reads certificates when it loads its configuration, and never again.")
            .spaced(),
    );
    let systemctl = Template::new()
        .value(Reference::config("systemd.package"))
        .text("/bin/systemctl --no-block try-reload-or-restart nginx.service");
    let reload = NixSet::new()
        .with("description", "Tells nginx of a new certificate")
        .with(
            "serviceConfig",
            NixSet::new().with("Type", "oneshot").with("ExecStart", systemctl),
        );
    module.bind(Binding::new(service(RELOAD), reload));
}

fn placeholder(name: &str) -> NixSet {
    let script = format!(
        "cd \"$STATE_DIRECTORY\"\n\
         public=$(openssl pkey -in {name}.key -pubout 2>/dev/null) || public=\n\
         certified=$(openssl x509 -in {name}.crt -noout -pubkey 2>/dev/null) || certified=\n\
         if [ -z \"$public\" ] || [ \"$public\" != \"$certified\" ]; then\n  \
           openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \\\n    \
             -subj \"/CN=placeholder\" -addext \"subjectAltName=DNS:{name}\" -keyout new.key -out new.crt\n  \
           chmod 0640 new.key new.crt\n  \
           mv new.key {name}.key\n  \
           mv new.crt {name}.crt\n\
         fi\n"
    );
    let mut service = NixSet::new().with("Type", "oneshot").with("RemainAfterExit", true);
    state(&mut service);
    tailscale_command::sandbox(&mut service);
    NixSet::new()
        .with("description", "A certificate for nginx to start with")
        .with("before", ["nginx.service"])
        .with("path", [Reference::package("openssl")])
        .with("script", NixValue::Lines(script))
        .with("serviceConfig", service)
}

fn certificate(name: &str) -> NixSet {
    let script = format!(
        "cd \"$STATE_DIRECTORY\"\n\
         tailscale cert --cert-file new.crt --key-file new.key {name}\n\
         if cmp -s new.crt {name}.crt && cmp -s new.key {name}.key; then\n  \
           rm new.crt new.key\n\
         else\n  \
           chmod 0640 new.key new.crt\n  \
           mv new.key {name}.key\n  \
           mv new.crt {name}.crt\n\
         fi\n"
    );
    let placeholder = format!("{PLACEHOLDER}.service");
    let mut service = NixSet::new().with("Type", "oneshot").with("TimeoutStartSec", "5min");
    tailscale_command::try_again(&mut service);
    state(&mut service);
    tailscale_command::sandbox(&mut service);
    NixSet::new()
        .with("description", format!("The certificate of {name}"))
        .with("wants", ["tailscaled.service"])
        .with(
            "after",
            ["tailscaled.service", "tailscaled-autoconnect.service", &placeholder],
        )
        .with(
            "path",
            [
                Reference::config("services.tailscale.package"),
                Reference::package("diffutils"),
            ],
        )
        .with("script", NixValue::Lines(script))
        .with("serviceConfig", service)
}

/// The directory of the certificates: root writes, nginx's group reads.
fn state(service: &mut NixSet) {
    let directory = CERTIFICATE_DIRECTORY.trim_start_matches("/var/lib/");
    service.set("Group", Reference::config("services.nginx.group"));
    service.set("StateDirectory", directory);
    service.set("StateDirectoryMode", "0750");
    service.set("UMask", "0027");
}

/// The certificates that are ordered by DNS-01.
fn acme(proxy: &Proxy, module: &mut Module) {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if proxy.certificate == Certificate::Acme {
        let below = proxy.services.values().filter_map(|service| service.subdomain.as_ref());
        let names = below.map(|label| format!("{label}.{}", proxy.node_name()));
        wanted.insert(proxy.node_name(), names.collect());
    }
    for service in proxy.services.values() {
        if let Exposure::Domain(domain) = &service.exposure {
            wanted.entry(domain.to_string()).or_default();
        }
    }
    if wanted.is_empty() {
        return;
    }
    module.bind(
        Binding::new("security.acme.acceptTerms", NixValue::mk_default(true))
            .comment("Ordering certificates takes accepting the authority's terms of service (https://letsencrypt.org/repository/).")
            .spaced(),
    );
    for (name, others) in wanted {
        let path = AttrPath::of("security.acme.certs").name(&*name);
        module.bind(Binding::new(path, order(proxy.acme.as_ref(), &others)).spaced());
    }
}

fn order(acme: Option<&AcmeDns>, others: &[String]) -> NixSet {
    let mut set = NixSet::new();
    if let Some(acme) = acme {
        set.set("email", acme.email.to_string());
        set.set("dnsProvider", acme.dns_provider.as_str());
        let files: NixSet = acme
            .credentials
            .iter()
            .map(|(variable, secret)| (AttrPath::single(variable.as_str()), Reference::secret(secret.as_str())))
            .collect();
        if !files.is_empty() {
            set.set("credentialFiles", files);
        }
    }
    if !others.is_empty() {
        set.set(
            "extraDomainNames",
            others.iter().map(String::as_str).collect::<Vec<_>>(),
        );
    }
    set.set("group", Reference::config("services.nginx.group"));
    set
}
