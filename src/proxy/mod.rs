//! The reverse proxy: services in, one nginx configuration out.
//!
//! [`compile()`] decides everything and returns an [`Nginx`]: virtual hosts with their locations, upstream groups, stream
//! servers and the directives beside them, each with the field of the profile that is answerable for it. Two printers read
//! it and add nothing: [`Nginx`]'s own (nginx's syntax) and the rendered NixOS module's (`services.nginx.*`).
//! [`served`] says what tailscaled itself has to serve (Tailscale Services, Funnel), and where the proxy waits for it.
//!
//! Profile text is put into [`Word`]s as data, and only [`text`] turns words into nginx's syntax; a user's own directives
//! ([`crate::net::NginxDirectives`], known to be complete) are the only text that passes as it is, inside their location.

mod compile;
mod directive;
mod location;
mod nginx;
mod own;
mod serve;
pub mod text;
mod upstream_group;
mod virtual_host;
mod word;

pub use compile::compile;
pub use directive::{Block, Directive, Item};
pub use location::{Answer, Location, Matching};
pub use nginx::{Http, Nginx, Stream, StreamServer};
pub use serve::{Served, Way, served};
pub use upstream_group::{Keepalive, UpstreamGroup};
pub use virtual_host::{Listen, ListenAddress, Tls, TlsCertificate, VirtualHost};
pub use word::{Part, Word};

/// Where the certificates of `tailscale cert` lie: `NAME.crt` and `NAME.key`, readable by nginx's group.
/// (`/var/lib/tailscale` itself is closed to everybody but root.)
pub const CERTIFICATE_DIRECTORY: &str = "/var/lib/tailwright-certs";
