//! Whether the kernel knows a sysctl key.

use std::path::Path;

/// Keys that appear only once a module is loaded, by prefix, with that module. (Documentation: the kernel's
/// `Documentation/networking/{nf_conntrack-sysctl,ip-sysctl}.rst` and `Documentation/admin-guide/sysctl/net.rst`.)
const MODULE_DEPENDENT: &[(&str, &str)] = &[
    ("net.bridge.bridge-nf-", "br_netfilter"),
    ("net.netfilter.nf_conntrack_", "nf_conntrack"),
    ("net.nf_conntrack_max", "nf_conntrack"),
    ("net.ipv6.", "ipv6"),
];

/// `Ok` where `key` exists on this kernel, or belongs to a module that is not loaded here (then its name).
///
/// The interface of a per-interface key (`net.ipv4.conf.tailscale0.rp_filter`) need not exist: `default` stands for it.
pub fn known(key: &str) -> Result<Option<&'static str>, String> {
    if exists(key) {
        return Ok(None);
    }
    MODULE_DEPENDENT
        .iter()
        .find(|(prefix, _)| key.starts_with(prefix) && !any_key(prefix))
        .map(|(_, module)| Some(*module))
        .ok_or_else(|| format!("the kernel has no sysctl {key}"))
}

/// Whether any key starts with `prefix`: then the module is loaded, and a missing key is a wrong name.
fn any_key(prefix: &str) -> bool {
    let (folder, name) = prefix.rsplit_once('.').unwrap_or(("", prefix));
    std::fs::read_dir(Path::new("/proc/sys").join(folder.replace('.', "/"))).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.file_name().to_string_lossy().starts_with(name))
    })
}

fn exists(key: &str) -> bool {
    let mut steps: Vec<&str> = key.split(['.', '/']).collect();
    if steps.iter().any(|step| step.is_empty() || *step == "..") {
        return false;
    }
    let path = |steps: &[&str]| Path::new("/proc/sys").join(steps.join("/"));
    if path(&steps).is_file() {
        return true;
    }
    // net.ipv4.conf.<interface>.<key>, net.ipv6.neigh.<interface>.<key>
    if steps.len() == 5 && steps[0] == "net" && matches!(steps[2], "conf" | "neigh") {
        steps[3] = "default";
        return path(&steps).is_file();
    }
    false
}

#[test]
fn a_real_key_is_known_and_a_misspelt_one_is_not() {
    assert_eq!(known("net.ipv4.tcp_congestion_control"), Ok(None));
    assert_eq!(known("net.ipv4.conf.tailscale0.rp_filter"), Ok(None));
    assert!(known("net.ipv4.tcp_congestion_controll").is_err());
    assert!(known("net.core.rmem_maxx").is_err());
    assert!(known("net.ipv4.conf.tailscale0.rp_filters").is_err());
    assert!(known("../etc/passwd").is_err());
}
