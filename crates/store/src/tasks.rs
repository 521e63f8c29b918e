//! Things a person should look at.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{
    Result, Tx,
    query::{Bind, Param, Query, Row, row},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub id: TaskId,
    /// `todo` when a person wrote it; `handoff`, `flood`, `dead_turn`, `unknown_send`, `channel_stopped` … when the server did.
    pub kind: String,
    pub title: String,
    pub detail: Option<String>,
    pub conversation: Option<ConversationId>,
    pub contact: Option<ContactId>,
    pub appointment: Option<AppointmentId>,
    pub turn: Option<TurnId>,
    /// `open` or `done`.
    pub state: String,
    pub assignee: Option<UserId>,
    pub due_at: Option<Timestamp>,
    /// Id of the person or key; empty for the server itself.
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "id, kind, title, detail, conversation, contact, appointment, turn, state, assignee, due_at, created_by, created_at,
                       updated_at, done_at";

fn task(r: &Row<'_>) -> Result<Task> {
    row!(Task {
        id,
        kind,
        title,
        detail,
        conversation,
        contact,
        appointment,
        turn,
        state,
        assignee,
        due_at,
        created_by,
        created_at,
        updated_at,
        done_at
    })(r)
}

const OPEN: &str = "INSERT INTO task (tenant, id, kind, title, conversation, contact, turn, state, created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, (SELECT contact FROM conversation WHERE tenant = $1 AND id = $5), $6, 'open', $7, $7)";

/// The server asks for a person. The contact is that of the conversation.
#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub async fn open(
    tx: &mut Tx,
    scope: &Scope,
    id: &TaskId,
    kind: &str,
    title: &str,
    conversation: Option<&ConversationId>,
    turn: Option<&TurnId>,
    now: Timestamp,
) -> Result<()> {
    opening(tx.query(OPEN), scope, id, kind, title, conversation, turn, now).put().await
}

/// Asks for a person under an id that stands for what it is about: while it is open nothing more is said, and when it was done it is open again.
/// `false`: it was open.
#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
pub async fn open_once(
    tx: &mut Tx,
    scope: &Scope,
    id: &TaskId,
    kind: &str,
    title: &str,
    conversation: Option<&ConversationId>,
    turn: Option<&TurnId>,
    now: Timestamp,
) -> Result<bool> {
    let sql = format!(
        "{OPEN} ON CONFLICT (tenant, id) DO UPDATE SET title = excluded.title, conversation = excluded.conversation,
                contact = excluded.contact, turn = excluded.turn, state = 'open', created_at = excluded.created_at,
                updated_at = excluded.updated_at, done_at = NULL
          WHERE task.state = 'done'"
    );
    opening(tx.query(&sql), scope, id, kind, title, conversation, turn, now).execute().await.map(|n| n > 0)
}

#[expect(clippy::too_many_arguments, reason = "one row, its columns")]
fn opening<'t, 'q>(
    query: Query<'t, 'q>,
    scope: &'q Scope,
    id: &'q TaskId,
    kind: &'q str,
    title: &'q str,
    conversation: Option<&'q ConversationId>,
    turn: Option<&'q TurnId>,
    now: Timestamp,
) -> Query<'t, 'q> {
    query.bind(scope.tenant()).bind(id).bind(kind).bind(title).bind(conversation).bind(turn).bind(now)
}

