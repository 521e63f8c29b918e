//! Lists of contacts.

use axum::extract::State;
use frontdesk_engine::contacts::export;
use frontdesk_kernel::{Timestamp, ids::ChannelId, search};
use frontdesk_store::{
    contact_search::{self, After, Filter, Order},
    contacts, work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::views::ContactView;
use crate::{
    Web,
    kit::{Caller, Found, Page, Problem, Query, Time},
};

/// Longer texts are no search.
const LONGEST_QUERY: usize = 200;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    cursor: Option<String>,
    /// 1 to 200, usually 50.
    limit: Option<u32>,
    /// Beginnings of words of name, phone number and e-mail address, without regard to case and accents. What is found comes in the order
    /// of the words it was found by; `sort` cannot be given too.
    q: Option<String>,
    sort: Option<Sort>,
    /// Has this tag.
    tag: Option<String>,
    /// Has a conversation on this channel.
    channel: Option<ChannelId>,
    /// Known since then or later.
    #[param(value_type = Option<Time>)]
    created_from: Option<Time>,
    /// Known since before then.
    #[param(value_type = Option<Time>)]
    created_to: Option<Time>,
}

/// In which order contacts come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Sort {
    Newest,
    Oldest,
    /// Changed last.
    Changed,
    Name,
}

/// What a list or an export is narrowed to.
pub(super) fn filter(tag: Option<String>, channel: Option<ChannelId>, from: Option<Time>, to: Option<Time>) -> Filter {
    let at = |time: Option<Time>| -> Option<Timestamp> { time.map(|Time(at)| at) };
    Filter { tag, channel, created_from: at(from), created_to: at(to) }
}

/// The words of a search; an error when it is none.
pub(super) fn wanted(q: &str) -> Result<Vec<String>, Problem> {
    if q.chars().count() > LONGEST_QUERY {
        return Err(Problem::field("q", format!("at most {LONGEST_QUERY} characters")));
    }
    Ok(search::wanted(q))
}

/// Contacts, newest first.
///
/// Or in the order of `sort`; or those that are found by `q`.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(List), responses((status = 200, body = Page<ContactView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<ContactView>>, Problem> {
    caller.require("contact:read")?;
    let words = q.q.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(wanted).transpose()?;
    if words.is_some() && q.sort.is_some() {
        return Err(Problem::field("sort", "what a search finds comes in the order of the search: leave it out"));
    }
    let order = match q.sort.unwrap_or(Sort::Newest) {
        Sort::Newest => Order::Newest,
        Sort::Oldest => Order::Oldest,
        Sort::Changed => Order::Changed,
        Sort::Name => Order::Name,
    };
    let name = match &words {
        Some(words) => format!("contacts found by {}", words.join(" ")),
        None => format!("contacts {order:?}"),
    };
    let window = web.window::<After>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let filter = filter(q.tag, q.channel, q.created_from, q.created_to);
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let listed = match &words {
                    Some(words) => contact_search::find(tx, &s, words, &filter, after.as_ref(), limit + 1).await?,
                    None => contact_search::list(tx, &s, &filter, order, after.as_ref(), limit + 1).await?,
                };
                let ends: Vec<After> =
                    listed.iter().map(|l| After { key: l.key.clone(), id: l.contact.id.clone() }).collect();
                let whole = export::whole(tx, &s, listed.into_iter().map(|l| l.contact).collect()).await?;
                Ok(whole.into_iter().zip(ends).collect::<Vec<_>>())
            }),
        )
        .await?;
    let page = web.page(&caller, &name, limit, found, |(_, end)| end.clone());
    Ok(Found(page.map(|(whole, _)| ContactView::from(whole))))
}

/// A tag in use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TagView {
    tag: String,
    /// Contacts who have it.
    contacts: i64,
}

/// Tags in use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tags {
    tags: Vec<TagView>,
}

/// Tags that contacts have.
#[utoipa::path(get, path = "/contacts/tags", tag = "contacts", responses((status = 200, body = Tags)))]
pub(crate) async fn tags(State(web): State<Web>, caller: Caller) -> Result<Found<Tags>, Problem> {
    caller.require("contact:read")?;
    let s = caller.scope.clone();
    let tags = web.desk.db.read(&caller.scope, work!(tx => contacts::all_tags(tx, &s, 500).await)).await?;
    Ok(Found(Tags { tags: tags.into_iter().map(|(tag, contacts)| TagView { tag, contacts }).collect() }))
}

/// Contacts who have the same name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Group {
    contacts: Vec<ContactView>,
}

/// Contacts who may be the same people.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Groups {
    groups: Vec<Group>,
}

/// Contacts with the same name: perhaps the same people.
#[utoipa::path(get, path = "/contacts/duplicates", tag = "contacts", responses((status = 200, body = Groups)))]
pub(crate) async fn duplicates(State(web): State<Web>, caller: Caller) -> Result<Found<Groups>, Problem> {
    caller.require("contact:read")?;
    let s = caller.scope.clone();
    let groups = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => {
                let mut groups = Vec::new();
                for ids in contact_search::shared_names(tx, &s, 50).await? {
                    let mut same = Vec::new();
                    for id in ids {
                        same.extend(contacts::get(tx, &s, &id).await?);
                    }
                    groups.push(export::whole(tx, &s, same).await?);
                }
                Ok(groups)
            }),
        )
        .await?;
    let groups = groups.into_iter().map(|g| Group { contacts: g.into_iter().map(ContactView::from).collect() }).collect();
    Ok(Found(Groups { groups }))
}
