//! What needs evaluation, and how to write it as data.

use rnix::ast::{self, BinOpKind};
use rowan::ast::AstNode as _;

/// Why an expression is no data, and the way out.
pub(super) fn refusal(expression: &ast::Expr) -> (&'static str, &'static str) {
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

/// Why a call is no data, and the way out.
pub(super) fn refused_call(call: &ast::Apply) -> (String, &'static str) {
    if !called(call).is_some_and(|function| is_function(&function)) {
        return (
            "a value beside another is a call to Nix".to_owned(),
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
    (format!("a call of `{}` needs Nix", shortened(&name)), help)
}

/// The function of a call of any number of arguments, as written.
pub(super) fn called_name(call: &ast::Apply) -> String {
    called(call)
        .map(|function| function.syntax().text().to_string())
        .unwrap_or_default()
}

/// The function of a call of any number of arguments.
fn called(call: &ast::Apply) -> Option<ast::Expr> {
    let mut function = call.lambda();
    while let Some(ast::Expr::Apply(inner)) = &function {
        function = inner.lambda();
    }
    function
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
pub(super) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut short: String = line.chars().take(LONGEST).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short
}
