//! Expressions whose value depends on the machine that evaluates them.

use rnix::ast;
use rowan::ast::AstNode as _;

use super::source::Source;
use crate::diagnostic::place::Span;

/// The calls of `pathExists`, from whatever set it is taken, anywhere in the file.
pub(super) fn path_exists(expression: &ast::Expr, source: &Source<'_>) -> Vec<Span> {
    expression
        .syntax()
        .descendants()
        .filter_map(ast::Apply::cast)
        .filter(|call| call.lambda().is_some_and(|function| is_path_exists(&function)))
        .map(|call| source.span(call.syntax().text_range()))
        .collect()
}

fn is_path_exists(function: &ast::Expr) -> bool {
    match function {
        ast::Expr::Ident(name) => name.syntax().text() == "pathExists",
        ast::Expr::Select(select) => select
            .attrpath()
            .and_then(|path| path.attrs().last())
            .is_some_and(|last| last.syntax().text() == "pathExists"),
        _ => false,
    }
}
