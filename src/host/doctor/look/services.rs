//! The services behind nginx.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::host::benchmark::services;
use crate::host::doctor::facts::{Known, Service};
use crate::host::unknown::Unknown;
use crate::model::{ExpectedService, MonitorSettings, ServicePlace};

/// Asks all of them at once.
pub(super) async fn services(
    settings: Option<&MonitorSettings>,
    patience: Duration,
) -> BTreeMap<String, Known<Service>> {
    let mut asking = JoinSet::new();
    for (name, service) in settings.iter().flat_map(|settings| &settings.expected.services) {
        let (name, service) = (name.to_string(), service.clone());
        asking.spawn(async move { (name, ask(&service, patience).await) });
    }
    let mut asked = BTreeMap::new();
    while let Some(answered) = asking.join_next().await {
        asked.extend(answered);
    }
    asked
}

async fn ask(service: &ExpectedService, patience: Duration) -> Known<Service> {
    if let ServicePlace::Unix { socket } = &service.at {
        // nginx may open what this user may not.
        if let Err(error) = std::os::unix::net::UnixStream::connect(socket.path().as_str())
            && error.kind() == std::io::ErrorKind::PermissionDenied
        {
            return Err(Unknown::NeedsRoot);
        }
    }
    let answer = timeout(patience, services::answer(service)).await;
    Ok(Service {
        at: services::place(&service.at),
        answer: answer.unwrap_or_else(|_| Err(format!("no answer within {} s", patience.as_secs()))),
        command: services::look(&service.at),
    })
}
