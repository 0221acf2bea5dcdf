//! Which part of a file is the profile.

use rnix::SyntaxKind;
use rnix::ast::{self, HasEntry as _};
use rowan::ast::AstNode as _;

use super::NixFile;
use super::binding::static_name;
use super::data::Reader;
use super::refusal::called_name;
use super::source::Source;
use crate::profile::fault::{Fault, ReadError};
use crate::profile::tree::{Node, Set, Value};

/// The attribute of a NixOS configuration that holds the profile.
const ROOT: &str = "kernelcore";

/// The attributes that NixOS and the modules used beside it have at the top, other than [`ROOT`]. A set of nothing but
/// these is a module, not a profile with unknown fields.
const NIXOS_ROOTS: [&str; 36] = [
    "_module",
    "assertions",
    "boot",
    "config",
    "console",
    "containers",
    "disabledModules",
    "disko",
    "documentation",
    "environment",
    "fileSystems",
    "fonts",
    "hardware",
    "home-manager",
    "i18n",
    "imports",
    "location",
    "meta",
    "networking",
    "nix",
    "nixpkgs",
    "options",
    "powerManagement",
    "programs",
    "security",
    "services",
    "sops",
    "specialisation",
    "swapDevices",
    "system",
    "systemd",
    "time",
    "users",
    "virtualisation",
    "warnings",
    "zramSwap",
];

/// Reads the expression of a file into `file` and returns the complaints in the order of the text.
pub(super) fn read(expression: &ast::Expr, source: &Source<'_>, file: &mut NixFile) -> Vec<ReadError> {
    let mut reader = Reader::new(source);
    let mut body = expression.clone();
    let mut is_module = false;
    loop {
        body = match &body {
            ast::Expr::Paren(paren) => match paren.expr() {
                Some(inner) => inner,
                None => break,
            },
            ast::Expr::Lambda(function) => match function.body() {
                Some(inner) => {
                    is_module = true;
                    inner
                }
                None => break,
            },
            // Data needs no name from the scope, so the scope does not matter.
            ast::Expr::With(scope) => match scope.body() {
                Some(inner) => inner,
                None => break,
            },
            ast::Expr::LetIn(binding) => {
                refuse_let(&mut reader, binding);
                match binding.body() {
                    Some(inner) => inner,
                    None => break,
                }
            }
            _ => break,
        };
    }
    match &body {
        ast::Expr::AttrSet(set) => {
            let span = source.span(set.syntax().text_range());
            let heads = heads(set);
            let only_nixos = !heads.is_empty() && heads.iter().all(|head| NIXOS_ROOTS.contains(&head.as_str()));
            if is_module || only_nixos || holds_root(set) {
                Module::read(&mut reader, set, file);
            } else {
                file.profile = Some(reader.set(set, span));
            }
        }
        other => {
            let node = reader.expression(other);
            match node.value {
                Value::Set(_) => file.profile = Some(node),
                Value::Removed => {}
                value => {
                    let message = format!("a profile is an attribute set, not {}", value.kind());
                    reader.complain(ReadError::new(Fault::UnknownValue, node.span, message));
                }
            }
        }
    }
    reader.faults.sorted()
}

fn refuse_let(reader: &mut Reader<'_>, binding: &ast::LetIn) {
    let range = binding
        .let_token()
        .map_or_else(|| binding.syntax().text_range(), |token| token.text_range());
    let error = ReadError::new(
        Fault::NeedsEvaluation,
        reader.source.span(range),
        "`let` needs Nix to follow its names",
    )
    .help("write each value where its name is used");
    reader.complain(error);
}

/// The first names of the attributes of a set.
fn heads(set: &ast::AttrSet) -> Vec<String> {
    set.attrpath_values()
        .map(|binding| {
            binding
                .attrpath()
                .and_then(|path| path.attrs().next())
                .and_then(|head| static_name(&head))
                .unwrap_or_default()
        })
        .collect()
}

/// Whether a set has `kernelcore`, or `config.kernelcore`, as an attribute.
fn holds_root(set: &ast::AttrSet) -> bool {
    set.entries().any(|entry| match entry {
        ast::Entry::Inherit(inherit) => inherits_root(&inherit),
        ast::Entry::AttrpathValue(binding) => {
            let mut names = binding
                .attrpath()
                .into_iter()
                .flat_map(|path| path.attrs())
                .map_while(|name| static_name(&name));
            match names.next().as_deref() {
                Some(ROOT) => true,
                Some("config") => match names.next() {
                    Some(second) => second == ROOT,
                    None => match binding.value() {
                        Some(ast::Expr::AttrSet(inner)) => holds_root(&inner),
                        _ => false,
                    },
                },
                _ => false,
            }
        }
    })
}

