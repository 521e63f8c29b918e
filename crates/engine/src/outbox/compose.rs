//! Messages of ours: made, formatted and split for their channel, and what a person of the team sends.

use frontdesk_kernel::{
    Scope, Timestamp,
    conversation::Mode,
    effect::{self, State},
    ids::*,
    message::{Author, Delivery, Direction, Media, MediaKind, Message, Part},
    ports::channel::About,
    split::split,
};
use frontdesk_store::{Result, audit, conversations, effects, lanes, messages, threads, timers, work};

use crate::{
    Desk,
    directory::Line,
    events::Event,
    handover,
    news::News,
    tokens::{self, Books, sends},
};

/// A message of ours with its planned send. The caller stores both in one transaction.
pub fn draft(
    desk: &Desk,
    line: &Line,
    conversation: &ConversationId,
    author: Author,
    part: Part,
    turn: Option<&TurnId>,
    now: Timestamp,
) -> (Message, effects::Effect) {
    let message = Message {
        id: desk.id(),
        conversation: conversation.clone(),
        direction: Direction::Out,
        author,
        parts: vec![part],
        vendor_id: None,
        quotes: None,
        delivery: Some(Delivery::Queued),
        failure: None,
        turn: turn.cloned(),
        at: now,
    };
    let class = desk.channel(&line.channel.kind).map_or(effect::Class::C, |c| c.about().send_class);
    let effect = effects::Effect {
        id: desk.id(),
        class,
        state: State::Pending,
        conversation: conversation.clone(),
        channel: line.channel.id.clone(),
        message: message.id.clone(),
        turn: turn.cloned(),
        is_reply: !matches!(message.parts.first(), Some(Part::Template { .. })),
        attempts: 0,
        resends: 0,
        unknown_since: None,
        vendor_id: None,
        problem: None,
        hold: None,
        created_at: now,
    };
    (message, effect)
}

/// A text as the messages it takes on this channel: formatted, then split at the channel's limit.
pub fn text_parts(desk: &Desk, line: &Line, markdown: &str) -> Vec<Part> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Vec::new() };
    let text = channel.format(markdown);
    split(&text, channel.about().limits.text).into_iter().map(|text| Part::Text { text }).collect()
}

/// A part as this channel takes it: texts formatted, and split where one message does not hold them.
pub fn parts_for(desk: &Desk, line: &Line, part: Part) -> Vec<Part> {
    let Some(channel) = desk.channel(&line.channel.kind) else { return Vec::new() };
    match part {
        Part::Text { text } => text_parts(desk, line, &text),
        Part::Buttons { text, buttons } => above(channel.about(), channel.format(&text), |text| Part::Buttons { text, buttons }),
        Part::List { text, button, sections } => {
            above(channel.about(), channel.format(&text), |text| Part::List { text, button, sections })
        }
        Part::Media(m) => beside(channel.about(), Media { caption: m.caption.map(|c| channel.format(&c)), ..m }),
        part => vec![part],
    }
}

/// Choices below as much of their text as one message holds; what comes before it goes ahead.
fn above(about: &About, text: String, choices: impl FnOnce(String) -> Part) -> Vec<Part> {
    if about.hosted || text.chars().count() <= about.limits.caption {
        return vec![choices(text)];
    }
    let mut pieces = split(&text, about.limits.caption);
    let last = pieces.pop().unwrap_or_default();
    pieces.into_iter().map(|text| Part::Text { text }).chain([choices(last)]).collect()
}

/// A file with its words; where a vendor takes none beside it, or not so many, they follow it.
fn beside(about: &About, media: Media) -> Vec<Part> {
    let is_bare = matches!(media.kind, MediaKind::Audio | MediaKind::Voice | MediaKind::Sticker);
    let fit = |words: &str| about.hosted || (!is_bare && words.chars().count() <= about.limits.caption);
    match media.caption {
        Some(words) if !fit(&words) => {
            let follow = split(&words, about.limits.text).into_iter().map(|text| Part::Text { text });
            std::iter::once(Part::Media(Media { caption: None, ..media })).chain(follow).collect()
        }
        caption => vec![Part::Media(Media { caption, ..media })],
    }
}

/// Who of the team writes, and in which conversation.
#[derive(Debug, Clone, Copy)]
pub struct Hand<'h> {
    pub conversation: &'h ConversationId,
    /// `usr_…` or `key_…`; `None`: the machine's operator.
    pub written_by: Option<&'h str>,
}

