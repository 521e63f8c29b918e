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

use super::{
    address::{beside, covers, forestalls, host, is_safe, is_same},
    challenge::Challenge,
};
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

/// Why somebody cannot be asked.
enum Not {
    /// They are who was named, and do not answer now: nobody else is asked instead.
    Now(String),
    Fit(String),
}

impl Not {
    fn words(self) -> String {
        let (Not::Now(why) | Not::Fit(why)) = self;
        why
    }
}

/// `used`: who gave access before is asked before others that the server names. `Err`: why there is no way, in words for people.
pub(super) async fn find(desk: &Desk, server: &str, used: Option<&str>) -> Result<Found, String> {
    let url = Url::parse(server).map_err(|_| "The address of the server cannot be read.".to_owned())?;
    let way = Way { desk, until: Instant::now() + LONGEST };
    if !is_safe(&url, desk.http.is_open(server)) {
        return Err("The server is not reached by https, so access is not asked for.".to_owned());
    }
    let challenge = way.knock(server).await?;
    let resource = way.resource(&url, challenge.metadata.as_deref()).await?;
    let mut issuers: Vec<&String> = resource.authorization_servers.iter().collect();
    issuers.sort_by_key(|issuer| !used.is_some_and(|used| is_same(used, issuer)));
    let mut problem = None;
    for issuer in issuers.into_iter().take(MOST_GIVERS) {
        match way.giver(issuer).await.and_then(|about| way.fit(about).map_err(Not::Fit)) {
            Ok((about, authorization_url)) => return Ok(found(&resource, challenge.scope, about, authorization_url)),
            Err(Not::Now(why)) => return Err(why),
            Err(Not::Fit(why)) => drop(problem.get_or_insert(why)),
        }
    }
    Err(problem.unwrap_or_else(|| "The server names nobody who gives access to it.".to_owned()))
}

fn found(resource: &Resource, challenged: Option<String>, about: About, authorization_url: Url) -> Found {
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
        resource: resource.resource.clone(),
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

/// How questions go out: in time, and to addresses that are safe.
struct Way<'d> {
    desk: &'d Desk,
    until: Instant,
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
            let Some(resource) = self.read::<Resource>(&place).await.map_err(Not::words)? else { continue };
            if !covers(&resource.resource, server) {
                return Err("The server describes itself as another one, so access is not asked for.".to_owned());
            }
            return Ok(resource);
        }
        Err("The server does not say who gives access to it (it has no protected resource metadata).".to_owned())
    }

    async fn giver(&self, issuer: &str) -> Result<About, Not> {
        let url = self.admits(issuer).map_err(Not::Fit)?;
        if url.query().is_some() {
            return Err(Not::Fit(unfit(issuer)));
        }
        let mut places = beside(&url, "oauth-authorization-server");
        places.truncate(1);
        places.extend(beside(&url, "openid-configuration").into_iter().take(1));
        if !url.path().trim_end_matches('/').is_empty() {
            places.push(format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')));
        }
        for place in places {
            let Some(about) = self.read::<About>(&place).await? else { continue };
            if !is_same(&about.issuer, issuer) {
                let why = format!("Who gives access ({}) calls itself otherwise, so it is not believed.", host(issuer));
                return Err(Not::Fit(why));
            }
            return Ok(about);
        }
        Err(Not::Fit(format!("Who gives access ({}) does not describe itself.", host(issuer))))
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
        let addresses = [Some(&about.token_endpoint), about.registration_endpoint.as_ref(), about.revocation_endpoint.as_ref()];
        for address in addresses.into_iter().flatten() {
            self.admits(address)?;
        }
        let url = self.admits(&about.authorization_endpoint)?;
        if let Some(name) = forestalls(&url) {
            return Err(format!("The address where access is asked for ({who}) holds `{name}` already, so it is not used."));
        }
        Ok((about, url))
    }

    /// An address that we, or a person's browser, may be sent to.
    fn admits(&self, address: &str) -> Result<Url, String> {
        let plain = address.len() <= 2_000 && !address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '#');
        let Some(url) = Url::parse(address).ok().filter(|url| plain && url.host_str().is_some()) else {
            return Err(unfit(address));
        };
        let unsafe_one = || format!("An address that is named ({}) is not safe (https).", host(address));
        if !is_safe(&url, true) {
            return Err(unsafe_one());
        }
        self.desk.http.admits_guest(address).map_err(|error| trouble(address, &error))?;
        if !is_safe(&url, self.desk.http.is_open(address)) {
            return Err(unsafe_one());
        }
        Ok(url)
    }

    /// `None`: there is nothing to read.
    async fn read<T: DeserializeOwned>(&self, place: &str) -> Result<Option<T>, Not> {
        let mut request = self.request(Method::Get, place);
        request.headers.push(("accept", "application/json".to_owned()));
        let answer = self.desk.http.send(request).await.map_err(|error| match &error {
            HttpError::Refused(_) | HttpError::TooLarge(_) => Not::Fit(trouble(place, &error)),
            _ => Not::Now(trouble(place, &error)),
        })?;
        match answer.status {
            200 => Ok(serde_json::from_slice(&answer.body).ok()),
            status @ (408 | 429 | 500..) => Err(Not::Now(format!("{} has a fault (status {status}): try again.", host(place)))),
            _ => Ok(None),
        }
    }

    fn request(&self, method: Method, url: &str) -> Request {
        let left = self.until.saturating_duration_since(Instant::now()).clamp(Duration::from_millis(1), LONGEST_WAIT);
        Request { guest: true, timeout: left, gap: left, max_bytes: LARGEST, ..Request::new(method, url) }
    }
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
