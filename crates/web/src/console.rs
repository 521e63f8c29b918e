//! The console's files, from memory: compressed when the program was built, named by their contents.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};

use crate::Web;

/// A file of the console as it was built.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    /// Without a leading slash, such as `assets/index-4f2a.js`.
    pub path: &'static str,
    pub mime: &'static str,
    pub gzip: &'static [u8],
    /// Of the contents, quoted as an `ETag` is.
    pub tag: &'static str,
}

/// Only our own scripts, no inline ones, nothing from anywhere else.
pub(crate) const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
    media-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Any path that no other route has: a file, or the page that finds its own way.
pub(crate) async fn show(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if let Some(asset) = find(&web, path) {
        return file(asset, &headers);
    }
    // A missing file is missing; a page's address is the console's business.
    let is_file = path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    if is_file || path.starts_with("api/") {
        return crate::nothing_here().into_response();
    }
    match find(&web, "index.html") {
        Some(page) => file(page, &headers),
        None => Html(NOT_BUILT).into_response(),
    }
}

/// One page by its name.
pub(crate) fn page(web: &Web, path: &str, headers: &HeaderMap) -> Response {
    match find(web, path) {
        Some(asset) => file(asset, headers),
        None => Html(NOT_BUILT).into_response(),
    }
}

/// One file by its name; `None` when it was not built.
pub(crate) fn asset(web: &Web, path: &str, headers: &HeaderMap) -> Option<Response> {
    find(web, path).map(|asset| file(asset, headers))
}

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>frontdesk</title>\
    <h1>frontdesk is running</h1><p>This program was built without its console. Install Node.js 20.19, or 22.12 and newer, and build again \
    (<code>cargo build</code>): the console is built with it. The API works: <a href=\"/api/v1/openapi.json\">its description</a>.</p></html>";

fn find(web: &Web, path: &str) -> Option<&'static Asset> {
    let all: &'static [Asset] = web.console;
    all.binary_search_by_key(&path, |a| a.path).ok().map(|i| &all[i])
}

fn file(asset: &'static Asset, headers: &HeaderMap) -> Response {
    let forever = asset.path.starts_with("assets/");
    let caching = if forever { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [(header::ETAG, asset.tag), (header::CACHE_CONTROL, caching), (header::VARY, "accept-encoding")];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|seen| seen.as_bytes() == asset.tag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, common).into_response();
    }
    let takes_gzip = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("gzip"));
    let kind = [(header::CONTENT_TYPE, asset.mime)];
    if takes_gzip {
        return (common, kind, [(header::CONTENT_ENCODING, "gzip")], asset.gzip).into_response();
    }
    let mut plain = Vec::new();
    match std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(asset.gzip), &mut plain) {
        Ok(_) => (common, kind, plain).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use frontdesk_kernel::member::PERMISSIONS;
    use serde_json::Value;

    #[test]
    fn the_console_says_what_each_permission_allows_in_both_languages() {
        for language in ["en", "es"] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../console/src/pages/roles/{language}.json"));
            let texts: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            let may = texts["may"].as_object().unwrap();
            let said: usize = may.values().map(|verbs| verbs.as_object().unwrap().len()).sum();
            for permission in PERMISSIONS {
                let (noun, verb) = permission.name.split_once(':').unwrap();
                assert!(texts["may"][noun][verb].is_string(), "{language}: {} has no text", permission.name);
            }
            assert_eq!(said, PERMISSIONS.len(), "{language}: a text is for no permission");
        }
    }
}
