//! `tailwright explain`.

use std::io::Write;

use clap::Args;

use super::Done;
use super::console::Console;
use super::failure::Failure;
use super::status::Status;
use crate::checks;
use crate::diagnostic::{Code, nearest};

/// Explain a finding: what it is about, why it matters, and the way out
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The code of the finding, such as unknown-field; without one, all codes are listed
    code: Option<String>,
}

impl Explain {
    pub(crate) fn run(&self, console: &mut Console) -> Done {
        if let Some(name) = &self.code {
            let code = name.parse::<Code>().map_err(|_| unknown(name))?;
            write!(console.out, "{}", checks::page(code))?;
            return Ok(Status::Success);
        }
        let widest = Code::ALL.iter().map(|code| code.as_str().len()).max().unwrap_or(0);
        for code in Code::ALL {
            let (name, severity) = (code.as_str(), code.severity().to_string());
            writeln!(console.out, "{name:widest$}  {severity:7}  {}", code.summary())?;
        }
        Ok(Status::Success)
    }
}

fn unknown(name: &str) -> Failure {
    let known = nearest(Code::ALL.iter().map(|code| code.as_str()), name);
    let hint = known.map_or_else(String::new, |known| format!("; did you mean {known}?"));
    Failure::Usage(format!(
        "there is no finding {name:?}{hint} (`tailwright explain` lists all of them)"
    ))
}
