//! What the file of a profile sets of NixOS's own options, as far as a rule wants to know.

use std::collections::BTreeMap;

use super::{FieldPath, SysctlKey, SysctlValue};

/// NixOS options that stand beside `kernelcore` in the same file and that a rule looks at. They belong to NixOS:
/// nothing is rendered from them. Each comes with the field that sets it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UpstreamOptions {
    /// `services.nginx.appendConfig`.
    pub nginx_append_config: Option<(String, FieldPath)>,
    /// `services.resolved.extraConfig`.
    pub resolved_extra_config: Option<(String, FieldPath)>,
    /// `systemd.services.tailscaled.environment.TS_DEBUG_FIREWALL_MODE`.
    pub tailscaled_firewall_mode: Option<(String, FieldPath)>,
    /// `networking.nftables.ruleset` or `rulesetFile`, where not empty.
    pub nftables_ruleset: Option<FieldPath>,
    /// `networking.nftables.flushRuleset = true`.
    pub nftables_flush: Option<FieldPath>,
    /// `networking.firewall.enable = true`, where said.
    pub firewall_enabled: Option<FieldPath>,
    /// `boot.kernel.sysctl`.
    pub sysctl: BTreeMap<SysctlKey, (SysctlValue, FieldPath)>,
    /// Names below `sops.secrets`.
    pub sops_secrets: BTreeMap<String, FieldPath>,
}
