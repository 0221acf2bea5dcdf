//! tailwright: one typed profile in, every network artefact of a tailnet host out, checked against each other first.
//!
//! Read the modules in this order:
//!
//! 1. [`diagnostic`]: findings, their codes and places, and how a report is shown.
//! 2. [`net`]: prefixes, ports, rates, sizes, names: types that cannot be wrong.
//! 3. [`model`]: the fleet and its hosts, always valid, knowing neither notation nor output; the registry of known services.
//! 4. [`profile`]: Nix, TOML and JSON text in, model and places out.
//! 5. [`checks`]: one rule a file; only they can make a `Checked` fleet.
//! 6. [`firewall`], [`proxy`], [`secrets`]: compilers from the model to typed values, and the printers of those values.
//! 7. [`nixos`], [`render`]: the Nix value writer, the rendered modules, the tree of files.
//! 8. [`localapi`]: what tailscaled is asked, and what it answers. [`monitor`]: what tsctl measures, concludes and decides.
//! 9. [`cli`]: the commands of `tailwright`; every read and write of a file is here. [`host`]: those of `tsctl`.
//!
//! The library exists for the two programs of this package; it promises nothing to others.

#![cfg_attr(
    test,
    allow(clippy::disallowed_methods, reason = "only the core itself is kept from the outside")
)]

pub mod checks;
#[allow(
    clippy::disallowed_methods,
    reason = "the commands are the edge: they read, write and ask the clock"
)]
pub mod cli;
pub mod diagnostic;
pub mod firewall;
#[allow(
    clippy::disallowed_methods,
    reason = "the commands are the edge: they start programs, read and write, and ask the clock"
)]
pub mod host;
pub mod localapi;
pub mod model;
pub mod monitor;
pub mod net;
pub mod nixos;
pub mod profile;
pub mod proxy;
pub mod render;
pub mod secrets;
