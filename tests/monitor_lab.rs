//! The monitor in a small internet: real packets, real faults ([`tailnet`](crate::support::tailnet)).
//!
//! What was done to the network, what came over tailscaled's socket, what the web server saw, the decision log, the alarms and
//! the preferences at the end have to tell one story. Waits are for conditions; that something does *not* happen is proved by
//! so many measurements that were made meanwhile.

mod acting;
mod alerts;
mod ending;
mod growth;
mod killed;
mod laboratory;
mod lower_layers;
mod moving;
mod people;
mod scenario;
mod staying;
mod timeline;
mod week;
