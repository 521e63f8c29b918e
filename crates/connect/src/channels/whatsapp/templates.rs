//! Templates that Meta approved for the business account.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::{
        channel::{Account, Template},
        http::{Http, Method},
    },
};
use serde_json::Value;

use super::{graph::Graph, json, settings::BUSINESS_ACCOUNT};

/// Meta allows a business 6000 templates; nobody chooses among so many.
const MOST_PAGES: usize = 10;

pub(super) async fn list(http: &dyn Http, account: &Account) -> Result<Vec<Template>, ConnectorError> {
    let graph = Graph::open(http, account, "templates")?;
    let Some(business) = account.setting(BUSINESS_ACCOUNT).filter(|id| !id.is_empty()) else {
        let detail = "templates belong to the WhatsApp Business Account: give its ID in the settings of this channel";
        return Err(graph.error(ErrorKind::Rejected, Retry::Never, detail));
    };
    let mut found = Vec::new();
    let mut after = String::new();
    for _ in 0..MOST_PAGES {
        let rest = format!("/message_templates{after}");
        let answer = graph.ask(graph.request(Method::Get, business, &rest)?).await?;
        let items = json::list(&answer, "data");
        found.extend(items.iter().filter_map(template));
        let cursor = answer.pointer("/paging/cursors/after").and_then(Value::as_str).filter(|c| is_cursor(c));
        match cursor {
            Some(cursor) if answer.pointer("/paging/next").is_some() => after = format!("?after={cursor}"),
            _ => break,
        }
    }
    found.sort_by(|a, b| (&a.name, &a.language).cmp(&(&b.name, &b.language)));
    Ok(found)
}

/// It goes back into an address, so it may hold nothing but its own alphabet.
fn is_cursor(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// `None`: it is not approved, or has no body.
fn template(value: &Value) -> Option<Template> {
    if value.get("status").is_some_and(|status| status != "APPROVED") {
        return None;
    }
    let mut template = Template {
        name: json::id(value, "name")?,
        language: json::id(value, "language")?,
        category: json::id(value, "category").unwrap_or_default(),
        header: None,
        body: String::new(),
        footer: None,
        buttons: Vec::new(),
        needs_more: None,
    };
    for component in json::list(value, "components") {
        let word = |key: &str| component.get(key).and_then(Value::as_str).unwrap_or_default().to_ascii_uppercase();
        match word("type").as_str() {
            "HEADER" if word("format") == "TEXT" => template.header = json::text(component, "text"),
            "HEADER" => template.needs_more = Some("a file or a place in its header"),
            "BODY" => template.body = json::text(component, "text").unwrap_or_default(),
            "FOOTER" => template.footer = json::text(component, "text"),
            "BUTTONS" => buttons(component, &mut template),
            _ => template.needs_more = Some("parts that can be sent through the API only"),
        }
    }
    (!template.body.is_empty()).then_some(template)
}

fn buttons(component: &Value, template: &mut Template) {
    for button in json::list(component, "buttons") {
        template.buttons.extend(json::text(button, "text"));
        let kind = button.get("type").and_then(Value::as_str).unwrap_or_default();
        let open = button.get("url").and_then(Value::as_str).is_some_and(|url| url.contains("{{"));
        // These have nothing to fill in; a code to copy, a product or a flow has.
        let plain = ["QUICK_REPLY", "URL", "PHONE_NUMBER"].iter().any(|k| kind.eq_ignore_ascii_case(k));
        if open || !plain {
            template.needs_more = Some("something to fill in for its buttons");
        }
    }
}
