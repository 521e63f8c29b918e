//! Contacts are made and changed.

use std::collections::BTreeMap;

use axum::extract::State;
use frontdesk_engine::contacts::{
    Draft,
    change::{self, Made},
    fields::{self, Changes},
    phone,
};
use frontdesk_kernel::{contact::AddressKind, ids::ContactId};
use frontdesk_store::{audit, contacts, tenants, work};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::{
    refused, show,
    views::{AddressView, ContactDetail},
};
use crate::{
    Web,
    kit::{Body, Caller, Created, Deleted, Found, Patch, Path, Problem},
};

/// A new contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewContact {
    #[serde(default)]
    name: Option<String>,
    /// Such as `es-CO`.
    #[serde(default)]
    language: Option<String>,
    #[serde(default)]
    note: Option<String>,
    /// At least one: how they are reached and recognised.
    addresses: Vec<AddressView>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    facts: BTreeMap<String, String>,
}

/// Adds a contact.
#[utoipa::path(post, path = "/contacts", tag = "contacts", request_body = NewContact, responses((status = 201, body = ContactDetail)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewContact>,
) -> Result<Created<ContactDetail>, Problem> {
    caller.require("contact:write")?;
    let region = region(&web, &caller).await?;
    let draft = draft(new, region)?;
    let (s, id, now) = (caller.scope.clone(), web.desk.id::<frontdesk_kernel::ids::OfContact>(), web.desk.now());
    let entry = caller.entry(&web, "contact.create", id.as_str(), json!({ "addresses": draft.addresses.len() }));
    let new_id = id.clone();
    let made = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let made = change::create(tx, &s, new_id, &draft, now).await?;
                if let Made::Done(_) = made {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(made)
            }),
        )
        .await;
    match made {
        Ok(Made::Done(_)) => {}
        Ok(Made::Taken(address, owner)) => return Err(taken(address.kind, &owner)),
        Err(frontdesk_store::Error::Conflict(_)) => {
            return Err(Problem::conflict("address_taken", "Another contact has this address."));
        }
        Err(e) => return Err(e.into()),
    }
    change::tell(&web.desk, &caller.scope, &[&id]);
    let (detail, updated_at) = show::detail(&web, &caller, &id).await?.into_parts();
    let created = Created::at(format!("/api/v1/contacts/{id}"), detail);
    Ok(match updated_at {
        Some(at) => created.tagged(at),
        None => created,
    })
}

fn taken(kind: AddressKind, owner: &ContactId) -> Problem {
    let what = match kind {
        AddressKind::Phone => "phone number",
        AddressKind::Email => "e-mail address",
        AddressKind::Bsuid | AddressKind::Visitor => "address",
    };
    Problem::conflict("address_taken", format!("The contact {owner} has this {what} already."))
}

async fn region(web: &Web, caller: &Caller) -> Result<Option<phone::Region>, Problem> {
    let s = caller.scope.clone();
    let tenant = web.desk.db.read(&caller.scope, work!(tx => tenants::get(tx, &s).await)).await?;
    Ok(tenant.as_ref().and_then(phone::region))
}

fn draft(new: NewContact, region: Option<phone::Region>) -> Result<Draft, Problem> {
    if new.addresses.is_empty() {
        return Err(Problem::field("addresses", "at least one: a contact is recognised by it"));
    }
    let given: Vec<(AddressKind, String)> = new.addresses.into_iter().map(|a| (a.kind, a.value)).collect();
    let addresses = fields::addresses("addresses", &given, region).map_err(refused)?;
    let tags = fields::tags("tags", &new.tags).map_err(refused)?;
    let changes = Changes {
        name: Some(new.name),
        language: Some(new.language),
        note: Some(new.note),
        facts: new.facts.into_iter().map(|(fact, value)| (fact, Some(value))).collect(),
        tags: None,
    };
    let mut contact =
        frontdesk_kernel::contact::Contact::stranger(ContactId::from_uuid(Default::default()), frontdesk_kernel::Timestamp(0));
    changes.apply(&mut contact).map_err(refused)?;
    Ok(Draft { name: contact.name, language: contact.language, note: contact.note, facts: contact.facts, addresses, tags })
}

/// Changes of a contact: what is absent stays as it is, `null` forgets it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContactChange {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    language: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    note: Patch<String>,
    /// All tags they have then.
    #[serde(default)]
    tags: Option<Vec<String>>,
    /// Facts that change; `null` forgets one.
    #[serde(default)]
    facts: BTreeMap<String, Option<String>>,
}

fn wish(patch: Patch<String>) -> Option<Option<String>> {
    match patch {
        Patch::Keep => None,
        Patch::Clear => Some(None),
        Patch::Set(value) => Some(Some(value)),
    }
}

