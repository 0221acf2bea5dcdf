//! Nix values as text, in the layout that the formatter `alejandra` (version 3) leaves unchanged.

use super::escape::{attribute_name, comment_lines, fits_indented, push_indented, push_quoted, quoted};
use super::module::Module;
use super::value::{Argument, AttrPath, Binding, Call, Finite, NixSet, NixValue, Part, Reference, Template};

/// A list of more characters than this is printed one element a line.
const INLINE_LIST_WIDTH: usize = 80;

/// The text of a file that holds `module`.
pub(super) fn module(module: &Module) -> String {
    let mut printer = Printer::default();
    if !module.header.is_empty() {
        printer.comment(&module.header);
    }
    let names: Vec<_> = module
        .arguments()
        .into_iter()
        .map(super::value::Argument::as_str)
        .chain(["..."])
        .collect();
    if names.len() > 2 {
        printer.push("{\n  ");
        printer.push(&names.join(",\n  "));
        printer.push("\n}: ");
    } else {
        printer.push("{");
        printer.push(&names.join(", "));
        printer.push("}: ");
    }
    if !module.definitions.is_empty() {
        printer.push("let");
        printer.indentation += 1;
        for (name, value) in &module.definitions {
            printer.line();
            printer.push(&attribute_name(name));
            printer.push(" = ");
            printer.value(value);
            printer.push(";");
        }
        printer.indentation -= 1;
        printer.push("\nin ");
    }
    printer.set(&module.body);
    printer.push("\n");
    printer.out
}

/// The text of one value.
pub(super) fn value(value: &NixValue) -> String {
    let mut printer = Printer::default();
    printer.value(value);
    printer.out
}

#[derive(Default)]
struct Printer {
    out: String,
    indentation: usize,
}

impl Printer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn line(&mut self) {
        self.out.push('\n');
        self.pad();
    }

    fn pad(&mut self) {
        for _ in 0..self.indentation {
            self.out.push_str("  ");
        }
    }

    fn comment(&mut self, text: &str) {
        for line in comment_lines(text) {
            self.push(&line);
            self.line();
        }
    }

    fn value(&mut self, value: &NixValue) {
        match value {
            NixValue::Null => self.push("null"),
            NixValue::Bool(true) => self.push("true"),
            NixValue::Bool(false) => self.push("false"),
            NixValue::Integer(number) => self.push(&integer(*number)),
            NixValue::Float(number) => self.push(&float(*number)),
            NixValue::String(text) => self.push(&quoted(text)),
            NixValue::Lines(text) => {
                if fits_indented(text) {
                    self.indented([Piece::Text(text)]);
                } else {
                    self.push(&quoted(text));
                }
            }
            NixValue::Template(template) => self.quoted_template(template),
            NixValue::TemplateLines(template) => self.template_lines(template),
            NixValue::Path(path) => self.push(path.as_str()),
            NixValue::List(items) => self.list(items),
            NixValue::Set(set) => self.set(set),
            NixValue::Reference(target) => self.push(&reference(target)),
            NixValue::Call(call) => self.call(call),
            NixValue::OrThrow(target, why) => {
                self.push(&reference(target));
                self.push(" or (throw ");
                self.push(&quoted(why));
                self.push(")");
            }
            NixValue::HasPackage(name) => {
                self.push(Argument::Pkgs.as_str());
                self.push(" ? ");
                self.push(&attribute_path(&AttrPath::of(name)));
            }
            NixValue::Differs(target, other) => {
                self.push(&reference(target));
                self.push(" != ");
                self.push(&quoted(other));
            }
        }
    }

    fn set(&mut self, set: &NixSet) {
        if set.is_empty() {
            self.push("{}");
            return;
        }
        self.push("{");
        self.indentation += 1;
        for (position, binding) in set.bindings().iter().enumerate() {
            if binding.spaced && position > 0 {
                self.push("\n");
            }
            self.line();
            self.binding(binding);
        }
        self.indentation -= 1;
        self.line();
        self.push("}");
    }

    fn binding(&mut self, binding: &Binding) {
        if let Some(text) = &binding.comment {
            self.comment(text);
        }
        self.push(&attribute_path(&binding.path));
        self.push(" = ");
        self.value(&binding.value);
        self.push(";");
    }

    fn list(&mut self, items: &[NixValue]) {
        if items.is_empty() {
            self.push("[]");
            return;
        }
        if let Some(line) = inline_list(items) {
            self.push(&line);
            return;
        }
        self.push("[");
        self.indentation += 1;
        for item in items {
            self.line();
            self.operand(item);
        }
        self.indentation -= 1;
        self.line();
        self.push("]");
    }

    /// A value where only a simple expression can stand: in a list, or as the argument of a function.
    fn operand(&mut self, value: &NixValue) {
        if is_simple(value) {
            self.value(value);
        } else {
            self.push("(");
            self.value(value);
            self.push(")");
        }
    }

    fn call(&mut self, call: &Call) {
        self.push(&reference(&call.function));
        for argument in &call.arguments {
            self.push(" ");
            self.operand(argument);
        }
    }

    fn quoted_template(&mut self, template: &Template) {
        self.push("\"");
        let mut parts = template.parts().iter().peekable();
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text) => push_quoted(&mut self.out, text, parts.peek().is_some()),
                other => self.interpolation(other),
            }
        }
        self.push("\"");
    }

    fn template_lines(&mut self, template: &Template) {
        // An interpolation is a word in its line.
        let shape: String = template
            .parts()
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                _ => "x",
            })
            .collect();
        if fits_indented(&shape) {
            self.indented(template.parts().iter().map(|part| match part {
                Part::Text(text) => Piece::Text(text),
                other => Piece::Interpolation(other),
            }));
        } else {
            self.quoted_template(template);
        }
    }

    fn interpolation(&mut self, part: &Part) {
        self.push("${");
        match part {
            Part::Text(text) => self.push(&quoted(text)),
            Part::Reference(target) => self.push(&reference(target)),
            Part::Call(call) => self.call(call),
        }
        self.push("}");
    }

    fn indented<'a>(&mut self, pieces: impl IntoIterator<Item = Piece<'a>>) {
        self.push("''\n");
        self.indentation += 1;
        let mut at_line_start = true;
        let mut pieces = pieces.into_iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Interpolation(part) => {
                    if at_line_start {
                        self.pad();
                        at_line_start = false;
                    }
                    self.interpolation(part);
                }
                Piece::Text(text) => {
                    let mut escaped = String::with_capacity(text.len());
                    push_indented(&mut escaped, text, pieces.peek().is_some());
                    for line in escaped.split_inclusive('\n') {
                        if at_line_start && line != "\n" {
                            self.pad();
                        }
                        self.push(line);
                        at_line_start = line.ends_with('\n');
                    }
                }
            }
        }
        self.indentation -= 1;
        self.pad();
        self.push("''");
    }
}

