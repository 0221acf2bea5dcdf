//! Findings that only follow from what could not be read.
//!
//! A run reports everything, and judges what could be read even where something could not. What was refused is then
//! missing from the model, and a rule may complain of that: a service with a wrong port is no service, so the zone that
//! names it names nothing. Mending the refused value mends the rest, so the rest is not reported.

use super::code::Code;
use super::finding::{Finding, Findings, Place};
use super::place::{FieldPath, Step};

/// What a finding depends on.
enum Basis {
    /// The group that it points at.
    OwnGroup,
    /// Groups of the host, by their paths in its profile.
    Groups(&'static [&'static str]),
}

const PROXY: &str = "network.proxy";
const TAILSCALE: &str = "network.vpn.tailscale";
const ZONES: &str = "network.security.firewall-zones";

/// The codes that complain of something missing, and where it would stand.
fn basis(code: Code) -> Option<Basis> {
    let groups: &'static [&'static str] = match code {
        Code::MissingValue | Code::GroupNotEnabled | Code::SopsFileAssumed | Code::ZoneWithoutMembers => {
            return Some(Basis::OwnGroup);
        }
        Code::HostNameAssumed => &["host.name"],
        Code::NoManagementPath => &["host.management"],
        Code::RouteNotAttached | Code::ExitNodeWithoutUplink => &["host.interfaces"],
        Code::UnknownInterface | Code::UnknownManagementInterface | Code::AddressUnbound => {
            &["host.interfaces", TAILSCALE]
        }
        Code::ManagementPathClosed | Code::ManagementLockedOut => &["host", TAILSCALE, PROXY, ZONES],
        Code::UndeclaredSecret => &["secrets"],
        Code::TailscaleMissing => &[TAILSCALE],
        Code::ServiceNeedsTag => &["network.vpn.tailscale.tags"],
        Code::RouterWithoutRoutes => &["network.vpn.tailscale.advertiseRoutes"],
        Code::UnknownService | Code::Http3WithoutCertificate | Code::AcmeMissing => &[PROXY],
        Code::DefaultZone
        | Code::UnknownZone
        | Code::ServiceUnreachable
        | Code::Http3UdpClosed
        | Code::WireguardPortClosed => &[ZONES],
        Code::FailoverWithoutExitNodes => &["network.monitoring.tailscale.exitNodes"],
        _ => return None,
    };
    Some(Basis::Groups(groups))
}

/// The fields that were left without a value, as the reader of a profile reported them.
#[derive(Debug, Clone, Default)]
pub struct Refused(Vec<(FieldPath, bool)>);

impl Findings {
    /// What could not be read.
    pub fn refused(&self) -> Refused {
        Refused(self.iter().filter_map(refused).collect())
    }

    /// Drops, from number `first` on, what only follows from a value of the host at `host` that was refused.
    pub fn drop_consequences(&mut self, first: usize, refused: &Refused, host: &FieldPath) {
        if refused.0.is_empty() {
            return;
        }
        let mut number = 0;
        self.retain_mut(|finding| {
            number += 1;
            number <= first || !follows(finding, host, &refused.0)
        });
    }
}

/// The field that a finding of the reader leaves without its value, and whether a value is missing there from the first.
fn refused(finding: &Finding) -> Option<(FieldPath, bool)> {
    let place = &finding.labels.first()?.place;
    match (finding.code, place) {
        (_, Place::Refused(path, _)) => Some((path.clone(), false)),
        (Code::UnknownField | Code::InvalidValue, Place::Name(path) | Place::Field(path)) => {
            Some((path.clone(), false))
        }
        (Code::MissingValue, Place::Field(path)) => Some((path.clone(), true)),
        _ => None,
    }
}

fn follows(finding: &Finding, host: &FieldPath, refused: &[(FieldPath, bool)]) -> bool {
    match basis(finding.code) {
        None => false,
        Some(Basis::OwnGroup) => {
            let Some(Place::Field(group)) = finding.labels.first().map(|label| &label.place) else {
                return false;
            };
            // What is wrong further down, in a group of its own, is not what is missing here.
            let within = |path: &FieldPath| {
                let below = path.steps().strip_prefix(group.steps());
                below.is_some_and(|below| matches!(below, [Step::Name(_)] | [Step::Name(_), Step::Index(_)]))
            };
            refused.iter().any(|(path, missing)| !missing && within(path))
        }
        Some(Basis::Groups(groups)) => {
            let mut groups = groups.iter().map(|dotted| host.join(&FieldPath::of(dotted)));
            groups.any(|group| refused.iter().any(|(path, _)| overlap(path, &group)))
        }
    }
}

/// Whether one of the paths is the other, or leads to it.
fn overlap(one: &FieldPath, other: &FieldPath) -> bool {
    let shorter = one.steps().len().min(other.steps().len());
    one.steps().get(..shorter) == other.steps().get(..shorter)
}
