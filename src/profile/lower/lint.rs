//! `lint`.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, FieldPath, Finding, Findings, Kind, Place, nearest};
use crate::model::{Lint, LintLevel};
use crate::profile::written;

/// Lowers the `lint` group that stands at `at`.
pub(in crate::profile) fn lint(
    written: Option<&BTreeMap<String, written::LintLevel>>,
    at: &FieldPath,
    findings: &mut Findings,
) -> Lint {
    let mut levels = BTreeMap::new();
    for (name, level) in written.into_iter().flatten() {
        let field = at.name(name.clone());
        let complain = |message: String| Finding::at(Code::UnknownLint, Place::Name(field.clone()), message);
        match name.parse::<Code>() {
            Ok(code) if code.kind() == Kind::Lint => {
                let level = match level {
                    written::LintLevel::Allow => LintLevel::Allow,
                    written::LintLevel::Warn => LintLevel::Warn,
                    written::LintLevel::Deny => LintLevel::Deny,
                };
                levels.insert(code, (level, field));
            }
            Ok(code) => findings.add(complain(format!(
                "{code} cannot be weighed otherwise: without it the outcome would be unsafe or meaningless"
            ))),
            Err(_) => {
                let finding = complain(format!("there is no finding with the code {name:?}"));
                findings.add(match nearest(Code::ALL.iter().map(|code| code.as_str()), name) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding.help("`tailwright explain` lists all codes"),
                });
            }
        }
    }
    Lint(levels)
}
