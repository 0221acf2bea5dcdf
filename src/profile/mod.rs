//! Profiles as written: Nix data in; the model, the findings of reading and the places of fields out.
//!
//! A notation's reader ([`nix`], [`toml`], [`json`]) makes a spanned [`tree`]; [`written`] says which options there are;
//! `de` reads the tree into them and gathers every fault; `lower` decides what was left open and makes the model.
//! [`load()`] does all of it. Nothing here reads a file: the caller does.

mod de;
pub mod fault;
pub mod json;
mod key_value;
pub mod limit;
mod load;
mod lower;
pub mod nix;
mod notation;
mod schema;
mod secret;
pub mod text;
pub mod toml;
pub mod tree;
pub mod written;

pub use load::{Opened, Profile, load};
pub use notation::Notation;
pub use schema::schema;
