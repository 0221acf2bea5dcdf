//! From a profile's settings to the plan of the failover machine; every transition of the machine against its documentation.

mod plan;
mod probes;
mod transitions;
