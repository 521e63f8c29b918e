//! `send_message`: a message to somebody else the business knows, on a channel that reaches them; planned in the transaction of the call.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category, Level},
    contact::{AddressKind, Contact},
    ids::{ChannelId, ContactId},
    message::{Author, Part},
    ports::channel::Address,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, contacts, conversations, effects, messages, people, threads};
use serde_json::{Value, json};

use super::{Told, Tool, ToolContext, calendar::text, tool_spec};
use crate::{
    directory::Line,
    news::News,
    outbox::{self, window_is_closed},
    tokens::{self, sends},
};

pub(super) struct SendMessage;

#[async_trait]
impl Tool for SendMessage {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            "send_message",
            "Sends a message to somebody else than the person you talk with, at their number. Whoever has not written lately gets an \
             approved template only.",
            {
                "to": {"type": "string", "minLength": 5, "maxLength": 40, "description": "their number with country code"},
                "channel": {"type": "string", "maxLength": 80, "description": "name or kind of the channel, where there are several"},
                "text": {"type": "string", "minLength": 1, "maxLength": 4000},
                "template": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": 512},
                        "language": {"type": "string", "minLength": 2, "maxLength": 15},
                        "values": {"type": "array", "items": {"type": "string", "maxLength": 1000}, "maxItems": 20, "description": "in the order of its places"}
                    },
                    "required": ["name", "language"],
                    "additionalProperties": false
                }
            },
            ["to"]
        )
    }

    fn about(&self) -> About {
        let about =
            About::changes(Category::Communication, "message:send", "Send a message to somebody", "Enviar un mensaje a alguien");
        About { level: Level::Approval, recipient: Some("/to".into()), ..about.proving(ReceiptKind::Sent).for_good() }
    }

    async fn run(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Told> {
        let number: String = text(arguments, "to").unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        if !(8..=15).contains(&number.len()) {
            return Ok(Told::refused(context.say(
                "Ese número no está completo: hace falta con el código del país. No se envió nada.",
                "That number is not whole: it needs the country code. Nothing was sent.",
            )));
        }
        let theirs = channels_of_member(tx, context).await?;
        let line = match line(context, theirs.as_deref(), text(arguments, "channel")) {
            Ok(line) => line,
            Err(why) => return Ok(Told::refused(why)),
        };
        let part = match part(arguments) {
            Some(part) => part,
            None => {
                return Ok(Told::refused(context.say(
                    "Falta el texto o la plantilla; no se envió nada.",
                    "There is no text and no template; nothing was sent.",
                )));
            }
        };
        send(tx, context, &line, &Address { kind: AddressKind::Phone, value: number }, part).await
    }
}

/// Where somebody for whom the agent acts works; `None`: everywhere.
async fn channels_of_member(tx: &mut Tx, context: &ToolContext) -> Result<Option<Vec<ChannelId>>> {
    let Some(person) = &context.conversation.acts_for else { return Ok(None) };
    match people::member_of(tx, &context.scope, person).await?.filter(|member| !member.locations.is_empty()) {
        Some(member) => threads::channels_in(tx, &context.scope, &member.locations).await.map(Some),
        None => Ok(None),
    }
}

/// A channel that goes out to numbers: the one that is named, else the first.
fn line(context: &ToolContext, theirs: Option<&[ChannelId]>, named: Option<&str>) -> std::result::Result<Arc<Line>, String> {
    let mut reaching: Vec<_> = context
        .lines
        .all()
        .filter(|l| l.tenant == *context.scope.tenant() && l.channel.active)
        .filter(|l| theirs.is_none_or(|theirs| theirs.contains(&l.channel.id)))
        .filter(|l| context.desk.channel(&l.channel.kind).is_some_and(|c| c.about().reaches_numbers))
        .cloned()
        .collect();
    reaching.sort_by(|a, b| a.channel.id.cmp(&b.channel.id));
    let is_named =
        |l: &Arc<Line>| named.is_none_or(|n| l.channel.name.eq_ignore_ascii_case(n) || l.channel.kind.eq_ignore_ascii_case(n));
    reaching.iter().find(|l| is_named(l)).cloned().ok_or_else(|| {
        let names = reaching.iter().map(|l| l.channel.name.as_str()).collect::<Vec<_>>().join(", ");
        match names.is_empty() {
            true => context.say(
                "No hay un canal que llegue a números; no se envió nada.",
                "There is no channel that reaches numbers; nothing was sent.",
            ),
            false => context
                .say(&format!("No hay ese canal; hay: {names}."), &format!("There is no such channel; there are: {names}.")),
        }
    })
}

