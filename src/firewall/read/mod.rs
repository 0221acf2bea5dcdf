//! A ruleset read back from its text: what `print` writes, and nothing else of nft(8).
//!
//! A rendered tree is compared by the table that it would load, also where somebody edited it. Whatever is not known here is
//! refused: a rule that is passed over could be the one that lets something in. Evidence comes back as the comment that was
//! printed of it; the fields themselves are not in the text.

mod cursor;
mod error;
mod rule;
mod value;

pub use error::ReadError;

use self::cursor::Cursor;
use self::value::Kind;
use super::ruleset::{
    Base, Chain, ChainPolicy, Hook, MapElement, MeterKey, Name, Priority, Ruleset, Set, SetContent, SetElement, Table,
    VerdictMap,
};

impl Ruleset {
    /// Reads a file as [`Ruleset`] shows it, comments (`#` at a line's start) left out.
    ///
    /// # Errors
    /// For everything else than what is printed, with its line.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let mut cursor = Cursor::new(text);
        cursor.words(&["add", "table", "inet"])?;
        let name = cursor.word()?;
        cursor.end()?;
        cursor.words(&["delete", "table", "inet", name])?;
        cursor.end()?;
        cursor.words(&["table", "inet", name, "{"])?;
        cursor.end()?;
        let table = table(&mut cursor, name)?;
        cursor.word_is("}")?;
        cursor.end()?;
        cursor.finish()?;
        Ok(Self { table })
    }

    /// Reads what stands between the braces of the table `name`, as [`Ruleset::content`] gives it.
    ///
    /// # Errors
    /// For everything else than what is printed, with its line.
    pub fn read_content(name: &str, content: &str) -> Result<Self, ReadError> {
        let mut cursor = Cursor::new(content);
        let table = table(&mut cursor, name)?;
        cursor.finish()?;
        Ok(Self { table })
    }
}

fn table(cursor: &mut Cursor<'_>, name: &str) -> Result<Table, ReadError> {
    let mut table = Table::new(Name::read(name));
    loop {
        if cursor.takes("set") {
            table.sets.push(set(cursor)?);
        } else if cursor.takes("map") {
            table.maps.push(map(cursor)?);
        } else if cursor.takes("chain") {
            table.chains.push(chain(cursor)?);
        } else {
            return Ok(table);
        }
    }
}

/// `NAME {` and the end of the line.
fn head(cursor: &mut Cursor<'_>) -> Result<Name, ReadError> {
    let name = Name::read(cursor.word()?);
    cursor.word_is("{")?;
    cursor.end()?;
    Ok(name)
}

/// `}` and the end of the line.
fn foot(cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
    cursor.word_is("}")?;
    cursor.end()
}

fn set(cursor: &mut Cursor<'_>) -> Result<Set, ReadError> {
    let name = head(cursor)?;
    cursor.word_is("type")?;
    let kind = Kind::read(cursor)?;
    cursor.end()?;
    let content = if cursor.takes("size") {
        let size = cursor.number()?;
        cursor.end()?;
        cursor.words(&["flags", "dynamic", ",", "timeout"])?;
        cursor.end()?;
        cursor.word_is("timeout")?;
        let timeout = cursor.word()?;
        let timeout = timeout.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
        let key = [MeterKey::V4Address, MeterKey::V6Subnet]
            .into_iter()
            .find(|key| Kind::of(key.selector()) == kind);
        let (Some(timeout), Some(key)) = (timeout, key) else {
            return Err(cursor.error("a set of sources and a timeout in seconds"));
        };
        cursor.end()?;
        SetContent::Buckets { key, size, timeout }
    } else {
        let mut elements = Vec::new();
        block_of_elements(cursor, |cursor| {
            let value = kind.value(cursor)?;
            elements.push(SetElement {
                value,
                evidence: cursor.comment()?,
            });
            Ok(())
        })?;
        SetContent::Elements {
            key: kind.selector(),
            elements,
        }
    };
    foot(cursor)?;
    Ok(Set { name, content })
}

