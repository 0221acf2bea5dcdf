//! Who answers what.

use super::super::answer::{Answer, Reply};
use super::super::captures;
use super::super::request::Request;
use super::World;
use super::serve::tag;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    /// What it does about a request.
    pub fn answer(&mut self, request: &Request) -> Answer {
        let Some(host) = request.headers.get("host") else {
            let reply = Reply {
                body: "400 Bad Request: missing required Host header".to_owned(),
                is_anonymous: true,
                ..Reply::plain(400, "")
            };
            return reply.into();
        };
        let is_forged = request.headers.contains_key("origin") || request.headers.contains_key("referer");
        if is_forged || !matches!(host.as_str(), "" | "local-tailscaled.sock") {
            let reply = Reply {
                is_anonymous: true,
                ..Reply::plain(403, "invalid localapi request")
            };
            return reply.into();
        }
        let Some(endpoint) = request.endpoint().map(str::to_owned) else {
            return Reply::plain(404, "404 page not found").into();
        };
        let mut exceptions = self.exceptions.iter_mut().rev();
        let Some(exception) = exceptions.find(|exception| exception.fits(request, &endpoint)) else {
            return self.usual(request, &endpoint);
        };
        exception.times = exception.times.map(|times| times - 1);
        let otherwise = exception.otherwise.clone();
        otherwise.answer(|| self.usual(request, &endpoint))
    }

    pub(super) fn usual(&mut self, request: &Request, endpoint: &str) -> Answer {
        let is_get = request.method == "GET";
        let is_post = request.method == "POST";
        let may_write = !self.is_read_only && (request.uid == 0 || Some(request.uid) == self.operator);
        let reply = match endpoint {
            "status" => {
                let mut status = self.status.clone();
                if request.parameter("peers") == "false" {
                    status["Peer"] = Value::Null;
                }
                Reply::json(&status)
            }
            "prefs" if is_get || request.method == "HEAD" => Reply::json(&self.prefs),
            "prefs" if request.method == "PATCH" && !may_write => Reply::plain(403, "prefs write access denied"),
            "prefs" if request.method == "PATCH" => self.patch(&request.body),
            "prefs" => Reply::plain(405, "unsupported method"),
            "ping" => return self.ping(request),
            "watch-ipn-bus" => match request.parameter("mask").parse() {
                Ok(mask) => match self.refuses(mask) {
                    Some(said) => Reply::plain(400, &said),
                    None => return Answer::Stream { mask },
                },
                Err(_) if request.parameter("mask").is_empty() => return Answer::Stream { mask: 0 },
                Err(_) => Reply::plain(400, "bad mask"),
            },
            "whois" => self.whois(request.parameter("addr")),
            "serve-config" if is_get => Reply {
                etag: Some(tag(&self.serve)),
                ..Reply::json(&self.serve)
            },
            "serve-config" if is_post && !may_write => Reply::plain(403, "serve config denied"),
            "serve-config" if is_post => self.serve(request),
            "serve-config" => Reply::plain(405, "method not allowed"),
            "derpmap" if is_get => Reply::json(&self.derp_map),
            "derpmap" => Reply::plain(400, "want GET"),
            "suggest-exit-node" if self.status["BackendState"] == "NeedsLogin" => {
                Reply::error(500, "error", "no preferred DERP, try again later")
            }
            "suggest-exit-node" => Reply::json(&self.suggestion),
            "usermetrics" => {
                let text = captures::text("27-metrics.txt");
                let (_, text) = text.split_once("# GET usermetrics\n").expect("both kinds of metrics");
                let (_, samples) = text.split_once('\n').expect("the head");
                Reply {
                    body: samples.to_owned(),
                    is_chunked: true,
                    ..Reply::empty(200, Some("text/plain;version=0.0.4;charset=utf-8"))
                }
            }
            "check-ip-forwarding" => Reply::json(&json!({"Warning": if self.forwards {
                ""
            } else {
                "IP forwarding is disabled, subnet routing/exit nodes will not work.\nSee https://tailscale.com/s/ip-forwarding"
            }})),
            "check-udp-gro-forwarding" => Reply::json(&json!({"Warning": ""})),
            "set-udp-gro-forwarding" if !may_write => Reply::plain(403, "UDP GRO forwarding set access denied"),
            "set-udp-gro-forwarding" if is_post => Reply::json(&json!({"Warning": ""})),
            "cert-domains" => Reply::json(&self.status["CertDomains"]),
            "logout" | "login-interactive" if is_get => Reply::plain(400, "want POST"),
            "logout" if !may_write => Reply::plain(403, "logout access denied"),
            "logout" => {
                self.log_out();
                Reply::empty(204, None)
            }
            "login-interactive" if !may_write => Reply::plain(403, "login access denied"),
            "login-interactive" => {
                self.status["AuthURL"] = "http://10.77.0.1:8080/auth/00000000000000000004".into();
                Reply::empty(204, None)
            }
            _ if endpoint.starts_with("cert/") && !may_write => Reply::plain(403, "cert access denied"),
            _ if endpoint.starts_with("cert/") => Reply::plain(500, "cert not available in the laboratory"),
            _ => Reply::plain(404, "404 page not found"),
        };
        reply.into()
    }
}
