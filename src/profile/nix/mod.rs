//! Nix data without Nix: a profile, or the `kernelcore` of a NixOS module, read through the parser `rnix`.
//!
//! A file may be
//! - a bare attribute set: the profile itself;
//! - a NixOS module, `{ config, pkgs, ... }: { … }`, of which `kernelcore` (or `config.kernelcore`) is the profile;
//! - a bare set with the attribute `kernelcore`, or with nothing but options of NixOS: as a module;
//! - bindings without braces around them, as a guide quotes a block.
//!
//! What a module says beside `kernelcore` belongs to NixOS: it raises no error here, and is handed on as
//! [`NixFile::foreign`] for the checks that know traps there.

mod binding;
mod data;
mod file;
mod guard;
mod lookup;
mod refusal;
mod source;
mod string;
mod syntax;

use source::Source;

use super::fault::{Fault, ReadError};
use super::notation::{self, Notation};
use super::tree::Node;
use super::{secret, text};
use crate::diagnostic::place::{SourceId, Span};

/// What a file of Nix says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NixFile {
    /// The profile; `None` if the text could not be read as a set at all. Empty for a module without `kernelcore`.
    pub profile: Option<Node>,
    /// For a module, the options beside `kernelcore`, with `config.` taken off; what is no data is
    /// [`Value::Removed`](super::tree::Value::Removed). `None` if the file is a bare profile.
    pub foreign: Option<Node>,
    /// Calls of `builtins.pathExists`, whose answer depends on the machine that evaluates.
    pub impure_lookups: Vec<Span>,
}

/// Reads a profile in Nix. The errors are in the order of the text.
pub fn read(text: &str, source: SourceId) -> (NixFile, Vec<ReadError>) {
    let (mut file, errors) = parse_and_read(text, source).unwrap_or_else(|errors| (NixFile::default(), errors));
    let Some(profile) = &mut file.profile else {
        let is_other = |error: &ReadError| matches!(error.code, Fault::Syntax | Fault::UnknownValue);
        let mistaken = errors
            .iter()
            .any(is_other)
            .then(|| notation::mistaken(text, Notation::Nix, source))
            .flatten();
        return (file, mistaken.map_or(errors, |error| vec![error]));
    };
    secret::recognise(profile);
    (file, errors)
}

/// Whether a text starts as only Nix does: a set with a binding, a function's arguments, or bindings without braces.
pub(super) fn looks_like_nix(text: &str) -> bool {
    syntax::beginning(text).is_some_and(syntax::looks_like_nix)
}

fn parse_and_read(text: &str, id: SourceId) -> Result<(NixFile, Vec<ReadError>), Vec<ReadError>> {
    text::refuse(text, id).map_err(|error| vec![error])?;
    if syntax::beginning(text).is_none() {
        return Err(vec![text::empty(id)]);
    }
    let braced;
    let source = if syntax::is_bare_bindings(text) {
        // The line feed ends a comment in the last line.
        braced = format!("{{{text}\n}}");
        Source {
            parsed: &braced,
            written: text,
            id,
            shift: 1,
        }
    } else {
        Source {
            parsed: text,
            written: text,
            id,
            shift: 0,
        }
    };
    let expression = syntax::parse(&source)?;
    let mut file = NixFile {
        impure_lookups: lookup::path_exists(&expression, &source),
        ..NixFile::default()
    };
    let errors = file::read(&expression, &source, &mut file);
    Ok((file, errors))
}

#[cfg(test)]
mod tests;
