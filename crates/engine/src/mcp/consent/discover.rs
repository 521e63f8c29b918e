//! Who gives access to a server of tools, as the server (RFC 9728) and then the giver (RFC 8414, OpenID discovery) say. Every address that
//! they name is a stranger's word: it is held against what is known, and against where we may go.

use std::time::{Duration, Instant};

use bytes::Bytes;
use frontdesk_kernel::{
    oauth::{ClientLogin, Giver},
    ports::http::{Body, HttpError, Method, Request, Streaming},
};
use serde::{Deserialize, de::DeserializeOwned};
use url::Url;

use crate::Desk;

/// For everything together, and for one question.
const LONGEST: Duration = Duration::from_secs(20);
const LONGEST_WAIT: Duration = Duration::from_secs(5);
const LARGEST: usize = 256 << 10;
/// Of those that a server names.
const MOST_GIVERS: usize = 3;
/// A question that begins no session.
const KNOCK: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

/// What was found out.
pub(super) struct Found {
    /// What the server is called where access is given.
    pub(super) resource: String,
    /// What it says is needed.
    pub(super) scope: String,
    pub(super) giver: Giver,
    pub(super) authorization_url: Url,
    pub(super) registration_url: Option<String>,
    /// How a client with a secret logs in.
    pub(super) login: ClientLogin,
    /// Clients without a secret are served.
    pub(super) takes_public: bool,
    /// A client may be named by the address of its description.
    pub(super) reads_clients: bool,
    /// It names itself in its answers (RFC 9207).
    pub(super) names_itself: bool,
}

/// What a server says of itself as something that access is given to.
#[derive(Deserialize)]
struct Resource {
    resource: String,
    #[serde(default)]
    authorization_servers: Vec<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

/// What whoever gives access says of themselves.
#[derive(Deserialize)]
struct About {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    scopes_supported: Option<Vec<String>>,
    response_types_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    client_id_metadata_document_supported: bool,
}

/// `Err`: why there is no way, in words for people.
pub(super) async fn find(desk: &Desk, server: &str) -> Result<Found, String> {
    let url = Url::parse(server).map_err(|_| "The address of the server cannot be read.".to_owned())?;
    let way = Way { desk, until: Instant::now() + LONGEST, secure: url.scheme() == "https" };
    let challenge = way.knock(server).await?;
    let resource = way.resource(&url, challenge.metadata.as_deref()).await?;
    let mut problem = "The server names nobody who gives access to it.".to_owned();
    for (n, issuer) in resource.authorization_servers.iter().take(MOST_GIVERS).enumerate() {
        match way.giver(issuer).await.and_then(|about| way.fit(about)) {
            Ok((about, authorization_url)) => return Ok(found(resource, challenge.scope, about, authorization_url)),
            Err(why) if n == 0 => problem = why,
            Err(_) => {}
        }
    }
    Err(problem)
}

fn found(resource: Resource, challenged: Option<String>, about: About, authorization_url: Url) -> Found {
    let mut scope = challenged.unwrap_or_else(|| resource.scopes_supported.join(" "));
    if !scope.is_empty()
        && about.scopes_supported.iter().flatten().any(|s| s == OFFLINE)
        && !scope.split(' ').any(|s| s == OFFLINE)
    {
        scope = format!("{scope} {OFFLINE}");
    }
    let logins = about.token_endpoint_auth_methods_supported;
    let takes = |method: &str| logins.as_ref().is_some_and(|all| all.iter().any(|m| m == method));
    // Without a word about it, Basic is what is taken (RFC 8414).
    let basic = logins.is_none() || takes("client_secret_basic");
    Found {
        resource: resource.resource,
        scope,
        authorization_url,
        registration_url: about.registration_endpoint,
        login: if basic || !takes("client_secret_post") { ClientLogin::Basic } else { ClientLogin::Form },
        takes_public: takes("none") && !takes("client_secret_basic") && !takes("client_secret_post"),
        reads_clients: about.client_id_metadata_document_supported,
        names_itself: about.authorization_response_iss_parameter_supported,
        giver: Giver { issuer: about.issuer, token_url: about.token_endpoint, revocation_url: about.revocation_endpoint },
    }
}

/// What has to be asked for where access shall outlive a person's visit.
const OFFLINE: &str = "offline_access";

/// How questions go out: in time, and never from a safe connection to one that is not.
struct Way<'d> {
    desk: &'d Desk,
    until: Instant,
    secure: bool,
}

