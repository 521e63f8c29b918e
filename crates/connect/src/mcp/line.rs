//! The SDK's requests as ours: through the egress client, within what is left of the time, with what went wrong remembered.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use frontdesk_kernel::{
    Secret,
    http_tool::LARGEST_ANSWER,
    mcp::LARGEST_LISTING,
    ports::{
        http::{Body, Chunks, Http, HttpError, Method, Request, Streaming, header},
        mcp::{Failed, Fault},
    },
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use http::{HeaderName, HeaderValue};
use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, ClientRequest, JsonRpcRequest, RequestId, ServerJsonRpcMessage},
    transport::streamable_http_client::{
        AuthRequiredError, HttpStatusError, SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    },
};
use sse_stream::{Sse, SseStream};
use tokio::time::Instant;

use super::faults::{self, Trouble};

/// A page of a list is longer than the answer of one tool. The next one is read while it may be as long.
const LARGEST_PAGE: usize = LARGEST_LISTING / 2;

type Posted = Result<StreamableHttpPostResponse, StreamableHttpError<HttpError>>;

/// How one server is reached, for one conversation.
#[derive(Clone)]
pub(super) struct Line(Arc<Shared>);

struct Shared {
    http: Arc<dyn Http>,
    headers: Vec<(String, Secret)>,
    seen: Mutex<Seen>,
}

/// What became of the last request.
struct Seen {
    deadline: Instant,
    /// A tool was called.
    called: bool,
    /// Bytes of lists that were read.
    listed: usize,
    trouble: Option<Trouble>,
}

impl Line {
    pub(super) fn new(http: Arc<dyn Http>, headers: Vec<(String, Secret)>, deadline: Instant) -> Line {
        Line(Arc::new(Shared { http, headers, seen: Mutex::new(Seen { deadline, called: false, listed: 0, trouble: None }) }))
    }

    /// The goodbye has its own time.
    pub(super) fn say_goodbye(&self, until: Instant) {
        self.seen().deadline = until;
    }

    /// What went wrong, by what the line saw itself; else `otherwise`.
    pub(super) fn explain(&self, otherwise: Fault) -> Failed {
        let mut seen = self.seen();
        faults::explain(seen.trouble.take(), otherwise, seen.called)
    }

    /// Another page of the list may be read.
    pub(super) fn has_room(&self) -> bool {
        self.seen().listed + LARGEST_PAGE <= LARGEST_LISTING
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn trouble(&self, trouble: Trouble) {
        self.seen().trouble = Some(trouble);
    }

    fn request(&self, method: Method, url: &str, session: Option<&str>, custom: HashMap<HeaderName, HeaderValue>) -> Request {
        let mut own_headers = self.0.headers.clone();
        own_headers.extend(session.map(|id| ("mcp-session-id".to_owned(), Secret::new(id))));
        let custom =
            custom.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), Secret::new(value.to_str().ok()?))));
        own_headers.extend(custom);
        let left = self.seen().deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        Request { own_headers, guest: true, timeout: left, gap: left, max_bytes: LARGEST_ANSWER, ..Request::new(method, url) }
    }

    async fn ask(&self, request: Request) -> Result<Streaming, StreamableHttpError<HttpError>> {
        self.0.http.stream(request).await.map_err(|error| {
            self.trouble(Trouble::Way(error.clone()));
            StreamableHttpError::Client(error)
        })
    }

    async fn whole(&self, mut body: Box<dyn Chunks>, lists: bool) -> Result<Vec<u8>, StreamableHttpError<HttpError>> {
        let mut read = Vec::new();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| {
                self.trouble(Trouble::Way(error.clone()));
                StreamableHttpError::Client(error)
            })?;
            self.count(piece.len(), lists);
            read.extend_from_slice(&piece);
        }
        Ok(read)
    }

    fn count(&self, bytes: usize, lists: bool) {
        if lists {
            self.seen().listed += bytes;
        }
    }

    /// `asked`: the request that they answer.
    fn events(&self, body: Box<dyn Chunks>, asked: Option<Asked>) -> BoxStream<'static, Result<Sse, SseError>> {
        let lists = asked.as_ref().is_some_and(|asked| asked.lists);
        let pieces = stream::unfold((body, self.clone()), move |(mut body, line)| async move {
            let piece: Result<Bytes, HttpError> = body.next().await?;
            match &piece {
                Ok(piece) => line.count(piece.len(), lists),
                Err(error) => line.trouble(Trouble::Way(error.clone())),
            }
            Some((piece, (body, line)))
        });
        let events = SseStream::from_bytes_stream(pieces);
        match asked {
            Some(asked) => events.map(move |event| event.map(|event| asked.addressed(event))).boxed(),
            None => events.boxed(),
        }
    }

    /// An answer that is none of success. One that refuses in the protocol's own way is certain, whatever the protocol's code leaves open. A
    /// server of an older protocol refuses to be discovered in whatever way: that is an answer, too.
    async fn refused(&self, answer: Streaming, asked: &JsonRpcRequest<ClientRequest>, in_session: bool) -> Posted {
        let status = answer.status;
        self.trouble(Trouble::Status(status));
        if status == 401 {
            return Err(StreamableHttpError::AuthRequired(AuthRequiredError::new(String::new())));
        }
        if status == 404 && in_session {
            return Err(StreamableHttpError::SessionExpired);
        }
        if !(400..500).contains(&status) || matches!(status, 403 | 408 | 429) {
            return Err(HttpStatusError::new(status, None).into());
        }
        let session = header(&answer.headers, "mcp-session-id").map(str::to_owned);
        let body = self.whole(answer.body, false).await?;
        let told = match serde_json::from_slice(&body) {
            Ok(ServerJsonRpcMessage::Error(error)) => Some(error.error),
            _ => None,
        };
        let discovers = matches!(&asked.request, ClientRequest::DiscoverRequest(_)) && !in_session;
        let error = match told {
            Some(error) => {
                self.trouble(Trouble::Refused);
                error
            }
            None if discovers => ErrorData::invalid_request(format!("status {status}"), None),
            None => return Err(HttpStatusError::new(status, None).into()),
        };
        // Many a server refuses without saying what: nobody else asked.
        let error = ServerJsonRpcMessage::error(error, Some(asked.id.clone()));
        Ok(StreamableHttpPostResponse::Json(error, session.filter(|_| !discovers)))
    }
}

