//! iperf3(1), where it is installed on both sides and nobody serves our own measurement.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::host::program;

/// The port of its server.
pub(super) const PORT: u16 = 5_201;

/// The program, where it is installed here.
pub(super) fn program() -> Option<PathBuf> {
    program::find("iperf3")
}

/// Bits per second from there, or to there; else why not.
pub(super) async fn measure(program: &Path, address: IpAddr, span: Duration, is_download: bool) -> Result<u64, String> {
    let mut command = Command::new(program);
    command.args(["--json", "--time", &span.as_secs().max(1).to_string()]);
    if is_download {
        command.arg("--reverse");
    }
    command
        .arg("--client")
        .arg(address.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let patience = span + Duration::from_secs(10);
    let output = timeout(patience, command.output())
        .await
        .map_err(|_| format!("nothing within {} s", patience.as_secs()))?
        .map_err(|error| error.to_string())?;
    rate(&output.stdout)
}

/// What the receiver counted, out of the report of iperf3; else what it says is wrong.
fn rate(report: &[u8]) -> Result<u64, String> {
    const STRANGE: &str = "its report is not understood";
    let report: Value = serde_json::from_slice(report).map_err(|_| STRANGE.to_owned())?;
    if let Some(error) = report.get("error").and_then(Value::as_str) {
        return Err(program::said(error.as_bytes()));
    }
    let bits = report
        .pointer("/end/sum_received/bits_per_second")
        .and_then(Value::as_f64);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a saturating cast, of no negative number"
    )]
    bits.filter(|bits| *bits >= 0.0)
        .map(|bits| bits as u64)
        .ok_or_else(|| STRANGE.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receiver_counts() {
        let report =
            br#"{"end": {"sum_sent": {"bits_per_second": 9e9}, "sum_received": {"bits_per_second": 19400000.5}}}"#;
        assert_eq!(rate(report), Ok(19_400_000));
        let refused = rate(br#"{"error": "unable to connect"}"#);
        assert_eq!(refused, Err("unable to connect".to_owned()));
        for strange in [
            &b""[..],
            b"[]",
            br#"{"end": {"sum_received": {"bits_per_second": -1}}}"#,
        ] {
            assert_eq!(rate(strange), Err("its report is not understood".to_owned()));
        }
    }
}
