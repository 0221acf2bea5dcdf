//! Nix expressions as data. Every constructor takes text as text: nothing that a profile says can become Nix code.

mod literal;
mod reference;
mod set;
mod template;

use std::fmt;

pub use literal::{Finite, RelativePath};
pub use reference::{Argument, AttrPath, Reference};
pub use set::{Binding, NixSet};
pub use template::{Call, Part, Template};

/// A Nix value, or one of the few expressions that a module needs.
#[derive(Debug, Clone, PartialEq)]
pub enum NixValue {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(Finite),
    /// A string in double quotes, on one line whatever it holds.
    String(String),
    /// Text of whole lines, as an indented string where one carries it exactly, else in double quotes.
    Lines(String),
    /// A string with references in it, in double quotes: `"${pkgs.openssl}/bin/openssl"`.
    Template(Template),
    /// As [`NixValue::Template`], as an indented string where one carries it exactly.
    TemplateLines(Template),
    /// A path beside the file: `./modules/x.nix`.
    Path(RelativePath),
    /// `[ … ]`
    List(Vec<NixValue>),
    /// `{ … }`
    Set(NixSet),
    /// `config.sops.secrets."x".path`, `pkgs.openssl`
    Reference(Reference),
    /// `lib.mkDefault …`, `lib.getExe pkgs.x`
    Call(Call),
    /// `pkgs.tsctl or (throw "why it must be there")`
    OrThrow(Reference, String),
    /// `config.system.nixos.release != "26.05"`
    Differs(Reference, String),
    /// `pkgs ? tsctl`
    HasPackage(&'static str),
}

/// The constructors of the library's functions.
impl NixValue {
    /// `lib.mkDefault value`: priority 1000, the one of upstream defaults.
    pub fn mk_default(value: impl Into<Self>) -> Self {
        Self::call("mkDefault", [value.into()])
    }

    /// `lib.mkForce value`: priority 50.
    pub fn mk_force(value: impl Into<Self>) -> Self {
        Self::call("mkForce", [value.into()])
    }

    /// `lib.mkOverride priority value`; the lower number wins.
    pub fn mk_override(priority: u32, value: impl Into<Self>) -> Self {
        Self::call("mkOverride", [Self::from(priority), value.into()])
    }

    /// `lib.mkBefore value`: ahead of what other modules say.
    pub fn mk_before(value: impl Into<Self>) -> Self {
        Self::call("mkBefore", [value.into()])
    }

    /// `lib.mkAfter value`: behind what other modules say.
    pub fn mk_after(value: impl Into<Self>) -> Self {
        Self::call("mkAfter", [value.into()])
    }

    /// `lib.mkIf condition value`: nothing is said where the condition does not hold.
    pub fn mk_if(condition: Reference, value: impl Into<Self>) -> Self {
        Self::call("mkIf", [Self::Reference(condition), value.into()])
    }

    /// `lib.getExe pkgs.…`: the package's main program.
    pub fn get_exe(package: Reference) -> Self {
        Self::Call(Call::get_exe(package))
    }

    /// `lib.optional condition value`: a list of one, or none.
    pub fn optional(condition: impl Into<Self>, value: impl Into<Self>) -> Self {
        Self::call("optional", [condition.into(), value.into()])
    }

    /// `lib.optionals condition list`: the list, or an empty one.
    pub fn optionals(condition: impl Into<Self>, list: impl Into<Self>) -> Self {
        Self::call("optionals", [condition.into(), list.into()])
    }

    fn call<const N: usize>(function: &'static str, arguments: [Self; N]) -> Self {
        Self::Call(Call {
            function: Reference::lib(function),
            arguments: arguments.into(),
        })
    }
}

impl From<bool> for NixValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for NixValue {
            fn from(value: $integer) -> Self {
                Self::Integer(value.into())
            }
        }
    )*};
}
from_integers!(u8, u16, u32, i32, i64);

impl From<Finite> for NixValue {
    fn from(value: Finite) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for NixValue {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for NixValue {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<Template> for NixValue {
    fn from(value: Template) -> Self {
        Self::Template(value)
    }
}

impl From<RelativePath> for NixValue {
    fn from(value: RelativePath) -> Self {
        Self::Path(value)
    }
}

impl From<NixSet> for NixValue {
    fn from(value: NixSet) -> Self {
        Self::Set(value)
    }
}

impl From<Reference> for NixValue {
    fn from(value: Reference) -> Self {
        Self::Reference(value)
    }
}

impl From<Call> for NixValue {
    fn from(value: Call) -> Self {
        Self::Call(value)
    }
}

impl<T: Into<NixValue>> From<Vec<T>> for NixValue {
    fn from(values: Vec<T>) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<NixValue>, const N: usize> From<[T; N]> for NixValue {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Into<NixValue>> FromIterator<T> for NixValue {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self::List(values.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for NixValue {
    /// The expression alone, laid out as at the start of a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::print::value(self))
    }
}
