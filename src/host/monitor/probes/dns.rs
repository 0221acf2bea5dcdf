//! DNS questions by UDP (RFC 1035).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};

use super::bound;
use super::trouble::Trouble;
use crate::monitor::watch::Way;
use crate::net::DnsName;

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The addresses of the name, none where it has none or does not exist.
    pub(crate) addresses: Vec<IpAddr>,
    /// For how many seconds that holds.
    pub(crate) ttl: u32,
}

/// Asks a server for the addresses of a name of one family. That there are none is an answer, too.
pub(crate) async fn ask(server: SocketAddr, name: &DnsName, is_ipv4: bool, way: &Way) -> Result<Answer, Trouble> {
    let socket = bound::udp(server, way).await?;
    let [id @ .., _, _, _, _, _, _] = bound::random().to_be_bytes();
    let id = u16::from_be_bytes(id);
    let query = query(id, name, is_ipv4).ok_or_else(|| Trouble::CannotTell(format!("{name} is no name to ask for")))?;
    socket.send(&query).await.map_err(|error| Trouble::of(&error))?;
    let mut packet = [0; 4_096];
    loop {
        let length = socket.recv(&mut packet).await.map_err(|error| Trouble::of(&error))?;
        // What does not answer this question is passed over: it was sent by somebody else, or long ago.
        if let Some(answer) = packet.get(..length).and_then(|packet| read(packet, id, name, is_ipv4)) {
            return answer;
        }
    }
}

fn kind(is_ipv4: bool) -> TYPE {
    if is_ipv4 { TYPE::A } else { TYPE::AAAA }
}

fn query(id: u16, name: &DnsName, is_ipv4: bool) -> Option<Vec<u8>> {
    let mut query = Packet::new_query(id);
    query.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name.as_str()).ok()?;
    query
        .questions
        .push(Question::new(name, kind(is_ipv4).into(), CLASS::IN.into(), false));
    query.build_bytes_vec().ok()
}