fn map(cursor: &mut Cursor<'_>) -> Result<VerdictMap, ReadError> {
    let name = head(cursor)?;
    cursor.word_is("type")?;
    let mut kinds = vec![Kind::read(cursor)?];
    while cursor.takes(".") {
        kinds.push(Kind::read(cursor)?);
    }
    cursor.words(&[":", "verdict"])?;
    cursor.end()?;
    if cursor.takes("flags") {
        cursor.word_is("interval")?;
        cursor.end()?;
    } else if cursor.takes("size") {
        // What the kernel needs to know; the elements are there themselves.
        cursor.number::<u32>()?;
        cursor.end()?;
    }
    let counted = cursor.takes("counter");
    if counted {
        cursor.end()?;
    }
    let mut elements = Vec::new();
    block_of_elements(cursor, |cursor| {
        elements.push(element(cursor, &kinds)?);
        Ok(())
    })?;
    foot(cursor)?;
    Ok(VerdictMap {
        name,
        key: kinds.iter().map(|kind| kind.selector()).collect(),
        counted,
        elements,
    })
}

/// `elements = {`, one a line, `}`; nothing at all where there are none.
fn block_of_elements<'a>(
    cursor: &mut Cursor<'a>,
    mut element: impl FnMut(&mut Cursor<'a>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    if !cursor.takes("elements") {
        return Ok(());
    }
    cursor.words(&["=", "{"])?;
    cursor.end()?;
    loop {
        element(cursor)?;
        let more = cursor.takes(",");
        cursor.end()?;
        if !more {
            return foot(cursor);
        }
    }
}

/// `KEY comment "…" : VERDICT`.
fn element(cursor: &mut Cursor<'_>, kinds: &[Kind]) -> Result<MapElement, ReadError> {
    let mut key = Vec::with_capacity(kinds.len());
    for (place, kind) in kinds.iter().enumerate() {
        if place > 0 {
            cursor.word_is(".")?;
        }
        key.push(kind.value(cursor)?);
    }
    let evidence = cursor.comment()?;
    cursor.word_is(":")?;
    let verdict = rule::verdict(cursor)?.ok_or_else(|| cursor.error("a verdict"))?;
    Ok(MapElement { key, verdict, evidence })
}

fn chain(cursor: &mut Cursor<'_>) -> Result<Chain, ReadError> {
    let mut chain = Chain::new(head(cursor)?, Vec::new());
    if cursor.takes("type") {
        chain.base = Some(base(cursor)?);
    }
    while !cursor.is_at("}") {
        chain.rules.push(rule::rule(cursor)?);
    }
    foot(cursor)?;
    Ok(chain)
}

/// `TYPE hook HOOK priority PRIORITY; policy POLICY;`
fn base(cursor: &mut Cursor<'_>) -> Result<Base, ReadError> {
    let kind = cursor.word()?;
    cursor.word_is("hook")?;
    let hook = cursor.word()?;
    let is_it = |known: &Hook| known.name() == hook && known.chain_type() == kind;
    let hook = Hook::ALL.into_iter().find(is_it);
    cursor.word_is("priority")?;
    let mut priority = cursor.word()?.to_owned();
    while !cursor.is_at(";") {
        priority = format!("{priority} {}", cursor.word()?);
    }
    let priority = Priority::ALL.into_iter().find(|known| known.to_string() == priority);
    cursor.words(&[";", "policy"])?;
    let policy = cursor.word()?;
    let policy = [ChainPolicy::Accept, ChainPolicy::Drop]
        .into_iter()
        .find(|known| known.name() == policy);
    let (Some(hook), Some(priority), Some(policy)) = (hook, priority, policy) else {
        return Err(cursor.error("a hook, a priority and a policy of ours"));
    };
    cursor.word_is(";")?;
    cursor.end()?;
    Ok(Base { hook, priority, policy })
}

#[cfg(test)]
mod tests;
