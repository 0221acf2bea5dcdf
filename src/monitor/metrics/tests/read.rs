//! A small reader of the text format, written from its description and not from our printer.

use std::collections::BTreeMap;

#[derive(Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) name: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) value: f64,
}

/// The samples of an exposition. Each metric's help and type stand once, before its samples, and all of these together.
pub(super) fn read(text: &str) -> Result<Vec<Sample>, String> {
    if !text.ends_with('\n') {
        return Err("the last line does not end".to_owned());
    }
    let mut samples: Vec<Sample> = Vec::new();
    let mut families: Vec<String> = Vec::new();
    let mut helped = String::new();
    // Line by line, by line feeds alone: a carriage return is an ordinary character.
    for line in text.strip_suffix('\n').unwrap_or_default().split('\n') {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, _) = help.split_once(' ').ok_or_else(|| format!("no help: {line}"))?;
            name.clone_into(&mut helped);
        } else if let Some(of_type) = line.strip_prefix("# TYPE ") {
            let (name, kind) = of_type.split_once(' ').ok_or_else(|| format!("no type: {line}"))?;
            if name != helped || !["gauge", "counter"].contains(&kind) || families.iter().any(|seen| seen == name) {
                return Err(line.to_owned());
            }
            families.push(name.to_owned());
        } else {
            let sample = sample(line).ok_or_else(|| format!("no sample: {line}"))?;
            if families.last() != Some(&sample.name) {
                return Err(format!("out of place: {line}"));
            }
            samples.push(sample);
        }
    }
    Ok(samples)
}

fn sample(line: &str) -> Option<Sample> {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        loop {
            let (label, after) = rest.split_once("=\"")?;
            let mut text = String::new();
            let mut characters = after.char_indices();
            let end = loop {
                match characters.next()? {
                    (at, '"') => break at,
                    (_, '\\') => text.push(match characters.next()?.1 {
                        'n' => '\n',
                        escaped @ ('\\' | '"') => escaped,
                        _ => return None,
                    }),
                    (_, other) => text.push(other),
                }
            };
            labels.insert(label.to_owned(), text).is_none().then_some(())?;
            rest = after.get(end + 1..)?;
            match rest.split_at_checked(1)? {
                (",", more) => rest = more,
                ("}", more) => {
                    rest = more;
                    break;
                }
                _ => return None,
            }
        }
    }
    let value = rest.strip_prefix(' ')?.parse().ok()?;
    Some(Sample {
        name: name.to_owned(),
        labels,
        value,
    })
}
