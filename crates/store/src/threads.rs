//! Conversations as the inbox lists them: the latest first, narrowed by who answers, who looks after them, and where they come in.

mod sessions;
mod wanted;

use frontdesk_kernel::{
    Scope, Timestamp,
    conversation::Mode,
    ids::*,
    message::{Author, Delivery, Direction},
};

use crate::{
    Result, Tx,
    conversations::{self, Conversation},
    messages,
    query::{Bind, Row},
};

pub use self::sessions::Sessions;
use self::wanted::{Wanted, range};

/// A conversation with what the team has to do with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Thread {
    pub conversation: Conversation,
    pub contact_name: Option<String>,
    pub assignee: Option<UserId>,
    pub assignee_name: Option<String>,
    pub snoozed_until: Option<Timestamp>,
    pub unread: bool,
    /// The last word is the contact's.
    pub last_in: bool,
    pub last: Option<Last>,
}

impl Thread {
    /// A person must answer.
    pub fn waiting(&self) -> bool {
        self.last_in && matches!(self.conversation.mode, Mode::Human | Mode::Paused(_))
    }
}

/// The beginning of the last message.
#[derive(Debug, Clone, PartialEq)]
pub struct Last {
    pub id: MessageId,
    pub direction: Direction,
    pub author: Author,
    pub text: String,
    pub delivery: Option<Delivery>,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Bot,
    Human,
    /// A person must answer and the last word is the contact's.
    Waiting,
    Paused,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned {
    To(UserId),
    Nobody,
}

/// Which conversations are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub assigned: Option<Assigned>,
    /// On one of these.
    pub channels: Option<Vec<ChannelId>>,
    pub sessions: Sessions,
    pub unread: Option<bool>,
    pub snoozed: Option<bool>,
    pub contact: Option<ContactId>,
    /// Beginnings of words that the contact is found by, folded.
    pub words: Vec<String>,
}

/// Contacts that a search is driven by; with more of them the conversations are.
const FEW_CONTACTS: u32 = 500;
const LONGEST_PREVIEW: usize = 140;

const COLUMNS: &str = "c.id, c.channel, c.contact, c.address_kind, c.address, c.mode, c.paused_until, c.mode_reason, c.agent,
                       c.last_inbound_at, c.last_message_at, c.created_at, c.assignee, c.snoozed_until, c.unread, c.last_in, c.acts_for,
                       p.name AS contact_name, u.name AS assignee_name, m.id AS last_id, m.direction AS last_direction,
                       m.author AS last_author, SUBSTR(m.body, 1, 300) AS last_body, m.delivery AS last_delivery, m.at AS last_at";
/// With their last message, in the words of each database. PostgreSQL would read every message to join the one that a subquery names, and
/// SQLite knows no `LATERAL`.
fn joined(threads: &str) -> [String; 2] {
    let last = "FROM message x WHERE x.tenant = c.tenant AND x.conversation = c.id ORDER BY x.at DESC, x.id DESC LIMIT 1";
    let joins = [
        format!("LEFT JOIN message m ON m.tenant = c.tenant AND m.id = (SELECT x.id {last})"),
        format!("LEFT JOIN LATERAL (SELECT x.id, x.direction, x.author, x.body, x.delivery, x.at {last}) m ON TRUE"),
    ];
    joins.map(|join| {
        format!(
            "SELECT {COLUMNS} FROM {threads} c
               LEFT JOIN contact p ON p.tenant = c.tenant AND p.id = c.contact
               LEFT JOIN person u ON u.id = c.assignee
               {join}"
        )
    })
}

fn thread(row: &Row<'_>) -> Result<Thread> {
    let last = match row.get::<Option<MessageId>>("last_id")? {
        None => None,
        Some(id) => Some(Last {
            id,
            direction: messages::direction(row, "last_direction")?,
            author: messages::author(row, "last_author")?,
            text: preview(&row.get::<String>("last_body")?),
            delivery: row.get("last_delivery")?,
            at: row.get("last_at")?,
        }),
    };
    Ok(Thread {
        conversation: conversations::conversation(row)?,
        contact_name: row.get("contact_name")?,
        assignee: row.get("assignee")?,
        assignee_name: row.get("assignee_name")?,
        snoozed_until: row.get("snoozed_until")?,
        unread: row.get("unread")?,
        last_in: row.get("last_in")?,
        last,
    })
}

/// One line, cut at a word's distance from its limit.
fn preview(text: &str) -> String {
    let mut line = String::with_capacity(LONGEST_PREVIEW + 4);
    for (n, c) in text.split_whitespace().flat_map(|word| word.chars().chain([' '])).enumerate() {
        if n >= LONGEST_PREVIEW - 1 {
            line.push('…');
            return line;
        }
        line.push(c);
    }
    line.truncate(line.trim_end().len());
    line
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ConversationId) -> Result<Option<Thread>> {
    let [sqlite, postgres] = joined("conversation").map(|sql| format!("{sql} WHERE c.tenant = $1 AND c.id = $2"));
    tx.query_each(&sqlite, &postgres).bind(scope.tenant()).bind(id).optional(thread).await
}

