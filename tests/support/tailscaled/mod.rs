//! A fake tailscaled: HTTP/1.1 on a unix socket, as the captures in `tests/fixtures/localapi/` have it.
//!
//! It is written without the client's libraries, so that a mistake in one is not repeated in the other. `world` is what it
//! is like (pure: a request in, an answer out), `scenario` the text that it acts by, `player` who plays that, `shared`, `serving`
//! and `http` the socket, the connections and the bytes, `server` what a test holds in its hands.

#![allow(unused_imports, reason = "a bench uses less of it than the tests")]

mod answer;
mod captures;
mod data_path;
mod http;
mod player;
mod request;
mod scenario;
mod server;
mod serving;
mod shared;
mod world;

pub use self::answer::{Answer, Reply};
pub use self::captures::{Exchange, Stream, body, exchanges, streams, text};
pub use self::data_path::DataPath;
pub use self::request::Request;
pub use self::scenario::{Action, Change, Line, Scenario, Wrong};
pub use self::server::Tailscaled;
pub use self::world::World;
