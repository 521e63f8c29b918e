//! The account of a business, and what is entered without being reserved before: top-ups, corrections, the monthly fee.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    ledger::{Day, MONTHLY_FEE},
};

use crate::{Result, Tx, query::row};

/// What is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What was topped up less what was spent; less than nothing is a debt.
    pub balance: i64,
    /// Of it, what is held for work under way.
    pub reserved: i64,
    /// What was free after the last top-up.
    pub topped: i64,
    /// How many top-ups there were.
    pub grants: i64,
    /// Entries so far.
    pub last: i64,
    /// The first month whose fee is not entered yet (`2026-11`).
    pub fee_from: Option<String>,
    pub updated_at: Timestamp,
}

impl Account {
    pub fn available(&self) -> i64 {
        self.balance.saturating_sub(self.reserved)
    }
}

/// A line of the ledger before it has its number.
#[derive(Debug, Clone)]
pub(super) struct New<'a> {
    pub(super) once: &'a str,
    pub(super) kind: &'a str,
    pub(super) action: &'a str,
    pub(super) tokens: i64,
    pub(super) held: i64,
    pub(super) day: &'a str,
    pub(super) channel: Option<&'a ChannelId>,
    pub(super) conversation: Option<&'a ConversationId>,
    pub(super) turn: Option<&'a str>,
    pub(super) note: Option<&'a str>,
    pub(super) by: &'a str,
}

pub async fn get(tx: &mut Tx, scope: &Scope) -> Result<Option<Account>> {
    tx.query("SELECT balance, reserved, topped, grants, last, fee_from, updated_at FROM token_account WHERE tenant = $1")
        .bind(scope.tenant())
        .optional(row!(Account { balance, reserved, topped, grants, last, fee_from, updated_at }))
        .await
}

/// The account, opened when there is none. On PostgreSQL it is nobody else's until this unit of work is over.
pub async fn lock(tx: &mut Tx, scope: &Scope, now: Timestamp) -> Result<Account> {
    let held = "UPDATE token_account SET updated_at = $2 WHERE tenant = $1
                RETURNING balance, reserved, topped, grants, last, fee_from, updated_at";
    let read = row!(Account { balance, reserved, topped, grants, last, fee_from, updated_at });
    if let Some(account) = tx.query(held).bind(scope.tenant()).bind(now).optional(read).await? {
        return Ok(account);
    }
    tx.query(
        "INSERT INTO token_account (tenant, balance, reserved, topped, grants, last, fee_from, updated_at)
         VALUES ($1, 0, 0, 0, 0, 0, NULL, $2) ON CONFLICT (tenant) DO NOTHING",
    )
    .bind(scope.tenant())
    .bind(now)
    .put()
    .await?;
    tx.query(held).bind(scope.tenant()).bind(now).one(read).await
}

/// Whether it is in the ledger. Asked under the lock, the answer holds.
pub(super) async fn is_entered(tx: &mut Tx, scope: &Scope, once: &str) -> Result<bool> {
    let found = tx
        .query("SELECT n FROM token_entry WHERE tenant = $1 AND once = $2")
        .bind(scope.tenant())
        .bind(once)
        .optional(|row| row.get::<i64>("n"))
        .await?;
    Ok(found.is_some())
}

/// Appends a line; the account moves with it. The caller holds the lock and knows that it is not entered yet.
pub(super) async fn enter(tx: &mut Tx, scope: &Scope, e: &New<'_>, now: Timestamp) -> Result<Account> {
    let after = tx
        .query(
            "UPDATE token_account SET balance = balance + $2, reserved = reserved + $3, last = last + 1, updated_at = $4 WHERE tenant = $1
             RETURNING balance, reserved, topped, grants, last, fee_from, updated_at",
        )
        .bind(scope.tenant())
        .bind(e.tokens)
        .bind(e.held)
        .bind(now)
        .one(row!(Account { balance, reserved, topped, grants, last, fee_from, updated_at }))
        .await?;
    tx.query(
        "INSERT INTO token_entry (tenant, n, once, kind, action, tokens, held, balance, reserved, day, channel, conversation, turn, note,
                                  made_by, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(scope.tenant()).bind(after.last).bind(e.once).bind(e.kind).bind(e.action).bind(e.tokens).bind(e.held)
    .bind(after.balance).bind(after.reserved).bind(e.day).bind(e.channel).bind(e.conversation).bind(e.turn).bind(e.note).bind(e.by).bind(now)
    .put()
    .await?;
    Ok(after)
}

/// What somebody puts in (`tokens` > 0) or corrects.
#[derive(Debug, Clone)]
pub struct Credit {
    /// Entered once under this name.
    pub once: String,
    pub tokens: i64,
    pub note: Option<String>,
    /// `usr_…` or `key_…`; empty for the machine's operator.
    pub by: String,
}

/// A top-up, or a correction when it is less than nothing. `None`: it is entered already.
pub async fn credit(tx: &mut Tx, scope: &Scope, credit: &Credit, day: &Day, now: Timestamp) -> Result<Option<Account>> {
    lock(tx, scope, now).await?;
    if is_entered(tx, scope, &credit.once).await? {
        return Ok(None);
    }
    let grant = credit.tokens > 0;
    let kind = if grant { "grant" } else { "adjust" };
    let entry = New {
        once: &credit.once,
        kind,
        action: kind,
        tokens: credit.tokens,
        held: 0,
        day: &day.day,
        channel: None,
        conversation: None,
        turn: None,
        note: credit.note.as_deref(),
        by: &credit.by,
    };
    let after = enter(tx, scope, &entry, now).await?;
    if !grant {
        return Ok(Some(after));
    }
    tx.query("UPDATE token_account SET topped = balance - reserved, grants = grants + 1 WHERE tenant = $1")
        .bind(scope.tenant())
        .put()
        .await?;
    get(tx, scope).await
}

/// From when on months are paid for. Only what has no such month yet, or an earlier one, gets it.
pub async fn pay_from(tx: &mut Tx, scope: &Scope, month: &str, now: Timestamp) -> Result<()> {
    lock(tx, scope, now).await?;
    tx.query("UPDATE token_account SET fee_from = $2 WHERE tenant = $1 AND COALESCE(fee_from, '') < $2")
        .bind(scope.tenant())
        .bind(month)
        .put()
        .await
}

/// The fee of a month, also into debt; once, whoever asks how often. Months are entered in their order: `next` is due then.
/// `None`: it is entered already, or not due.
pub async fn fee(
    tx: &mut Tx,
    scope: &Scope,
    month: &str,
    next: &str,
    tokens: i64,
    day: &Day,
    now: Timestamp,
) -> Result<Option<Account>> {
    let account = lock(tx, scope, now).await?;
    let once = format!("fee/{month}");
    if account.fee_from.as_deref() != Some(month) || is_entered(tx, scope, &once).await? {
        return Ok(None);
    }
    let entry = New {
        once: &once,
        kind: "fee",
        action: MONTHLY_FEE,
        tokens: -tokens,
        held: 0,
        day: &day.day,
        channel: None,
        conversation: None,
        turn: None,
        note: Some(month),
        by: "",
    };
    let after = enter(tx, scope, &entry, now).await?;
    tx.query("UPDATE token_account SET fee_from = $2 WHERE tenant = $1").bind(scope.tenant()).bind(next).put().await?;
    Ok(Some(Account { fee_from: Some(next.to_owned()), ..after }))
}
