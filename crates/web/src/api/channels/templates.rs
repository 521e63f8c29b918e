//! Messages that the vendor approved for use outside its window.

use axum::{extract::State, http::StatusCode};
use frontdesk_engine::directory;
use frontdesk_kernel::{ErrorKind, Retry, ids::ChannelId, ports::channel::Template};
use serde::Serialize;
use utoipa::ToSchema;

use super::find;
use crate::{
    Web,
    kit::{Caller, Found, Path, Problem},
};

/// A message that the vendor approved.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateView {
    name: String,
    language: String,
    /// The vendor's word, such as `UTILITY`.
    category: String,
    header: Option<String>,
    /// With blanks such as `{{1}}` or `{{name}}`, like the header.
    body: String,
    footer: Option<String>,
    buttons: Vec<String>,
    /// Why filling in the blanks is not enough to send it.
    needs_more: Option<&'static str>,
}

impl From<Template> for TemplateView {
    fn from(t: Template) -> TemplateView {
        let Template { name, language, category, header, body, footer, buttons, needs_more } = t;
        TemplateView { name, language, category, header, body, footer, buttons, needs_more }
    }
}

/// All of them, by name.
#[derive(Serialize, ToSchema)]
pub(crate) struct Templates {
    items: Vec<TemplateView>,
}

/// What the vendor approved for this channel; asked for each time.
#[utoipa::path(get, path = "/channels/{id}/templates", tag = "channels", params(("id" = ChannelId, Path)), responses((status = 200, body = Templates)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller, Path(id): Path<ChannelId>) -> Result<Found<Templates>, Problem> {
    caller.require("message:send")?;
    let channel = find(&web, &caller, &id).await?;
    let connector = web.desk.channel(&channel.kind).ok_or_else(|| Problem::not_found("channel"))?;
    // Nothing is asked of a vendor who is not there.
    if channel.mock || (web.desk.settings.mock_mode && !connector.about().settings.is_empty()) {
        return Ok(Found(Templates { items: Vec::new() }));
    }
    let line = directory::open_line(&web.desk, channel);
    let found = connector.templates(web.desk.http.as_ref(), &line.account).await.map_err(|e| {
        tracing::warn!(channel = %id, error = %e, "templates could not be read");
        match (e.kind, e.retry) {
            // It was not asked at all: the detail is our own.
            (ErrorKind::Rejected, Retry::Never) if e.status.is_none() => Problem::conflict("not_configured", e.detail),
            _ => {
                let detail = format!("The vendor did not give its templates: {}.", e.kind_in_words());
                Problem::new(StatusCode::BAD_GATEWAY, "vendor", detail)
            }
        }
    })?;
    Ok(Found(Templates { items: found.into_iter().map(TemplateView::from).collect() }))
}
