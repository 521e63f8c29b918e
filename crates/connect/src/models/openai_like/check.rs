//! Whether key and model work, without spending tokens.

use frontdesk_kernel::{
    ConnectorError, ErrorKind, Retry,
    ports::http::{Http, Method, Response},
};
use serde_json::Value;

use super::{
    errors, request,
    vendors::{Check, Vendor},
};
use crate::models::call::{Call, path_of};

/// A list of models can be long.
const MAX_LIST: usize = 8 << 20;

pub(super) async fn check(call: Call<'_>, vendor: &Vendor, http: &dyn Http, model: &str) -> Result<String, ConnectorError> {
    match vendor.check {
        Check::Paths(paths) => {
            for path in paths {
                get(call, vendor, http, &path.replace("{model}", &path_of(model))).await?;
            }
        }
        Check::List => {
            let answer = get(call, vendor, http, "models").await?;
            let list: Value =
                serde_json::from_slice(&answer.body).map_err(|e| call.unreadable("the list of models is not JSON", &e))?;
            // Together sends the list itself, all others `{"data": […]}`.
            let Some(list) = list.get("data").unwrap_or(&list).as_array() else {
                return Err(call.malformed("the answer holds no list of models"));
            };
            if !list.iter().filter_map(|entry| entry.get("id")?.as_str()).any(|id| names(id, model)) {
                return Err(call.error(ErrorKind::NotFound, Retry::Never, format!("the vendor has no model `{model}`")));
            }
        }
    }
    Ok(format!("{}: the model `{model}` is ready", vendor.name))
}

async fn get(call: Call<'_>, vendor: &Vendor, http: &dyn Http, path: &str) -> Result<Response, ConnectorError> {
    let mut out = request::to(call, vendor, Method::Get, path)?;
    out.max_bytes = MAX_LIST;
    let answer = http.send(out).await.map_err(|e| call.transport(e))?;
    match answer.status {
        200..300 => Ok(answer),
        status => Err(errors::refused(call, status, &answer.headers, &answer.body)),
    }
}

/// Ollama adds the tag that it takes when none is given.
fn names(id: &str, model: &str) -> bool {
    id == model || id.strip_suffix(":latest") == Some(model)
}
