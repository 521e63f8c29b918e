//! Search over all messages of a business, the newest first. Words point to chunks of a thousand messages; what is found there is read
//! and looked through, so the index may say too much and never too little. ADR 6 says why.

pub mod chunks;
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
    words::Term,
};
use crate::{Result, Tx, messages};

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
const FIRST_STRETCH: i64 = 16;
const LONGEST_STRETCH: i64 = 512;

/// Messages in which all that is wanted stands. `channels`: only there.
pub async fn find(
    tx: &mut Tx,
    scope: &Scope,
    query: &Query,
    channels: Option<&[ChannelId]>,
    after: Option<&Place>,
    limit: usize,
) -> Result<Found> {
    let mut page = Page { scope, query, channels, after, limit, read: 0, hits: Vec::new(), last: None };
    if after.is_none_or(|a| a.chunk.is_none()) {
        page.newest(tx).await?;
    }
    let top = match after.and_then(|a| a.chunk) {
        Some(chunk) => chunk,
        None => highest(tx, scope).await?,
    };
    let terms = query.terms();
    let (mut high, mut length) = (top, FIRST_STRETCH);
    while high > 0 && !page.full() {
        let low = (high - length).max(0);
        let places = common(tx, scope, &terms, low + 1, high).await?;
        for (chunk, places) in places.into_iter().rev() {
            page.chunk(tx, chunk, &places).await?;
            if page.full() {
                break;
            }
        }
        (high, length) = (low, (length * 2).min(LONGEST_STRETCH));
    }
    Ok(page.end())
}

async fn highest(tx: &mut Tx, scope: &Scope) -> Result<i64> {
    tx.query("SELECT COALESCE(MAX(chunk), 0) AS chunk FROM search_chunk WHERE tenant = $1")
        .bind(scope.tenant())
        .one(|row| row.get("chunk"))
        .await
}

/// Places that hold every term, by chunk.
async fn common(tx: &mut Tx, scope: &Scope, terms: &[Term], low: i64, high: i64) -> Result<BTreeMap<i64, Vec<u16>>> {
    let mut common: Option<BTreeMap<i64, Vec<u16>>> = None;
    for term in terms {
        let mut found: BTreeMap<i64, Vec<u16>> = BTreeMap::new();
        for (chunk, hits) in rows_of(tx, scope, term, low, high).await? {
            found.entry(chunk).or_default().extend(words::unpack(&hits));
        }
        for places in found.values_mut() {
            places.sort_unstable();
            places.dedup();
        }
        common = Some(match common {
            None => found,
            Some(before) => before
                .into_iter()
                .filter_map(|(chunk, mut places)| {
                    let also = found.get(&chunk)?;
                    places.retain(|place| also.binary_search(place).is_ok());
                    (!places.is_empty()).then_some((chunk, places))
                })
                .collect(),
        });
        if common.as_ref().is_some_and(BTreeMap::is_empty) {
            break;
        }
    }
    Ok(common.unwrap_or_default())
}

async fn rows_of(tx: &mut Tx, scope: &Scope, term: &Term, low: i64, high: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let (condition, first, last) = match term {
        Term::Key(key) => ("word = $2", key.clone(), None),
        // No byte of UTF-8 is as large as the last one.
        Term::Beginning(start) => ("word >= $2 AND word < $5", start.clone(), Some([start.as_slice(), &[0xFF]].concat())),
    };
    let sql = format!("SELECT chunk, hits FROM search_word WHERE tenant = $1 AND {condition} AND chunk BETWEEN $3 AND $4");
    let mut query = tx.query(&sql).bind(scope.tenant()).bind(first.as_slice()).bind(low).bind(high);
    if let Some(last) = &last {
        query = query.bind(last.as_slice());
    }
    query.all(|row| Ok((row.get("chunk")?, row.get("hits")?))).await
}

struct Page<'p> {
    scope: &'p Scope,
    query: &'p Query,
    channels: Option<&'p [ChannelId]>,
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
        let ids: Vec<&str> = due.iter().map(|m| m.id.as_str()).collect();
        self.look_at(tx, None, &ids).await
    }

    async fn chunk(&mut self, tx: &mut Tx, chunk: i64, places: &[u16]) -> Result<()> {
        let messages = tx
            .query("SELECT messages FROM search_chunk WHERE tenant = $1 AND chunk = $2")
            .bind(self.scope.tenant())
            .bind(chunk)
            .optional(|row| row.get::<String>("messages"))
            .await?;
        let messages: Vec<&str> = messages.as_deref().unwrap_or_default().lines().collect();
        let here = self.after.filter(|a| a.chunk == Some(chunk));
        let before = here.and_then(|a| messages.iter().position(|id| *id == a.message.as_str())).unwrap_or(messages.len());
        let ids: Vec<&str> = places.iter().rev().map(|p| usize::from(*p)).filter(|p| *p < before).map(|p| messages[p]).collect();
        self.look_at(tx, Some(chunk), &ids).await
    }

    /// Reads messages, in this order, until the page is full.
    async fn look_at(&mut self, tx: &mut Tx, chunk: Option<i64>, ids: &[&str]) -> Result<()> {
        for batch in ids.chunks(BATCH) {
            let sql = format!(
                "SELECT m.id, m.body, m.at, m.direction, m.author, m.conversation, c.channel, c.contact, p.name
                   FROM message m
                   JOIN conversation c ON c.tenant = m.tenant AND c.id = m.conversation
                   LEFT JOIN contact p ON p.tenant = c.tenant AND p.id = c.contact
                  WHERE m.tenant = $1 AND m.id IN ({})",
                marks(2, BATCH)
            );
            let mut query = tx.query(&sql).bind(self.scope.tenant());
            // Always as many: one statement, prepared once.
            for n in 0..BATCH {
                query = query.bind(batch[n.min(batch.len() - 1)]);
            }
            let mut rows: BTreeMap<String, (Stored, Hit)> = query
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
                    Ok((m.id.to_string(), (m, hit)))
                })
                .await?
                .into_iter()
                .collect();
            for id in batch {
                self.read += 1;
                let Some((m, hit)) = rows.remove(*id) else { continue };
                let place = Place { chunk, at: m.at, message: m.id.clone() };
                self.last = Some(place.clone());
                // A chunk that was made after the first page began holds messages that it showed.
                let shown = self.after.is_some_and(|a| a.chunk.is_none() || a.chunk == chunk) && !self.is_next(&m);
                if shown || self.channels.is_some_and(|channels| !channels.contains(&hit.channel)) {
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