/// Changes a contact.
#[utoipa::path(patch, path = "/contacts/{id}", tag = "contacts", params(("id" = ContactId, Path)), request_body = ContactChange, responses((status = 200, body = ContactDetail)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
    Body(change): Body<ContactChange>,
) -> Result<Found<ContactDetail>, Problem> {
    caller.require("contact:write")?;
    let tags = change.tags.map(|tags| fields::tags("tags", &tags)).transpose().map_err(refused)?;
    let changes =
        Changes { name: wish(change.name), language: wish(change.language), note: wish(change.note), facts: change.facts, tags };
    let entry = caller.entry(&web, "contact.update", id.as_str(), json!({ "changed": changes.names() }));
    let (s, c, wanted, now) = (caller.scope.clone(), caller.clone(), id.clone(), web.desk.now());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let Some(mut contact) = contacts::lock(tx, &s, &wanted).await? else {
                    return Ok(Err(Problem::not_found("contact")));
                };
                if let Err(stale) = c.if_match(contact.updated_at) {
                    return Ok(Err(stale));
                }
                if let Err(wrong) = changes.apply(&mut contact) {
                    return Ok(Err(refused(wrong)));
                }
                // Two changes within a millisecond are two states.
                contact.updated_at = now.max(frontdesk_kernel::Timestamp(contact.updated_at.0 + 1));
                contacts::update(tx, &s, &contact).await?;
                if let Some(tags) = &changes.tags {
                    contacts::set_tags(tx, &s, &wanted, tags).await?;
                }
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    change::tell(&web.desk, &caller.scope, &[&id]);
    show::detail(&web, &caller, &id).await
}

/// Adds an address to a contact.
///
/// 409 `address_taken` when it is somebody else's: merge the two if they are the same person.
#[utoipa::path(post, path = "/contacts/{id}/addresses", tag = "contacts", params(("id" = ContactId, Path)), request_body = AddressView, responses((status = 201, body = AddressView)))]
pub(crate) async fn add_address(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ContactId>,
    Body(new): Body<AddressView>,
) -> Result<Created<AddressView>, Problem> {
    caller.require("contact:write")?;
    let address = fields::address("value", new.kind, &new.value, region(&web, &caller).await?).map_err(refused)?;
    let entry = caller.entry(&web, "contact.address_added", id.as_str(), json!({ "kind": address.kind }));
    let (s, wanted, added, now) = (caller.scope.clone(), id.clone(), address.clone(), web.desk.now());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let Some(contact) = contacts::lock(tx, &s, &wanted).await? else {
                    return Ok(Err(Problem::not_found("contact")));
                };
                if contacts::addresses(tx, &s, &wanted).await?.len() >= fields::MOST_ADDRESSES {
                    return Ok(Err(Problem::field("value", format!("a contact has at most {} addresses", fields::MOST_ADDRESSES))));
                }
                if !contacts::add_address(tx, &s, &wanted, &added, now).await? {
                    return match contacts::at_address(tx, &s, added.kind, &added.value).await? {
                        Some(owner) if owner == wanted => Ok(Ok(())),
                        Some(owner) => Ok(Err(taken(added.kind, &owner))),
                        None => Ok(Err(Problem::conflict("address_taken", "Another contact has this address."))),
                    };
                }
                contacts::update(tx, &s, &frontdesk_kernel::contact::Contact { updated_at: now, ..contact }).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    change::tell(&web.desk, &caller.scope, &[&id]);
    let location = format!("/api/v1/contacts/{id}/addresses/{}/{}", address.kind.as_str(), address.value);
    Ok(Created::at(location, address.into()))
}

/// Takes an address away from a contact.
///
/// Their conversations stay. Somebody who writes from this address later is a new contact.
#[utoipa::path(delete, path = "/contacts/{id}/addresses/{kind}/{value}", tag = "contacts",
    params(("id" = ContactId, Path), ("kind" = AddressKind, Path), ("value" = String, Path)), responses((status = 204)))]
pub(crate) async fn remove_address(
    State(web): State<Web>,
    caller: Caller,
    Path((id, kind, value)): Path<(ContactId, AddressKind, String)>,
) -> Result<Deleted, Problem> {
    caller.require("contact:write")?;
    let entry = caller.entry(&web, "contact.address_removed", id.as_str(), json!({ "kind": kind }));
    let address = frontdesk_kernel::ports::channel::Address { kind, value };
    let (s, wanted, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let Some(contact) = contacts::lock(tx, &s, &wanted).await? else {
                    return Ok(Err(Problem::not_found("contact")));
                };
                let addresses = contacts::addresses(tx, &s, &wanted).await?;
                if !addresses.contains(&address) {
                    return Ok(Err(Problem::not_found("address")));
                }
                if addresses.len() == 1 {
                    let why = "This is the only address of the contact: add another first, or erase the contact.";
                    return Ok(Err(Problem::conflict("last_address", why)));
                }
                contacts::remove_address(tx, &s, &wanted, &address).await?;
                contacts::update(tx, &s, &frontdesk_kernel::contact::Contact { updated_at: now, ..contact }).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok(()))
            }),
        )
        .await??;
    change::tell(&web.desk, &caller.scope, &[&id]);
    Ok(Deleted)
}
