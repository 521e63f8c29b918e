//! Who answers in a conversation, who looks after it, and until when it is out of the way: decided by people, undone by timers.

use frontdesk_kernel::{Scope, Timestamp, conversation::Mode, ids::*};
use frontdesk_store::{
    Result, Tx, conversations, effects,
    threads::{self, Thread},
    timers,
};

use crate::{Desk, crash};

/// What is to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub mode: Option<Mode>,
    pub assignee: Option<Option<UserId>>,
    pub snoozed_until: Option<Option<Timestamp>>,
    pub agent: Option<Option<AgentId>>,
    pub unread: Option<bool>,
}

/// The timer that gives a conversation back to the bot.
pub fn resume_timer(id: &ConversationId) -> String {
    format!("resume/{id}")
}

/// The timer that ends a snooze.
pub fn snooze_timer(id: &ConversationId) -> String {
    format!("snooze/{id}")
}

/// Makes the change; the conversation as it was, or `None` when there is none. `why` is for staff.
pub async fn apply(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    id: &ConversationId,
    change: &Change,
    why: &str,
) -> Result<Option<Thread>> {
    // Before anything is decided: a turn that ends now and this change see each other.
    let Some(mode) = conversations::current_mode(tx, scope, id).await? else { return Ok(None) };
    let Some(before) = threads::get(tx, scope, id).await? else { return Ok(None) };
    if let Some(wanted) = change.mode
        && wanted != mode
    {
        hand_to(tx, desk, scope, id, wanted, why).await?;
    }
    if let Some(person) = &change.assignee {
        threads::assign(tx, scope, id, person.as_ref()).await?;
    }
    if let Some(until) = change.snoozed_until {
        threads::snooze(tx, scope, id, until).await?;
        match until {
            Some(until) => timers::arm(tx, scope, &snooze_timer(id), "end_snooze", id.as_str(), until).await?,
            None => drop(timers::disarm(tx, scope, &snooze_timer(id)).await?),
        }
    }
    if let Some(agent) = &change.agent {
        conversations::set_agent(tx, scope, id, agent.as_ref()).await?;
    }
    let read = change.mode == Some(Mode::Closed);
    if let Some(unread) = change.unread.or(read.then_some(false)) {
        threads::set_unread(tx, scope, id, unread).await?;
    }
    crash::point("handover before commit");
    Ok(Some(before))
}

/// Somebody else answers from now on. What the bot was about to say is not said; what was to happen by itself later is decided anew.
pub async fn hand_to(tx: &mut Tx, desk: &Desk, scope: &Scope, id: &ConversationId, mode: Mode, why: &str) -> Result<()> {
    let now = desk.now();
    conversations::set_mode(tx, scope, id, mode, why).await?;
    if mode != Mode::Bot {
        effects::withdraw_bots(tx, scope, id, "a person answers instead", now).await?;
    }
    let until = match mode {
        Mode::Human => now.plus(desk.settings.human_for),
        Mode::Paused(until) => until,
        Mode::Bot | Mode::Closed => {
            timers::disarm(tx, scope, &resume_timer(id)).await?;
            return Ok(());
        }
    };
    timers::arm(tx, scope, &resume_timer(id), "resume_bot", id.as_str(), until).await
}