/// What a person sends: the bot falls silent at once, the messages go out like any other. Returns them as stored.
pub async fn send_as_staff(
    desk: &Desk,
    line: &Line,
    hand: Hand<'_>,
    parts: Vec<Part>,
    quotes: Option<String>,
) -> Result<Vec<Message>> {
    let now = desk.now();
    let scope = Scope::of(line.tenant.clone());
    let mut drafts = Vec::new();
    for part in parts.into_iter().flat_map(|part| parts_for(desk, line, part)) {
        let at = Timestamp(now.0 + drafts.len() as i64);
        let (mut message, effect) = draft(desk, line, hand.conversation, Author::Staff, part, None, at);
        message.quotes = quotes.clone().filter(|_| drafts.is_empty());
        drafts.push((message, effect));
    }
    let (s, id, until) = (scope.clone(), hand.conversation.clone(), now.plus(desk.settings.human_for));
    let by = hand.written_by.map(str::to_owned);
    let credit = credit(desk, line, now).await?;
    let (sent, news): (Vec<Message>, News) = desk
        .db
        .write(
            &scope,
            work!(tx => {
                conversations::set_mode(tx, &s, &id, Mode::Human, "a person answered").await?;
                effects::withdraw_bots(tx, &s, &id, "a person answered instead", now).await?;
                timers::arm(tx, &s, &handover::resume_timer(&id), "resume_bot", id.as_str(), until).await?;
                let mut news = News::default();
                if let Some((books, cost)) = &credit {
                    let mut effects: Vec<_> = drafts.iter_mut().map(|(_, effect)| effect).collect();
                    sends::reserve_in_thread(tx, &s, books, cost, &mut effects, now, &mut news).await?.map_err(sends::refused)?;
                }
                for (message, effect) in &drafts {
                    messages::insert(tx, &s, message).await?;
                    if let Some(by) = &by {
                        messages::sign(tx, &s, &message.id, by).await?;
                    }
                    effects::plan(tx, &s, effect, now).await?;
                }
                conversations::touch(tx, &s, &id, now).await?;
                threads::set_unread(tx, &s, &id, false).await?;
                Ok((drafts.into_iter().map(|(message, _)| message).collect(), news))
            }),
        )
        .await?;
    desk.wake.outbox.notify_one();
    news.tell(&desk.events);
    for message in &sent {
        desk.events.tell(&line.tenant, Event::new("message.created", message.id.as_str()).within(hand.conversation));
    }
    desk.events.tell(&line.tenant, Event::new("conversation.changed", hand.conversation.as_str()).within(hand.conversation));
    Ok(sent)
}

/// What a message on this line costs, where accounts are kept and it costs something.
async fn credit(desk: &Desk, line: &Line, now: Timestamp) -> Result<Option<(Books, &'static str)>> {
    let Some(cost) = sends::cost_of(desk, line) else { return Ok(None) };
    let view = desk.directory.tenant(desk, &line.tenant).await?;
    Ok(view.and_then(|view| tokens::books(desk, &view.tenant, now)).map(|books| (books, cost)))
}

/// Why a message is not sent once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoRetry {
    NoSuchMessage,
    /// It was sent, or is on its way.
    NotFailed,
}

/// Sends a message once more that was certainly or possibly not sent: a person decided that.
pub async fn send_again(
    desk: &Desk,
    scope: &Scope,
    id: &MessageId,
    entry: audit::Entry,
) -> Result<std::result::Result<(), NoRetry>> {
    let (s, m, effect_id, now) = (scope.clone(), id.clone(), desk.id::<OfEffect>(), desk.now());
    let view = desk.directory.tenant(desk, scope.tenant()).await?;
    let books = view.and_then(|view| tokens::books(desk, &view.tenant, now));
    let lines = desk.directory.lines(desk).await?;
    let costs: Vec<(ChannelId, &'static str)> = match &books {
        Some(_) => lines.all().filter_map(|line| Some((line.channel.id.clone(), sends::cost_of(desk, line)?))).collect(),
        None => Vec::new(),
    };
    let done = desk
        .db
        .write(
            scope,
            work!(tx => {
                let Some(message) = messages::get(tx, &s, &m).await? else { return Ok(Err(NoRetry::NoSuchMessage)) };
                // Of two who decide it at once, the second sees what the first made of it.
                lanes::lock(tx, &s, &message.conversation).await?;
                let Some(message) = messages::get(tx, &s, &m).await? else { return Ok(Err(NoRetry::NoSuchMessage)) };
                let Some(last) = effects::of_message(tx, &s, &m).await? else { return Ok(Err(NoRetry::NotFailed)) };
                let failed = message.delivery == Some(Delivery::Failed) || last.state == State::Review;
                if !failed || matches!(last.state, State::Pending | State::Sending | State::Unknown) {
                    return Ok(Err(NoRetry::NotFailed));
                }
                messages::queue_again(tx, &s, &m).await?;
                let mut news = News::default();
                // What may have arrived already is paid for once, whichever of the two does.
                let hold = last.hold.clone().filter(|_| last.state == State::Review);
                let mut again = effects::Effect { id: effect_id, state: State::Pending, created_at: now, hold, ..last };
                if let (None, Some(books)) = (&again.hold, &books)
                    && let Some((_, cost)) = costs.iter().find(|(channel, _)| *channel == again.channel)
                {
                    sends::reserve_in_thread(tx, &s, books, cost, &mut [&mut again], now, &mut news).await?.map_err(sends::refused)?;
                }
                effects::plan(tx, &s, &again, now).await?;
                audit::write(tx, &s, &entry).await?;
                Ok(Ok((message.conversation, news)))
            }),
        )
        .await?;
    Ok(done.map(|(conversation, news)| {
        news.tell(&desk.events);
        desk.wake.outbox.notify_one();
        desk.events.tell(scope.tenant(), Event::new("message.changed", id.as_str()).within(&conversation));
    }))
}
