//! The conversation to which a message belongs, opened when there is none.

use std::fmt::Write;

use frontdesk_kernel::{Scope, Timestamp, conversation::Mode, ids::*, ports::channel::Address};

use super::{Arrival, Moved, reply_address};
use crate::{Asked, Error, Result, Tx, conversations, db::Inner, query::Query};

pub(super) struct Thread {
    pub(super) id: ConversationId,
    pub(super) contact: ContactId,
    pub(super) address: Address,
    pub(super) mode: Mode,
    pub(super) budget_from: Timestamp,
    pub(super) budget_used: i64,
    pub(super) machine_pairs: i64,
    pub(super) last_message_at: Timestamp,
    pub(super) last_text: Option<String>,
    pub(super) last_inbound_at: Option<Timestamp>,
}

pub(super) async fn find(
    tx: &mut Tx,
    scope: &Scope,
    a: &Arrival,
    contact: &ContactId,
    asked: Asked<Thread>,
    moved: &mut Moved,
) -> Result<Thread> {
    let untouched = moved.0.insert(contact.clone());
    match own(asked.all(tx).await?, a, contact) {
        Some(thread) if untouched => return Ok(thread),
        Some(_) => {}
        // The first on this channel, or the first since it was asked.
        None => {
            let address = reply_address(&a.inbound.addresses);
            let (id, branch) = a.session.as_ref().map_or((&a.new_conversation, ""), |id| (id, id.as_str()));
            conversations::open_branch(tx, scope, id, branch, &a.channel, contact, address, a.now).await?;
        }
    }
    let opened = ask(tx, scope, a).await?.all(tx).await?;
    own(opened, a, contact).ok_or_else(|| Error::Broken("a conversation vanished while it was opened".into()))
}

/// Those of whoever has an address of the sender's.
pub(super) async fn ask(tx: &mut Tx, scope: &Scope, a: &Arrival) -> Result<Asked<Thread>> {
    // From the address to the lane, one key after another: a planner that knows little of new tables would join them in any order.
    let sqlite = matches!(tx.inner, Inner::Sqlite(_));
    let once = if sqlite { "" } else { "MATERIALIZED" };
    let mut held = String::new();
    for n in 0..a.inbound.addresses.len() {
        let or = if n == 0 { "" } else { " UNION ALL " };
        let (kind, value) = (2 * n + 3, 2 * n + 4);
        let _ = write!(held, "{or}SELECT contact FROM contact_address WHERE tenant = $1 AND kind = ${kind} AND value = ${value}");
    }
    let mut mine = "tenant = $1 AND channel = $2 AND c.contact = who.contact".to_owned();
    if a.session.is_some() {
        let _ = write!(mine, " AND branch = ${}", 2 * a.inbound.addresses.len() + 3);
    }
    if !sqlite {
        // One after another, so that each sees the budget which the one before left. The lane comes before the conversation, as in every turn.
        let lock = format!(
            "WITH who AS MATERIALIZED ({held}), mine AS MATERIALIZED (SELECT c.id FROM who JOIN conversation c ON {mine})
             SELECT head_seq FROM mine JOIN lane ON tenant = $1 AND conversation = mine.id ORDER BY conversation FOR UPDATE OF lane"
        );
        of_sender(tx.query(&lock), scope, a).put().await?;
    }
    let read = format!(
        "WITH who AS {once} ({held})
         SELECT c.id, c.contact, address_kind, address, mode, paused_until, budget_from, budget_used, machine_pairs, last_message_at,
                last_inbound_at, last_text
           FROM who JOIN conversation c ON {mine} ORDER BY branch"
    );
    of_sender(tx.query(&read), scope, a).ask(|row| {
        Ok(Thread {
            id: row.get("id")?,
            contact: row.get("contact")?,
            address: Address { kind: row.get("address_kind")?, value: row.get("address")? },
            mode: conversations::mode(row)?,
            budget_from: row.get("budget_from")?,
            budget_used: row.get("budget_used")?,
            machine_pairs: row.get("machine_pairs")?,
            last_message_at: row.get("last_message_at")?,
            last_inbound_at: row.get("last_inbound_at")?,
            last_text: row.get("last_text")?,
        })
    })
}

fn of_sender<'t, 'q>(query: Query<'t, 'q>, scope: &'q Scope, a: &'q Arrival) -> Query<'t, 'q> {
    let query = query.bind(scope.tenant()).bind(&a.channel);
    let query = a.inbound.addresses.iter().fold(query, |query, of| query.bind(of.kind).bind(of.value.as_str()));
    a.session.iter().fold(query, |query, session| query.bind(session))
}

/// After a merge a contact may have several: each address keeps its own, as on the contact's telephones.
fn own(mut threads: Vec<Thread>, a: &Arrival, contact: &ContactId) -> Option<Thread> {
    threads.retain(|thread| thread.contact == *contact);
    let own = threads.iter().position(|thread| a.inbound.addresses.contains(&thread.address)).unwrap_or(0);
    (own < threads.len()).then(|| threads.swap_remove(own))
}