/// The latest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, ConversationId)>,
    limit: u32,
) -> Result<Vec<Thread>> {
    let contacts = if filter.words.is_empty() { None } else { found_contacts(tx, scope, &filter.words).await? };
    if contacts.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let Some(channels) = &filter.channels else { return page(tx, scope, filter, None, contacts.as_deref(), after, limit).await };
    // A page of each, in the order of its index; the first of them all are the page.
    let mut found = Vec::new();
    for channel in channels {
        found.extend(page(tx, scope, filter, Some(channel), contacts.as_deref(), after, limit).await?);
    }
    if channels.len() > 1 {
        let key = |t: &Thread| (t.conversation.last_message_at, t.conversation.id.clone());
        found.sort_by_key(|t| std::cmp::Reverse(key(t)));
        found.truncate(limit as usize);
    }
    Ok(found)
}

async fn page(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    channel: Option<&ChannelId>,
    contacts: Option<&[ContactId]>,
    after: Option<&(Timestamp, ConversationId)>,
    limit: u32,
) -> Result<Vec<Thread>> {
    let mut wanted = Wanted { sql: vec!["tenant = $1".to_owned()], params: vec![scope.tenant().param()] };
    if let Some((at, id)) = after {
        wanted.also("(last_message_at, id) < (?, ?)", [at.param(), id.param()]);
    }
    if let Some(channel) = channel {
        wanted.also("channel = ?", [channel.param()]);
    }
    if let Some(contact) = &filter.contact {
        wanted.also("contact = ?", [contact.param()]);
    }
    narrow(filter, &mut wanted);
    match contacts {
        Some(contacts) => {
            let marks = vec!["?"; contacts.len()].join(", ");
            wanted.also(&format!("contact IN ({marks})"), contacts.iter().map(Bind::param));
        }
        None => {
            for word in &filter.words {
                wanted.also(
                    "EXISTS (SELECT 1 FROM contact_word w WHERE w.tenant = conversation.tenant AND w.contact = conversation.contact
                                AND w.word >= ? AND w.word < ?)",
                    range(word),
                );
            }
        }
    }
    wanted.params.push(limit.param());
    let threads = format!(
        "(SELECT * FROM conversation WHERE {} ORDER BY last_message_at DESC, id DESC LIMIT ${})",
        wanted.sql.join(" AND "),
        wanted.params.len()
    );
    let [sqlite, postgres] = joined(&threads).map(|sql| format!("{sql} ORDER BY c.last_message_at DESC, c.id DESC"));
    let mut query = tx.query_each(&sqlite, &postgres);
    for param in wanted.params {
        query = query.bind_param(param);
    }
    query.all(thread).await
}

/// Word for word as in the partial indexes, so that they are used.
fn narrow<'q>(filter: &'q Filter, wanted: &mut Wanted<'q>) {
    let state = filter.state.map(|state| match state {
        State::Bot => "mode = 'bot'",
        State::Human => "mode <> 'bot' AND mode = 'human'",
        State::Paused => "mode <> 'bot' AND mode = 'paused'",
        State::Closed => "mode <> 'bot' AND mode = 'closed'",
        State::Waiting => "last_in = TRUE AND mode IN ('human', 'paused')",
    });
    let unread = filter.unread.map(|unread| if unread { "unread = TRUE" } else { "unread = FALSE" });
    let snoozed = filter.snoozed.map(|snoozed| if snoozed { "snoozed_until IS NOT NULL" } else { "snoozed_until IS NULL" });
    for condition in [state, unread, snoozed].into_iter().flatten() {
        wanted.also(condition, []);
    }
    match &filter.sessions {
        Sessions::Everybodys => {}
        Sessions::Of(person) => wanted.also("(acts_for IS NULL OR acts_for = ?)", [person.param()]),
        Sessions::Nobodys => wanted.also("acts_for IS NULL", []),
    }
    match &filter.assigned {
        None => {}
        Some(Assigned::Nobody) => wanted.also("assignee IS NULL", []),
        Some(Assigned::To(person)) => wanted.also("assignee IS NOT NULL AND assignee = ?", [person.param()]),
    }
}

/// Contacts who are found by every word; `None`: so many that looking through the conversations is quicker.
async fn found_contacts(tx: &mut Tx, scope: &Scope, words: &[String]) -> Result<Option<Vec<ContactId>>> {
    let mut wanted = Wanted { sql: vec!["w.tenant = $1".to_owned()], params: vec![scope.tenant().param()] };
    let mut words: Vec<&String> = words.iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for (n, word) in words.into_iter().enumerate() {
        let condition = match n {
            0 => "w.word >= ? AND w.word < ?",
            _ => {
                "EXISTS (SELECT 1 FROM contact_word o WHERE o.tenant = w.tenant AND o.contact = w.contact AND o.word >= ? AND o.word < ?)"
            }
        };
        wanted.also(condition, range(word));
    }
    wanted.params.push((FEW_CONTACTS + 1).param());
    let sql = format!(
        "SELECT DISTINCT w.contact FROM contact_word w WHERE {} LIMIT ${}",
        wanted.sql.join(" AND "),
        wanted.params.len()
    );
    let mut query = tx.query(&sql);
    for param in wanted.params {
        query = query.bind_param(param);
    }
    let found: Vec<ContactId> = query.all(|row| row.get("contact")).await?;
    Ok((found.len() <= FEW_CONTACTS as usize).then_some(found))
}

