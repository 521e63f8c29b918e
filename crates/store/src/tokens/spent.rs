//! What was spent and is reserved in a day, a month or a campaign: what ceilings are held against.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::*,
    ledger::{Day, Spent},
    scope::Server,
};

use crate::{Result, Tx};

/// For whom and what something is spent.
#[derive(Debug, Clone, Copy)]
pub(super) struct For<'a> {
    /// `2026-11-25`
    pub(super) day: &'a str,
    pub(super) contact: Option<&'a str>,
    pub(super) campaign: Option<&'a str>,
}

/// The month of a day.
fn month(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}

/// So much so far. `contact` and `campaign` where they matter.
pub async fn so_far(tx: &mut Tx, scope: &Scope, day: &Day, contact: Option<&ContactId>, campaign: Option<&str>) -> Result<Spent> {
    let (today, this_month) = (format!("day/{}", day.day), format!("month/{}", day.month));
    let campaign = campaign.map(|key| format!("campaign/{key}"));
    let rows = tx
        .query(
            "SELECT span, contact, tokens, micros FROM token_spent
              WHERE tenant = $1 AND ((span = $2 AND contact IN ('', COALESCE($3, ''))) OR (span IN ($4, COALESCE($5, '')) AND contact = ''))",
        )
        .bind(scope.tenant())
        .bind(&today)
        .bind(contact)
        .bind(&this_month)
        .bind(campaign.as_deref())
        .all(|r| Ok((r.get::<String>("span")?, r.get::<String>("contact")?, r.get::<i64>("tokens")?, r.get::<i64>("micros")?)))
        .await?;
    let mut spent = Spent::default();
    for (span, contact, tokens, micros) in rows {
        if span == today && contact.is_empty() {
            (spent.day, spent.money_day) = (tokens, micros);
        } else if span == today {
            spent.contact_day = tokens;
        } else if span == this_month {
            spent.month = tokens;
        } else {
            spent.campaign = tokens;
        }
    }
    Ok(spent)
}

/// So much more, or less when a reservation comes to nothing.
pub(super) async fn add(tx: &mut Tx, scope: &Scope, of: For<'_>, tokens: i64, micros: i64, now: Timestamp) -> Result<()> {
    if tokens == 0 && micros == 0 {
        return Ok(());
    }
    let spans = [
        Some((format!("day/{}", of.day), "")),
        Some((format!("month/{}", month(of.day)), "")),
        of.contact.map(|contact| (format!("day/{}", of.day), contact)),
        of.campaign.map(|key| (format!("campaign/{key}"), "")),
    ];
    for (span, contact) in spans.into_iter().flatten() {
        tx.query(
            "INSERT INTO token_spent (tenant, span, contact, tokens, micros, at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant, span, contact) DO UPDATE
             SET tokens = token_spent.tokens + excluded.tokens, micros = token_spent.micros + excluded.micros, at = excluded.at",
        )
        .bind(scope.tenant())
        .bind(&span)
        .bind(contact)
        .bind(tokens)
        .bind(micros)
        .bind(now)
        .put()
        .await?;
    }
    Ok(())
}

/// Days and months that no ceiling looks at any more; campaigns are kept.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query("DELETE FROM token_spent WHERE at < $1 AND span NOT LIKE 'campaign/%'").bind(before).execute().await
}
