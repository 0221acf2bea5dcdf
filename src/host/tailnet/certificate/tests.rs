use proptest::prelude::*;

use super::*;

/// Self-signed ones, made by `openssl req -x509 -days`; the times are those of `openssl x509 -enddate`.
const UTC: &str = include_str!("utc-time.pem");
const GENERALIZED: &str = include_str!("generalized-time.pem");

#[test]
fn the_end_of_a_certificate_is_read() {
    assert_eq!(end(UTC), Some(1_802_939_011));
    assert_eq!(end(GENERALIZED), Some(2_831_963_012));
    let chain = format!("# a chain\n{UTC}{GENERALIZED}");
    assert_eq!(end(&chain), end(UTC), "the first is the node's own");
}

#[test]
fn what_is_no_certificate_has_no_end() {
    for pem in ["", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"] {
        assert_eq!(end(pem), None);
    }
    assert_eq!(
        Certificate::of("../../../etc/ssl/x"),
        Certificate::Unknown("its name is none of a file".into())
    );
}

proptest! {
    /// Whatever has become of a file, it is read without harm.
    #[test]
    fn any_damage_is_survived(at in 0..UTC.len(), byte in b' '..b'~', cut in 0..UTC.len()) {
        let mut damaged = UTC.as_bytes().to_vec();
        damaged[at] = byte;
        let _ = end(&String::from_utf8_lossy(&damaged));
        let _ = end(&UTC[..cut]);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = time(&bytes);
        let _ = Element::first(&bytes, SEQUENCE);
    }
}