/// A person writes one.
pub async fn insert(tx: &mut Tx, scope: &Scope, t: &Task) -> Result<()> {
    tx.query(
        "INSERT INTO task (tenant, id, kind, title, detail, conversation, contact, appointment, turn, state, assignee, due_at, created_by,
                           created_at, updated_at, done_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(scope.tenant()).bind(&t.id).bind(t.kind.as_str()).bind(t.title.as_str()).bind(t.detail.as_deref())
    .bind(t.conversation.as_ref()).bind(t.contact.as_ref()).bind(t.appointment.as_ref()).bind(t.turn.as_ref()).bind(t.state.as_str())
    .bind(t.assignee.as_ref()).bind(t.due_at).bind(t.created_by.as_str()).bind(t.created_at).bind(t.updated_at).bind(t.done_at)
    .put()
    .await
}

/// On PostgreSQL nobody else changes it until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &TaskId) -> Result<Option<Task>> {
    let sql = format!("SELECT {COLUMNS} FROM task WHERE tenant = $1 AND id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(task).await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &TaskId) -> Result<Option<Task>> {
    tx.query(&format!("SELECT {COLUMNS} FROM task WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(task)
        .await
}

/// Title, detail, assignee, due time and state; `false` when there is no such task.
pub async fn update(tx: &mut Tx, scope: &Scope, t: &Task) -> Result<bool> {
    tx.query(
        "UPDATE task SET title = $3, detail = $4, assignee = $5, due_at = $6, state = $7, done_at = $8, updated_at = $9
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&t.id)
    .bind(t.title.as_str())
    .bind(t.detail.as_deref())
    .bind(t.assignee.as_ref())
    .bind(t.due_at)
    .bind(t.state.as_str())
    .bind(t.done_at)
    .bind(t.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Which tasks are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<String>,
    pub kind: Option<String>,
    /// `Some(None)`: nobody's.
    pub assignee: Option<Option<UserId>>,
    pub due_before: Option<Timestamp>,
    pub contact: Option<ContactId>,
    pub conversation: Option<ConversationId>,
    pub seen: Option<Seen>,
}

/// What somebody sees who works at some locations: what is about conversations and appointments there or at none, what is about neither,
/// and what is their own.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Those whose conversations they see.
    pub channels: Vec<ChannelId>,
    pub locations: Vec<LocationId>,
    pub person: Option<UserId>,
}

impl Seen {
    /// A condition on tasks; its parameters have numbers from `first` on.
    fn condition(first: usize) -> String {
        let (channels, locations, person) = (first, first + 1, first + 2);
        format!(
            "(assignee = ${person}
              OR ((conversation IS NULL OR EXISTS (
                    SELECT 1 FROM conversation c WHERE c.tenant = task.tenant AND c.id = task.conversation
                       AND (',' || ${channels} || ',') LIKE ('%,' || c.channel || ',%')))
                  AND NOT EXISTS (
                    SELECT 1 FROM appointment a LEFT JOIN staff s ON s.tenant = a.tenant AND s.id = a.staff
                     WHERE a.tenant = task.tenant AND a.id = task.appointment AND COALESCE(a.location, s.location) IS NOT NULL
                       AND (',' || ${locations} || ',') NOT LIKE ('%,' || COALESCE(a.location, s.location) || ',%'))))"
        )
    }

    fn params(&self) -> [Param<'static>; 3] {
        let channels: Vec<&str> = self.channels.iter().map(|c| c.as_str()).collect();
        let locations: Vec<&str> = self.locations.iter().map(|l| l.as_str()).collect();
        [channels.join(",").param(), locations.join(",").param(), self.person.as_ref().map(ToString::to_string).param()]
    }
}

/// Newest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, TaskId)>,
    limit: u32,
) -> Result<Vec<Task>> {
    let mut wanted = vec!["tenant = $1".to_owned()];
    let mut params = vec![scope.tenant().param()];
    let mut also = |sql: &str, param| {
        params.push(param);
        wanted.push(sql.replace("$$", &format!("${}", params.len())));
    };
    if let Some((at, id)) = after {
        also("created_at <= $$", at.param());
        also("(created_at, id) < ($2, $$)", id.param());
    }
    if let Some(state) = &filter.state {
        also("state = $$", state.param());
    }
    if let Some(kind) = &filter.kind {
        also("kind = $$", kind.param());
    }
    match &filter.assignee {
        Some(Some(person)) => also("assignee = $$", person.param()),
        Some(None) => also("COALESCE(assignee, $$) = ''", "".param()),
        None => {}
    }
    if let Some(due) = filter.due_before {
        also("due_at < $$", due.param());
    }
    if let Some(contact) = &filter.contact {
        also("contact = $$", contact.param());
    }
    if let Some(conversation) = &filter.conversation {
        also("conversation = $$", conversation.param());
    }
    if let Some(seen) = &filter.seen {
        wanted.push(Seen::condition(params.len() + 1));
        params.extend(seen.params());
    }
    params.push(limit.param());
    let (wanted, last) = (wanted.join(" AND "), params.len());
    let sql = format!("SELECT {COLUMNS} FROM task WHERE {wanted} ORDER BY created_at DESC, id DESC LIMIT ${last}");
    let mut query = tx.query(&sql);
    for param in params {
        query = query.bind_param(param);
    }
    query.all(task).await
}

/// Open ones, oldest first.
pub async fn open_tasks(tx: &mut Tx, scope: &Scope, limit: u32) -> Result<Vec<Task>> {
    tx.query(&format!("SELECT {COLUMNS} FROM task WHERE tenant = $1 AND state = 'open' ORDER BY created_at, id LIMIT $2"))
        .bind(scope.tenant())
        .bind(limit)
        .all(task)
        .await
}

pub async fn close(tx: &mut Tx, scope: &Scope, id: &TaskId, now: Timestamp) -> Result<bool> {
    tx.query("UPDATE task SET state = 'done', done_at = $3, updated_at = $3 WHERE tenant = $1 AND id = $2 AND state = 'open'")
        .bind(scope.tenant())
        .bind(id)
        .bind(now)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Whether what a task points to is there.
pub async fn links_hold(tx: &mut Tx, scope: &Scope, t: &Task) -> Result<Option<&'static str>> {
    let links = [
        ("conversation", t.conversation.as_ref().map(|id| id.as_str())),
        ("contact", t.contact.as_ref().map(|id| id.as_str())),
        ("appointment", t.appointment.as_ref().map(|id| id.as_str())),
        ("turn", t.turn.as_ref().map(|id| id.as_str())),
    ];
    for (table, id) in links {
        let Some(id) = id else { continue };
        let found = tx
            .query(&format!("SELECT id FROM {table} WHERE tenant = $1 AND id = $2"))
            .bind(scope.tenant())
            .bind(id)
            .optional(|row| row.get::<String>("id"))
            .await?;
        if found.is_none() {
            return Ok(Some(table));
        }
    }
    Ok(None)
}

/// People of the business who can have tasks, by name.
pub async fn assignees(tx: &mut Tx, scope: &Scope) -> Result<Vec<(UserId, String)>> {
    tx.query(
        "SELECT p.id, p.name FROM member m JOIN person p ON p.id = m.person WHERE m.tenant = $1 AND p.active ORDER BY p.name, p.id",
    )
    .bind(scope.tenant())
    .all(|row| Ok((row.get("id")?, row.get("name")?)))
    .await
}

/// Whether somebody sees it.
pub async fn is_seen(tx: &mut Tx, scope: &Scope, id: &TaskId, seen: &Seen) -> Result<bool> {
    let sql = format!("SELECT id FROM task WHERE tenant = $1 AND id = $2 AND {}", Seen::condition(3));
    let query = tx.query(&sql).bind(scope.tenant()).bind(id);
    let query = seen.params().into_iter().fold(query, |query, param| query.bind_param(param));
    query.optional(|row| row.get::<TaskId>("id")).await.map(|found| found.is_some())
}

/// How many are open, how many of them are overdue, and how many are this person's; of those that are seen.
pub async fn open_counts(
    tx: &mut Tx,
    scope: &Scope,
    person: Option<&UserId>,
    seen: Option<&Seen>,
    now: Timestamp,
) -> Result<(i64, i64, i64)> {
    let wanted = seen.map(|_| format!(" AND {}", Seen::condition(4))).unwrap_or_default();
    let sql = format!(
        "SELECT COUNT(*) AS open, COUNT(*) FILTER (WHERE due_at < $2) AS overdue, COUNT(*) FILTER (WHERE assignee = $3) AS mine
           FROM task WHERE tenant = $1 AND state = 'open'{wanted}"
    );
    let query = tx.query(&sql).bind(scope.tenant()).bind(now).bind(person);
    let query = seen.into_iter().flat_map(Seen::params).fold(query, |query, param| query.bind_param(param));
    query.one(|row| Ok((row.get("open")?, row.get("overdue")?, row.get("mine")?))).await
}
