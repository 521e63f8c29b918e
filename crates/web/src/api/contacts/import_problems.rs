//! Rows of a file that could not be taken in.

use axum::{
    body::Body,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use frontdesk_engine::contacts::export::row;
use frontdesk_kernel::ids::ImportId;
use frontdesk_store::{imports, work};
use futures_util::stream;

use super::imports::{List, ProblemView, get, shape_of};
use crate::{
    Web,
    kit::{Caller, Found, Page, Path, Problem, Query},
};

const PAGE: u32 = 500;

/// Rows that could not be taken in, in the order of the file.
#[utoipa::path(get, path = "/contacts/imports/{id}/problems", tag = "contacts", params(("id" = ImportId, Path), List), responses((status = 200, body = Page<ProblemView>)))]
pub(crate) async fn problems(
    State(web): State<Web>,
    caller: Caller,
    Path(id): Path<ImportId>,
    Query(q): Query<List>,
) -> Result<Found<Page<ProblemView>>, Problem> {
    caller.require("contact:read")?;
    get(&web, &caller, &id).await?;
    let name = format!("problems of {id}");
    let window = web.window::<i64>(&caller, &name, q.cursor.as_deref(), q.limit)?;
    let (s, after, limit) = (caller.scope.clone(), window.after.unwrap_or(-1), window.limit);
    let found = web.desk.db.read(&caller.scope, work!(tx => imports::problems(tx, &s, &id, after, limit + 1).await)).await?;
    let page = web.page(&caller, &name, limit, found, |p| p.line);
    Ok(Found(page.map(|p| ProblemView { line: p.line, reason: p.reason })))
}

/// The rows that could not be taken in as a CSV file, with the reasons: mend it and upload it again.
#[utoipa::path(get, path = "/contacts/imports/{id}/problems.csv", tag = "contacts", params(("id" = ImportId, Path)),
    responses((status = 200, description = "The file.", body = String, content_type = "text/csv")))]
pub(crate) async fn problems_file(State(web): State<Web>, caller: Caller, Path(id): Path<ImportId>) -> Result<Response, Problem> {
    caller.require("contact:read")?;
    let shape = shape_of(&get(&web, &caller, &id).await?)?;
    let header = row(shape.columns.into_iter().chain(["line".to_owned(), "problem".to_owned()]));
    let (desk, scope) = (web.desk.clone(), caller.scope.clone());
    let pages = stream::unfold(Some((header, -1_i64)), move |state| {
        let (desk, scope, id) = (desk.clone(), scope.clone(), id.clone());
        async move {
            let (mut piece, after) = state?;
            let s = scope.clone();
            let page = desk.db.read(&scope, work!(tx => imports::problems(tx, &s, &id, after, PAGE).await)).await;
            let page = match page {
                Ok(page) => page,
                Err(e) => return Some((Err(std::io::Error::other(e.to_string())), None)),
            };
            for p in &page {
                let cells: Vec<String> = serde_json::from_str(&p.cells).unwrap_or_default();
                let told = [p.line.to_string(), p.reason.clone()];
                piece.push_str(&row(cells.into_iter().chain(told)));
            }
            let next = page.last().filter(|_| page.len() == PAGE as usize).map(|p| (String::new(), p.line));
            Some((Ok(piece), next))
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"problems.csv\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}
