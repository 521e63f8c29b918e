//! Customers: who they are, what is agreed with them, who answers them.

use std::{collections::BTreeMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Contact},
    conversation::Mode,
    ids::ContactId,
    ports::channel::Address,
    tenant::Tenant,
};
use frontdesk_store::{
    Result, Tx, calendar,
    contact_search::{self, After, Filter, Key, Order},
    contacts, conversations, timers, work,
};
use phonenumber::country::Id as Region;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{refused, scope};
use crate::{
    Desk,
    contacts::{
        Draft, Wrong,
        change::{self, Made},
        fields, phone,
    },
    events::Event,
    news::News,
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Newest first.
    List {
        /// The `before` of the last page.
        #[serde(default)]
        before: Option<String>,
        limit: u32,
    },
    Get {
        contact: String,
    },
    Create {
        /// The first one is how they are reached.
        addresses: Vec<NewAddress>,
        change: Change,
    },
    Update {
        /// Id or address.
        contact: String,
        change: Change,
    },
    /// Erases everything that is known of the person.
    Delete {
        contact: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    pub kind: AddressKind,
    pub value: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// Empty = unknown again.
    pub name: Option<String>,
    /// `None` forgets one.
    pub facts: BTreeMap<String, Option<String>>,
    /// Who answers in all their conversations.
    pub state: Option<State>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Bot,
    Human,
}

const LARGEST_PAGE: u32 = 500;

pub(super) async fn execute(desk: &Arc<Desk>, tenant: &Tenant, action: Action) -> Result<Value> {
    let (scope, now) = (scope(&tenant.id), desk.now());
    let (s, region) = (scope.clone(), phone::region(tenant));
    match action {
        Action::List { before, limit } => list(desk, &scope, before.as_deref(), limit).await,
        Action::Get { contact } => {
            desk.db
                .read(
                    &scope,
                    work!(tx => {
                        let contact = find(tx, &s, &contact, region).await?;
                        shown(tx, &s, &contact, now).await
                    }),
                )
                .await
        }
        Action::Create { addresses, change } => create(desk, tenant, &scope, addresses, change).await,
        Action::Update { contact, change } => {
            desk.db
                .write(
                    &scope,
                    work!(tx => {
                        let mut contact = find(tx, &s, &contact, region).await?;
                        apply(&mut contact, &change)?;
                        contact.updated_at = now;
                        contacts::update(tx, &s, &contact).await?;
                        if let Some(state) = change.state {
                            hand_to(tx, &s, &contact.id, state).await?;
                        }
                        shown(tx, &s, &contact, now).await
                    }),
                )
                .await
        }
        Action::Delete { contact } => {
            let (deleted, news) = desk
                .db
                .write(
                    &scope,
                    work!(tx => {
                        let (contact, mut news) = (find(tx, &s, &contact, region).await?, News::default());
                        change::erase(tx, &s, &contact.id, &mut news).await?;
                        news.other(s.tenant(), Event::new("contact.changed", contact.id.as_str()));
                        Ok((json!({ "deleted": contact.id, "name": contact.name }), news))
                    }),
                )
                .await?;
            news.tell(&desk.events);
            Ok(deleted)
        }
    }
}

async fn list(desk: &Desk, scope: &Scope, before: Option<&str>, limit: u32) -> Result<Value> {
    if !(1..=LARGEST_PAGE).contains(&limit) {
        return Err(refused(format!("limit: from 1 to {LARGEST_PAGE}")));
    }
    let before = before.map(cursor).transpose()?;
    let s = scope.clone();
    desk.db
        .read(
            scope,
            work!(tx => {
                let after = before.map(|(at, id)| After { key: Key::Time(at), id });
                let page = contact_search::list(tx, &s, &Filter::default(), Order::Newest, after.as_ref(), limit).await?;
                let page: Vec<Contact> = page.into_iter().map(|l| l.contact).collect();
                let next = page.last().filter(|_| page.len() == limit as usize).map(|c| format!("{}:{}", c.created_at.0, c.id));
                let mut rows = Vec::new();
                for contact in &page {
                    rows.push(summary(contact, &contacts::addresses(tx, &s, &contact.id).await?));
                }
                Ok(json!({ "contacts": rows, "before": next }))
            }),
        )
        .await
}

/// `<created at, ms>:<id>`.
fn cursor(text: &str) -> Result<(Timestamp, ContactId)> {
    let read = || {
        let (at, id) = text.split_once(':')?;
        Some((Timestamp(at.parse().ok()?), ContactId::parse(id).ok()?))
    };
    read().ok_or_else(|| refused(format!("before: `{text}` is not what a page ended with")))
}

async fn create(desk: &Arc<Desk>, tenant: &Tenant, scope: &Scope, addresses: Vec<NewAddress>, change: Change) -> Result<Value> {
    if addresses.is_empty() {
        return Err(refused("a contact needs an address: --phone or --email"));
    }
    if change.state.is_some() {
        return Err(refused("state: a new contact has no conversation yet"));
    }
    let region = phone::region(tenant);
    let addresses = addresses.into_iter().map(|new| checked(new, region)).collect::<Result<Vec<_>>>()?;
    let (now, id) = (desk.now(), desk.id());
    let mut contact = Contact::stranger(ContactId::clone(&id), now);
    apply(&mut contact, &change)?;
    let draft = Draft { name: contact.name, facts: contact.facts, addresses, ..Draft::default() };
    let s = scope.clone();
    desk.db
        .write(
            scope,
            work!(tx => {
                match change::create(tx, &s, id, &draft, now).await? {
                    Made::Done(contact) => shown(tx, &s, &contact, now).await,
                    Made::Taken(address, _) => Err(refused(format!(
                        "{} belongs to a contact already: `frontdesk contact get {0}` shows whom", address.value
                    ))),
                }
            }),
        )
        .await
}

fn checked(new: NewAddress, region: Option<Region>) -> Result<Address> {
    let path = match new.kind {
        AddressKind::Email => "e-mail",
        other => other.as_str(),
    };
    fields::address(path, new.kind, &new.value, region).map_err(said)
}

fn said(w: Wrong) -> frontdesk_store::Error {
    refused(format!("{}: {}", w.path, w.problem))
}

fn apply(contact: &mut Contact, change: &Change) -> Result<()> {
    let changes =
        fields::Changes { name: change.name.clone().map(Some), facts: change.facts.clone(), ..fields::Changes::default() };
    changes.apply(contact).map_err(said)
}

/// Gives their conversations to the bot, or takes them over until they are given back.
async fn hand_to(tx: &mut Tx, scope: &Scope, contact: &ContactId, state: State) -> Result<()> {
    let conversations = conversations::all_of_contact(tx, scope, contact).await?;
    if conversations.is_empty() {
        return Err(refused("state: there is no conversation with this contact yet"));
    }
    for conversation in conversations {
        let (mode, reason) = match state {
            State::Bot => (Mode::Bot, "given back to the bot at the command line"),
            State::Human => (Mode::Human, "taken over at the command line"),
        };
        // Whatever was to happen by itself later: a person has decided now.
        timers::disarm(tx, scope, &format!("resume/{}", conversation.id)).await?;
        conversations::set_mode(tx, scope, &conversation.id, mode, reason).await?;
    }
    Ok(())
}

async fn find(tx: &mut Tx, scope: &Scope, wanted: &str, region: Option<Region>) -> Result<Contact> {
    let nobody = || refused(format!("there is no contact `{wanted}`: name one by id, phone number or other address"));
    let id = match ContactId::parse(wanted) {
        Ok(id) => id,
        Err(_) => at(tx, scope, wanted, region).await?.ok_or_else(nobody)?,
    };
    contacts::get(tx, scope, &id).await?.ok_or_else(nobody)
}

async fn at(tx: &mut Tx, scope: &Scope, wanted: &str, region: Option<Region>) -> Result<Option<ContactId>> {
    for kind in [AddressKind::Phone, AddressKind::Bsuid, AddressKind::Email, AddressKind::Visitor] {
        let Ok(address) = checked(NewAddress { kind, value: wanted.to_owned() }, region) else { continue };
        if let Some(id) = contacts::at_address(tx, scope, kind, &address.value).await? {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

fn summary(c: &Contact, addresses: &[Address]) -> Value {
    let addresses: Vec<Value> = addresses.iter().map(|a| json!({ "kind": a.kind, "value": a.value })).collect();
    json!({ "id": c.id, "name": c.name, "addresses": addresses, "facts": c.facts, "created_at": c.created_at.to_string(), "updated_at": c.updated_at.to_string() })
}

async fn shown(tx: &mut Tx, scope: &Scope, contact: &Contact, now: Timestamp) -> Result<Value> {
    let mut shown = summary(contact, &contacts::addresses(tx, scope, &contact.id).await?);
    let upcoming = calendar::upcoming_of(tx, scope, &contact.id, now).await?;
    shown["appointments"] = upcoming
        .iter()
        .map(|a| json!({ "id": a.id, "title": a.title, "starts_at": a.starts_at.to_string(), "ends_at": a.ends_at.to_string(), "notes": a.notes }))
        .collect();
    shown["conversations"] = conversations::all_of_contact(tx, scope, &contact.id)
        .await?
        .iter()
        .map(|c| {
            json!({
                "id": c.id, "channel": c.channel, "state": c.mode.as_str(), "reason": c.mode_reason, "last_message_at": c.last_message_at.to_string(),
            })
        })
        .collect();
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_what_the_next_one_begins_with() {
        let id = ContactId::parse("con_1").unwrap();
        assert_eq!(cursor("5:con_1").unwrap(), (Timestamp(5), id));
        for wrong in ["", "5", "x:con_1", "5:tnt_1"] {
            assert!(cursor(wrong).is_err(), "{wrong}");
        }
    }
}
