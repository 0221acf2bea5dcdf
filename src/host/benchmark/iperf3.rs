//! iperf3(1), where it is installed on both sides and nobody serves our own measurement.

use std::net::IpAddr;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::host::program;

/// The port of its server.
pub(super) const PORT: u16 = 5_201;

/// Bits per second from there, or to there; nothing where there is no iperf3 here, or no server of it there.
pub(super) async fn measure(address: IpAddr, span: Duration, is_download: bool) -> Option<u64> {
    let mut command = Command::new(program::find("iperf3")?);
    command.args(["--json", "--time", &span.as_secs().max(1).to_string()]);
    if is_download {
        command.arg("--reverse");
    }
    command
        .arg("--client")
        .arg(address.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(span + Duration::from_secs(10), command.output())
        .await
        .ok()?
        .ok()?;
    rate(&output.stdout)
}

/// What the receiver counted, out of the report of iperf3.
fn rate(report: &[u8]) -> Option<u64> {
    let report: Value = serde_json::from_slice(report).ok()?;
    let bits = report.pointer("/end/sum_received/bits_per_second")?.as_f64()?;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a saturating cast, of no negative number"
    )]
    (bits >= 0.0).then_some(bits as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_counts() {
        let report =
            br#"{"end": {"sum_sent": {"bits_per_second": 9e9}, "sum_received": {"bits_per_second": 19400000.5}}}"#;
        assert_eq!(rate(report), Some(19_400_000));
        assert_eq!(rate(br#"{"error": "unable to connect"}"#), None);
        assert_eq!(rate(b""), None);
    }
}
