//! Files that mean harm, against the real nft.

use proptest::prelude::*;

use super::slot::{Host, said};

#[test]
fn a_file_that_does_more_than_replace_our_table_is_refused_and_nothing_happens() {
    let Some(host) = Host::new() else { return };
    let slot = host.slot("hostile");
    let (before, table) = (host.namespace.ruleset(), &slot.table);
    let good = slot.rules("new");
    let include = host.scratch.write("include.nft", "flush ruleset\n");
    for bad in [
        format!("flush ruleset\n{good}"),
        format!("{good}flush ruleset\n"),
        format!("{good}delete table inet nixos-fw\n"),
        format!("{good}table inet nixos-fw {{\n chain input {{\n accept\n }}\n}}\n"),
        format!("{good}table ip {table} {{\n}}\n"),
        format!("{good}include \"{}\"\n", include.display()),
        format!("include \"{}\"; {good}", include.display()),
        good.replace(
            "  chain input {",
            &format!("  chain input {{\n include \"{}\"\n", include.display()),
        ),
        format!("define t = nixos-fw\ndelete table inet $t\n{good}"),
        good.replace("  chain input {", "  flags owner\n  chain input {"),
        good.replace("add table", "add table\\\n"),
        format!("{good}\"\nflush ruleset\n\""),
        format!("# \r{good}"),
        good.replace(&format!("inet {table}"), "inet nixos-fw"),
        format!("table inet {table} {{\n chain input {{\n accept\n }}\n}}\n"),
        "{\"nftables\": [{\"flush\": {\"ruleset\": null}}]}".to_owned(),
        "\u{1b}[2J".to_owned(),
        String::new(),
        good.replace("drop", "drpo"),
        good.replace("@new_set", "@other_set"),
        good.replace("jump", "").replace("filter + 1", "nowhere"),
    ] {
        std::fs::write(slot.file(), &bad).unwrap();
        let output = slot.run(&slot.apply("4s"));
        let told = said(&output);
        assert_eq!(output.status.code(), Some(1), "{bad}: {told}");
        assert!(
            told.contains("new.nft") && !told.contains("staged-") && !told.contains('\u{1b}'),
            "{told}"
        );
        assert_eq!(host.namespace.ruleset(), before, "{bad}");
        assert!(!slot.is_in("staged") && !slot.is_in("discarded"));
    }
    for unreadable in ["/nonexistent", "/"] {
        let mut words = slot.apply("4s");
        words[5] = unreadable.to_owned();
        assert_eq!(slot.status(&words), 74, "{unreadable}");
    }
    std::fs::write(slot.file(), b"table inet \xff {\n}\n").unwrap();
    let output = slot.run(&slot.apply("4s"));
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let mut endless = slot.apply("4s");
    endless[5] = "/dev/zero".to_owned();
    let output = slot.run(&endless);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert_eq!(host.namespace.ruleset(), before);
}

/// Pieces of files, legal and not.
const PIECES: [&str; 32] = [
    "add table inet tailwright\n",
    "delete table inet tailwright\n",
    "table inet tailwright {\n",
    "table inet tailwright {",
    "table ip filter {\n",
    "flush ruleset\n",
    "flush ruleset",
    "delete table ip filter",
    "add rule ip filter INPUT drop\n",
    "include \"INCLUDE\"\n",
    "include \"INCLUDE\"",
    "define x = ip\n",
    "chain c {\n",
    "chain c { type filter hook input priority 0; }\n",
    "set s { type ipv4_addr; elements = { 192.0.2.1 }; }\n",
    "tcp dport 22 accept\n",
    "comment \"",
    "log prefix \"a",
    "flags dormant\n",
    "\"",
    "# ",
    "\\",
    "}\n",
    "} ",
    "}",
    "};",
    "{ ",
    ";",
    "\n",
    " ",
    "$x",
    "'",
];

#[test]
fn whatever_file_is_taken_nft_touches_no_other_table_for_it() {
    let Some(host) = Host::new() else { return };
    let table = "tailwright".parse().unwrap();
    let include = host.scratch.write("include.nft", "delete table ip filter\n");
    let foreign = host.foreign();
    let (mut taken, mut loaded) = (0, 0);
    let strategy = (
        prop::collection::vec(0..PIECES.len(), 0..4),
        prop::collection::vec(0..PIECES.len(), 0..5),
        prop::collection::vec(0..PIECES.len(), 0..4),
        any::<bool>(),
    );
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..6_000 {
        let tree = strategy.new_tree(&mut runner).expect("no filter");
        let (before, inside, after, whole) = proptest::strategy::ValueTree::current(&tree);
        let text_of = |pieces: &[usize]| pieces.iter().map(|piece| PIECES[*piece]).collect::<String>();
        let mut text = text_of(&before);
        if whole {
            text += "add table inet tailwright\ndelete table inet tailwright\ntable inet tailwright {\n";
        }
        text += &text_of(&inside);
        if whole {
            text += "}\n";
        }
        text += &text_of(&after);
        let text = text.replace("INCLUDE", &include.to_string_lossy());
        if tailwright::host::firewall::table_file::TableFile::read(&text, &table).is_err() {
            continue;
        }
        taken += 1;
        if host.namespace.load(&text).is_ok() {
            loaded += 1;
            assert_eq!(host.foreign(), foreign, "{text}");
        }
    }
    assert!(taken > 50 && loaded > 50, "{taken} taken, {loaded} loaded");
    let tables = host.namespace.must(&host.nft, &["list", "tables"]);
    let ours = tables.lines().filter(|table| *table == "table inet tailwright").count();
    assert_eq!(tables.lines().count(), 3 + ours, "{tables}");
}
