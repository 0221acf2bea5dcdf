//! Nix values and the rendered NixOS modules.

pub mod escape;
pub mod module;
mod print;
pub mod value;
