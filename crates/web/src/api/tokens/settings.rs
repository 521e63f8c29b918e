//! How accounts are kept: whether at all, what things cost, what may be spent, what models cost.

use std::collections::BTreeMap;

use axum::extract::State;
use frontdesk_engine::tokens::keep;
use frontdesk_kernel::{
    agent::ModelChoice,
    ledger::{self, Accounting, Per, Price},
    tenant::Tenant,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{
    ToSchema,
    openapi::{
        Ref, Schema,
        schema::{ObjectBuilder, OneOfBuilder, SchemaType, Type},
    },
};

use super::top_up::not_where_it_is_sold;
use crate::{
    Web,
    api::business::view_of,
    kit::{Body, Caller, Found, Patch, Problem, Time},
};

/// What something costs.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenCost)]
pub(crate) struct Cost {
    pub(crate) key: String,
    /// What it costs here.
    pub(crate) tokens: i64,
    /// What the business set; nothing: the usual cost.
    own: Option<i64>,
    usual: i64,
    /// How often: `action` (each time), `window` (a conversation in 24 hours) or `month`.
    pub(crate) per: &'static str,
    pub(crate) about: String,
}

/// The costs of a business: all that there are, then those of its tools.
pub(crate) fn costs_of(accounting: &Accounting) -> Vec<Cost> {
    let usual = ledger::COSTS.iter().map(|c| Cost {
        key: c.key.to_owned(),
        tokens: accounting.cost(c.key),
        own: accounting.costs.get(c.key).copied(),
        usual: c.tokens,
        per: match c.per {
            Per::Action => "action",
            Per::Window(_) => "window",
            Per::Month => "month",
        },
        about: c.about.to_owned(),
    });
    let of_tools = accounting.costs.iter().filter_map(|(key, tokens)| {
        let tool = key.strip_prefix(ledger::OF_TOOL)?;
        Some(Cost {
            key: key.clone(),
            tokens: *tokens,
            own: Some(*tokens),
            usual: 0,
            per: "action",
            about: format!("the tool {tool}"),
        })
    });
    usual.chain(of_tools).collect()
}

/// The costs, under `costs`.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenCosts)]
pub(crate) struct Costs {
    costs: Vec<Cost>,
}

/// What things cost in tokens.
#[utoipa::path(get, path = "/tokens/costs", tag = "tokens", responses((status = 200, body = Costs)))]
pub(crate) async fn costs(State(web): State<Web>, caller: Caller) -> Result<Found<Costs>, Problem> {
    caller.require("tokens:read")?;
    let view = view_of(&web, &caller).await?;
    Ok(Found(Costs { costs: costs_of(&view.tenant.settings.tokens) }))
}

/// What may be spent; nothing = no limit.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenCeilings)]
pub(crate) struct Ceilings {
    /// Tokens of one day.
    #[serde(default)]
    day: Option<i64>,
    /// Tokens of one contact and day.
    #[serde(default)]
    contact_day: Option<i64>,
    /// Tokens of one campaign.
    #[serde(default)]
    campaign: Option<i64>,
    /// Tokens of one month, the fee not counted.
    #[serde(default)]
    month: Option<i64>,
    /// What models may cost in a day, in millionths of a US dollar. A model without a known price is not asked while it stands.
    #[serde(default)]
    money_day: Option<i64>,
}

impl From<ledger::Ceilings> for Ceilings {
    fn from(c: ledger::Ceilings) -> Ceilings {
        Ceilings { day: c.day, contact_day: c.contact_day, campaign: c.campaign, month: c.month, money_day: c.money_day }
    }
}

impl From<Ceilings> for ledger::Ceilings {
    fn from(c: Ceilings) -> ledger::Ceilings {
        ledger::Ceilings { day: c.day, contact_day: c.contact_day, campaign: c.campaign, month: c.month, money_day: c.money_day }
    }
}

/// A model by vendor and name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheaperModel {
    vendor: String,
    model: String,
}

/// How accounts are kept.
#[derive(Serialize, ToSchema)]
#[schema(as = TokenSettings)]
pub(crate) struct Settings {
    enabled: bool,
    costs: Vec<Cost>,
    ceilings: Ceilings,
    /// The business's own prices of models, in millionths of a US dollar per million tokens.
    prices: BTreeMap<String, Price>,
    /// Prices that the server knows, by model.
    known_prices: BTreeMap<String, Price>,
    /// Who answers when a ceiling is near; nothing: the cheapest of the agent's models.
    cheaper_model: Option<CheaperModel>,
    updated_at: Time,
}

