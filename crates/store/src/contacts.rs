//! Customers and their addresses.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Contact},
    ids::{ContactId, MediaId},
    message::{Media, Part},
    ports::channel::Address,
};

use crate::{Error, Result, Tx, db::Row, search, values::Json};

const COLUMNS: &str = "id, name, facts, created_at, updated_at";

fn contact(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact {
        id: row.get("id")?,
        name: row.get("name")?,
        facts: row.get::<Json<BTreeMap<String, String>>>("facts")?.0,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Option<Contact>> {
    tx.query(&format!("SELECT {COLUMNS} FROM contact WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(contact)
        .await
}

/// Newest first, after the given one.
pub async fn list(tx: &mut Tx, scope: &Scope, before: Option<(Timestamp, ContactId)>, limit: u32) -> Result<Vec<Contact>> {
    let (at, id) = before.map_or((Timestamp::NEVER, None), |(at, id)| (at, Some(id)));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM contact
          WHERE tenant = $1 AND (created_at < $2 OR (created_at = $2 AND id < COALESCE($3, '')))
          ORDER BY created_at DESC, id DESC LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(at)
    .bind(id.as_ref())
    .bind(limit)
    .all(contact)
    .await
}

pub async fn addresses(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Vec<Address>> {
    tx.query("SELECT kind, value FROM contact_address WHERE tenant = $1 AND contact = $2 ORDER BY created_at, kind, value")
        .bind(scope.tenant())
        .bind(id)
        .all(|row| Ok(Address { kind: row.get("kind")?, value: row.get("value")? }))
        .await
}

pub async fn at_address(tx: &mut Tx, scope: &Scope, kind: AddressKind, value: &str) -> Result<Option<ContactId>> {
    tx.query("SELECT contact FROM contact_address WHERE tenant = $1 AND kind = $2 AND value = $3")
        .bind(scope.tenant())
        .bind(kind)
        .bind(value)
        .optional(|row| row.get("contact"))
        .await
}

pub async fn insert(tx: &mut Tx, scope: &Scope, contact: &Contact) -> Result<()> {
    tx.query("INSERT INTO contact (tenant, id, name, facts, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(scope.tenant())
        .bind(&contact.id)
        .bind(contact.name.as_deref())
        .bind(Json(&contact.facts))
        .bind(contact.created_at)
        .bind(contact.updated_at)
        .execute()
        .await
        .map(drop)
}

pub async fn update(tx: &mut Tx, scope: &Scope, contact: &Contact) -> Result<bool> {
    tx.query("UPDATE contact SET name = $3, facts = $4, updated_at = $5 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&contact.id)
        .bind(contact.name.as_deref())
        .bind(Json(&contact.facts))
        .bind(contact.updated_at)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Adds an address; `false` when somebody has it already.
pub async fn add_address(tx: &mut Tx, scope: &Scope, id: &ContactId, address: &Address, now: Timestamp) -> Result<bool> {
    tx.query(
        "INSERT INTO contact_address (tenant, kind, value, contact, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, kind, value) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(address.kind)
    .bind(address.value.as_str())
    .bind(id)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Who has any of these addresses (strongest first); a stranger becomes a contact under `new`. An address that is still free is linked;
/// one that belongs to somebody else is left alone: two contacts are never merged silently.
pub async fn recognise(tx: &mut Tx, scope: &Scope, addresses: &[Address], new: &ContactId, now: Timestamp) -> Result<ContactId> {
    let mut known = None;
    let mut missing = Vec::new();
    if addresses.is_empty() {
        return Err(Error::Broken("a person without an address".into()));
    }
    for address in addresses {
        match at_address(tx, scope, address.kind, &address.value).await? {
            Some(contact) => known = known.or(Some(contact)),
            None => missing.push(address),
        }
    }
    let contact = match known {
        Some(contact) => contact,
        None => {
            let first = missing.remove(0);
            if add_address(tx, scope, new, first, now).await? {
                let stranger = Contact { id: new.clone(), name: None, facts: BTreeMap::new(), created_at: now, updated_at: now };
                insert(tx, scope, &stranger).await?;
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

/// Removes a contact with everything that hangs on it, the files they sent too. Returns whether it existed.
pub async fn erase(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<bool> {
    for file in files_of(tx, scope, id).await? {
        tx.query("DELETE FROM media WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(&file).execute().await?;
    }
    search::chunks::forget_contact(tx, scope, id).await?;
    let of_conversation = "conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND contact = $2)";
    for statement in [
        format!(
            "DELETE FROM inbound WHERE tenant = $1 AND message IN (SELECT id FROM message WHERE tenant = $1 AND {of_conversation})"
        ),
        format!(
            "DELETE FROM echo WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_conversation})"
        ),
        format!(
            "DELETE FROM attempt WHERE tenant = $1 AND effect IN (SELECT id FROM effect WHERE tenant = $1 AND {of_conversation})"
        ),
        format!("DELETE FROM step WHERE tenant = $1 AND turn IN (SELECT id FROM turn WHERE tenant = $1 AND {of_conversation})"),
        format!(
            "DELETE FROM tool_call WHERE tenant = $1 AND turn IN (SELECT id FROM turn WHERE tenant = $1 AND {of_conversation})"
        ),
        format!("DELETE FROM effect WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM turn WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM task WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM note WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM message WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM lane WHERE tenant = $1 AND {of_conversation}"),
        "DELETE FROM conversation WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM appointment WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM contact_address WHERE tenant = $1 AND contact = $2".to_owned(),
    ] {
        tx.query(&statement).bind(scope.tenant()).bind(id).execute().await?;
    }
    tx.query("DELETE FROM contact WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// Files in the contact's own messages; what we sent may hang in other threads too.
async fn files_of(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Vec<MediaId>> {
    let messages = tx
        .query(
            "SELECT m.parts FROM message m JOIN conversation c ON c.tenant = m.tenant AND c.id = m.conversation
              WHERE c.tenant = $1 AND c.contact = $2 AND m.direction = 'in'",
        )
        .bind(scope.tenant())
        .bind(id)
        .all(|row| row.get::<Json<Vec<Part>>>("parts"))
        .await?;
    let parts = messages.into_iter().flat_map(|Json(parts)| parts);
    Ok(parts.filter_map(|part| if let Part::Media(Media { stored, .. }) = part { stored } else { None }).collect())
}
