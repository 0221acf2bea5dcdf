//! Flow tables.

use crate::net::InterfaceName;

/// A table of its own that takes established connections of other hosts past the rules, between some interfaces (nft(8),
/// FLOWTABLES). It is a table of its own because the kernel refuses one that names an interface which is not there, and the
/// zones must not depend on that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flowtable {
    /// The interfaces.
    pub devices: Vec<InterfaceName>,
}

impl Flowtable {
    /// The name of its table.
    pub const TABLE: &'static str = "tailwright_offload";
}
