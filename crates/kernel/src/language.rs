//! The languages in which our own fixed lines exist.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Language {
    #[serde(rename = "en")]
    English,
    #[default]
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// `es`, `es-CO`, `en_US`; anything else speaks English.
    pub fn of(tag: &str) -> Language {
        if tag.get(..2).is_some_and(|l| l.eq_ignore_ascii_case("es")) { Language::Spanish } else { Language::English }
    }
}

/// Lines that we say ourselves, never the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Something failed on our side; a person was told.
    Trouble,
    /// The loop, time or budget ended; a person was told.
    OutOfSteps,
    /// A claim could not be backed; a person will confirm.
    BeingConfirmed,
    /// The contact asked for a person.
    HandedOver,
    /// The model had nothing to say.
    Empty,
    /// A kind of message that we cannot read.
    CannotRead,
    /// Too many messages from one contact.
    SlowDown,
    /// What the contact wants waits for somebody of the team.
    AskedTeam,
    /// What the contact wants waits for their own yes.
    AskedContact,
    /// The team said yes, and it is done.
    ApprovedAndDone,
    /// The team said yes, and it could not be done; a person was told.
    ApprovedNotDone,
    /// The team said no.
    Declined,
    /// The team said nothing in time; a person was told.
    NoDecision,
}

impl Line {
    pub fn text(self, language: Language) -> &'static str {
        use Language::*;
        match (self, language) {
            (Line::Trouble, Spanish) => {
                "Lo siento, tuve un problema procesando tu mensaje. Ya avisé a una persona del equipo para que te ayude."
            }
            (Line::Trouble, English) => {
                "Sorry, I had a problem with your message. I have told someone on the team, who will help you."
            }
            (Line::OutOfSteps, Spanish) => {
                "Lo siento, no logré terminar tu solicitud. Ya avisé a una persona del equipo para que continúe contigo."
            }
            (Line::OutOfSteps, English) => {
                "Sorry, I could not finish your request. I have told someone on the team, who will continue with you."
            }
            (Line::BeingConfirmed, Spanish) => {
                "Estoy confirmando tu solicitud con el equipo; te avisamos por aquí en cuanto esté lista."
            }
            (Line::BeingConfirmed, English) => {
                "I am confirming your request with the team; we will let you know here as soon as it is settled."
            }
            (Line::HandedOver, Spanish) => "Claro, una persona del equipo te responderá por aquí.",
            (Line::HandedOver, English) => "Of course, someone on the team will answer you here.",
            (Line::Empty, Spanish) => "Gracias por tu mensaje. Te responderemos pronto.",
            (Line::Empty, English) => "Thank you for your message. We will answer you soon.",
            (Line::CannotRead, Spanish) => "Todavía no puedo leer ese tipo de mensaje. ¿Me lo cuentas por texto?",
            (Line::CannotRead, English) => "I cannot read that kind of message yet. Could you tell me in text?",
            (Line::SlowDown, Spanish) => {
                "Recibí muchos mensajes seguidos; una persona del equipo los revisará y te responderá por aquí."
            }
            (Line::AskedTeam, Spanish) => {
                "Esto lo tiene que autorizar una persona del equipo. Ya se lo pedí; todavía no se ha hecho nada. Te aviso por aquí."
            }
            (Line::AskedTeam, English) => {
                "Someone on the team has to authorise this. I have asked them; nothing has been done yet. I will let you know here."
            }
            (Line::AskedContact, Spanish) => "Todavía no se ha hecho nada: falta que lo confirmes.",
            (Line::AskedContact, English) => "Nothing has been done yet: I still need your confirmation.",
            (Line::ApprovedAndDone, Spanish) => "Buenas noticias: el equipo autorizó tu solicitud y ya está hecha.",
            (Line::ApprovedAndDone, English) => "Good news: the team authorised your request and it is done.",
            (Line::ApprovedNotDone, Spanish) => {
                "El equipo autorizó tu solicitud, pero no se pudo completar. Una persona se encarga y te escribe por aquí."
            }
            (Line::ApprovedNotDone, English) => {
                "The team authorised your request, but it could not be completed. Someone will take care of it and write to you here."
            }
            (Line::Declined, Spanish) => {
                "El equipo revisó tu solicitud y no la puede autorizar. Si quieres, te ayudo con otra cosa."
            }
            (Line::Declined, English) => {
                "The team looked at your request and cannot authorise it. I can help you with something else if you like."
            }
            (Line::NoDecision, Spanish) => {
                "El equipo aún no ha respondido a tu solicitud, así que no se ha hecho nada. Una persona te escribirá por aquí."
            }
            (Line::NoDecision, English) => {
                "The team has not answered your request yet, so nothing has been done. Someone will write to you here."
            }
            (Line::SlowDown, English) => {
                "I received many messages in a row; someone on the team will go through them and answer you here."
            }
        }
    }
}
