//! The table of the zones out of a rendered tree: what would be loaded, also where somebody edited it.

use crate::cli::output::Kind;
use crate::diagnostic::{FieldPath, SourceId};
use crate::firewall::Ruleset;
use crate::profile::nix;
use crate::render::{self, Tree};

/// The name of the table.
const TABLE: &str = "tailwright";

/// The table of the host whose files lie in `folder`; `None` where it has no zones. An error says why it cannot be read.
pub(super) fn read(tree: &Tree, folder: &str, kind: Kind) -> Result<Option<Ruleset>, String> {
    let path = match kind {
        Kind::Modules => format!("{folder}{}", render::ZONES),
        Kind::Raw => format!("{folder}{}", render::NFTABLES),
    };
    let Some(text) = tree.get(&path) else { return Ok(None) };
    let ruleset = match kind {
        Kind::Modules => content(text).and_then(|content| {
            let read = Ruleset::read_content(TABLE, &content);
            read.map_err(|error| format!("its table is none of ours: {error} (of the table's text)"))
        }),
        Kind::Raw => Ruleset::read(text).map_err(|error| error.to_string()),
    };
    ruleset.map(Some).map_err(|why| format!("{path}: {why}"))
}

/// The text of the table in its module.
fn content(module: &str) -> Result<String, String> {
    let (file, _) = nix::read(module, SourceId(0));
    let field = FieldPath::of("networking.nftables.tables").name(TABLE).name("content");
    let content = file
        .foreign
        .as_ref()
        .and_then(|options| options.at(&field)?.as_str().map(str::to_owned));
    content.ok_or_else(|| format!("there is no text at {field}"))
}
