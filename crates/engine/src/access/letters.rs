//! What our mails say, in English and Spanish: plain text, and the same as simple HTML without anything from elsewhere.

/// A mail without its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

struct Words {
    subject: String,
    lines: [String; 2],
    /// What is asked, exactly, where it can be answered.
    exact: Vec<String>,
    button: &'static str,
    end: String,
}

/// Somebody is asked to work at a business.
pub(super) fn invitation(language: &str, business: &str, by: &str, link: &str) -> Letter {
    let words = if is_spanish(language) {
        Words {
            subject: format!("Invitación a {business}"),
            lines: [
                format!("{by} le invita a trabajar con {business} en frontdesk."),
                "Con este enlace acepta la invitación. Vale siete días y una sola vez.".into(),
            ],
            exact: Vec::new(),
            button: "Aceptar la invitación",
            end: "Si no esperaba este correo, no tiene que hacer nada.".into(),
        }
    } else {
        Words {
            subject: format!("Invitation to {business}"),
            lines: [
                format!("{by} invites you to work with {business} on frontdesk."),
                "This link accepts the invitation. It is valid for seven days and works once.".into(),
            ],
            exact: Vec::new(),
            button: "Accept the invitation",
            end: "If you did not expect this mail, there is nothing to do.".into(),
        }
    };
    written(language, words, link)
}

/// Somebody forgot their password.
pub(super) fn reset(language: &str, name: &str, link: &str) -> Letter {
    let words = if is_spanish(language) {
        Words {
            subject: "Nueva contraseña".into(),
            lines: [
                format!("Hola, {name}: alguien pidió una nueva contraseña para su cuenta de frontdesk."),
                "Con este enlace elige una. Vale una hora y una sola vez; cierra todas las sesiones abiertas.".into(),
            ],
            exact: Vec::new(),
            button: "Elegir una contraseña",
            end: "Si no fue usted, ignore este correo: su contraseña sigue siendo la misma.".into(),
        }
    } else {
        Words {
            subject: "New password".into(),
            lines: [
                format!("Hello {name}, somebody asked for a new password for your frontdesk account."),
                "This link lets you choose one. It is valid for one hour, works once, and signs you out everywhere.".into(),
            ],
            exact: Vec::new(),
            button: "Choose a password",
            end: "If that was not you, ignore this mail: your password stays the same.".into(),
        }
    };
    written(language, words, link)
}

