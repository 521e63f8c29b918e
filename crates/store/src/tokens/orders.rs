//! Credit that a business buys: what was asked for, at which price, and whether it was paid.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::OrderId,
    money::Money,
    payment::{State, next_look},
};

use crate::{Result, Tx, query::Row};

#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub id: OrderId,
    pub tokens: i64,
    pub price: Money,
    pub state: State,
    /// The vendor's key.
    pub vendor: String,
    /// The vendor's id of the page where it is paid.
    pub vendor_link: Option<String>,
    pub url: Option<String>,
    /// Why nothing came of it.
    pub problem: Option<String>,
    /// `usr_…` or `key_…`; empty for the machine's operator.
    pub made_by: String,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

const COLUMNS: &str =
    "id, tokens, minor, currency, state, vendor, vendor_link, url, problem, made_by, created_at, paid_at, updated_at";

fn order(r: &Row<'_>) -> Result<Order> {
    Ok(Order {
        id: r.get("id")?,
        tokens: r.get("tokens")?,
        price: Money { minor: r.get("minor")?, currency: r.get("currency")? },
        state: r.get("state")?,
        vendor: r.get("vendor")?,
        vendor_link: r.get("vendor_link")?,
        url: r.get("url")?,
        problem: r.get("problem")?,
        made_by: r.get("made_by")?,
        created_at: r.get("created_at")?,
        paid_at: r.get("paid_at")?,
        updated_at: r.get("updated_at")?,
    })
}

pub async fn insert(tx: &mut Tx, scope: &Scope, o: &Order) -> Result<()> {
    tx.query(
        "INSERT INTO credit_order (tenant, id, tokens, minor, currency, state, vendor, made_by, created_at, updated_at, look_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)",
    )
    .bind(scope.tenant())
    .bind(&o.id)
    .bind(o.tokens)
    .bind(o.price.minor)
    .bind(o.price.currency.as_str())
    .bind(o.state)
    .bind(o.vendor.as_str())
    .bind(o.made_by.as_str())
    .bind(o.created_at)
    .bind(next_look(o.created_at, o.created_at))
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &OrderId) -> Result<Option<Order>> {
    tx.query(&format!("SELECT {COLUMNS} FROM credit_order WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(order)
        .await
}

/// On PostgreSQL nobody else changes it until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, id: &OrderId) -> Result<Option<Order>> {
    let sql = format!("SELECT {COLUMNS} FROM credit_order WHERE tenant = $1 AND id = $2");
    tx.query_each(&sql, &format!("{sql} FOR UPDATE")).bind(scope.tenant()).bind(id).optional(order).await
}

/// Keeps what became of it; what was asked for stays as it was.
pub async fn keep(tx: &mut Tx, scope: &Scope, o: &Order) -> Result<bool> {
    tx.query(
        "UPDATE credit_order SET state = $3, vendor_link = $4, url = $5, problem = $6, paid_at = $7, updated_at = $8
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(&o.id)
    .bind(o.state)
    .bind(o.vendor_link.as_deref())
    .bind(o.url.as_deref())
    .bind(o.problem.as_deref())
    .bind(o.paid_at)
    .bind(o.updated_at)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Newest first.
pub async fn recent(tx: &mut Tx, scope: &Scope, limit: u32) -> Result<Vec<Order>> {
    tx.query(&format!("SELECT {COLUMNS} FROM credit_order WHERE tenant = $1 ORDER BY created_at DESC, id DESC LIMIT $2"))
        .bind(scope.tenant())
        .bind(limit)
        .all(order)
        .await
}
