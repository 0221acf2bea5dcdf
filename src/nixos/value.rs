//! Nix expressions as data. Every constructor takes text as text: nothing that a profile says can become Nix code.

use std::fmt;

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
}

/// A number that is neither infinite nor NaN, for which Nix has no literal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finite(f64);

impl Finite {
    /// `None` for infinities and NaN.
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// A path literal relative to the file that holds it: `./` or `../`, then names of letters, digits and `._+-`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelativePath(String);

impl RelativePath {
    /// The path of `file`, given relative to the directory of the file that will hold it (`modules/x.nix`). `None` if Nix
    /// cannot write it as a literal.
    pub fn new(file: &str) -> Option<Self> {
        let names = file.strip_prefix("./").unwrap_or(file);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'+' | b'-');
        let literal = names.split('/').all(|name| !name.is_empty() && name.bytes().all(plain));
        literal.then(|| {
            if names == ".." || names.starts_with("../") {
                Self(names.to_owned())
            } else {
                Self(format!("./{names}"))
            }
        })
    }

    /// The literal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a [`Reference`] can start from: the arguments of a NixOS module, or a name that the module itself defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Argument {
    /// The merged configuration of the host.
    Config,
    /// The Nixpkgs library.
    Lib,
    /// The package set.
    Pkgs,
    /// A name that the file defines ([`super::module::Module::define`]).
    Defined(&'static str),
}

impl Argument {
    /// The name as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Lib => "lib",
            Self::Pkgs => "pkgs",
            Self::Defined(name) => name,
        }
    }
}

/// An attribute of one of the module's arguments.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// Where it starts.
    pub argument: Argument,
    /// The attributes below.
    pub path: AttrPath,
}

impl Reference {
    /// `config.…`
    pub fn config(path: impl Into<AttrPath>) -> Self {
        Self::below(Argument::Config, path)
    }

    /// `lib.…`
    pub fn lib(path: impl Into<AttrPath>) -> Self {
        Self::below(Argument::Lib, path)
    }

    /// `pkgs.…`
    pub fn package(path: impl Into<AttrPath>) -> Self {
        Self::below(Argument::Pkgs, path)
    }

    /// A name that the file defines ([`super::module::Module::define`]).
    pub fn defined(name: &'static str) -> Self {
        Self {
            argument: Argument::Defined(name),
            path: AttrPath::default(),
        }
    }

    /// `config.sops.secrets."name".path`: the file that sops-nix writes the secret to.
    pub fn secret(name: &str) -> Self {
        Self::config(AttrPath::of("sops.secrets").name(name).name("path"))
    }

    fn below(argument: Argument, path: impl Into<AttrPath>) -> Self {
        Self {
            argument,
            path: path.into(),
        }
    }
}

/// Attribute names from the outside in. Names that are no identifiers are printed in quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct AttrPath(Vec<String>);

impl AttrPath {
    /// A path of plain names known when the program is written: `services.nginx.virtualHosts`.
    pub fn of(dotted: &'static str) -> Self {
        Self(dotted.split('.').map(str::to_owned).collect())
    }

    /// A path of one name, whatever characters it has.
    pub fn single(name: impl Into<String>) -> Self {
        Self(vec![name.into()])
    }

    /// This path, one attribute further; the name may have any characters.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(name.into());
        self
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl From<&'static str> for AttrPath {
    fn from(dotted: &'static str) -> Self {
        Self::of(dotted)
    }
}

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

/// Bindings in the order in which they are printed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NixSet {
    bindings: Vec<Binding>,
}

/// `services.tailscale.enable = true;` with what stands above it.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    /// The attribute path.
    pub path: AttrPath,
    /// The value.
    pub value: NixValue,
    /// Lines of comment above the binding.
    pub comment: Option<String>,
    /// Whether an empty line parts the binding from the one before.
    pub spaced: bool,
}

impl Binding {
    /// A binding without comment.
    pub fn new(path: impl Into<AttrPath>, value: impl Into<NixValue>) -> Self {
        Self {
            path: path.into(),
            value: value.into(),
            comment: None,
            spaced: false,
        }
    }

    /// The binding with `text` above it; each line of the text becomes a line of comment.
    #[must_use]
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.comment = Some(text.into());
        self
    }

    /// The binding with an empty line above it.
    #[must_use]
    pub fn spaced(mut self) -> Self {
        self.spaced = true;
        self
    }
}

impl NixSet {
    /// `{}`
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a binding, or replaces the one of the same path in its place.
    pub fn bind(&mut self, binding: Binding) {
        match self.bindings.iter_mut().find(|present| present.path == binding.path) {
            Some(present) => *present = binding,
            None => self.bindings.push(binding),
        }
    }

    /// Adds a binding without comment.
    pub fn set(&mut self, path: impl Into<AttrPath>, value: impl Into<NixValue>) {
        self.bind(Binding::new(path, value));
    }

    /// The set with one more binding, for sets built in one expression.
    #[must_use]
    pub fn with(mut self, path: impl Into<AttrPath>, value: impl Into<NixValue>) -> Self {
        self.set(path, value);
        self
    }

    /// The bindings.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// Whether there is no binding.
    pub fn is_empty(&self) -> bool {
        self.bindings.is_empty()
    }
}

impl<P: Into<AttrPath>, V: Into<NixValue>> FromIterator<(P, V)> for NixSet {
    fn from_iter<I: IntoIterator<Item = (P, V)>>(pairs: I) -> Self {
        let mut set = Self::new();
        for (path, value) in pairs {
            set.set(path, value);
        }
        set
    }
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

    /// `lib.getExe pkgs.…`: the package's main program.
    pub fn get_exe(package: Reference) -> Self {
        Self::Call(Call::get_exe(package))
    }

    /// `lib.optional condition value`: a list of one, or none.
    pub fn optional(condition: impl Into<Self>, value: impl Into<Self>) -> Self {
        Self::call("optional", [condition.into(), value.into()])
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
