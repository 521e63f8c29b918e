//! Payments of contacts, and what vendors reported of them.

use std::collections::HashMap;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    money::Money,
    payment::{Payment, State, next_look},
    ports::payments::{Notice, Subject},
    scope::Server,
};

use crate::{
    Result, Tx,
    query::{Bind, Row},
    values::Json,
};

const COLUMNS: &str =
    "id, reference, contact, conversation, appointment, minor, currency, description, state, refunded, vendor, vendor_link,
                       vendor_payment, url, problem, created_at, paid_at, ended, ended_at, updated_at";

fn payment(r: &Row<'_>) -> Result<Payment> {
    Ok(Payment {
        id: r.get("id")?,
        reference: r.get("reference")?,
        contact: r.get("contact")?,
        conversation: r.get("conversation")?,
        appointment: r.get("appointment")?,
        amount: Money { minor: r.get("minor")?, currency: r.get("currency")? },
        description: r.get("description")?,
        state: r.get("state")?,
        refunded: r.get("refunded")?,
        vendor: r.get("vendor")?,
        vendor_link: r.get("vendor_link")?,
        vendor_payment: r.get("vendor_payment")?,
        url: r.get("url")?,
        problem: r.get("problem")?,
        created_at: r.get("created_at")?,
        paid_at: r.get("paid_at")?,
        ended: r.get("ended")?,
        ended_at: r.get("ended_at")?,
        updated_at: r.get("updated_at")?,
    })
}

