//! The probes of the monitor: against servers on the loopback, and between namespaces.

mod copy;
mod namespaces;
mod servers;
mod sockets;
mod tailscaled;
mod whole;
