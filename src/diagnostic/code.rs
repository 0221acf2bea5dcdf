//! The closed list of codes.

use std::fmt;
use std::str::FromStr;

use super::finding::Severity;

/// Who may weigh a code otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The profile's `lint` may.
    Lint,
    /// Nobody: the profile cannot be read or the outcome would be unsafe.
    Fixed,
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $kind:ident, $summary:literal;)+) => {
        /// A stable name for each thing that can be wrong. `tailwright explain CODE` prints its page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $summary] $variant,)+
        }

        impl Code {
            /// Every code, in the order of this list.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The code as users see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// How much the code weighs unless a rule or the profile says otherwise.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)+ }
            }

            /// Who may weigh it otherwise.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$variant => Kind::$kind,)+ }
            }

            /// What it is about, in a few words.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)+ }
            }
        }
    };
}

codes! {
    // Reading.
    Syntax "syntax" Error Fixed, "the text does not follow its notation";
    WrongNotation "wrong-notation" Error Fixed, "the text is in another notation than its name says";
    NeedsEvaluation "needs-evaluation" Error Fixed, "an expression where data is wanted";
    UnknownReference "unknown-reference" Error Fixed, "a config reference that is not understood";
    DuplicateKey "duplicate-key" Error Fixed, "an option written twice";
    UnknownField "unknown-field" Error Fixed, "an option that does not exist";
    InvalidValue "invalid-value" Error Fixed, "a value of the wrong type, form or range";
    MissingValue "missing-value" Error Fixed, "an option without which its group means nothing";
    UnknownLint "unknown-lint" Error Fixed, "a lint setting for a code that does not exist or is fixed";
    UnreadableSource "unreadable-source" Error Fixed, "a file of the profile that cannot be read";
    SecretInProfile "secret-in-profile" Error Fixed, "a secret's value in the profile itself";
    GroupNotEnabled "group-not-enabled" Warning Lint, "options of a group that is not enabled";
    HostNameAssumed "host-name-assumed" Warning Lint, "names that hang on a host name nobody wrote";
    PresetConflict "preset-conflict" Error Fixed, "a preset and an option that exclude each other";
    UnixUpstreamWithPort "unix-upstream-with-port" Warning Lint, "a unix socket written as a host with a port";
    DefaultZone "default-zone" Warning Lint, "a firewall without a zone of its own";
    SopsFileAssumed "sops-file-assumed" Warning Lint, "secrets whose file nobody named";
    ImpureLookup "impure-lookup" Warning Lint, "a decision taken by what lies on the evaluating machine's disk";

    // The proxy: names.
    SubdomainUnresolvable "subdomain-unresolvable" Warning Lint, "a name below the node's own, which does not resolve";
    DuplicateListenPort "duplicate-listen-port" Error Fixed, "two services on one port";
    ListenPortTaken "listen-port-taken" Error Lint, "a port of the proxy where something else listens";
    DuplicatePath "duplicate-path" Error Fixed, "two services at one path";
    DuplicateServerName "duplicate-server-name" Error Fixed, "two services of one name";
    HostnameDiffers "hostname-differs" Warning Lint, "a proxy that goes by another name than its node";
    ServiceNeedsTag "service-needs-tag" Error Lint, "a Tailscale Service on a node without tags";
    ServiceNameTaken "service-name-taken" Error Fixed, "a Tailscale Service that has the name of a node";

    // The fleet.
    DuplicateHostname "duplicate-hostname" Error Lint, "two nodes of one name in the tailnet";
    TailnetDomainDiffers "tailnet-domain-differs" Error Lint, "a host of another tailnet";
    RouteAdvertisedTwice "route-advertised-twice" Note Lint, "a route, or a part of one, of two hosts";
    AcceptedRouteCoversLan "accepted-route-covers-lan" Warning Lint, "a host that reaches its own network through the tailnet";
    ExitNodeUnknown "exit-node-unknown" Warning Lint, "the use of an exit node that is none";
    ProbeHostUnknown "probe-host-unknown" Warning Lint, "a measurement of a node that the fleet does not have";

    // The proxy: services.
    HttpOnNonHttpPort "http-on-non-http-port" Warning Lint, "HTTP in front of a service that speaks something else";
    UpstreamTlsMismatch "upstream-tls-mismatch" Warning Lint, "TLS towards an upstream that has none, or none where it is wanted";
    PathPrefixBreaks "path-prefix-breaks" Warning Lint, "a web application below a path that it does not know of";
    StreamingCutShort "streaming-cut-short" Warning Lint, "streamed answers that are buffered or cut off";
    ContainerSocketExposed "container-socket-exposed" Error Fixed, "a container engine's API as a service";
    UnknownAcknowledgement "unknown-acknowledgement" Error Fixed, "an acknowledged danger that no rule knows";
    AuthWithoutFile "auth-without-file" Warning Lint, "authentication without a file of passwords";
    AuthNeedsHttp "auth-needs-http" Error Fixed, "authentication where no HTTP is spoken";
    TcpNeedsPort "tcp-needs-port" Error Fixed, "a stream of bytes told apart by a path or a domain";
    HttpOptionOnTcp "http-option-on-tcp" Warning Lint, "an option of HTTP for a stream of bytes";
    UdpUpstream "udp-upstream" Warning Lint, "a service of UDP behind a proxy of TCP";
    UpstreamNeedsResolving "upstream-needs-resolving" Note Lint, "an upstream that is resolved while nginx runs";
    RateLimitBlocks "rate-limit-blocks" Warning Lint, "a rate limit that ordinary use runs into";

    // The proxy: certificates and HTTP/3.
    Http3WithoutCertificate "http3-without-certificate" Note Lint, "HTTP/3 without a word on the certificate that it needs";
    AcmeMissing "acme-missing" Error Fixed, "a certificate by ACME without an account and a DNS provider";
    DomainNotOwn "domain-not-own" Error Lint, "a certificate by ACME for a name of Tailscale's";
    TailscaleMissing "tailscale-missing" Warning Lint, "something that needs Tailscale on a host without it";

    // The proxy: directives.
    PoolingDefeated "pooling-defeated" Warning Lint, "connections to the upstream that are closed though they are to be kept";
    WebsocketByHand "websocket-by-hand" Warning Lint, "headers of a WebSocket upgrade set by hand";
    InheritedHeadersLost "inherited-headers-lost" Warning Lint, "a header of its own that switches off the inherited ones";
    SecondEventsBlock "second-events-block" Warning Lint, "a second `events` block in nginx";
    NginxSettingTwice "nginx-setting-twice" Warning Lint, "an nginx setting written by hand and in the profile";
    DirectiveOutOfPlace "directive-out-of-place" Error Lint, "a directive that nginx does not take in a location";
    GuardSaidTwice "guard-said-twice" Error Fixed, "a guard of a service that is rendered and written by hand";
    DirectiveWins "directive-wins" Warning Lint, "a directive in the place of an option";
    WorkerFilesShort "worker-files-short" Warning Lint, "fewer open files than connections";

    // The proxy: Funnel.
    FunnelPort "funnel-port" Error Lint, "a public port that Funnel does not offer";
    FunnelRefused "funnel-refused" Error Fixed, "a public service that cannot be";
    FunnelPortTaken "funnel-port-taken" Error Fixed, "a public port where something else listens";
    FunnelAuth "funnel-auth" Warning Lint, "a public service that asks nobody, or whom nobody can answer";

    // Tailscale on the host.
    LanAccessOnExitNode "lan-access-on-exit-node" Warning Lint, "a preference of exit node clients on an exit node";
    ExitNodeUsesExitNode "exit-node-uses-exit-node" Error Fixed, "an exit node that uses another one";
    FlagInsteadOfOption "flag-instead-of-option" Warning Lint, "a preference set by a flag though it has an option";
    FlagContradictsOption "flag-contradicts-option" Warning Lint, "a flag that says the opposite of an option";
    ResetFlag "reset-flag" Warning Lint, "a flag that drops every declared preference";
    FirewallMode "firewall-mode" Warning Lint, "another netfilter backend for tailscaled than for the zones";
    FirewallModeValue "firewall-mode-value" Warning Lint, "a value of `TS_DEBUG_FIREWALL_MODE` that is none";
    ShieldsUpWithOffers "shields-up-with-offers" Warning Lint, "offers of a node that refuses every connection";
    MagicDnsWithoutDns "magic-dns-without-dns" Note Lint, "MagicDNS without the tailnet's DNS settings";
    ResolvedExtraConfig "resolved-extra-config" Warning Lint, "an option of systemd-resolved that NixOS has removed";
    TailnetAddressHardCoded "tailnet-address-hard-coded" Note Lint, "a node named by its tailnet address";
    TwoSshServers "two-ssh-servers" Note Lint, "Tailscale SSH and sshd on one port";
    SshOnWindows "ssh-on-windows" Error Fixed, "Tailscale SSH on Windows";
    NotRendered "not-rendered" Note Lint, "options of NixOS on a host without it";
    UnknownFlag "unknown-flag" Warning Lint, "a flag that the command does not have";

    // Routes.
    RouteOverlapsTailnet "route-overlaps-tailnet" Error Fixed, "a route to the tailnet's own addresses";
    RoutesOverlap "routes-overlap" Warning Lint, "a route within another";
    RouteNotAttached "route-not-attached" Warning Lint, "a route to a network that the host is not attached to";
    DefaultRouteAdvertised "default-route-advertised" Error Lint, "the default route as a route";
    RoutesNotAdvertised "routes-not-advertised" Warning Lint, "routes of a subnet router that is switched off";
    RouterWithoutRoutes "router-without-routes" Warning Lint, "a subnet router without routes";
    RouterAcceptsRoutes "router-accepts-routes" Note Lint, "a subnet router that accepts routes";
    DockerBridgeAdvertised "docker-bridge-advertised" Warning Lint, "a route to containers that nothing forwards to";
    PublishedPortsBypass "published-ports-bypass" Note Lint, "published ports of containers beside zones";
    RouteOverlapsOwn "route-overlaps-own" Warning Lint, "a route to the host's own address or uplink";

    // Zones.
    ZoneWithoutMembers "zone-without-members" Warning Lint, "a zone that nobody is in";
    ZoneShadowed "zone-shadowed" Warning Lint, "a zone whose sources another one takes";
    InterfaceInTwoZones "interface-in-two-zones" Error Fixed, "the same packets in two zones";
    PrefixesOverlap "prefixes-overlap" Note Lint, "a prefix of one zone within one of another";
    RuleWithoutEffect "rule-without-effect" Warning Lint, "a line of a zone that changes nothing";
    AddressUnbound "address-unbound" Warning Lint, "source addresses behind no known interface";
    Ipv6LeftOut "ipv6-left-out" Note Lint, "the whole tailnet by IPv4 and not by IPv6";
    UnknownInterface "unknown-interface" Warning Lint, "an interface that the host does not have";
    UnknownService "unknown-service" Error Fixed, "a service that nobody knows";
    UnknownZone "unknown-zone" Error Fixed, "forwarding to a zone that does not exist";
    ForwardDenied "forward-denied" Warning Lint, "forwarding between zones of which one refuses it";
    RejectPolicy "reject-policy" Note Lint, "a policy that nftables does not have";
    PolicyAccepts "policy-accepts" Warning Lint, "zones above a policy that lets everybody in";
    AlwaysAdmitted "always-admitted" Note Lint, "a line for what is admitted in any case";
    RateLimitingOff "rate-limiting-off" Note Lint, "new connections without a limit";
    ConnectionLimitLow "connection-limit-low" Warning Lint, "a limit of connections that ordinary clients run into";
    RulesetFlushed "ruleset-flushed" Warning Lint, "a reload that wipes the chains of others";
    TwoFirewalls "two-firewalls" Warning Lint, "NixOS's own firewall beside the zones";
    WireguardPortClosed "wireguard-port-closed" Warning Lint, "a closed port of WireGuard";
    ExitNodeWithoutUplink "exit-node-without-uplink" Note Lint, "an exit node without a known way to the internet";

    // The proxy behind the zones.
    ServiceUnreachable "service-unreachable" Warning Lint, "a service whose port no zone admits";
    Http3UdpClosed "http3-udp-closed" Warning Lint, "HTTP/3 on a port that is open by TCP alone";

    // The way in of the operator.
    NoManagementPath "no-management-path" Warning Lint, "zones without a known way in for the operator";
    UnknownManagementInterface "unknown-management-interface" Error Fixed, "a way in by an interface that the host does not have";
    ManagementPathClosed "management-path-closed" Warning Lint, "a closed way in, beside open ones";
    ManagementLockedOut "management-locked-out" Error Fixed, "no way in that is open";

    // Kernel parameters and bandwidth.
    SysctlOwned "sysctl-owned" Warning Lint, "a kernel parameter that belongs to somebody else";
    SysctlAlias "sysctl-alias" Warning Lint, "one kernel parameter by two names";
    SysctlDefinedTwice "sysctl-defined-twice" Error Lint, "a kernel parameter in the profile and beside it";
    ShapingDirection "shaping-direction" Note Lint, "a bandwidth limit of one direction";
    SysctlNeedsModule "sysctl-needs-module" Note Lint, "a kernel parameter whose module nothing loads";

    // Monitoring.
    CheckIntervalShort "check-interval-short" Warning Lint, "checks so often that they disturb";
    ThresholdOutOfUse "threshold-out-of-use" Warning Lint, "a threshold that is always or never crossed";
    FailoverWithoutExitNodes "failover-without-exit-nodes" Note Lint, "failover with nowhere to go";

    // Secrets.
    UndeclaredSecret "undeclared-secret" Error Fixed, "a secret that nobody declares";
    SecretOpenToAll "secret-open-to-all" Error Lint, "a secret that every user may read";
    SecretInStore "secret-in-store" Error Fixed, "a secret in the Nix store";
    SecretUnreadable "secret-unreadable" Error Lint, "a secret that its reader cannot read";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCode;

impl FromStr for Code {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCode)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_kebab_case_and_unique() {
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        assert!(names.iter().all(|name| name.split('-').all(word)));
    }
}
