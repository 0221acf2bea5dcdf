use super::*;
use crate::profile;

/// The host that a profile describes.
pub(crate) fn host(text: &str) -> Host {
    let profile = profile::load("host.nix", text.as_bytes(), None, &mut |_| {
        Err("no other file".to_owned())
    });
    let errors: Vec<_> = profile
        .findings
        .iter()
        .filter(|finding| finding.severity == crate::diagnostic::Severity::Error)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    profile.fleet.unwrap().hosts.into_values().next().unwrap()
}

/// The text of the module at `path`, without its header.
pub(crate) fn module_of(text: &str, path: &str) -> String {
    match modules(&host(text)).get(path) {
        Some(module) => module.to_string(),
        None => String::new(),
    }
}

#[test]
fn a_host_that_does_not_run_nixos_has_no_modules() {
    let windows = "{ host.name = \"a\"; host.os = \"windows\"; network.vpn.tailscale.enable = true; }";
    assert!(modules(&host(windows)).is_empty());
}

#[test]
fn a_module_is_there_where_the_host_wants_it() {
    let paths = |text| modules(&host(text)).into_keys().collect::<Vec<_>>();
    assert_eq!(paths("{ host.name = \"a\"; }"), [DEFAULT]);
    assert_eq!(
        paths("{ host.name = \"a\"; network.vpn.tailscale = { enable = true; enableMagicDNS = false; }; }"),
        [DEFAULT, "modules/network/vpn/tailscale.nix"]
    );
}
