//! Contacts in a list: by age, change or name, by what they are found by, by tag and channel.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Contact},
    ids::{ChannelId, ContactId},
    ports::channel::Address,
    scope::Server,
    search,
};
use serde::{Deserialize, Serialize};

use crate::{
    Result, Tx,
    contacts::{self, COLUMNS, contact},
    query::{Bind, Param, Row},
};

/// Which contacts are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub tag: Option<String>,
    /// Has a thread on it.
    pub channel: Option<ChannelId>,
    pub created_from: Option<Timestamp>,
    pub created_to: Option<Timestamp>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    Newest,
    Oldest,
    Changed,
    Name,
}

/// Where a page ended: the value it is ordered by, and the contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    pub key: Key,
    pub id: ContactId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Key {
    Time(Timestamp),
    Text(String),
}

/// A contact with the value that orders it.
#[derive(Debug, Clone)]
pub struct Listed {
    pub contact: Contact,
    pub key: Key,
}

/// By what contacts are sorted when they are sorted by name: those without one come last.
pub(crate) fn name_key(name: Option<&str>) -> String {
    match name {
        Some(name) => format!("0{}", search::fold(name.trim())),
        None => "1".to_owned(),
    }
}

/// A page of contacts.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let (column, descending) = match order {
        Order::Newest => ("created_at", true),
        Order::Oldest => ("created_at", false),
        Order::Changed => ("updated_at", true),
        Order::Name => ("name_key", false),
    };
    let (than, direction) = if descending { ("<", "DESC") } else { (">", "ASC") };
    let mut params = vec![scope.tenant().param()];
    let mut wanted = vec!["c.tenant = $1".to_owned()];
    if let Some(after) = after {
        match &after.key {
            Key::Time(at) => params.push(at.param()),
            Key::Text(text) => params.push(text.param()),
        }
        params.push(after.id.as_str().param());
        wanted.push(format!("(c.{column}, c.id) {than} (${}, ${})", params.len() - 1, params.len()));
    }
    if order == Order::Name {
        wanted.push("c.name_key IS NOT NULL".to_owned());
    }
    narrow(filter, &mut wanted, &mut params);
    params.push(limit.param());
    let columns = columns();
    let sql = format!(
        "SELECT {columns}, c.name_key FROM contact c WHERE {} ORDER BY c.{column} {direction}, c.id {direction} LIMIT ${}",
        wanted.join(" AND "),
        params.len()
    );
    let mut query = tx.query(&sql);
    for param in params {
        query = query.bind_param(param);
    }
    query
        .all_with(move |row: &Row<'_>| {
            let contact = contact(row)?;
            let key = match order {
                Order::Newest | Order::Oldest => Key::Time(contact.created_at),
                Order::Changed => Key::Time(contact.updated_at),
                Order::Name => Key::Text(row.get("name_key")?),
            };
            Ok(Listed { contact, key })
        })
        .await
}