/// Nobody has decided for too long about what has this name.
pub(super) fn decision_overdue(language: &str, business: &str, what: &str, link: &str, exact: Option<&[String]>) -> Letter {
    let words = if is_spanish(language) {
        Words {
            subject: format!("{business}: todavía nadie ha decidido: {what}"),
            lines: [
                format!("El asistente espera desde hace un rato que alguien del equipo decida: {what}."),
                or_here("Con este enlace ve exactamente qué y decide. Es personal: no lo reenvíe.", exact, true),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "Ver y decidir",
            end: "Si nadie decide a tiempo, no se hace nada y el cliente lo sabe.".into(),
        }
    } else {
        Words {
            subject: format!("{business}: still nobody has decided: {what}"),
            lines: [
                format!("For a while the assistant has been waiting for somebody of the team to decide: {what}."),
                or_here(
                    "This link shows exactly what, and takes your decision. It is yours alone: do not pass it on.",
                    exact,
                    false,
                ),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "Look and decide",
            end: "If nobody decides in time, nothing is done and the customer is told so.".into(),
        }
    };
    written(language, words, link)
}

/// The agent wants something of somebody who may decide. What exactly is behind the link: a mailbox is no place for it, unless it can be
/// answered by mail (`exact`).
pub(super) fn decision_wanted(language: &str, business: &str, is_question: bool, link: &str, exact: Option<&[String]>) -> Letter {
    let words = match (is_spanish(language), is_question) {
        (true, true) => Words {
            subject: format!("{business}: una pregunta del asistente"),
            lines: [
                "El asistente necesita una respuesta del equipo para seguir con un cliente.".into(),
                or_here("Con este enlace la ve y la responde. Es personal: no lo reenvíe.", exact, true),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "Ver la pregunta",
            end: "Si otra persona responde antes, no tiene que hacer nada.".into(),
        },
        (true, false) => Words {
            subject: format!("{business}: algo espera su autorización"),
            lines: [
                "El asistente quiere hacer algo que no hace sin la autorización de una persona.".into(),
                or_here("Con este enlace ve exactamente qué y dice sí o no. Es personal: no lo reenvíe.", exact, true),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "Ver y decidir",
            end: "Si otra persona decide antes, no tiene que hacer nada.".into(),
        },
        (false, true) => Words {
            subject: format!("{business}: a question from the assistant"),
            lines: [
                "The assistant needs an answer from the team to go on with a customer.".into(),
                or_here(
                    "This link shows the question and takes your answer. It is yours alone: do not pass it on.",
                    exact,
                    false,
                ),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "See the question",
            end: "If somebody else answers first, there is nothing to do.".into(),
        },
        (false, false) => Words {
            subject: format!("{business}: something waits for your decision"),
            lines: [
                "The assistant wants to do something that it does not do without a person's yes.".into(),
                or_here(
                    "This link shows exactly what, and takes your yes or no. It is yours alone: do not pass it on.",
                    exact,
                    false,
                ),
            ],
            exact: exact.unwrap_or_default().to_vec(),
            button: "Look and decide",
            end: "If somebody else decides first, there is nothing to do.".into(),
        },
    };
    written(language, words, link)
}

/// What is said of the link: a mail that can be answered has none of one's own.
fn or_here(own: &str, exact: Option<&[String]>, is_spanish: bool) -> String {
    match (exact, is_spanish) {
        (None, _) => own.to_owned(),
        (Some(_), true) => "También puede verlo y decidir en la consola:".to_owned(),
        (Some(_), false) => "You can also look and decide in the console:".to_owned(),
    }
}

/// The subject of what we answer.
pub(super) fn about_your_answer(language: &str, business: &str) -> String {
    if is_spanish(language) { format!("{business}: su respuesta") } else { format!("{business}: your answer") }
}

fn is_spanish(language: &str) -> bool {
    language.split(['-', '_']).next() == Some("es")
}

/// What a business writes: its own words, and its name below.
pub(super) fn of_business(language: &str, business: &str, subject: &str, body: &str) -> Letter {
    let subject = one_line(subject);
    let lang = if is_spanish(language) { "es" } else { "en" };
    let paragraphs =
        body.split("\n\n").map(|p| format!("<p>{}</p>", escaped(p.trim()).replace('\n', "<br>"))).collect::<String>();
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;max-width:34em;margin:2em auto;padding:0 1em\">\
         {paragraphs}<p>{}</p></body></html>",
        escaped(&subject),
        escaped(business)
    );
    Letter { subject, text: format!("{}\n\n{business}\n", body.trim()), html }
}

fn written(language: &str, words: Words, link: &str) -> Letter {
    let [first, second] = &words.lines;
    let exact = words.exact.join("\n");
    let (block, shown) = match exact.is_empty() {
        true => (String::new(), String::new()),
        false => (format!("{exact}\n\n"), format!("<p style=\"white-space:pre-wrap\">{}</p>", escaped(&exact))),
    };
    let text = format!("{first}\n\n{block}{second}\n\n{link}\n\n{}\n", words.end);
    let lang = if is_spanish(language) { "es" } else { "en" };
    let html = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\
         <body style=\"font-family:sans-serif;font-size:16px;line-height:1.5;max-width:34em;margin:2em auto;padding:0 1em\">\
         <p>{}</p>{shown}<p>{}</p><p><a href=\"{link}\">{}</a></p><p style=\"word-break:break-all\">{link}</p><p>{}</p></body></html>",
        escaped(&words.subject),
        escaped(first),
        escaped(second),
        words.button,
        escaped(&words.end),
        link = escaped(link),
    );
    Letter { subject: one_line(&words.subject), text, html }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A subject is a header: no second one may hide in a name.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(150).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_business_writes_is_text_in_paragraphs() {
        let letter = of_business("en", "Luna <3", "Monday\r\nBcc: x@y.z", "Hello <b>Eva</b>\nsee you\n\nBye");
        assert_eq!(letter.subject, "Monday  Bcc: x@y.z");
        assert!(
            letter.html.contains("<p>Hello &lt;b&gt;Eva&lt;/b&gt;<br>see you</p><p>Bye</p><p>Luna &lt;3</p>"),
            "{}",
            letter.html
        );
        assert!(letter.text.ends_with("Bye\n\nLuna <3\n"), "{}", letter.text);
    }

    #[test]
    fn a_name_in_a_mail_is_text_and_never_a_tag_or_a_header() {
        let letter = invitation("es-CO", "<b>Luna</b>\r\nBcc: x@y.example", "Ana & Co", "https://desk.example/invitation/abc");
        assert!(letter.html.contains("&lt;b&gt;Luna&lt;/b&gt;") && !letter.html.contains("<b>"), "{}", letter.html);
        assert!(letter.html.contains("Ana &amp; Co") && letter.subject.starts_with("Invitación"));
        assert!(!letter.subject.contains(['\r', '\n']), "{}", letter.subject);
        assert!(!letter.html.contains("src=") && !letter.html.contains("url("));
    }

    #[test]
    fn each_mail_exists_in_both_languages_with_its_link() {
        for language in ["en", "es", "fr"] {
            for letter in [
                invitation(language, "Luna", "Ana", "https://d/i"),
                reset(language, "Ana", "https://d/r"),
                decision_wanted(language, "Luna", true, "https://d/a", None),
                decision_wanted(language, "Luna", false, "https://d/a", Some(&["amount: <5>".to_owned()])),
            ] {
                assert!(letter.text.contains("https://d/") && letter.html.contains("href=\"https://d/"), "{letter:?}");
            }
        }
        assert_ne!(reset("en", "Ana", "x").text, reset("es", "Ana", "x").text);
    }
}
