//! Who is told of a failure: from the profile to what arrives.

mod daemon;
mod profile;
mod receivers;
mod tls;