/// Contacts who are found by every one of `words` (their beginnings), in the order of the word that was found. The longest word drives:
/// the work grows with what it finds, not with the contacts there are.
pub async fn find(
    tx: &mut Tx,
    scope: &Scope,
    words: &[String],
    filter: &Filter,
    after: Option<&After>,
    limit: u32,
) -> Result<Vec<Listed>> {
    let mut words: Vec<&str> = words.iter().map(String::as_str).filter(|w| !w.is_empty()).collect();
    words.sort_by_key(|w| std::cmp::Reverse(w.len()));
    let Some((first, others)) = words.split_first() else { return Ok(Vec::new()) };
    let (low, high) = range(first);
    let mut params = vec![scope.tenant().param(), Param::Bytes(low.into()), Param::Bytes(high.into())];
    let mut wanted = vec![
        "w.tenant = $1 AND w.word >= $2 AND w.word < $3".to_owned(),
        // Once, by the first of their words that fits.
        "NOT EXISTS (SELECT 1 FROM contact_word o WHERE o.tenant = w.tenant AND o.contact = w.contact AND o.word >= $2 AND o.word < w.word)"
            .to_owned(),
    ];
    for other in others {
        let (low, high) = range(other);
        params.extend([Param::Bytes(low.into()), Param::Bytes(high.into())]);
        wanted.push(format!(
            "EXISTS (SELECT 1 FROM contact_word o WHERE o.tenant = w.tenant AND o.contact = w.contact AND o.word >= ${} AND o.word < ${})",
            params.len() - 1,
            params.len()
        ));
    }
    if let Some(After { key: Key::Text(word), id }) = after {
        params.extend([Param::Bytes(word.as_bytes().into()), id.as_str().param()]);
        wanted.push(format!("(w.word, w.contact) > (${}, ${})", params.len() - 1, params.len()));
    }
    narrow(filter, &mut wanted, &mut params);
    params.push(limit.param());
    let columns = columns();
    let sql = format!(
        "SELECT {columns}, w.word FROM contact_word w JOIN contact c ON c.tenant = w.tenant AND c.id = w.contact
          WHERE {} ORDER BY w.word, w.contact LIMIT ${}",
        wanted.join(" AND "),
        params.len()
    );
    let mut query = tx.query(&sql);
    for param in params {
        query = query.bind_param(param);
    }
    query
        .all_with(|row: &Row<'_>| {
            let word = String::from_utf8_lossy(&row.get::<Vec<u8>>("word")?).into_owned();
            Ok(Listed { contact: contact(row)?, key: Key::Text(word) })
        })
        .await
}

fn columns() -> String {
    COLUMNS.split(", ").map(|c| format!("c.{c}")).collect::<Vec<_>>().join(", ")
}

fn narrow<'q>(filter: &'q Filter, wanted: &mut Vec<String>, params: &mut Vec<Param<'q>>) {
    let mut also = |sql: &str, param: Param<'q>| {
        params.push(param);
        wanted.push(sql.replace("$$", &format!("${}", params.len())));
    };
    if let Some(tag) = &filter.tag {
        also("c.id IN (SELECT t.contact FROM contact_tag t WHERE t.tenant = $1 AND t.tag = $$)", tag.param());
    }
    if let Some(channel) = &filter.channel {
        also(
            "EXISTS (SELECT 1 FROM conversation v WHERE v.tenant = c.tenant AND v.channel = $$ AND v.contact = c.id)",
            channel.param(),
        );
    }
    if let Some(from) = filter.created_from {
        also("c.created_at >= $$", from.param());
    }
    if let Some(to) = filter.created_to {
        also("c.created_at < $$", to.param());
    }
}

/// Everything that begins so: from the word to the first that no longer does.
fn range(word: &str) -> (Vec<u8>, Vec<u8>) {
    let low = word.as_bytes().to_vec();
    let mut high = low.clone();
    // No byte of UTF-8 is that large.
    high.push(0xFF);
    (low, high)
}

/// Takes a contact into the search.
pub(crate) async fn index(tx: &mut Tx, scope: &Scope, id: &ContactId, name: Option<&str>) -> Result<()> {
    tx.query("DELETE FROM contact_word WHERE tenant = $1 AND contact = $2").bind(scope.tenant()).bind(id).put().await?;
    index_new(tx, scope, id, name).await
}

/// As `index`, of a contact that was never taken into the search.
pub(crate) async fn index_new(tx: &mut Tx, scope: &Scope, id: &ContactId, name: Option<&str>) -> Result<()> {
    let addresses = contacts::addresses(tx, scope, id).await?;
    let words = name.map(search::words).unwrap_or_default().into_iter();
    add_words(tx, scope, id, words.chain(addresses.iter().flat_map(words_of)).collect()).await
}