/// A template before a text: who gives both means the one that may always go.
fn part(arguments: &Value) -> Option<Part> {
    let Some(template) = arguments.get("template") else {
        return text(arguments, "text").map(|text| Part::Text { text: text.to_owned() });
    };
    let values: Vec<&str> = template["values"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let places: Vec<Value> = values.iter().map(|value| json!({ "type": "text", "text": value })).collect();
    let components = if places.is_empty() { json!([]) } else { json!([{ "type": "body", "parameters": places }]) };
    let name = text(template, "name")?;
    let preview = if values.is_empty() { String::new() } else { format!("[{name}] {}", values.join(" · ")) };
    Some(Part::Template { name: name.to_owned(), language: text(template, "language")?.to_owned(), components, preview })
}

async fn send(tx: &mut Tx, context: &ToolContext, line: &Arc<Line>, to: &Address, part: Part) -> Result<Told> {
    let (desk, scope, now) = (&context.desk, &context.scope, context.now);
    let is_template = matches!(part, Part::Template { .. });
    let known = contacts::at_address(tx, scope, to.kind, &to.value).await?;
    let thread = match &known {
        Some(contact) => conversations::of_contact(tx, scope, &line.channel.id, contact).await?,
        None => None,
    };
    let closed = thread.as_ref().is_none_or(|thread| window_is_closed(desk, line, thread.last_inbound_at, now));
    if closed && !is_template && desk.channel(&line.channel.kind).is_some_and(|c| c.about().window.is_some()) {
        return Ok(Told::refused(context.say(
            "Esa persona no ha escrito en las últimas 24 horas: solo puede salir una plantilla aprobada. No se envió nada.",
            "That person has not written in the last 24 hours: only an approved template may go. Nothing was sent.",
        )));
    }
    let conversation = match thread {
        Some(thread) => thread.id,
        None => {
            let contact = contact(tx, context, known, to).await?;
            let id = context.id();
            conversations::open(tx, scope, &id, &line.channel.id, &contact, to, now).await?;
            conversations::of_contact(tx, scope, &line.channel.id, &contact).await?.map_or(id, |thread| thread.id)
        }
    };
    let mut drafts: Vec<_> = outbox::parts_for(desk, line, part)
        .into_iter()
        .map(|part| {
            let (message, mut effect) = outbox::draft(desk, line, &conversation, Author::Bot, part, None, now);
            // Nobody asked: it is no answer that a later one overtakes.
            effect.is_reply = false;
            (message, effect)
        })
        .collect();
    if let (Some(books), Some(cost)) = (tokens::books(desk, &context.view.tenant, now), sends::cost_of(desk, line)) {
        // The conversation before the account, as a turn's end takes them.
        conversations::current_mode(tx, scope, &conversation).await?;
        let mut news = News::default();
        let mut planned: Vec<_> = drafts.iter_mut().map(|(_, effect)| effect).collect();
        if let Err(why) = sends::reserve_in_thread(tx, scope, &books, cost, &mut planned, now, &mut news).await? {
            return Ok(Told::refused(format!("Not sent: {why}.")));
        }
    }
    for (message, effect) in &drafts {
        messages::insert(tx, scope, message).await?;
        effects::plan(tx, scope, effect, now).await?;
    }
    conversations::touch(tx, scope, &conversation, now).await?;
    let told =
        context.say(&format!("El mensaje sale ahora para {}.", to.value), &format!("The message is on its way to {}.", to.value));
    let ids: Vec<_> = drafts.iter().map(|(message, _)| &message.id).collect();
    Ok(Told::done(ReceiptKind::Sent, told, json!({ "message": { "ids": ids, "conversation": conversation } })))
}

async fn contact(tx: &mut Tx, context: &ToolContext, known: Option<ContactId>, address: &Address) -> Result<ContactId> {
    if let Some(known) = known {
        return Ok(known);
    }
    let new = Contact::stranger(context.id(), context.now);
    contacts::recognise::by(tx, &context.scope, std::slice::from_ref(address), &new.id, context.now).await
}
