//! The text of a scenario.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::tailscaled::{Line, Scenario};

/// The lines, without their numbers.
fn lines(text: &str) -> Result<Vec<Line>, String> {
    let read = Scenario::lines(text).map_err(|wrong| wrong.to_string())?;
    Ok(read.into_iter().map(|(_, line)| line).collect())
}

fn printed(lines: &[Line]) -> String {
    let lines: Vec<String> = lines.iter().map(Line::to_string).collect();
    lines.join("\n")
}

#[test]
fn bad_lines_are_refused_with_their_number() {
    for (text, said) in [
        (
            "base running\nnonsense",
            "line 2: \"nonsense\" is nothing that can happen",
        ),
        ("\n# a remark\nat", "line 3: the time is missing"),
        ("at 2s", "line 1: what happens is missing"),
        (
            "at 2 stop",
            "line 1: \"2\" is no time: a number with ms, s or m, up to a week",
        ),
        (
            "at -1s stop",
            "line 1: \"-1s\" is no time: a number with ms, s or m, up to a week",
        ),
        ("at 99999999999999999999s stop", "is no time"),
        ("at 8000000m stop", "is no time"),
        (
            "at 2s dead gamma\nat 1s alive gamma",
            "line 2: the line before is later",
        ),
        ("at 0s dead gamma\nalive gamma", "line 2: the line before is later"),
        ("base new", "line 1: \"new\" is not a base: running, needs-login, old"),
        ("stop now", "line 1: too much: \"now\""),
        ("dead", "line 1: the name is missing"),
        ("dead nobody", "line 1: there is no peer nobody"),
        ("base needs-login\nat 1s peers 3", "line 2: there is no peer beta"),
        ("peers 60001", "line 1: 60001 peers are too many: 60000 at most"),
        ("peers many", "line 1: \"many\" is not how many"),
        ("operator root", "line 1: \"root\" is not the number of a user"),
        ("mode 0888", "line 1: \"0888\" is no mode: 0000 to 0777"),
        ("mode 1777", "line 1: \"1777\" is no mode"),
        ("state Flying", "line 1: \"Flying\" is not a state: NoState, "),
        ("routes beta 192.168.50.0/24", "line 1: the list of prefixes is no JSON"),
        ("routes beta [24]", "line 1: the prefixes are a list of texts"),
        ("set CorpDNS", "line 1: the value is missing"),
        ("set CorpDNS yes", "line 1: the value is no JSON: "),
        ("set CorpNDS false", "line 1: there is no preference CorpNDS"),
        (
            "set AdvertiseRoutes [\"192.168.10.5/24\"]",
            "line 1: tailscaled refuses that: {\"Error\":\"route 192.168.10.5/24 has non-address bits set",
        ),
        ("tell 4", "line 1: what they hear is an object"),
        ("warn my-code", "line 1: no daemon was seen to complain of my-code"),
        ("mend not-in-map-poll", "line 1: not-in-map-poll is not wrong"),
        ("at 1s restart 300ms older", "line 1: \"older\" is not \"with\""),
        (
            "at 1s restart 300ms with restart 1s",
            "line 1: \"restart\" is nothing that can happen",
        ),
        ("at 1s start", "line 1: it is there already"),
        ("at 1s die\nat 2s stop", "line 2: it is away already"),
        ("at 1s stop\nat 2s bus cut", "line 2: it is away: it has no streams"),
        (
            "at 1s restart 2s\nat 2s start\nat 4s dead gamma",
            "line 1: it is there already",
        ),
        ("answer Status silent", "line 1: \"Status\" is no endpoint"),
        ("answer status", "line 1: the answer is missing"),
        ("answer status quickly", "line 1: \"quickly\" is no answer"),
        ("answer status 99 plain \"no\"", "line 1: \"99\" is no answer"),
        (
            "answer status 500 loud \"no\"",
            "line 1: \"loud\" is not a shape: plain, error, Error, Err",
        ),
        ("answer status 500 plain no", "line 1: what is said is no JSON"),
        ("answer status bytes 5", "line 1: what is sent stands in quotes"),
        ("garbage \"\\u0100\"", "line 1: 'Ā' is no byte: \\u00ff is the last"),
        ("answer 2 status silent", "line 1: \"status\" is not the word: times"),
    ] {
        let wrong = Scenario::read(text).expect_err(text).to_string();
        assert!(wrong.contains(said), "{text:?}: {wrong}");
    }
}