/// What a packet says; nothing where it does not answer this question: the id, and the question with its name, type and class
/// (RFC 5452 section 9.1). One that says that it failed may leave the question out.
fn read(packet: &[u8], id: u16, name: &DnsName, is_ipv4: bool) -> Option<Result<Answer, Trouble>> {
    let packet = Packet::parse(packet).ok()?;
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    let is_asked = |question: &Question<'_>| {
        let asks = question.qname.to_string();
        asks.trim_end_matches('.').eq_ignore_ascii_case(name.as_str())
            && question.qtype == kind(is_ipv4).into()
            && question.qclass == CLASS::IN.into()
    };
    let has_failed = !matches!(packet.rcode(), RCODE::NoError | RCODE::NameError);
    match &packet.questions[..] {
        [question] if is_asked(question) => {}
        [] if has_failed => {}
        _ => return None,
    }
    let said = match packet.rcode() {
        RCODE::NoError | RCODE::NameError => None,
        RCODE::ServerFailure => Some("the resolver says that it failed (SERVFAIL)".to_owned()),
        RCODE::Refused => Some("the resolver refuses to answer (REFUSED)".to_owned()),
        other => Some(format!("the resolver answers with an error ({other:?})")),
    };
    if let Some(said) = said {
        return Some(Err(Trouble::Says(said)));
    }
    let mut addresses = Vec::new();
    let mut ttl = u32::MAX;
    for record in packet.answers.iter().filter(|record| record.class == CLASS::IN) {
        match &record.rdata {
            RData::A(a) if is_ipv4 => addresses.push(Ipv4Addr::from(a.address).into()),
            RData::AAAA(aaaa) if !is_ipv4 => addresses.push(Ipv6Addr::from(aaaa.address).into()),
            // An alias has a lifetime of its own.
            _ => {}
        }
        ttl = ttl.min(record.ttl);
    }
    let ttl = if addresses.is_empty() { 0 } else { ttl };
    Some(Ok(Answer { addresses, ttl }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use simple_dns::ResourceRecord;
    use simple_dns::rdata::A;

    use super::*;

    fn name() -> DnsName {
        "nas.lan".parse().unwrap()
    }

    fn reply(id: u16, asked: &'static str, code: RCODE) -> Vec<u8> {
        reply_of(id, asked, TYPE::A, CLASS::IN, code)
    }

    fn reply_of(id: u16, asked: &'static str, kind: TYPE, class: CLASS, code: RCODE) -> Vec<u8> {
        let mut reply = Packet::new_reply(id);
        *reply.rcode_mut() = code;
        let asked = Name::new(asked).unwrap();
        reply
            .questions
            .push(Question::new(asked.clone(), kind.into(), class.into(), false));
        let address = RData::A(A { address: 0x0a00_0001 });
        reply.answers.push(ResourceRecord::new(asked, CLASS::IN, 60, address));
        reply.build_bytes_vec().unwrap()
    }

    #[test]
    fn only_the_answer_to_this_question_counts() {
        let good = Answer {
            addresses: vec!["10.0.0.1".parse().unwrap()],
            ttl: 60,
        };
        assert_eq!(
            read(&reply(7, "nas.lan", RCODE::NoError), 7, &name(), true),
            Some(Ok(good.clone()))
        );
        assert_eq!(
            read(&reply(7, "NAS.lan", RCODE::NameError), 7, &name(), true),
            Some(Ok(good))
        );
        assert_eq!(read(&reply(8, "nas.lan", RCODE::NoError), 7, &name(), true), None);
        assert_eq!(read(&reply(7, "other.lan", RCODE::NoError), 7, &name(), true), None);
        assert_eq!(
            read(&query(7, &name(), true).unwrap(), 7, &name(), true),
            None,
            "a question is no answer"
        );
        for code in [RCODE::ServerFailure, RCODE::Refused, RCODE::FormatError] {
            let answer = read(&reply(7, "nas.lan", code), 7, &name(), true);
            assert!(matches!(answer, Some(Err(Trouble::Says(_)))), "{answer:?}");
        }
    }

    #[test]
    fn an_answer_to_another_kind_of_question_is_passed_over() {
        let right = reply_of(7, "nas.lan", TYPE::A, CLASS::IN, RCODE::NoError);
        assert!(read(&right, 7, &name(), true).is_some());
        assert_eq!(
            read(&right, 7, &name(), false),
            None,
            "it was asked for the other family"
        );
        let other = reply_of(7, "nas.lan", TYPE::TXT, CLASS::IN, RCODE::NoError);
        assert_eq!(read(&other, 7, &name(), true), None);
        let other = reply_of(7, "nas.lan", TYPE::A, CLASS::CH, RCODE::NoError);
        assert_eq!(read(&other, 7, &name(), true), None);
        // An address of the other family is none of those that were asked for.
        let mixed = reply_of(7, "nas.lan", TYPE::AAAA, CLASS::IN, RCODE::NoError);
        let none = Answer {
            addresses: Vec::new(),
            ttl: 0,
        };
        assert_eq!(read(&mixed, 7, &name(), false), Some(Ok(none)));
    }

    #[test]
    fn a_failure_may_leave_the_question_out_and_an_answer_may_not() {
        let bare = |code: RCODE| {
            let mut reply = Packet::new_reply(7);
            *reply.rcode_mut() = code;
            reply.build_bytes_vec().unwrap()
        };
        for code in [RCODE::FormatError, RCODE::ServerFailure, RCODE::Refused] {
            let answer = read(&bare(code), 7, &name(), true);
            assert!(matches!(answer, Some(Err(Trouble::Says(_)))), "{code:?}: {answer:?}");
            assert_eq!(read(&bare(code), 8, &name(), true), None);
        }
        assert_eq!(read(&bare(RCODE::NoError), 7, &name(), true), None);
        assert_eq!(read(&bare(RCODE::NameError), 7, &name(), true), None);
    }

    proptest! {
        #[test]
        fn any_packet_is_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), id in any::<u16>()) {
            let _ = read(&bytes, id, &name(), true);
            let mut answer = reply(id, "nas.lan", RCODE::NoError);
            answer.extend(bytes);
            let _ = read(&answer, id, &name(), true);
        }
    }
}
