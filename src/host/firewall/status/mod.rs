//! `tsctl firewall status`, also called `fw-status`: the zone firewall as it is in the kernel now.
//!
//! `live` asks nft; all else is pure: [`zones`], [`drops`], [`others`] and [`drift`] make of its answers what is [`seen`],
//! and [`draw`] shows that to people.

mod comment;
mod draw;
mod drift;
mod drops;
mod live;
mod others;
mod seen;
mod zones;

use std::path::{Path, PathBuf};

use clap::Args;

use self::live::{Live, Trouble};
use self::seen::{Drift, DriftOutcome, FirewallStatus, OtherChain, OwnHook};
use super::listing::Listing;
use super::nft::Nft;
use super::table_name::TableName;
use crate::firewall::CLOSED;
use crate::host::Streams;
use crate::host::failure::Failure;
use crate::host::program::printable;
use crate::host::show::{ShowArgs, State};
use crate::host::status::Status as Ended;

/// Where the rendered module puts the table as it was deployed.
const DEPLOYED: &str = "/etc/tailwright/firewall.nft";

/// Show what the zone firewall admits, counts and drops
///
/// Also called as fw-status. Reads the table from the kernel: the zones and what each admits, packets and bytes, what was
/// dropped and why, the sources that were dropped most, whether the table is the deployed one, and whose other rules see the
/// same packets. It needs root's rights over the network, and the right to make a network of its own for the comparison
/// with the deployed table.
///
/// The exit status is 0 where all is good, 1 where the table is not the deployed one or a second firewall filters too, 2
/// where the zones are not loaded, 3 where it cannot be told.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    show: ShowArgs,
    /// The table as it was deployed, a file for nft -f
    #[arg(long, value_name = "FILE", default_value = DEPLOYED)]
    deployed: PathBuf,
    /// The table, in the family inet
    #[arg(long, value_name = "NAME", default_value = TableName::DEFAULT, value_parser = str::parse::<TableName>)]
    table: TableName,
    /// How many dropped and limited sources are shown
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    sources: u16,
}

/// How the zone firewall is, and why it is not good, of the usual table and the usual file; why it cannot be told.
pub(crate) fn zones_at_a_glance() -> Result<(State, Vec<String>), String> {
    let table = TableName::DEFAULT.parse()?;
    let command = Status {
        show: ShowArgs::default(),
        deployed: DEPLOYED.into(),
        table,
        sources: 0,
    };
    let seen = command.look();
    match seen.state {
        State::CannotTell => Err(seen.reasons.into_iter().next().unwrap_or_default()),
        state => Ok((state, seen.reasons)),
    }
}

impl Status {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Ended, Failure> {
        self.show.show(streams, || Ok(self.look()))
    }

    /// The firewall as it is now.
    fn look(&self) -> FirewallStatus {
        match self.read() {
            Ok(seen) => seen,
            Err(trouble) => self.without_table(State::CannotTell, trouble, Vec::new()),
        }
    }

