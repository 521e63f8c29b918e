//! What a visitor says: stored once, however often the browser sends it, and numbered in the feed in the same transaction.

use frontdesk_kernel::{
    Scope, Timestamp,
    contact::AddressKind,
    ids::{ConversationId, MediaId, MessageId},
    message::{Media, MediaKind, Part},
    ports::channel::{Address, Inbound},
};
use frontdesk_store::{
    Result, Tx, contacts, conversations, feed,
    inbound::Received,
    messages,
    uploads::{self, Upload},
    work,
};
use sha2::{Digest, Sha256};

use super::{Visitor, feed_grew};
use crate::{Desk, crash, directory::Line, inbox, news::News};

/// A message as the browser sends it. `id` is the browser's own and makes a repeat harmless.
#[derive(Debug, Clone)]
pub struct Said {
    pub id: String,
    /// Text or a choice.
    pub parts: Vec<Part>,
    pub files: Vec<MediaId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Kept {
        seq: i64,
        message: MessageId,
        at: Timestamp,
        /// It was there before.
        repeated: bool,
    },
    /// Not a file of this visitor's, or one that another message carries.
    NoSuchFile(MediaId),
}

pub async fn say(desk: &Desk, line: &Line, visitor: &Visitor, said: Said) -> Result<Heard> {
    let now = desk.now();
    let inbound = Inbound {
        vendor_id: vendor_id(visitor, &said.id),
        addresses: vec![Address { kind: AddressKind::Visitor, value: visitor.address.clone() }],
        profile_name: visitor.name.clone(),
        parts: said.parts,
        quotes: None,
        referral: None,
        sent_at: None,
        forwarded: false,
    };
    let mut incoming = inbox::incoming(desk, line, inbound, now).await?;
    let scope = Scope::of(line.tenant.clone());
    let (s, v, files) = (scope.clone(), visitor.clone(), said.files);
    let (heard, conversation) = desk
        .db
        .write(
            &scope,
            work!(tx => {
                if let Some(before) = earlier(tx, &s, &incoming.arrival.inbound.vendor_id).await? {
                    return Ok((before, None));
                }
                let mut parts = Vec::new();
                for file in &files {
                    let upload = uploads::of_visitor(tx, &s, &v.channel, &v.address, file).await?;
                    let Some(upload) = upload else {
                        // The same message a moment ago may have taken it.
                        let before = earlier(tx, &s, &incoming.arrival.inbound.vendor_id).await?;
                        return Ok((before.unwrap_or_else(|| Heard::NoSuchFile(file.clone())), None));
                    };
                    parts.push(attached(upload));
                }
                for file in &files {
                    if !uploads::take(tx, &s, file).await? {
                        return Err(frontdesk_store::Error::Refused("files: another message carries this file already".into()));
                    }
                }
                parts.append(&mut incoming.arrival.inbound.parts);
                incoming.arrival.inbound.parts = parts;
                let (conversation, message) = match inbox::take_in(tx, &s, &incoming, now).await? {
                    Received::New { conversation, message, .. } | Received::Muted { conversation, message } => (conversation, message),
                    Received::Duplicate => {
                        let before = earlier(tx, &s, &incoming.arrival.inbound.vendor_id).await?;
                        let gone = || frontdesk_store::Error::Refused("this message was received before and has been erased".into());
                        return before.map(|before| (before, None)).ok_or_else(gone);
                    }
                };
                introduce(tx, &s, &conversation, &v, now).await?;
                let seq = feed::append(tx, &s, &conversation, &message).await?;
                crash::point("visit before commit");
                Ok((Heard::Kept { seq, message, at: now, repeated: false }, Some(conversation)))
            }),
        )
        .await?;
    crash::point("visit committed");
    let kind = if conversation.is_some() { "frontdesk_messages_received_total" } else { "frontdesk_messages_duplicate_total" };
    metrics::counter!(kind, "channel" => line.channel.kind.clone()).increment(1);
    if let Some(conversation) = conversation {
        desk.wake.lanes.notify_one();
        desk.wake.outbox.notify_one();
        let mut news = News::default();
        if let Heard::Kept { message, .. } = &heard {
            news.message(&line.tenant, &conversation, message);
        }
        news.other(&line.tenant, feed_grew(&conversation));
        news.tell(&desk.events);
    }
    Ok(heard)
}

/// Two visitors may choose the same id.
fn vendor_id(visitor: &Visitor, id: &str) -> String {
    let whose = Sha256::digest(format!("{}\n{}", visitor.channel, visitor.address));
    let whose: String = whose.iter().take(12).map(|b| format!("{b:02x}")).collect();
    format!("web/{whose}/{id}")
}

/// The browser's own id of a message.
pub fn own_id(vendor_id: &str) -> Option<&str> {
    vendor_id.strip_prefix("web/")?.split_once('/').map(|(_, id)| id)
}

async fn earlier(tx: &mut Tx, scope: &Scope, vendor_id: &str) -> Result<Option<Heard>> {
    let Some(message) = messages::by_vendor_id(tx, scope, vendor_id).await? else { return Ok(None) };
    let seq = feed::append(tx, scope, &message.conversation, &message.id).await?;
    Ok(Some(Heard::Kept { seq, message: message.id, at: message.at, repeated: true }))
}

fn attached(upload: Upload) -> Part {
    Part::Media(Media {
        kind: if upload.mime.starts_with("image/") { MediaKind::Image } else { MediaKind::Document },
        vendor_ref: None,
        url: None,
        stored: Some(upload.media),
        mime: Some(upload.mime),
        sha256: None,
        file_name: upload.file_name,
        caption: None,
        transcript: None,
        problem: None,
    })
}

/// What the site tells about its user fills gaps, and never overwrites what the user or the team said.
async fn introduce(tx: &mut Tx, scope: &Scope, conversation: &ConversationId, visitor: &Visitor, now: Timestamp) -> Result<()> {
    if visitor.name.is_none() && visitor.email.is_none() {
        return Ok(());
    }
    let Some(thread) = conversations::get(tx, scope, conversation).await? else { return Ok(()) };
    let Some(mut contact) = contacts::get(tx, scope, &thread.contact).await? else { return Ok(()) };
    let before = contact.clone();
    contact.name = contact.name.or_else(|| visitor.name.clone());
    if let Some(email) = &visitor.email {
        contact.facts.entry("email".to_owned()).or_insert_with(|| email.clone());
    }
    if contact != before {
        contact.updated_at = now;
        contacts::update(tx, scope, &contact).await?;
    }
    Ok(())
}
