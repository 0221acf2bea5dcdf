//! Literals that Nix has only for some values.

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
