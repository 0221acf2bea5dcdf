use super::*;
use crate::profile;

const GUIDE: &str = include_str!("../../../tests/firewall/guide.nft");

#[test]
fn what_is_printed_is_read_and_printed_again() {
    let ruleset = Ruleset::read(GUIDE).unwrap();
    assert_eq!(ruleset.to_string(), GUIDE);
    let same = Ruleset::read_content("tailwright", &ruleset.content()).unwrap();
    assert_eq!(same, ruleset);
    let commented = format!("# from a profile\n\n{GUIDE}");
    assert_eq!(Ruleset::read(&commented).unwrap(), ruleset);
}

#[test]
fn what_was_read_lets_in_the_same() {
    let text = include_bytes!("../../../examples/kernelcore/host.nix");
    let profile = profile::load("host.nix", text, None, &mut |_| Err("no other file".to_owned()));
    let fleet = profile.fleet.unwrap();
    let ruleset = crate::firewall::compile(fleet.hosts.values().next().unwrap()).unwrap();
    let read = Ruleset::read(&ruleset.to_string()).unwrap();
    let plain = |ruleset: &Ruleset| {
        let entries = ruleset.exposure().admitted.into_iter();
        let entries = entries.map(|reach| (reach.zone, reach.input, reach.source, reach.traffic));
        entries.collect::<Vec<_>>()
    };
    assert_eq!(plain(&read), plain(&ruleset));
}

#[test]
fn what_is_not_known_is_refused_with_its_line() {
    let refused = |from: &str, to: &str| {
        let text = GUIDE.replacen(from, to, 1);
        assert!(text != GUIDE, "{from} is there");
        Ruleset::read(&text).unwrap_err().to_string()
    };
    let marked = refused("iif \"lo\" accept", "iif \"lo\" meta mark 7 accept");
    let line = GUIDE
        .lines()
        .position(|line| line.contains("iif \"lo\" accept"))
        .unwrap()
        + 1;
    assert_eq!(
        marked,
        format!("line {line}: expected the end of the line, found \"meta\"")
    );
    for (from, to) in [
        ("policy drop;", "policy maybe;"),
        ("type ifname : verdict", "type mark : verdict"),
        ("22 . tcp comment", "ssh . tcp comment"),
        ("iif \"lo\"", "iif \"eth0\""),
        ("ct state established,related", "ct state established,"),
        ("size 67", "size many"),
        ("ip6 daddr fe80::/10", "ip6 daddr 10.0.0.0/8"),
        ("goto refused", "goto refused accept"),
        ("goto refused", "queue"),
        ("table inet tailwright {", "table ip tailwright {"),
        ("100.64.0.0/10 comment", "100.64.0.9-100.64.0.1 comment"),
        ("  chain refused {", "  flowtable f {"),
    ] {
        refused(from, to);
    }
    assert!(Ruleset::read("").is_err());
    assert!(Ruleset::read(&format!("{GUIDE}flush ruleset\n")).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(lines in proptest::collection::vec((0usize..200, 0usize..30), 0..40), junk in "[ {}\",;@:a-z.-]{0,20}") {
        let all: Vec<&str> = GUIDE.lines().collect();
        let mut text = String::new();
        for (line, cut) in lines {
            let line = all[line % all.len()];
            text.push_str(line.get(..line.len().saturating_sub(cut)).unwrap_or(line));
            text.push('\n');
        }
        let _ = Ruleset::read(&text);
        let _ = Ruleset::read_content("t", &format!("{text}{junk}"));
        let _ = Ruleset::read_content("t", &format!("chain x {{\n{junk}\n}}"));
    }
}
