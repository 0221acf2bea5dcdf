//! `tailwright firewall exposure`.

use serde_json::Value;
use snapbox::str;

use crate::support::run::Place;

/// A host with zones.
const ZONES: &str = include_str!("firewall/host.nix");

#[test]
fn everything_that_is_let_in_stands_with_its_line() {
    let place = Place::new().with("host.nix", ZONES.replace("\"reject\"", "\"drop\""));
    let ended = place.tailwright(&["firewall", "exposure", "host.nix"]);
    ended.status(0).err("").out(snapbox::file!["firewall/exposure.txt"]);
}

#[test]
fn the_same_as_data() {
    let place = Place::new().with("host.nix", ZONES.replace("\"reject\"", "\"drop\""));
    let ended = place.tailwright(&["firewall", "exposure", "host.nix", "--format", "json"]);
    ended.status(0).err("");
    let data: Value = serde_json::from_str(&ended.stdout()).unwrap();
    let host = &data["hosts"][0];
    assert_eq!((&data["profile"], &host["host"]), (&"host.nix".into(), &"small".into()));
    assert_eq!(
        (&host["zones"], &host["filters_forwarding"]),
        (&true.into(), &true.into())
    );
    let admitted = host["admitted"].as_array().unwrap();
    let ssh = admitted
        .iter()
        .find(|entry| entry["traffic"]["tcp"][0][0] == 22)
        .unwrap();
    snapbox::assert_data_eq!(
        format!("{ssh:#}\n"),
        snapbox::file!["firewall/exposure_entry.json"].raw()
    );
    assert_eq!(
        host["forged"][0]["input"]["except"],
        serde_json::json!(["lo", "tailscale0"])
    );
}

#[test]
fn one_host_of_a_fleet_or_all() {
    let fleet = "{ tailnet.domain = \"x.ts.net\"; hosts.a = {}; hosts.b.network.security.firewall-zones = { enable = true; \
                 zones.lan = { interfaces = [ \"eth0\" ]; allowedTCPPorts = [ 80 ]; }; }; }";
    let place = Place::new().with("fleet.nix", fleet);
    let all = place.tailwright(&["firewall", "exposure", "fleet.nix"]);
    all.status(0);
    let (a, b) = (all.stdout().find("HOST a\n"), all.stdout().find("HOST b\n"));
    assert!(a.is_some() && a < b, "{}", all.stdout());
    assert!(all.stdout().contains("There are no zones"), "{}", all.stdout());
    let one = place.tailwright(&["firewall", "exposure", "fleet.nix", "--host", "b"]);
    assert!(
        one.status(0)
            .stdout()
            .contains("zone lan by eth0: tcp 80  [fleet.nix:1 "),
        "{}",
        one.stdout()
    );
    assert!(!one.stdout().contains("There are no zones"), "{}", one.stdout());
    place
        .tailwright(&["firewall", "exposure", "fleet.nix", "--host", "c"])
        .status(64)
        .out("")
        .err(str![[r#"
warning[no-management-path]: it is not said how the operator gets in, so nothing keeps the zones from locking him out
 --> fleet.nix:1:99
  |
1 | { tailnet.domain = "x.ts.net"; hosts.a = {}; hosts.b.network.security.firewall-zones = { enable = true; zones.lan = { interfaces = [ ...
  |                                                                                                   ^^^^
  |
  = help: write `host.management = [ { via = "eth0"; service = "ssh"; } ]`

1 warning
tailwright: the profile has no host c

"#]]);
    let broken = Place::new().with("host.nix", "{ x = 1; }");
    broken
        .tailwright(&["firewall", "exposure", "host.nix"])
        .status(1)
        .out("");
}
