//! The parts of a run, one by one, on the guide's host: reading each notation, the way to the model, the rules, the
//! compilers and the printers.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a benchmark fails by panicking")]
#![allow(clippy::wildcard_imports, reason = "its parts share what they measure")]

use std::hint::black_box;
use std::sync::LazyLock;

use divan::Bencher;
use tailwright::checks::{self, Checked};
use tailwright::diagnostic::{Findings, SourceId};
use tailwright::model::{Fleet, Host};
use tailwright::profile::{self, Notation};
use tailwright::proxy::text::Text;
use tailwright::render::{self, About};
use tailwright::{firewall, nixos, proxy};

const NIX: &str = include_str!("../examples/kernelcore/host.nix");
const TOML: &str = include_str!("../examples/llm-server/host.toml");
const JSON: &str = include_str!("../examples/laptop/host.json");

fn main() {
    divan::main();
}

fn fleet() -> Fleet {
    load(NIX, Notation::Nix).fleet.expect("the example has no error")
}

fn load(text: &str, notation: Notation) -> profile::Profile {
    profile::load("host", text.as_bytes(), Some(notation), &mut |_| Err(String::new()))
}

static CHECKED: LazyLock<Checked> =
    LazyLock::new(|| checks::run(fleet(), &mut Findings::new()).expect("the example has no error"));

fn host() -> &'static Host {
    CHECKED.fleet().hosts.values().next().expect("one host")
}

mod read {
    use super::*;

    #[divan::bench]
    fn nix() {
        black_box(profile::nix::read(black_box(NIX), SourceId(0)));
    }

    #[divan::bench]
    fn toml() {
        black_box(profile::toml::read(black_box(TOML), SourceId(0)));
    }

    #[divan::bench]
    fn json() {
        black_box(profile::json::read(black_box(JSON), SourceId(0)));
    }
}

/// Reading, and the way to the model.
#[divan::bench(args = [(NIX, Notation::Nix), (TOML, Notation::Toml), (JSON, Notation::Json)].map(Written))]
fn load_into_the_model(written: Written) {
    black_box(load(written.0.0, written.0.1));
}

#[derive(Clone, Copy)]
struct Written((&'static str, Notation));

impl std::fmt::Display for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.1)
    }
}

#[divan::bench]
fn check(bencher: Bencher) {
    bencher
        .with_inputs(fleet)
        .bench_values(|fleet| checks::run(fleet, &mut Findings::new()));
}

mod compile {
    use super::*;

    #[divan::bench]
    fn firewall() {
        black_box(firewall::compile(black_box(host())));
    }

    #[divan::bench]
    fn proxy() {
        black_box(proxy::compile(black_box(host())));
    }

    #[divan::bench]
    fn modules() {
        black_box(nixos::modules(black_box(host())));
    }
}

/// Who reaches what, and what a change does to it, on the guide's host and on one with 1,000 services in 200 zones.
mod reachability {
    use tailwright::firewall::difference::{Difference, Filter};

    use super::*;

    fn large(last: u16) -> Host {
        let zones = (0..200u16).map(|zone| {
            let ports: Vec<String> = (0..5).map(|port| (10_000 + zone + 200 * port).to_string()).collect();
            let ports = ports.join(",");
            let last = if zone == 199 { last } else { 9 };
            format!("\"z{zone}\":{{\"interfaces\":[\"vlan{zone}\"],\"allowedTCPPorts\":[{ports},{last}],\"forwardTo\":[\"z{}\"]}}", (zone + 1) % 200)
        });
        let zones = zones.collect::<Vec<_>>().join(",\n");
        let text = format!(
            "{{\"host\":{{\"name\":\"large\"}},\"network\":{{\"security\":{{\"firewall-zones\":{{\"enable\":true,\"zones\":{{{zones}}}}}}}}}}}"
        );
        let fleet = load(&text, Notation::Json).fleet.expect("a profile");
        fleet.hosts.into_values().next().expect("one host")
    }

    #[divan::bench]
    fn exposure_of_the_guide() {
        black_box(firewall::exposure(black_box(host())));
    }

    #[divan::bench]
    fn exposure_of_a_large_host(bencher: Bencher) {
        let host = large(9);
        bencher.bench(|| firewall::exposure(black_box(&host)));
    }

    #[divan::bench]
    fn difference_of_large_hosts(bencher: Bencher) {
        let exposures = [9, 22].map(|last| firewall::exposure(&large(last)).expect("zones"));
        bencher.bench(|| Difference::between(Filter::Zones(&exposures[0]), Filter::Zones(&exposures[1])));
    }

    #[divan::bench]
    fn read_a_large_table(bencher: Bencher) {
        let text = firewall::compile(&large(9)).expect("zones").to_string();
        bencher.bench(|| firewall::Ruleset::read(black_box(&text)));
    }
}

mod print {
    use super::*;

    #[divan::bench]
    fn nftables(bencher: Bencher) {
        let ruleset = firewall::compile(host()).unwrap();
        bencher.bench(|| black_box(&ruleset).to_string());
    }

    #[divan::bench]
    fn nginx(bencher: Bencher) {
        let nginx = proxy::compile(host()).unwrap();
        bencher.bench(|| Text::of(&black_box(&nginx).http.body()).to_string());
    }

    #[divan::bench]
    fn nix(bencher: Bencher) {
        let modules = nixos::modules(host());
        bencher.bench(|| {
            let texts: Vec<String> = black_box(&modules).values().map(ToString::to_string).collect();
            texts
        });
    }
}

/// Everything after the rules: modules, reports, all as text.
#[divan::bench]
fn render_the_tree() {
    black_box(render::render(black_box(&CHECKED), &About::new("host.nix")));
}
