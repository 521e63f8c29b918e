//! Search over all messages of a business, the newest first. Words point to chunks of a thousand messages; what is found there is read
//! and looked through, so the index may say too much and never too little. ADR 6 says why.

pub mod chunks;
mod hits;
mod walk;
mod words;

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    message::{Author, Direction},
};

pub use self::words::{LONGEST, Query, Snippet};
use self::{
    chunks::{Stored, marks, stored},
    walk::Walk,
};
use crate::{Result, Tx, messages, threads::Sessions};

/// A message that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub message: MessageId,
    pub conversation: ConversationId,
    pub contact: ContactId,
    pub contact_name: Option<String>,
    pub channel: ChannelId,
    pub direction: Direction,
    pub author: Author,
    pub snippet: Snippet,
    pub at: Timestamp,
}

/// Where a page ended. `chunk` is `None` among the newest messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub chunk: Option<i64>,
    pub at: Timestamp,
    pub message: MessageId,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    pub hits: Vec<Hit>,
    /// Where to go on; also after a page that is not full, when looking took long.
    pub next: Option<Place>,
}

/// The newest messages that are read whole; there are more only while an import is being indexed.
const MOST_DUE: u32 = 4 * chunks::SIZE;
/// Messages that one page reads.
const MOST_READ: usize = 2000;
const BATCH: usize = 64;
/// Chunks that one statement reads.
const CHUNKS: usize = 16;
const FIRST_STRETCH: i64 = 16;
const LONGEST_STRETCH: i64 = 512;

/// Messages in which all that is wanted stands. `channels`: only there. `sessions`: of the members' own conversations with the agent, these.
pub async fn find(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    channels: Option<&[ChannelId]>,
    sessions: &Sessions,
    after: Option<&Place>,
    limit: usize,
) -> Result<Found> {
    let mut page = Page { scope, query, channels, sessions, after, limit, read: 0, hits: Vec::new(), last: None };
    if after.is_none_or(|a| a.chunk.is_none()) {
        page.newest(tx).await?;
    }
    let top = match after.and_then(|a| a.chunk) {
        Some(chunk) => chunk,
        None => highest(tx, scope).await?,
    };
    let walk = Walk { scope, terms: query.terms(), phrases: query.phrases() };
    let (mut high, mut length) = (top, FIRST_STRETCH);
    while high > 0 && !page.full() {
        let low = (high - length).max(0);
        let mut found = walk.places(tx, low + 1, high).await?;
        while let (false, Some(some)) = (page.full(), take_some(&mut found)) {
            page.chunks(tx, &some).await?;
        }
        (high, length) = (low, (length * 2).min(LONGEST_STRETCH));
    }
    Ok(page.end())
}

/// The last chunks with their places, as many as one statement reads.
fn take_some(found: &mut BTreeMap<i64, Vec<u16>>) -> Option<Vec<(i64, Vec<u16>)>> {
    let (mut some, mut messages) = (Vec::new(), 0);
    while some.len() < CHUNKS && messages < BATCH {
        let Some((chunk, places)) = found.pop_last() else { break };
        messages += places.len();
        some.push((chunk, places));
    }
    (!some.is_empty()).then_some(some)
}

async fn highest(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    tx.query("SELECT COALESCE(MAX(chunk), 0) AS chunk FROM search_chunk WHERE tenant = $1")
        .bind(scope.tenant())
        .one(|row| row.get("chunk"))
        .await
}

struct Page<'p> {
    scope: &'p Scope,
    query: &'p Query,
    channels: Option<&'p [ChannelId]>,
    sessions: &'p Sessions,
    after: Option<&'p Place>,
    limit: usize,
    read: usize,
    /// One more than the limit says that there is a next page.
    hits: Vec<(Place, Hit)>,
    /// What was looked at last.
    last: Option<Place>,
}

