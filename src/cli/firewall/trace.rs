//! `tailwright firewall trace`.

mod arguments;
mod human;
mod json;

use clap::Args;

use self::arguments::PacketArgs;
use super::host::HostArgs;
use super::line::Line;
use crate::cli::Done;
use crate::cli::check::{Format, write_json};
use crate::cli::console::Console;
use crate::cli::failure::Failure;
use crate::cli::input::{Input, ProfileArgs};
use crate::cli::status::Status;
use crate::firewall::ruleset::Evidence;
use crate::firewall::trace::{self, Circumstances, Limits, Packet, WayBack};
use crate::model::Host;

/// Follow one packet through the firewall: what happens to it, and which lines are answerable
///
/// Every chain that the packet enters is shown with the rules whose conditions it meets and what their maps have for it;
/// then the verdict with the lines of the profile behind it, and what was taken for granted.
///
/// The answer is that of our own table, as the kernel would give it. Other tables on the same hooks (tailscaled's, Docker's)
/// decide for themselves: where one of them drops a packet, it is gone whatever ours says.
#[derive(Debug, Args)]
pub(crate) struct Trace {
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    host: HostArgs,
    #[command(flatten)]
    packet: PacketArgs,
    /// No route leads back to the source; without it, the way back is assumed
    #[arg(long)]
    no_way_back: bool,
    /// The source has used up its limits; without it, the source is assumed to be under them
    #[arg(long)]
    over_limit: bool,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The answer, with what it takes to show it.
struct Answer<'a> {
    input: &'a Input,
    host: &'a Host,
    packet: &'a Packet,
    trace: trace::Trace<'a>,
    /// Everything that nobody said, in sentences.
    assumed: Vec<String>,
}

impl Trace {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        let Some(checked) = &input.checked else {
            // What else there is to say of the profile is the business of `check`.
            input.say(console)?;
            return Ok(Status::Errors);
        };
        let (host, ruleset) = self.host.of(checked)?;
        let (packet, mut assumed) = self.packet.packet(host).map_err(Failure::Usage)?;
        let circumstances = Circumstances {
            way_back: self.no_way_back.then_some(WayBack::Nowhere),
            limits: if self.over_limit {
                Limits::UsedUp
            } else {
                Limits::Unknown
            },
        };
        let trace = ruleset.trace(&packet, &circumstances);
        let trace = trace.map_err(|fault| Failure::Usage(format!("the rules have no answer: {fault}")))?;
        assumed.extend(trace.assumed.iter().map(ToString::to_string));
        let answer = Answer {
            input: &input,
            host,
            packet: &packet,
            trace,
            assumed,
        };
        match self.format {
            Format::Human => answer.human(&mut console.out)?,
            Format::Json => write_json(&answer.json(), console)?,
        }
        Ok(Status::Success)
    }
}

impl Answer<'_> {
    /// The lines behind an evidence.
    fn lines(&self, evidence: &Evidence) -> Vec<Line> {
        evidence
            .origins
            .iter()
            .map(|field| Line::of(field, self.input))
            .collect()
    }
}
