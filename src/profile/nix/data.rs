//! Expressions that are data, as a tree; anything that would need evaluation is a complaint at its place.

use std::collections::BTreeSet;

use rnix::SyntaxKind;
use rnix::ast::{self, LiteralKind, UnaryOpKind};
use rowan::ast::AstNode as _;

use super::binding::static_name;
use super::refusal::{refusal, refused_call, shortened};
use super::source::Source;
use super::string;
use crate::diagnostic::place::Span;
use crate::profile::fault::{Fault, Faults, ReadError};
use crate::profile::text;
use crate::profile::tree::{Node, Value};

/// Reads expressions and gathers what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) faults: Faults,
    /// Whether complaints are dropped: what does not belong to the profile may be anything.
    pub(super) quiet: bool,
    pub(super) depth: usize,
    /// Sets that stood in a function call, with which Nix merges nothing.
    pub(super) closed: BTreeSet<Span>,
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

    pub(super) fn evaluation(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) -> Node {
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
        let (message, help) = refused_call(call);
        self.evaluation(span, message, help)
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
