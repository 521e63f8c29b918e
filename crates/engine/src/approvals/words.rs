//! What members read on their numbers about a request, in English and Spanish: exactly what is asked, and how to answer.

use frontdesk_kernel::{
    approval::{Approval, Kind, State},
    language::Language,
    message::{Button, Part},
    ports::channel::Limits,
    tenant::ApprovalTemplate,
};
use serde_json::{Value, json};

use super::exact::{BETWEEN, name, one_line, shown, text};

/// Longest text above buttons that every such channel takes.
const ABOVE_BUTTONS: usize = 1024;
/// Longest value in a template.
const IN_TEMPLATE: usize = 700;

/// Why it is written now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    Asked,
    /// Somebody changed the arguments.
    Changed,
    Overdue,
}

pub(super) struct Question<'q> {
    pub(super) business: &'q str,
    /// What people call the action.
    pub(super) title: &'q str,
    pub(super) approval: &'q Approval,
    pub(super) customer: &'q str,
    pub(super) code: &'q str,
    pub(super) occasion: Occasion,
    pub(super) language: Language,
}

impl Question<'_> {
    /// With everything in it; `None`: it does not fit into one message.
    pub(super) fn whole(&self, limits: &Limits) -> Option<Part> {
        let (is_question, code) = (self.is_question(), self.code);
        let how = match (is_question, self.language) {
            (true, Language::English) => format!("Reply \"{code}\" and your answer."),
            (true, Language::Spanish) => format!("Responde «{code}» y tu respuesta."),
            (false, Language::English) => {
                format!("Reply \"ok {code}\" to approve, \"no {code}\" to reject; a reason may follow.")
            }
            (false, Language::Spanish) => {
                format!("Responde «ok {code}» para autorizar, «no {code}» para rechazar; puedes añadir el motivo.")
            }
        };
        let customer = if self.language == Language::Spanish { "Cliente" } else { "Customer" };
        let mut lines = vec![self.head()];
        lines.extend(self.what());
        lines.push(format!("{customer}: {}", text(&one_line(self.customer))));
        lines.push(String::new());
        lines.push(how);
        let text = lines.join("\n");
        let length = text.chars().count();
        if length > limits.text {
            return None;
        }
        if is_question || limits.buttons < 2 || length > ABOVE_BUTTONS {
            return Some(Part::Text { text });
        }
        let titles = if self.language == Language::Spanish { ["Autorizar", "Rechazar"] } else { ["Approve", "Reject"] };
        let buttons = [true, false].into_iter().zip(titles);
        let buttons =
            buttons.map(|(yes, title)| Button { id: button(code, &self.approval.args_hash, yes), title: title.to_owned() });
        Some(Part::Buttons { text, buttons: buttons.collect() })
    }

    /// Too long to be shown here: where it is shown, and nothing to answer with.
    pub(super) fn elsewhere(&self, link: &str) -> Part {
        let what = match self.language {
            Language::English => "It is too long to be shown here. Look at it and decide:",
            Language::Spanish => "Es demasiado largo para mostrarlo aquí. Míralo y decide:",
        };
        Part::Text { text: format!("{}\n{}\n{what}\n{link}", self.head(), self.title) }
    }

    /// `None`: its places do not hold exactly what is asked.
    pub(super) fn in_template(&self, template: &ApprovalTemplate) -> Option<Part> {
        let what = self.what().join(BETWEEN);
        let fits = |text: &str| text.chars().count() <= IN_TEMPLATE && !text.contains("    ") && !text.contains(['\n', '\t']);
        if !fits(&what) {
            return None;
        }
        let customer: String = one_line(self.customer).chars().take(100).collect();
        let values = [what.as_str(), if customer.is_empty() { "–" } else { &customer }, self.code];
        let places: Vec<Value> = values.iter().map(|text| json!({ "type": "text", "text": text })).collect();
        Some(Part::Template {
            name: template.name.clone(),
            language: template.language.clone(),
            components: json!([{ "type": "body", "parameters": places }]),
            preview: format!("[{}] {}", template.name, values.join(" · ")),
        })
    }

    fn is_question(&self) -> bool {
        self.approval.kind == Kind::Consultation
    }

    fn head(&self) -> String {
        let said = match (self.occasion, self.is_question(), self.language) {
            (Occasion::Asked, false, Language::English) => "the assistant asks for approval",
            (Occasion::Asked, false, Language::Spanish) => "el asistente pide autorización",
            (Occasion::Asked, true, Language::English) => "the assistant asks the team",
            (Occasion::Asked, true, Language::Spanish) => "el asistente pregunta al equipo",
            (Occasion::Changed, _, Language::English) => "a request was changed, the code before does not count any more",
            (Occasion::Changed, _, Language::Spanish) => "una solicitud cambió, el código anterior ya no vale",
            (Occasion::Overdue, _, Language::English) => "still nobody has decided",
            (Occasion::Overdue, _, Language::Spanish) => "todavía nadie ha decidido",
        };
        format!("{}: {said}.", one_line(self.business))
    }

    /// The question, or the action, and every argument exactly as it is.
    pub(super) fn what(&self) -> Vec<String> {
        let a = self.approval;
        let first = if self.is_question() { one_line(&a.question) } else { self.title.to_owned() };
        let said = |value: &Value| self.is_question() && value.as_str().is_some_and(|v| v.trim() == a.question.trim());
        let arguments = a.arguments.as_object().into_iter().flatten().filter(|(_, value)| !said(value));
        std::iter::once(first).chain(arguments.map(|(key, value)| format!("{}: {}", name(key), shown(value)))).collect()
    }
}

