//! The rulesets of the examples go through the guard unchanged, in both directions.

use super::slot::{Host, said};
use crate::examples::examples;
use crate::support::rendered::Rendered;

#[test]
fn those_of_every_example_are_applied_and_taken_back() {
    let Some(host) = Host::new() else { return };
    let foreign = host.foreign();
    let slot = host.empty_slot("tailwright");
    let mut count = 0;
    for example in examples() {
        let rendered = Rendered::of_file(&example).unwrap_or_else(|report| panic!("{report}"));
        for (name, profile) in &rendered.fleet.hosts {
            let Some(ruleset) = tailwright::firewall::compile(profile) else {
                continue;
            };
            let at = format!("{} {name}", example.display());
            let text = ruleset.to_string();
            host.namespace.load(&text).unwrap_or_else(|said| panic!("{at}: {said}"));
            let loaded = slot.live();

            std::fs::write(slot.file(), slot.rules("new")).unwrap();
            assert_eq!(slot.status(&slot.apply("1h")), 0, "{at}");
            assert!(slot.is_live("new"));
            assert_eq!(slot.status(&slot.tsctl(&["revert"])), 0, "{at}");
            assert_eq!(slot.live(), loaded, "{at}");

            host.namespace.load(&slot.rules("old")).unwrap();
            std::fs::write(slot.file(), &text).unwrap();
            let output = slot.run(&slot.apply("1h"));
            assert_eq!(output.status.code(), Some(0), "{at}: {}", said(&output));
            assert_eq!(slot.status(&slot.tsctl(&["confirm"])), 0, "{at}");
            assert_eq!(slot.live(), loaded, "{at}");
            count += 1;
        }
    }
    assert!(count >= 6, "{count} hosts have zones");
    assert_eq!(host.foreign(), foreign);
}
