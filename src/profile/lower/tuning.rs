//! `network.tuning`.

use std::collections::BTreeMap;

use super::Scope;
use crate::diagnostic::{Code, Finding};
use crate::model::{NginxTuning, SysctlKey, SysctlValue, Tuning, TuningProfile};
use crate::profile::written;

const GROUP: &str = "network.tuning";

pub(super) fn tuning(scope: &mut Scope<'_>, written: Option<written::Tuning>, forwards: bool) -> Option<Tuning> {
    let group = written.filter(|group| group.enable != Some(false))?;
    let at = scope.field(GROUP);
    let mut overrides = BTreeMap::new();
    for (key, value) in group.sysctl.unwrap_or_default() {
        let field = at.name("sysctl").name(key.clone());
        if let Some(key) = scope.accept(key.parse::<SysctlKey>(), &field) {
            let value = match value {
                written::Scalar::Integer(number) => SysctlValue::Integer(number),
                written::Scalar::Text(text) => SysctlValue::Text(text),
            };
            overrides.insert(key, (value, field));
        }
    }
    let nginx = group.nginx.unwrap_or_default();
    Some(Tuning {
        profile: match group.profile {
            Some(written::TuningProfile::None) => TuningProfile::None,
            None | Some(written::TuningProfile::Throughput) => TuningProfile::Throughput,
            Some(written::TuningProfile::Router) => TuningProfile::Router,
            Some(written::TuningProfile::LowMemory) => TuningProfile::LowMemory,
        },
        overrides,
        udp_gro: group.udp_gro.unwrap_or(forwards),
        nginx: NginxTuning {
            worker_processes: match nginx.worker_processes {
                None | Some(written::Workers::Auto) => None,
                Some(written::Workers::Count(count)) => Some(count),
            },
            worker_connections: positive(scope, nginx.worker_connections, "workerConnections", 1_000_000),
            worker_rlimit_nofile: positive(scope, nginx.worker_rlimit_nofile, "workerRlimitNofile", 10_000_000),
            multi_accept: nginx.multi_accept.unwrap_or(false),
        },
    })
}

fn positive(scope: &mut Scope<'_>, written: Option<u32>, option: &str, most: u32) -> Option<u32> {
    let number = written?;
    if (1..=most).contains(&number) {
        return Some(number);
    }
    let field = scope.field(GROUP).name("nginx").name(option);
    scope.add(Finding::new(
        Code::InvalidValue,
        field,
        format!("expected 1 to {most}, found {number}"),
    ));
    None
}
