//! What the agent may do alone and whom it asks: the rules, in order, and a place to try them.

use axum::extract::State;
use frontdesk_engine::events::Event;
use frontdesk_kernel::{
    Timestamp,
    action::{Amount, Level},
    decision::{Condition, Facts, MOST_RULES, Rule, decide},
    ids::*,
    member::Role,
};
use frontdesk_store::{audit, channels, people, policies as stored, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::actions::about;
use crate::{
    Web,
    kit::{Body, Caller, Found, Problem, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list, replace)).routes(routes!(attempt))
}

/// A line of the table. The first that fits decides; where none fits, the action's own level does.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyRule)]
pub(crate) struct RuleView {
    /// Absent for a new one.
    #[serde(default)]
    #[schema(nullable = false)]
    id: Option<RuleId>,
    /// A tool's name, the beginning of names (`book*`), `category:communication|resource|external|coordination`, or `*`. What only looks is
    /// meant when it is named, and work among colleagues when it or its category is.
    action: String,
    /// Only when the agent acts for somebody with this role.
    #[serde(default)]
    role: Option<Role>,
    /// Only at this branch.
    #[serde(default)]
    location: Option<LocationId>,
    /// Only on this channel.
    #[serde(default)]
    channel: Option<ChannelId>,
    /// All must hold.
    #[serde(default)]
    when: Vec<Condition>,
    level: Level,
    /// For people.
    #[serde(default)]
    note: String,
}

impl From<Rule> for RuleView {
    fn from(r: Rule) -> RuleView {
        RuleView {
            id: Some(r.id),
            action: r.action,
            role: r.role,
            location: r.location,
            channel: r.channel,
            when: r.when,
            level: r.level,
            note: r.note,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Policies)]
pub(crate) struct PolicyList {
    /// In the order in which they are tried.
    items: Vec<RuleView>,
    /// Absent while there never were any.
    updated_at: Option<Time>,
}

impl PolicyList {
    fn of(rules: Vec<Rule>, at: Timestamp) -> PolicyList {
        PolicyList { items: rules.into_iter().map(RuleView::from).collect(), updated_at: (at.0 > 0).then(|| at.into()) }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPolicies {
    /// All of them; those that are missing are gone.
    items: Vec<RuleView>,
}

/// The rules
#[utoipa::path(get, path = "/policies", tag = "policies", responses((status = 200, body = PolicyList)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<PolicyList>, Problem> {
    caller.require("policy:read")?;
    let (rules, at) = kept(&web, &caller).await?;
    Ok(Found::tagged(PolicyList::of(rules, at), at))
}

/// Writes the rules anew, in this order; they hold from the next call on
#[utoipa::path(put, path = "/policies", tag = "policies", request_body = NewPolicies, responses((status = 200, body = PolicyList)))]
pub(crate) async fn replace(
    State(web): State<Web>,
    caller: Caller,
    Body(new): Body<NewPolicies>,
) -> Result<Found<PolicyList>, Problem> {
    caller.require("policy:write")?;
    let rules = checked(&web, new.items)?;
    places_hold(&web, &caller, &rules).await?;
    let (before, was) = kept(&web, &caller).await?;
    caller.if_match(was)?;
    // Later than the last change, whatever the clock says: the time is what tells two states apart.
    let now = web.desk.now().max(Timestamp(was.0 + 1));
    let detail = json!({ "rules": rules.len(), "before": before.len() });
    let entry = caller.entry(&web, "policy.update", caller.scope.tenant().as_str(), detail);
    let (s, r) = (caller.scope.clone(), rules.clone());
    let written = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                let written = stored::put(tx, &s, &r, was, now).await?;
                if written {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(written)
            }),
        )
        .await?;
    if !written {
        return Err(Problem::conflict(
            "stale",
            "Somebody changed the rules in the meantime: read them again, then repeat your change.",
        ));
    }
    web.desk.events.tell(caller.scope.tenant(), Event::new("policy.changed", ""));
    Ok(Found::tagged(PolicyList::of(rules, now), now))
}

