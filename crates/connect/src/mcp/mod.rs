//! Servers of tools, spoken to through the protocol's own SDK over streamable HTTP. Every request leaves by the one way out, as a guest's:
//! the SDK never opens a connection itself.

mod faults;
mod line;
pub(crate) mod said;

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use frontdesk_kernel::{
    mcp::Greeting,
    ports::{
        http::Http,
        mcp::{Answer, Failed, Fault, Listing, Mcp, Session, Target},
    },
};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ClientServiceExt, RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResponse, ClientCapabilities, ClientConfig, Implementation, PaginatedRequestParams,
        ProtocolVersion,
    },
    service::RunningService,
    transport::{
        StreamableHttpClientTransport, common::client_side_sse::FixedInterval,
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use self::line::Line;

/// Pages of a list that are read.
const MOST_PAGES: usize = 50;
/// An answer that broke off is asked for again after this.
const RESUME_AFTER: Duration = Duration::from_millis(200);
/// A goodbye is not waited for longer.
const GOODBYE: Duration = Duration::from_secs(1);

/// Speaks to servers; keeps nothing between two conversations.
pub struct Client;

/// Who we are, and that we do nothing for a server: no files, no questions to people, no model calls.
struct Us;

impl ClientHandler for Us {
    fn get_info(&self) -> ClientConfig {
        let us = Implementation::new("frontdesk", env!("CARGO_PKG_VERSION"));
        ClientConfig::new(ClientCapabilities::default(), us).with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
    }
}

#[async_trait]
impl Mcp for Client {
    async fn open(&self, http: Arc<dyn Http>, target: Target) -> Result<Box<dyn Session>, Failed> {
        let deadline = Instant::now() + target.patience;
        let line = Line::new(http, target.headers, deadline);
        let mut config = StreamableHttpClientTransportConfig::with_uri(target.url);
        let mut again = FixedInterval::default();
        (again.max_times, again.duration) = (Some(2), RESUME_AFTER);
        config.retry_config = Arc::new(again);
        let transport = StreamableHttpClientTransport::with_client(line.clone(), config);
        // Whoever is known to speak an older protocol is not asked first whether it speaks the newest.
        let older = target.protocol.is_some_and(|p| p.as_str() < ProtocolVersion::NO_INITIALIZE.as_str());
        let lifecycle = match older {
            true => ClientLifecycleMode::Initialize,
            false => ClientLifecycleMode::Auto { preferred_versions: vec![ProtocolVersion::LATEST], legacy_version: None },
        };
        match timeout_at(deadline, Us.serve_with_lifecycle(transport, lifecycle)).await {
            Ok(Ok(service)) => Ok(Box::new(Open { service, line, deadline })),
            Ok(Err(error)) => Err(line.explain(faults::of_greeting(&error))),
            Err(_) => Err(line.explain(Fault::Timeout)),
        }
    }
}

struct Open {
    service: RunningService<RoleClient, Us>,
    line: Line,
    deadline: Instant,
}

impl Open {
    async fn wait<T>(&self, work: impl Future<Output = Result<T, ServiceError>> + Send) -> Result<T, Failed> {
        match timeout_at(self.deadline, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.line.explain(faults::of_service(error))),
            Err(_) => Err(self.line.explain(Fault::Timeout)),
        }
    }
}

#[async_trait]
impl Session for Open {
    fn greeting(&self) -> Greeting {
        self.service.peer().peer_info().map(|info| said::greeting(&info)).unwrap_or_default()
    }

    async fn tools(&self, most: usize) -> Result<Listing, Failed> {
        let mut listing = Listing::default();
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let page = PaginatedRequestParams::default().with_cursor(cursor.take());
            let page = self.wait(self.service.peer().list_tools(Some(page))).await?;
            listing.tools.extend(page.tools.into_iter().map(said::definition));
            if listing.tools.len() > most {
                listing.tools.truncate(most);
                return Ok(Listing { more: true, ..listing });
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(listing);
            }
            if !self.line.has_room() {
                break;
            }
        }
        Ok(Listing { more: true, ..listing })
    }

    async fn call(&self, tool: &str, arguments: &Value) -> Result<Answer, Failed> {
        let mut call = CallToolRequestParams::new(tool.to_owned());
        call.arguments = arguments.as_object().cloned();
        match self.wait(self.service.peer().call_tool_once(call)).await? {
            CallToolResponse::Complete(result) => Ok(said::answer(result)),
            CallToolResponse::InputRequired(_) => Err(self.line.explain(Fault::WantsInput)),
            _ => Err(self.line.explain(Fault::Protocol("it works on it in the background, which is not supported".into()))),
        }
    }

    async fn close(mut self: Box<Self>) {
        self.line.say_goodbye(Instant::now() + GOODBYE);
        let _ = self.service.close_with_timeout(GOODBYE).await;
    }
}
