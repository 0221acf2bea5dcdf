//! Zones compiled to an nftables ruleset.