    fn read(&self) -> Result<FirewallStatus, Trouble> {
        let nft = Nft::find().map_err(|failure| failure.to_string())?;
        let live = Live {
            nft: &nft,
            table: &self.table,
        };
        let chains = live.chains().map_err(rights)?;
        let others = others::others(&chains, &self.table);
        let hooks = own_hooks(&chains, &self.table);
        let is_there = chains
            .chains
            .iter()
            .any(|chain| (chain.family.as_str(), chain.table.as_str()) == ("inet", self.table.as_str()));
        if !is_there {
            let reason = format!("table inet {} is not loaded: no zone is in force", self.table);
            return Ok(self.without_table(State::Down, reason, others));
        }
        let listing = live.table().map_err(rights)?;
        let shape = live.shape(&listing)?;
        let drift = self.drift(&live, &shape);
        let mut reasons = Vec::new();
        let mut state = State::Good;
        if drift.outcome == DriftOutcome::Unknown {
            state = State::CannotTell;
            let trouble = drift.trouble.clone().unwrap_or_default();
            reasons.push(format!(
                "whether the table is the deployed one cannot be told: {trouble}"
            ));
        }
        if drift.outcome == DriftOutcome::Different {
            state = State::Degraded;
            reasons.push(format!("the table is not the one of {}", drift.deployed));
        }
        for other in others
            .iter()
            .filter(|other| (other.hook.as_str(), other.policy.as_str()) == ("input", "drop"))
        {
            state = State::Degraded;
            reasons.push(format!(
                "{} ({} {}) drops what it does not accept itself: a connection must be let in by both",
                other.owner, other.family, other.table
            ));
        }
        if shape.is_dormant() {
            state = State::Down;
            reasons = vec![format!("table inet {} is switched off (flags dormant)", self.table)];
        }
        if is_closed(&listing) {
            state = State::Down;
            reasons = vec![
                "the zones could not be loaded: the host is closed but for what it needs and for host.management; journalctl \
                 -u nftables.service says why"
                    .to_owned(),
            ];
        }
        let most = usize::from(self.sources);
        Ok(FirewallStatus {
            table: self.table.to_string(),
            state,
            reasons,
            hooks,
            zones: zones::zones(&listing),
            everywhere: zones::everywhere(&listing),
            forwarded: zones::forwarded(&listing),
            drops: drops::drops(&listing),
            dropped_sources: drops::sources(&listing, "dropped", most),
            limited_sources: drops::sources(&listing, zones::LIMITED, most),
            drift,
            others,
        })
    }

    /// What is seen where there is no table to look at.
    fn without_table(&self, state: State, reason: String, others: Vec<OtherChain>) -> FirewallStatus {
        FirewallStatus {
            table: self.table.to_string(),
            state,
            reasons: vec![reason],
            hooks: Vec::new(),
            zones: Vec::new(),
            everywhere: Vec::new(),
            forwarded: Vec::new(),
            drops: Vec::new(),
            dropped_sources: Vec::new(),
            limited_sources: Vec::new(),
            drift: self.unknown("there is no table to compare".to_owned()),
            others,
        }
    }

    fn drift(&self, live: &Live<'_>, shape: &drift::Shape) -> Drift {
        match deployed(live, &self.deployed) {
            Err(trouble) => self.unknown(trouble),
            Ok(deployed) => {
                let differences = deployed.differences(shape);
                Drift {
                    outcome: if differences.is_empty() {
                        DriftOutcome::Same
                    } else {
                        DriftOutcome::Different
                    },
                    trouble: None,
                    deployed: printable(&self.deployed),
                    differences,
                }
            }
        }
    }

    fn unknown(&self, trouble: Trouble) -> Drift {
        Drift {
            deployed: printable(&self.deployed),
            outcome: DriftOutcome::Unknown,
            trouble: Some(trouble),
            differences: Vec::new(),
        }
    }
}

fn deployed(live: &Live<'_>, file: &Path) -> Result<drift::Shape, Trouble> {
    // unshare and nft start elsewhere.
    let file = std::path::absolute(file).map_err(|error| error.to_string())?;
    if let Err(error) = std::fs::File::open(&file) {
        return Err(format!("{}: {error}", printable(&file)));
    }
    live.shape_of_file(&file)
}

/// A refusal of the kernel as what is needed.
fn rights(trouble: Trouble) -> Trouble {
    if trouble.contains("Operation not permitted") || trouble.contains("Permission denied") {
        "reading the rules of the kernel needs root, or CAP_NET_ADMIN: sudo tsctl firewall status".to_owned()
    } else {
        trouble
    }
}

/// Whether the table is the one that holds until the zones are loaded.
fn is_closed(listing: &Listing) -> bool {
    listing.rules.iter().any(|rule| rule.comment.as_deref() == Some(CLOSED))
}

fn own_hooks(chains: &Listing, table: &TableName) -> Vec<OwnHook> {
    let own = chains
        .chains
        .iter()
        .filter(|chain| (chain.family.as_str(), chain.table.as_str()) == ("inet", table.as_str()));
    own.filter_map(|chain| {
        Some(OwnHook {
            hook: chain.hook.clone()?,
            priority: chain.priority?,
            policy: chain.policy.clone()?,
        })
    })
    .collect()
}
