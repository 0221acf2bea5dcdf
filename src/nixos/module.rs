//! A NixOS module: a function of the arguments that it uses, and its bindings.

use std::collections::BTreeSet;
use std::fmt;

use super::print;
use super::value::{Argument, Binding, Call, NixSet, NixValue, Part, Template};

/// A file that holds one NixOS module.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Module {
    /// Lines of comment at the top of the file.
    pub header: String,
    /// Names that the file defines for itself (`let … in`), in the order of their definition.
    pub definitions: Vec<(&'static str, NixValue)>,
    /// The options that the module sets.
    pub body: NixSet,
}

impl Module {
    /// A module that sets nothing, with `header` as the comment at its top.
    pub fn new(header: impl Into<String>) -> Self {
        Self {
            header: header.into(),
            definitions: Vec::new(),
            body: NixSet::new(),
        }
    }

    /// Adds a binding; see [`NixSet::bind`].
    pub fn bind(&mut self, binding: Binding) {
        self.body.bind(binding);
    }

    /// Gives `value` a name that [`Reference::defined`](super::value::Reference::defined) can use in the body.
    pub fn define(&mut self, name: &'static str, value: impl Into<NixValue>) {
        self.definitions.push((name, value.into()));
    }

    /// The arguments that the module's bindings refer to, in the order of their names.
    pub fn arguments(&self) -> BTreeSet<Argument> {
        let mut used = BTreeSet::new();
        self.definitions
            .iter()
            .for_each(|(_, value)| in_value(value, &mut used));
        in_set(&self.body, &mut used);
        used.retain(|argument| !matches!(argument, Argument::Defined(_)));
        used
    }
}

fn in_set(set: &NixSet, used: &mut BTreeSet<Argument>) {
    for binding in set.bindings() {
        in_value(&binding.value, used);
    }
}

fn in_value(value: &NixValue, used: &mut BTreeSet<Argument>) {
    match value {
        NixValue::Template(template) | NixValue::TemplateLines(template) => in_template(template, used),
        NixValue::List(items) => items.iter().for_each(|item| in_value(item, used)),
        NixValue::Set(set) => in_set(set, used),
        NixValue::Reference(reference) | NixValue::OrThrow(reference, _) | NixValue::Differs(reference, _) => {
            used.insert(reference.argument);
        }
        NixValue::Call(call) => in_call(call, used),
        NixValue::HasPackage(_) => {
            used.insert(Argument::Pkgs);
        }
        NixValue::Null
        | NixValue::Bool(_)
        | NixValue::Integer(_)
        | NixValue::Float(_)
        | NixValue::String(_)
        | NixValue::Lines(_)
        | NixValue::Path(_) => {}
    }
}

fn in_call(call: &Call, used: &mut BTreeSet<Argument>) {
    used.insert(call.function.argument);
    call.arguments.iter().for_each(|argument| in_value(argument, used));
}

fn in_template(template: &Template, used: &mut BTreeSet<Argument>) {
    for part in template.parts() {
        match part {
            Part::Text(_) => {}
            Part::Reference(reference) => {
                used.insert(reference.argument);
            }
            Part::Call(call) => in_call(call, used),
        }
    }
}

impl fmt::Display for Module {
    /// The whole file, as the formatter `alejandra` leaves it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print::module(self))
    }
}
