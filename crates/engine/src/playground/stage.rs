//! Where the tools of a trial act: in the database as it is, with everybody in place, and all of it is undone at the end.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use frontdesk_kernel::{
    Ids, Timestamp,
    contact::AddressKind,
    conversation::Mode,
    ids::{ChannelId, ConversationId, TurnId},
    ports::{channel::Address, model::ToolCall},
    tool::ToolResult,
    turn::Step,
};
use frontdesk_store::{
    Error, Result, contacts,
    conversations::{self, Conversation},
    work,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Said, Trial};
use crate::{
    Desk,
    decisions::{Hearing, Judged, judge},
    tools::{self, ToolContext},
};

pub(super) struct Stage {
    conversation: ConversationId,
    channel: ChannelId,
    turn: TurnId,
}

impl Stage {
    pub(super) fn of(desk: &Desk) -> Stage {
        Stage { conversation: desk.id(), channel: desk.id(), turn: desk.id() }
    }

    /// Carries out calls as a real turn would, after what was changed earlier in the conversation, and leaves nothing behind.
    pub(super) async fn play(
        &self,
        desk: &Arc<Desk>,
        trial: &Trial,
        journal: &[Step],
        calls: Vec<ToolCall>,
        deadline: Timestamp,
    ) -> Result<Vec<ToolResult>> {
        let mut outside = self.outside(desk, trial, journal, &calls, deadline).await?;
        let new = calls.len();
        let mut all = before(trial, journal);
        // The journal's last step is the one that asks for these calls.
        all.truncate(all.len().saturating_sub(new));
        all.retain(|call| desk.toolbox.changes_something(&call.name));
        let replayed = all.len();
        all.extend(calls);
        let lines = desk.directory.lines(desk).await?;
        let (desk, scope, view) = (desk.clone(), trial.scope.clone(), trial.view.clone());
        let (contact, is_invented, now) = (trial.contact.clone(), trial.is_invented, trial.now);
        let (allowed, turn) = (trial.spec.tools.clone(), self.turn.clone());
        let (conversation, channel) = (self.conversation.clone(), self.channel.clone());
        let address = Address { kind: AddressKind::Visitor, value: trial.address.clone() };
        desk.clone()
            .db
            .rehearse(
                &trial.scope,
                work!(tx => {
                    if is_invented {
                        contacts::insert(tx, &scope, &contact).await?;
                    }
                    conversations::open(tx, &scope, &conversation, &channel, &contact.id, &address, now).await?;
                    let conversation = conversations::get(tx, &scope, &conversation)
                        .await?
                        .ok_or_else(|| Error::Broken("a conversation that was opened is not there".into()))?;
                    let mut results = Vec::with_capacity(all.len());
                    let mut place = 0;
                    for (n, call) in all.iter().enumerate() {
                        let context = ToolContext {
                            desk: desk.clone(),
                            scope: scope.clone(),
                            view: view.clone(),
                            lines: lines.clone(),
                            conversation: conversation.clone(),
                            contact: contact.clone(),
                            turn: turn.clone(),
                            now,
                            allowed: allowed.clone(),
                            approved: false,
                            alone: all.len() == 1,
                            ids: Arc::new(Repeatable::of(place, call)),
                        };
                        place += u64::from(desk.toolbox.changes_something(&call.name));
                        // As for a real customer: what would wait for somebody waits here too.
                        let hearing = Hearing { step: n as i64, ..Hearing::default() };
                        let made = n.checked_sub(replayed).and_then(|n| outside[n].take());
                        results.push(match (judge(tx, &context, &hearing, 0, call).await?, made) {
                            (Judged::Told(result), _) | (Judged::Run, Some(result)) => result,
                            (Judged::Run, None) => tools::call(tx, &context, call).await?,
                        });
                    }
                    Ok(results.split_off(replayed))
                }),
            )
            .await
    }

    /// Calls that leave the house, by position: what only reads is really asked, nothing is really changed.
    async fn outside(
        &self,
        desk: &Arc<Desk>,
        trial: &Trial,
        journal: &[Step],
        calls: &[ToolCall],
        deadline: Timestamp,
    ) -> Result<Vec<Option<ToolResult>>> {
        let context = ToolContext {
            desk: desk.clone(),
            scope: trial.scope.clone(),
            view: trial.view.clone(),
            lines: desk.directory.lines(desk).await?,
            conversation: Conversation {
                id: self.conversation.clone(),
                channel: self.channel.clone(),
                contact: trial.contact.id.clone(),
                address: Address { kind: AddressKind::Visitor, value: trial.address.clone() },
                mode: Mode::Bot,
                mode_reason: None,
                agent: None,
                acts_for: None,
                last_inbound_at: None,
                last_message_at: trial.now,
                created_at: trial.now,
            },
            contact: trial.contact.clone(),
            turn: self.turn.clone(),
            now: trial.now,
            allowed: trial.spec.tools.clone(),
            approved: false,
            alone: calls.len() == 1,
            ids: desk.ids.clone(),
        };
        let mut results = Vec::with_capacity(calls.len());
        for call in calls {
            let time_left = || deadline.since(desk.now());
            results.push(tools::rehearsed(&context, call, journal, &time_left).await?);
        }
        Ok(results)
    }
}

/// Every call of the conversation and of this turn, in order.
fn before(trial: &Trial, journal: &[Step]) -> Vec<ToolCall> {
    let earlier = trial.said.iter().flat_map(|s| if let Said::Agent { calls, .. } = s { calls.as_slice() } else { &[] });
    let now = journal.iter().flat_map(|s| if let Step::Model { calls, .. } = s { calls.as_slice() } else { &[] });
    earlier.chain(now).cloned().collect()
}

/// The same call at the same place makes the same ids, so that an appointment that was booked a moment ago can be named.
struct Repeatable {
    seed: [u8; 32],
    given: AtomicU64,
}

impl Repeatable {
    fn of(place: u64, call: &ToolCall) -> Repeatable {
        let mut seed = Sha256::new();
        seed.update(place.to_be_bytes());
        seed.update(&call.name);
        seed.update(call.arguments.to_string());
        Repeatable { seed: seed.finalize().into(), given: AtomicU64::new(0) }
    }
}

impl Ids for Repeatable {
    fn uuid(&self, now: Timestamp) -> Uuid {
        let mut next = Sha256::new();
        next.update(self.seed);
        next.update(self.given.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        next.update(now.0.to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&next.finalize()[..16]);
        Uuid::from_bytes(bytes)
    }
}
