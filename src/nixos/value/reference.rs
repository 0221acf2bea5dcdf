//! Attributes of what a module is given, and paths of attribute names.

/// What a [`Reference`] can start from: the arguments of a NixOS module, or a name that the module itself defines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Argument {
    /// The merged configuration of the host.
    Config,
    /// The Nixpkgs library.
    Lib,
    /// The package set.
    Pkgs,
    /// A name that the file defines ([`crate::nixos::module::Module::define`]).
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

    /// A name that the file defines ([`crate::nixos::module::Module::define`]).
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
