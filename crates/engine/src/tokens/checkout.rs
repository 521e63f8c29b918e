//! Credit for money: whoever runs the server sells it through an account of their own. It is on record first, paid at the vendor's, and
//! put in once, when the vendor's signed report says that exactly its price came in.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    ids::{OrderId, TenantId},
    ledger::{Day, MOST_TOKENS},
    money::Money,
    payment::{State, next_look},
    ports::{
        channel::RawRequest,
        payments::{Demand, News, Notice, Payments},
    },
    scope::Server,
};
use frontdesk_store::{
    Result, Tx, audit, looks, tasks,
    tokens::{
        account::{self, Credit},
        orders::{self, Order},
    },
    work,
};
use serde_json::json;

use super::changed;
use crate::{
    Desk,
    events::Event,
    payments::{
        self,
        look::{AT_ONCE, ask},
    },
};

/// For the vendor's answer, with one more try.
const PATIENCE: Duration = Duration::from_secs(20);

/// On which terms credit is sold on this server.
#[derive(Debug, Clone)]
pub struct Sale {
    /// The payment vendor's key.
    pub vendor: String,
    pub key: Secret,
    /// What the vendor's reports are signed with.
    pub secrets: Vec<Secret>,
    pub currency: String,
    /// What a thousand tokens cost, in minor units; `None`: only packages are sold.
    pub per_thousand: Option<i64>,
    pub packages: Vec<Package>,
}

/// So many tokens at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Package {
    pub tokens: i64,
    /// In minor units.
    pub minor: i64,
}

impl Sale {
    /// What so many tokens cost here, rounded up to the smallest coin; `None`: they are not sold.
    pub fn price(&self, tokens: i64) -> Option<Money> {
        if !(1..=MOST_TOKENS).contains(&tokens) {
            return None;
        }
        let package = self.packages.iter().find(|p| p.tokens == tokens).map(|p| p.minor);
        let by_amount = || self.per_thousand.map(|price| (tokens.saturating_mul(price).saturating_add(999)) / 1000);
        let minor = package.or_else(by_amount)?;
        (minor > 0).then(|| Money { minor, currency: self.currency.clone() })
    }
}

/// Why there is no page to pay at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody sells credit on this server.
    NotSold,
    /// Not so many.
    NoSuchAmount,
    /// The vendor made no page; nothing was charged.
    Vendor(&'static str),
}

