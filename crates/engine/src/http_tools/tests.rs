//! Tables for what people write and what services answer.

mod answers;
mod checks;
mod curl;
mod legacy;
mod openapi;
mod requests;

use std::collections::BTreeMap;

use frontdesk_kernel::{Secret, Timestamp, http_tool::HttpTool, ids::ToolId};
use serde_json::Value;

use super::{Opened, draft::Draft, template::Ours};

/// A tool with this spec.
fn tool(spec: frontdesk_kernel::http_tool::HttpToolSpec) -> HttpTool {
    HttpTool {
        id: ToolId::parse("tol_1").unwrap(),
        number: 1,
        name: "order".into(),
        enabled: true,
        version: 1,
        spec,
        probe: None,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    }
}

fn secrets(all: &[(&str, &str, &str)]) -> BTreeMap<String, Opened> {
    all.iter()
        .map(|(name, host, text)| ((*name).to_owned(), Opened { host: (*host).to_owned(), secret: Secret::new(*text) }))
        .collect()
}

/// Values of a table.
struct Fixed(&'static [(&'static str, &'static str)]);

impl Ours for Fixed {
    fn value(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }
}

fn parameters(draft: &mut Draft, properties: Value) {
    draft.spec.parameters = super::schema::normalise(&properties).unwrap();
}
