//! Two contacts become one, and can be parted again. Threads go over whole: no message, turn or send changes its thread.
//!
//! A running turn of a thread that goes over knows the contact who is about to vanish. So its lane is taken from it, as if its process had
//! died: it writes nothing any more, and whoever claims the lane next reads the contact anew and folds the journal. On PostgreSQL the order
//! is that of everything else: addresses, lanes, threads, contacts.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Clash, Contact, together},
    ids::*,
};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, Tx, contact_search, contacts, query::row, tokens, values::Json};

/// What hangs on a contact, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Belongings {
    pub addresses: i64,
    pub conversations: i64,
    pub messages: i64,
    pub appointments: i64,
    pub tasks: i64,
}

/// What it takes to part two contacts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    survivor: Contact,
    survivor_tags: Vec<String>,
    merged: Contact,
    other: Contact,
    other_tags: Vec<String>,
    addresses: Vec<(AddressKind, String)>,
    conversations: Vec<(ConversationId, String)>,
    appointments: Vec<AppointmentId>,
    tasks: Vec<TaskId>,
    #[serde(default)]
    payments: Vec<PaymentId>,
}

/// A merge that can be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub other: ContactId,
    pub survivor: ContactId,
    pub merged_at: Timestamp,
}

pub async fn belongings(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Belongings> {
    tx.query(
        "SELECT (SELECT COUNT(*) FROM contact_address WHERE tenant = $1 AND contact = $2) AS addresses,
                (SELECT COUNT(*) FROM conversation WHERE tenant = $1 AND contact = $2) AS conversations,
                (SELECT COUNT(*) FROM message m JOIN conversation c ON c.tenant = m.tenant AND c.id = m.conversation
                  WHERE c.tenant = $1 AND c.contact = $2) AS messages,
                (SELECT COUNT(*) FROM appointment WHERE tenant = $1 AND contact = $2) AS appointments,
                (SELECT COUNT(*) FROM task WHERE tenant = $1 AND contact = $2) AS tasks",
    )
    .bind(scope.tenant())
    .bind(id)
    .one(row!(Belongings { addresses, conversations, messages, appointments, tasks }))
    .await
}

/// `other` becomes part of `survivor`. `None`: one of them is not there (any more); the caller must let the unit of work fail then.
pub async fn merge(
    tx: &mut Tx,
    scope: &Scope,
    survivor: &ContactId,
    other: &ContactId,
    prefer_other: bool,
    now: Timestamp,
) -> Result<(Contact, Vec<Clash>)> {
    if survivor == other {
        return Err(Error::Refused("a contact cannot be merged with itself".into()));
    }
    // First of all: a message that is arriving keeps its sender's address until it is stored.
    let addresses = tx
        .query("UPDATE contact_address SET contact = $3 WHERE tenant = $1 AND contact = $2 RETURNING kind, value")
        .bind(scope.tenant())
        .bind(other)
        .bind(survivor)
        .all(|row| Ok((row.get("kind")?, row.get("value")?)))
        .await?;
    let threads = threads_of(tx, scope, other).await?;
    for (thread, _, _) in &threads {
        take_lane(tx, scope, thread, now).await?;
    }
    let taken = threads_of(tx, scope, survivor).await?;
    for (thread, channel, branch) in &threads {
        let clash = taken.iter().any(|(_, c, b)| c == channel && b == branch);
        let branch = if clash { other.as_str() } else { branch.as_str() };
        move_thread(tx, scope, thread, survivor, branch).await?;
    }
    let (first, second) = if survivor < other { (survivor, other) } else { (other, survivor) };
    let (first, second) = (contacts::lock(tx, scope, first).await?, contacts::lock(tx, scope, second).await?);
    let (Some(first), Some(second)) = (first, second) else {
        return Err(Error::Refused("one of the two contacts is not there any more".into()));
    };
    let (one, two) = if first.id == *survivor { (first, second) } else { (second, first) };
    let appointments = hand_over(tx, scope, "appointment", other, survivor).await?;
    let tasks = hand_over(tx, scope, "task", other, survivor).await?;
    tokens::people::join(tx, scope, other, survivor).await?;
    let payments = hand_over(tx, scope, "payment", other, survivor).await?;
    let (mut merged, clashes) = together(&one, &two, prefer_other);
    merged.updated_at = now;
    let (tags, other_tags) = (contacts::tags(tx, scope, survivor).await?, contacts::tags(tx, scope, other).await?);
    let before = Before {
        survivor: one,
        survivor_tags: tags.clone(),
        merged: merged.clone(),
        other: two,
        other_tags: other_tags.clone(),
        addresses,
        conversations: threads.into_iter().map(|(id, _, branch)| (id, branch)).collect(),
        appointments: ids(appointments),
        tasks: ids(tasks),
        payments: ids(payments),
    };
    contacts::set_tags(tx, scope, survivor, &[tags, other_tags].concat()).await?;
    contacts::set_tags(tx, scope, other, &[]).await?;
    for statement in
        ["DELETE FROM contact_word WHERE tenant = $1 AND contact = $2", "DELETE FROM contact WHERE tenant = $1 AND id = $2"]
    {
        tx.query(statement).bind(scope.tenant()).bind(other).put().await?;
    }
    set_created(tx, scope, &merged).await?;
    contact_search::index_again(tx, scope, survivor).await?;
    tx.query(
        "INSERT INTO contact_merge (tenant, other, survivor, before, merged_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant, other) DO UPDATE SET survivor = excluded.survivor, before = excluded.before, merged_at = excluded.merged_at",
    )
    .bind(scope.tenant()).bind(other).bind(survivor).bind(Json(&before)).bind(now)
    .put()
    .await?;
    Ok((merged, clashes))
}

/// The merge in which this contact vanished.
pub async fn of_other(tx: &mut Tx, scope: &Scope, other: &ContactId) -> Result<Option<Merge>> {
    tx.query("SELECT other, survivor, merged_at FROM contact_merge WHERE tenant = $1 AND other = $2")
        .bind(scope.tenant())
        .bind(other)
        .optional(row!(Merge { other, survivor, merged_at }))
        .await
}

/// Who became part of this contact, latest first.
pub async fn into(tx: &mut Tx, scope: &Scope, survivor: &ContactId) -> Result<Vec<Merge>> {
    tx.query(
        "SELECT other, survivor, merged_at FROM contact_merge WHERE tenant = $1 AND survivor = $2 ORDER BY merged_at DESC, other",
    )
    .bind(scope.tenant())
    .bind(survivor)
    .all(row!(Merge { other, survivor, merged_at }))
    .await
}

/// Parts the two again: `other` gets back what it brought, as far as it is still there. What was written into the survivor since stays.
/// `None`: there is no such merge, or its survivor is gone.
pub async fn undo(tx: &mut Tx, scope: &Scope, other: &ContactId, now: Timestamp) -> Result<Option<Contact>> {
    let known = tx
        .query("SELECT survivor, before FROM contact_merge WHERE tenant = $1 AND other = $2")
        .bind(scope.tenant())
        .bind(other)
        .optional(|row| Ok((row.get::<ContactId>("survivor")?, row.get::<Json<Before>>("before")?.0)))
        .await?;
    let Some((survivor, before)) = known else { return Ok(None) };
    for (kind, value) in &before.addresses {
        tx.query("UPDATE contact_address SET contact = $5 WHERE tenant = $1 AND kind = $2 AND value = $3 AND contact = $4")
            .bind(scope.tenant())
            .bind(*kind)
            .bind(value.as_str())
            .bind(&survivor)
            .bind(other)
            .put()
            .await?;
    }
    let theirs = threads_of(tx, scope, &survivor).await?;
    for (thread, branch) in before.conversations.iter().filter(|(id, _)| theirs.iter().any(|(t, _, _)| t == id)) {
        take_lane(tx, scope, thread, now).await?;
        move_thread(tx, scope, thread, other, branch).await?;
    }
    let Some(current) = contacts::lock(tx, scope, &survivor).await? else { return Ok(None) };
    for (table, ids) in [
        ("appointment", before.appointments.iter().map(|id| id.as_str()).collect::<Vec<_>>()),
        ("task", before.tasks.iter().map(|id| id.as_str()).collect()),
        ("payment", before.payments.iter().map(|id| id.as_str()).collect()),
    ] {
        for id in ids {
            tx.query(&format!("UPDATE {table} SET contact = $4 WHERE tenant = $1 AND id = $2 AND contact = $3"))
                .bind(scope.tenant())
                .bind(id)
                .bind(&survivor)
                .bind(other)
                .put()
                .await?;
        }
    }
    let back = Contact { updated_at: now, ..before.other.clone() };
    contacts::insert(tx, scope, &back).await?;
    contacts::set_tags(tx, scope, other, &before.other_tags).await?;
    let parted = Contact { updated_at: now, ..part(&current, &before) };
    set_created(tx, scope, &parted).await?;
    let tags: Vec<String> = contacts::tags(tx, scope, &survivor)
        .await?
        .into_iter()
        .filter(|tag| before.survivor_tags.contains(tag) || !before.other_tags.contains(tag))
        .collect();
    contacts::set_tags(tx, scope, &survivor, &tags).await?;
    contact_search::index_again(tx, scope, &survivor).await?;
    tx.query("DELETE FROM contact_merge WHERE tenant = $1 AND other = $2").bind(scope.tenant()).bind(other).put().await?;
    Ok(Some(back))
}

/// Merges before this can no longer be undone.
pub async fn forget_before(tx: &mut Tx, _: &frontdesk_kernel::scope::Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM contact_merge WHERE merged_at < $1").bind(before).execute().await
}

/// Everybody who became part of this contact, or of one of these, is forgotten. Returns who they were, and who took them in was then.
pub(crate) async fn forget_person(tx: &mut Tx, scope: &Scope, id: &ContactId) -> Result<Vec<Contact>> {
    let (mut selves, mut survivors) = (Vec::new(), vec![id.clone()]);
    while let Some(survivor) = survivors.pop() {
        let parts = tx
            .query("DELETE FROM contact_merge WHERE tenant = $1 AND survivor = $2 RETURNING other, before")
            .bind(scope.tenant())
            .bind(&survivor)
            .all(|row| Ok((row.get::<ContactId>("other")?, row.get::<Json<Before>>("before")?.0)))
            .await?;
        for (other, before) in parts {
            survivors.push(other);
            selves.extend([before.survivor, before.other]);
        }
    }
    Ok(selves)
}

/// The survivor without what the merge brought and nobody has changed since.
fn part(current: &Contact, b: &Before) -> Contact {
    let again = |now: &Option<String>, merged: &Option<String>, was: &Option<String>| {
        if now == merged { was.clone() } else { now.clone() }
    };
    let mut facts = current.facts.clone();
    for (fact, value) in &b.merged.facts {
        if facts.get(fact) == Some(value) {
            match b.survivor.facts.get(fact) {
                Some(was) => drop(facts.insert(fact.clone(), was.clone())),
                None => drop(facts.remove(fact)),
            }
        }
    }
    Contact {
        id: current.id.clone(),
        name: again(&current.name, &b.merged.name, &b.survivor.name),
        language: again(&current.language, &b.merged.language, &b.survivor.language),
        note: again(&current.note, &b.merged.note, &b.survivor.note),
        facts,
        created_at: b.survivor.created_at,
        updated_at: current.updated_at,
    }
}

type Thread = (ConversationId, ChannelId, String);

async fn threads_of(tx: &mut Tx, scope: &Scope, contact: &ContactId) -> Result<Vec<Thread>> {
    tx.query("SELECT id, channel, branch FROM conversation WHERE tenant = $1 AND contact = $2 ORDER BY id")
        .bind(scope.tenant())
        .bind(contact)
        .all(|row| Ok((row.get("id")?, row.get("channel")?, row.get("branch")?)))
        .await
}

/// Whoever holds the lane writes nothing any more; the turn begins again with what is then. This run of it does not count.
async fn take_lane(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, now: Timestamp) -> Result<()> {
    let owned = tx
        .query_each(
            "SELECT owner FROM lane WHERE tenant = $1 AND conversation = $2",
            "SELECT owner FROM lane WHERE tenant = $1 AND conversation = $2 FOR UPDATE",
        )
        .bind(scope.tenant())
        .bind(conversation)
        .optional(|row| row.get::<Option<String>>("owner"))
        .await?
        .flatten();
    if owned.is_none() {
        return Ok(());
    }
    tx.query("UPDATE lane SET owner = NULL, epoch = epoch + 1, ready_at = $3 WHERE tenant = $1 AND conversation = $2")
        .bind(scope.tenant())
        .bind(conversation)
        .bind(now)
        .put()
        .await?;
    tx.query(
        "UPDATE turn SET attempts = attempts - 1 WHERE tenant = $1 AND conversation = $2 AND state = 'running' AND attempts > 0",
    )
    .bind(scope.tenant())
    .bind(conversation)
    .put()
    .await
}

async fn move_thread(tx: &mut Tx, scope: &Scope, id: &ConversationId, to: &ContactId, branch: &str) -> Result<()> {
    tx.query("UPDATE conversation SET contact = $3, branch = $4 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(to)
        .bind(branch)
        .put()
        .await
}

async fn hand_over(tx: &mut Tx, scope: &Scope, table: &str, from: &ContactId, to: &ContactId) -> Result<Vec<String>> {
    tx.query(&format!("UPDATE {table} SET contact = $3 WHERE tenant = $1 AND contact = $2 RETURNING id"))
        .bind(scope.tenant())
        .bind(from)
        .bind(to)
        .all(|row| row.get("id"))
        .await
}

/// As `contacts::update`, with the date since when the contact is known.
async fn set_created(tx: &mut Tx, scope: &Scope, contact: &Contact) -> Result<()> {
    contacts::update(tx, scope, contact).await?;
    tx.query("UPDATE contact SET created_at = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(&contact.id)
        .bind(contact.created_at)
        .put()
        .await
}

fn ids<K: Kind>(texts: Vec<String>) -> Vec<frontdesk_kernel::Id<K>> {
    texts.iter().filter_map(|text| frontdesk_kernel::Id::parse(text).ok()).collect()
}