fn inherits_root(inherit: &ast::Inherit) -> bool {
    inherit.attrs().any(|name| static_name(&name).as_deref() == Some(ROOT))
}

/// A module taken apart: `kernelcore` on one side, what belongs to NixOS on the other.
#[derive(Default)]
struct Module {
    /// A set that has `kernelcore` as its only attribute, once that is found.
    own: Set,
    foreign: Set,
}

impl Module {
    fn read(reader: &mut Reader<'_>, set: &ast::AttrSet, file: &mut NixFile) {
        let span = reader.source.span(set.syntax().text_range());
        let mut module = Self::default();
        module.entries(reader, set);
        file.foreign = Some(Node::new(span, Value::Set(module.foreign)));
        file.profile = match module.own.remove(ROOT).map(|entry| entry.node) {
            None => Some(Node::new(span, Value::Set(Set::new()))),
            Some(node) => match node.value {
                Value::Set(_) => Some(node),
                Value::Removed => None,
                other => {
                    let message = format!("`{ROOT}` is a set, not {}", other.kind());
                    reader.complain(ReadError::new(Fault::UnknownValue, node.span, message));
                    None
                }
            },
        };
    }

    fn entries(&mut self, reader: &mut Reader<'_>, set: &ast::AttrSet) {
        for entry in set.entries() {
            match entry {
                ast::Entry::Inherit(inherit) => {
                    if inherits_root(&inherit) {
                        reader.inherit(&inherit);
                    }
                }
                ast::Entry::AttrpathValue(binding) => self.binding(reader, &binding),
            }
        }
    }

    fn binding(&mut self, reader: &mut Reader<'_>, binding: &ast::AttrpathValue) {
        let Some(value) = binding.value() else { return };
        let place = reader.source.span(binding.syntax().text_range());
        let was_quiet = std::mem::replace(&mut reader.quiet, true);
        let Some(mut path) = reader.attribute_path(binding) else {
            // An attribute below `kernelcore` whose name needs evaluation is the profile's affair.
            reader.quiet = was_quiet;
            if starts_at_root(binding) {
                reader.attribute_path(binding);
            }
            return;
        };
        reader.quiet = was_quiet;
        if path.first().is_some_and(|(name, _)| name == "config") {
            match (&value, path.len()) {
                (ast::Expr::AttrSet(inner), 1) => return self.entries(reader, inner),
                (_, 1) => return refuse_hidden(reader, &value),
                _ => {
                    path.remove(0);
                }
            }
        }
        match path.first().map(|(name, _)| name.as_str()) {
            Some(ROOT) => reader.bind(&mut self.own, &path, &value, place),
            Some("options") => {}
            head => {
                if head == Some("imports") {
                    refuse_hidden(reader, &value);
                }
                reader.quiet = true;
                reader.bind(&mut self.foreign, &path, &value, place);
                reader.quiet = was_quiet;
            }
        }
    }
}

fn starts_at_root(binding: &ast::AttrpathValue) -> bool {
    let mut names = binding
        .attrpath()
        .into_iter()
        .flat_map(|path| path.attrs())
        .map_while(|name| static_name(&name))
        .skip_while(|name| name == "config");
    names.next().as_deref() == Some(ROOT)
}

/// Complains about each part of a module that sets `kernelcore` where only Nix could find it: behind `lib.mkIf`, in a list
/// of `lib.mkMerge` or `imports`, in a branch of `if`.
fn refuse_hidden(reader: &mut Reader<'_>, expression: &ast::Expr) {
    let mut pending = vec![expression.clone()];
    while let Some(part) = pending.pop() {
        match &part {
            ast::Expr::AttrSet(set) => {
                if holds_root(set) {
                    refuse_hidden_set(reader, set, expression);
                }
            }
            // Functions, calls and operators: look at what they are made of, but not into the attributes of sets.
            other => pending.extend(
                other
                    .syntax()
                    .children()
                    .filter(|child| child.kind() != SyntaxKind::NODE_ATTRPATH_VALUE)
                    .filter_map(ast::Expr::cast),
            ),
        }
    }
}

fn refuse_hidden_set(reader: &mut Reader<'_>, set: &ast::AttrSet, within: &ast::Expr) {
    let span = reader.source.span(set.syntax().text_range());
    let around = match within {
        ast::Expr::Apply(call) => format!("in the call of `{}`", called_name(call)),
        ast::Expr::List(_) => "in a list of modules".to_owned(),
        _ => "in an expression".to_owned(),
    };
    let error = ReadError::new(
        Fault::NeedsEvaluation,
        span,
        format!("`{ROOT}` stands {around}, where only Nix can find it"),
    )
    .help(format!("write `{ROOT}` at the top of the module"));
    reader.complain(error);
}
