use proptest::prelude::*;

use super::*;

fn table() -> TableName {
    TableName::DEFAULT.parse().unwrap()
}

fn read(text: &str) -> Result<TableFile, Vec<Fault>> {
    TableFile::read(text, &table())
}

/// A table of ours with this inside.
fn replacing(content: &str) -> String {
    format!("add table inet tailwright\ndelete table inet tailwright\ntable inet tailwright {{\n{content}\n}}\n")
}

#[track_caller]
fn refused(text: &str) -> String {
    let faults = read(text).expect_err(text);
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn a_file_as_tailwright_prints_it() {
    let text = replacing(
        "  # which zone\n  set lan {\n    type ipv4_addr\n    elements = { 192.0.2.1, 192.0.2.7-192.0.2.9 }\n  }\n\
         \n  chain input {\n    type filter hook input priority filter - 1; policy drop;\n    \
         iifname \"lo\" accept comment \"loop {back}; flush ruleset\"\n    \
         meta l4proto . th dport vmap { tcp . 22 : accept }\n    jump zone.define\n    ip6 saddr fe80::/10 tcp flags != syn drop\n  }",
    );
    let file = read(&text).expect("legal");
    assert_eq!(file.as_str(), text);
    assert!(!file.removes());
}

#[test]
fn the_other_ways_to_replace_a_table() {
    for text in [
        "#!/usr/sbin/nft -f\ntable inet tailwright\ndelete table inet tailwright\n\ntable inet tailwright {\n}\n",
        "add table inet tailwright; delete table inet tailwright; table inet tailwright {}",
        "destroy table inet tailwright\ntable inet tailwright {\n\tchain c {\n\t}\n}\n",
        "table inet tailwright\ndelete table inet tailwright\ntable inet tailwright {\n}\ntable inet tailwright {\n}\n",
    ] {
        assert!(!read(text).expect(text).removes());
    }
    assert!(
        read("add table inet tailwright\ndelete table inet tailwright\n")
            .unwrap()
            .removes()
    );
}

#[test]
fn what_restores_a_table_is_such_a_file() {
    let listing = "table inet tailwright {\n\tchain c {\n\t\tcounter packets 3 bytes 9\n\t}\n}\n";
    for listing in [Some(listing), None] {
        let file = TableFile::restoring(listing, &table());
        assert_eq!(read(file.as_str()).expect("legal"), file);
        assert_eq!(file.removes(), listing.is_none());
    }
}

#[test]
fn other_tables_and_other_statements_are_refused() {
    for statement in [
        "flush ruleset",
        "flush table inet tailwright",
        "delete table inet other",
        "delete table ip tailwright",
        "delete table tailwright",
        "delete table inet handle 3",
        "destroy table inet tailwright2",
        "create table inet tailwright",
        "reset rules",
        "list ruleset",
        "add chain inet tailwright c",
        "add rule inet filter input accept",
        "add element inet other s { 1 }",
        "table ip filter { chain input { accept; }; }",
        "table inet other {\n}",
        "add table inet other",
        "add table inet other {\n}",
        "table inet tailwright2",
        "table inet \"tailwright\"",
        "table \"inet\" tailwright",
        "rename chain inet other a b",
        "import vm json",
        "{ \"nftables\": [] }",
        "}",
        "@tailwright",
    ] {
        for text in [
            format!("{}{statement}\n", replacing("")),
            format!("{statement}\n{}", replacing("")),
            format!("{}; {statement}", replacing("").trim_end()),
            format!("{}{statement}", replacing("chain c {\n drop # }\n}")),
        ] {
            let said = refused(&text);
            assert!(
                said.contains("alone") || said.contains("one statement"),
                "{statement}: {said}"
            );
        }
    }
}

#[test]
fn nothing_can_follow_in_the_same_line() {
    let said =
        refused("add table inet tailwright\ndelete table inet tailwright\ntable inet tailwright { } flush ruleset\n");
    assert_eq!(said, "line 3: one statement a line");
    let said = refused("add table inet tailwright { } \ndelete table inet tailwright }\n");
    assert!(said.contains("line 1") && said.contains("line 2"), "{said}");
}

#[test]
fn what_is_not_written_in_the_file_itself_is_refused() {
    for (content, said) in [
        ("include \"/tmp/x.nft\"", "include"),
        ("chain c {\n include \"/tmp/x.nft\"\n}", "include"),
        ("chain c {\n counter; include\"/tmp/x.nft\"\n}", "include"),
        ("chain c {\n 5sinclude \"/tmp/x.nft\"\n}", "include"),
        ("define x = 5", "define"),
        ("redefine x = 5", "redefine"),
        ("undefine x", "undefine"),
        ("chain c {\n tcp dport $ports accept\n}", "variable"),
        ("chain c {\n log prefix \"$x\"\n}", "variable"),
    ] {
        let said_here = refused(&replacing(content));
        assert!(said_here.contains(said), "{content}: {said_here}");
    }
    assert!(refused("define t = tailwright\ntable inet $t { }").contains("variable"));
    // As data they are nothing special.
    read(&replacing(
        "chain zone.include {\n  comment \"include define\" # include \"x\"\n}",
    ))
    .expect("legal");
}

#[test]
fn a_table_with_flags_cannot_be_guarded() {
    for flags in ["flags owner", "flags owner, persist;", "flags dormant"] {
        let said = refused(&replacing(flags));
        assert!(said.starts_with("line 4: a table with flags"), "{said}");
    }
    read(&replacing(
        "set s {\n type ipv4_addr\n flags dynamic,timeout\n}\nchain c {\n tcp flags syn drop\n}",
    ))
    .expect("legal");
}

#[test]
fn only_declarations_stand_in_a_table() {
    for content in [
        "table inet other {\n}",
        "flush ruleset",
        "delete chain c",
        "tcp dport 22 accept",
        "@x",
        "\"chain\" c {\n}",
    ] {
        let said = refused(&replacing(content));
        assert!(said.starts_with("line 4: "), "{content}: {said}");
    }
}

#[test]
fn a_file_that_would_add_to_the_live_table_is_refused() {
    for text in [
        "",
        "# nothing\n",
        "add table inet tailwright\n",
        "table inet tailwright {\n chain c {\n }\n}\n",
        "table inet tailwright {\n}\ndelete table inet tailwright\n",
    ] {
        assert!(
            refused(text).contains("begin with `add table inet tailwright`"),
            "{text}"
        );
    }
    let twice = format!("{}delete table inet tailwright\n", replacing(""));
    assert!(refused(&twice).contains("twice"));
}

#[test]
fn what_nft_may_read_otherwise_is_refused() {
    for (text, line) in [
        ("add table inet tailwright \\\n", 1),
        ("\n\"never closed", 2),
        ("# a\r\nflush ruleset", 1),
        ("\"over\nlines\"", 1),
        ("add\u{a0}table inet tailwright", 1),
        ("\u{feff}add table inet tailwright", 1),
        ("# \u{1b}[2J", 1),
        ("add table inet tailwright\r\n", 1),
        ("\0", 1),
        ("\u{b}", 1),
    ] {
        assert_eq!(read(text).expect_err(text)[0].line, line, "{text:?}");
    }
    let deep = replacing(&format!("chain c {}{}", "{".repeat(100_000), "}".repeat(100_000)));
    assert!(refused(&deep).contains("too deep"));
    assert!(refused("table inet tailwright {\n chain c {\n").contains("not closed"));
}

#[test]
fn many_faults_are_told_in_order_but_not_without_end() {
    let said = read(&"flush ruleset\n".repeat(1_000)).expect_err("all wrong");
    assert_eq!(said.len(), FAULTS);
    assert!(said.is_sorted());
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "(add |delete |destroy |table |inet |tailwright|flush ruleset|include|chain c|[{};\n\"#$\\\\]| |.){0,40}") {
        if let Ok(file) = read(&text) {
            // Whatever is taken names no other verb outside quotes and comments.
            let code: String = file
                .as_str()
                .lines()
                .map(|line| line.split('#').next().unwrap_or_default().split('"').step_by(2).collect::<String>() + "\n")
                .collect();
            prop_assert!(!code.contains("include"), "{}", file.as_str());
            prop_assert!(!code.contains("flush ruleset") || code.contains('{'), "{}", file.as_str());
        }
    }

    #[test]
    fn a_line_of_another_verb_anywhere_outside_a_block_is_refused(verb in "(flush|list|reset|import|rename|create|insert|replace|monitor|describe)( [a-z]{1,8}){1,4}", before in any::<bool>()) {
        let file = replacing("chain c {\n}");
        let text = if before { format!("{verb}\n{file}") } else { format!("{file}{verb}\n") };
        prop_assert!(read(&text).is_err());
    }
}
