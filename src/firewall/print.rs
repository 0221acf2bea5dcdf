//! The printer of nft(8) syntax: the only place where rules become text.
//!
//! Everything quoted here is of a type without quotes and control characters (interface names, log prefixes, comments),
//! and every name is a [`Name`], so that nothing can leave its place.

use std::fmt::{self, Display, Formatter, Write};

use super::ruleset::{
    Action, Base, Chain, Evidence, Flowtable, Limit, LookupMap, MapElement, Match, Name, RejectWith, ReversePath, Rule,
    Ruleset, Selector, Set, SetContent, Table, Value, Verdict, VerdictMap,
};

/// Elements that somebody may add by hand to a map of the loaded table.
const SPARE: usize = 64;

impl Ruleset {
    /// What stands between the braces of the table, for `networking.nftables.tables.<name>.content`: whole lines.
    pub fn content(&self) -> String {
        let mut out = Out::default();
        out.content(&self.table);
        out.text
    }

    /// A file for `nft -f` that makes the table, and is refused as a whole where one of its name is there.
    pub fn if_absent(&self) -> String {
        let mut out = Out::default();
        // `create` wants that there is none (nft(8), TABLES).
        out.line(format_args!("create table inet {}", self.table.name));
        out.whole(&self.table);
        out.text
    }
}

impl Display for Ruleset {
    /// A file for `nft -f`, which replaces the table by this one in one step and touches no other.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let table = &self.table;
        let name = &table.name;
        // A table must be there to be deleted.
        writeln!(f, "add table inet {name}\ndelete table inet {name}")?;
        let mut out = Out::default();
        out.whole(table);
        f.write_str(&out.text)
    }
}

impl Display for Flowtable {
    /// A file for `nft -f`, which replaces the table by this one in one step and touches no other.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let table = Self::TABLE;
        let mut out = Out::default();
        out.line(format_args!("add table inet {table}"));
        out.line(format_args!("delete table inet {table}"));
        out.block(format_args!("table inet {table}"), |out| {
            out.block("flowtable established", |out| {
                out.line("hook ingress priority filter");
                let devices: Vec<String> = self.devices.iter().map(|device| format!("\"{device}\"")).collect();
                out.line(format_args!("devices = {{ {} }}", devices.join(", ")));
            });
            out.text.push('\n');
            out.block("chain forward", |out| {
                // Behind the zones: only what they let through gets here.
                out.line("type filter hook forward priority filter + 10; policy accept;");
                out.line("meta l4proto { tcp, udp } ct state established flow add @established");
            });
        });
        f.write_str(&out.text)
    }
}

/// Lines with their indentation.
#[derive(Default)]
struct Out {
    text: String,
    depth: usize,
}

impl Out {
    fn line(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = self.depth * 2);
    }

    fn block(&mut self, head: impl Display, body: impl FnOnce(&mut Self)) {
        self.line(format_args!("{head} {{"));
        self.depth += 1;
        body(self);
        self.depth -= 1;
        self.line("}");
    }

    fn whole(&mut self, table: &Table) {
        self.block(format_args!("table inet {}", table.name), |out| out.content(table));
    }

    fn content(&mut self, table: &Table) {
        let mut first = true;
        let mut part = |out: &mut Self| {
            if !std::mem::take(&mut first) {
                out.text.push('\n');
            }
        };
        for set in &table.sets {
            part(self);
            self.set(set);
        }
        for map in &table.maps {
            part(self);
            self.map(map);
        }
        for chain in &table.chains {
            part(self);
            self.chain(chain);
        }
    }

    fn set(&mut self, set: &Set) {
        self.block(format_args!("set {}", set.name), |out| match &set.content {
            SetContent::Elements { key, elements } => {
                out.line(format_args!("type {}", key.data_type()));
                let elements = elements
                    .iter()
                    .map(|element| format!("{}{}", element.value, CommentOf(&element.evidence)));
                out.elements(elements);
            }
            SetContent::Buckets { key, size, timeout } => {
                out.line(format_args!("type {}", key.selector().data_type()));
                out.line(format_args!("size {size}"));
                out.line("flags dynamic, timeout");
                out.line(format_args!("timeout {timeout}s"));
            }
        });
    }

    fn map(&mut self, map: &VerdictMap) {
        self.block(format_args!("map {}", map.name), |out| {
            let types: Vec<_> = map.key.iter().map(|key| key.data_type()).collect();
            out.line(format_args!("type {} : verdict", types.join(" . ")));
            if map.has_ranges() {
                out.line("flags interval");
            } else {
                // Where it knows how many there will be, the kernel takes the faster of its two hash tables.
                out.line(format_args!("size {}", map.elements.len() + SPARE));
            }
            if map.counted {
                out.line("counter");
            }
            out.elements(map.elements.iter().map(ToString::to_string));
        });
    }

    fn elements(&mut self, elements: impl Iterator<Item = String>) {
        let mut elements = elements.peekable();
        if elements.peek().is_none() {
            return;
        }
        self.block("elements =", |out| {
            while let Some(element) = elements.next() {
                let comma = if elements.peek().is_some() { "," } else { "" };
                out.line(format_args!("{element}{comma}"));
            }
        });
    }

    fn chain(&mut self, chain: &Chain) {
        self.block(format_args!("chain {}", chain.name), |out| {
            if let Some(Base { hook, priority, policy }) = chain.base {
                let kind = hook.chain_type();
                let (hook, policy) = (hook.name(), policy.name());
                out.line(format_args!(
                    "type {kind} hook {hook} priority {priority}; policy {policy};"
                ));
            }
            for rule in &chain.rules {
                out.line(rule);
            }
        });
    }
}