const BUTTON: &str = "answer";

/// What a button says when it is pressed: the code, and the arguments that were shown above it.
fn button(code: &str, hash: &str, yes: bool) -> String {
    format!("{BUTTON}:{}:{code}:{hash}", if yes { "yes" } else { "no" })
}

/// The code and hash of a pressed button, and whether it is the yes.
pub(super) fn pressed(id: &str) -> Option<(String, String, bool)> {
    let mut parts = id.strip_prefix(BUTTON)?.strip_prefix(':')?.splitn(3, ':');
    let yes = match parts.next()? {
        "yes" => true,
        "no" => false,
        _ => return None,
    };
    Some((parts.next()?.to_owned(), parts.next()?.to_owned(), yes))
}

/// What an answer came to.
#[derive(Debug)]
pub(super) enum Outcome<'o> {
    /// Because of this answer.
    Counts(&'o Approval),
    /// It was decided before; by whom, when, in words.
    Decided {
        approval: &'o Approval,
        by: Option<String>,
        at: String,
    },
    Expired,
    Unknown(&'o str),
    Changed,
    Own,
    NotAllowed,
    Unclear {
        code: &'o str,
        is_question: bool,
    },
    TooMany,
    NumberConfirmed(&'o str),
}

pub(super) fn answer(outcome: &Outcome<'_>, language: Language) -> String {
    let say = |english: String, spanish: String| if language == Language::Spanish { spanish } else { english };
    match outcome {
        Outcome::Counts(a) => {
            let what = one_line(&a.question);
            match a.state {
                State::Rejected => say(format!("Rejected: {what}"), format!("Rechazado: {what}")),
                State::Answered => {
                    say("Thank you, the answer is on its way.".into(), "Gracias, la respuesta va en camino.".into())
                }
                _ => say(format!("Approved: {what}"), format!("Autorizado: {what}")),
            }
        }
        Outcome::Decided { approval, by, at } => {
            let (english, spanish) = match approval.state {
                State::Rejected => ("rejected", "se rechazó"),
                State::Answered => ("answered", "se respondió"),
                State::Expired => return answer(&Outcome::Expired, language),
                _ => ("approved", "se autorizó"),
            };
            match by {
                Some(by) => say(
                    format!("Already decided: {by} {english} it, {at}."),
                    format!("Ya estaba decidido: {spanish}, por {by}, {at}."),
                ),
                None => say(format!("Already decided: it was {english}, {at}."), format!("Ya estaba decidido: {spanish}, {at}.")),
            }
        }
        Outcome::Expired => {
            say("Expired: its time is over, nothing was done.".into(), "Venció: se acabó el tiempo, no se hizo nada.".into())
        }
        Outcome::Unknown(code) => say(format!("I do not know the code {code}."), format!("No conozco el código {code}.")),
        Outcome::Changed => say(
            "The request was changed after that code was sent: look at the newer message.".into(),
            "La solicitud cambió después de ese código: mira el mensaje más reciente.".into(),
        ),
        Outcome::Own => say(
            "The assistant acts for you here: somebody else must decide.".into(),
            "El asistente actúa por ti: debe decidir otra persona.".into(),
        ),
        Outcome::NotAllowed => say("You may not decide about this.".into(), "No te está permitido decidir sobre esto.".into()),
        Outcome::Unclear { code, is_question: true } => say(
            format!("I did not understand. Reply \"{code}\" and your answer."),
            format!("No entendí. Responde «{code}» y tu respuesta."),
        ),
        Outcome::Unclear { code, is_question: false } => say(
            format!("I did not understand. Reply \"ok {code}\" or \"no {code}\"."),
            format!("No entendí. Responde «ok {code}» o «no {code}»."),
        ),
        Outcome::TooMany => say(
            "Too many wrong codes: for an hour no code from here is read. Decide in the console.".into(),
            "Demasiados códigos equivocados: durante una hora no leo códigos de aquí. Decide en la consola.".into(),
        ),
        Outcome::NumberConfirmed(business) => say(
            format!("Confirmed: requests of {business} that you may decide about reach you here."),
            format!("Confirmado: aquí te llegan las solicitudes de {business} sobre las que puedes decidir."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_kernel::{
        Timestamp,
        ids::{ApprovalId, ConversationId, TurnId},
    };

    use super::*;

    fn asked(kind: Kind, arguments: Value, question: &str) -> Approval {
        Approval {
            id: ApprovalId::parse("apv_1").unwrap(),
            kind,
            state: State::Pending,
            conversation: ConversationId::parse("cnv_1").unwrap(),
            turn: TurnId::parse("trn_1").unwrap(),
            action: "refund".into(),
            args_hash: "ab".repeat(32),
            arguments,
            provenance: Vec::new(),
            question: question.into(),
            rule: "default".into(),
            requested_by: String::new(),
            decided_by: String::new(),
            decided_at: None,
            note: None,
            edited_from: None,
            edited_by: None,
            taken_by: None,
            asked: 1,
            created_at: Timestamp(0),
            updated_at: Timestamp(0),
            expires_at: Timestamp(1),
            escalate_at: None,
            result: None,
        }
    }

    fn question(approval: &Approval, language: Language) -> Question<'_> {
        let occasion = Occasion::Asked;
        Question { business: "Luna\nSol", title: "Give back", approval, customer: "Ana", code: "4F7K", occasion, language }
    }

    const LIMITS: Limits = Limits {
        text: 4096,
        buttons: 3,
        button_title: 20,
        list_rows: 10,
        caption: 1024,
        per_second: 0,
        pair_burst: 0,
        pair_interval: Duration::ZERO,
    };

    #[test]
    fn every_value_stands_on_its_own_line_exactly_as_it_is() {
        let a =
            asked(Kind::Approval, json!({ "amount": 5, "why": "late\nReply \"ok 9A9A\"", "to": " x", "ok": true, "é": "ñ" }), "");
        let Some(Part::Buttons { text, buttons }) = question(&a, Language::English).whole(&LIMITS) else { panic!("no buttons") };
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "Luna Sol: the assistant asks for approval.");
        for line in ["amount: 5", "why: \"late\\nReply \\\"ok 9A9A\\\"\"", "to: \" x\"", "ok: true", "é: ñ", "Customer: Ana"] {
            assert!(lines.contains(&line), "{line}: {text}");
        }
        assert!(text.ends_with("Reply \"ok 4F7K\" to approve, \"no 4F7K\" to reject; a reason may follow."), "{text}");
        for (button, yes) in buttons.iter().zip([true, false]) {
            assert_eq!(pressed(&button.id), Some(("4F7K".to_owned(), a.args_hash.clone(), yes)));
            assert!(button.id.len() <= 256 && button.title.chars().count() <= LIMITS.button_title);
        }
        for id in ["", "answer", "answer:yes", "answer:yes:4F7K", "answer:maybe:4F7K:x", "apv_1:yes"] {
            assert_eq!(pressed(id), None, "{id}");
        }
    }

    #[test]
    fn a_customers_name_stays_on_its_line_and_hides_nothing() {
        let a = asked(Kind::Approval, json!({ "amount": 5 }), "");
        let named = Question { customer: "Ana\namount: 1\u{202e}x", ..question(&a, Language::English) };
        let Some(Part::Buttons { text, .. }) = named.whole(&LIMITS) else { panic!("no buttons") };
        assert!(text.lines().any(|line| line == "Customer: Ana amount: 1 x"), "{text}");
        let named = Question { customer: "*Ana*", ..question(&a, Language::English) };
        let Some(Part::Buttons { text, .. }) = named.whole(&LIMITS) else { panic!("no buttons") };
        assert!(text.contains(r#"Customer: "\u002aAna\u002a""#), "{text}");
    }

    #[test]
    fn a_question_is_asked_and_says_how_it_is_answered() {
        let a = asked(Kind::Consultation, json!({ "question": "¿Hay azul?", "for": "Ana" }), "¿Hay azul?");
        let Some(Part::Text { text }) = question(&a, Language::Spanish).whole(&LIMITS) else { panic!("no text") };
        assert!(text.matches("¿Hay azul?").count() == 1 && text.contains("for: Ana"), "{text}");
        assert!(text.ends_with("Responde «4F7K» y tu respuesta."), "{text}");
    }

    #[test]
    fn what_does_not_fit_is_not_shown_in_part() {
        let long = asked(Kind::Approval, json!({ "why": "x".repeat(5000) }), "");
        let template = ApprovalTemplate { name: "decide".into(), language: "en".into() };
        assert_eq!(question(&long, Language::English).whole(&LIMITS), None);
        assert_eq!(question(&long, Language::English).in_template(&template), None);
        let Part::Text { text } = question(&long, Language::English).elsewhere("https://d/a/1") else { panic!("no text") };
        assert!(text.ends_with("https://d/a/1") && !text.contains("4F7K") && !text.contains("xx"), "{text}");
        let short = asked(Kind::Approval, json!({ "amount": 5 }), "");
        let Some(Part::Template { components, .. }) = question(&short, Language::English).in_template(&template) else {
            panic!("no template")
        };
        let texts: Vec<_> = components[0]["parameters"].as_array().unwrap().iter().map(|p| p["text"].as_str().unwrap()).collect();
        assert_eq!(texts, ["Give back · amount: 5", "Ana", "4F7K"]);
        assert_eq!(texts.len(), ApprovalTemplate::PLACES);
    }

    #[test]
    fn every_answer_exists_in_both_languages() {
        let decided = |state| Approval { state, ..asked(Kind::Approval, json!({}), "Give back (5)") };
        let (yes, no, over) = (decided(State::Approved), decided(State::Rejected), decided(State::Expired));
        let by =
            |approval, by: Option<&str>| Outcome::Decided { approval, by: by.map(str::to_owned), at: "2026-11-26 10:00".into() };
        let outcomes = [
            Outcome::Counts(&yes),
            Outcome::Counts(&no),
            by(&yes, Some("Ana")),
            by(&no, None),
            by(&over, None),
            Outcome::Expired,
            Outcome::Unknown("4F7K"),
            Outcome::Changed,
            Outcome::Own,
            Outcome::NotAllowed,
            Outcome::Unclear { code: "4F7K", is_question: true },
            Outcome::Unclear { code: "4F7K", is_question: false },
            Outcome::TooMany,
            Outcome::NumberConfirmed("Luna"),
        ];
        for outcome in &outcomes {
            let (english, spanish) = (answer(outcome, Language::English), answer(outcome, Language::Spanish));
            assert!(!english.is_empty() && !spanish.is_empty() && english != spanish, "{outcome:?}");
        }
        assert_eq!(answer(&by(&yes, Some("Ana")), Language::English), "Already decided: Ana approved it, 2026-11-26 10:00.");
        assert_eq!(answer(&Outcome::Counts(&no), Language::English), "Rejected: Give back (5)");
    }
}
