//! Reads nginx's syntax back, by the rules of its own reader (`ngx_conf_read_token`), without knowing what we print.

use std::fmt;

/// A directive, with the directives in its block where it has one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    pub words: Vec<String>,
    pub block: Option<Vec<Node>>,
}

impl Node {
    pub fn name(&self) -> &str {
        &self.words[0]
    }

    /// The directives of this name in the block.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Node> {
        named(self.block.as_deref().unwrap_or_default(), name)
    }

    /// The arguments of the only directive of this name in the block.
    pub fn only<'a>(&'a self, name: &'a str) -> &'a [String] {
        let found: Vec<_> = self.all(name).collect();
        assert_eq!(found.len(), 1, "{name} in {self}");
        &found[0].words[1..]
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.words)?;
        self.block.iter().flatten().try_for_each(|node| write!(f, "\n  {node}"))
    }
}

pub fn named<'a>(nodes: &'a [Node], name: &'a str) -> impl Iterator<Item = &'a Node> {
    nodes.iter().filter(move |node| node.name() == name)
}

/// The tree of a text; `Err` where nginx would not take it for one.
pub fn read(text: &str) -> Result<Vec<Node>, String> {
    let mut rest = text.chars().collect::<Vec<_>>().into_iter().peekable();
    let mut open: Vec<(Vec<String>, Vec<Node>)> = Vec::new();
    let mut nodes = Vec::new();
    let mut words: Vec<String> = Vec::new();
    while let Some(character) = rest.next() {
        match character {
            ' ' | '\t' | '\n' | '\r' => {}
            '#' => while rest.next_if(|next| *next != '\n').is_some() {},
            ';' | '{' if words.is_empty() => return Err(format!("{character} without a directive")),
            ';' => nodes.push(Node {
                words: std::mem::take(&mut words),
                block: None,
            }),
            '{' => open.push((std::mem::take(&mut words), std::mem::take(&mut nodes))),
            '}' if !words.is_empty() => return Err(format!("}} after {words:?}")),
            '}' => {
                let (words, outer) = open.pop().ok_or("} without {")?;
                let block = Some(std::mem::replace(&mut nodes, outer));
                nodes.push(Node { words, block });
            }
            quote @ ('"' | '\'') => {
                let mut word = String::new();
                loop {
                    match rest.next().ok_or("a string without its end")? {
                        '\\' => word.push_str(&escaped(rest.next().ok_or("nothing after a backslash")?)),
                        end if end == quote => break,
                        other => word.push(other),
                    }
                }
                words.push(word);
                if !matches!(rest.peek(), None | Some(' ' | '\t' | '\n' | '\r' | ';' | '{' | ')')) {
                    return Err(format!("{:?} right after a string", rest.peek()));
                }
            }
            first => {
                let mut word = String::new();
                let mut next = Some(first);
                while let Some(character) = next {
                    if character == '\\' {
                        word.push_str(&escaped(rest.next().ok_or("nothing after a backslash")?));
                    } else {
                        word.push(character);
                    }
                    let variable = character == '$';
                    next = rest
                        .next_if(|next| !matches!(next, ' ' | '\t' | '\n' | '\r' | ';') && (variable || *next != '{'));
                }
                words.push(word);
            }
        }
    }
    if words.is_empty() && open.is_empty() {
        Ok(nodes)
    } else {
        Err(format!("the end comes too early: {words:?}"))
    }
}

fn escaped(character: char) -> String {
    match character {
        '"' | '\'' | '\\' => character.to_string(),
        't' => "\t".to_owned(),
        'r' => "\r".to_owned(),
        'n' => "\n".to_owned(),
        other => format!("\\{other}"),
    }
}
