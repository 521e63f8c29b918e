//! Everything a turn needs to know, read on one snapshot.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope,
    agent::Agent,
    approval::Approval,
    contact::Contact,
    effect::State,
    message::{Author, Direction, Message, Part, plain_text},
    ports::model::{Content, Turn},
    turn::Step,
};
use frontdesk_store::{
    Result, approvals, contacts,
    conversations::{self, Conversation},
    lanes::Claim,
    messages, tool_calls, turns, work,
};

use super::{
    approved::{decided, is_ours},
    rules::as_turns,
};
use crate::{
    Desk,
    directory::{Line, Lines, View},
};

pub(super) struct Gathered {
    pub(super) scope: Scope,
    pub(super) view: Arc<View>,
    pub(super) line: Arc<Line>,
    pub(super) lines: Arc<Lines>,
    pub(super) agent: Agent,
    pub(super) conversation: Conversation,
    pub(super) contact: Contact,
    pub(super) history: Vec<Message>,
    /// The messages of this turn, in order; the first is at the claim's `from_seq`.
    pub(super) incoming: Vec<Message>,
    pub(super) journal: Vec<Step>,
    /// What waits for the customer, what was approved, and what messages of this turn decide.
    pub(super) approvals: Vec<Approval>,
    /// A call of the journal's last step had begun when its process died. Whoever answers here now, somebody has to learn what became of it.
    pub(super) begun: bool,
}

/// `None`: the business, the channel or the conversation is gone; nobody is there to answer.
pub(super) async fn gather(desk: &Desk, claim: &Claim) -> Result<Option<Gathered>> {
    let scope = Scope::of(claim.tenant.clone());
    let Some(view) = desk.directory.tenant(desk, &claim.tenant).await? else { return Ok(None) };
    let limit = view.tenant.settings.history_limit.unwrap_or(desk.settings.history_limit);
    let (s, c) = (scope.clone(), claim.clone());
    let read = desk
        .db
        .read(
            &scope,
            work!(tx => {
                let conversation = conversations::ask(tx, &s, &c.conversation)?;
                let contact = contacts::ask_in(tx, &s, &c.conversation)?;
                let history = messages::ask_history(tx, &s, &c.conversation, c.from_seq, limit)?;
                let incoming = messages::ask_of_lane(tx, &s, &c.conversation, c.from_seq, c.to_seq)?;
                let journal = if c.is_new { None } else { Some(turns::ask_journal(tx, &s, &c.turn)?) };
                let open = approvals::ask_open(tx, &s, &c.conversation)?;
                let (conversation, contact) = (conversation.optional(tx).await?, contact.optional(tx).await?);
                let (Some(conversation), Some(contact)) = (conversation, contact) else { return Ok(None) };
                let (history, incoming) = (history.all(tx).await?, incoming.all(tx).await?);
                let journal = match journal {
                    Some(journal) => journal.all(tx).await?.into_iter().map(|j| j.step).collect(),
                    None => Vec::new(),
                };
                let approvals = approvals::with_these(tx, &s, open, &decided(&incoming)).await?;
                let called = matches!(journal.last(), Some(Step::Model { calls, .. }) if !calls.is_empty());
                let calls = if called { tool_calls::of_turn(tx, &s, &c.turn).await? } else { Vec::new() };
                let begun = calls.iter().any(|call| call.state == State::Sending);
                Ok(Some((conversation, contact, history, incoming, journal, approvals, begun)))
            }),
        )
        .await?;
    let Some((conversation, contact, history, incoming, journal, approvals, begun)) = read else { return Ok(None) };
    let lines = desk.directory.lines(desk).await?;
    let Some(line) = lines.get(&conversation.channel).cloned() else { return Ok(None) };
    let Some(agent) = view.agent([conversation.agent.as_ref(), line.channel.agent.as_ref()]).cloned() else { return Ok(None) };
    Ok(Some(Gathered { scope, view, line, lines, agent, conversation, contact, history, incoming, journal, approvals, begun }))
}

/// Messages that joined the turn after it was gathered.
pub(super) async fn newer(desk: &Desk, claim: &Claim, have: usize) -> Result<Vec<Message>> {
    let scope = Scope::of(claim.tenant.clone());
    let (s, conversation, from, to) = (scope.clone(), claim.conversation.clone(), claim.from_seq + have as i64, claim.to_seq);
    desk.db.read(&scope, work!(tx => messages::of_lane(tx, &s, &conversation, from, to).await)).await
}

