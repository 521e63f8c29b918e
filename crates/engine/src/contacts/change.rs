//! Contacts are made, changed, merged and erased. Everything happens in the caller's unit of work, so that it can write its audit line.

use frontdesk_kernel::{Scope, Timestamp, contact::Contact, ids::*, ports::channel::Address};
use frontdesk_store::{Result, Tx, contact_history, contacts, conversations, tasks, timers};

use super::fields::Draft;
use crate::{Desk, events::Event, news::News};

/// What became of a wish.
#[derive(Debug)]
pub enum Made {
    Done(Contact),
    /// The address is this contact's already.
    Taken(Address, ContactId),
}

/// A new contact. When an address is somebody's already, nothing may be kept: the caller lets the unit of work fail.
pub async fn create(tx: &mut Tx, scope: &Scope, id: ContactId, draft: &Draft, now: Timestamp) -> Result<Made> {
    for address in &draft.addresses {
        if let Some(owner) = contacts::at_address(tx, scope, address.kind, &address.value).await? {
            return Ok(Made::Taken(address.clone(), owner));
        }
    }
    let contact = Contact {
        name: draft.name.clone(),
        language: draft.language.clone(),
        note: draft.note.clone(),
        facts: draft.facts.clone(),
        ..Contact::stranger(id, now)
    };
    contacts::insert(tx, scope, &contact).await?;
    for (address, place) in draft.addresses.iter().zip(0..) {
        // They stay in the order in which they were given.
        let since = Timestamp(now.0 + place);
        if !contacts::add_address(tx, scope, &contact.id, address, since).await? {
            // Taken between the look and now: on PostgreSQL only.
            return Err(frontdesk_store::Error::Conflict(format!(
                "the address {} was taken a moment ago",
                address.kind.as_str()
            )));
        }
    }
    if !draft.tags.is_empty() {
        contacts::set_tags(tx, scope, &contact.id, &draft.tags).await?;
    }
    Ok(Made::Done(contact))
}

/// Of the appointments and tasks that go with a contact, so many are named to watchers.
const NAMED: u32 = 100;

/// Removes a contact with all that hangs on it. `None`: there is no such contact. What is returned tells of them no more than that they
/// existed: a keyed hash of each address, so that it can be shown later that somebody was erased. `news`: what nobody should show any more.
pub async fn erase(tx: &mut Tx, scope: &Scope, id: &ContactId, news: &mut News) -> Result<Option<Vec<String>>> {
    let addresses = contacts::addresses(tx, scope, id).await?;
    let threads = conversations::all_of_contact(tx, scope, id).await?;
    let visits = contact_history::visits(tx, scope, id, NAMED).await?;
    let theirs = tasks::Filter { contact: Some(id.clone()), ..tasks::Filter::default() };
    let tasks = tasks::list(tx, scope, &theirs, None, NAMED).await?;
    for thread in &threads {
        timers::disarm(tx, scope, &format!("resume/{}", thread.id)).await?;
    }
    if !contacts::erase(tx, scope, id).await? {
        return Ok(None);
    }
    for thread in &threads {
        news.conversation(scope.tenant(), &thread.id);
    }
    for visit in &visits {
        news.other(scope.tenant(), Event::new("appointment.changed", visit.id.as_str()));
    }
    for task in &tasks {
        news.task(scope.tenant(), &task.id, None);
    }
    let proof =
        addresses.iter().map(|a| crate::tracer::hash(scope.tenant(), &format!("{}:{}", a.kind.as_str(), a.value))).collect();
    Ok(Some(proof))
}

/// After a merge or its undoing: lanes may be free, watchers look again.
pub fn tell(desk: &Desk, scope: &Scope, contacts: &[&ContactId]) {
    desk.wake.lanes.notify_one();
    for contact in contacts {
        desk.events.tell(scope.tenant(), Event::new("contact.changed", contact.as_str()));
    }
}
