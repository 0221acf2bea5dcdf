//! Rules.

use super::cursor::Cursor;
use super::value::Kind;
use super::{ReadError, element};
use crate::firewall::ruleset::{
    Action, Evidence, Limit, Log, Lookup, LookupMap, Match, Meter, MeterKey, Name, RejectWith, ReversePath, Rule,
    Selector, Tally, Verdict,
};
use crate::net::PacketRate;

/// A rule, to the end of its line. The parts come in the order in which they are printed; that they are read in any
/// order hides nothing, for none of them is passed over.
pub(super) fn rule(cursor: &mut Cursor<'_>) -> Result<Rule, ReadError> {
    let mut rule = Rule::new(Action::Continue, Evidence::default());
    loop {
        if let Some(action) = action(cursor)? {
            rule.action = action;
            break;
        }
        if cursor.takes("counter") {
            rule.counted = true;
        } else if cursor.takes_all("log prefix") {
            let prefix = cursor
                .quoted()?
                .parse()
                .map_err(|_| cursor.error_before("a log prefix"))?;
            cursor.words(&["level", "info"])?;
            rule.log = Some(Log { prefix });
        } else if cursor.takes("update") {
            update(cursor, &mut rule)?;
        } else if let Some(condition) = condition(cursor)? {
            rule.matches.push(condition);
        } else {
            match field_or_lookup(cursor)? {
                Some(Asked::Is(condition)) => rule.matches.push(condition),
                Some(Asked::Map(lookup)) => {
                    rule.action = Action::Lookup(lookup);
                    break;
                }
                // A rule need not have a verdict.
                None => break,
            }
        }
    }
    rule.evidence = cursor.comment()?;
    cursor.end()?;
    Ok(rule)
}

fn action(cursor: &mut Cursor<'_>) -> Result<Option<Action>, ReadError> {
    if cursor.takes("reject") {
        return if cursor.takes_all("with tcp reset") {
            Ok(Some(Action::Reject(RejectWith::TcpReset)))
        } else if cursor.takes_all("with icmpx admin-prohibited") {
            Ok(Some(Action::Reject(RejectWith::AdminProhibited)))
        } else {
            Err(cursor.error("with tcp reset, or with icmpx admin-prohibited"))
        };
    }
    if cursor.takes("masquerade") {
        return Ok(Some(Action::Masquerade));
    }
    Ok(verdict(cursor)?.map(Action::Verdict))
}

/// The verdict that comes next, if one does.
pub(super) fn verdict(cursor: &mut Cursor<'_>) -> Result<Option<Verdict>, ReadError> {
    for (word, verdict) in [
        ("accept", Verdict::Accept),
        ("drop", Verdict::Drop),
        ("return", Verdict::Return),
    ] {
        if cursor.takes(word) {
            return Ok(Some(verdict));
        }
    }
    if cursor.takes("jump") {
        return Ok(Some(Verdict::Jump(Name::read(cursor.word()?))));
    }
    if cursor.takes("goto") {
        return Ok(Some(Verdict::Goto(Name::read(cursor.word()?))));
    }
    Ok(None)
}

/// A condition that compares no field.
fn condition(cursor: &mut Cursor<'_>) -> Result<Option<Match>, ReadError> {
    if cursor.takes_all("fib saddr . mark . iif oif missing") {
        Ok(Some(Match::NoWayBack(ReversePath::Strict)))
    } else if cursor.takes_all("fib saddr . mark oif missing") {
        Ok(Some(Match::NoWayBack(ReversePath::Loose)))
    } else if cursor.takes_all("meta mark &") {
        let mask = mark(cursor)?;
        cursor.word_is("==")?;
        let value = mark(cursor)?;
        Ok(Some(Match::Marked { mask, value }))
    } else if cursor.takes_all("limit rate") {
        Ok(Some(Match::Within(limit(cursor)?)))
    } else {
        Ok(None)
    }
}

/// `0x00ff0000`.
fn mark(cursor: &mut Cursor<'_>) -> Result<u32, ReadError> {
    let digits = cursor.word()?.strip_prefix("0x");
    let bits = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
    bits.ok_or_else(|| cursor.error_before("a mark"))
}

