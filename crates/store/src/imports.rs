//! Files of contacts on their way in: uploaded, looked at, taken in stretch by stretch, told about.

use frontdesk_kernel::{Scope, Timestamp, ids::*, scope::Server};

use crate::{
    Result, Tx,
    marks::Mark,
    query::{Row, row},
};

/// An import and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub id: ImportId,
    /// `previewed`, `running`, `done`, `failed`, `canceled`.
    pub state: String,
    pub file_name: String,
    /// `csv` or `vcard`.
    pub format: String,
    /// How the file is written (delimiter, encoding, header), JSON.
    pub shape: String,
    /// What is to be done with it, JSON; `None` until it runs.
    pub plan: Option<String>,
    pub total: i64,
    /// Rows before this one are taken in.
    pub next_row: i64,
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
    /// Why it as a whole failed.
    pub problem: Option<String>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A row that could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub line: i64,
    pub reason: String,
    /// The row as it was, JSON list.
    pub cells: String,
}

/// What a stretch of rows came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
}

const COLUMNS: &str =
    "id, state, file_name, format, shape, plan, total, next_row, created, updated, skipped, failed, problem, created_by,
                       created_at, updated_at";

fn import(r: &Row<'_>) -> Result<Import> {
    row!(Import {
        id,
        state,
        file_name,
        format,
        shape,
        plan,
        total,
        next_row,
        created,
        updated,
        skipped,
        failed,
        problem,
        created_by,
        created_at,
        updated_at
    })(r)
}

pub async fn insert(tx: &mut Tx, scope: &Scope, i: &Import, content: &[u8]) -> Result<()> {
    tx.query(
        "INSERT INTO contact_import (tenant, id, state, file_name, format, shape, plan, content, total, next_row, created, updated, skipped,
                                     failed, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, 0, $11, $12, $12)",
    )
    .bind(scope.tenant()).bind(&i.id).bind(i.state.as_str()).bind(i.file_name.as_str()).bind(i.format.as_str()).bind(i.shape.as_str())
    .bind(i.plan.as_deref()).bind(content).bind(i.total).bind(i.next_row).bind(i.created_by.as_str()).bind(i.created_at)
    .put()
    .await
}

pub async fn get(tx: &mut Tx, scope: &Scope, id: &ImportId) -> Result<Option<Import>> {
    tx.query(&format!("SELECT {COLUMNS} FROM contact_import WHERE tenant = $1 AND id = $2"))
        .bind(scope.tenant())
        .bind(id)
        .optional(import)
        .await
}

/// Newest first, after the given one.
pub async fn list(tx: &mut Tx, scope: &Scope, after: Option<&(Timestamp, ImportId)>, limit: u32) -> Result<Vec<Import>> {
    let (at, id) = after.map_or((Timestamp::NEVER, None), |(at, id)| (*at, Some(id)));
    tx.query(&format!(
        "SELECT {COLUMNS} FROM contact_import
          WHERE tenant = $1 AND (created_at < $2 OR (created_at = $2 AND id < COALESCE($3, ''))) ORDER BY created_at DESC, id DESC LIMIT $4"
    ))
    .bind(scope.tenant())
    .bind(at)
    .bind(id)
    .bind(limit)
    .all(import)
    .await
}

/// The file; `None` when it is no longer kept.
pub async fn content(tx: &mut Tx, scope: &Scope, id: &ImportId) -> Result<Option<Vec<u8>>> {
    tx.query("SELECT content FROM contact_import WHERE tenant = $1 AND id = $2")
        .bind(scope.tenant())
        .bind(id)
        .optional(|row| row.get::<Option<Vec<u8>>>("content"))
        .await
        .map(Option::flatten)
}

