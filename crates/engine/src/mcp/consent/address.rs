//! Addresses that strangers name: whether they are safe, whether they fit the server, and what people are shown of them.

use url::Url;

/// What a question for consent says itself. An address that says it already could say something else.
const OURS: [&str; 12] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "state",
    "nonce",
    "scope",
    "resource",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// Whether codes and tokens may go there: by https, or where the operator opened the origin.
pub(super) fn is_safe(url: &Url, opened: bool) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => opened,
        _ => false,
    }
}

/// What of a question an address says already.
pub(super) fn forestalls(url: &Url) -> Option<&'static str> {
    OURS.into_iter().find(|ours| url.query_pairs().any(|(name, _)| name == *ours))
}

/// Whether two texts name the same who gives access.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// `/.well-known/<name>` with the path behind it, then without.
pub(super) fn beside(url: &Url, name: &str) -> Vec<String> {
    let origin = url.origin().ascii_serialization();
    let root = format!("{origin}/.well-known/{name}");
    match url.path().trim_end_matches('/') {
        "" => vec![root],
        path => vec![format!("{root}{path}"), root],
    }
}

/// Whether what is called so is this server, or the part of its site that holds it.
pub(super) fn covers(resource: &str, server: &Url) -> bool {
    let Ok(resource) = Url::parse(resource) else { return false };
    let (outer, inner) = (resource.path().trim_end_matches('/'), server.path().trim_end_matches('/'));
    let within = inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let same = resource.query().is_none() || resource.query() == server.query();
    resource.origin() == server.origin() && resource.origin().is_tuple() && resource.fragment().is_none() && within && same
}

/// What of an address people are shown.
pub(super) fn host(address: &str) -> String {
    let host = Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.map_or_else(|| "unreadable".to_owned(), |host| host.chars().take(100).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_tokens_go_by_https_or_where_the_operator_opened() {
        for (address, opened, safe) in [
            ("https://mcp.example/mcp", false, true),
            ("https://mcp.example/mcp", true, true),
            ("HTTPS://mcp.example/mcp", false, true),
            ("http://mcp.example/mcp", false, false),
            ("http://mcp.example/mcp", true, true),
            ("http://127.0.0.1:9000/", false, false),
            ("http://127.0.0.1:9000/", true, true),
            ("http://localhost/", false, false),
            ("ftp://mcp.example/", true, false),
            ("wss://mcp.example/", true, false),
            ("javascript:alert(1)", true, false),
            ("file:///etc/passwd", true, false),
        ] {
            assert_eq!(is_safe(&Url::parse(address).unwrap(), opened), safe, "{address} {opened}");
        }
    }

    #[test]
    fn an_address_does_not_say_what_the_question_says() {
        let of = |query: &str| forestalls(&Url::parse(&format!("https://login.example/authorize{query}")).unwrap());
        for fine in ["", "?", "?audience=mcp", "?tenant=1&prompt=consent", "?my_client_id=1", "?a=client_id"] {
            assert_eq!(of(fine), None, "{fine}");
        }
        for ours in OURS {
            for query in [
                format!("?{ours}=x"),
                format!("?a=b&{ours}"),
                format!("?a=b&{}%{:02x}=", &ours[..ours.len() - 1], ours.as_bytes()[ours.len() - 1]),
            ] {
                assert_eq!(of(&query), Some(ours), "{query}");
            }
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
