//! May this server be kept? Every flaw is named with the place where it stands.

use frontdesk_kernel::{
    Secret,
    mcp::{McpAuth, McpServer, is_prefix},
    oauth::ClientCredentials,
    ports::http::{Http, HttpError},
};
use url::Url;

use crate::http_tools::{
    check::{Flaw, header_problem},
    keep::secret_problem,
};

/// Headers that belong to the protocol.
const OF_THE_PROTOCOL: &[&str] = &["accept", "content-type", "last-event-id"];

/// `secret`: the credential that it would have.
pub fn flaws(server: &McpServer, secret: Option<&Secret>, has_secret: bool, http: &dyn Http) -> Vec<Flaw> {
    let mut found = Vec::new();
    let mut add = |path: &str, problem: String| found.push(Flaw { path: path.to_owned(), problem });
    if !is_prefix(&server.name) {
        add("name", "must begin with a letter and hold letters, digits, `-` and single `_` only, at most 24".to_owned());
    }
    if server.title.chars().count() > 120 || server.title.chars().any(char::is_control) {
        add("title", "must be one line of at most 120 characters".to_owned());
    }
    if let Some(problem) = address_problem(&server.url, http) {
        add("url", problem);
    }
    match &server.auth {
        McpAuth::None => {
            if secret.is_some() {
                add("secret", "there is nothing to prove with it: choose how in `auth`".to_owned());
            }
            return found;
        }
        McpAuth::Bearer {} => {}
        McpAuth::Header { header } => {
            let header = header.to_ascii_lowercase();
            if let Some(problem) = header_problem(&header) {
                add("auth.header", problem);
            } else if OF_THE_PROTOCOL.contains(&header.as_str()) || header.starts_with("mcp-") {
                add("auth.header", format!("`{header}` belongs to the protocol"));
            }
        }
        McpAuth::ClientCredentials(credentials) => {
            for flaw in credential_flaws(credentials, http) {
                add(&format!("auth.{}", flaw.path), flaw.problem);
            }
        }
        McpAuth::AuthorizationCode(consent) => {
            let is_line = |text: &str, most: usize| text.len() <= most && !text.chars().any(char::is_control);
            if !is_line(&consent.client_id, 2_000) {
                add("auth.client_id", "must be one line of at most 2000 characters".to_owned());
            }
            if !is_line(&consent.scope, 1_000) {
                add("auth.scope", "must be one line of at most 1000 characters".to_owned());
            }
            if secret.is_some() && consent.client_id.is_empty() {
                add("secret", "belongs to a client id: enter that one, too".to_owned());
            }
        }
    }
    match secret {
        None if matches!(server.auth, McpAuth::AuthorizationCode(_)) => {}
        Some(secret) => {
            if let Some(problem) = secret_problem(secret) {
                add("secret", problem.to_owned());
            }
        }
        None if has_secret => {}
        None => add("secret", "is needed, and entered again when the server or the way of signing in changes".to_owned()),
    }
    found
}

pub fn credential_flaws(credentials: &ClientCredentials, http: &dyn Http) -> Vec<Flaw> {
    let mut found = Vec::new();
    let mut add = |path: &str, problem: String| found.push(Flaw { path: path.to_owned(), problem });
    if let Some(problem) = address_problem(&credentials.token_url, http) {
        add("token_url", problem);
    }
    let is_line = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
    if credentials.client_id.is_empty() || !is_line(&credentials.client_id, 500) {
        add("client_id", "must be 1 to 500 characters".to_owned());
    }
    if !is_line(&credentials.scope, 1_000) {
        add("scope", "must be one line of at most 1000 characters".to_owned());
    }
    if !is_line(&credentials.resource, 2_000) {
        add("resource", "must be one line of at most 2000 characters".to_owned());
    }
    found
}

/// An address without any place in it.
fn address_problem(text: &str, http: &dyn Http) -> Option<String> {
    if text.len() > 2_000 || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Some("must be at most 2000 characters without spaces".to_owned());
    }
    if text.contains(['#', '{', '}']) {
        return Some("may hold neither a fragment (#…) nor braces".to_owned());
    }
    let is_web = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some());
    if !is_web {
        return Some("is not a URL like https://mcp.example.com/mcp".to_owned());
    }
    match http.admits_guest(text) {
        Err(HttpError::Refused(why)) => Some(format!("may not be called: {why}")),
        _ => None,
    }
}

fn origin(url: &str) -> Option<String> {
    Url::parse(url).map(|url| url.origin().ascii_serialization()).ok()
}

/// It is another server, whatever its name: what people said of its tools was said of the old one.
pub fn is_another(before: &McpServer, after: &McpServer) -> bool {
    origin(&before.url) != origin(&after.url)
}

/// A credential goes where it was entered for: does it have to be entered again?
pub fn goes_elsewhere(before: &McpServer, after: &McpServer) -> bool {
    let token_origin = |auth: &McpAuth| match auth {
        McpAuth::ClientCredentials(credentials) => origin(&credentials.token_url),
        _ => None,
    };
    // A client's secret is that client's.
    let client = |auth: &McpAuth| match auth {
        McpAuth::AuthorizationCode(consent) => Some(consent.client_id.clone()),
        _ => None,
    };
    let kind = |auth: &McpAuth| std::mem::discriminant(auth);
    is_another(before, after)
        || kind(&before.auth) != kind(&after.auth)
        || token_origin(&before.auth) != token_origin(&after.auth)
        || client(&before.auth) != client(&after.auth)
}
