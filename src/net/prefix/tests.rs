use proptest::prelude::*;

use super::*;

fn prefix(written: &str) -> Prefix {
    written.parse().unwrap()
}

#[test]
fn host_bits_are_refused_with_the_masked_prefix() {
    for (wrong, right) in [
        ("192.168.15.10/24", "192.168.15.0/24"),
        ("fd00::1/64", "fd00::/64"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
        ("192.168.15.10", "192.168.15.10/32"),
    ] {
        let refusal = wrong.parse::<Prefix>().unwrap_err();
        assert_eq!(refusal.suggestion(), Some(right), "{refusal}");
    }
}

#[test]
fn what_is_no_prefix_is_refused() {
    for wrong in [
        "",
        "/",
        "10.0.0.0/",
        "/8",
        "10.0.0.0/33",
        "::/129",
        "10.0.0.0/08",
        "10.0.0.0/+8",
        "10.0.0/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "010.0.0.0/8",
        "fe80::%eth0/64",
        "10.0.0.0/8/8",
        "10.0.0.0/256",
        "10.0.0.0/255.0.255.0",
        "lan/24",
    ] {
        assert!(wrong.parse::<Prefix>().is_err(), "{wrong}");
        assert!(Prefix::parse_or_host(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_bare_address_is_a_host_prefix_only_where_asked_for() {
    assert_eq!(Prefix::parse_or_host("100.64.0.7").unwrap(), prefix("100.64.0.7/32"));
    assert_eq!(Prefix::parse_or_host("fd00::7").unwrap(), prefix("fd00::7/128"));
    assert!("100.64.0.7".parse::<Prefix>().is_err());
    assert_eq!(
        "100.64.0.7/32".parse::<AddressOrPrefix>().unwrap().to_string(),
        "100.64.0.7"
    );
}

#[test]
fn constants_are_what_upstream_uses() {
    assert_eq!(Prefix::TAILNET_V4, prefix("100.64.0.0/10"));
    assert_eq!(Prefix::TAILNET_V6, prefix("fd7a:115c:a1e0::/48"));
    assert_eq!(Prefix::DOCKER_DEFAULT, prefix("172.17.0.0/16"));
    assert_eq!(Prefix::DEFAULT_V4, prefix("0.0.0.0/0"));
    assert_eq!(Prefix::DEFAULT_V6, prefix("::/0"));
    assert!(Prefix::DEFAULT_V4.is_default() && !Prefix::TAILNET_V4.is_default());
}

#[test]
fn overlap_and_cover() {
    assert!(prefix("10.0.0.0/8").overlaps(&prefix("10.1.0.0/16")));
    assert!(prefix("10.1.0.0/16").overlaps(&prefix("10.0.0.0/8")));
    assert!(!prefix("10.1.0.0/16").covers(&prefix("10.0.0.0/8")));
    assert!(!prefix("10.0.0.0/16").overlaps(&prefix("10.1.0.0/16")));
    assert!(!prefix("0.0.0.0/0").overlaps(&prefix("::/0")));
    assert!(!prefix("::/0").contains("10.0.0.1".parse().unwrap()));
    assert!(prefix("100.64.0.0/24").overlaps_tailnet() && prefix("0.0.0.0/0").overlaps_tailnet());
    assert!(!prefix("192.168.15.0/24").overlaps_tailnet());
}

#[test]
fn an_interface_address_keeps_its_host_bits() {
    let lan: InterfaceAddress = "192.168.15.10/24".parse().unwrap();
    assert_eq!(lan.to_string(), "192.168.15.10/24");
    assert_eq!(lan.prefix(), prefix("192.168.15.0/24"));
    assert_eq!(lan.address(), "192.168.15.10".parse::<IpAddr>().unwrap());
    assert!(!lan.is_network());
    assert!("192.168.15.0/24".parse::<InterfaceAddress>().unwrap().is_network());
    assert!(!"10.0.0.1/32".parse::<InterfaceAddress>().unwrap().is_network());
    assert_eq!("10.0.0.5".parse::<InterfaceAddress>().unwrap_err().suggestion(), None);
    for wrong in ["192.168.15.10", "224.0.0.1/4", "0.0.0.0/8", "192.168.15.10/33"] {
        assert!(wrong.parse::<InterfaceAddress>().is_err(), "{wrong}");
    }
}

#[test]
fn serde_goes_through_the_constructor_and_keeps_its_message() {
    let read: Prefix = serde_json::from_str(r#""10.0.0.0/8""#).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), r#""10.0.0.0/8""#);
    let refusal = serde_json::from_value::<Prefix>("10.0.0.1/8".into()).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "10.0.0.1/8".parse::<Prefix>().unwrap_err().to_string()
    );
    let wrong_type = serde_json::from_value::<Prefix>(5.into()).unwrap_err().to_string();
    assert!(wrong_type.contains(Prefix::GRAMMAR), "{wrong_type}");
}

proptest! {
    #[test]
    fn display_reads_back(address: IpAddr, length in 0u8..=128) {
        let length = if address.is_ipv4() { length.min(32) } else { length };
        let net = IpNet::new(address, length).unwrap();
        let masked = Prefix(net.trunc());
        prop_assert_eq!(masked.to_string().parse::<Prefix>().unwrap(), masked);
        prop_assert_eq!(AddressOrPrefix(masked).to_string().parse::<AddressOrPrefix>().unwrap(), AddressOrPrefix(masked));
        prop_assert_eq!(net.to_string().parse::<Prefix>().is_ok(), net.trunc() == net);
        if let Ok(own) = net.to_string().parse::<InterfaceAddress>() {
            prop_assert_eq!(own.to_string(), net.to_string());
            prop_assert!(own.prefix().contains(own.address()));
        }
    }

    #[test]
    fn overlap_is_symmetric(a: std::net::Ipv4Addr, la in 0u8..=32, b: std::net::Ipv4Addr, lb in 0u8..=32) {
        let a = Prefix(IpNet::new(a.into(), la).unwrap().trunc());
        let b = Prefix(IpNet::new(b.into(), lb).unwrap().trunc());
        prop_assert_eq!(a.overlaps(&b), b.overlaps(&a));
        prop_assert_eq!(a.overlaps(&b), a.contains(b.network()) || b.contains(a.network()));
    }

    #[test]
    fn junk_never_panics(junk in ".*") {
        let _ = junk.parse::<Prefix>();
        let _ = junk.parse::<InterfaceAddress>();
    }
}
