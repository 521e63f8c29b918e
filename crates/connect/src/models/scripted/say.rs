//! Every sentence that the rules say, in both languages. Questions and endings also mark the history: that is how the next turn
//! knows where the conversation stands, so each must be told from all the others.

use frontdesk_kernel::language::Language::{self, English, Spanish};
use jiff::civil::{Date, Time};

/// A question that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    Service,
    WhichService,
    Day,
    Time,
    OtherTime,
    Name,
    NameAfterwards,
    NewDay,
    NewTime,
    OtherNewTime,
    ReallyCancel,
}

impl Question {
    const ALL: [Question; 11] = [
        Question::Service,
        Question::WhichService,
        Question::Day,
        Question::Time,
        Question::OtherTime,
        Question::Name,
        Question::NameAfterwards,
        Question::NewDay,
        Question::NewTime,
        Question::OtherNewTime,
        Question::ReallyCancel,
    ];

    pub(super) fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Question::Service, Spanish) => "¿Qué servicio te gustaría?",
            (Question::Service, English) => "Which service would you like?",
            (Question::WhichService, Spanish) => "¿Cuál de ellos prefieres?",
            (Question::WhichService, English) => "Which of these do you prefer?",
            (Question::Day, Spanish) => "¿Para qué día te gustaría?",
            (Question::Day, English) => "Which day would you like?",
            (Question::Time, Spanish) => "¿Qué hora te queda bien?",
            (Question::Time, English) => "Which time works for you?",
            (Question::OtherTime, Spanish) => "¿Qué otro horario te sirve?",
            (Question::OtherTime, English) => "Which other time would work?",
            (Question::Name, Spanish) => "¿A nombre de quién sería?",
            (Question::Name, English) => "What name should it be under?",
            (Question::NameAfterwards, Spanish) => "Y una última cosa: ¿cómo te llamas?",
            (Question::NameAfterwards, English) => "One last thing: what is your name?",
            (Question::NewDay, Spanish) => "¿A qué día y hora la quieres pasar?",
            (Question::NewDay, English) => "To which day and time should it go?",
            (Question::NewTime, Spanish) => "¿A cuál de estas horas la pasamos?",
            (Question::NewTime, English) => "Which of these times should it go to?",
            (Question::OtherNewTime, Spanish) => "¿A qué otro horario la quieres pasar?",
            (Question::OtherNewTime, English) => "Which other time should it go to?",
            (Question::ReallyCancel, Spanish) => "¿Seguro que la quieres cancelar? Responde sí o no.",
            (Question::ReallyCancel, English) => "Are you sure that you want to cancel it? Answer yes or no.",
        }
    }

    /// The last of our questions in a text.
    pub(super) fn last_in(text: &str) -> Option<Question> {
        let place = |q: Question| [Spanish, English].into_iter().filter_map(|l| text.rfind(q.text(l))).max();
        Question::ALL.into_iter().filter_map(|q| Some((place(q)?, q))).max_by_key(|(place, _)| *place).map(|(_, q)| q)
    }
}

/// A sentence that is not a question of the dialogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Hello,
    Menu,
    NotUnderstood,
    Welcome,
    Goodbye,
    Photo,
    Voice,
    Place,
    Gesture,
    Other,
    BookHint,
    HumanHint,
    Failed,
    NothingChanged,
    CancelHint,
    AsYouLike,
    // --- endings: what was collected before is done with
    Booked,
    Moved,
    Cancelled,
    Dropped,
}

