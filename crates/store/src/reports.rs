//! Reports that were made: the figures as they were then. Files are written from them.

use frontdesk_kernel::{Scope, Timestamp, ids::*};

use crate::{Result, Tx, query::Row, values::Json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub id: ReportId,
    pub analysis: String,
    pub title: String,
    /// The permission without which it is not shown.
    pub need: String,
    /// The locations whose figures are in it; empty = all.
    pub covers: Vec<LocationId>,
    /// The figures, a JSON document.
    pub sheet: String,
    /// Id of the person or key.
    pub made_by: String,
    /// The turn in which the agent made it.
    pub turn: Option<TurnId>,
    pub created_at: Timestamp,
}

impl Report {
    /// Whether somebody who sees these locations only (`None` = all) may see all of it.
    pub fn is_within(&self, locations: Option<&[LocationId]>) -> bool {
        locations.is_none_or(|theirs| !self.covers.is_empty() && self.covers.iter().all(|l| theirs.contains(l)))
    }
}

fn report(r: &Row<'_>) -> Result<Report> {
    Ok(Report {
        id: r.get("id")?,
        analysis: r.get("analysis")?,
        title: r.get("title")?,
        need: r.get("need")?,
        covers: r.get::<Json<Vec<LocationId>>>("covers")?.0,
        sheet: r.get("sheet")?,
        made_by: r.get("made_by")?,
        turn: r.get("turn")?,
        created_at: r.get("created_at")?,
    })
}

const COLUMNS: &str = "id, analysis, title, need, covers, sheet, made_by, turn, created_at";

/// `false`: it is there already.
pub async fn insert(tx: &mut Tx, scope: &Scope, r: &Report) -> Result<bool> {
    let values = "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant, id) DO NOTHING";
    tx.query(&format!("INSERT INTO report (tenant, {COLUMNS}) {values}"))
        .bind(scope.tenant())
        .bind(&r.id)
        .bind(r.analysis.as_str())
        .bind(r.title.as_str())
        .bind(r.need.as_str())
        .bind(Json(&r.covers))
        .bind(r.sheet.as_str())
        .bind(r.made_by.as_str())
        .bind(r.turn.as_ref())
        .bind(r.created_at)
        .execute()
        .await
        .map(|n| n > 0)
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ReportId) -> Result<Option<Report>> {
    tx.query(&format!("SELECT {COLUMNS} FROM report WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(report)
        .await
}

/// Newest first, after the given one, of those that may be seen.
pub async fn list(
    tx: &mut Tx,
    scope: &Scope,
    seen: impl Fn(&Report) -> bool + Send,
    after: Option<(Timestamp, ReportId)>,
    limit: u32,
) -> Result<Vec<Report>> {
    let (mut found, mut after) = (Vec::new(), after);
    loop {
        let (at, id) = after.as_ref().map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
        let page = tx
            .query(&format!(
                "SELECT {COLUMNS} FROM report WHERE tenant = $1 AND created_at <= $2 AND (created_at, id) < ($2, COALESCE($3, ''))
                  ORDER BY created_at DESC, id DESC LIMIT $4"
            ))
            .bind(scope.tenant())
            .bind(at)
            .bind(id)
            .bind(limit)
            .all(report)
            .await?;
        let whole = page.len() == limit as usize;
        after = page.last().map(|last| (last.created_at, last.id.clone()));
        found.extend(page.into_iter().filter(|r| seen(r)));
        if !whole || found.len() >= limit as usize {
            found.truncate(limit as usize);
            return Ok(found);
        }
    }
}

pub async fn delete(tx: &mut Tx, scope: &Scope, id: &ReportId) -> Result<bool> {
    let deleted = tx.query("DELETE FROM report WHERE tenant = $1 AND id = $2").bind(scope.tenant()).bind(id).execute();
    deleted.await.map(|n| n > 0)
}