/// A previewed file is taken in from now on; `false` when it is not waiting for that.
pub async fn start(tx: &mut Tx, scope: &Scope, id: &ImportId, plan: &str, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE contact_import SET state = 'running', plan = $3, updated_at = $4
          WHERE tenant = $1 AND id = $2 AND state = 'previewed' AND content IS NOT NULL",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(plan)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Takes the stretch of rows that begins at `from`: `false` when somebody else has it, or nobody wants it any more.
pub async fn advance(tx: &mut Tx, scope: &Scope, id: &ImportId, from: i64, to: i64, now: Timestamp) -> Result<bool> {
    tx.query(
        "UPDATE contact_import SET next_row = $4, updated_at = $5
          WHERE tenant = $1 AND id = $2 AND state = 'running' AND next_row = $3",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(from)
    .bind(to)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

pub async fn count(tx: &mut Tx, scope: &Scope, id: &ImportId, t: Tally) -> Result<()> {
    tx.query(
        "UPDATE contact_import SET created = created + $3, updated = updated + $4, skipped = skipped + $5, failed = failed + $6
          WHERE tenant = $1 AND id = $2",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(t.created)
    .bind(t.updated)
    .bind(t.skipped)
    .bind(t.failed)
    .put()
    .await
}

pub async fn note_problem(tx: &mut Tx, scope: &Scope, id: &ImportId, p: &Problem) -> Result<()> {
    tx.query("INSERT INTO contact_import_problem (tenant, import, line, reason, cells) VALUES ($1, $2, $3, $4, $5)")
        .bind(scope.tenant())
        .bind(id)
        .bind(p.line)
        .bind(p.reason.as_str())
        .bind(p.cells.as_str())
        .put()
        .await
}

/// In the order of the file, after a line.
pub async fn problems(tx: &mut Tx, scope: &Scope, id: &ImportId, after: i64, limit: u32) -> Result<Vec<Problem>> {
    tx.query(
        "SELECT line, reason, cells FROM contact_import_problem WHERE tenant = $1 AND import = $2 AND line > $3 ORDER BY line LIMIT $4",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(after)
    .bind(limit)
    .all(row!(Problem { line, reason, cells }))
    .await
}

/// The import is over and its file is no longer kept. `false` when it was over before.
pub async fn finish(
    tx: &mut Tx,
    scope: &Scope,
    id: &ImportId,
    state: &str,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    tx.query(
        "UPDATE contact_import SET state = $3, problem = $4, content = NULL, updated_at = $5
          WHERE tenant = $1 AND id = $2 AND state IN ('previewed', 'running')",
    )
    .bind(scope.tenant())
    .bind(id)
    .bind(state)
    .bind(problem)
    .bind(now)
    .execute()
    .await
    .map(|n| n > 0)
}

/// Imports that run, and have not moved since `before`: whoever ran them is gone.
pub async fn stalled(tx: &mut Tx, _: &Server, before: Timestamp, limit: u32) -> Result<Vec<(TenantId, ImportId)>> {
    tx.query("SELECT tenant, id FROM contact_import WHERE state = 'running' AND updated_at < $1 ORDER BY updated_at LIMIT $2")
        .bind(before)
        .bind(limit)
        .all(|row| Ok((row.get("tenant")?, row.get("id")?)))
        .await
}

/// Old imports go with all that is known of them.
pub async fn forget_before(tx: &mut Tx, _: &Server, before: Timestamp) -> Result<u64> {
    tx.query(
        "DELETE FROM contact_import_problem WHERE EXISTS (SELECT 1 FROM contact_import i
           WHERE i.tenant = contact_import_problem.tenant AND i.id = contact_import_problem.import AND i.created_at < $1
             AND i.state <> 'running')",
    )
    .bind(before)
    .put()
    .await?;
    tx.query("DELETE FROM contact_import WHERE created_at < $1 AND state <> 'running'").bind(before).execute().await
}

/// Rows and files that name a person who is erased go too.
pub(crate) async fn forget_person(tx: &mut Tx, scope: &Scope, marks: &[Mark]) -> Result<()> {
    let rows = tx
        .query("SELECT import, line, cells FROM contact_import_problem WHERE tenant = $1")
        .bind(scope.tenant())
        .all(|row| Ok((row.get::<ImportId>("import")?, row.get::<i64>("line")?, row.get::<String>("cells")?)))
        .await?;
    for (import, line, _) in rows.iter().filter(|(_, _, cells)| marks.iter().any(|m| m.is_in(cells))) {
        tx.query(
            "UPDATE contact_import_problem SET cells = '[]', reason = 'this person was erased'
              WHERE tenant = $1 AND import = $2 AND line = $3",
        )
        .bind(scope.tenant())
        .bind(import)
        .bind(*line)
        .put()
        .await?;
    }
    let files = tx
        .query("SELECT id, content FROM contact_import WHERE tenant = $1 AND state = 'previewed' AND content IS NOT NULL")
        .bind(scope.tenant())
        .all(|row| Ok((row.get::<ImportId>("id")?, row.get::<Vec<u8>>("content")?)))
        .await?;
    for (import, _) in files.iter().filter(|(_, bytes)| {
        let text = String::from_utf8_lossy(bytes);
        marks.iter().any(|m| m.is_in(&text))
    }) {
        let why = "a person in this file was erased meanwhile: upload a file without them";
        tx.query("UPDATE contact_import SET state = 'canceled', content = NULL, problem = $3 WHERE tenant = $1 AND id = $2")
            .bind(scope.tenant())
            .bind(import)
            .bind(why)
            .put()
            .await?;
    }
    Ok(())
}