/// What is awaited, to tell its answer from others.
#[derive(Clone)]
struct Asked {
    id: RequestId,
    lists: bool,
}

impl Asked {
    /// An error that names no request is about the only one there is here: it gets its id, or it would be waited for in vain.
    fn addressed(&self, event: Sse) -> Sse {
        let named = event.data.as_deref().and_then(|data| match serde_json::from_str(data) {
            Ok(ServerJsonRpcMessage::Error(told)) if told.id.is_none() => {
                serde_json::to_string(&ServerJsonRpcMessage::error(told.error, Some(self.id.clone()))).ok()
            }
            _ => None,
        });
        Sse { data: named.or(event.data), ..event }
    }
}

/// The answer to this, if it is one: what answers nothing would be waited for in vain.
fn answering(asked: &RequestId, told: ServerJsonRpcMessage) -> Option<ServerJsonRpcMessage> {
    let plain = |id: &RequestId| id.to_string().trim_matches('"').to_owned();
    let is_ours = |id: &RequestId| plain(id) == plain(asked);
    match told {
        ServerJsonRpcMessage::Error(told) if told.id.as_ref().is_none_or(is_ours) => {
            Some(ServerJsonRpcMessage::error(told.error, Some(asked.clone())))
        }
        ServerJsonRpcMessage::Response(told) if is_ours(&told.id) => Some(ServerJsonRpcMessage::Response(told)),
        _ => None,
    }
}

impl StreamableHttpClient for Line {
    type Error = HttpError;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Posted {
        let mut request = self.request(Method::Post, &uri, session_id.as_deref(), custom_headers);
        request.headers.push(("accept", "application/json, text/event-stream".to_owned()));
        request.body = Body::Json(Bytes::from(serde_json::to_vec(&message)?));
        let ClientJsonRpcMessage::Request(asked) = &message else {
            let answer = self.0.http.stream(request).await.map_err(StreamableHttpError::Client)?;
            return match answer.status {
                200..=299 => Ok(StreamableHttpPostResponse::Accepted),
                status => Err(HttpStatusError::new(status, None).into()),
            };
        };
        let lists = matches!(asked.request, ClientRequest::ListToolsRequest(_));
        if lists {
            request.max_bytes = LARGEST_PAGE;
        }
        {
            let mut seen = self.seen();
            seen.trouble = None;
            seen.called |= matches!(asked.request, ClientRequest::CallToolRequest(_));
        }
        let answer = self.ask(request).await?;
        match answer.status {
            202 | 204 => return Ok(StreamableHttpPostResponse::Accepted),
            200..=299 => {}
            _ => return self.refused(answer, asked, session_id.is_some()).await,
        }
        let session = header(&answer.headers, "mcp-session-id").map(str::to_owned);
        let kind = header(&answer.headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("text/event-stream") {
            let asked = Asked { id: asked.id.clone(), lists };
            return Ok(StreamableHttpPostResponse::Sse(self.events(answer.body, Some(asked)), session));
        }
        if !kind.starts_with("application/json") {
            self.trouble(Trouble::Unreadable);
            return Err(StreamableHttpError::UnexpectedContentType(None));
        }
        let body = self.whole(answer.body, lists).await?;
        let told = serde_json::from_slice::<ServerJsonRpcMessage>(&body).ok();
        match told.and_then(|told| answering(&asked.id, told)) {
            Some(told) => Ok(StreamableHttpPostResponse::Json(told, session)),
            None => {
                self.trouble(Trouble::Unreadable);
                Err(StreamableHttpError::UnexpectedServerResponse("not an answer to this".into()))
            }
        }
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), StreamableHttpError<HttpError>> {
        let request = self.request(Method::Delete, &uri, Some(&session_id), custom_headers);
        self.0.http.stream(request).await.map(drop).map_err(StreamableHttpError::Client)
    }

    /// An answer whose stream ended early goes on where it was. What a server says without being asked is not listened to.
    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        _auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, StreamableHttpError<HttpError>> {
        let Some(last) = last_event_id else { return Err(StreamableHttpError::ServerDoesNotSupportSse) };
        let mut request = self.request(Method::Get, &uri, session_id.as_deref(), custom_headers);
        request.headers.push(("accept", "text/event-stream".to_owned()));
        request.own_headers.push(("last-event-id".to_owned(), Secret::new(last)));
        let answer = self.0.http.stream(request).await.map_err(StreamableHttpError::Client)?;
        let kind = header(&answer.headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        match answer.status {
            200 if kind.starts_with("text/event-stream") => Ok(self.events(answer.body, None)),
            _ => Err(StreamableHttpError::ServerDoesNotSupportSse),
        }
    }
}
