//! Who changed what.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_kernel::{Timestamp, ids::AuditId, scope::Server};
use frontdesk_store::{audit, audit::Entry, audit::Filter, people, work};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    Web,
    kit::{Caller, Found, Page, Problem, Query, Time},
};

/// Rows of one export.
const MOST: u32 = 10_000;

pub(super) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(export))
}

#[derive(Serialize, ToSchema)]
struct EntryView {
    id: AuditId,
    at: Time,
    /// `person`, `key`, `operator` or `server`.
    actor_kind: String,
    /// Id of the person or key.
    actor: String,
    /// Name of the person or key, while they exist.
    actor_name: Option<String>,
    /// `noun.verb`
    action: String,
    /// Id of what was changed.
    subject: String,
    #[schema(value_type = Object)]
    detail: Value,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Id of a person or key.
    actor: Option<String>,
    /// A whole action such as `key.create`, or a noun with a dot: `key.`
    action: Option<String>,
    /// Id of what was changed.
    subject: Option<String>,
    /// From then on.
    #[param(value_type = Option<String>)]
    from: Option<Time>,
    /// Until before then.
    #[param(value_type = Option<String>)]
    to: Option<Time>,
    cursor: Option<String>,
    limit: Option<u32>,
}

impl Wanted {
    fn filter(&self) -> Result<Filter, Problem> {
        let fits = |text: &str| text.len() <= 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        for (path, text) in [("actor", &self.actor), ("action", &self.action), ("subject", &self.subject)] {
            if text.as_deref().is_some_and(|t| !fits(t)) {
                return Err(Problem::field(path, "letters, digits, `.`, `_` and `-`"));
            }
        }
        Ok(Filter {
            actor: self.actor.clone(),
            action: self.action.clone(),
            subject: self.subject.clone(),
            from: self.from.map(|t| t.0),
            to: self.to.map(|t| t.0),
        })
    }
}

/// Who changed what, newest first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(Wanted), responses((status = 200, body = Page<EntryView>, description = "A page.")))]
async fn list(State(web): State<Web>, caller: Caller, Query(q): Query<Wanted>) -> Result<Found<Page<EntryView>>, Problem> {
    caller.require("audit:read")?;
    let window = web.window::<(Timestamp, AuditId)>(&caller, "audit", q.cursor.as_deref(), q.limit)?;
    let found = read(&web, &caller, q.filter()?, window.after, window.limit + 1).await?;
    let page = web.page(&caller, "audit", window.limit, found, |(e, _): &(Entry, _)| (e.at, e.id.clone()));
    Ok(Found(page.map(|(e, name)| EntryView {
        id: e.id,
        at: e.at.into(),
        actor_kind: e.actor_kind,
        actor: e.actor,
        actor_name: name,
        action: e.action,
        subject: e.subject,
        detail: e.detail,
    })))
}

/// Entries with the names of who acted.
async fn read(
    web: &Web,
    caller: &Caller,
    filter: Filter,
    after: Option<(Timestamp, AuditId)>,
    limit: u32,
) -> Result<Vec<(Entry, Option<String>)>, Problem> {
    let s = caller.scope.clone();
    let found = web
        .desk
        .db
        .read(
            &Server,
            work!(tx => {
                let entries = audit::list(tx, &s, &filter, after, limit).await?;
                let keys = people::keys(tx, &s).await?;
                let mut names = std::collections::BTreeMap::new();
                for entry in entries.iter().filter(|e| e.actor_kind == "person") {
                    if !names.contains_key(&entry.actor) {
                        let id = frontdesk_kernel::ids::UserId::parse(&entry.actor).ok();
                        let person = match id {
                            Some(id) => people::get(tx, &Server, &id).await?,
                            None => None,
                        };
                        names.insert(entry.actor.clone(), person.map(|p| p.name));
                    }
                }
                let named = |e: Entry| {
                    let key = || keys.iter().find(|k| k.id.as_str() == e.actor).map(|k| k.name.clone());
                    let name = if e.actor_kind == "key" { key() } else { names.get(&e.actor).cloned().flatten() };
                    (e, name)
                };
                Ok(entries.into_iter().map(named).collect::<Vec<_>>())
            }),
        )
        .await?;
    Ok(found)
}

/// The same as a file for spreadsheets, at most 10 000 rows.
#[utoipa::path(get, path = "/audit/export", tag = "audit", params(Wanted),
    responses((status = 200, content_type = "text/csv", body = String, description = "CSV with a header; cells that a spreadsheet would take for formulas begin with an apostrophe.")))]
async fn export(State(web): State<Web>, caller: Caller, Query(q): Query<Wanted>) -> Result<Response, Problem> {
    caller.require("audit:read")?;
    let found = read(&web, &caller, q.filter()?, None, MOST).await?;
    let mut out = String::from("at,actor_kind,actor,actor_name,action,subject,detail\r\n");
    for (e, name) in found {
        let cells =
            [e.at.to_string(), e.actor_kind, e.actor, name.unwrap_or_default(), e.action, e.subject, e.detail.to_string()];
        out.push_str(&cells.iter().map(|c| cell(c)).collect::<Vec<_>>().join(","));
        out.push_str("\r\n");
    }
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")];
    Ok((headers, out).into_response())
}

/// Quoted; what a spreadsheet would calculate is text.
fn cell(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", safe.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for (text, written) in [
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@a", "\"'@a\""),
            ("\tx", "\"'\tx\""),
            ("\rx", "\"'\rx\""),
            ("Ana, María", "\"Ana, María\""),
        ] {
            assert_eq!(cell(text), written);
        }
    }
}
