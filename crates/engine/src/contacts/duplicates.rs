//! Contacts who may be the same person: the same telephone under another name, a told e-mail that is somebody else's address, the same name.

use frontdesk_kernel::{
    Scope,
    contact::{AddressKind, Contact},
    ids::ContactId,
};
use frontdesk_store::{Result, Tx, contact_search, contacts};

use super::phone;

/// Somebody, and why they may be the same.
#[derive(Debug, Clone)]
pub struct Suspect {
    pub contact: Contact,
    /// `phone`, `email` or `name`.
    pub why: &'static str,
}

/// Strongest reason first.
pub async fn of(tx: &mut Tx, scope: &Scope, contact: &Contact) -> Result<Vec<Suspect>> {
    let mut found: Vec<(ContactId, &'static str)> = Vec::new();
    for address in contacts::addresses(tx, scope, &contact.id).await? {
        if address.kind == AddressKind::Phone {
            for variant in phone::variants(&address.value).into_iter().skip(1) {
                found.extend(contacts::at_address(tx, scope, AddressKind::Phone, &variant).await?.map(|id| (id, "phone")));
            }
        }
    }
    if let Some(told) = contact.facts.get("email") {
        found.extend(contacts::at_address(tx, scope, AddressKind::Email, &told.to_lowercase()).await?.map(|id| (id, "email")));
    }
    let namesakes = contact_search::namesakes(tx, scope, contact, 10).await?;
    found.extend(namesakes.into_iter().map(|c| (c.id, "name")));
    let mut suspects: Vec<Suspect> = Vec::new();
    for (id, why) in found {
        if id != contact.id
            && suspects.iter().all(|s| s.contact.id != id)
            && let Some(contact) = contacts::get(tx, scope, &id).await?
        {
            suspects.push(Suspect { contact, why });
        }
    }
    Ok(suspects)
}
