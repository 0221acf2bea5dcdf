//! `mkdir -p fuzz/corpus/profile_nix && cargo +nightly fuzz run profile_nix fuzz/corpus/profile_nix fuzz/seeds/profile_nix`
#![no_main]

#[path = "../profile.rs"]
#[allow(dead_code, reason = "each target uses one of the readers")]
mod profile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| profile::nix(bytes));
