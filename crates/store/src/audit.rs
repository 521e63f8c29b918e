//! Who changed what: written in the transaction of the change, never altered.

use frontdesk_kernel::{Scope, Timestamp, ids::AuditId};
use serde_json::Value;

use crate::{Result, Tx, query::Row, values::Json};

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: AuditId,
    /// `person`, `key`, `operator` or `server`.
    pub actor_kind: String,
    /// Id of the person or key; empty for the others.
    pub actor: String,
    /// `noun.verb`, such as `contact.update`.
    pub action: String,
    /// Id of what was changed.
    pub subject: String,
    /// What changed, for a person to read; no secrets.
    pub detail: Value,
    pub at: Timestamp,
}

/// Which entries are wanted; what is `None` does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    pub actor: Option<String>,
    /// A whole action, or its noun followed by a dot.
    pub action: Option<String>,
    pub subject: Option<String>,
    pub from: Option<Timestamp>,
    pub to: Option<Timestamp>,
}

fn entry(r: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        id: r.get("id")?,
        actor_kind: r.get("actor_kind")?,
        actor: r.get("actor")?,
        action: r.get("action")?,
        subject: r.get("subject")?,
        detail: r.get::<Json<Value>>("detail")?.0,
        at: r.get("at")?,
    })
}

pub async fn write(tx: &mut Tx, scope: &Scope, e: &Entry) -> Result<()> {
    tx.query(
        "INSERT INTO audit (tenant, id, actor_kind, actor, action, subject, detail, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(scope.tenant())
    .bind(&e.id)
    .bind(e.actor_kind.as_str())
    .bind(e.actor.as_str())
    .bind(e.action.as_str())
    .bind(e.subject.as_str())
    .bind(Json(&e.detail))
    .bind(e.at)
    .put()
    .await
}

/// Newest first, after the given one.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    filter: &Filter,
    after: Option<(Timestamp, AuditId)>,
    limit: u32,
) -> Result<Vec<Entry>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (at, Some(id)));
    let (noun, action) = match filter.action.as_deref() {
        Some(a) if a.ends_with('.') => (Some(format!("{a}%")), None),
        other => (None, other.map(str::to_owned)),
    };
    tx.query(
        "SELECT id, actor_kind, actor, action, subject, detail, at FROM audit
          WHERE tenant = $1 AND (at < $2 OR (at = $2 AND id < COALESCE($3, '')))
            AND (CAST($4 AS TEXT) IS NULL OR actor = $4) AND (CAST($5 AS TEXT) IS NULL OR action = $5)
            AND (CAST($6 AS TEXT) IS NULL OR action LIKE $6) AND (CAST($7 AS TEXT) IS NULL OR subject = $7)
            AND at >= $8 AND at < $9
          ORDER BY at DESC, id DESC LIMIT $10",
    )
    .bind(scope.tenant())
    .bind(at)
    .bind(id.as_ref())
    .bind(filter.actor.as_deref())
    .bind(action.as_deref())
    .bind(noun.as_deref())
    .bind(filter.subject.as_deref())
    .bind(filter.from.unwrap_or(Timestamp(0)))
    .bind(filter.to.unwrap_or(Timestamp::NEVER))
    .bind(limit)
    .all(entry)
    .await
}
