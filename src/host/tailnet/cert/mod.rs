//! `tsctl cert`, also called `ts-cert`: the certificates that this node can have, and having them renewed.

mod seen;

use clap::Args;

use self::seen::{Asked, CertificatesSeen};
use super::certificate::Certificate;
use super::socket_args::{SocketArgs, block_on};
use crate::host::failure::Failure;
use crate::host::show::ShowArgs;
use crate::host::status::Status;
use crate::host::{Streams, clock};
use crate::localapi::LocalApi;
use crate::net::DnsName;

/// Show the certificates that this node can have, or have them renewed
///
/// Also called as ts-cert. A node has a certificate for its name in the tailnet once somebody has asked tailscaled for it;
/// tailscaled then renews it whenever it is asked after two thirds of its 90 days. When it ends is read from tailscaled's
/// directory, as root.
///
/// With --renew, tailscaled is asked: it orders what is missing or ends soon, and hands out what it has otherwise. Root may do
/// that, tailscaled's operator, and the user in services.tailscale.permitCertUid.
///
/// The exit status is 0 where all is good, 1 where a certificate ends soon or cannot be had, 2 where one has ended or could not be
/// renewed, 3 where it cannot be told.
#[derive(Debug, Args)]
pub(crate) struct Cert {
    /// The names; otherwise all that this node can have
    #[arg(value_name = "DOMAIN")]
    domains: Vec<DnsName>,
    /// Have tailscaled order what is missing or ends soon
    #[arg(long, conflicts_with = "watch")]
    renew: bool,
    #[command(flatten)]
    show: ShowArgs,
    #[command(flatten)]
    socket: SocketArgs,
}

impl Cert {
    pub(crate) fn run(&self, streams: &mut Streams<'_>) -> Result<Status, Failure> {
        let api = self.socket.client();
        self.show.show(streams, || {
            let asked = block_on(self.ask(&api))?;
            Ok(CertificatesSeen::judge(asked, clock::wall()))
        })
    }

    async fn ask(&self, api: &LocalApi) -> Asked {
        let offered = match api.status_without_peers().await {
            Ok(status) => status.cert_domains,
            Err(error) => return Asked::unasked(error),
        };
        let mut asked = Asked::default();
        let named: Vec<String> = self.domains.iter().map(ToString::to_string).collect();
        asked.unknown = named.iter().filter(|name| !offered.contains(name)).cloned().collect();
        let wanted = offered
            .into_iter()
            .filter(|name| named.is_empty() || named.contains(name));
        for domain in wanted {
            let known = if self.renew {
                renewed(api, &domain).await
            } else {
                Ok(Certificate::of(&domain))
            };
            asked.certificates.push((domain, known));
        }
        asked
    }
}

/// What tailscaled has after it was asked to renew it; `Err` with what it says.
async fn renewed(api: &LocalApi, domain: &str) -> Result<Certificate, String> {
    let name: DnsName = domain.parse().map_err(|error: crate::net::Invalid| error.to_string())?;
    let pem = api.certificate(&name).await.map_err(|error| error.to_string())?;
    Ok(Certificate::read(&pem))
}

#[cfg(test)]
mod tests;
