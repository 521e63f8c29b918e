//! What was decided elsewhere and comes into a turn: a colleague's word, which is carried out or passed on, and a customer's own yes or no.

use std::sync::Arc;

use frontdesk_kernel::{
    approval::{Approval, Kind, Sources, State, decided_in, pressed},
    confirm::{self, Reply},
    ids::{ApprovalId, ConversationId, TurnId},
    language::Line,
    message::{Author, Direction, Message, Part, plain_text},
    ports::model::ToolCall,
    turn::{GiveUp, Step},
};
use frontdesk_store::{Result, approvals, lanes, lanes::Claim, timers, turns, work};

use super::{drive::Running, gather::Gathered};
use crate::{
    Desk,
    approvals::expiry_timer,
    crash,
    decisions::{Hearing, waits_for},
};

/// A customer who answered twice without saying yes or no is not asked a third time.
const MOST_ASKED: i64 = 2;

/// Something of ours that the lane brought, not a person's words.
pub(super) fn is_ours(message: &Message) -> bool {
    message.author == Author::System && message.direction == Direction::In
}

/// The requests that these messages decide.
pub(super) fn decided(messages: &[Message]) -> Vec<ApprovalId> {
    messages.iter().filter(|m| is_ours(m)).flat_map(|m| &m.parts).filter_map(decided_in).collect()
}

impl Gathered {
    /// Decided in this turn, by a message of its lane.
    fn brought(&self) -> impl Iterator<Item = &Approval> {
        let ids = decided(&self.incoming);
        self.approvals.iter().filter(move |a| ids.contains(&a.id))
    }

    /// Said yes to and not carried out yet, by this turn to be carried out.
    fn due(&self, turn: &TurnId) -> Vec<&Approval> {
        let ids = decided(&self.incoming);
        let journaled = |id: &ApprovalId| {
            let calls = self.journal.iter().flat_map(|s| match s {
                Step::Model { calls, .. } if s.is_policy() => calls.as_slice(),
                _ => &[],
            });
            calls.into_iter().any(|call| call.id == id.as_str())
        };
        self.approvals
            .iter()
            .filter(|a| a.state == State::Approved && (ids.contains(&a.id) || a.taken_by.as_ref() == Some(turn)))
            .filter(|a| !journaled(&a.id))
            .collect()
    }

    /// Whether this turn has something to carry out even where nobody is to be answered.
    pub(super) fn must_act(&self, turn: &TurnId) -> bool {
        self.is_acting() || self.begun || !self.due(turn).is_empty()
    }

    /// In the middle of what was approved.
    pub(super) fn is_acting(&self) -> bool {
        self.journal.last().is_some_and(Step::is_policy)
    }

    /// The next step that nobody needs to be asked about any more.
    pub(super) fn approved(&self, turn: &TurnId) -> Option<Step> {
        let between = !matches!(self.journal.last(), Some(Step::Model { .. } | Step::Finished { .. }));
        let calls: Vec<ToolCall> = self
            .due(turn)
            .into_iter()
            .map(|a| ToolCall { id: a.id.to_string(), name: a.action.clone(), arguments: a.arguments.clone(), broken: None })
            .collect();
        if !between || calls.is_empty() {
            return None;
        }
        crash::point("approval taken up");
        Some(Step::approved(calls))
    }

    /// What is known of the calls of the journal's last step. `new`: it is not journaled yet.
    pub(super) fn hearing(&self, new: bool) -> Hearing {
        let answered = self.brought().filter(|a| a.kind == Kind::Consultation && a.state == State::Answered);
        let answered = answered.map(|a| a.action.clone()).collect();
        let messages = self.history.iter().chain(&self.incoming).rev().filter(|m| m.author == Author::Contact);
        let results = self.journal.iter().flat_map(|s| if let Step::Tools { results } = s { results.as_slice() } else { &[] });
        let contact = &self.contact;
        Hearing {
            step: self.journal.len() as i64,
            new,
            approved: self.is_acting(),
            answered,
            sources: Sources {
                messages: messages.map(|m| (m.id.clone(), plain_text(&m.parts))).collect(),
                profile: contact
                    .name
                    .iter()
                    .chain(contact.facts.values())
                    .cloned()
                    .chain([self.conversation.address.value.clone()])
                    .collect(),
                tools: results.map(|r| (r.name.clone(), r.content.clone())).collect(),
            },
        }
    }

    /// The line that says it all, where a model has nothing to add: the team said no, or nothing, and no more.
    pub(super) fn outcome(&self) -> Option<Line> {
        let only_ours = !self.incoming.is_empty() && self.incoming.iter().all(is_ours);
        let untouched = self.journal.iter().all(|s| matches!(s, Step::More { .. }));
        if !only_ours || !untouched {
            return None;
        }
        let mut line = None;
        for a in self.brought() {
            line = match a.state {
                State::Rejected if a.note.as_deref().unwrap_or_default().is_empty() => Some(Line::Declined),
                State::Expired => Some(Line::NoDecision),
                _ => return None,
            };
        }
        line
    }

    /// What is said of a decision when no model answers.
    pub(super) fn fallback(&self, why: GiveUp) -> Option<Line> {
        if matches!(why, GiveUp::UnbackedClaim | GiveUp::Repeating) {
            return None;
        }
        let acted = self.journal.windows(2).rev().find(|pair| pair[0].is_policy()).map(|pair| &pair[1]);
        match acted {
            Some(Step::Tools { results }) if results.iter().all(|r| r.ok) => Some(Line::ApprovedAndDone),
            Some(_) => Some(Line::ApprovedNotDone),
            None => self.brought().find_map(|a| match a.state {
                State::Rejected => Some(Line::Declined),
                State::Expired => Some(Line::NoDecision),
                _ => None,
            }),
        }
    }

