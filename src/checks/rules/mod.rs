//! The rules, one a file, named as the code that it raises.

use super::rule::{Check, Rule};
use crate::diagnostic::Code;

mod duplicate_hostname;
mod subdomain_unresolvable;

/// A row of the table: the code, the module of the same name, and whether it looks at hosts or at the fleet.
macro_rules! rule {
    ($code:ident, $module:ident, $scope:ident) => {
        Rule {
            code: Code::$code,
            source: include_str!(concat!(stringify!($module), ".rs")),
            check: Check::$scope($module::check),
        }
    };
}

/// Every rule, by subject.
#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    // The proxy: names.
    rule!(SubdomainUnresolvable, subdomain_unresolvable, Host),

    // The fleet.
    rule!(DuplicateHostname, duplicate_hostname, Fleet),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_stands_in_the_file_of_its_code() {
        for rule in RULES {
            let module = rule.code.as_str().replace('-', "_");
            let path = format!("{}/src/checks/rules/{module}.rs", env!("CARGO_MANIFEST_DIR"));
            assert_eq!(
                std::fs::read_to_string(&path).expect(&path),
                rule.source,
                "{}",
                rule.code
            );
        }
    }
}
