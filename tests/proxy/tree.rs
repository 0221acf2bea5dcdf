//! What profiles compile to, and what nginx says of it.

use super::{host, hosts};
use crate::support::netns::Netns;
use crate::support::nginx::Nginx;

#[test]
fn nginx_accepts_every_tree() {
    for text in hosts::ALL {
        let nginx = tailwright::proxy::compile(&host(text)).expect("a proxy");
        let Some(network) = Netns::new() else { return };
        let Some(real) = Nginx::of_text(network, &nginx.to_string()) else {
            return;
        };
        assert_eq!(real.check(), Ok(()), "{nginx}");
    }
}
