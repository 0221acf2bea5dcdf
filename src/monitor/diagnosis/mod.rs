//! Which layer failed.

mod layer;

pub use layer::{DaemonFault, Layer};