impl Way<'_> {
    /// The server, asked without any token.
    async fn knock(&self, server: &str) -> Result<Challenge, String> {
        let mut request = self.request(Method::Post, server);
        request.headers.push(("accept", "application/json, text/event-stream".to_owned()));
        request.body = Body::Json(Bytes::from_static(KNOCK.as_bytes()));
        let Streaming { headers, .. } = self.desk.http.stream(request).await.map_err(|error| trouble(server, &error))?;
        Ok(Challenge::of(headers.iter().filter(|(name, _)| name == "www-authenticate").map(|(_, value)| value.as_str())))
    }

    /// Where the server said, else where such descriptions are by rule.
    async fn resource(&self, server: &Url, named: Option<&str>) -> Result<Resource, String> {
        let places = match named {
            Some(place) => vec![place.to_owned()],
            None => beside(server, "oauth-protected-resource"),
        };
        for place in places {
            self.admits(&place)?;
            let Some(resource) = self.read::<Resource>(&place).await? else { continue };
            if !covers(&resource.resource, server) {
                return Err("The server describes itself as another one, so access is not asked for.".to_owned());
            }
            return Ok(resource);
        }
        Err("The server does not say who gives access to it (it has no protected resource metadata).".to_owned())
    }

    async fn giver(&self, issuer: &str) -> Result<About, String> {
        self.admits(issuer)?;
        let url = Url::parse(issuer).map_err(|_| unfit(issuer))?;
        if url.query().is_some() {
            return Err(unfit(issuer));
        }
        let mut places = beside(&url, "oauth-authorization-server");
        places.truncate(1);
        places.extend(beside(&url, "openid-configuration").into_iter().take(1));
        if !url.path().trim_end_matches('/').is_empty() {
            places.push(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')));
        }
        for place in places {
            let Some(about) = self.read::<About>(&place).await? else { continue };
            if about.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
                return Err(format!("Who gives access ({}) calls itself otherwise, so it is not believed.", host(issuer)));
            }
            return Ok(about);
        }
        Err(format!("Who gives access ({}) does not describe itself.", host(issuer)))
    }

    /// Whether it can do what is needed, at addresses that we may use.
    fn fit(&self, about: About) -> Result<(About, Url), String> {
        let who = host(&about.issuer);
        let lacks = |list: &Option<Vec<String>>, what: &str| list.as_ref().is_some_and(|all| !all.iter().any(|x| x == what));
        if about.code_challenge_methods_supported.is_none() || lacks(&about.code_challenge_methods_supported, "S256") {
            return Err(format!(
                "Who gives access ({who}) does not protect its codes (PKCE with S256), so access is not asked for."
            ));
        }
        if lacks(&about.response_types_supported, "code") || lacks(&about.grant_types_supported, "authorization_code") {
            return Err(format!("Who gives access ({who}) does not give it by a person's consent (authorization code)."));
        }
        let addresses = [
            Some(&about.authorization_endpoint),
            Some(&about.token_endpoint),
            about.registration_endpoint.as_ref(),
            about.revocation_endpoint.as_ref(),
        ];
        for address in addresses.into_iter().flatten() {
            self.admits(address)?;
        }
        let url = Url::parse(&about.authorization_endpoint).map_err(|_| unfit(&about.authorization_endpoint))?;
        Ok((about, url))
    }

    /// An address that we, or a person's browser, may be sent to.
    fn admits(&self, address: &str) -> Result<(), String> {
        let plain = address.len() <= 2_000 && !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '#');
        let Some(url) = Url::parse(address).ok().filter(|url| plain && url.host_str().is_some()) else {
            return Err(unfit(address));
        };
        match url.scheme() {
            "https" => {}
            "http" if !self.secure => {}
            _ => return Err(format!("An address that is named ({}) is not safe (https).", host(address))),
        }
        self.desk.http.admits_guest(address).map_err(|error| trouble(address, &error))
    }

    /// `None`: there is nothing to read.
    async fn read<T: DeserializeOwned>(&self, place: &str) -> Result<Option<T>, String> {
        let mut request = self.request(Method::Get, place);
        request.headers.push(("accept", "application/json".to_owned()));
        let answer = self.desk.http.send(request).await.map_err(|error| trouble(place, &error))?;
        Ok(if answer.status == 200 { serde_json::from_slice(&answer.body).ok() } else { None })
    }

    fn request(&self, method: Method, url: &str) -> Request {
        let left = self.until.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(1), LONGEST_WAIT);
        Request { guest: true, timeout: left, gap: left, max_bytes: LARGEST, ..Request::new(method, url) }
    }
}

/// `/.well-known/<name>` with the path behind it, then without.
fn beside(url: &Url, name: &str) -> Vec<String> {
    let origin = url.origin().ascii_serialization();
    let root = format!("{origin}/.well-known/{name}");
    match url.path().trim_end_matches('/') {
        "" => vec![root],
        path => vec![format!("{root}{path}"), root],
    }
}

