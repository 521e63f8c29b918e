//! Ids in a call's arguments: whose is what they name?

use frontdesk_kernel::ids::*;
use frontdesk_store::{Result, Tx, appointments, calendar, contacts, conversations, payments};
use serde_json::Value;

use crate::tools::ToolContext;

/// The first id among these arguments that is not this customer's. A tool of the business's own may know ids that look like ours: there
/// only those count that are somebody else's.
pub(super) async fn first(tx: &mut Tx, context: &ToolContext, arguments: &Value, own: bool) -> Result<Option<String>> {
    let mut texts = Vec::new();
    collect(arguments, &mut texts);
    for text in texts {
        let theirs = if let Ok(id) = ContactId::parse(text) {
            whose(id == context.contact.id, contacts::get(tx, &context.scope, &id).await?.is_some())
        } else if let Ok(id) = AppointmentId::parse(text) {
            let mine = calendar::own(tx, &context.scope, &context.contact.id, &id).await?.is_some();
            whose(mine, !mine && appointments::get(tx, &context.scope, &id).await?.is_some())
        } else if let Ok(id) = ConversationId::parse(text) {
            let found = conversations::get(tx, &context.scope, &id).await?;
            whose(found.as_ref().is_some_and(|c| c.contact == context.contact.id), found.is_some())
        } else if let Ok(id) = PaymentId::parse(text) {
            let found = payments::get(tx, &context.scope, &id).await?;
            whose(found.as_ref().is_some_and(|p| p.contact == context.contact.id), found.is_some())
        } else {
            continue;
        };
        let wrong = match theirs {
            Whose::Theirs => false,
            Whose::Foreign => true,
            Whose::Unknown => !own && is_whole(text),
        };
        if wrong {
            return Ok(Some(text.to_owned()));
        }
    }
    Ok(None)
}

/// As we make ids: nobody writes such a text by chance.
fn is_whole(id: &str) -> bool {
    id.split_once('_').is_some_and(|(_, tail)| tail.len() == 32 && tail.bytes().all(|b| b.is_ascii_hexdigit()))
}

enum Whose {
    Theirs,
    Foreign,
    Unknown,
}

fn whose(theirs: bool, exists: bool) -> Whose {
    match (theirs, exists) {
        (true, _) => Whose::Theirs,
        (false, true) => Whose::Foreign,
        (false, false) => Whose::Unknown,
    }
}

fn collect<'v>(value: &'v Value, texts: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => texts.push(text.trim()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Value::Object(members) => members.values().for_each(|member| collect(member, texts)),
        _ => {}
    }
}
