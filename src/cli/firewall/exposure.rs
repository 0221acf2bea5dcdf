//! `tailwright firewall exposure`.

use std::io::{self, Write};

use clap::Args;
use serde_json::{Value, json};

use super::entry;
use super::host::HostArgs;
use crate::cli::Done;
use crate::cli::check::{Format, write_json};
use crate::cli::console::Console;
use crate::cli::input::{Input, ProfileArgs};
use crate::cli::status::Status;
use crate::firewall::{self, Reach};
use crate::model::{Host, Shape};

/// Say what the firewall lets in and through, and which lines do
///
/// It is computed from the rules themselves, for all interfaces, addresses, protocols and ports at once: what is not listed is
/// not let in. New connections are meant; answers pass anyway. What several lines let in stands with the first that the kernel
/// asks.
#[derive(Debug, Args)]
pub(crate) struct Exposure {
    #[command(flatten)]
    profile: ProfileArgs,
    #[command(flatten)]
    host: HostArgs,
    /// How it is written; docs/reachability.md describes the data
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

impl Exposure {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        let input = self.profile.load()?;
        input.say(console)?;
        let Some(checked) = &input.checked else {
            return Ok(Status::Errors);
        };
        let fleet = checked.fleet();
        let hosts = self.host.all(fleet)?;
        if self.format == Format::Json {
            let hosts: Vec<_> = hosts.into_iter().map(|host| data(host, &input)).collect();
            write_json(&json!({ "profile": input.name, "hosts": hosts }), console)?;
            return Ok(Status::Success);
        }
        for host in hosts {
            if fleet.shape == Shape::Fleet {
                writeln!(console.out, "HOST {}", host.name)?;
            }
            human(host, &input, console)?;
        }
        Ok(Status::Success)
    }
}

fn human(host: &Host, input: &Input, console: &mut Console) -> io::Result<()> {
    let Some(exposure) = firewall::exposure(host) else {
        return writeln!(
            console.out,
            "There are no zones: NixOS's own firewall (networking.firewall) decides."
        );
    };
    let mut list = |title: &str, entries: &[Reach], show: &dyn Fn(&Reach) -> String| {
        writeln!(console.out, "{title}")?;
        for reach in entries {
            let why = entry::why(&reach.evidence, Some(input));
            writeln!(console.out, "  {}  [{why}]", show(reach))?;
        }
        if entries.is_empty() {
            writeln!(console.out, "  nothing")?;
        }
        io::Result::Ok(())
    };
    list("TO THE HOST", &exposure.admitted, &entry::admitted)?;
    if exposure.filters_forwarding {
        list("THROUGH THE HOST", &exposure.forwarded, &entry::forwarded)?;
    }
    if exposure.filters_sending {
        list("FROM THE HOST", &exposure.sent, &entry::sent)?;
    }
    if !exposure.forged.is_empty() {
        let title = "DROPPED BEFORE, so that none of the above lets it in";
        list(title, &exposure.forged, &entry::source)?;
    }
    if !exposure.filters_forwarding {
        writeln!(console.out, "What passes through the host is left to others.")?;
    }
    Ok(())
}

fn data(host: &Host, input: &Input) -> Value {
    let name = host.name.to_string();
    let Some(exposure) = firewall::exposure(host) else {
        return json!({ "host": name, "zones": false });
    };
    let list =
        |entries: &[Reach]| -> Vec<Value> { entries.iter().map(|reach| entry::data(reach, Some(input))).collect() };
    json!({
        "host": name,
        "zones": true,
        "admitted": list(&exposure.admitted),
        "filters_forwarding": exposure.filters_forwarding,
        "forwarded": list(&exposure.forwarded),
        "filters_sending": exposure.filters_sending,
        "sent": list(&exposure.sent),
        "forged": list(&exposure.forged),
    })
}
