//! Profiles as written: Nix data, TOML and JSON.
