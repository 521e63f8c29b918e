//! A report is kept: its figures as they are now, who made it, and the line of the audit log that says so.

use frontdesk_kernel::{Scope, ids::*, report::Sheet};
use frontdesk_store::{Error, Result, Tx, audit, reports, reports::Report};
use serde_json::json;

use super::{Offer, Place};

/// One that was made before, under the same id, stays as it is. `log`: who makes it and when; what was made is filled in. `turn`: the
/// agent makes it for them.
pub async fn keep(
    tx: &mut Tx,
    scope: &Scope,
    id: ReportId,
    (sheet, place): (&Sheet, &Place),
    turn: Option<&TurnId>,
    log: audit::Entry,
) -> Result<Report> {
    let report = Report {
        id,
        analysis: sheet.analysis.clone(),
        title: sheet.title.clone(),
        need: Offer::named(&sheet.analysis).map(Offer::need).unwrap_or(super::SEE).to_owned(),
        covers: place.covers(),
        sheet: serde_json::to_string(sheet).map_err(|e| Error::Broken(e.to_string()))?,
        made_by: log.actor.clone(),
        turn: turn.cloned(),
        created_at: log.at,
    };
    if !reports::insert(tx, scope, &report).await? {
        let before = reports::get(tx, scope, &report.id).await?;
        return before.ok_or_else(|| Error::Broken("a report was there and is not".into()));
    }
    let entry = audit::Entry {
        action: "report.create".into(),
        subject: report.id.to_string(),
        detail: json!({ "analysis": sheet.analysis, "from": sheet.from, "to": sheet.to, "grouping": sheet.grouping, "turn": turn }),
        ..log
    };
    audit::write(tx, scope, &entry).await?;
    Ok(report)
}
