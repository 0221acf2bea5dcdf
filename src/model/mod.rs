//! The fleet and its hosts, always valid.