/// The examples of the description, and what they are in.
#[test]
fn everything_that_is_described_can_be_read() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/tailscaled/scenario.rs");
    let text = std::fs::read_to_string(path).expect("it is part of the repository");
    let page: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let rows = page.iter().filter_map(|line| line.trim().strip_prefix("| `"));
    let examples: Vec<&str> = rows
        .flat_map(|row| row.split(" | ").next().unwrap_or_default().split("`, `"))
        .map(|example| example.trim_end_matches('`'))
        .collect();
    assert!(examples.len() > 40, "{examples:?}");
    for example in examples {
        assert_eq!(lines(example).map(|lines| lines.len()), Ok(1), "{example}");
    }
    let block = page.join("\n");
    let block = block.split("```").nth(1).and_then(|block| block.strip_prefix("text"));
    Scenario::read(block.expect("an example")).expect("it can be played");
}

#[test]
fn what_holds_for_long_ends_with_its_last_line() {
    let scenario = Scenario::read("at 1s restart 2s with base old\nat 1500ms dead gamma").expect("it can be played");
    let steps: Vec<String> = scenario
        .steps()
        .map(|(at, step)| format!("{} {step}", at.expect("a time").as_millis()))
        .collect();
    assert_eq!(steps, ["1000 stop", "1000 base old", "1500 dead gamma", "3000 start"]);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![Just("beta".to_owned()), Just("gamma".to_owned()), "[a-z][a-z0-9-]{0,8}"]
}

fn time() -> impl Strategy<Value = String> {
    prop_oneof![
        (0..5_000_u64).prop_map(|count| format!("{count}ms")),
        (0..600_u64).prop_map(|count| format!("{count}s")),
        (0..60_u64).prop_map(|count| format!("{count}m")),
    ]
}

fn text() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| Value::from(text).to_string())
}

fn some_bytes() -> impl Strategy<Value = String> {
    proptest::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| {
        let text: String = bytes.into_iter().map(char::from).collect();
        Value::from(text).to_string()
    })
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        proptest::collection::vec(any::<String>(), 0..3).prop_map(Value::from),
        (".{0,9}", any::<u32>()).prop_map(|(key, number)| json!({ key: number })),
    ]
}

fn answer() -> impl Strategy<Value = String> {
    let endpoint = "[a-z][a-z0-9/?=.-]{0,12}|\\*";
    let begins = (
        proptest::option::of(0..100_u64),
        proptest::option::of("GET|POST|PATCH"),
        endpoint,
    );
    let does = prop_oneof![
        Just("silent".to_owned()),
        time().prop_map(|time| format!("late {time}")),
        (0..1_000_usize).prop_map(|length| format!("cut {length}")),
        (0..1_000_usize).prop_map(|length| format!("stuck {length}")),
        some_bytes().prop_map(|bytes| format!("bytes {bytes}")),
        (200..600_u16, "plain|error|Error|Err", text())
            .prop_map(|(status, shape, said)| format!("{status} {shape} {said}")),
        (200..600_u16, value()).prop_map(|(status, body)| format!("{status} json {body}")),
    ];
    (begins, does).prop_map(|((times, method, endpoint), does)| {
        let times = times.map(|times| format!("{times} times ")).unwrap_or_default();
        let method = method.map(|method| format!("{method} ")).unwrap_or_default();
        format!("answer {times}{method}{endpoint} {does}")
    })
}