/// A new payment that nobody has a link for yet. `false`: what asks for it has asked before.
pub async fn insert(tx: &mut Tx, scope: &Scope, p: &Payment) -> Result<bool> {
    tx.query(
        "INSERT INTO payment (tenant, id, reference, contact, conversation, appointment, minor, currency, description, state, refunded,
                              vendor, created_at, updated_at, look_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14) ON CONFLICT (tenant, reference) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(&p.id)
    .bind(p.reference.as_str())
    .bind(&p.contact)
    .bind(p.conversation.as_ref())
    .bind(p.appointment.as_ref())
    .bind(p.amount.minor)
    .bind(p.amount.currency.as_str())
    .bind(p.description.as_str())
    .bind(p.state)
    .bind(p.refunded)
    .bind(p.vendor.as_str())
    .bind(p.created_at)
    .bind(next_look(p.created_at, p.created_at))
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Option<Payment>> {
    tx.query(&format!("SELECT {COLUMNS} FROM payment WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(payment)
        .await
}

pub async fn by_reference(tx: &mut Tx, scope: &Scope, reference: &str) -> Result<Option<Payment>> {
    tx.query(&format!("SELECT {COLUMNS} FROM payment WHERE tenant = $1 AND reference = $2"))
        .bind(scope.tenant())
        .bind(reference)
        .optional(payment)
        .await
}

/// On PostgreSQL nobody else changes it or its refunds until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Option<Payment>> {
    let sql = format!("SELECT {COLUMNS} FROM payment WHERE tenant = $1 AND id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(payment).await
}

/// The payment that a vendor speaks of, by whichever name it gave.
pub async fn named(tx: &mut Tx, scope: &Scope, vendor: &str, subject: &Subject) -> Result<Option<PaymentId>> {
    let names = [
        ("id", subject.payment.as_deref()),
        ("vendor_link", subject.vendor_link.as_deref()),
        ("vendor_payment", subject.vendor_payment.as_deref()),
    ];
    for (column, name) in names {
        let Some(name) = name else { continue };
        let found = tx
            .query(&format!("SELECT id FROM payment WHERE tenant = $1 AND vendor = $2 AND {column} = $3 LIMIT 1"))
            .bind(scope.tenant())
            .bind(vendor)
            .bind(name)
            .optional(|r| r.get("id"))
            .await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Keeps what became of it; what was asked for stays as it was.
pub async fn keep(tx: &mut Tx, scope: &Scope, p: &Payment) -> Result<bool> {
    tx.query(
        "UPDATE payment SET state = $3, refunded = $4, vendor_link = $5, vendor_payment = $6, url = $7, problem = $8, paid_at = $9,
                            ended = $10, ended_at = $11, updated_at = $12
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&p.id)
    .bind(p.state)
    .bind(p.refunded)
    .bind(p.vendor_link.as_deref())
    .bind(p.vendor_payment.as_deref())
    .bind(p.url.as_deref())
    .bind(p.problem.as_deref())
    .bind(p.paid_at)
    .bind(p.ended)
    .bind(p.ended_at)
    .bind(p.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Which payments are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub state: Option<State>,
    pub contact: Option<ContactId>,
    pub conversation: Option<ConversationId>,
    pub appointment: Option<AppointmentId>,
    /// Only those of conversations on these channels.
    pub channels: Option<Vec<ChannelId>>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

/// Newest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<&(Timestamp, PaymentId)>,
    limit: u32,
) -> Result<Vec<Payment>> {
    let mut wanted = vec!["tenant = $1".to_owned()];
    let mut params = vec![scope.tenant().param()];
    if let Some(channels) = &filter.channels {
        let marks: Vec<String> = (2..channels.len() + 2).map(|n| format!("${n}")).collect();
        params.extend(channels.iter().map(|c| c.param()));
        wanted.push(match channels.is_empty() {
            true => "FALSE".to_owned(),
            false => {
                format!("conversation IN (SELECT id FROM conversation WHERE tenant = $1 AND channel IN ({}))", marks.join(", "))
            }
        });
    }
    if let Some((at, id)) = after {
        let place = params.len() + 1;
        params.extend([at.param(), id.param()]);
        wanted.push(format!("created_at <= ${place} AND (created_at, id) < (${place}, ${})", place + 1));
    }
    let mut also = |sql: &str, param| {
        params.push(param);
        wanted.push(sql.replace("$$", &format!("${}", params.len())));
    };
    if let Some(state) = filter.state {
        also("state = $$", state.param());
    }
    if let Some(contact) = &filter.contact {
        also("contact = $$", contact.param());
    }
    if let Some(conversation) = &filter.conversation {
        also("conversation = $$", conversation.param());
    }
    if let Some(appointment) = &filter.appointment {
        also("appointment = $$", appointment.param());
    }
    if let Some(from) = filter.from {
        also("created_at >= $$", from.param());
    }
    if let Some(to) = filter.to {
        also("created_at < $$", to.param());
    }
    also("TRUE ORDER BY created_at DESC, id DESC LIMIT $$", limit.param());
    let sql = format!("SELECT {COLUMNS} FROM payment WHERE {}", wanted.join(" AND "));
    let mut query = tx.query(&sql);
    for param in params {
        query = query.bind_param(param);
    }
    query.all(payment).await
}

/// Names of those who pay, as far as they are known.
pub async fn payers(tx: &mut Tx, scope: &Scope, contacts: &[ContactId]) -> Result<HashMap<ContactId, String>> {
    if contacts.is_empty() {
        return Ok(HashMap::new());
    }
    let marks: Vec<String> = (2..contacts.len() + 2).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT id, name FROM contact WHERE tenant = $1 AND name IS NOT NULL AND id IN ({})", marks.join(", "));
    let mut query = tx.query(&sql).bind(scope.tenant());
    for contact in contacts {
        query = query.bind(contact);
    }
    Ok(query.all(|r| Ok((r.get("id")?, r.get("name")?))).await?.into_iter().collect())
}

/// What a vendor reported, and what we made of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    pub vendor: String,
    /// `None`: it speaks of none of ours.
    pub payment: Option<PaymentId>,
    /// In a word, for people.
    pub outcome: String,
    pub notice: Notice,
    pub received_at: Timestamp,
}

/// Keeps a report. `false`: it was heard before.
pub async fn hear(tx: &mut Tx, scope: &Scope, r: &Report) -> Result<bool> {
    tx.query(
        "INSERT INTO payment_report (tenant, vendor, id, kind, payment, outcome, notice, received_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (tenant, vendor, id) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(r.vendor.as_str())
    .bind(r.notice.id.as_str())
    .bind(r.notice.kind.as_str())
    .bind(r.payment.as_ref())
    .bind(r.outcome.as_str())
    .bind(Json(&r.notice))
    .bind(r.received_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// What was made of it, when that is known only afterwards.
pub async fn judge(tx: &mut Tx, scope: &Scope, vendor: &str, id: &str, outcome: &str) -> Result<bool> {
    tx.query("UPDATE payment_report SET outcome = $4 WHERE tenant = $1 AND vendor = $2 AND id = $3")
        .bind(scope.tenant())
        .bind(vendor)
        .bind(id)
        .bind(outcome)
        .execute()
        .await
        .map(|n| n > 0)
}

/// Reports of a payment, oldest first; `None`: those that speak of none of ours.
pub async fn reports(tx: &mut Tx, scope: &Scope, of: Option<&PaymentId>, limit: u32) -> Result<Vec<Report>> {
    let which = if of.is_some() { "payment = $2" } else { "payment IS NULL AND $2 IS NULL" };
    let which = which.replace("$2 IS NULL", "COALESCE($2, '') = ''");
    tx.query(&format!(
        "SELECT vendor, payment, outcome, notice, received_at FROM payment_report WHERE tenant = $1 AND {which} ORDER BY received_at, id LIMIT $3"
    ))
    .bind(scope.tenant())
    .bind(of)
    .bind(limit)
    .all(|r| {
        Ok(Report {
            vendor: r.get("vendor")?,
            payment: r.get("payment")?,
            outcome: r.get("outcome")?,
            notice: r.get::<Json<Notice>>("notice")?.0,
            received_at: r.get("received_at")?,
        })
    })
    .await
}

/// Reports from before then are not sent again by anybody.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM payment_report WHERE received_at < $1").bind(before).execute().await
}