/// How accounts are kept.
#[utoipa::path(get, path = "/tokens/settings", tag = "tokens", responses((status = 200, body = Settings)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller) -> Result<Found<Settings>, Problem> {
    caller.require("tokens:read")?;
    Ok(told(&web, &view_of(&web, &caller).await?.tenant))
}

/// What is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenSettingsChange)]
pub(crate) struct SettingsChange {
    #[serde(default)]
    enabled: Option<bool>,
    /// By key; `null` is the usual cost again.
    #[serde(default)]
    #[schema(schema_with = costs_or_null)]
    costs: BTreeMap<String, Option<i64>>,
    /// All of them at once; what is not in it has no limit.
    #[serde(default)]
    ceilings: Option<Ceilings>,
    /// By model; `null` is the server's price again.
    #[serde(default)]
    #[schema(schema_with = prices_or_null)]
    prices: BTreeMap<String, Option<Price>>,
    #[serde(default)]
    cheaper_model: Patch<CheaperModel>,
}

fn costs_or_null() -> Schema {
    let tokens = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::Integer, Type::Null])).build();
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(Schema::Object(tokens))).build().into()
}

fn prices_or_null() -> Schema {
    let nothing = ObjectBuilder::new().schema_type(Type::Null).build();
    let price = OneOfBuilder::new().item(nothing).item(Ref::from_schema_name("Price")).build();
    ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(Schema::OneOf(price))).build().into()
}

/// Changes how accounts are kept. When they begin, the month that runs is free of its fee.
#[utoipa::path(patch, path = "/tokens/settings", tag = "tokens", request_body = SettingsChange, responses((status = 200, body = Settings)))]
pub(crate) async fn update(
    State(web): State<Web>,
    caller: Caller,
    Body(change): Body<SettingsChange>,
) -> Result<Found<Settings>, Problem> {
    caller.require("tokens:write")?;
    if change.enabled == Some(false) || !change.costs.is_empty() {
        not_where_it_is_sold(&web, &caller)?;
    }
    let view = view_of(&web, &caller).await?;
    caller.if_match(view.tenant.updated_at)?;
    let keeps = change.cheaper_model.is_keep();
    let cheaper = change.cheaper_model.over(None);
    if let Some(cheaper) = &cheaper
        && (web.desk.vendor(&cheaper.vendor).is_none() || cheaper.model.is_empty() || cheaper.model.len() > 200)
    {
        return Err(Problem::field("cheaper_model", "a vendor that the server knows, and a model's name"));
    }
    let detail = json!({
        "enabled": change.enabled, "costs": change.costs, "ceilings": change.ceilings,
        "prices": change.prices, "cheaper_model": cheaper,
    });
    let cheaper = cheaper.map(|c| ModelChoice { vendor: c.vendor, model: c.model, base_url: None });
    let change = keep::Change {
        enabled: change.enabled,
        costs: change.costs,
        ceilings: change.ceilings.map(Into::into),
        prices: change.prices,
        cheaper_model: (!keeps).then_some(cheaper),
    };
    let entry = caller.entry(&web, "tokens.settings", "", detail);
    match keep::change(&web.desk, &caller.scope, change, Some(entry)).await? {
        Ok(tenant) => Ok(told(&web, &tenant)),
        Err(problems) => {
            let (path, problem) = problems.into_iter().next().unwrap_or_default();
            Err(Problem::field(path, problem))
        }
    }
}

fn told(web: &Web, tenant: &Tenant) -> Found<Settings> {
    let a = &tenant.settings.tokens;
    let settings = Settings {
        enabled: a.enabled,
        costs: costs_of(a),
        ceilings: a.ceilings.into(),
        prices: a.prices.clone(),
        known_prices: web.desk.settings.prices.clone(),
        cheaper_model: a.cheaper_model.as_ref().map(|c| CheaperModel { vendor: c.vendor.clone(), model: c.model.clone() }),
        updated_at: tenant.updated_at.into(),
    };
    Found::tagged(settings, tenant.updated_at)
}
