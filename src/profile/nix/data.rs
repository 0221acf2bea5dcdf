//! Expressions that are data, as a tree; anything that would need evaluation is a complaint at its place.

use std::collections::BTreeSet;

use rnix::SyntaxKind;
use rnix::ast::{self, BinOpKind, HasEntry as _, LiteralKind, UnaryOpKind};
use rowan::ast::AstNode as _;

use super::source::Source;
use super::{guard, string};
use crate::diagnostic::place::Span;
use crate::profile::fault::{Fault, Faults, ReadError};
use crate::profile::limit::MAX_DEPTH;
use crate::profile::text;
use crate::profile::tree::{Node, Set, Value};

/// Attribute names of a path, from the outside in, each with its place.
pub(super) type Path = Vec<(String, Span)>;

/// Reads expressions and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) faults: Faults,
    /// Whether complaints are dropped: what does not belong to the profile may be anything.
    pub(super) quiet: bool,
    depth: usize,
    /// Sets that stood in a function call, with which Nix merges nothing.
    closed: BTreeSet<Span>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source<'a>) -> Self {
        Self {
            source,
            faults: Faults::default(),
            quiet: false,
            depth: 0,
            closed: BTreeSet::new(),
        }
    }

    pub(super) fn complain(&mut self, error: ReadError) {
        if !self.quiet {
            self.faults.push(error);
        }
    }

    fn refuse(&mut self, error: ReadError) -> Node {
        let span = error.span;
        self.complain(error);
        Node::removed(span)
    }

    fn evaluation(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Node {
        self.refuse(ReadError::new(Fault::NeedsEvaluation, span, message).help(help))
    }

    /// An expression as data.
    pub(super) fn expression(&mut self, expression: &ast::Expr) -> Node {
        let span = self.source.span(expression.syntax().text_range());
        match expression {
            ast::Expr::Literal(literal) => self.literal(literal, span),
            ast::Expr::Str(literal) => self.string(literal, span),
            ast::Expr::PathAbs(_) | ast::Expr::PathRel(_) | ast::Expr::PathHome(_) => self.path(expression, span),
            ast::Expr::List(list) => {
                self.depth += 1;
                let items = list.items().map(|item| self.expression(&item)).collect();
                self.depth -= 1;
                Node::new(span, Value::List(items))
            }
            ast::Expr::AttrSet(set) => self.set(set, span),
            ast::Expr::Paren(paren) => match paren.expr() {
                Some(inner) => self.expression(&inner),
                None => Node::removed(span),
            },
            ast::Expr::Ident(name) => self.name(&name.syntax().text().to_string(), span),
            ast::Expr::UnaryOp(operation) => self.unary(operation, span),
            ast::Expr::Select(select) => self.select(select, span),
            ast::Expr::Apply(call) => self.call(call, span),
            other => {
                let (message, help) = refusal(other);
                self.evaluation(span, message, help)
            }
        }
    }

    fn literal(&mut self, literal: &ast::Literal, span: Span) -> Node {
        let text = literal.syntax().text().to_string();
        match literal.kind() {
            LiteralKind::Integer(_) => self.integer(&text, span),
            LiteralKind::Float(_) => self.float(&text, span),
            LiteralKind::Uri(_) => Node::new(span, Value::String(text)),
        }
    }

    fn integer(&mut self, text: &str, span: Span) -> Node {
        match text.parse() {
            Ok(number) => Node::new(span, Value::Integer(number)),
            Err(_) => self.refuse(ReadError::new(
                Fault::NumberOutOfRange,
                span,
                format!("a number of Nix is at most {}", i64::MAX),
            )),
        }
    }

    fn float(&mut self, text: &str, span: Span) -> Node {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Node::new(span, Value::Float(number)),
            _ => self.refuse(ReadError::new(
                Fault::NumberOutOfRange,
                span,
                "the number is too large for a floating-point number",
            )),
        }
    }

    fn unary(&mut self, operation: &ast::UnaryOp, span: Span) -> Node {
        let negated = match (operation.operator(), operation.expr()) {
            (Some(UnaryOpKind::Negate), Some(ast::Expr::Literal(literal))) => self.literal(&literal, span).value,
            _ => Value::Null,
        };
        match negated {
            Value::Integer(number) => Node::new(span, Value::Integer(-number)),
            Value::Float(number) => Node::new(span, Value::Float(-number)),
            Value::Removed => Node::removed(span),
            _ => self.evaluation(
                span,
                "an operator needs Nix to work it out",
                "write the value that it yields",
            ),
        }
    }

    fn string(&mut self, literal: &ast::Str, span: Span) -> Node {
        let interpolations: Vec<_> = literal.syntax().children().filter_map(ast::Interpol::cast).collect();
        if !interpolations.is_empty() {
            return self.interpolated(literal, &interpolations, span);
        }
        let value = string::value(&literal.syntax().text().to_string());
        if value.contains('\0') {
            return self.refuse(text::nul(span));
        }
        Node::new(span, Value::String(value))
    }

    /// `"${config.sops.secrets.x.path}"` is the secret; any other interpolation needs Nix.
    fn interpolated(&mut self, literal: &ast::Str, interpolations: &[ast::Interpol], span: Span) -> Node {
        let bare = !literal
            .syntax()
            .children_with_tokens()
            .any(|part| part.kind() == SyntaxKind::TOKEN_STRING_CONTENT);
        if let ([only], true) = (interpolations, bare)
            && let Some(ast::Expr::Select(select)) = only.expr()
            && let Some(name) = secret(&select)
        {
            return Node::new(span, Value::Secret(name));
        }
        for interpolation in interpolations {
            let place = self.source.span(interpolation.syntax().text_range());
            self.evaluation(
                place,
                "an interpolation needs Nix to fill it in",
                "write the whole text out; a literal `${` is `\\${` in \"…\" and `''${` in ''…''",
            );
        }
        Node::removed(span)
    }

    fn path(&mut self, path: &ast::Expr, span: Span) -> Node {
        if path.syntax().children().next().is_some() {
            return self.evaluation(
                span,
                "an interpolation in a path needs Nix to fill it in",
                "write the whole path out",
            );
        }
        Node::new(span, Value::Path(path.syntax().text().to_string()))
    }

    fn name(&mut self, name: &str, span: Span) -> Node {
        match name {
            "true" => Node::new(span, Value::Bool(true)),
            "false" => Node::new(span, Value::Bool(false)),
            "null" => Node::new(span, Value::Null),
            _ => self.evaluation(
                span,
                format!("only Nix can know what `{name}` stands for"),
                format!("write the value itself; if it is text, put it in quotes: \"{name}\""),
            ),
        }
    }

    fn select(&mut self, select: &ast::Select, span: Span) -> Node {
        if let Some(name) = secret(select) {
            return Node::new(span, Value::Secret(name));
        }
        let written = select.syntax().text().to_string();
        if is_named(select.expr().as_ref(), "config") {
            return self.refuse(
                ReadError::new(
                    Fault::UnknownReference,
                    span,
                    format!("`{}` refers to nothing that a profile knows", shortened(&written)),
                )
                .help("write the value itself; the one reference that is understood is `config.sops.secrets.\"NAME\".path`"),
            );
        }
        self.evaluation(
            span,
            format!("only Nix can know what `{}` stands for", shortened(&written)),
            "write the value itself",
        )
    }

    fn call(&mut self, call: &ast::Apply, span: Span) -> Node {
        if let (Some(function), Some(argument)) = (call.lambda(), call.argument())
            && is_priority(&function)
        {
            let inner = self.expression(&argument);
            self.closed.insert(inner.span);
            return inner;
        }
        if !called(call).is_some_and(|function| is_function(&function)) {
            return self.evaluation(
                span,
                "a value beside another is a call to Nix",
                "in a list, the elements stand between `[` and `]`; after a binding there is a `;`",
            );
        }
        let name = called_name(call);
        let help = match name.rsplit('.').next() {
            Some("mkIf") => "a profile has no conditions: write the value, or leave the option out",
            Some("mkMerge") => "write one set with all attributes",
            Some("import" | "readFile" | "fromJSON" | "fromTOML") => "write what the file says here",
            _ => "write the value that the call yields",
        };
        self.evaluation(span, format!("a call of `{}` needs Nix", shortened(&name)), help)
    }

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