/// `RATE burst N packets`.
fn limit(cursor: &mut Cursor<'_>) -> Result<Limit, ReadError> {
    let rate: PacketRate = cursor.word()?.parse().map_err(|_| cursor.error_before("a rate"))?;
    cursor.word_is("burst")?;
    let burst = cursor.number()?;
    cursor.word_is("packets")?;
    Ok(Limit::new(rate, burst))
}

/// `@SET { SOURCE limit rate over …  }`, or with `counter`.
fn update(cursor: &mut Cursor<'_>, rule: &mut Rule) -> Result<(), ReadError> {
    let set = set_name(cursor)?.ok_or_else(|| cursor.error("a set"))?;
    cursor.word_is("{")?;
    let keys = [MeterKey::V6Subnet, MeterKey::V4Address].into_iter();
    let key = keys.into_iter().find(|key| cursor.takes_all(key.expression()));
    let key = key.ok_or_else(|| cursor.error("what counts as a source"))?;
    if cursor.takes("counter") {
        rule.tally = Some(Tally { set, key });
    } else {
        cursor.words(&["limit", "rate", "over"])?;
        let limit = limit(cursor)?;
        rule.matches.push(Match::Exceeds(Meter { set, key, limit }));
    }
    cursor.word_is("}")
}

/// The name behind an `@`, if one comes next.
fn set_name(cursor: &mut Cursor<'_>) -> Result<Option<Name>, ReadError> {
    if !cursor.is_at_set() {
        return Ok(None);
    }
    let word = cursor.word()?;
    Ok(word.strip_prefix('@').map(Name::read))
}

/// What is asked of fields.
enum Asked {
    Is(Match),
    Map(Lookup),
}

fn field_or_lookup(cursor: &mut Cursor<'_>) -> Result<Option<Asked>, ReadError> {
    // By their index interfaces are asked for only where it is always the same.
    for (word, selector) in [("iif", Selector::InputInterface), ("oif", Selector::OutputInterface)] {
        if cursor.takes(word) {
            let value = Kind::of(selector).value(cursor)?;
            if !value.is_loopback() {
                return Err(cursor.error_before("\"lo\""));
            }
            return Ok(Some(Asked::Is(Match::Is(selector, value))));
        }
    }
    let Some(selector) = selector(cursor) else {
        return Ok(None);
    };
    let mut key = vec![selector];
    while cursor.takes(".") {
        key.push(self::selector(cursor).ok_or_else(|| cursor.error("a field"))?);
    }
    if cursor.takes("vmap") {
        let map = map(cursor, &key)?;
        return Ok(Some(Asked::Map(Lookup { key, map })));
    }
    if key.len() > 1 {
        return Err(cursor.error("vmap"));
    }
    let kind = Kind::of(selector);
    let condition = if cursor.takes("!=") {
        Match::IsNot(selector, kind.value(cursor)?)
    } else if let Some(set) = set_name(cursor)? {
        Match::InSet(selector, set)
    } else if cursor.takes("{") {
        let mut values = vec![kind.value(cursor)?];
        while cursor.takes(",") {
            values.push(kind.value(cursor)?);
        }
        cursor.word_is("}")?;
        Match::OneOf(selector, values)
    } else {
        let mut values = vec![kind.value(cursor)?];
        while selector == Selector::State && cursor.takes(",") {
            values.push(kind.value(cursor)?);
        }
        match values.as_slice() {
            [value] => Match::Is(selector, value.clone()),
            _ => Match::OneOf(selector, values),
        }
    };
    Ok(Some(Asked::Is(condition)))
}

fn selector(cursor: &mut Cursor<'_>) -> Option<Selector> {
    Selector::ALL
        .into_iter()
        .find(|selector| cursor.takes_all(selector.expression()))
}

fn map(cursor: &mut Cursor<'_>, key: &[Selector]) -> Result<LookupMap, ReadError> {
    if let Some(name) = set_name(cursor)? {
        return Ok(LookupMap::Named(name));
    }
    cursor.word_is("{")?;
    let kinds: Vec<Kind> = key.iter().copied().map(Kind::of).collect();
    let mut elements = vec![element(cursor, &kinds)?];
    while cursor.takes(",") {
        elements.push(element(cursor, &kinds)?);
    }
    cursor.word_is("}")?;
    Ok(LookupMap::Inline(elements))
}
