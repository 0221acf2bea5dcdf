//! `tailwright explain`.

use snapbox::str;
use tailwright::diagnostic::Code;

use crate::support::run::Place;

#[test]
fn every_code_has_its_page() {
    for code in Code::ALL {
        let page = Place::new().tailwright(&["explain", code.as_str()]);
        page.status(0).err("");
        assert!(page.stdout().starts_with(&format!("# {code}\n")), "{}", page.stdout());
    }
}

#[test]
fn a_page_reads_like_this() {
    Place::new()
        .tailwright(&["explain", "duplicate-key"])
        .status(0)
        .out(snapbox::file!["explain.txt"]);
}

#[test]
fn without_a_code_all_are_listed() {
    let list = Place::new().tailwright(&["explain"]);
    list.status(0).err("");
    let text = list.stdout();
    assert_eq!(text.lines().count(), Code::ALL.len());
    for (line, code) in text.lines().zip(Code::ALL) {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words[..2], [code.as_str(), &code.severity().to_string()]);
        assert!(line.ends_with(code.summary()));
    }
}

#[test]
fn a_misspelt_code_is_told_the_right_one() {
    Place::new()
        .tailwright(&["explain", "unknown-fild"])
        .status(64)
        .out("")
        .err(str![[r#"
tailwright: there is no finding "unknown-fild"; did you mean unknown-field? (`tailwright explain` lists all of them)

"#]]);
}
