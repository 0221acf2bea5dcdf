//! What a series of measurements says. How they are taken is the driver's part.

mod path;
pub mod stun;
mod window;

pub use path::{PathClass, PathWatch};
pub use window::{Limits, Statistics, Window};
