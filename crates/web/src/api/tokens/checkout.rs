//! Buying credit from whoever runs the server.

use axum::extract::State;
use frontdesk_engine::tokens::checkout::{self, Refusal};
use frontdesk_kernel::{ids::OrderId, ledger::MOST_TOKENS, money::Money, payment::State as OrderState};
use frontdesk_store::{
    tokens::orders::{self, Order},
    work,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    Web,
    api::business::view_of,
    kit::{Body, Caller, Created, Found, Problem, Time},
};

const SHOWN: u32 = 10;

/// On which terms credit is sold here.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenOffer)]
pub(crate) struct Offer {
    /// Credit can be bought on this server.
    available: bool,
    packages: Vec<Package>,
    /// What a thousand tokens cost, where any number of them is sold.
    per_thousand: Option<Money>,
    /// The latest orders, newest first.
    orders: Vec<OrderView>,
}

/// So many tokens at once.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenPackage)]
struct Package {
    tokens: i64,
    price: Money,
}

/// Credit that is bought.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenOrder)]
pub(crate) struct OrderView {
    id: OrderId,
    tokens: i64,
    price: Money,
    /// `paid`: the tokens were put in.
    state: OrderState,
    /// Where it is paid, while it can be.
    url: Option<String>,
    /// Why the tokens were not put in.
    problem: Option<String>,
    created_at: Time,
    paid_at: Option<Time>,
}

impl From<Order> for OrderView {
    fn from(o: Order) -> OrderView {
        OrderView {
            url: o.url.filter(|_| o.state == OrderState::Open),
            id: o.id,
            tokens: o.tokens,
            price: o.price,
            state: o.state,
            problem: o.problem,
            created_at: o.created_at.into(),
            paid_at: o.paid_at.map(Time::from),
        }
    }
}

/// What credit costs here, and what was ordered
#[utoipa::path(get, path = "/tokens/checkout", tag = "tokens", operation_id = "token_offer", responses((status = 200, body = Offer)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Offer>, Problem> {
    caller.require("tokens:read")?;
    let s = caller.scope.clone();
    let orders = web.desk.db.read(&caller.scope, work!(tx => orders::recent(tx, &s, SHOWN).await)).await?;
    let sale = web.desk.settings.credit_sale.as_ref();
    let money = |minor: i64, currency: &str| Money { minor, currency: currency.to_owned() };
    Ok(Found(Offer {
        available: sale.is_some(),
        packages: sale
            .map(|s| s.packages.iter().map(|p| Package { tokens: p.tokens, price: money(p.minor, &s.currency) }).collect())
            .unwrap_or_default(),
        per_thousand: sale.and_then(|s| Some(money(s.per_thousand?, &s.currency))),
        orders: orders.into_iter().map(OrderView::from).collect(),
    }))
}

/// Tokens to buy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTokenOrder)]
pub(crate) struct NewOrder {
    /// As many as a package has, or any number where any is sold.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    tokens: i64,
}

/// Buys credit: the answer has the page where it is paid
///
/// The tokens are put in when the payment vendor reports that exactly this price came in, once.
#[utoipa::path(post, path = "/tokens/checkout", tag = "tokens", operation_id = "buy_tokens", request_body = NewOrder,
    responses((status = 201, body = OrderView)))]
pub(crate) async fn create(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewOrder>,
) -> Result<Created<OrderView>, Problem> {
    caller.require("tokens:write")?;
    let tokens = new.tokens;
    if !(1..=MOST_TOKENS).contains(&tokens) {
        return Err(Problem::field("tokens", format!("a whole number from 1 to {MOST_TOKENS}")));
    }
    let business = view_of(&web, &caller).await?.tenant.name.clone();
    let entry = caller.entry(&web, "tokens.checkout", "", json!({ "tokens": tokens }));
    let order = checkout::begin(&web.desk, &caller.scope, &business, tokens, entry).await?;
    let order = order.map_err(|refusal| match refusal {
        Refusal::NotSold => {
            Problem::conflict("not_sold", "Nobody sells credit on this server: ask whoever runs it to put some in.")
        }
        Refusal::NoSuchAmount => Problem::field("tokens", "not sold in this number: choose a package"),
        Refusal::Vendor(why) => {
            Problem::conflict("refused", format!("There is no page to pay at, and nothing was charged: {why}."))
        }
    })?;
    Ok(Created::at("/api/v1/tokens/checkout", order.into()))
}