impl Rule {
    /// What it asks and does, without its comment and without the elements of its map: `meta l4proto vmap { … }`.
    pub fn statement(&self) -> String {
        self.words(|_| "…".to_owned())
    }

    fn words(&self, inline: impl Fn(&[MapElement]) -> String) -> String {
        let rule = self;
        let mut words = Vec::new();
        words.extend(rule.matches.iter().map(ToString::to_string));
        if rule.counted {
            words.push("counter".to_owned());
        }
        if let Some(log) = &rule.log {
            words.push(format!("log prefix \"{}\" level info", log.prefix));
        }
        if let Some(tally) = &rule.tally {
            words.push(format!(
                "update @{} {{ {} counter }}",
                tally.set,
                tally.key.expression()
            ));
        }
        match &rule.action {
            Action::Continue => {}
            Action::Verdict(verdict) => words.push(verdict.to_string()),
            Action::Reject(RejectWith::TcpReset) => words.push("reject with tcp reset".to_owned()),
            Action::Reject(RejectWith::AdminProhibited) => words.push("reject with icmpx admin-prohibited".to_owned()),
            Action::Masquerade => words.push("masquerade".to_owned()),
            Action::Lookup(lookup) => {
                let key: Vec<_> = lookup.key.iter().map(|key| key.expression()).collect();
                let map = match &lookup.map {
                    LookupMap::Named(name) => format!("@{name}"),
                    LookupMap::Inline(elements) => format!("{{ {} }}", inline(elements)),
                };
                words.push(format!("{} vmap {map}", key.join(" . ")));
            }
        }
        words.join(" ")
    }
}

impl Display for Rule {
    /// In one line.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let elements = |elements: &[MapElement]| {
            let elements: Vec<_> = elements.iter().map(ToString::to_string).collect();
            elements.join(", ")
        };
        write!(f, "{}{}", self.words(elements), CommentOf(&self.evidence))
    }
}

impl MapElement {
    /// What it matches, without its comment and verdict: `22 . tcp`.
    pub fn key(&self) -> String {
        Joined(&self.key, " . ").to_string()
    }
}

impl Display for MapElement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let key = Joined(&self.key, " . ");
        write!(f, "{key}{} : {}", CommentOf(&self.evidence), self.verdict)
    }
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plain = |selector: &Selector| selector.expression();
        match self {
            // A number is compared faster than a name, and this one is the same everywhere (`LOOPBACK_IFINDEX`).
            Self::Is(Selector::InputInterface, value) if value.is_loopback() => write!(f, "iif {value}"),
            Self::Is(Selector::OutputInterface, value) if value.is_loopback() => write!(f, "oif {value}"),
            Self::Is(selector, value) => write!(f, "{} {value}", plain(selector)),
            Self::IsNot(selector, value) => write!(f, "{} != {value}", plain(selector)),
            // States are bits, so that several of them are one comparison and no set.
            Self::OneOf(Selector::State, values) => write!(f, "ct state {}", Joined(values, ",")),
            Self::OneOf(selector, values) => write!(f, "{} {{ {} }}", plain(selector), Joined(values, ", ")),
            Self::InSet(selector, set) => write!(f, "{} @{set}", plain(selector)),
            Self::NoWayBack(ReversePath::Strict) => f.write_str("fib saddr . mark . iif oif missing"),
            Self::NoWayBack(ReversePath::Loose) => f.write_str("fib saddr . mark oif missing"),
            Self::Marked { mask, value } => write!(f, "meta mark & {mask:#010x} == {value:#010x}"),
            Self::Within(limit) => write!(f, "limit rate {limit}"),
            Self::Exceeds(meter) => {
                let key = meter.key.expression();
                write!(f, "update @{} {{ {key} limit rate over {} }}", meter.set, meter.limit)
            }
        }
    }
}

impl Display for Limit {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} burst {} packets", self.rate(), self.burst())
    }
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let lead = |f: &mut Formatter<'_>, word: &str, chain: &Name| write!(f, "{word} {chain}");
        match self {
            Self::Accept => f.write_str("accept"),
            Self::Drop => f.write_str("drop"),
            Self::Return => f.write_str("return"),
            Self::Jump(chain) => lead(f, "jump", chain),
            Self::Goto(chain) => lead(f, "goto", chain),
        }
    }
}

impl Display for Value {
    /// In quotes where nft wants them.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(interface) => write!(f, "\"{interface}\""),
            Self::Addresses(range) => range.fmt(f),
            Self::Protocol(protocol) => f.write_str(protocol.name()),
            Self::Ports(ports) => ports.fmt(f),
            Self::State(state) => f.write_str(state.name()),
            Self::Icmp(kind) => f.write_str(kind.name()),
            Self::Icmpv6(kind) => f.write_str(kind.name()),
            Self::Family(family) => f.write_str(family.name()),
            Self::PacketType(kind) => f.write_str(kind.name()),
        }
    }
}

struct Joined<'a>(&'a [Value], &'static str);

impl Display for Joined<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (position, value) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(self.1)?;
            }
            value.fmt(f)?;
        }
        Ok(())
    }
}

/// ` comment "…"`, where there is one.
struct CommentOf<'a>(&'a Evidence);

impl Display for CommentOf<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.comment() {
            Some(comment) => write!(f, " comment \"{comment}\""),
            None => Ok(()),
        }
    }
}