/// A piece of an indented string.
enum Piece<'a> {
    Text(&'a str),
    Interpolation(&'a Part),
}

fn is_simple(value: &NixValue) -> bool {
    match value {
        NixValue::Call(call) => call.arguments.is_empty(),
        NixValue::OrThrow(..) | NixValue::Differs(..) | NixValue::HasPackage(_) => false,
        NixValue::Integer(number) => *number >= 0,
        NixValue::Float(number) => number.get().is_sign_positive(),
        _ => true,
    }
}

/// The list on one line, if every element has one and the line stays short.
fn inline_list(items: &[NixValue]) -> Option<String> {
    let mut printer = Printer::default();
    printer.push("[");
    for (position, item) in items.iter().enumerate() {
        match item {
            NixValue::Set(set) if !set.is_empty() => return None,
            NixValue::List(inner) if !inner.is_empty() => return None,
            _ => {}
        }
        if position > 0 {
            printer.push(" ");
        }
        printer.operand(item);
        if printer.out.chars().count() > INLINE_LIST_WIDTH || printer.out.contains('\n') {
            return None;
        }
    }
    printer.push("]");
    Some(printer.out)
}

fn attribute_path(path: &AttrPath) -> String {
    path.names()
        .iter()
        .map(|name| attribute_name(name))
        .collect::<Vec<_>>()
        .join(".")
}

fn reference(target: &Reference) -> String {
    let start = target.argument.as_str();
    if target.path.names().is_empty() {
        return start.to_owned();
    }
    format!("{start}.{}", attribute_path(&target.path))
}

/// A literal of Nix has no sign, so its lowest number has no literal.
fn integer(number: i64) -> String {
    if number == i64::MIN {
        format!("{} - 1", number + 1)
    } else {
        number.to_string()
    }
}

/// A literal of Nix has a point even where it has an exponent.
fn float(number: Finite) -> String {
    let text = format!("{:?}", number.get());
    match text.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => format!("{mantissa}.0e{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