/// Whether what is called so is this server, or the part of its site that holds it.
fn covers(resource: &str, server: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else { return false };
    let (outer, inner) = (resource.path().trim_end_matches('/'), server.path().trim_end_matches('/'));
    let within = inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let same = resource.query().is_none() || resource.query() == server.query();
    resource.origin() == server.origin() && resource.origin().is_tuple() && resource.fragment().is_none() && within && same
}

fn trouble(address: &str, error: &HttpError) -> String {
    match error {
        HttpError::Refused(why) => format!("An address that is named ({}) may not be called: {why}.", host(address)),
        HttpError::Timeout(_) => format!("No answer in time from {}.", host(address)),
        HttpError::TooLarge(_) => format!("The answer of {} is too large.", host(address)),
        _ => format!("{} cannot be reached.", host(address)),
    }
}

fn unfit(address: &str) -> String {
    format!("An address that is named ({}) cannot be used.", host(address))
}

/// What of an address people are shown.
fn host(address: &str) -> String {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.map_or_else(|| "unreadable".to_owned(), |host| host.chars().take(100).collect())
}

/// What a refusal says about how to do better (RFC 9110, 6750, 9728).
#[derive(Debug, Default, PartialEq)]
struct Challenge {
    metadata: Option<String>,
    scope: Option<String>,
}

impl Challenge {
    fn of<'h>(headers: impl Iterator<Item = &'h str>) -> Challenge {
        let mut found = Challenge::default();
        for header in headers {
            let mut rest = header;
            while let Some((name, value, after)) = parameter(rest) {
                rest = after;
                match name.to_ascii_lowercase().as_str() {
                    "resource_metadata" if found.metadata.is_none() => found.metadata = Some(value),
                    "scope" if found.scope.is_none() && is_scope(&value) => found.scope = Some(value),
                    _ => {}
                }
            }
        }
        found
    }
}

fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 1_000
        && text.bytes().all(|b| b == b' ' || (b.is_ascii_graphic() && b != b'"' && b != b'\\'))
}

/// The next `name=value` or `name="value"`; what is in between are names of schemes.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let equals = text.find('=')?;
    let before = text[..equals].trim_end();
    let name = &before[before.rfind([' ', ',', '\t']).map_or(0, |at| at + 1)..];
    let rest = text[equals + 1..].trim_start();
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
        return Some((name, rest[..end].to_owned(), &rest[end..]));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Some((name, value, &quoted[at + 1..])),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_with_quotes_commas_and_several_schemes() {
        let read = |text: &str| {
            let found = Challenge::of([text].into_iter());
            (found.metadata.unwrap_or_default(), found.scope.unwrap_or_default())
        };
        for (text, metadata, scope) in [
            ("Bearer", "", ""),
            ("", "", ""),
            (r#"Bearer resource_metadata="https://a.example/x""#, "https://a.example/x", ""),
            (
                r#"Bearer realm="a, b=c", Resource_Metadata = "https://a.example/x?y=1,2", scope="a b""#,
                "https://a.example/x?y=1,2",
                "a b",
            ),
            (r#"Basic realm="x", Bearer scope=read, resource_metadata=https://a.example/x"#, "https://a.example/x", "read"),
            (r#"Bearer realm="say \"hi\"", scope="a""#, "", "a"),
            (r#"Bearer scope="a\"b""#, "", ""),
            (r#"Negotiate abc==, Bearer scope="b""#, "", "b"),
            (r#"Bearer scope="never closed"#, "", ""),
            (r#"Bearer scope="one", scope="two""#, "", "one"),
        ] {
            assert_eq!(read(text), (metadata.to_owned(), scope.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_description_is_of_this_server_or_of_what_holds_it() {
        let server = Url::parse("https://mcp.example/a/mcp").unwrap();
        for (resource, fits) in [
            ("https://mcp.example/a/mcp", true),
            ("https://MCP.example/a/mcp/", true),
            ("https://mcp.example/a", true),
            ("https://mcp.example", true),
            ("https://mcp.example:443/", true),
            ("https://mcp.example/a/mc", false),
            ("https://mcp.example/a/mcp/b", false),
            ("https://mcp.example/b", false),
            ("https://mcp.example:8443/a/mcp", false),
            ("http://mcp.example/a/mcp", false),
            ("https://evil.example/a/mcp", false),
            ("https://mcp.example/a/mcp#x", false),
            ("https://mcp.example/a/mcp?x=1", false),
            ("urn:x", false),
            ("", false),
        ] {
            assert_eq!(covers(resource, &server), fits, "{resource}");
        }
    }

    #[test]
    fn descriptions_are_beside_the_path_then_at_the_root() {
        let of = |text: &str| beside(&Url::parse(text).unwrap(), "x");
        assert_eq!(of("https://a.example/b/c"), ["https://a.example/.well-known/x/b/c", "https://a.example/.well-known/x"]);
        assert_eq!(of("https://a.example/"), ["https://a.example/.well-known/x"]);
    }
}
