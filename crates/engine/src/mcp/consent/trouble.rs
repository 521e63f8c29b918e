//! What people are told when access does not work any more: a task, a line in the log, and the server's problem, once for each trouble.

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{AuditId, McpServerId, TaskId},
};
use frontdesk_store::{Error, Result, audit, mcp, mcp_grants, tasks, work};
use serde_json::json;

use crate::{
    Desk,
    events::Event,
    mcp::{Server, watch},
};

/// People are told of renewals that come to nothing when so many did in a row.
const MANY: i64 = 3;

pub(in crate::mcp) const NOT_CONNECTED: &str =
    "The server is not set up: a person of the team has to consent to the access (Connect).";
pub(super) const NOT_TAKEN: &str = "The server does not take the access that was given just now: a person of the team has to look, and perhaps to connect it again.";

/// What is wrong with tokens.
pub(super) enum Trouble<'t> {
    /// They are of no use any more; with the word of whoever gave them. They are dropped.
    Ended(Option<&'t str>),
    /// The server refuses them although they are good.
    NotTaken,
    /// They were not renewed this time.
    NotRenewed { why: &'t str, retry_at: Timestamp },
}

/// How a trouble is told.
struct Told {
    task: &'static str,
    /// After the server's name.
    title: [&'static str; 2],
    action: &'static str,
    reason: String,
    problem: String,
}

impl Trouble<'_> {
    fn told(&self) -> Told {
        match self {
            Trouble::Ended(word) => Told {
                task: "access_ended",
                title: ["connect", "again: its access has ended"],
                action: "mcp_server.access_ended",
                reason: word.unwrap_or("expired").to_owned(),
                problem: match word {
                    Some(word) => format!(
                        "The access has ended and was not renewed ({word}): a person of the team has to connect it again."
                    ),
                    None => {
                        "The access has ended and cannot be renewed: a person of the team has to connect it again.".to_owned()
                    }
                },
            },
            Trouble::NotTaken => Told {
                task: "access_refused",
                title: ["look at", ": it does not take the access that was given"],
                action: "mcp_server.access_refused",
                reason: "unauthorized".to_owned(),
                problem: NOT_TAKEN.to_owned(),
            },
            Trouble::NotRenewed { why, .. } => Told {
                task: "access_not_renewed",
                title: ["look at", ": its access cannot be renewed"],
                action: "mcp_server.access_not_renewed",
                reason: (*why).to_owned(),
                problem: (*why).to_owned(),
            },
        }
    }
}

/// One for each server and trouble.
fn task_of(server: &McpServerId, trouble: &str) -> Result<TaskId> {
    let id = format!("{}_{trouble}", server.as_str().replacen("mcp_", "tsk_", 1));
    TaskId::parse(&id).map_err(|e| Error::Broken(e.to_string()))
}

/// Keeps what is wrong with these tokens. Why, in words; `None`: others are there by now, so nothing is wrong with them.
pub(super) async fn tell_once(
    desk: &Desk,
    scope: &Scope,
    server: &Server,
    sealed: &str,
    trouble: &Trouble<'_>,
) -> Result<Option<String>> {
    let (s, told) = (&server.server, trouble.told());
    let name = if s.title.is_empty() { &s.name } else { &s.title };
    let [before, after] = told.title;
    let title = format!("{before} {name}{}{after}", if after.starts_with(':') { "" } else { " " });
    let (task, trail): (TaskId, AuditId) = (task_of(&s.id, told.task)?, desk.id());
    let entry = audit::Entry {
        id: trail,
        actor_kind: "server".into(),
        actor: String::new(),
        action: told.action.into(),
        subject: s.id.to_string(),
        detail: json!({ "name": s.name, "reason": told.reason }),
        at: desk.now(),
    };
    let retry_at = match trouble {
        Trouble::NotRenewed { retry_at, .. } => Some(*retry_at),
        _ => None,
    };
    let ends = matches!(trouble, Trouble::Ended(_));
    let (scoped, id, now, again) = (scope.clone(), s.id.clone(), desk.now(), watch::after_failure(desk));
    let (sealed, problem, opened) = (sealed.to_owned(), told.problem.clone(), task.clone());
    let done = desk.db.write(
        scope,
        work!(tx => {
            // In the order of everybody who changes both: the server, then its access.
            mcp::lock(tx, &scoped, &id).await?;
            let (is, first) = match retry_at {
                _ if ends => {
                    let ended = mcp_grants::lapse(tx, &scoped, &id, &sealed, &problem).await?;
                    (ended, ended)
                }
                Some(at) => {
                    let failures = mcp_grants::put_off(tx, &scoped, &id, &sealed, &problem, at).await?;
                    (failures.is_some(), failures == Some(MANY))
                }
                None => (true, mcp_grants::refused(tx, &scoped, &id, &sealed, now).await?),
            };
            if first {
                mcp::failed(tx, &scoped, &id, &problem, now, again).await?;
            }
            // While people have not looked, the same is not told them again.
            let opened = first && tasks::open_once(tx, &scoped, &opened, told.task, &title, None, None, now).await?;
            if opened {
                audit::write(tx, &scoped, &entry).await?;
            }
            Ok((is, opened))
        }),
    );
    let (is, first) = done.await?;
    if first {
        tracing::warn!(tenant = %scope.tenant(), server = %s.id, what = told.task, "access to a server of tools does not work");
        desk.events.tell(scope.tenant(), Event::new("tool.changed", s.id.as_str()));
        desk.events.tell(scope.tenant(), Event::new("task.changed", task.as_str()));
    }
    Ok(is.then_some(told.problem))
}