/// A call as the server would know it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicyTrial {
    action: String,
    /// In minor units; absent when the call has none.
    #[serde(default)]
    amount: Option<i64>,
    /// What this action came to for the contact today, before this call.
    #[serde(default)]
    amount_today: i64,
    #[serde(default)]
    count_today: i64,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    location: Option<LocationId>,
    #[serde(default)]
    channel: Option<ChannelId>,
    #[serde(default)]
    other_recipient: bool,
    #[serde(default)]
    outside_hours: bool,
    #[serde(default)]
    first_time_contact: bool,
    /// Instead of the rules that are kept.
    #[serde(default)]
    rules: Option<Vec<RuleView>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PolicyVerdict {
    level: Level,
    /// The rule's id, or `default` (none fits), `floor` (a rule says less than the action allows).
    by: String,
    /// Its place in the list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<usize>,
}

/// Which rule would decide
#[utoipa::path(post, path = "/policies/try", tag = "policies", operation_id = "try", request_body = PolicyTrial,
    responses((status = 200, body = PolicyVerdict)))]
pub(crate) async fn attempt(
    State(web): State<Web>,
    caller: Caller,
    Body(trial): Body<PolicyTrial>,
) -> Result<Found<PolicyVerdict>, Problem> {
    caller.require("policy:read")?;
    let view = web.desk.directory.tenant(&web.desk, caller.scope.tenant()).await?;
    let view = view.ok_or_else(|| Problem::not_found("tenant"))?;
    let Some((about, _)) = about(&web, &view, &trial.action) else {
        return Err(Problem::field("action", "there is no such action"));
    };
    let rules = match trial.rules {
        Some(rules) => checked(&web, rules)?,
        None => kept(&web, &caller).await?.0,
    };
    let facts = Facts {
        category: about.category.as_str().to_owned(),
        action: trial.action,
        role: trial.role,
        location: trial.location,
        channel: trial.channel,
        amount: trial.amount.map_or(Amount::None, |a| if a < 0 { Amount::Unreadable } else { Amount::Minor(a) }),
        amount_today: trial.amount_today.max(0),
        count_today: trial.count_today.max(0),
        other_recipient: trial.other_recipient,
        outside_hours: trial.outside_hours,
        first_time_contact: trial.first_time_contact,
    };
    let decided = decide(&about, &rules, &facts, None);
    let position = rules.iter().position(|r| r.id.as_str() == decided.by.as_str()).map(|n| n + 1);
    Ok(Found(PolicyVerdict { level: decided.level, by: decided.by.as_str().to_owned(), position }))
}

async fn kept(web: &Web, caller: &Caller) -> Result<(Vec<Rule>, Timestamp), Problem> {
    let s = caller.scope.clone();
    Ok(web.desk.db.read(&caller.scope, work!(tx => stored::get(tx, &s).await)).await?)
}

/// Branches and channels that rules name are there.
async fn places_hold(web: &Web, caller: &Caller, rules: &[Rule]) -> Result<(), Problem> {
    let s = caller.scope.clone();
    let (branches, lines) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((people::location_ids(tx, &s).await?, channels::list(tx, &s).await?))))
        .await?;
    for (n, rule) in rules.iter().enumerate() {
        if rule.location.as_ref().is_some_and(|l| !branches.contains(l)) {
            return Err(Problem::field(format!("items[{n}].location"), "there is no such location"));
        }
        if rule.channel.as_ref().is_some_and(|c| !lines.iter().any(|line| line.id == *c)) {
            return Err(Problem::field(format!("items[{n}].channel"), "there is no such channel"));
        }
    }
    Ok(())
}

/// As rules with ids of their own.
fn checked(web: &Web, items: Vec<RuleView>) -> Result<Vec<Rule>, Problem> {
    if items.len() > MOST_RULES {
        return Err(Problem::field("items", format!("at most {MOST_RULES} rules")));
    }
    let mut rules: Vec<Rule> = Vec::with_capacity(items.len());
    for (n, item) in items.into_iter().enumerate() {
        let rule = Rule {
            id: item.id.unwrap_or_else(|| web.desk.id()),
            action: item.action.trim().to_owned(),
            role: item.role,
            location: item.location,
            channel: item.channel,
            when: item.when,
            level: item.level,
            note: item.note.trim().to_owned(),
        };
        if let Some((member, problem)) = rule.problems().into_iter().next() {
            return Err(Problem::field(format!("items[{n}].{member}"), problem));
        }
        if rules.iter().any(|r| r.id == rule.id) {
            return Err(Problem::field(format!("items[{n}].id"), "is there twice"));
        }
        rules.push(rule);
    }
    Ok(rules)
}
