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
    ports::{
        http::{Body, Chunks, Http, HttpError, Method, Request, Streaming, header},
        mcp::{Failed, Fault},
    },
};
use futures_util::{StreamExt, stream, stream::BoxStream};
use http::{HeaderName, HeaderValue};
use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, ClientRequest, RequestId, ServerJsonRpcMessage},
    transport::streamable_http_client::{
        AuthRequiredError, HttpStatusError, SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    },
};
use sse_stream::{Sse, SseStream};
use tokio::time::Instant;

use super::faults::{self, Trouble};

/// A list is longer than the answer of one tool.
const LARGEST_LIST: usize = 4 * LARGEST_ANSWER;

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
    trouble: Option<Trouble>,
}

impl Line {
    pub(super) fn new(http: Arc<dyn Http>, headers: Vec<(String, Secret)>, deadline: Instant) -> Line {
        Line(Arc::new(Shared { http, headers, seen: Mutex::new(Seen { deadline, called: false, trouble: None }) }))
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

    async fn whole(&self, mut body: Box<dyn Chunks>) -> Result<Vec<u8>, StreamableHttpError<HttpError>> {
        let mut read = Vec::new();
        while let Some(piece) = body.next().await {
            let piece = piece.map_err(|error| {
                self.trouble(Trouble::Way(error.clone()));
                StreamableHttpError::Client(error)
            })?;
            read.extend_from_slice(&piece);
        }
        Ok(read)
    }

    fn events(&self, body: Box<dyn Chunks>) -> BoxStream<'static, Result<Sse, SseError>> {
        let pieces = stream::unfold((body, self.clone()), |(mut body, line)| async move {
            let piece: Result<Bytes, HttpError> = body.next().await?;
            if let Err(error) = &piece {
                line.trouble(Trouble::Way(error.clone()));
            }
            Some((piece, (body, line)))
        });
        SseStream::from_bytes_stream(pieces).boxed()
    }

    /// An answer that is none of success. A server of an older protocol refuses to be discovered in whatever way: that is an answer, too.
    async fn refused(&self, answer: Streaming, message: &ClientJsonRpcMessage, in_session: bool) -> Posted {
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
        let body = self.whole(answer.body).await?;
        let told = match serde_json::from_slice(&body) {
            Ok(ServerJsonRpcMessage::Error(error)) => Some(error),
            _ => None,
        };
        if let ClientJsonRpcMessage::Request(request) = message
            && matches!(request.request, ClientRequest::DiscoverRequest(_))
            && !in_session
        {
            let error = told.map_or_else(|| ErrorData::invalid_request(format!("status {status}"), None), |told| told.error);
            return Ok(StreamableHttpPostResponse::Json(ServerJsonRpcMessage::error(error, Some(request.id.clone())), None));
        }
        match told {
            Some(error) => {
                self.seen().trouble = None;
                Ok(StreamableHttpPostResponse::Json(ServerJsonRpcMessage::Error(error), session))
            }
            None => Err(HttpStatusError::new(status, None).into()),
        }
    }
}

/// What answers nothing would be waited for in vain.
fn answers(asked: &ClientJsonRpcMessage, told: &ServerJsonRpcMessage) -> bool {
    let ClientJsonRpcMessage::Request(asked) = asked else { return true };
    let plain = |id: &RequestId| id.to_string().trim_matches('"').to_owned();
    match told {
        ServerJsonRpcMessage::Response(told) => plain(&told.id) == plain(&asked.id),
        ServerJsonRpcMessage::Error(told) => told.id.as_ref().is_none_or(|id| plain(id) == plain(&asked.id)),
        _ => false,
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
        let awaits_answer = match &message {
            ClientJsonRpcMessage::Request(asked) => {
                let mut seen = self.seen();
                seen.trouble = None;
                seen.called |= matches!(asked.request, ClientRequest::CallToolRequest(_));
                if matches!(asked.request, ClientRequest::ListToolsRequest(_)) {
                    request.max_bytes = LARGEST_LIST;
                }
                true
            }
            _ => false,
        };
        let answer = match awaits_answer {
            true => self.ask(request).await?,
            false => self.0.http.stream(request).await.map_err(StreamableHttpError::Client)?,
        };
        match answer.status {
            202 | 204 => return Ok(StreamableHttpPostResponse::Accepted),
            200..=299 if !awaits_answer => return Ok(StreamableHttpPostResponse::Accepted),
            200..=299 => {}
            _ if !awaits_answer => return Err(HttpStatusError::new(answer.status, None).into()),
            _ => return self.refused(answer, &message, session_id.is_some()).await,
        }
        let session = header(&answer.headers, "mcp-session-id").map(str::to_owned);
        let kind = header(&answer.headers, "content-type").unwrap_or_default().to_ascii_lowercase();
        if kind.starts_with("text/event-stream") {
            return Ok(StreamableHttpPostResponse::Sse(self.events(answer.body), session));
        }
        if !kind.starts_with("application/json") {
            self.trouble(Trouble::Unreadable);
            return Err(StreamableHttpError::UnexpectedContentType(None));
        }
        let body = self.whole(answer.body).await?;
        match serde_json::from_slice::<ServerJsonRpcMessage>(&body) {
            Ok(told) if answers(&message, &told) => Ok(StreamableHttpPostResponse::Json(told, session)),
            _ => {
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
            200 if kind.starts_with("text/event-stream") => Ok(self.events(answer.body)),
            _ => Err(StreamableHttpError::ServerDoesNotSupportSse),
        }
    }
}