impl Page<'_> {
    fn full(&self) -> bool {
        self.hits.len() > self.limit || self.read >= MOST_READ
    }

    fn end(mut self) -> Found {
        let next = if self.hits.len() > self.limit {
            self.hits.truncate(self.limit);
            self.hits.last().map(|(place, _)| place.clone())
        } else if self.read >= MOST_READ {
            self.last
        } else {
            None
        };
        Found { hits: self.hits.into_iter().map(|(_, hit)| hit).collect(), next }
    }

    /// Before the place where this page begins? Only asked where the order is by time.
    fn is_next(&self, m: &Stored) -> bool {
        self.after.is_none_or(|a| (m.at, &m.id) < (a.at, &a.message))
    }

    /// What no chunk holds yet.
    async fn newest(&mut self, tx: &mut Tx) -> Result<()> {
        let mut due = tx
            .query(
                "SELECT m.id, m.body, m.at FROM search_due d JOIN message m ON m.tenant = d.tenant AND m.id = d.message
                  WHERE d.tenant = $1 ORDER BY d.message DESC LIMIT $2",
            )
            .bind(self.scope.tenant())
            .bind(MOST_DUE)
            .all(stored)
            .await?;
        due.retain(|m| self.is_next(m) && self.query.find_in(&m.body).is_some());
        due.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        let ids: Vec<(Option<i64>, &str)> = due.iter().map(|m| (None, m.id.as_str())).collect();
        self.look_at(tx, &ids).await
    }

    async fn chunks(&mut self, tx: &mut Tx, chunks: &[(i64, Vec<u16>)]) -> Result<()> {
        let sql = format!("SELECT chunk, messages FROM search_chunk WHERE tenant = $1 AND chunk IN ({})", marks(2, CHUNKS));
        let mut query = tx.query(&sql).bind(self.scope.tenant());
        for n in 0..CHUNKS {
            query = query.bind(chunks[n.min(chunks.len() - 1)].0);
        }
        let lists: BTreeMap<i64, String> =
            query.all(|row| Ok((row.get("chunk")?, row.get("messages")?))).await?.into_iter().collect();
        let mut wanted = Vec::new();
        for (chunk, places) in chunks {
            let messages: Vec<&str> = lists.get(chunk).map(String::as_str).unwrap_or_default().lines().collect();
            let here = self.after.filter(|a| a.chunk == Some(*chunk));
            let before = here.and_then(|a| messages.iter().position(|id| *id == a.message.as_str())).unwrap_or(messages.len());
            let places = places.iter().rev().map(|p| usize::from(*p)).filter(|p| *p < before);
            wanted.extend(places.map(|p| (Some(*chunk), messages[p])));
        }
        self.look_at(tx, &wanted).await
    }

    /// Reads messages, in this order, until the page is full.
    async fn look_at(&mut self, tx: &mut Tx, ids: &[(Option<i64>, &str)]) -> Result<()> {
        for batch in ids.chunks(BATCH) {
            let sql = format!(
                "SELECT m.id, m.body, m.at, m.direction, m.author, m.conversation, c.channel, c.contact, c.acts_for, p.name
                   FROM message m
                   JOIN conversation c ON c.tenant = m.tenant AND c.id = m.conversation
                   LEFT JOIN contact p ON p.tenant = c.tenant AND p.id = c.contact
                  WHERE m.tenant = $1 AND m.id IN ({})",
                marks(2, BATCH)
            );
            let mut query = tx.query(&sql).bind(self.scope.tenant());
            // Always as many: one statement, prepared once.
            for n in 0..BATCH {
                query = query.bind(batch[n.min(batch.len() - 1)].1);
            }
            let mut rows: BTreeMap<String, (Stored, Hit, Option<UserId>)> = query
                .all(|row| {
                    let m = stored(row)?;
                    let hit = Hit {
                        message: m.id.clone(),
                        conversation: row.get("conversation")?,
                        contact: row.get("contact")?,
                        contact_name: row.get("name")?,
                        channel: row.get("channel")?,
                        direction: messages::direction(row, "direction")?,
                        author: messages::author(row, "author")?,
                        snippet: Snippet { text: String::new(), highlights: Vec::new() },
                        at: m.at,
                    };
                    Ok((m.id.to_string(), (m, hit, row.get("acts_for")?)))
                })
                .await?
                .into_iter()
                .collect();
            for (chunk, id) in batch.iter().copied() {
                self.read += 1;
                let Some((m, hit, acts_for)) = rows.remove(id) else { continue };
                let place = Place { chunk, at: m.at, message: m.id.clone() };
                self.last = Some(place.clone());
                // A chunk that was made after the first page began holds messages that it showed.
                let shown = self.after.is_some_and(|a| a.chunk.is_none() || a.chunk == chunk) && !self.is_next(&m);
                let elsewhere = self.channels.is_some_and(|channels| !channels.contains(&hit.channel));
                if shown || elsewhere || !self.sessions.hold(acts_for.as_ref()) {
                    continue;
                }
                if let Some(ranges) = self.query.find_in(&m.body) {
                    self.hits.push((place, Hit { snippet: Snippet::cut(&m.body, &ranges), ..hit }));
                }
                if self.full() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}
