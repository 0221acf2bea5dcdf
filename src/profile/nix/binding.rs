//! Bindings of attribute sets, merged as Nix merges them.

use rnix::ast::{self, HasEntry as _};
use rowan::ast::AstNode as _;

use super::data::Reader;
use super::{guard, string};
use crate::diagnostic::place::Span;
use crate::profile::fault::{Fault, ReadError};
use crate::profile::limit::MAX_DEPTH;
use crate::profile::text;
use crate::profile::tree::{Node, Set, Value};

/// Attribute names of a path, from the outside in, each with its place.
pub(super) type Path = Vec<(String, Span)>;

impl Reader<'_> {
    /// An attribute set as a tree; its text is at `span`.
    pub(super) fn set(&mut self, set: &ast::AttrSet, span: Span) -> Node {
        let mut entries = Set::new();
        for entry in set.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => self.inherit(&inherit),
                ast::Entry::AttrpathValue(binding) => {
                    let place = self.source.span(binding.syntax().text_range());
                    if let (Some(path), Some(value)) = (self.attribute_path(&binding), binding.value()) {
                        self.bind(&mut entries, &path, &value, place);
                    }
                }
            }
        }
        Node::new(span, Value::Set(entries))
    }

    /// Adds `path = value;`, written at `place`, to `entries`.
    pub(super) fn bind(&mut self, entries: &mut Set, path: &[(String, Span)], value: &ast::Expr, place: Span) {
        if self.depth + path.len() > MAX_DEPTH {
            let span = path.last().map_or(place, |(_, span)| *span);
            self.complain(guard::too_deep(span));
            return;
        }
        self.depth += path.len();
        let node = self.expression(value);
        self.depth -= path.len();
        self.merge(entries, path, node, place);
    }

    pub(super) fn inherit(&mut self, inherit: &ast::Inherit) {
        let span = self.source.span(inherit.syntax().text_range());
        self.evaluation(
            span,
            "`inherit` takes a value that only Nix knows",
            "write `name = value;` with the value itself",
        );
    }

    /// The names of a binding; `None`, with a complaint, if one of them would need evaluation.
    pub(super) fn attribute_path(&mut self, binding: &ast::AttrpathValue) -> Option<Path> {
        let mut path = Path::new();
        for attribute in binding.attrpath()?.attrs() {
            let span = self.source.span(attribute.syntax().text_range());
            let Some(name) = static_name(&attribute) else {
                self.evaluation(
                    span,
                    "an attribute name with an interpolation needs Nix to fill it in",
                    "write the name itself",
                );
                return None;
            };
            if name.contains('\0') {
                self.complain(text::nul(span));
                return None;
            }
            path.push((name, span));
        }
        (!path.is_empty()).then_some(path)
    }

    /// Merges a value into `entries` as Nix does: sets that are written out merge, anything else is a duplicate.
    fn merge(&mut self, entries: &mut Set, path: &[(String, Span)], node: Node, place: Span) {
        let Some(((name, span), rest)) = path.split_first() else {
            return;
        };
        let Some(present) = entries.entry(name) else {
            let node = if rest.is_empty() {
                node
            } else {
                let mut inner = Set::new();
                self.merge(&mut inner, rest, node, place);
                Node::new(place, Value::Set(inner))
            };
            entries.insert(name.clone(), *span, node);
            return;
        };
        let earlier = present.key_span;
        let open = |reader: &Self, node: &Node| !reader.closed.contains(&node.span);
        let mergeable = open(self, &present.node) && (!rest.is_empty() || open(self, &node));
        let present = entries.get_mut(name).map(|present| &mut present.value);
        match (present, rest, node.value) {
            (Some(Value::Set(inner)), [_, ..], value) if mergeable => {
                self.merge(inner, rest, Node::new(node.span, value), place);
            }
            (Some(Value::Set(inner)), [], Value::Set(more)) if mergeable => {
                for (key, entry) in more {
                    self.merge(inner, &[(key, entry.key_span)], entry.node, place);
                }
            }
            _ => self.complain(
                ReadError::new(Fault::DuplicateKey, *span, format!("attribute `{name}` is given twice"))
                    .other(earlier)
                    .help("keep one of the two"),
            ),
        }
    }
}

/// The name that an attribute is written as, if it is written out.
pub(super) fn static_name(attribute: &ast::Attr) -> Option<String> {
    match attribute {
        ast::Attr::Ident(name) => Some(name.syntax().text().to_string()),
        ast::Attr::Dynamic(_) => None,
        ast::Attr::Str(literal) => {
            if literal.syntax().children().next().is_some() {
                return None;
            }
            Some(string::value(&literal.syntax().text().to_string()))
        }
    }
}
