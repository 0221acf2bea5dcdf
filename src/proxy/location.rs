//! Locations of a virtual host.

use super::directive::{Block, Directive, Item};
use super::word::Word;
use crate::model::FieldPath;

/// A `location` block.
#[derive(Debug, Clone, PartialEq)]
pub struct Location {
    /// How the path is compared.
    pub matching: Matching,
    /// The path, begins with a slash.
    pub path: String,
    /// What answers.
    pub answer: Answer,
    /// The htpasswd file, where basic authentication is asked for.
    pub password_file: Option<Word>,
    /// Everything else.
    pub items: Vec<Item>,
    /// The service.
    pub origin: Option<FieldPath>,
}

/// How a location's path is compared with the request's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    /// The request's path begins with it; the longest wins.
    Prefix,
    /// It is the request's path.
    Exact,
}

/// What answers in a location.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// `proxy_pass`
    ProxyPass(Word),
    /// `return`: a status, and a URL where it redirects.
    Return(&'static str, Option<Word>),
    /// The user's own directives.
    Own,
}

impl Location {
    /// What stands between `location` and its brace.
    pub fn arguments(&self) -> Vec<Word> {
        let path = Word::fixed(&*self.path);
        match self.matching {
            Matching::Prefix => vec![path],
            Matching::Exact => vec!["=".into(), path],
        }
    }

    /// The arguments of `return`, where it answers.
    pub fn returned(&self) -> Option<Vec<Word>> {
        match &self.answer {
            Answer::Return(status, url) => Some(std::iter::once((*status).into()).chain(url.clone()).collect()),
            Answer::ProxyPass(_) | Answer::Own => None,
        }
    }

    /// The directives of basic authentication, as NixOS writes them for `basicAuthFile`.
    pub fn password_directives(&self) -> Vec<Item> {
        self.password_file.clone().map_or_else(Vec::new, |file| {
            vec![
                Directive::new("auth_basic", ["secured"]).into(),
                Directive::new("auth_basic_user_file", [file]).into(),
            ]
        })
    }

    /// The whole block.
    pub fn block(&self) -> Block {
        let mut items = Vec::new();
        match &self.answer {
            Answer::ProxyPass(target) => items.push(Directive::new("proxy_pass", [target.clone()]).into()),
            Answer::Return(..) => items.extend(self.returned().map(|words| Directive::new("return", words).into())),
            Answer::Own => {}
        }
        items.extend(self.items.iter().cloned());
        items.extend(self.password_directives());
        Block {
            origin: self.origin.clone(),
            ..Block::new("location", self.arguments(), items)
        }
    }
}