/// The name in `config.sops.secrets."NAME".path`.
fn secret(select: &ast::Select) -> Option<String> {
    if select.default_expr().is_some() || !is_named(select.expr().as_ref(), "config") {
        return None;
    }
    let names: Vec<_> = select
        .attrpath()?
        .attrs()
        .map(|attribute| static_name(&attribute))
        .collect::<Option<_>>()?;
    match <[_; 4]>::try_from(names).ok()? {
        [sops, secrets, name, path] if sops == "sops" && secrets == "secrets" && path == "path" => Some(name),
        _ => None,
    }
}

/// Whether an expression is the name `name`.
fn is_named(expression: Option<&ast::Expr>, name: &str) -> bool {
    matches!(expression, Some(ast::Expr::Ident(ident)) if ident.syntax().text() == name)
}

/// Whether a function only sets the priority of an option: `lib.mkDefault`, `mkForce`.
fn is_priority(function: &ast::Expr) -> bool {
    let text = match function {
        ast::Expr::Ident(_) | ast::Expr::Select(_) => function.syntax().text().to_string(),
        ast::Expr::Paren(paren) => return paren.expr().is_some_and(|inner| is_priority(&inner)),
        _ => return false,
    };
    matches!(text.as_str(), "mkDefault" | "mkForce" | "lib.mkDefault" | "lib.mkForce")
}

