//! What comes about something earlier: messages that were edited or deleted, numbers that changed.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    ids::ConversationId,
    message::{Direction, Part},
};
use frontdesk_store::{Result, Tx, inbound::Arrival, messages, tasks};

use super::items::Incoming;
use crate::{approvals::numbers, events::Event, news::News};

/// Whoever has the number after them is no member of the team.
pub(super) async fn number_changed(
    tx: &mut Tx,
    scope: &Scope,
    incoming: &Incoming,
    now: Timestamp,
    news: &mut News,
) -> Result<()> {
    let inbound = &incoming.arrival.inbound;
    let renamed = |part: &Part| matches!(part, Part::System { kind, .. } if kind.starts_with("user_changed_number"));
    if let Some(old) = inbound.addresses.iter().find(|a| a.kind == AddressKind::Phone)
        && inbound.parts.iter().any(renamed)
        && let Some(person) = numbers::changed_hands(tx, scope, &old.value, &incoming.lost_number, now).await?
    {
        news.other(scope.tenant(), Event::new("member.changed", person.as_str()));
    }
    Ok(())
}

/// An edit shows on the message it changes, a deletion empties it; a changed number is offered to a person, never merged silently.
pub(super) async fn join_edits(tx: &mut Tx, scope: &Scope, arrival: &Arrival, conversation: &ConversationId) -> Result<()> {
    for part in &arrival.inbound.parts {
        if let Part::System { kind, .. } = part
            && kind.starts_with("user_changed")
        {
            let title = "a contact has a new number or id: link the two contacts if it is the same person";
            tasks::open(tx, scope, &arrival.task, "link_contact", title, Some(conversation), None, arrival.now).await?;
        }
        let (of, parts) = match part {
            Part::Edit { of, text } => (of, vec![Part::Text { text: text.clone() }]),
            Part::Delete { of } => (of, vec![part.clone()]),
            _ => continue,
        };
        if let Some(original) = messages::by_vendor_id(tx, scope, of).await?
            && original.direction == Direction::In
        {
            messages::set_parts(tx, scope, &original.id, &parts).await?;
        }
    }
    Ok(())
}
