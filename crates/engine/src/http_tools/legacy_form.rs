//! The predecessor's form of a tool, read and written: what it said stays as it said it, but credentials in headers are sealed.

use frontdesk_kernel::{
    Secret,
    http_tool::{
        AnswerRule, Encoding, Field, HttpTool, HttpToolSpec, LONGEST_WAIT_MS, LegacyTool, RequestTemplate, Rest, ToolAuth,
        ToolEffect,
    },
    ids::ToolId,
    ports::http::Method,
};
use serde_json::{Map, Value, json};

use super::{
    draft::names_a_secret,
    host_of, legacy, schema,
    template::{Piece, as_text, pieces},
};

/// What is shown instead of a credential; sent back, it keeps the one that is there.
pub const HIDDEN: &str = "********";

/// A secret of a tool's own.
pub struct Sealing {
    pub name: String,
    pub host: String,
    pub text: Secret,
}

/// The configuration with its credentials taken out, and these. `before`: the one it replaces.
pub fn without_credentials(id: &ToolId, api_config: &Value, before: Option<&Value>) -> (Value, Vec<Sealing>) {
    let mut kept = api_config.clone();
    let mut sealings = Vec::new();
    let host = api_config["url"].as_str().and_then(host_of).unwrap_or_default();
    let Some(headers) = kept.get_mut("headers").and_then(Value::as_object_mut) else { return (kept, sealings) };
    for (header, value) in headers.iter_mut() {
        let text = as_text(value);
        if text == HIDDEN {
            if let Some(there) = before.map(|b| &b["headers"][header.as_str()]).filter(|v| !v.is_null()) {
                *value = there.clone();
            }
        } else if names_a_secret(header) && !text.is_empty() {
            let name = secret_name(id, header);
            *value = format!("{{{{secret.{name}}}}}").into();
            sealings.push(Sealing { name, host: host.clone(), text: Secret::new(text) });
        }
    }
    (kept, sealings)
}

/// `LEGACY_…`: no person's secret is called so.
fn secret_name(id: &ToolId, header: &str) -> String {
    let id: String = id.as_str().chars().rev().take(12).filter(char::is_ascii_alphanumeric).collect();
    let header: String =
        header.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    format!("LEGACY_{}_{header}", id.to_ascii_uppercase())
}

/// A tool of this form. `Err`: why its parameters cannot be shown to a model.
pub fn spec(description: &str, parameters: &Value, api_config: &Value) -> Result<HttpToolSpec, String> {
    let normal = schema::normalise(parameters)?;
    schema::compile(&normal)?;
    let form = LegacyTool { parameters: parameters.clone(), api_config: api_config.clone() };
    let method = legacy::method_of(&form).unwrap_or(Method::Get);
    let headers = api_config["headers"].as_object().into_iter().flatten();
    let request = RequestTemplate {
        method,
        url: legacy::url_of(&form).unwrap_or_default().to_owned(),
        query: Vec::new(),
        headers: headers.map(|(name, value)| Field { name: name.clone(), value: as_text(value) }).collect(),
        auth: ToolAuth::None,
        rest: if matches!(method, Method::Get | Method::Delete) { Rest::Query } else { Rest::Body },
        body: None,
        encoding: Encoding::Json,
        timeout_ms: LONGEST_WAIT_MS,
    };
    Ok(HttpToolSpec {
        title: String::new(),
        description: description.to_owned(),
        parameters: normal,
        request,
        answer: AnswerRule { pointer: String::new(), max_chars: 32_000 },
        effect: if method == Method::Get { ToolEffect::Reads } else { ToolEffect::Writes },
        idempotent: false,
        proves: None,
        level: None,
        category: None,
        amount: None,
        example: None,
        legacy: Some(form),
    })
}

/// Parameters and configuration as the predecessor's routes show them, credentials hidden.
pub fn shown(tool: &HttpTool) -> (Value, Value) {
    if let Some(form) = &tool.spec.legacy {
        let mut config = form.api_config.clone();
        if let Some(headers) = config.get_mut("headers").and_then(Value::as_object_mut) {
            headers.values_mut().filter(|value| is_secret(value)).for_each(|value| *value = HIDDEN.into());
        }
        return (form.parameters.clone(), config);
    }
    let r = &tool.spec.request;
    let headers: Map<String, Value> = r
        .headers
        .iter()
        .map(|f| {
            let value = Value::String(f.value.clone());
            (f.name.clone(), if is_secret(&value) { HIDDEN.into() } else { value })
        })
        .collect();
    (tool.spec.parameters.clone(), json!({ "url": r.url, "method": r.method.as_str(), "headers": headers }))
}

fn is_secret(value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    pieces(text).iter().any(|piece| matches!(piece, Piece::Ours(name) if name.starts_with("secret.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_taken_out_hidden_and_kept() {
        let id = ToolId::parse("tol_0123456789abcdef").unwrap();
        let given = json!({"url": "https://x.example/a", "method": "POST", "headers": {"X-API-Key": "s3cret", "Accept": "a/b"}, "more": 1});
        let (kept, sealings) = without_credentials(&id, &given, None);
        assert_eq!(sealings.len(), 1);
        assert_eq!((sealings[0].host.as_str(), sealings[0].text.reveal()), ("x.example", "s3cret"));
        assert!(!kept.to_string().contains("s3cret") && kept["more"] == 1 && kept["headers"]["Accept"] == "a/b");
        let spec = spec("d", &json!({"city": {"type": "string"}}), &kept).unwrap();
        assert_eq!(super::super::secrets_of(&spec), [sealings[0].name.clone()]);
        let tool = HttpTool {
            id: id.clone(),
            number: 1,
            name: "x".into(),
            enabled: true,
            version: 1,
            spec,
            probe: None,
            created_at: frontdesk_kernel::Timestamp(0),
            updated_at: frontdesk_kernel::Timestamp(0),
        };
        let (parameters, config) = shown(&tool);
        assert_eq!(parameters, json!({"city": {"type": "string"}}));
        assert_eq!(config["headers"], json!({"X-API-Key": HIDDEN, "Accept": "a/b"}));
        let (again, none) = without_credentials(&id, &config, Some(&kept));
        assert_eq!((again, none.len()), (kept, 0), "what was hidden stays");
    }
}
