//! STUN, as far as it takes to ask a relay how far away it is and what it sees (RFC 8489).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The number that ties an answer to its question (section 5).
pub type Transaction = [u8; 12];

const MAGIC: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const MAPPED_ADDRESS: [u8; 2] = [0x00, 0x01];
const XOR_MAPPED_ADDRESS: [u8; 2] = [0x00, 0x20];
const SOFTWARE: [u8; 2] = [0x80, 0x22];
const FINGERPRINT: [u8; 2] = [0x80, 0x28];

/// What Tailscale's relays want to see in `SOFTWARE`: they do not answer anybody else.
const TAILNODE: [u8; 8] = *b"tailnode";

/// A binding request. Tailscale's relays answer it because of its `SOFTWARE` and its fingerprint (`net/stun` of tailscale).
pub fn request(transaction: Transaction) -> Vec<u8> {
    let mut packet = Vec::with_capacity(40);
    packet.extend(BINDING_REQUEST);
    // What follows the header: two attributes, with four bytes before each.
    packet.extend([0, 4 + 8 + 4 + 4]);
    packet.extend(MAGIC);
    packet.extend(transaction);
    packet.extend(SOFTWARE);
    packet.extend([0, 8]);
    packet.extend(TAILNODE);
    let fingerprint = crc32(&packet) ^ 0x5354_554e;
    packet.extend(FINGERPRINT);
    packet.extend([0, 4]);
    packet.extend(fingerprint.to_be_bytes());
    packet
}

/// Reads a binding success: which question it answers, and the address that the question came from as the server saw it.
/// Nothing where it is anything else.
pub fn answer(packet: &[u8]) -> Option<(Transaction, SocketAddr)> {
    let (header, _) = packet.split_first_chunk::<20>()?;
    let (kind, rest) = header.split_first_chunk::<2>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let (magic, transaction) = rest.split_first_chunk::<4>()?;
    let transaction: Transaction = transaction.try_into().ok()?;
    if *kind != BINDING_SUCCESS || *magic != MAGIC {
        return None;
    }
    let mut attributes = packet.get(20..20 + usize::from(u16::from_be_bytes(*length)))?;
    let mut plain = None;
    while let Some((head, rest)) = attributes.split_first_chunk::<4>() {
        let [kind @ .., high, low] = *head;
        let length = usize::from(u16::from_be_bytes([high, low]));
        let value = rest.get(..length)?;
        match kind {
            XOR_MAPPED_ADDRESS => return address(value, Some(&transaction)).map(|address| (transaction, address)),
            // From servers that are older than 2008.
            MAPPED_ADDRESS => plain = address(value, None),
            _ => {}
        }
        // Attributes begin at multiples of four bytes.
        attributes = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    plain.map(|address| (transaction, address))
}

/// The address in an attribute, which is masked where a transaction is given (sections 14.1 and 14.2).
fn address(value: &[u8], mask: Option<&Transaction>) -> Option<SocketAddr> {
    let ([_, family, high, low], address) = value.split_first_chunk::<4>()?;
    let mask: Vec<u8> = mask.map_or_else(|| vec![0; 16], |transaction| [&MAGIC[..], transaction].concat());
    let port = u16::from_be_bytes([high ^ mask.first()?, low ^ mask.get(1)?]);
    let bytes: Vec<u8> = address.iter().zip(&mask).map(|(byte, mask)| byte ^ mask).collect();
    let ip: IpAddr = match *family {
        1 => Ipv4Addr::from(<[u8; 4]>::try_from(bytes.get(..4)?).ok()?).into(),
        2 => Ipv6Addr::from(<[u8; 16]>::try_from(bytes.get(..16)?).ok()?).into(),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// CRC-32 as in ISO 3309 (section 14.7).
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let carry = crc & 1 != 0;
            crc >>= 1;
            if carry {
                crc ^= 0xedb8_8320;
            }
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// RFC 5769 sections 2.2 and 2.3: what a server answers, byte by byte.
    const TRANSACTION: Transaction = [0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae];

    fn success(attributes: &[u8]) -> Vec<u8> {
        let length = u16::try_from(attributes.len()).unwrap().to_be_bytes();
        [&BINDING_SUCCESS[..], &length, &MAGIC, &TRANSACTION, attributes].concat()
    }

    #[test]
    fn the_answers_of_rfc_5769_are_read() {
        let software = b"\x80\x22\x00\x0btest vector\x20";
        let v4 = b"\x00\x20\x00\x08\x00\x01\xa1\x47\xe1\x12\xa6\x43";
        let v6 = b"\x00\x20\x00\x14\x00\x02\xa1\x47\x01\x13\xa9\xfa\xa5\xd3\xf1\x79\xbc\x25\xf4\xb5\xbe\xd2\xb9\xd9";
        for (attribute, expected) in [
            (&v4[..], "192.0.2.1:32853"),
            (&v6[..], "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
        ] {
            let packet = success(&[&software[..], attribute].concat());
            assert_eq!(answer(&packet), Some((TRANSACTION, expected.parse().unwrap())));
        }
    }

    #[test]
    fn an_address_without_a_mask_is_read_where_there_is_no_other() {
        let plain = b"\x00\x01\x00\x08\x00\x01\x0d\x96\xc0\x00\x02\x07";
        assert_eq!(answer(&success(plain)).unwrap().1.to_string(), "192.0.2.7:3478");
    }

    #[test]
    fn a_request_is_one_and_no_answer() {
        let packet = request(TRANSACTION);
        assert_eq!(packet.len(), 40);
        assert_eq!(packet.get(..8), Some(&b"\x00\x01\x00\x14\x21\x12\xa4\x42"[..]));
        assert_eq!(packet.get(24..32), Some(&b"tailnode"[..]));
        assert_eq!(answer(&packet), None);
        // The check value of CRC-32/ISO-HDLC.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    proptest! {
        #[test]
        fn any_packet_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = answer(&bytes);
            let _ = answer(&success(&bytes));
        }
    }
}
