//! What a server says, in our words. Nothing of it is believed here.

use frontdesk_kernel::{
    mcp::{Definition, Greeting, Hints},
    ports::mcp::{Answer, Piece},
};
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents, ServerPeerInfo, Tool};
use serde_json::Value;

pub(super) fn greeting(info: &ServerPeerInfo) -> Greeting {
    let (name, version) = info.server_info.as_ref().map(|i| (i.name.clone(), i.version.clone())).unwrap_or_default();
    Greeting { name, version, protocol: info.protocol_version.to_string() }
}

pub(crate) fn definition(tool: Tool) -> Definition {
    let annotations = tool.annotations.unwrap_or_default();
    Definition {
        name: tool.name.into_owned(),
        title: tool.title.or(annotations.title),
        description: tool.description.map(|text| text.into_owned()),
        input_schema: Value::Object(tool.input_schema.as_ref().clone()),
        output_schema: tool.output_schema.map(|schema| Value::Object(schema.as_ref().clone())),
        hints: Hints {
            reads_only: annotations.read_only_hint,
            destroys: annotations.destructive_hint,
            repeatable: annotations.idempotent_hint,
            open_world: annotations.open_world_hint,
        },
    }
}

pub(crate) fn answer(result: CallToolResult) -> Answer {
    Answer {
        failed: result.is_error == Some(true),
        pieces: result.content.into_iter().map(piece).collect(),
        structured: result.structured_content,
    }
}

fn piece(block: ContentBlock) -> Piece {
    match block {
        ContentBlock::Text(text) => Piece::Text(text.text),
        ContentBlock::Image(image) => Piece::Described(format!("an image, {}, {}", image.mime_type, size(&image.data))),
        ContentBlock::Audio(audio) => Piece::Described(format!("a sound, {}, {}", audio.mime_type, size(&audio.data))),
        ContentBlock::Resource(resource) => match resource.resource {
            ResourceContents::TextResourceContents { text, .. } => Piece::Text(text),
            ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
                let kind = mime_type.unwrap_or_else(|| "unknown kind".to_owned());
                Piece::Described(format!("a file, {uri}, {kind}, {}", size(&blob)))
            }
            _ => unknown(),
        },
        ContentBlock::ResourceLink(link) => {
            Piece::Described(format!("a link to a resource, {}, {}", link.title.unwrap_or(link.name), link.uri))
        }
        _ => unknown(),
    }
}

fn unknown() -> Piece {
    Piece::Described("something of a kind that is not known here".to_owned())
}

/// Of what Base64 holds.
fn size(base64: &str) -> String {
    let bytes = base64.len() / 4 * 3;
    if bytes < 1024 { format!("{bytes} bytes") } else { format!("{} KiB", bytes / 1024) }
}
