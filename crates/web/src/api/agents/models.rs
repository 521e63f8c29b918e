//! Which models there are to choose from, and which of them could answer now.

use std::collections::BTreeSet;

use axum::extract::State;
use frontdesk_engine::{directory::View, models};
use frontdesk_kernel::agent::ModelChoice;
use serde::Serialize;
use utoipa::ToSchema;

use super::view;
use crate::{
    Web,
    kit::{Caller, Found, Problem},
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Models {
    vendors: Vec<VendorView>,
    /// Tried in this order where an agent names no models.
    default_chain: Vec<ModelChoice>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ModelVendor)]
pub(crate) struct VendorView {
    vendor: &'static str,
    name: &'static str,
    /// Rules, not an AI, where it is false.
    is_ai: bool,
    /// It could be called now.
    is_configured: bool,
    /// Why it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    /// The business has a key of its own.
    has_own_key: bool,
    reads_images: bool,
    /// Names that are in use here; the vendor has more.
    models: Vec<String>,
}

/// Model vendors, with whether they are set up
#[utoipa::path(get, path = "/models", tag = "agents", operation_id = "models", responses((status = 200, body = Models)))]
pub(crate) async fn list(State(web): State<Web>, caller: Caller) -> Result<Found<Models>, Problem> {
    caller.require("agent:read")?;
    let view = view(&web, &caller).await?;
    let vendors = web.desk.vendors.iter().map(|v| {
        let about = v.model.about();
        let missing = missing(&web, &view, v.key, v.base_url.is_empty() && about.is_ai);
        VendorView {
            vendor: v.key,
            name: if about.is_ai { v.key } else { about.name },
            is_ai: about.is_ai,
            is_configured: missing.is_none(),
            missing,
            has_own_key: view.model_keys.contains_key(v.key),
            reads_images: about.images,
            models: in_use(&web, &view, v.key),
        }
    });
    Ok(Found(Models { vendors: vendors.collect(), default_chain: web.desk.settings.models.clone() }))
}

fn missing(web: &Web, view: &View, vendor: &str, needs_address: bool) -> Option<String> {
    let served = web.desk.settings.model_servers.get(vendor).is_some_and(|s| s.base_url.is_some());
    if needs_address && !served {
        return Some("nothing says where it is served".to_owned());
    }
    let choice = ModelChoice { vendor: vendor.to_owned(), model: String::new(), base_url: None };
    models::endpoint(&web.desk, &view.model_keys, &choice).err()
}

fn in_use(web: &Web, view: &View, vendor: &str) -> Vec<String> {
    let of_agents = view.agents.iter().flat_map(|a| &a.spec.models);
    let all: BTreeSet<&str> =
        web.desk.settings.models.iter().chain(of_agents).filter(|c| c.vendor == vendor).map(|c| c.model.as_str()).collect();
    all.into_iter().filter(|m| !m.is_empty()).map(str::to_owned).collect()
}
