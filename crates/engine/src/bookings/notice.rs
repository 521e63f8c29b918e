//! Telling the customer that a person made, moved or cancelled their appointment: in the thread they used last, if they can be reached.

use frontdesk_kernel::{
    Timestamp,
    booking::{self, Appointment},
    conversation::Mode,
    language::Language,
    ledger::Blocked,
    message::{Author, Message},
};
use frontdesk_store::{Result, Tx, conversations, effects, messages};

use super::Book;
use crate::{
    Desk,
    directory::Lines,
    outbox,
    tokens::{self, sends},
};

/// What happened to the appointment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Booked,
    Moved,
    Cancelled,
}

/// Why the customer cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mute {
    NoConversation,
    ChannelOff,
    WindowClosed,
    NoCredit(Blocked),
}

impl std::fmt::Display for Mute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let why = match self {
            Mute::NoCredit(why) => return why.fmt(f),
            Mute::NoConversation => "the contact has never written on a channel that is connected",
            Mute::ChannelOff => "the channel of their last conversation is switched off",
            Mute::WindowClosed => "the contact's window for free messages has closed; only a template can reach them",
        };
        f.write_str(why)
    }
}

/// Plans the message beside the change itself: both happen or neither. The bot stays on duty where it was.
pub async fn announce(
    tx: &mut Tx,
    desk: &Desk,
    lines: &Lines,
    book: &Book,
    appointment: &Appointment,
    news: News,
) -> Result<Result<Message, Mute>> {
    let threads = conversations::all_of_contact(tx, &book.scope, &appointment.contact).await?;
    let Some((thread, line)) = threads.iter().find_map(|c| lines.get(&c.channel).map(|line| (c, line))) else {
        return Ok(Err(Mute::NoConversation));
    };
    if !line.channel.active || line.channel.paused_reason.is_some() {
        return Ok(Err(Mute::ChannelOff));
    }
    if outbox::window_is_closed(desk, line, thread.last_inbound_at, book.now) {
        return Ok(Err(Mute::WindowClosed));
    }
    let text = words(book, appointment, news);
    let mut drafts = Vec::new();
    for (i, part) in outbox::text_parts(desk, line, &text).into_iter().enumerate() {
        let at = Timestamp(book.now.0 + i as i64);
        drafts.push(outbox::draft(desk, line, &thread.id, Author::Staff, part, None, at));
    }
    if let (Some(books), Some(cost)) = (tokens::books(desk, &book.tenant, book.now), sends::cost_of(desk, line)) {
        // The conversation before the account, as a turn's end takes them.
        conversations::current_mode(tx, &book.scope, &thread.id).await?;
        let (effects, mut told) = (drafts.iter_mut().map(|(_, effect)| effect), crate::news::News::default());
        if let Err(why) = sends::reserve(tx, &book.scope, &books, cost, &thread.contact, effects, book.now, &mut told).await? {
            return Ok(Err(Mute::NoCredit(why)));
        }
    }
    let mut first = None;
    for (message, effect) in drafts {
        messages::insert(tx, &book.scope, &message).await?;
        effects::plan(tx, &book.scope, &effect, book.now).await?;
        first = first.or(Some(message));
    }
    if thread.mode == Mode::Closed {
        conversations::set_mode(tx, &book.scope, &thread.id, Mode::Bot, "the customer was told about an appointment").await?;
    }
    conversations::touch(tx, &book.scope, &thread.id, book.now).await?;
    Ok(first.ok_or(Mute::ChannelOff))
}

fn words(book: &Book, a: &Appointment, news: News) -> String {
    let language = book.tenant.speaks();
    let when = booking::say_when(a.starts_at, &book.zone(book.place_of(a)), language);
    let who = a.staff.as_ref().and_then(|id| book.person(id)).map(|s| s.name.as_str());
    let reason = a.reason.as_deref().filter(|_| news == News::Cancelled);
    match language {
        Language::Spanish => {
            let with = who.map(|w| format!(" con {w}")).unwrap_or_default();
            match news {
                News::Booked => format!("Te agendamos una cita: {}{with}, {when}.", a.title),
                News::Moved => format!("Tu cita cambió: {}{with}, {when}.", a.title),
                News::Cancelled => {
                    format!("Tu cita fue cancelada: {}, {when}.{}", a.title, reason.map(|r| format!(" {r}")).unwrap_or_default())
                }
            }
        }
        Language::English => {
            let with = who.map(|w| format!(" with {w}")).unwrap_or_default();
            match news {
                News::Booked => format!("We booked an appointment for you: {}{with}, {when}.", a.title),
                News::Moved => format!("Your appointment was changed: {}{with}, {when}.", a.title),
                News::Cancelled => {
                    let why = reason.map(|r| format!(" {r}")).unwrap_or_default();
                    format!("Your appointment was cancelled: {}, {when}.{why}", a.title)
                }
            }
        }
    }
}
