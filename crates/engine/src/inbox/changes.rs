//! What comes about something earlier: messages that were edited or deleted, numbers that changed.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    ids::ConversationId,
    message::{Direction, Media, Part},
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
        let (Part::Edit { of, .. } | Part::Delete { of }) = part else { continue };
        if let Some(original) = messages::by_vendor_id(tx, scope, of).await?
            && original.direction == Direction::In
        {
            let parts = match part {
                Part::Edit { text, .. } => edited(&original.parts, text),
                _ => vec![part.clone()],
            };
            messages::set_parts(tx, scope, &original.id, &parts).await?;
        }
    }
    Ok(())
}

/// A file stays: what can be edited of it are the words beside it.
fn edited(parts: &[Part], text: &str) -> Vec<Part> {
    match parts {
        [Part::Media(file), rest @ ..] => {
            let caption = (!text.is_empty()).then(|| text.to_owned());
            std::iter::once(Part::Media(Media { caption, ..file.clone() })).chain(rest.iter().cloned()).collect()
        }
        _ => vec![Part::Text { text: text.to_owned() }],
    }
}