/// Puts an order down and asks the vendor for its page.
pub async fn begin(
    desk: &Arc<Desk>,
    scope: &Scope,
    business: &str,
    tokens: i64,
    entry: audit::Entry,
) -> Result<std::result::Result<Order, Refusal>> {
    let Some((sale, vendor)) = sold(desk) else { return Ok(Err(Refusal::NotSold)) };
    let Some(price) = sale.price(tokens).filter(|price| vendor.fits(price).is_ok()) else {
        return Ok(Err(Refusal::NoSuchAmount));
    };
    let now = desk.now();
    let mut order = Order {
        id: desk.id(),
        tokens,
        price,
        state: State::Open,
        vendor: sale.vendor.clone(),
        vendor_link: None,
        url: None,
        problem: None,
        made_by: entry.actor.clone(),
        created_at: now,
        paid_at: None,
        updated_at: now,
    };
    let (s, o, entry) = (scope.clone(), order.clone(), audit::Entry { subject: order.id.to_string(), ..entry });
    desk.db
        .write(
            scope,
            work!(tx => {
                orders::insert(tx, &s, &o).await?;
                audit::write(tx, &s, &entry).await
            }),
        )
        .await?;
    let (description, page) = (format!("{tokens} tokens: {business}"), format!("{}/tokens", desk.access.public_url()));
    let name = named(scope, &order.id);
    let demand =
        Demand { key: order.id.as_str(), payment: &name, amount: &order.price, description: &description, return_url: &page };
    let (account, until) = (payments::account(desk, vendor, sale.key.clone()), now.plus(PATIENCE));
    let mut made = 0;
    let answered = loop {
        made += 1;
        let answered = vendor.open(desk.http.as_ref(), &account, &demand).await;
        if !payments::again(desk, made, &answered, &|| until.since(desk.now())).await {
            break answered;
        }
    };
    let refused = match answered {
        Ok(link) => {
            (order.vendor_link, order.url) = (Some(link.id), Some(link.url));
            None
        }
        Err(error) => {
            tracing::warn!(tenant = %scope.tenant(), error = %error, "a page to pay for credit was not made");
            // Nobody has its address, so nobody pays there.
            (order.state, order.problem) = (State::Failed, Some(error.kind_in_words().to_owned()));
            Some(Refusal::Vendor(error.kind_in_words()))
        }
    };
    order.updated_at = desk.now();
    let (s, o) = (scope.clone(), order.clone());
    desk.db
        .write(
            scope,
            work!(tx => {
                // A report may have been faster than this answer.
                let is = orders::lock(tx, &s, &o.id).await?;
                if is.is_some_and(|is| is.state == State::Open) {
                    orders::keep(tx, &s, &o).await?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(refused.map_or(Ok(order), Err))
}

/// What the vendor calls an order: it says whose it is, so that a report is looked up among that business's rows.
fn named(scope: &Scope, order: &OrderId) -> String {
    format!("{}-{order}", scope.tenant())
}

fn is_named(text: &str) -> Option<(TenantId, OrderId)> {
    let (tenant, order) = text.rsplit_once("-ord_")?;
    Some((TenantId::parse(tenant).ok()?, OrderId::parse(&format!("ord_{order}")).ok()?))
}

/// The terms, and whoever takes the money.
fn sold(desk: &Desk) -> Option<(&Sale, &'static dyn Payments)> {
    let sale = desk.settings.credit_sale.as_ref()?;
    Some((sale, desk.payment_vendor(&sale.vendor)?))
}

/// What a report to whoever runs the server came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Not with a secret of the operator's.
    NotSigned,
    /// Genuine, and about no order of credit.
    Strange,
    /// It speaks of an order and is on record.
    Kept,
}

/// Reports about credit are signed with the operator's own secret, and with nobody else's.
pub async fn hear(desk: &Arc<Desk>, vendor: &'static dyn Payments, raw: &RawRequest) -> Result<Heard> {
    let Some((sale, _)) = sold(desk).filter(|(sale, _)| sale.vendor == vendor.about().key) else { return Ok(Heard::NotSigned) };
    if vendor.verify(raw, &sale.secrets, desk.now()).is_err() {
        return Ok(Heard::NotSigned);
    }
    let Ok(notice) = vendor.read(&raw.body) else { return Ok(Heard::Strange) };
    // What a connected account did is none of the operator's sales.
    let named = notice.subject.payment.as_deref().filter(|_| notice.of_account.is_none()).and_then(is_named);
    let Some((tenant, id)) = named else { return Ok(Heard::Strange) };
    if settle(desk, tenant, &id, notice).await? {
        return Ok(Heard::Kept);
    }
    tracing::warn!(order = %id, "a payment for an order of credit that is not there");
    Ok(Heard::Strange)
}

/// `false`: there is no such order.
async fn settle(desk: &Arc<Desk>, tenant: TenantId, id: &OrderId, notice: Notice) -> Result<bool> {
    let scope = Scope::of(tenant.clone());
    let zone = desk.directory.tenant(desk, &tenant).await?.map_or(jiff::tz::TimeZone::UTC, |view| view.tenant.zone());
    let (d, s, id, now) = (desk.clone(), scope.clone(), id.clone(), desk.now());
    let day = Day::at(now, &zone);
    let news = desk
        .db
        .write(
            &scope,
            work!(tx => {
                let Some(mut order) = orders::lock(tx, &s, &id).await? else { return Ok(None) };
                let news = apply(tx, &d, &s, &mut order, &notice, &day, now).await?;
                crate::crash::point("payment report before commit");
                Ok(Some(news))
            }),
        )
        .await?;
    if news == Some(true) {
        desk.events.tell(&tenant, changed());
        desk.events.tell(&tenant, Event::new("task.changed", ""));
    }
    Ok(news.is_some())
}

/// Asks about orders whose report may be lost. Returns how many it had been.
pub async fn catch_up(desk: &Arc<Desk>) -> Result<usize> {
    let Some((sale, vendor)) = sold(desk) else { return Ok(0) };
    let account = payments::account(desk, vendor, sale.key.clone());
    let now = desk.now();
    let due = desk.db.read(&Server, work!(tx => looks::orders(tx, &Server, now, AT_ONCE).await)).await?;
    let mut lost = 0;
    for (tenant, id, created) in due {
        let scope = Scope::of(tenant.clone());
        let (s, i) = (scope.clone(), id.clone());
        let found = desk
            .db
            .write(
                &scope,
                work!(tx => {
                    let waits = orders::get(tx, &s, &i).await?.filter(|order| order.state == State::Open);
                    let next = waits.as_ref().and_then(|_| next_look(created, now));
                    let taken = looks::order_next(tx, &s, &i, now, next).await?;
                    Ok(waits.filter(|order| taken && order.vendor == vendor.about().key).and_then(|order| order.vendor_link))
                }),
            )
            .await?;
        let Some(link) = found else { continue };
        if let Some(notice) = ask(desk, vendor, &account, &link, &named(&scope, &id)).await {
            lost += usize::from(settle(desk, tenant, &id, notice).await?);
        }
    }
    Ok(lost)
}

/// Money counts once, and only when it is exactly the price of this very page.
async fn apply(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    order: &mut Order,
    notice: &Notice,
    day: &Day,
    now: Timestamp,
) -> Result<bool> {
    let page = notice.subject.vendor_link.as_deref();
    let elsewhere = page.is_some() && order.vendor_link.is_some() && page != order.vendor_link.as_deref();
    order.updated_at = now;
    match &notice.what {
        // Also before it was heard that it was paid: then nothing is put in.
        News::GivenBack { amount } if amount.currency == order.price.currency && amount.minor >= order.price.minor => {
            taken_back(tx, desk, scope, order, day, now).await
        }
        News::GivenBack { amount } if order.problem.is_none() && order.state != State::Refunded => {
            let why = format!("{amount} of {} was given back", order.price);
            let title = format!("money for credit was given back in part, and all its tokens are still there: {why}");
            tasks::open(tx, scope, &desk.id(), "odd_payment", &title, None, None, now).await?;
            order.problem = Some(why);
            orders::keep(tx, scope, order).await
        }
        _ if matches!(order.state, State::Paid | State::Refunded) => Ok(false),
        News::Paid { amount } if *amount != order.price || elsewhere => {
            if order.problem.is_some() {
                return Ok(false);
            }
            let why = match elsewhere {
                true => "it was paid at another page than the one that was made for it".to_owned(),
                false => format!("{amount} came in where {} was asked for", order.price),
            };
            let title = format!("credit was paid for and not put in: {why}");
            tracing::error!(tenant = %scope.tenant(), order = %order.id, why, "a payment for credit does not fit");
            tasks::open(tx, scope, &desk.id(), "odd_payment", &title, None, None, now).await?;
            order.problem = Some(why);
            orders::keep(tx, scope, order).await
        }
        News::Paid { .. } => {
            let credit = Credit {
                once: format!("checkout/{}", order.id),
                tokens: order.tokens,
                note: Some(format!("{} · {}", order.price, order.id)),
                by: order.made_by.clone(),
            };
            let entered = account::credit(tx, scope, &credit, day, now).await?.is_some();
            (order.state, order.paid_at, order.problem) = (State::Paid, Some(notice.at), None);
            order.vendor_link = order.vendor_link.take().or(page.map(str::to_owned));
            orders::keep(tx, scope, order).await?;
            if entered {
                audit::write(tx, scope, &by_the_server(desk, order, "tokens.bought", now)).await?;
            }
            Ok(entered)
        }
        News::Expired | News::Failed if order.state == State::Open => {
            order.state = if notice.what == News::Expired { State::Expired } else { State::Failed };
            orders::keep(tx, scope, order).await
        }
        News::GivenBack { .. } | News::Refund { .. } | News::Awaited | News::Failed | News::Expired | News::Other => Ok(false),
    }
}

/// All the money went back: so do the tokens, also where they are spent.
async fn taken_back(tx: &mut Tx, desk: &Desk, scope: &Scope, order: &mut Order, day: &Day, now: Timestamp) -> Result<bool> {
    if order.state == State::Refunded {
        return Ok(false);
    }
    if order.state == State::Paid {
        let credit = Credit {
            once: format!("checkout/{}/back", order.id),
            tokens: -order.tokens,
            note: Some(format!("{} · {}", order.price, order.id)),
            by: String::new(),
        };
        account::credit(tx, scope, &credit, day, now).await?;
        audit::write(tx, scope, &by_the_server(desk, order, "tokens.taken_back", now)).await?;
    }
    order.state = State::Refunded;
    orders::keep(tx, scope, order).await
}

fn by_the_server(desk: &Desk, order: &Order, action: &str, now: Timestamp) -> audit::Entry {
    audit::Entry {
        id: desk.id(),
        actor_kind: "server".into(),
        actor: String::new(),
        action: action.into(),
        subject: order.id.to_string(),
        detail: json!({ "tokens": order.tokens, "price": order.price.to_string() }),
        at: now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_its_own_price_and_the_rest_is_rounded_up_to_the_smallest_coin() {
        let sale = Sale {
            vendor: "v".into(),
            key: Secret::new("k"),
            secrets: Vec::new(),
            currency: "USD".into(),
            per_thousand: Some(999),
            packages: vec![Package { tokens: 5000, minor: 4500 }],
        };
        let minor = |sale: &Sale, tokens| sale.price(tokens).map(|p| p.minor);
        for (tokens, price) in [
            (5000, Some(4500)),
            (1000, Some(999)),
            (1, Some(1)),
            (1001, Some(1000)),
            (MOST_TOKENS, Some(999_000_000)),
            (0, None),
            (-5, None),
            (MOST_TOKENS + 1, None),
        ] {
            assert_eq!(minor(&sale, tokens), price, "{tokens}");
        }
        let only = Sale { per_thousand: None, ..sale };
        assert_eq!((minor(&only, 5000), minor(&only, 4999)), (Some(4500), None));
    }
}
