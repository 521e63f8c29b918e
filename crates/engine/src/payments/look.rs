//! Reports can be lost: a vendor that has not said what became of a link is asked, less and less often.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{PaymentId, TenantId},
    payment::next_look,
    ports::payments::{Account, News, Notice, Payments, Subject},
    scope::Server,
};
use frontdesk_store::{Result, looks, payments, work};

use super::hear::{self, Accepted};
use crate::Desk;

/// Vendors asked at a time.
pub(crate) const AT_ONCE: u32 = 20;

/// Asks about the payments whose time has come. Returns of how many a report had been lost.
pub async fn catch_up(desk: &Arc<Desk>) -> Result<usize> {
    let now = desk.now();
    let due = desk.db.read(&Server, work!(tx => looks::payments(tx, &Server, now, AT_ONCE).await)).await?;
    let mut lost = 0;
    for (tenant, id, created) in due {
        lost += usize::from(look(desk, tenant, id, created, now).await?);
    }
    Ok(lost)
}

async fn look(desk: &Arc<Desk>, tenant: TenantId, id: PaymentId, created: Timestamp, now: Timestamp) -> Result<bool> {
    let scope = Scope::of(tenant.clone());
    let (s, i) = (scope.clone(), id.clone());
    let found = desk
        .db
        .write(
            &scope,
            work!(tx => {
                let payment = payments::get(tx, &s, &i).await?;
                let waits = payment.filter(|p| p.paid_at.is_none() && p.ended.is_none());
                let next = waits.as_ref().and_then(|_| next_look(created, now));
                let taken = looks::payment_next(tx, &s, &i, now, next).await?;
                Ok(waits.filter(|_| taken))
            }),
        )
        .await?;
    let Some(payment) = found else { return Ok(false) };
    let Some(link) = payment.vendor_link else { return Ok(false) };
    let Some(till) = desk.directory.tenant(desk, &tenant).await?.and_then(|view| view.till.clone()) else { return Ok(false) };
    let key = till.vendor.about().key;
    if key != payment.vendor {
        return Ok(false);
    }
    let Some(notice) = ask(desk, till.vendor, &till.account, &link, id.as_str()).await else { return Ok(false) };
    let heard = hear::store(desk, key, &tenant, notice, now).await?;
    Ok(matches!(heard, Accepted::Stored { duplicate: false }))
}

/// What the vendor says of a link, as it would have reported it; `None`: nothing came of it yet, or it does not answer.
pub(crate) async fn ask(
    desk: &Desk,
    vendor: &'static dyn Payments,
    account: &Account,
    link: &str,
    payment: &str,
) -> Option<Notice> {
    let answered = vendor.look_up(desk.http.as_ref(), account, link).await;
    let (subject, what) = answered.inspect_err(|e| tracing::warn!(error = %e, "a payment vendor was asked in vain")).ok()?;
    let word = match &what {
        News::Paid { .. } => "paid",
        News::Expired => "expired",
        _ => return None,
    };
    Some(Notice {
        id: format!("looked_up/{link}/{word}"),
        kind: "looked_up".to_owned(),
        at: desk.now(),
        of_account: None,
        subject: Subject { payment: Some(payment.to_owned()), vendor_link: Some(link.to_owned()), ..subject },
        what,
    })
}
