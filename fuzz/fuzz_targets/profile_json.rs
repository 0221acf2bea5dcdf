//! `mkdir -p fuzz/corpus/profile_json && cargo +nightly fuzz run profile_json fuzz/corpus/profile_json fuzz/seeds/profile_json`
#![no_main]

#[path = "../profile.rs"]
#[allow(dead_code, reason = "each target uses one of the readers")]
mod profile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| profile::json(bytes));
