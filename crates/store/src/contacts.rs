//! Customers, their addresses and tags, and how they are erased.

pub mod recognise;

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Contact},
    ids::{ContactId, ConversationId, MediaId},
    message::{Media, Part},
    ports::channel::Address,
};

use crate::{
    Asked, Result, Tx, contact_search, imports, mails,
    marks::{self, Mark},
    merges,
    query::Row,
    repeats, search, tokens,
    values::Json,
};

pub(crate) const COLUMNS: &str = "id, name, facts, language, note, created_at, updated_at";

pub(crate) fn contact(row: &Row<'_>) -> Result<Contact> {
    Ok(Contact {
        id: row.get("id")?,
        name: row.get("name")?,
        facts: row.get::<Json<BTreeMap<String, String>>>("facts")?.0,
        language: row.get("language")?,
        note: row.get("note")?,
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

/// With whom a conversation is, to be read later.
pub fn ask_in(tx: &mut Tx, scope: &Scope, conversation: &ConversationId) -> Result<Asked<Contact>> {
    tx.query(&format!(
        "SELECT {COLUMNS} FROM contact
          WHERE tenant = $1 AND id = (SELECT contact FROM conversation WHERE tenant = $1 AND id = $2)"
    ))
    .bind(scope.tenant())
    .bind(conversation)
    .ask(contact)
}

/// As `get`; on PostgreSQL nobody else changes the contact until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Option<Contact>> {
    let sql = format!("SELECT {COLUMNS} FROM contact WHERE tenant = $1 AND id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(contact).await
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
    tx.query(
        "INSERT INTO contact (tenant, id, name, facts, language, note, name_key, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(scope.tenant())
    .bind(&contact.id)
    .bind(contact.name.as_deref())
    .bind(Json(&contact.facts))
    .bind(contact.language.as_deref())
    .bind(contact.note.as_deref())
    .bind(contact_search::name_key(contact.name.as_deref()))
    .bind(contact.created_at)
    .bind(contact.updated_at)
    .put()
    .await?;
    contact_search::index_new(tx, scope, &contact.id, contact.name.as_deref()).await
}

pub async fn update(tx: &mut Tx, scope: &Scope, contact: &Contact) -> Result<bool> {
    let key = contact_search::name_key(contact.name.as_deref());
    let was = tx
        .query("SELECT name_key FROM contact WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&contact.id)
        .optional(|row| row.get::<Option<String>>("name_key"))
        .await?;
    let Some(was) = was else { return Ok(false) };
    tx.query(
        "UPDATE contact SET name = $3, facts = $4, language = $5, note = $6, name_key = $7, updated_at = $8
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&contact.id)
    .bind(contact.name.as_deref())
    .bind(Json(&contact.facts))
    .bind(contact.language.as_deref())
    .bind(contact.note.as_deref())
    .bind(key.as_str())
    .bind(contact.updated_at)
    .put()
    .await?;
    if was.as_deref() != Some(key.as_str()) {
        contact_search::index(tx, scope, &contact.id, contact.name.as_deref()).await?;
    }
    Ok(true)
}

/// Adds an address; `false` when somebody has it already.
pub async fn add_address(tx: &mut Tx, scope: &Scope, id: &ContactId, address: &Address, now: Timestamp) -> Result<bool> {
    let added = link(tx, scope, id, address, now).await?;
    if added {
        contact_search::index_address(tx, scope, id, address).await?;
    }
    Ok(added)
}

/// As `add_address`, and the search is not told.
async fn link(tx: &mut Tx, scope: &Scope, id: &ContactId, address: &Address, now: Timestamp) -> Result<bool> {
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

/// Takes an address away; `false` when it is not this contact's.
pub async fn remove_address(tx: &mut Tx, scope: &Scope, id: &ContactId, address: &Address) -> Result<bool> {
    let removed = tx
        .query("DELETE FROM contact_address WHERE tenant = $1 AND kind = $2 AND value = $3 AND contact = $4")
        .bind(scope.tenant())
        .bind(address.kind)
        .bind(address.value.as_str())
        .bind(id)
        .execute()
        .await?;
    if removed > 0 {
        contact_search::index_again(tx, scope, id).await?;
    }
    Ok(removed > 0)
}

/// Tags of a contact, in order.
pub async fn tags(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Vec<String>> {
    tx.query("SELECT tag FROM contact_tag WHERE tenant = $1 AND contact = $2 ORDER BY tag")
        .bind(scope.tenant())
        .bind(id)
        .all(|row| row.get("tag"))
        .await
}

/// The contact has these tags and no others.
pub async fn set_tags(tx: &mut Tx, scope: &Scope, id: &ContactId, tags: &[String]) -> Result<()> {
    tx.query("DELETE FROM contact_tag WHERE tenant = $1 AND contact = $2").bind(scope.tenant()).bind(id).put().await?;
    for tag in tags {
        tx.query(
            "INSERT INTO contact_tag (tenant, tag, contact) VALUES ($1, $2, $3) ON CONFLICT (tenant, tag, contact) DO NOTHING",
        )
        .bind(scope.tenant())
        .bind(tag.as_str())
        .bind(id)
        .put()
        .await?;
    }
    Ok(())
}

/// Tags in use with how many contacts have them, in order.
pub async fn all_tags(tx: &mut Tx, scope: &Scope, limit: u32) -> Result<Vec<(String, i64)>> {
    tx.query("SELECT tag, COUNT(*) AS n FROM contact_tag WHERE tenant = $1 GROUP BY tag ORDER BY tag LIMIT $2")
        .bind(scope.tenant())
        .bind(limit)
        .all(|row| Ok((row.get("tag")?, row.get("n")?)))
        .await
}

/// Removes a contact with everything that hangs on it, the files they sent too. Returns whether it existed.
pub async fn erase(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<bool> {
    hold(tx, scope, id).await?;
    let Some(contact) = lock(tx, scope, id).await? else { return Ok(false) };
    let addresses = addresses(tx, scope, id).await?;
    // What they were before they were brought together names them, too.
    let mut selves = merges::forget_person(tx, scope, id).await?;
    selves.push(contact);
    let mut marks = marks::of(None, &addresses);
    marks.extend(selves.iter().flat_map(|c| marks::of(c.name.as_deref(), &[])));
    imports::forget_person(tx, scope, &marks).await?;
    let known = addresses.iter().filter(|a| a.kind == AddressKind::Email).map(|a| &a.value);
    let told = selves.iter().filter_map(|c| c.facts.get("email"));
    let mailed: Vec<String> = known.chain(told).map(|to| to.to_lowercase()).collect();
    for to in &mailed {
        mails::forget_to(tx, scope, to).await?;
    }
    let threads = tx
        .query("SELECT id FROM conversation WHERE tenant = $1 AND contact = $2")
        .bind(scope.tenant())
        .bind(id)
        .all(|row| row.get::<String>("id"))
        .await?;
    marks.extend(threads.into_iter().chain(selves.iter().map(|c| c.id.to_string())).map(Mark::Id));
    repeats::forget_person(tx, scope, &marks).await?;
    for file in files_of(tx, scope, id).await? {
        tx.query("DELETE FROM media WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(&file).put().await?;
    }
    search::chunks::forget_contact(tx, scope, id).await?;
    tokens::people::forget(tx, scope, id).await?;
    let of_conversation = "conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND contact = $2)";
    let of_visitor =
        "tenant = $1 AND visitor IN (SELECT value FROM contact_address WHERE tenant = $1 AND contact = $2 AND kind = 'visitor')";
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
        format!(
            "DELETE FROM decision WHERE tenant = $1 AND turn IN (SELECT id FROM turn WHERE tenant = $1 AND {of_conversation})"
        ),
        format!(
            "DELETE FROM member_message WHERE tenant = $1 AND approval IN (SELECT id FROM approval WHERE tenant = $1 AND {of_conversation})"
        ),
        format!(
            "DELETE FROM approval_code WHERE tenant = $1 AND approval IN (SELECT id FROM approval WHERE tenant = $1 AND {of_conversation})"
        ),
        format!("DELETE FROM approval WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM effect WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM turn WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM task WHERE tenant = $1 AND ({of_conversation} OR contact = $2)"),
        format!("DELETE FROM note WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM feed_file WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM feed_entry WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM feed WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM media WHERE tenant = $1 AND id IN (SELECT media FROM upload WHERE {of_visitor})"),
        format!("DELETE FROM upload WHERE {of_visitor}"),
        format!("DELETE FROM message WHERE tenant = $1 AND {of_conversation}"),
        format!("DELETE FROM lane WHERE tenant = $1 AND {of_conversation}"),
        "DELETE FROM conversation WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM refund WHERE tenant = $1 AND payment IN (SELECT id FROM payment WHERE tenant = $1 AND contact = $2)"
            .to_owned(),
        "DELETE FROM payment_report WHERE tenant = $1 AND payment IN (SELECT id FROM payment WHERE tenant = $1 AND contact = $2)"
            .to_owned(),
        "DELETE FROM payment WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM appointment WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM contact_address WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM contact_tag WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM contact_word WHERE tenant = $1 AND contact = $2".to_owned(),
        "DELETE FROM contact_merge WHERE tenant = $1 AND (survivor = $2 OR other = $2)".to_owned(),
    ] {
        tx.query(&statement).bind(scope.tenant()).bind(id).put().await?;
    }
    tx.query("DELETE FROM contact WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute().await.map(|n| n > 0)
}

/// Addresses, then lanes, as in a merge. A message that is arriving and a turn that is writing are whole before anything of theirs is looked
/// for; who comes later finds nobody.
async fn hold(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<()> {
    let addresses = "SELECT value FROM contact_address WHERE tenant = $1 AND contact = $2 ORDER BY kind, value";
    let lanes = "SELECT head_seq FROM lane
                  WHERE tenant = $1 AND conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND contact = $2)
                  ORDER BY conversation";
    for held in [addresses, lanes] {
        tx.query_each(held, &format!("{held} FOR UPDATE")).bind(scope.tenant()).bind(id).put().await?;
    }
    Ok(())
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

/// Addresses of several contacts.
pub async fn addresses_of(tx: &mut Tx, scope: &Scope, ids: &[ContactId]) -> Result<Vec<(ContactId, Address)>> {
    of_several(
        tx,
        scope,
        ids,
        "SELECT contact, kind, value FROM contact_address WHERE tenant = $1 AND contact IN (",
        ") ORDER BY created_at, kind, value",
        |row| Ok((row.get("contact")?, Address { kind: row.get("kind")?, value: row.get("value")? })),
    )
    .await
}

/// Tags of several contacts.
pub async fn tags_of(tx: &mut Tx, scope: &Scope, ids: &[ContactId]) -> Result<Vec<(ContactId, String)>> {
    of_several(
        tx,
        scope,
        ids,
        "SELECT contact, tag FROM contact_tag WHERE tenant = $1 AND contact IN (",
        ") ORDER BY tag",
        |row| Ok((row.get("contact")?, row.get("tag")?)),
    )
    .await
}

async fn of_several<T: Send>(
    tx: &mut Tx,
    scope: &Scope,
    ids: &[ContactId],
    select: &str,
    order: &str,
    read: fn(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<String> = (2..ids.len() + 2).map(|n| format!("${n}")).collect();
    let sql = format!("{select}{}{order}", marks.join(", "));
    let mut query = tx.query(&sql).bind(scope.tenant());
    for id in ids {
        query = query.bind(id);
    }
    query.all(read).await
}
