//! Profiles as written: Nix data, TOML and JSON.

pub mod fault;
pub mod limit;
pub mod nix;
mod secret;
pub mod text;
pub mod tree;
