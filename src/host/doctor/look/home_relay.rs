//! The home relay over TCP: whether it is reached, and what time it has.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::host::doctor::facts::{HomeRelay, Known};
use crate::localapi::data::{DerpMap, DerpNode};

/// Asks the relay of that region; where it is not known, the first one of the map.
pub(super) async fn home_relay(map: &DerpMap, region: &str, patience: Duration) -> Known<HomeRelay> {
    let regions = || map.regions.values();
    let home = regions()
        .find(|of| of.region_code == region)
        .or_else(|| regions().next());
    let node = home
        .and_then(|home| home.nodes.iter().find(|node| !node.stun_only))
        .ok_or_else(|| "the control plane knows no relays".to_owned())?;
    let port = node
        .relay()
        .ok_or_else(|| "the home relay relays nothing over TCP".to_owned())?;
    let connects = timeout(patience, connect(node, port)).await;
    let time = timeout(patience, time(node)).await;
    Ok(HomeRelay {
        host: node.host_name.clone(),
        connects: matches!(connects, Ok(Some(_))),
        time: time.ok().flatten(),
    })
}

async fn connect(node: &DerpNode, port: u16) -> Option<TcpStream> {
    let address = match node.address(true) {
        Some(address) => SocketAddr::new(address, port),
        None => lookup_host((node.host_name.as_str(), port)).await.ok()?.next()?,
    };
    TcpStream::connect(address).await.ok()
}

/// The time of a relay: it answers at port 80, in the clear, a question by which programs find out whether somebody between
/// wants a login first (`/generate_204`); every answer in HTTP has the time (RFC 9110 section 6.6.1).
async fn time(node: &DerpNode) -> Option<u64> {
    let mut stream = connect(node, 80).await?;
    let request = format!(
        "GET /generate_204 HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        node.host_name
    );
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = vec![0; 2_048];
    let length = stream.read(&mut head).await.ok()?;
    date(&String::from_utf8_lossy(head.get(..length)?))
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The time in the head of an answer, `Date: Fri, 20 Nov 2026 04:05:00 GMT`, in seconds since 1970.
fn date(head: &str) -> Option<u64> {
    let line = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then_some(value.trim())
    })?;
    let [_, day, month, year, clock, "GMT"] = line.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    crate::localapi::data::Time::read(&format!("{year}-{month:02}-{day}T{clock}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_an_answer() {
        let head = "HTTP/1.1 204 No Content\r\nServer: x\r\ndate: Fri, 20 Nov 2026 04:03:58 GMT\r\n\r\n";
        assert_eq!(date(head), Some(1_795_147_438));
        for bad in [
            "",
            "Date: now",
            "Date: Fri, 20 Foo 2026 04:03:58 GMT",
            "Date: Fri, 99 Nov 2026 04:03:58 GMT",
        ] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }
}
