//! What one message of a contact says: the wish, when, who, and yes or no.

use super::{
    dates::{self, Expect, Today, When},
    person,
    vocabulary::*,
    words::{Word, any, is_listed, words},
};

/// What a contact wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    Greeting,
    Thanks,
    Goodbye,
    Help,
    Human,
    /// A topic of `business_info`.
    Info(&'static str),
    FreeTimes,
    Book,
    Move,
    Cancel,
    MyAppointments,
    Refund,
}

/// Something that came without text that we could read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attachment {
    Photo,
    Voice,
    Place,
    Gesture,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    Unclear,
}

/// What came before, as far as it changes the meaning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) today: Today,
    pub(super) expect: Expect,
    /// A name was asked for: the message may be nothing else.
    pub(super) name_asked: bool,
    /// A booking is being made: `change the time` is about it.
    pub(super) booking: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Heard {
    pub(super) words: Vec<Word>,
    pub(super) wish: Option<Wish>,
    pub(super) greeted: bool,
    pub(super) when: When,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// Whom they want to be served by: the word after "con".
    pub(super) staff: Option<String>,
    pub(super) answer: Answer,
    pub(super) attachment: Option<Attachment>,
}

/// Nothing that the rules look for comes later; a longer message must not cost longer than this.
const READ_CHARS: usize = 4000;

pub(super) fn hear(text: &str, context: Context) -> Heard {
    let (text, attachment) = without_attachments(&text.chars().take(READ_CHARS).collect::<String>());
    let words = words(&text);
    let when = dates::read(&words, context.today, context.expect);
    let wish = wish(&words, &when, context.booking);
    let answer = answer(&text);
    let bare_name = context.name_asked && !text.contains('?') && wish.is_none() && answer == Answer::Unclear && when.is_empty();
    Heard {
        greeted: any(&words, GREETING),
        name: person::introduced(&words, context.name_asked)
            .or_else(|| bare_name.then(|| person::name_from(&words, 0)).flatten()),
        email: person::email(&text),
        staff: person::staff(&words),
        words,
        wish,
        when,
        answer,
        attachment,
    }
}

/// Yes or no, only when the whole message says so; a negation anywhere is never a yes.
pub(super) fn answer(text: &str) -> Answer {
    let said = words(text);
    let bare: Vec<&str> = said.iter().map(|w| w.folded.as_str()).filter(|w| !is_listed(POLITE, w)).collect();
    let mut bare = bare.join(" ");
    if bare.is_empty() && said.is_empty() {
        bare = text.trim().chars().take(1).collect();
    }
    if is_listed(NO, &bare) {
        return Answer::No;
    }
    if any(&said, NEGATIONS) || !is_listed(YES, &bare) { Answer::Unclear } else { Answer::Yes }
}

/// The marks that stand for what is not text (`[image]`, `[voice note] …`), and the text without them.
fn without_attachments(text: &str) -> (String, Option<Attachment>) {
    let mut attachment = None;
    let lines: Vec<&str> = text
        .lines()
        .map(|line| {
            let Some((mark, rest)) = line.trim_start().strip_prefix('[').and_then(|l| l.split_once(']')) else { return line };
            let kind = mark.split([' ', ':']).next().unwrap_or_default();
            let seen = match kind {
                "image" | "video" => Attachment::Photo,
                "voice" | "audio" if rest.trim().is_empty() => Attachment::Voice,
                "voice" | "audio" | "edited" => return rest,
                "location" => Attachment::Place,
                "sticker" | "reaction" => Attachment::Gesture,
                "document" | "contact" | "unsupported" | "form" | "order" | "message" => Attachment::Other,
                _ => return line,
            };
            attachment = Some(seen);
            if seen == Attachment::Photo { rest } else { "" }
        })
        .collect();
    (lines.join("\n").trim().to_owned(), attachment)
}

fn wish(said: &[Word], when: &When, booking: bool) -> Option<Wish> {
    let has = |phrases| any(said, phrases);
    if has(HUMAN) {
        return Some(Wish::Human);
    }
    if has(REFUND) {
        return Some(Wish::Refund);
    }
    if has(MOVE) || (has(MOVE_DETAIL) && !booking) {
        return Some(Wish::Move);
    }
    // "Cancelar" is also "to pay".
    if has(CANCEL) {
        return Some(if has(PAYMENT) { Wish::Info("payment") } else { Wish::Cancel });
    }
    let wants_booking = has(BOOK);
    if has(FREE_TIMES) || (has("horarios, horas, que hora, times") && !when.is_empty() && !has(OPENING)) {
        return Some(if wants_booking && when.time.is_some() { Wish::Book } else { Wish::FreeTimes });
    }
    if wants_booking {
        return Some(Wish::Book);
    }
    if has(MINE) {
        return Some(Wish::MyAppointments);
    }
    if let Some((topic, _)) = INFO.iter().find(|(_, phrases)| has(phrases)) {
        return Some(Wish::Info(topic));
    }
    if has(HELP) {
        return Some(Wish::Help);
    }
    if has(APPOINTMENT) || (has(WANT) && !has(ASKING)) {
        return Some(Wish::Book);
    }
    if when.is_empty() {
        let rest = [(THANKS, Wish::Thanks), (GOODBYE, Wish::Goodbye), (GREETING, Wish::Greeting)];
        return rest.into_iter().find(|(phrases, _)| has(phrases)).map(|(_, wish)| wish);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context() -> Context {
        let today = Today { now: Some("2026-11-21T10:05".parse().unwrap()), month_first: false };
        Context { today, expect: Expect::Anything, name_asked: false, booking: false }
    }

    #[test]
    fn only_a_whole_yes_is_a_yes_and_negation_comes_first() {
        use Answer::*;
        for (text, expected) in [
            ("Sí", Yes),
            ("sí, por favor", Yes),
            ("Sí, confirmo", Yes),
            ("claro que sí", Yes),
            ("Dale, gracias", Yes),
            ("👍🏽", Yes),
            ("yes please!", Yes),
            ("Go ahead", Yes),
            ("no confirmo", No),
            ("No", No),
            ("no, gracias", No),
            ("mejor no", No),
            ("No, don't cancel", No),
            ("si puedo a otra hora", Unclear),
            ("sí pero a las 5", Unclear),
            ("no sé", Unclear),
            ("claro que no", Unclear),
            ("va a venir mi mamá", Unclear),
            ("yes but later", Unclear),
            ("I can't confirm", Unclear),
            ("", Unclear),
        ] {
            assert_eq!(answer(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_text_is_noticed_and_its_caption_is_read() {
        for (text, attachment, wish) in [
            ("[image] ¿cuánto cuesta este corte?", Some(Attachment::Photo), Some(Wish::Info("services"))),
            ("[image]", Some(Attachment::Photo), None),
            ("[voice note]", Some(Attachment::Voice), None),
            ("[voice note] quiero una cita", None, Some(Wish::Book)),
            ("[sticker]\nhola", Some(Attachment::Gesture), Some(Wish::Greeting)),
            ("[location 4.60971,-74.08175] Casa", Some(Attachment::Place), None),
            ("[unsupported: poll]", Some(Attachment::Other), None),
            ("[edited] cancela mi cita", None, Some(Wish::Cancel)),
            ("[sic] hola", None, Some(Wish::Greeting)),
        ] {
            let heard = hear(text, context());
            assert_eq!((heard.attachment, heard.wish), (attachment, wish), "{text}");
        }
    }
}
