//! Our own API as an MCP server (`/mcp`, streamable HTTP): every tool is an operation of the API, called as the key that asks. Nothing is
//! allowed here that is not allowed there. No sessions are kept: any node answers any request.

mod catalogue;

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, FromRequestParts, Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
    routing::any,
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation, ListToolsResult,
        PaginatedRequestParams, ServerCapabilities, ServerConfig,
    },
    service::RequestContext,
    transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager},
};
use serde_json::{Map, Value};
use tower_service::Service;
use url::form_urlencoded;

use self::catalogue::{ALL, Operation};
use crate::{
    Web,
    kit::{Actor, Caller, Problem, limits},
};

/// Of an answer that a tool gives.
const LARGEST_ANSWER: usize = 1 << 20;
const INSTRUCTIONS: &str = "Operations of a business's front desk: contacts, conversations, appointments, tasks and what belongs to them. \
    Ids are text with a prefix, times are RFC 3339 in UTC, money is in minor units. Lists come in pages: give `next` as `cursor`. \
    Put `?tags=contacts,appointments` behind the address to see only some of the tools.";

type Mcp = StreamableHttpService<Tools, NeverSessionManager>;

/// `/mcp`, answered by what answers `/api/v1`.
pub(crate) fn routes(web: &Web, api: Router) -> Router<Web> {
    let tools = Tools { api, version: web.version };
    // Whoever asks needs a key, which no page of somebody else's has: names of hosts prove nothing more.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(web.limits.body_bytes)
        .with_cancellation_token(web.desk.stop.clone())
        .disable_allowed_hosts();
    let service: Mcp = StreamableHttpService::new(move || Ok(tools.clone()), Arc::default(), config);
    Router::new().route("/mcp", any(move |web, request| serve(service, web, request)))
}

async fn serve(service: Mcp, State(web): State<Web>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    match Caller::from_request_parts(&mut parts, &web).await {
        Ok(caller) if matches!(caller.actor, Actor::Person(_)) => {
            return Problem::forbidden("key_required", "Use an API key: a browser's session does not work here.").into_response();
        }
        Ok(_) => {}
        Err(problem) => {
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"frontdesk\""));
            }
            return response;
        }
    }
    let body = match limits::read(&parts.headers, body, &web.limits).await {
        Ok(body) => body,
        Err(refused) => return Problem::from(refused).into_response(),
    };
    service.handle(Request::from_parts(parts, Body::from(body))).await.map(Body::new)
}

#[derive(Clone)]
struct Tools {
    api: Router,
    version: &'static str,
}

impl ServerHandler for Tools {
    fn get_info(&self) -> ServerConfig {
        let mut info = ServerConfig::new(ServerCapabilities::builder().enable_tools().build());
        info.server_info = Implementation::new("frontdesk", self.version);
        info.instructions = Some(INSTRUCTIONS.to_owned());
        info
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let wanted = context.extensions.get::<Parts>().and_then(|p| tags(p.uri.query()?));
        let shown = |o: &&Operation| wanted.as_ref().is_none_or(|wanted| o.tags.iter().any(|t| wanted.contains(t)));
        Ok(ListToolsResult::with_all_items(ALL.iter().filter(shown).map(|o| o.tool.clone()).collect()))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(operation) = ALL.iter().find(|o| o.tool.name == call.name) else {
            return Err(ErrorData::invalid_params(format!("there is no tool `{}`", call.name), None));
        };
        let parts = context.extensions.get::<Parts>().ok_or_else(|| ErrorData::internal_error("no request", None))?;
        let arguments = call.arguments.unwrap_or_default();
        let request = request(operation, &arguments, parts).map_err(|problem| ErrorData::invalid_params(problem, None))?;
        let Ok(answer) = self.api.clone().call(request).await;
        let status = answer.status();
        let bytes = to_bytes(answer.into_body(), LARGEST_ANSWER).await;
        let text = match bytes.map(|b| String::from_utf8(b.into())) {
            Ok(Ok(text)) if text.is_empty() => "Done.".to_owned(),
            Ok(Ok(text)) => text,
            _ => {
                return Ok(
                    CallToolResult::error(vec![ContentBlock::text("The answer is too long: ask for a smaller page.")]).into()
                );
            }
        };
        let content = vec![ContentBlock::text(text.clone())];
        let mut result = if status.is_success() { CallToolResult::success(content) } else { CallToolResult::error(content) };
        result.structured_content = serde_json::from_str(&text).ok().filter(Value::is_object);
        Ok(result.into())
    }
}

/// `?tags=contacts,tasks`.
fn tags(query: &str) -> Option<Vec<String>> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "tags")?;
    Some(value.split(',').map(|t| t.trim().to_owned()).collect())
}

/// The operation's request, with the arguments in their places, asked by whoever asked us.
fn request(operation: &Operation, arguments: &Map<String, Value>, asked: &Parts) -> Result<Request, String> {
    let known = |name: &String| {
        operation.in_path.contains(name) || operation.in_query.contains(name) || (operation.has_body && name == "body")
    };
    if let Some(stranger) = arguments.keys().find(|name| !known(name)) {
        return Err(format!("there is no argument `{stranger}`"));
    }
    let mut path = format!("/api/v1{}", operation.path);
    for name in &operation.in_path {
        let value = arguments.get(name).and_then(plain).ok_or_else(|| format!("`{name}` is missing, or no plain value"))?;
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect::<String>().replace('+', "%20");
        // Neither an empty segment nor one that leads elsewhere.
        if matches!(encoded.as_str(), "" | "." | "..") {
            return Err(format!("`{name}` is no id"));
        }
        path = path.replace(&format!("{{{name}}}"), &encoded);
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    for name in &operation.in_query {
        for value in
            arguments.get(name).into_iter().flat_map(|v| v.as_array().map_or_else(|| vec![v], |list| list.iter().collect()))
        {
            if !value.is_null() {
                query.append_pair(name, &plain(value).ok_or_else(|| format!("`{name}` is no plain value"))?);
            }
        }
    }
    let query = query.finish();
    let uri = if query.is_empty() { path } else { format!("{path}?{query}") };
    let body = arguments.get("body");
    let method = Method::from_bytes(operation.method.as_bytes()).map_err(|e| e.to_string())?;
    let mut request = axum::http::Request::builder().method(method).uri(uri);
    for name in ["authorization", "x-tenant-id", "x-forwarded-for"] {
        for value in asked.headers.get_all(name) {
            request = request.header(name, value);
        }
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let body = body.map_or_else(Body::empty, |b| Body::from(b.to_string()));
    let mut request = request.body(body).map_err(|e| e.to_string())?;
    if let Some(peer) = asked.extensions.get::<ConnectInfo<SocketAddr>>() {
        request.extensions_mut().insert(*peer);
    }
    Ok(request)
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
