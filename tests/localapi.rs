//! The client of tailscaled's local API, against the fake tailscaled; and the fake against what real ones answered.

mod fake;
mod fake_bus;
mod following;
mod reading;
mod transport;
