//! What a server repeats of our credentials, taken out of what it says before anything of it is cut, kept or shown.

use frontdesk_kernel::{
    Secret,
    mcp::{Definition, Greeting},
    ports::mcp::Listing,
};
use serde_json::Value;

use super::{Server, words::Scrub};
use crate::http_tools::mask;

impl Server {
    /// `tokens`: what it was asked with, where they were fetched.
    pub(super) fn scrub(&self, text: &str, tokens: &[Secret]) -> String {
        mask(text, self.secret.iter().chain(tokens))
    }

    pub(super) fn scrubbed(&self, definition: Definition, tokens: &[Secret]) -> Definition {
        if self.secret.is_none() && tokens.is_empty() {
            return definition;
        }
        let scrub: Scrub<'_> = &|text| self.scrub(text, tokens);
        let schema = |mut schema: Value| {
            inside(&mut schema, scrub);
            schema
        };
        Definition {
            name: scrub(&definition.name),
            title: definition.title.as_deref().map(scrub),
            description: definition.description.as_deref().map(scrub),
            input_schema: schema(definition.input_schema),
            output_schema: definition.output_schema.map(schema),
            hints: definition.hints,
        }
    }

    pub(super) fn scrubbed_list(&self, listing: Listing, tokens: &[Secret]) -> Listing {
        Listing { tools: listing.tools.into_iter().map(|definition| self.scrubbed(definition, tokens)).collect(), ..listing }
    }

    pub(super) fn scrubbed_greeting(&self, greeting: &Greeting, tokens: &[Secret]) -> Greeting {
        let scrub: Scrub<'_> = &|text| self.scrub(text, tokens);
        Greeting { name: scrub(&greeting.name), version: scrub(&greeting.version), protocol: scrub(&greeting.protocol) }
    }
}

/// Every text of a schema, also the names of its members.
fn inside(value: &mut Value, scrub: Scrub<'_>) {
    match value {
        Value::String(text) => *text = scrub(text),
        Value::Array(items) => items.iter_mut().for_each(|item| inside(item, scrub)),
        Value::Object(members) => {
            let before = std::mem::take(members);
            members.extend(before.into_iter().map(|(name, mut value)| {
                inside(&mut value, scrub);
                (scrub(&name), value)
            }));
        }
        _ => {}
    }
}