/// How many wait for a person, are unread, are somebody's own: what the inbox shows beside its filters. Counted up to `most`.
pub async fn counts(
    tx: &mut Tx,
    scope: &Scope,
    channels: Option<&[ChannelId]>,
    sessions: &Sessions,
    person: Option<&UserId>,
    most: u32,
) -> Result<Counts> {
    let mine = person.cloned().map(Assigned::To);
    let all = Filter { sessions: sessions.clone(), ..Filter::default() };
    let waiting = Filter { state: Some(State::Waiting), snoozed: Some(false), ..all.clone() };
    let unread = Filter { unread: Some(true), snoozed: Some(false), ..all.clone() };
    let mut counted = [0; 3];
    for (n, filter) in
        [Some(waiting), Some(unread), mine.map(|mine| Filter { assigned: Some(mine), ..all })].into_iter().enumerate()
    {
        let Some(filter) = filter else { continue };
        let mut wanted = Wanted { sql: vec!["tenant = $1".to_owned()], params: vec![scope.tenant().param()] };
        narrow(&filter, &mut wanted);
        if let Some(channels) = channels {
            let marks = if channels.is_empty() { "NULL".to_owned() } else { vec!["?"; channels.len()].join(", ") };
            wanted.also(&format!("channel IN ({marks})"), channels.iter().map(Bind::param));
        }
        if n == 2 {
            wanted.also("mode <> 'closed'", []);
        }
        wanted.params.push(most.param());
        let sql = format!(
            "SELECT COUNT(*) AS n FROM (SELECT id FROM conversation WHERE {} LIMIT ${}) c",
            wanted.sql.join(" AND "),
            wanted.params.len()
        );
        let mut query = tx.query(&sql);
        for param in wanted.params {
            query = query.bind_param(param);
        }
        counted[n] = query.one(|row| row.get::<i64>("n")).await?;
    }
    Ok(Counts { waiting: counted[0], unread: counted[1], mine: counted[2] })
}

/// Channels of a location.
pub async fn channels_at(tx: &mut Tx, scope: &Scope, location: &LocationId) -> Result<Vec<ChannelId>> {
    tx.query("SELECT id FROM channel WHERE tenant = $1 AND location = $2 ORDER BY id")
        .bind(scope.tenant())
        .bind(location)
        .all(|row| row.get("id"))
        .await
}

/// Channels of these locations, and those of none.
pub async fn channels_in(tx: &mut Tx, scope: &Scope, locations: &[LocationId]) -> Result<Vec<ChannelId>> {
    let all = tx
        .query("SELECT id, location FROM channel WHERE tenant = $1 ORDER BY id")
        .bind(scope.tenant())
        .all(|row| Ok((row.get::<ChannelId>("id")?, row.get::<Option<LocationId>>("location")?)))
        .await?;
    Ok(all.into_iter().filter(|(_, at)| at.as_ref().is_none_or(|at| locations.contains(at))).map(|(id, _)| id).collect())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub waiting: i64,
    pub unread: i64,
    pub mine: i64,
}

/// Who looks after it; `None` nobody.
pub async fn assign(tx: &mut Tx, scope: &Scope, id: &ConversationId, person: Option<&UserId>) -> Result<bool> {
    tx.query("UPDATE conversation SET assignee = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(person)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Out of the way until then; `None` back again.
pub async fn snooze(tx: &mut Tx, scope: &Scope, id: &ConversationId, until: Option<Timestamp>) -> Result<bool> {
    tx.query("UPDATE conversation SET snoozed_until = $3 WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .bind(until)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Its time to come back has come: it is unread again. `false`: it was woken, or snoozed anew, before.
pub async fn wake(tx: &mut Tx, scope: &Scope, id: &ConversationId, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE conversation SET snoozed_until = NULL, unread = TRUE
          WHERE tenant = $1 AND id = $2 AND snoozed_until IS NOT NULL AND snoozed_until <= $3",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Somebody of the team has seen it, or marks it as not seen.
pub async fn set_unread(tx: &mut Tx, scope: &Scope, id: &ConversationId, unread: bool) -> Result<bool> {
    tx.query("UPDATE conversation SET unread = $3 WHERE tenant = $1 AND id = $2 AND unread <> $3")
        .bind(scope.tenant())
        .bind(id)
        .bind(unread)
        .execute()
        .await
        .map(|n| n > 0)
}
