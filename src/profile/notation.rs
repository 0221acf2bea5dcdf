//! The notations of a profile.

/// How a profile is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// Nix data, or a NixOS module fragment.
    Nix,
}
