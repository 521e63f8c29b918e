//! Contacts come in as a file: upload and preview, check, run, progress, what was wrong.

use axum::extract::{Request, State};
use frontdesk_engine::contacts::import::{self, Duplicates, Hints, Plan, RowProblem, Shape, Target};
use frontdesk_kernel::{Timestamp, ids::ImportId, tenant::Tenant};
use frontdesk_store::{audit, imports, tenants, work};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

use super::refused;
use crate::{
    Web,
    kit::{Accepted, Body, Caller, Created, Deleted, Found, Page, Path, Problem, Query, Time, limits},
};

/// Rows that a preview shows, and looks at.
const SHOWN: usize = 10;
const LOOKED_AT: usize = 2000;
const PROBLEMS_SHOWN: usize = 50;

/// An import and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImportView {
    id: ImportId,
    /// `previewed`, `running`, `done`, `failed` or `canceled`.
    state: String,
    file_name: String,
    /// `csv` or `vcard`.
    format: String,
    rows: i64,
    /// Rows that were dealt with.
    done: i64,
    created: i64,
    updated: i64,
    /// Known already, and nothing to change.
    skipped: i64,
    /// See the problems.
    failed: i64,
    /// Why it failed as a whole.
    problem: Option<String>,
    created_at: Time,
    updated_at: Time,
}

impl From<imports::Import> for ImportView {
    fn from(i: imports::Import) -> ImportView {
        ImportView {
            id: i.id,
            state: i.state,
            file_name: i.file_name,
            format: i.format,
            rows: i.total,
            done: i.next_row,
            created: i.created,
            updated: i.updated,
            skipped: i.skipped,
            failed: i.failed,
            problem: i.problem,
            created_at: i.created_at.into(),
            updated_at: i.updated_at.into(),
        }
    }
}

/// A column of the file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    header: String,
    /// What it probably is: `ignore`, `name`, `first_name`, `last_name`, `phone`, `email`, `language`, `tags`, `note` or `fact:<name>`.
    suggestion: String,
}

/// A row that cannot be taken in as it is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemView {
    /// In the file.
    pub(super) line: i64,
    pub(super) reason: String,
}

impl From<RowProblem> for ProblemView {
    fn from(p: RowProblem) -> ProblemView {
        ProblemView { line: p.line, reason: p.reason }
    }
}

/// What the file is, before anything is done with it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ImportPreview)]
pub(crate) struct Preview {
    import: ImportView,
    /// Such as `utf-8` or `windows-1252`.
    encoding: String,
    /// Absent for vCards.
    delimiter: Option<String>,
    has_header: bool,
    columns: Vec<ColumnView>,
    /// The first rows.
    rows: Vec<Vec<String>>,
    check: CheckView,
}

/// What would happen with the rows that were looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckView {
    /// Rows that were looked at, from the beginning.
    looked_at: i64,
    fine: i64,
    /// The first of those that are not.
    problems: Vec<ProblemView>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Upload {
    file_name: Option<String>,
    /// Where the guess is wrong: such as `windows-1252`.
    encoding: Option<String>,
    /// Where the guess is wrong: one sign.
    delimiter: Option<String>,
    /// Where the guess is wrong.
    has_header: Option<bool>,
}

/// Uploads a CSV or vCard file; nothing is taken in yet.
///
/// The body is the file itself, up to 16 MB and 100 000 rows. Encoding, delimiter and the meaning of columns are guessed.
#[utoipa::path(post, path = "/contacts/imports", tag = "contacts", params(Upload),
    request_body(content((String = "text/csv"), (String = "text/vcard"), (String = "application/octet-stream"))), responses((status = 201, body = Preview)))]
