//! Takes a file in, stretch by stretch. Each stretch is one unit of work that begins by claiming its rows: two who run the same import, or
//! one that died and began again, take no row in twice and leave none out.

use std::{sync::Arc, time::Duration};

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::{AddressKind, Contact},
    effect::backoff,
    ids::*,
    scope::Server,
};
use frontdesk_store::{
    Error, Result, Tx, contacts,
    imports::{self, Problem, Tally},
    tenants, work,
};

use super::{Duplicates, Plan, Row, RowProblem, again, rows};
use crate::{
    Desk,
    contacts::{Draft, change, phone},
    crash,
    events::Event,
};

/// Rows in one unit of work: others write in between.
const STRETCH: usize = 100;
const TRIES: u32 = 5;
/// An import that has not moved for so long has nobody who runs it.
const STALLED: Duration = Duration::from_secs(60);

/// Runs an import to its end. What goes wrong with it as a whole is noted in it.
pub async fn run(desk: Arc<Desk>, tenant: TenantId, id: ImportId) {
    let scope = Scope::of(tenant);
    let ended = match take_in(&desk, &scope, &id).await {
        Ok(ended) => ended,
        Err(e) if e.may_retry() => {
            tracing::warn!(import = %id, error = %e, "an import stopped and will go on later");
            return;
        }
        Err(e) => {
            tracing::error!(import = %id, error = %e, "an import failed");
            Ended::Failed("it could not be taken in: the server's log says why".to_owned())
        }
    };
    let (state, problem) = match ended {
        Ended::Done => ("done", None),
        Ended::Failed(why) => ("failed", Some(why)),
        Ended::NotOurs => return,
    };
    let (s, i, now) = (scope.clone(), id.clone(), desk.now());
    let finished = desk.db.write(&scope, work!(tx => imports::finish(tx, &s, &i, state, problem.as_deref(), now).await)).await;
    if let Err(e) = finished {
        tracing::warn!(import = %id, error = %e, "the end of an import could not be noted; it is looked at again");
    }
    desk.events.tell(scope.tenant(), Event::new("import.changed", id.as_str()));
    desk.events.tell(scope.tenant(), Event::new("contact.changed", ""));
}

/// Goes on with imports whose process is gone.
pub async fn resume(desk: &Arc<Desk>) -> Result<()> {
    let before = desk.now().minus(STALLED);
    let stalled = desk.db.read(&Server, work!(tx => imports::stalled(tx, &Server, before, 4).await)).await?;
    for (tenant, id) in stalled {
        tracing::info!(import = %id, "an import goes on");
        desk.tasks.spawn(run(desk.clone(), tenant, id));
    }
    Ok(())
}

enum Ended {
    Done,
    Failed(String),
    /// Canceled, finished or run by somebody else; or the server stops.
    NotOurs,
}

async fn take_in(desk: &Arc<Desk>, scope: &Scope, id: &ImportId) -> Result<Ended> {
    let (s, i) = (scope.clone(), id.clone());
    let found = desk
        .db
        .read(
            scope,
            work!(tx => {
                let Some(import) = imports::get(tx, &s, &i).await? else { return Ok(None) };
                let content = imports::content(tx, &s, &i).await?;
                let tenant = tenants::get(tx, &s).await?;
                Ok(content.zip(tenant).map(|(content, tenant)| (import, content, tenant)))
            }),
        )
        .await?;
    let Some((import, content, tenant)) = found.filter(|(import, ..)| import.state == "running") else {
        return Ok(Ended::NotOurs);
    };
    let broken = |e: serde_json::Error| Error::Broken(format!("an import is unreadable: {e}"));
    let shape = serde_json::from_str(&import.shape).map_err(broken)?;
    let plan: Arc<Plan> = Arc::new(serde_json::from_str(import.plan.as_deref().unwrap_or("null")).map_err(broken)?);
    let text = String::from_utf8(content).map_err(|e| Error::Broken(format!("an import is unreadable: {e}")))?;
    let file = match again(&import.format, &shape, text) {
        Ok(file) => file,
        Err(w) => return Ok(Ended::Failed(w.problem)),
    };
    let region = phone::region(&tenant);
    let mut from = import.next_row as usize;
    while from < file.rows.len() {
        if desk.stop.is_cancelled() {
            return Ok(Ended::NotOurs);
        }
        let to = (from + STRETCH).min(file.rows.len());
        let stretch: Vec<(Vec<String>, std::result::Result<Row, RowProblem>)> =
            (from..to).map(|n| (file.rows[n].clone(), rows::read(&file.rows[n], file.lines[n], &plan.mapping, region))).collect();
        if !take_stretch(desk, scope, id, from, stretch, &plan).await? {
            return Ok(Ended::NotOurs);
        }
        desk.events.tell(scope.tenant(), Event::new("import.changed", id.as_str()));
        from = to;
    }
    Ok(Ended::Done)
}

