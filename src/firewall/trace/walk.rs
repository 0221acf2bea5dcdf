//! The way of one packet.

use super::{Answer, Circumstances, Fault, Found, Outcome, Packet, Step, Trace, Way};
use crate::firewall::ruleset::{Action, Base, Chain, ChainPolicy, Hook, Name, Rule, Table, Verdict};

/// Deepest that chains may lead to each other, jumps and gotos alike (`NFT_JUMP_STACK_SIZE`, asked when rules are loaded).
const DEEPEST: usize = 16;

/// What happens to `packet` in `table`.
pub(super) fn walk<'r>(table: &'r Table, packet: &Packet, circumstances: &Circumstances) -> Result<Trace<'r>, Fault> {
    let mut walk = Walk {
        table,
        packet,
        circumstances,
        trace: Trace {
            steps: Vec::new(),
            outcome: Outcome::Accepted,
            decision: Vec::new(),
            metered: Vec::new(),
            assumed: Vec::new(),
        },
    };
    for (chain, base) in chains(table, &packet.way) {
        walk.trace.outcome = walk.base(chain, base)?;
        if walk.trace.outcome != Outcome::Accepted {
            break;
        }
    }
    Ok(walk.trace)
}

/// The base chains on a packet's way, in the order in which the kernel enters them.
fn chains<'r>(table: &'r Table, way: &Way) -> Vec<(&'r Chain, Base)> {
    let mut chains: Vec<_> = table
        .chains
        .iter()
        .filter_map(|chain| Some((chain, chain.base?)))
        .filter(|(_, base)| passes(way, base.hook))
        .collect();
    // Hooks and priorities are ordered as the kernel enters them; of two alike the first one was registered first.
    chains.sort_by_key(|(_, base)| (base.hook, base.priority));
    chains
}

/// Whether a packet of this way passes a hook.
fn passes(way: &Way, hook: Hook) -> bool {
    match hook {
        Hook::Prerouting => matches!(way, Way::ToHost { .. } | Way::Through { .. }),
        Hook::Input => matches!(way, Way::ToHost { .. }),
        Hook::Forward => matches!(way, Way::Through { .. }),
        Hook::Output => matches!(way, Way::FromHost { .. }),
        // Nothing is refused there; what leaves is asked about with the source that it came with.
        Hook::Postrouting => false,
    }
}

/// A packet under way.
pub(super) struct Walk<'r, 'p> {
    pub(super) table: &'r Table,
    pub(super) packet: &'p Packet,
    pub(super) circumstances: &'p Circumstances,
    pub(super) trace: Trace<'r>,
}

/// A chain that the packet is in.
struct Frame<'r> {
    chain: &'r Chain,
    /// The place of the next rule, from 0.
    next: usize,
    /// How many chains led here, jumps and gotos alike.
    depth: usize,
    /// How much of the decision so far is older than this frame.
    trail: usize,
}

/// What a rule does with a packet that meets its conditions.
enum Effect<'r> {
    /// Nothing: on with the next rule.
    On,
    /// The hook is over.
    End(Outcome),
    /// Back to where the last jump came from.
    Back,
    /// On with another chain.
    To {
        /// Its name.
        chain: &'r Name,
        /// Whether its end leads back here.
        comes_back: bool,
    },
}

impl<'r> Walk<'r, '_> {
    /// Passes the packet through a base chain.
    fn base(&mut self, chain: &'r Chain, base: Base) -> Result<Outcome, Fault> {
        self.trace.decision.clear();
        self.trace.steps.push(Step::Hook(chain, base));
        let mut frames = vec![Frame {
            chain,
            next: 0,
            depth: 0,
            trail: 0,
        }];
        while let Some(frame) = frames.last_mut() {
            let Some(rule) = frame.chain.rules.get(frame.next) else {
                self.trace.decision.truncate(frame.trail);
                frames.pop();
                continue;
            };
            frame.next += 1;
            let (chain, number, depth) = (frame.chain, frame.next, frame.depth);
            if !self.meets(rule)? {
                continue;
            }
            let Some((effect, found)) = self.act(rule, base.hook)? else {
                continue;
            };
            let position = self.trace.steps.len();
            self.trace.steps.push(Step::Rule {
                chain,
                number,
                rule,
                found,
            });
            let trail = frame.trail;
            match effect {
                Effect::On => {}
                Effect::End(outcome) => {
                    self.trace.decision.push(position);
                    return Ok(outcome);
                }
                Effect::Back => {
                    self.trace.decision.truncate(trail);
                    frames.pop();
                }
                Effect::To {
                    chain: name,
                    comes_back,
                } => {
                    let chain = self.table.chain(name).ok_or_else(|| Fault::NoChain(name.clone()))?;
                    if depth == DEEPEST {
                        return Err(Fault::TooDeep(name.clone()));
                    }
                    let trail = if comes_back { self.trace.decision.len() } else { trail };
                    if !comes_back {
                        frames.pop();
                    }
                    self.trace.decision.push(position);
                    frames.push(Frame {
                        chain,
                        next: 0,
                        depth: depth + 1,
                        trail,
                    });
                }
            }
        }
        self.trace.decision.push(self.trace.steps.len());
        self.trace.steps.push(Step::Policy(chain, base));
        Ok(match base.policy {
            ChainPolicy::Accept => Outcome::Accepted,
            ChainPolicy::Drop => Outcome::Dropped(base.hook),
        })
    }

    /// What a rule on `hook` does, and what its map has for the packet; `None` where it cannot ask its map.
    fn act(&mut self, rule: &'r Rule, hook: Hook) -> Result<Option<(Effect<'r>, Option<Found<'r>>)>, Fault> {
        let lead = |chain, comes_back| Effect::To { chain, comes_back };
        let effect = |verdict: &'r Verdict| match verdict {
            Verdict::Accept => Effect::End(Outcome::Accepted),
            Verdict::Drop => Effect::End(Outcome::Dropped(hook)),
            Verdict::Return => Effect::Back,
            Verdict::Jump(chain) => lead(chain, true),
            Verdict::Goto(chain) => lead(chain, false),
        };
        Ok(Some(match &rule.action {
            Action::Continue => (Effect::On, None),
            Action::Masquerade => (Effect::End(Outcome::Accepted), None),
            Action::Verdict(verdict) => (effect(verdict), None),
            Action::Reject(with) => {
                let answer = Answer::of(*with, self.packet.ends.family());
                (Effect::End(Outcome::Rejected(hook, answer)), None)
            }
            Action::Lookup(lookup) => match self.look_up(lookup)? {
                Some(Found::Element(element)) => (effect(&element.verdict), Some(Found::Element(element))),
                Some(Found::Nothing) => (Effect::On, Some(Found::Nothing)),
                None => return Ok(None),
            },
        }))
    }
}
