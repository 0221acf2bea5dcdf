//! `mkdir -p fuzz/corpus/profile_toml && cargo +nightly fuzz run profile_toml fuzz/corpus/profile_toml fuzz/seeds/profile_toml`
#![no_main]

#[path = "../profile.rs"]
#[allow(dead_code, reason = "each target uses one of the readers")]
mod profile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| profile::toml(bytes));
