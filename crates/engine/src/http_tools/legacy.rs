//! Tools that came by the predecessor's routes keep its executor's rules and texts.

use frontdesk_kernel::{
    http_tool::{Encoding, HttpTool, LegacyTool},
    ports::http::{HttpError, Method, Response},
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    answer::{Told, cut, outcome, text},
    schema,
    template::{Ours, Piece, Prepared, Unfit, as_text, pieces, spread},
};

const NO_URL: &str = "Error: API URL is not defined in tool configuration.";

/// What of an answer the model reads.
const LIMIT: usize = 32_000;

/// What a model gave, as the executor takes it: an object, or a text that is one, or the one text that is wanted.
pub(super) fn input(tool: &HttpTool, form: &LegacyTool, given: &Value) -> Result<Value, String> {
    if url_of(form).is_none() {
        return Err(NO_URL.to_owned());
    }
    let Value::String(text) = given else { return Ok(given.clone()) };
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return Ok(value);
    }
    let schema = schema::normalise(&form.parameters).unwrap_or_else(|_| json!({}));
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    if properties.len() <= 1 {
        return Ok(given.clone());
    }
    let wanted: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    match wanted[..] {
        [only] if properties.get(only).is_some_and(|p| p["type"] == "string") => Ok(json!({ only: text })),
        _ => Err(format!("Error: Input '{text}' for tool '{}' is not valid JSON for the expected parameters.", tool.name)),
    }
}

pub(super) fn prepare(tool: &HttpTool, form: &LegacyTool, input: &Value, ours: &dyn Ours) -> Result<Prepared, Unfit> {
    let url = url_of(form).ok_or_else(|| Unfit::Arguments(NO_URL.to_owned()))?;
    let unexpected = |problem: &dyn std::fmt::Display| {
        Unfit::Arguments(format!("Error: An unexpected error occurred during the API call. {problem}"))
    };
    let mut url = Url::parse(url).map_err(|e| unexpected(&e))?;
    let method = method_of(form).ok_or_else(|| unexpected(&"The method is not one of GET, POST, PUT, PATCH, DELETE."))?;
    let schema = schema::normalise(&form.parameters).unwrap_or_else(|_| json!({}));
    let properties: Vec<&String> = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
    let mut body = None;
    match (method, input) {
        (Method::Get, Value::Object(map)) => {
            let mut query = Vec::new();
            map.iter().for_each(|(name, value)| spread(name, value, &mut query));
            if !query.is_empty() {
                url.query_pairs_mut().extend_pairs(query);
            }
        }
        (Method::Get, scalar) => {
            if let [only] = properties[..] {
                url.query_pairs_mut().append_pair(only, &as_text(scalar));
            }
        }
        (Method::Post | Method::Put | Method::Patch, Value::Object(_)) => body = Some(input.to_string()),
        (Method::Post | Method::Put | Method::Patch, Value::String(text))
            if form.parameters["type"] == "object" || !properties.is_empty() =>
        {
            let problem = format!("Error: Tool '{}' expects a JSON object, but received a plain string: {text}", tool.name);
            return Err(Unfit::Arguments(problem));
        }
        (Method::Post | Method::Put | Method::Patch, other) => body = Some(json!({ "value": other }).to_string()),
        (Method::Delete, _) => {}
    }
    let mut headers = Vec::new();
    for (name, value) in form.api_config["headers"].as_object().into_iter().flatten() {
        headers.push((name.clone(), filled(&as_text(value), ours)?));
    }
    Ok(Prepared { method, url: url.into(), headers, body: body.map(|text| (Encoding::Json, text)) })
}

/// Only our own places for sealed values are filled; everything else is text.
fn filled(text: &str, ours: &dyn Ours) -> Result<String, Unfit> {
    match pieces(text)[..] {
        [Piece::Ours(name)] if name.starts_with("secret.") => {
            ours.value(name).ok_or_else(|| Unfit::Setup(format!("{name} is not set")))
        }
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn url_of(form: &LegacyTool) -> Option<&str> {
    form.api_config["url"].as_str().filter(|url| !url.trim().is_empty())
}

pub(super) fn method_of(form: &LegacyTool) -> Option<Method> {
    form.api_config["method"].as_str().map_or(Some(Method::Get), Method::parse)
}

/// The executor's texts.
pub(super) fn tell(url: &str, answered: &Result<Response, HttpError>) -> Told {
    let content = match answered {
        Ok(response) => {
            let text = text(response);
            let json = serde_json::from_str::<Value>(&text).ok().map(|value| value.to_string());
            match response.status {
                200..=299 => cut(&json.unwrap_or(text), LIMIT),
                status => {
                    let details = json.unwrap_or_else(|| text.chars().take(200).collect());
                    let details = cut(&details, LIMIT);
                    format!("Error: API request to {url} failed with status {status}. Details: {details}")
                }
            }
        }
        Err(HttpError::NotSent(_) | HttpError::NoName(_) | HttpError::Untrusted(_)) => {
            format!("Error: Could not connect to API at {url}. Details: the connection was not established.")
        }
        Err(HttpError::Timeout(_)) => format!("Error: Could not connect to API at {url}. Details: no answer in time."),
        Err(HttpError::Broken(_)) => format!("Error: Could not connect to API at {url}. Details: the connection broke."),
        Err(HttpError::Refused(_)) => {
            "Error: An unexpected error occurred during the API call. The address may not be called.".into()
        }
        Err(HttpError::TooLarge(_)) => "Error: An unexpected error occurred during the API call. The answer is too large.".into(),
    };
    Told { outcome: outcome(answered), content }
}