pub(crate) async fn index_again(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<()> {
    let Some(contact) = contacts::get(tx, scope, id).await? else { return Ok(()) };
    index(tx, scope, id, contact.name.as_deref()).await
}

pub(crate) async fn index_address(tx: &mut Tx, scope: &Scope, id: &ContactId, address: &Address) -> Result<()> {
    add_words(tx, scope, id, words_of(address)).await
}

fn words_of(address: &Address) -> Vec<String> {
    match address.kind {
        AddressKind::Phone => search::of_phone(&address.value),
        AddressKind::Email => search::words(&address.value),
        // Nobody knows these by heart.
        AddressKind::Bsuid | AddressKind::Visitor => Vec::new(),
    }
}

/// Rows of one statement.
const AT_ONCE: usize = 16;

async fn add_words(tx: &mut Tx, scope: &Scope, id: &ContactId, words: Vec<String>) -> Result<()> {
    for words in words.chunks(AT_ONCE) {
        let rows: Vec<String> = (3..3 + words.len()).map(|n| format!("($1, ${n}, $2)")).collect();
        let sql = format!(
            "INSERT INTO contact_word (tenant, word, contact) VALUES {} ON CONFLICT (tenant, word, contact) DO NOTHING",
            rows.join(", ")
        );
        let query = tx.query(&sql).bind(scope.tenant()).bind(id);
        words.iter().fold(query, |query, word| query.bind(word.as_bytes())).put().await?;
    }
    Ok(())
}

/// Takes contacts of older versions into the search. Returns how many; fewer than `limit` means that none is left.
pub async fn index_missing(tx: &mut Tx, _: &Server, limit: u32) -> Result<usize> {
    let missing = tx
        .query("SELECT tenant, id, name FROM contact WHERE name_key IS NULL ORDER BY created_at LIMIT $1")
        .bind(limit)
        .all(|row| Ok((row.get("tenant")?, row.get::<ContactId>("id")?, row.get::<Option<String>>("name")?)))
        .await?;
    for (tenant, id, name) in &missing {
        let scope = Scope::of(frontdesk_kernel::ids::TenantId::clone(tenant));
        tx.query("UPDATE contact SET name_key = $3 WHERE tenant = $1 AND id = $2")
            .bind(scope.tenant())
            .bind(id)
            .bind(name_key(name.as_deref()))
            .put()
            .await?;
        index(tx, &scope, id, name.as_deref()).await?;
    }
    Ok(missing.len())
}

/// Contacts whose name is the same but for case and accents, the given one left out.
pub async fn namesakes(tx: &mut Tx, scope: &Scope, contact: &Contact, limit: u32) -> Result<Vec<Contact>> {
    if contact.name.is_none() {
        return Ok(Vec::new());
    }
    tx.query(&format!("SELECT {COLUMNS} FROM contact WHERE tenant = $1 AND name_key = $2 AND id <> $3 ORDER BY id LIMIT $4"))
        .bind(scope.tenant())
        .bind(name_key(contact.name.as_deref()))
        .bind(&contact.id)
        .bind(limit)
        .all(contacts::contact)
        .await
}

/// Names that several contacts have (folded), most shared first.
pub async fn shared_names(tx: &mut Tx, scope: &Scope, limit: u32) -> Result<Vec<Vec<ContactId>>> {
    let names = tx
        .query(
            "SELECT name_key, COUNT(*) AS n FROM contact WHERE tenant = $1 AND name_key > '0' AND name_key < '1'
              GROUP BY name_key HAVING COUNT(*) > 1 ORDER BY n DESC, name_key LIMIT $2",
        )
        .bind(scope.tenant())
        .bind(limit)
        .all(|row| row.get::<String>("name_key"))
        .await?;
    let mut groups = Vec::with_capacity(names.len());
    for name in names {
        let ids = tx
            .query("SELECT id FROM contact WHERE tenant = $1 AND name_key = $2 ORDER BY created_at, id LIMIT 10")
            .bind(scope.tenant())
            .bind(name.as_str())
            .all(|row| row.get("id"))
            .await?;
        groups.push(ids);
    }
    Ok(groups)
}
