//! The outbox against receivers that fail, and random histories.

mod events;
mod histories;
mod pacing;
mod persistence;
mod settings;

use super::*;
use crate::model::{Alerts, Receiver, Severity, Way, WebhookAddress, WebhookFormat};
use crate::monitor::diagnosis::Layer;
use crate::monitor::failover::{Alarm, Subject};
use crate::monitor::{ClockStep, Moment};
use crate::net::{CredentialName, HostName, ReceiverName, TimeSpan};
use proptest::prelude::*;
use std::collections::BTreeMap;

const START: u64 = 1_795_169_730_000;

fn at(seconds: u64) -> Moment {
    Moment::from_millis(START + seconds * 1_000)
}

fn host() -> HostName {
    "kernelcore".parse().unwrap()
}

fn receiver(severity: Severity, messages_per_hour: u32, burst: u32) -> Receiver<CredentialName> {
    Receiver {
        severity,
        messages_per_hour,
        burst,
        remind_after: None,
        timeout: TimeSpan::constant_millis(10_000),
        way: Way::Webhook {
            format: WebhookFormat::Json,
            url: WebhookAddress::Known("https://example.org/".parse().unwrap()),
            token: None,
        },
    }
}

fn alerts(receivers: &[(&str, Receiver<CredentialName>)]) -> Alerts<CredentialName> {
    Alerts {
        receivers: receivers
            .iter()
            .map(|(name, receiver)| (name.parse().unwrap(), receiver.clone()))
            .collect(),
    }
}

fn phone() -> Alerts<CredentialName> {
    alerts(&[("phone", receiver(Severity::Info, 3_600, 100))])
}

fn internet() -> Alarm {
    Alarm::Layer(Layer::Internet)
}

fn peer(name: &str) -> Alarm {
    Alarm::Layer(Layer::Peer(name.to_owned()))
}

fn one(outbox: &mut Outbox, now: Moment) -> Delivery {
    let mut due = outbox.due(now);
    assert_eq!(due.len(), 1, "{due:#?}");
    due.remove(0)
}

fn told(outbox: &mut Outbox, now: Moment) -> Message {
    let delivery = one(outbox, now);
    outbox.delivered(delivery.id, Outcome::Delivered, now);
    delivery.message
}

fn later() -> Outcome {
    Outcome::Later("connection refused".to_owned(), None)
}

#[test]
fn names_that_others_chose_stay_names() {
    let mut outbox = Outbox::new(&host(), &phone(), at(0));
    let hostile = peer("nas\r\nBcc: x@example.org\u{1b}[2J<!channel> & \u{202e}");
    outbox.raise(&hostile, "two\nlines", at(0));
    let message = told(&mut outbox, at(0));
    for text in [message.title(), message.sentence(), message.detail.clone()] {
        assert!(!text.chars().any(char::is_control), "{text:?}");
    }
    let slack = Posting::of(&message, WebhookFormat::Slack);
    assert!(slack.body.contains("&lt;!channel&gt; &amp;"), "{}", slack.body);
    let ntfy = Posting::of(&message, WebhookFormat::Ntfy);
    for (name, value) in ntfy.headers {
        assert!(
            value.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
            "{name}: {value}"
        );
    }
    let json: serde_json::Value = serde_json::from_str(&Posting::of(&message, WebhookFormat::Json).body).unwrap();
    assert_eq!(json["alarm"], "peer");
    assert_eq!(json["text"], message.sentence());
    assert!(!message.command().contains("nas"));
}
