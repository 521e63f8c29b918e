//! Administration by the machine's own operator: what `frontdesk tenant …` and its like ask a running server to do.

use axum::{
    Json,
    body::Body,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use frontdesk_engine::admin;
use frontdesk_store::Error;

use crate::{
    Web,
    kit::{Operator, Problem, limits},
};

pub(crate) async fn execute(State(web): State<Web>, _: Operator, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let body = limits::read(&headers, body, &web.limits).await.map_err(Problem::from)?;
    let request: admin::Request = serde_json::from_slice(&body).map_err(|e| Problem::invalid(e.to_string()))?;
    match admin::execute(&web.desk, request).await {
        Ok(answer) => Ok(Json(answer).into_response()),
        Err(Error::Refused(why)) => Err(Problem::invalid(why)),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use frontdesk_kernel::member::PERMISSIONS;

    /// Every `require("…")` of this crate.
    fn required(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                required(&entry.path(), found);
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            found.extend(text.split(".require(\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }

    #[test]
    fn every_permission_that_a_route_requires_can_be_given() {
        let mut found = Vec::new();
        required(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        found.retain(|permission| permission.contains(':'));
        assert!(found.len() >= 4, "{found:?}");
        for permission in found {
            assert!(PERMISSIONS.iter().any(|p| p.name == permission), "add {permission} to kernel/src/member.rs");
        }
    }
}
