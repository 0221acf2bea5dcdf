//! Looking a name up.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;

use crate::host::doctor::facts::{Known, Lookup};
use crate::host::monitor::probes::{Trouble, dns};
use crate::monitor::watch::Way;
use crate::net::DnsName;

/// The port of resolvers.
const PORT: u16 = 53;

/// Asks a resolver for the IPv4 address of a name over UDP, twice where the first question may have been lost.
pub(super) async fn lookup(server: IpAddr, name: &str, patience: Duration) -> Known<Lookup> {
    ask((server, PORT).into(), name, patience).await
}

async fn ask(server: SocketAddr, name: &str, patience: Duration) -> Known<Lookup> {
    let name: DnsName = name
        .parse()
        .map_err(|_| "this node has no name that could be looked up".to_owned())?;
    for _ in 0..2 {
        return match timeout(patience / 2, dns::ask(server, &name, true, &Way::Routed)).await {
            Err(_) | Ok(Err(Trouble::Silence)) => continue,
            Ok(Ok(answer)) if answer.addresses.is_empty() => Ok(Lookup::NoSuchName),
            Ok(Ok(answer)) => Ok(Lookup::Found(answer.addresses)),
            Ok(Err(Trouble::Says(said))) => Ok(Lookup::Refused(said)),
            Ok(Err(Trouble::CannotTell(why))) => Err(why.into()),
        };
    }
    Ok(Lookup::Silent)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use simple_dns::rdata::{A, RData};
    use simple_dns::{CLASS, Name, Packet, ResourceRecord};
    use tokio::net::UdpSocket;

    use super::*;

    /// A resolver that answers the second question alone, first with an answer to another one.
    #[tokio::test(flavor = "current_thread")]
    async fn a_question_that_was_lost_is_asked_again() {
        let resolver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = resolver.local_addr().unwrap();
        let answering = tokio::spawn(async move {
            let mut packet = [0; 1_500];
            resolver.recv_from(&mut packet).await.unwrap();
            let (length, from) = resolver.recv_from(&mut packet).await.unwrap();
            let mut reply = Packet::parse(&packet[..length]).unwrap().into_reply();
            let name = Name::new("alpha.ts.net").unwrap();
            let own = RData::A(A::from(Ipv4Addr::new(100, 64, 0, 4)));
            reply.answers.push(ResourceRecord::new(name, CLASS::IN, 600, own));
            let right = reply.build_bytes_vec().unwrap();
            reply.set_id(reply.id() ^ 1);
            resolver.send_to(&reply.build_bytes_vec().unwrap(), from).await.unwrap();
            resolver.send_to(&right, from).await.unwrap();
        });
        let found = ask(address, "alpha.ts.net", Duration::from_millis(400)).await;
        assert_eq!(found, Ok(Lookup::Found(vec![Ipv4Addr::new(100, 64, 0, 4).into()])));
        answering.await.unwrap();
        // Nobody is there any more.
        let found = ask(address, "alpha.ts.net", Duration::from_millis(100)).await;
        assert_eq!(found, Ok(Lookup::Refused("the connection was refused".to_owned())));
        assert!(ask(address, "", Duration::from_millis(100)).await.is_err());
    }
}