    /// Requests that the customer is asked about when this turn ends.
    pub(super) fn to_ask(&self) -> Vec<Approval> {
        let mut ids: Vec<ApprovalId> = Vec::new();
        for step in &self.journal {
            match step {
                Step::Tools { results } => ids.extend(results.iter().filter_map(waits_for).filter(|w| w.1).map(|w| w.0)),
                Step::Note { asks, .. } => ids.extend(asks.iter().cloned()),
                _ => {}
            }
        }
        self.approvals.iter().filter(|a| a.state == State::Pending && ids.contains(&a.id)).cloned().collect()
    }
}

/// Reads anew what the turn has to do with.
pub(super) async fn look(desk: &Desk, g: &mut Gathered, conversation: &ConversationId) -> Result<()> {
    let (s, c, ids) = (g.scope.clone(), conversation.clone(), decided(&g.incoming));
    g.approvals = desk.db.read(&g.scope, work!(tx => approvals::open_in(tx, &s, &c, &ids).await)).await?;
    Ok(())
}

/// What the customer's messages say about what they were asked. `true`: something was settled and journaled.
pub(super) async fn consent(desk: &Arc<Desk>, claim: &Claim, g: &mut Gathered, running: &Running) -> Result<bool> {
    let from = match g.journal.last() {
        None => 0,
        Some(Step::More { from_seq, .. }) => (from_seq - claim.from_seq).max(0) as usize,
        Some(_) => return Ok(false),
    };
    let words: Vec<&Message> = g.incoming.iter().skip(from).filter(|m| !is_ours(m)).collect();
    let open: Vec<&Approval> =
        g.approvals.iter().filter(|a| a.kind == Kind::Suggestion && a.state == State::Pending && a.turn != claim.turn).collect();
    if words.is_empty() || open.is_empty() {
        return Ok(false);
    }
    let settled: Vec<(Approval, Reply)> = replies(&words, &open);
    if settled.is_empty() {
        return Ok(false);
    }
    let note = note_of(&settled);
    let (s, c, n, now) = (g.scope.clone(), claim.clone(), g.journal.len() as i64, desk.now());
    let (agent, version, prompt) = (g.agent.id.clone(), g.agent.version, running.prompt.clone());
    let (contact, step) = (g.contact.id.clone(), note.clone());
    desk.db
        .write(
            &g.scope,
            work!(tx => {
                lanes::fence(tx, &s, &c).await?;
                if n == 0 {
                    turns::describe(tx, &s, &c.turn, &agent, version, &prompt).await?;
                }
                for (asked, reply) in &settled {
                    let to = match reply {
                        Reply::Yes => State::Approved,
                        Reply::No => State::Rejected,
                        Reply::Unsure if asked.asked >= MOST_ASKED => State::Expired,
                        Reply::Unsure => {
                            approvals::ask_again(tx, &s, &asked.id, now).await?;
                            continue;
                        }
                    };
                    let taken_by = Some(&c.turn).filter(|_| to == State::Approved);
                    let word = approvals::Word { to, by: contact.as_str(), note: None, taken_by };
                    approvals::decide(tx, &s, &asked.id, &word, now).await?;
                    timers::disarm(tx, &s, &expiry_timer(&asked.id)).await?;
                }
                if let Some(step) = &step {
                    turns::append(tx, &s, &c.turn, n, step, 0, now).await?;
                }
                Ok(())
            }),
        )
        .await?;
    g.journal.extend(note);
    look(desk, g, &claim.conversation).await?;
    Ok(true)
}

/// A pressed button answers its own question; words answer when there is one question only.
fn replies(words: &[&Message], open: &[&Approval]) -> Vec<(Approval, Reply)> {
    let mut settled = Vec::new();
    let mut left = Vec::new();
    for asked in open {
        let pressed: Vec<bool> = words
            .iter()
            .flat_map(|m| &m.parts)
            .filter_map(|p| if let Part::Choice { id, .. } = p { pressed(&asked.id, id) } else { None })
            .collect();
        match (pressed.contains(&true), pressed.contains(&false)) {
            (false, false) => left.push(*asked),
            // A no comes first.
            (_, true) => settled.push(((*asked).clone(), Reply::No)),
            (true, false) => settled.push(((*asked).clone(), Reply::Yes)),
        }
    }
    let said: Vec<Part> = words
        .iter()
        .flat_map(|m| &m.parts)
        .filter(|p| !matches!(p, Part::Choice { .. } | Part::Reaction { .. }))
        .cloned()
        .collect();
    if said.is_empty() {
        return settled;
    }
    let reply = if left.len() == 1 { confirm::reply(&plain_text(&said)) } else { Reply::Unsure };
    settled.extend(left.into_iter().map(|asked| (asked.clone(), reply)));
    settled
}

/// What the model is to know; a yes speaks for itself, by what it leads to.
fn note_of(settled: &[(Approval, Reply)]) -> Option<Step> {
    let (mut texts, mut asks) = (Vec::new(), Vec::new());
    for (asked, reply) in settled {
        let action = &asked.action;
        match reply {
            Reply::Yes => {}
            Reply::No => texts.push(format!("The customer said no: `{action}` was not done.")),
            Reply::Unsure if asked.asked >= MOST_ASKED => {
                texts.push(format!("The customer did not confirm `{action}`: it was not done and is not asked again."));
            }
            Reply::Unsure => {
                texts.push(format!("The customer did not say yes or no to `{action}`. They are asked again after your answer."));
                asks.push(asked.id.clone());
            }
        }
    }
    (!texts.is_empty()).then(|| Step::Note { text: texts.join(" "), asks })
}