/// The function of a call of any number of arguments.
fn called(call: &ast::Apply) -> Option<ast::Expr> {
    let mut function = call.lambda();
    while let Some(ast::Expr::Apply(inner)) = &function {
        function = inner.lambda();
    }
    function
}

/// The function of a call of any number of arguments, as written.
pub(super) fn called_name(call: &ast::Apply) -> String {
    called(call)
        .map(|function| function.syntax().text().to_string())
        .unwrap_or_default()
}

/// Whether an expression could be called; data could not.
fn is_function(expression: &ast::Expr) -> bool {
    !matches!(
        expression,
        ast::Expr::Literal(_)
            | ast::Expr::Str(_)
            | ast::Expr::List(_)
            | ast::Expr::AttrSet(_)
            | ast::Expr::PathAbs(_)
            | ast::Expr::PathRel(_)
            | ast::Expr::PathHome(_)
    )
}

/// Written text for a message: its start, on one line.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}

/// Why an expression is no data, and the way out.
fn refusal(expression: &ast::Expr) -> (&'static str, &'static str) {
    match expression {
        ast::Expr::LetIn(_) | ast::Expr::LegacyLet(_) => (
            "`let` needs Nix to follow its names",
            "write each value where its name is used",
        ),
        ast::Expr::With(_) => (
            "`with` needs Nix to look its names up",
            "write the value without `with`",
        ),
        ast::Expr::IfElse(_) => (
            "a condition needs Nix to decide it",
            "write the value that is meant; hosts that differ have a profile each",
        ),
        ast::Expr::Assert(_) => ("`assert` needs Nix to check it", "write the value alone"),
        ast::Expr::Lambda(_) => ("a function is no value of a profile", "write the value that it yields"),
        ast::Expr::PathSearch(_) => (
            "a search path such as `<nixpkgs>` needs Nix to find it",
            "write the path itself",
        ),
        ast::Expr::BinOp(operation) => match operation.operator() {
            Some(BinOpKind::Concat) => ("`++` needs Nix to join the lists", "write one list with all elements"),
            Some(BinOpKind::Update) => ("`//` needs Nix to merge the sets", "write one set with all attributes"),
            Some(BinOpKind::Add) => (
                "`+` needs Nix to work it out",
                "write the text or number that it yields",
            ),
            _ => ("an operator needs Nix to work it out", "write the value that it yields"),
        },
        _ => ("this needs Nix to evaluate it", "write the value that it yields"),
    }
}