pub(crate) async fn upload(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<Upload>,
    request: Request,
) -> Result<Created<Preview>, Problem> {
    caller.require("contact:write")?;
    let (parts, body) = request.into_parts();
    let bytes = limits::read(&parts.headers, body, &web.limits.for_files()).await?;
    let mut signs = q.delimiter.as_deref().unwrap_or_default().chars();
    let hints = Hints { encoding: q.encoding, delimiter: signs.next(), has_header: q.has_header };
    if signs.next().is_some() {
        return Err(Problem::field("delimiter", "write one sign such as , or ;"));
    }
    let file = import::understand(&bytes, &hints).map_err(refused)?;
    let file_name: String =
        q.file_name.unwrap_or_default().chars().filter(|c| !c.is_control()).take(200).collect::<String>().trim().to_owned();
    let (s, now) = (caller.scope.clone(), web.desk.now());
    let made = imports::Import {
        id: web.desk.id(),
        state: "previewed".into(),
        file_name,
        format: file.format.into(),
        shape: serde_json::to_string(&file.shape).unwrap_or_default(),
        plan: None,
        total: file.rows.len() as i64,
        next_row: 0,
        created: 0,
        updated: 0,
        skipped: 0,
        failed: 0,
        problem: None,
        created_by: caller.actor.id().to_owned(),
        created_at: now,
        updated_at: now,
    };
    let (kept, text) = (made.clone(), file.text.clone());
    let tenant = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                imports::insert(tx, &s, &kept, text.as_bytes()).await?;
                tenants::get(tx, &s).await
            }),
        )
        .await?
        .ok_or_else(|| Problem::not_found("tenant"))?;
    let suggestion = import::suggest(&file.shape.columns, file.shape.has_header, file.rows.first());
    let plan = Plan { mapping: suggestion.clone(), duplicates: Duplicates::Merge, tags: Vec::new() };
    let check = checked(&file, &plan, &tenant);
    let location = format!("/api/v1/contacts/imports/{}", made.id);
    let columns = file.shape.columns.iter().zip(&suggestion);
    Ok(Created::at(
        location,
        Preview {
            import: made.into(),
            encoding: file.shape.encoding.clone(),
            delimiter: file.shape.delimiter.map(String::from),
            has_header: file.shape.has_header,
            columns: columns
                .map(|(header, target)| ColumnView { header: header.clone(), suggestion: target.to_string() })
                .collect(),
            rows: file.rows.iter().take(SHOWN).cloned().collect(),
            check,
        },
    ))
}

fn checked(file: &import::Understood, plan: &Plan, tenant: &Tenant) -> CheckView {
    let looked = import::look(file, plan, tenant, LOOKED_AT);
    CheckView {
        looked_at: looked.len() as i64,
        fine: looked.iter().filter(|row| row.is_ok()).count() as i64,
        problems: looked.into_iter().filter_map(Result::err).take(PROBLEMS_SHOWN).map(ProblemView::from).collect(),
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct List {
    pub(super) cursor: Option<String>,
    pub(super) limit: Option<u32>,
}

/// Imports of the last days, newest first.
#[utoipa::path(get, path = "/contacts/imports", tag = "contacts", params(List), responses((status = 200, body = Page<ImportView>)))]
pub(crate) async fn list(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<List>,
) -> Result<Found<Page<ImportView>>, Problem> {
    caller.require("contact:read")?;
    let window = web.window::<(Timestamp, ImportId)>(&caller, "imports", q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after, window.limit);
    let found = web.desk.db.read(&caller.scope, work!(tx => imports::list(tx, &s, after.as_ref(), limit + 1).await)).await?;
    Ok(Found(web.page(&caller, "imports", limit, found, |i| (i.created_at, i.id.clone())).map(ImportView::from)))
}

/// An import and how far it is.
#[utoipa::path(get, path = "/contacts/imports/{id}", tag = "contacts", params(("id" = ImportId, Path)), responses((status = 200, body = ImportView)))]
pub(crate) async fn show(State(web): State<Web>, caller: Caller, Path(id): Path<ImportId>) -> Result<Found<ImportView>, Problem> {
    caller.require("contact:read")?;
    Ok(Found(get(&web, &caller, &id).await?.into()))
}

pub(super) async fn get(web: &Web, caller: &Caller, id: &ImportId) -> Result<imports::Import, Problem> {
    let (s, wanted) = (caller.scope.clone(), id.clone());
    let found = web.desk.db.read(&caller.scope, work!(tx => imports::get(tx, &s, &wanted).await)).await?;
    found.ok_or_else(|| Problem::not_found("import"))
}

/// What is to be done with the file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanBody {
    /// For each column: `ignore`, `name`, `first_name`, `last_name`, `phone`, `email`, `language`, `tags`, `note` or `fact:<name>`.
    mapping: Vec<String>,
    #[serde(default)]
    duplicates: OnDuplicate,
    /// For everybody in the file.
    #[serde(default)]
    tags: Vec<String>,
}

/// What happens with somebody who is known already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnDuplicate {
    /// They stay as they are.
    Skip,
    /// The file is right.
    Update,
    /// Only what is not known of them yet is taken from the file.
    #[default]
    Merge,
}

