//! Search over all messages of the business.

use axum::extract::State;
use frontdesk_kernel::{
    Timestamp,
    ids::*,
    message::{Author, Direction},
};
use frontdesk_store::{
    search::{self, Hit, Place},
    work,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::conversations::{
    channels_of, sessions_of,
    view::{ChannelBrief, ContactBrief},
};
use crate::{
    Web,
    kit::{Caller, Found, Page, Problem, Query, Time},
};

pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new().routes(routes!(messages))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// Words, "phrases in quotes", and the beginning of the last word. At most 256 characters; nothing in it is an operator.
    #[param(max_length = 256)]
    q: String,
    cursor: Option<String>,
    limit: Option<u32>,
    channel: Option<ChannelId>,
}

/// A message that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HitView {
    message: MessageId,
    conversation: ConversationId,
    contact: ContactBrief,
    channel: ChannelBrief,
    direction: Direction,
    author: Author,
    /// The text around what was found; plain text, never HTML.
    snippet: String,
    /// Where in `snippet`: from and to, in UTF-16 units as JavaScript counts.
    highlights: Vec<(u32, u32)>,
    at: Time,
}

/// Finds messages, the newest first, whatever their case and accents.
///
/// A page may hold fewer than `limit` and still have a `next`: looking through much text is done in pieces.
#[utoipa::path(get, path = "/search/messages", tag = "messages", params(Wanted), responses((status = 200, body = Page<HitView>)))]
pub(crate) async fn messages(
    State(web): State<Web>,
    caller: Caller,
    Query(q): Query<Wanted>,
) -> Result<Found<Page<HitView>>, Problem> {
    caller.require("conversation:read")?;
    let query = search::Query::parse(&q.q).map_err(|problem| Problem::field("q", problem))?;
    let list = format!("search {}", q.q);
    let window = web.window::<(Option<i64>, Timestamp, MessageId)>(&caller, &list, q.cursor.as_deref(), q.limit)?;
    let after = window.after.map(|(chunk, at, message)| Place { chunk, at, message });
    let mut channels = channels_of(&web, &caller).await?;
    if let Some(channel) = q.channel {
        let seen = channels.as_ref().is_none_or(|seen| seen.contains(&channel));
        channels = Some(if seen { vec![channel] } else { Vec::new() });
    }
    let (s, limit, sessions) = (caller.scope.clone(), window.limit as usize, sessions_of(&caller));
    let found = web
        .desk
        .db
        .read(
            &caller.scope,
            work!(tx => search::find(tx, &s, &query, channels.as_deref(), &sessions, after.as_ref(), limit).await),
        )
        .await?;
    let next = found.next.map(|p| web.seal_cursor(&caller, &list, &(p.chunk, p.at, p.message)));
    let lines = web.desk.directory.lines(&web.desk).await?;
    let view = |hit: Hit| {
        let line = lines.get(&hit.channel);
        HitView {
            message: hit.message,
            conversation: hit.conversation,
            contact: ContactBrief { id: hit.contact, name: hit.contact_name, address: None },
            channel: ChannelBrief {
                id: hit.channel,
                kind: line.map(|l| l.channel.kind.clone()).unwrap_or_default(),
                name: line.map(|l| l.channel.name.clone()).unwrap_or_default(),
            },
            direction: hit.direction,
            author: hit.author,
            snippet: hit.snippet.text,
            highlights: hit.snippet.highlights,
            at: hit.at.into(),
        }
    };
    Ok(Found(Page { items: found.hits.into_iter().map(view).collect(), next }))
}
