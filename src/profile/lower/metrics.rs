//! `network.monitoring.tailscale.metrics`.

use super::Scope;
use super::monitoring::GROUP;
use crate::diagnostic::{Code, Finding};
use crate::model::Metrics;
use crate::net::LocalSocket;
use crate::profile::written;

pub(super) fn metrics(scope: &mut Scope<'_>, written: written::Metrics) -> Metrics {
    let at = scope.field(GROUP).name("metrics");
    let listen = written.listen.filter(|listen| {
        let LocalSocket::Unix(socket) = listen else { return true };
        let below = socket.path().as_str().strip_prefix(Metrics::DIRECTORY);
        let name = below.and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
        let message = match name {
            "" => format!(
                "the monitor cannot make a socket outside {}, its own directory",
                Metrics::DIRECTORY
            ),
            "control.sock" => {
                "the commands of tsctl speak to this socket, and `GET /metrics` works there too".to_owned()
            }
            name if name.contains('/') => format!("there is no directory below {}", Metrics::DIRECTORY),
            _ => return true,
        };
        let help = format!("write `listen = \"{}/metrics.sock\"`", Metrics::DIRECTORY);
        scope.add(Finding::new(Code::InvalidValue, at.name("listen"), message).help(help));
        false
    });
    Metrics {
        listen,
        textfile: written.textfile,
    }
}