impl Gathered {
    /// The conversation as a model sees it: history, this turn's messages, and what the journal says happened since.
    pub(super) fn turns(&self, claim: &Claim, images: &[(usize, Content)]) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::new();
        for message in &self.history {
            let text = said(message);
            if text.is_empty() {
                continue;
            }
            match (message.direction, turns.last_mut()) {
                (Direction::In, Some(Turn::User(contents))) => contents.push(Content::Text(text)),
                (Direction::In, _) => turns.push(Turn::User(vec![Content::Text(text)])),
                (Direction::Out, Some(Turn::Model { text: Some(said), .. })) => {
                    said.push_str("\n\n");
                    said.push_str(&text);
                }
                (Direction::Out, _) => turns.push(model_said(text)),
            }
        }
        let at = |seq: i64| ((seq - claim.from_seq).max(0) as usize).min(self.incoming.len());
        let first_more =
            self.journal.iter().find_map(|s| if let Step::More { from_seq, .. } = s { Some(at(*from_seq)) } else { None });
        self.push_incoming(&mut turns, 0, first_more.unwrap_or(self.incoming.len()), images);
        for (i, step) in self.journal.iter().enumerate() {
            match step {
                // An answer that was overtaken by newer messages was never sent.
                Step::Model { calls, .. } if calls.is_empty() && matches!(self.journal.get(i + 1), Some(Step::More { .. })) => {}
                Step::More { from_seq, to_seq } => self.push_incoming(&mut turns, at(*from_seq), at(to_seq + 1), images),
                step => turns.extend(as_turns(step)),
            }
        }
        turns
    }

    fn push_incoming(&self, turns: &mut Vec<Turn>, from: usize, to: usize, images: &[(usize, Content)]) {
        let mut contents = Vec::new();
        for (i, message) in self.incoming.iter().enumerate().take(to).skip(from) {
            let text = said(message);
            if !text.is_empty() {
                contents.push(Content::Text(text));
            }
            contents.extend(images.iter().filter(|(of, _)| *of == i).map(|(_, image)| image.clone()));
        }
        if contents.is_empty() {
            return;
        }
        match turns.last_mut() {
            Some(Turn::User(before)) => before.extend(contents),
            _ => turns.push(Turn::User(contents)),
        }
    }

    /// Nothing in this turn that we can read.
    pub(super) fn unreadable(&self) -> bool {
        self.incoming
            .iter()
            .flat_map(|m| &m.parts)
            .all(|p| matches!(p, Part::Unsupported { .. } | Part::Reaction { .. } | Part::Delete { .. }))
    }

    /// Only news that nobody expects an answer to.
    pub(super) fn needs_no_answer(&self) -> bool {
        if self.incoming.iter().any(is_ours) {
            return false;
        }
        self.incoming
            .iter()
            .flat_map(|m| &m.parts)
            .all(|p| matches!(p, Part::Reaction { .. } | Part::Delete { .. } | Part::System { .. }))
    }

    /// Our last words were this line.
    pub(super) fn said_last(&self, line: &str) -> bool {
        self.history
            .iter()
            .rev()
            .find(|m| m.direction == Direction::Out)
            .is_some_and(|m| m.author == Author::System && plain_text(&m.parts) == line)
    }
}

/// What a message says to a model.
fn said(message: &Message) -> String {
    match &message.parts[..] {
        [Part::System { text, .. }] if is_ours(message) => format!("{OURS} {text}"),
        parts => unmarked(plain_text(parts)),
    }
}

/// Begins what a model is told by us among a customer's words.
pub(super) const OURS: &str = "[system]";

/// Nobody else's words carry our mark: a customer could tell the model what the team decided.
fn unmarked(text: String) -> String {
    let mut rest = text.as_str();
    let mut clean = String::new();
    while let Some(at) = rest.to_ascii_lowercase().find(OURS) {
        clean.push_str(&rest[..at]);
        clean.push_str("(system)");
        rest = &rest[at + OURS.len()..];
    }
    if clean.is_empty() { text } else { clean + rest }
}

fn model_said(text: String) -> Turn {
    Turn::Model { text: Some(text), calls: Vec::new(), raw: None, raw_dialect: None }
}
