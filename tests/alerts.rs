//! Who is told of a failure: from the profile to what arrives.

mod profile;
