//! Whose addresses these are: somebody known, or a stranger who becomes a contact.

use frontdesk_kernel::{Scope, Timestamp, contact::Contact, ids::ContactId, ports::channel::Address};

use super::{add_address, at_address, insert, link};
use crate::{Asked, Error, Result, Tx};

fn ask_at(tx: &mut Tx, scope: &Scope, address: &Address) -> Result<Asked<ContactId>> {
    let sql = "SELECT contact FROM contact_address WHERE tenant = $1 AND kind = $2 AND value = $3";
    tx.query_each(sql, &format!("{sql} FOR SHARE"))
        .bind(scope.tenant())
        .bind(address.kind)
        .bind(address.value.as_str())
        .ask(|row| row.get("contact"))
}

/// To whom these addresses belong, in their order, to be read later.
pub(crate) struct Held(Vec<Asked<ContactId>>);

impl Held {
    pub(crate) async fn all(self, tx: &mut Tx) -> Result<Vec<Option<ContactId>>> {
        let mut held = Vec::with_capacity(self.0.len());
        for asked in self.0 {
            held.push(asked.optional(tx).await?);
        }
        Ok(held)
    }
}

pub(crate) fn ask(tx: &mut Tx, scope: &Scope, addresses: &[Address]) -> Result<Held> {
    addresses.iter().map(|address| ask_at(tx, scope, address)).collect::<Result<_>>().map(Held)
}

/// Who has any of these addresses (strongest first); a stranger becomes a contact under `new`. An address that is still free is linked;
/// one that belongs to somebody else is left alone: two contacts are never merged silently.
pub async fn by(tx: &mut Tx, scope: &Scope, addresses: &[Address], new: &ContactId, now: Timestamp) -> Result<ContactId> {
    let held = ask(tx, scope, addresses)?.all(tx).await?;
    among(tx, scope, addresses, held, new, now).await
}

/// As `by`, where it was asked already whose they are.
pub(crate) async fn among(
    tx: &mut Tx,
    scope: &Scope,
    addresses: &[Address],
    held: Vec<Option<ContactId>>,
    new: &ContactId,
    now: Timestamp,
) -> Result<ContactId> {
    let mut known = None;
    let mut missing = Vec::new();
    if addresses.is_empty() {
        return Err(Error::Broken("a person without an address".into()));
    }
    for (address, held) in addresses.iter().zip(held) {
        match held {
            Some(contact) => known = known.or(Some(contact)),
            None => missing.push(address),
        }
    }
    let contact = match known {
        Some(contact) => contact,
        None => {
            let first = missing.remove(0);
            if link(tx, scope, new, first, now).await? {
                insert(tx, scope, &Contact::stranger(new.clone(), now)).await?;
                new.clone()
            } else {
                // Another node met the same stranger a moment ago.
                at_address(tx, scope, first.kind, &first.value).await?.unwrap_or_else(|| new.clone())
            }
        }
    };
    for address in missing {
        add_address(tx, scope, &contact, address, now).await?;
    }
    Ok(contact)
}
