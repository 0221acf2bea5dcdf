//! Strings with references in them, and calls of the library's functions.

use super::NixValue;
use super::reference::Reference;

/// A function of the library applied to values.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// The function.
    pub function: Reference,
    /// What it is applied to, in order.
    pub arguments: Vec<NixValue>,
}

/// A string made of text and references.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Template(Vec<Part>);

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Text as it is.
    Text(String),
    /// `${pkgs.openssl}`
    Reference(Reference),
    /// `${lib.getExe pkgs.openssl}`
    Call(Call),
}

impl Call {
    /// `lib.getExe package`: the package's main program.
    pub fn get_exe(package: Reference) -> Self {
        Self {
            function: Reference::lib("getExe"),
            arguments: vec![package.into()],
        }
    }

    /// `lib.getExe' package "program"`: one of the package's programs.
    pub fn get_exe_of(package: Reference, program: &'static str) -> Self {
        Self {
            function: Reference::lib("getExe'"),
            arguments: vec![package.into(), program.into()],
        }
    }
}

impl Template {
    /// An empty string.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text.
    #[must_use]
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        // Neighbouring texts are joined, so that the escaper sees what stands before an interpolation.
        if let Some(Part::Text(last)) = self.0.last_mut() {
            last.push_str(text.as_ref());
        } else if !text.as_ref().is_empty() {
            self.0.push(Part::Text(text.as_ref().to_owned()));
        }
        self
    }

    /// Adds what a reference or a call yields.
    #[must_use]
    pub fn value(mut self, part: impl Into<Part>) -> Self {
        self.0.push(part.into());
        self
    }

    /// The parts; no two texts are neighbours.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl From<Reference> for Part {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<Call> for Part {
    fn from(call: Call) -> Self {
        Self::Call(call)
    }
}