fn change() -> impl Strategy<Value = String> {
    prop_oneof![
        "base (running|needs-login|old)",
        ("[0-9]\\.[0-9]{1,3}\\.[0-9]", any::<u32>()).prop_map(|(text, number)| format!("version {text} {number}")),
        any::<u32>().prop_map(|user| format!("operator {user}")),
        "rights (read-only|usual)|operator nobody|control (lost|back)|bus (mute|heard)|usual|exit-node none|mend",
        "map|key-expires|login|logout",
        "mode 0[0-7]{3}",
        any::<(u32, u32)>().prop_map(|(user, group)| format!("owner {user} {group}")),
        (0..60_000_u32).prop_map(|count| format!("peers {count}")),
        time().prop_map(|time| format!("latency {time}")),
        (
            "dead|alive|offline|online|leaves|joins|offers-exit|offers-nothing|exit-node|mend|warn",
            name()
        )
            .prop_map(|(verb, name)| format!("{verb} {name}")),
        (name(), text()).prop_map(|(code, text)| format!("warn {code} {text}")),
        "state (NoState|NeedsLogin|NeedsMachineAuth|Stopped|Starting|Running)",
        (name(), value()).prop_map(|(name, value)| format!("set {name} {value}")),
        (".{0,9}", value()).prop_map(|(key, value)| format!("tell {}", json!({ key: value }))),
        (name(), proptest::collection::vec("[0-9.]{1,9}/[0-9]{1,2}", 0..3))
            .prop_map(|(name, prefixes)| format!("routes {name} {}", json!(prefixes))),
        answer(),
        "(lacks|usual) [a-z][a-z-]{0,9}",
    ]
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => change(),
        1 => some_bytes().prop_map(|bytes| format!("garbage {bytes}")),
        1 => "bus (end|cut)|stop|die|start",
        1 => time().prop_map(|away| format!("restart {away}")),
        1 => (time(), change()).prop_map(|(away, change)| format!("restart {away} with {change}")),
    ]
}

/// A line as somebody may write it.
fn line() -> impl Strategy<Value = String> {
    (proptest::option::of(time()), action()).prop_map(|(at, action)| match at {
        Some(at) => format!("at {at} {action}"),
        None => action,
    })
}

/// What may stand in a line, in any order.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "at|base|old|restart|with|answer|times|2|PATCH|status|late|500ms|cut|bytes|plain|json|set|tell|bus|mode|0600",
        2 => name(),
        1 => value().prop_map(|value| value.to_string()),
        1 => "\\PC{0,6}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_printed_is_read_back(line in line()) {
        let read = lines(&line);
        let read = read.map_err(|wrong| TestCaseError::fail(format!("{line}: {wrong}")))?;
        let shown = printed(&read);
        prop_assert_eq!(lines(&shown), Ok(read.clone()), "{} became {}", line, shown);
        prop_assert_eq!(printed(&read), shown);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = Scenario::read(&text);
    }

    #[test]
    fn no_line_makes_it_panic(words in proptest::collection::vec(word(), 0..8), good in line()) {
        let text = format!("{}\n{good}\n", words.join(" "));
        match Scenario::lines(&text) {
            Ok(read) => {
                let read: Vec<Line> = read.into_iter().map(|(_, line)| line).collect();
                prop_assert_eq!(lines(&printed(&read)), Ok(read));
            }
            Err(wrong) => prop_assert!(wrong.line == 1 || wrong.line == 2 && wrong.said.contains("later"), "{}", wrong),
        }
    }

    /// What can be played can be played when it was printed, too.
    #[test]
    fn what_can_happen_is_tried_out(mut all in proptest::collection::vec(line(), 0..6)) {
        all.sort_by_key(|line| lines(line).map(|lines| lines[0].at).unwrap_or_default());
        // Many peers take time.
        all.retain(|line| !line.contains("peers "));
        match Scenario::read(&all.join("\n")) {
            Ok(scenario) => prop_assert_eq!(Scenario::read(&scenario.to_string()), Ok(scenario)),
            Err(wrong) => prop_assert!(wrong.line >= 1 && wrong.line <= all.len(), "{}", wrong),
        }
    }
}