impl Line {
    pub(super) fn text(self, language: Language) -> &'static str {
        match (self, language) {
            (Line::Hello, Spanish) => "¡Hola! 👋",
            (Line::Hello, English) => "Hello! 👋",
            (Line::Menu, Spanish) => {
                "Puedo ayudarte con:\n• precios y servicios\n• horarios, ubicación y medios de pago\n• ver horas libres y pedir una cita\n\
                 • mover o cancelar una cita\n• pasarte con una persona del equipo"
            }
            (Line::Menu, English) => {
                "I can help you with:\n• prices and services\n• opening hours, address and ways to pay\n• free times and making an appointment\n\
                 • moving or cancelling an appointment\n• reaching a person of the team"
            }
            (Line::NotUnderstood, Spanish) => "No estoy seguro de haberte entendido.",
            (Line::NotUnderstood, English) => "I am not sure that I understood you.",
            (Line::Welcome, Spanish) => "¡Con mucho gusto! Si necesitas algo más, escríbeme.",
            (Line::Welcome, English) => "You are welcome! Write to me if you need anything else.",
            (Line::Goodbye, Spanish) => "¡Hasta pronto! 👋",
            (Line::Goodbye, English) => "Goodbye! 👋",
            (Line::Photo, Spanish) => "Gracias por la imagen. Yo no puedo verla, pero queda en esta conversación para el equipo.",
            (Line::Photo, English) => {
                "Thank you for the picture. I cannot see it, but it stays in this conversation for the team."
            }
            (Line::Voice, Spanish) => "Recibí tu nota de voz, pero no puedo escucharla. ¿Me lo escribes, por favor?",
            (Line::Voice, English) => "I received your voice note but cannot listen to it. Could you write it to me, please?",
            (Line::Place, Spanish) => "Recibí la ubicación, gracias.",
            (Line::Place, English) => "I received the location, thank you.",
            (Line::Gesture, Spanish) => "😊",
            (Line::Gesture, English) => "😊",
            (Line::Other, Spanish) => "Todavía no puedo leer ese tipo de mensaje. ¿Me lo cuentas por texto?",
            (Line::Other, English) => "I cannot read that kind of message yet. Could you tell me in text?",
            (Line::BookHint, Spanish) => "Si quieres una cita, dime el día y el servicio.",
            (Line::BookHint, English) => "If you would like an appointment, tell me the day and the service.",
            (Line::HumanHint, Spanish) => "Si prefieres, escribe «hablar con una persona».",
            (Line::HumanHint, English) => "If you prefer, write “talk to a person”.",
            (Line::Failed, Spanish) => "No pude hacerlo en este momento.",
            (Line::Failed, English) => "I could not do that just now.",
            (Line::NothingChanged, Spanish) => "De acuerdo, no cambio nada.",
            (Line::NothingChanged, English) => "All right, I change nothing.",
            (Line::CancelHint, Spanish) => "Si tienes una cita y la quieres cancelar, escribe «cancelar mi cita».",
            (Line::CancelHint, English) => "If you have an appointment and want to cancel it, write “cancel my appointment”.",
            (Line::AsYouLike, Spanish) => "Como prefieras.",
            (Line::AsYouLike, English) => "As you like.",
            (Line::Booked, Spanish) => "¡Te esperamos! Si algo cambia, escríbeme.",
            (Line::Booked, English) => "See you then! Write to me if anything changes.",
            (Line::Moved, Spanish) => "¡Te esperamos en el nuevo horario!",
            (Line::Moved, English) => "See you at the new time!",
            (Line::Cancelled, Spanish) => "Cuando quieras otra cita, escríbeme.",
            (Line::Cancelled, English) => "Write to me whenever you would like another appointment.",
            (Line::Dropped, Spanish) => "De acuerdo, lo dejamos aquí.",
            (Line::Dropped, English) => "All right, we leave it here.",
        }
    }

    /// A booking, move or cancellation ended with this text of ours.
    pub(super) fn ends_in(text: &str) -> bool {
        let endings = [Line::Booked, Line::Moved, Line::Cancelled, Line::Dropped, Line::NothingChanged, Line::Goodbye];
        endings.into_iter().any(|line| text.contains(line.text(Spanish)) || text.contains(line.text(English)))
    }
}

/// `viernes 27 de noviembre`, `Friday, November 27`.
pub(super) fn day(date: Date, language: Language) -> String {
    const DAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    match language {
        English => date.strftime("%A, %B %-d").to_string(),
        Spanish => {
            let day = DAYS[date.weekday().to_monday_zero_offset() as usize];
            format!("{day} {} de {}", date.day(), MONTHS[date.month() as usize - 1])
        }
    }
}

/// `10:00 AM`.
pub(super) fn time(time: Time) -> String {
    time.strftime("%-I:%M %p").to_string()
}

/// Paragraphs, without the empty ones.
pub(super) fn join(parts: &[&str]) -> String {
    parts.iter().map(|p| p.trim()).filter(|p| !p.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// A tool's text without the question it ends with: ours follows.
pub(super) fn without_question(text: &str) -> &str {
    let text = text.trim();
    match text.rsplit_once('\n') {
        Some((before, last)) if last.trim_end().ends_with('?') => before.trim_end(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_recognised_as_itself_and_is_no_ending() {
        for language in [Spanish, English] {
            for question in Question::ALL {
                let text = join(&["Listado", question.text(language)]);
                assert_eq!(Question::last_in(&text), Some(question));
                assert!(!Line::ends_in(&text), "{text}");
            }
            let two = join(&[Question::Day.text(language), Question::Service.text(language)]);
            assert_eq!(Question::last_in(&two), Some(Question::Service));
        }
        assert_eq!(Question::last_in("¿Algo más?"), None);
    }

    #[test]
    fn only_endings_end() {
        for language in [Spanish, English] {
            assert!(Line::ends_in(&join(&["✅", Line::Booked.text(language)])));
            for line in [Line::Hello, Line::Menu, Line::Welcome, Line::CancelHint, Line::BookHint, Line::Photo] {
                assert!(!Line::ends_in(line.text(language)), "{line:?}");
            }
        }
    }

    #[test]
    fn days_are_told_in_the_language() {
        let date: Date = "2026-11-27".parse().unwrap();
        assert_eq!(day(date, Spanish), "viernes 27 de noviembre");
        assert_eq!(day(date, English), "Friday, November 27");
        assert_eq!(time(Time::constant(15, 30, 0, 0)), "3:30 PM");
        assert_eq!(without_question("📅 10:00\n\n¿Cuál te gustaría?"), "📅 10:00");
        assert_eq!(without_question("¿Cómo?"), "¿Cómo?");
    }
}
