//! Nix values and the rendered NixOS modules.