impl PlanBody {
    fn plan(self, shape: &Shape) -> Result<Plan, Problem> {
        let mut mapping = Vec::with_capacity(self.mapping.len());
        for (i, text) in self.mapping.iter().enumerate() {
            let words = "write ignore, name, first_name, last_name, phone, email, language, tags, note or fact:<name>";
            mapping.push(Target::parse(text).ok_or_else(|| Problem::field(format!("mapping[{i}]"), words))?);
        }
        let duplicates = match self.duplicates {
            OnDuplicate::Skip => Duplicates::Skip,
            OnDuplicate::Update => Duplicates::Update,
            OnDuplicate::Merge => Duplicates::Merge,
        };
        import::checked(Plan { mapping, duplicates, tags: self.tags }, shape).map_err(refused)
    }
}

pub(super) fn shape_of(import: &imports::Import) -> Result<Shape, Problem> {
    serde_json::from_str(&import.shape).map_err(|_| Problem::internal())
}

fn not_waiting() -> Problem {
    Problem::conflict("not_previewed", "This import was run or canceled, or its file is no longer kept: upload the file again.")
}

/// What would happen with these meanings of the columns.
#[utoipa::path(post, path = "/contacts/imports/{id}/check", tag = "contacts", params(("id" = ImportId, Path)), request_body = PlanBody, responses((status = 200, body = CheckView)))]
pub(crate) async fn check(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Body(body): Body<PlanBody>,
) -> Result<Found<CheckView>, Problem> {
    caller.require("contact:write")?;
    let found = get(&web, &caller, &id).await?;
    let shape = shape_of(&found)?;
    let plan = body.plan(&shape)?;
    let s = caller.scope.clone();
    let (content, tenant) = web
        .desk
        .db
        .read(&caller.scope, work!(tx => Ok((imports::content(tx, &s, &id).await?, tenants::get(tx, &s).await?))))
        .await?;
    let tenant = tenant.ok_or_else(|| Problem::not_found("tenant"))?;
    let text = content.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(not_waiting)?;
    let file = import::again(&found.format, &shape, text).map_err(refused)?;
    Ok(Found(checked(&file, &plan, &tenant)))
}

/// Takes the file in.
///
/// Rows that are fine are taken in, the others are listed under problems. Poll the import for progress, or watch for `import.changed`.
#[utoipa::path(post, path = "/contacts/imports/{id}/run", tag = "contacts", params(("id" = ImportId, Path)), request_body = PlanBody, responses((status = 202, body = ImportView)))]
pub(crate) async fn run(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Body(body): Body<PlanBody>,
) -> Result<Accepted<ImportView>, Problem> {
    caller.require("contact:write")?;
    let found = get(&web, &caller, &id).await?;
    let plan = body.plan(&shape_of(&found)?)?;
    let plan = serde_json::to_string(&plan).map_err(|_| Problem::internal())?;
    let entry = caller.entry(&web, "contact.import", id.as_str(), json!({ "rows": found.total }));
    let (s, wanted, now) = (caller.scope.clone(), id.clone(), web.desk.now());
    let started = web
        .desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                if !imports::start(tx, &s, &wanted, &plan, now).await? {
                    return Ok(None);
                }
                audit::write(tx, &s, &entry).await?;
                imports::get(tx, &s, &wanted).await
            }),
        )
        .await?
        .ok_or_else(not_waiting)?;
    web.desk.tasks.spawn(import::run(web.desk.clone(), caller.scope.tenant().clone(), id));
    Ok(Accepted(started.into()))
}

/// Cancels an import. Rows that were taken in stay.
#[utoipa::path(delete, path = "/contacts/imports/{id}", tag = "contacts", params(("id" = ImportId, Path)), responses((status = 204)))]
pub(crate) async fn cancel(State(web): State<Web>, caller: Caller, Path(id): Path<ImportId>) -> Result<Deleted, Problem> {
    caller.require("contact:write")?;
    get(&web, &caller, &id).await?;
    let entry = caller.entry(&web, "contact.import_canceled", id.as_str(), json!({}));
    let (s, now) = (caller.scope.clone(), web.desk.now());
    web.desk
        .db
        .write(
            &caller.scope,
            work!(tx => {
                if imports::finish(tx, &s, &id, "canceled", None, now).await? {
                    audit::write(tx, &s, &entry).await?;
                }
                Ok(())
            }),
        )
        .await?;
    Ok(Deleted)
}
