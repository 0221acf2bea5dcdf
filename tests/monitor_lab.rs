//! The monitor in a small internet: real packets, real faults ([`tailnet`](crate::support::tailnet)).

mod laboratory;