async fn take_stretch(
    desk: &Arc<Desk>,
    scope: &Scope,
    id: &ImportId,
    from: usize,
    stretch: Vec<(Vec<String>, std::result::Result<Row, RowProblem>)>,
    plan: &Arc<Plan>,
) -> Result<bool> {
    let stretch = Arc::new(stretch);
    for attempt in 1.. {
        let (d, s, i, plan, stretch) = (desk.clone(), scope.clone(), id.clone(), plan.clone(), stretch.clone());
        let now = desk.now();
        let taken = desk
            .db
            .write(
                scope,
                work!(tx => {
                    if !imports::advance(tx, &s, &i, from as i64, (from + stretch.len()) as i64, now).await? {
                        return Ok(false);
                    }
                    let mut tally = Tally::default();
                    for (cells, row) in stretch.iter() {
                        let outcome = match row {
                            Ok(row) => take_row(tx, &s, &d, &row.draft, &plan, now).await?,
                            Err(problem) => Taken::Not(problem.reason.clone()),
                        };
                        let line = match row {
                            Ok(row) => row.line,
                            Err(problem) => problem.line,
                        };
                        match outcome {
                            Taken::Created => tally.created += 1,
                            Taken::Updated => tally.updated += 1,
                            Taken::Skipped => tally.skipped += 1,
                            Taken::Not(reason) => {
                                tally.failed += 1;
                                let cells = serde_json::to_string(cells).unwrap_or_else(|_| "[]".into());
                                imports::note_problem(tx, &s, &i, &Problem { line, reason, cells }).await?;
                            }
                        }
                    }
                    imports::count(tx, &s, &i, tally).await?;
                    crash::point("import before commit");
                    Ok(true)
                }),
            )
            .await;
        match taken {
            Ok(taken) => {
                crash::point("import committed");
                return Ok(taken);
            }
            // A rule of the database refuses what another took a moment ago: seen anew, it is known.
            Err(e) if attempt < TRIES && (e.may_retry() || matches!(e, Error::Conflict(_))) => {
                desk.pause.pause(backoff(attempt, 0.5)).await;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(false)
}

enum Taken {
    Created,
    Updated,
    Skipped,
    Not(String),
}

async fn take_row(tx: &mut Tx, scope: &Scope, desk: &Desk, draft: &Draft, plan: &Plan, now: Timestamp) -> Result<Taken> {
    let mut draft = draft.clone();
    draft.tags.extend(plan.tags.iter().cloned());
    draft.tags.sort();
    draft.tags.dedup();
    let mut owners: Vec<ContactId> = Vec::new();
    for address in &draft.addresses {
        let names =
            if address.kind == AddressKind::Phone { phone::variants(&address.value) } else { vec![address.value.clone()] };
        for name in names {
            if let Some(owner) = contacts::at_address(tx, scope, address.kind, &name).await?
                && !owners.contains(&owner)
            {
                owners.push(owner);
            }
        }
    }
    match owners.as_slice() {
        [] => match change::create(tx, scope, desk.id(), &draft, now).await? {
            change::Made::Done(_) => Ok(Taken::Created),
            change::Made::Taken(address, _) => Ok(Taken::Not(format!("{}: somebody has it already", address.kind.as_str()))),
        },
        [_] if plan.duplicates == Duplicates::Skip => Ok(Taken::Skipped),
        [known] => {
            let Some(contact) = contacts::lock(tx, scope, known).await? else { return Ok(Taken::Skipped) };
            update(tx, scope, contact, &draft, plan.duplicates, now).await
        }
        _ => Ok(Taken::Not("the addresses of this row belong to several contacts: merge them first".into())),
    }
}

async fn update(tx: &mut Tx, scope: &Scope, known: Contact, draft: &Draft, rule: Duplicates, now: Timestamp) -> Result<Taken> {
    let mut contact = known.clone();
    let better = |ours: &Option<String>, theirs: &Option<String>| match rule {
        Duplicates::Update => theirs.clone().or_else(|| ours.clone()),
        _ => ours.clone().or_else(|| theirs.clone()),
    };
    contact.name = better(&known.name, &draft.name);
    contact.language = better(&known.language, &draft.language);
    contact.note = better(&known.note, &draft.note);
    for (fact, value) in &draft.facts {
        if rule == Duplicates::Update || !contact.facts.contains_key(fact) {
            contact.facts.insert(fact.clone(), value.clone());
        }
    }
    let mut changed = contact != known;
    let had = contacts::tags(tx, scope, &contact.id).await?;
    if draft.tags.iter().any(|tag| !had.contains(tag)) {
        contacts::set_tags(tx, scope, &contact.id, &[had, draft.tags.clone()].concat()).await?;
        changed = true;
    }
    let have = contacts::addresses(tx, scope, &contact.id).await?;
    for address in &draft.addresses {
        let same = phone::variants(&address.value);
        let known = have.iter().any(|h| {
            h.kind == address.kind && (h.value == address.value || (h.kind == AddressKind::Phone && same.contains(&h.value)))
        });
        if !known {
            changed |= contacts::add_address(tx, scope, &contact.id, address, now).await?;
        }
    }
    if !changed {
        return Ok(Taken::Skipped);
    }
    contact.updated_at = now;
    contacts::update(tx, scope, &contact).await?;
    Ok(Taken::Updated)
}
