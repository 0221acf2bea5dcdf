//! The integration tests, one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "a test runs programs and reads files")]
#![allow(unreachable_pub, reason = "nothing outside this binary can reach it anyway")]

mod alerts;
mod checks;
mod cli;
mod coexistence;
mod commands_page;
mod dependencies;
mod examples;
mod failover;
mod firewall;
mod flake;
mod fw_status;
mod guard;
mod guide;
mod host_commands;
mod layering;
mod localapi;
mod metrics;
mod modules;
mod monitor;
mod monitor_lab;
mod nix_values;
mod packets;
mod probes;
mod profile;
mod profile_text;
mod proxy;
mod readme;
mod reload;
mod render;
mod support;
mod tailscaled;
mod ts_benchmark;
mod ts_doctor;
mod ts_quality;
mod ts_status;
mod why;
