//! Pages that anyone may read: privacy, terms, how to have one's data deleted. Vendors ask for their addresses.

pub(crate) mod approval;
pub(crate) mod consent;
pub(crate) mod security;
mod texts;

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{Html, IntoResponse, Response},
};
use frontdesk_kernel::{language::Language, scope::Server, tenant::Tenant};
use frontdesk_store::{tenants, work};

use self::texts::Page;
use crate::Web;

pub(crate) async fn privacy(State(web): State<Web>, headers: HeaderMap) -> Response {
    show(&web, &headers, &texts::PRIVACY).await
}

pub(crate) async fn terms(State(web): State<Web>, headers: HeaderMap) -> Response {
    show(&web, &headers, &texts::TERMS).await
}

pub(crate) async fn data_deletion(State(web): State<Web>, headers: HeaderMap) -> Response {
    show(&web, &headers, &texts::DATA_DELETION).await
}

/// Where payers come back to. Whether it is paid only the vendor's report says.
pub(crate) async fn paid(State(web): State<Web>, headers: HeaderMap) -> Response {
    show(&web, &headers, &texts::PAID).await
}

async fn show(web: &Web, headers: &HeaderMap, page: &Page) -> Response {
    let all = web.desk.db.read(&Server, work!(tx => tenants::list(tx, &Server).await)).await.unwrap_or_default();
    // With several businesses the page speaks for whichever the reader wrote to.
    let only = if let [one] = &all[..] { Some(one) } else { None };
    let language = language(headers, only);
    let html = render(page, language, only);
    ([(header::CONTENT_LANGUAGE, tag(language)), (header::VARY, "accept-language")], Html(html)).into_response()
}

/// The reader's, else the business's.
fn language(headers: &HeaderMap, only: Option<&Tenant>) -> Language {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let first =
        wanted.split(',').map(|t| t.trim().get(..2).unwrap_or_default().to_ascii_lowercase()).find(|t| t == "es" || t == "en");
    match (first.as_deref(), only) {
        (Some("es"), _) => Language::Spanish,
        (Some(_), _) => Language::English,
        (None, Some(tenant)) => tenant.speaks(),
        (None, None) => Language::English,
    }
}

fn tag(language: Language) -> &'static str {
    match language {
        Language::Spanish => "es",
        Language::English => "en",
    }
}

fn render(page: &Page, language: Language, only: Option<&Tenant>) -> String {
    let text = page.text(language);
    let who = only.map_or_else(|| texts::THE_BUSINESS.text(language).title.to_owned(), |t| t.name.clone());
    let reach = only.and_then(|t| {
        let parts: Vec<&str> = [&t.profile.address, &t.profile.city, &t.profile.phone, &t.profile.email]
            .into_iter()
            .filter_map(|p| p.as_deref())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" · "))
    });
    let mut body = format!("<h1>{}</h1>", escape(text.title));
    for paragraph in text.paragraphs {
        let paragraph = escape(&paragraph.replace("{business}", &who));
        match paragraph.strip_prefix("# ") {
            Some(heading) => body.push_str(&format!("<h2>{heading}</h2>")),
            None => body.push_str(&format!("<p>{paragraph}</p>")),
        }
    }
    if let Some(reach) = reach {
        body.push_str(&format!("<address>{}<br>{}</address>", escape(&who), escape(&reach)));
    }
    let links = [("/privacy", &texts::PRIVACY), ("/terms", &texts::TERMS), ("/data-deletion", &texts::DATA_DELETION)];
    let links: Vec<String> =
        links.iter().map(|(path, page)| format!("<a href=\"{path}\">{}</a>", escape(page.text(language).title))).collect();
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/favicon.svg\"><title>{} · {}</title><style>{STYLE}</style></head><body><main>{body}</main><footer><nav>{}</nav></footer></body></html>",
        tag(language),
        escape(text.title),
        escape(&who),
        links.join(" · ")
    )
}

const STYLE: &str = ":root{color-scheme:light dark}body{font:1.05rem/1.6 system-ui,sans-serif;margin:0;padding:2rem 1.25rem;display:flex;\
flex-direction:column;align-items:center}main,footer{max-width:42rem;width:100%}h1{line-height:1.2}h2{font-size:1.15rem;margin-top:2rem}\
address{font-style:normal;margin-top:2rem}footer{margin-top:3rem;font-size:.95rem}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_speaks_the_reader_s_language() {
        let of = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            tag(language(&headers, None))
        };
        for (accept, expected) in [("es-CO,es;q=0.9", "es"), ("en-US", "en"), ("de,es;q=0.5", "es"), ("fr", "en"), ("", "en")] {
            assert_eq!(of(accept), expected, "{accept}");
        }
    }

    #[test]
    fn what_a_business_calls_itself_is_text_on_the_page() {
        assert_eq!(escape("<b>\"A&B\"</b>"), "&lt;b&gt;&quot;A&amp;B&quot;&lt;/b&gt;");
        for page in [&texts::PRIVACY, &texts::TERMS, &texts::DATA_DELETION] {
            for language in [Language::English, Language::Spanish] {
                let html = render(page, language, None);
                assert!(!html.contains("{business}") && html.contains("<h2>") && html.contains("/data-deletion"), "{html}");
            }
        }
    }
}
