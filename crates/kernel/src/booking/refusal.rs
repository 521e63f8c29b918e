//! Why an appointment cannot be, with what a sentence about it needs.

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{say_day, say_hours, say_time, say_when};
use crate::{
    Timestamp,
    language::Language::{self, English, Spanish},
    profile::Span,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    Past,
    TooSoon {
        min_advance_hours: u32,
        earliest: Timestamp,
    },
    TooFar {
        max_advance_days: u32,
        latest: Timestamp,
    },
    /// `reason` is the holiday's name.
    ClosedDay {
        date: Date,
        reason: Option<String>,
    },
    OutsideHours {
        date: Date,
        open: Vec<Span>,
    },
    CrossesBreak {
        from: Time,
        to: Time,
    },
    /// Does not work then, or is taken.
    StaffUnavailable {
        name: String,
    },
    /// `staff: None`: nobody of the team gives it.
    StaffDoesNotGiveService {
        staff: Option<String>,
        service: String,
    },
    /// The service is switched off.
    NotOffered {
        service: String,
    },
    Full,
    /// A setting makes no sense; `what` names it for staff.
    Unreadable {
        what: &'static str,
    },
}

impl Refusal {
    /// For the customer.
    pub fn sentence(&self, language: Language, zone: &TimeZone) -> String {
        match language {
            Spanish => self.in_spanish(zone),
            English => self.in_english(zone),
        }
    }

    fn in_spanish(&self, zone: &TimeZone) -> String {
        match self {
            Refusal::Past => "Esa hora ya pasó.".to_owned(),
            Refusal::TooSoon { min_advance_hours: hours, earliest } => {
                let (hours, earliest) = (count(*hours, "hora", "horas"), say_when(*earliest, zone, Spanish));
                format!("Las citas se piden con al menos {hours} de anticipación: lo más pronto es el {earliest}.")
            }
            Refusal::TooFar { max_advance_days: days, latest } => {
                let (days, latest) = (count(*days, "día", "días"), say_day(latest.in_zone(zone).date(), Spanish));
                format!("Las citas se dan con un máximo de {days} de anticipación: hasta el {latest}.")
            }
            Refusal::ClosedDay { date, reason } => {
                format!("El {} no abrimos{}.", say_day(*date, Spanish), in_brackets(reason.as_deref()))
            }
            Refusal::OutsideHours { date, open } => {
                format!("La cita no cabe en nuestro horario del {}: {}.", say_day(*date, Spanish), say_hours(open, Spanish))
            }
            Refusal::CrossesBreak { from, to } => {
                format!("La cita se cruza con nuestra pausa de {} a {}.", say_time(*from), say_time(*to))
            }
            Refusal::StaffUnavailable { name } => format!("{name} no está disponible a esa hora."),
            Refusal::StaffDoesNotGiveService { staff: Some(name), service } => format!("{name} no atiende {service}."),
            Refusal::StaffDoesNotGiveService { staff: None, service } => {
                format!("Por ahora nadie del equipo atiende {service}.")
            }
            Refusal::NotOffered { service } => format!("Por ahora no ofrecemos {service}."),
            Refusal::Full => "Esa hora ya está ocupada.".to_owned(),
            Refusal::Unreadable { .. } => "No puedo revisar la agenda en este momento.".to_owned(),
        }
    }

    fn in_english(&self, zone: &TimeZone) -> String {
        match self {
            Refusal::Past => "That time has already passed.".to_owned(),
            Refusal::TooSoon { min_advance_hours: hours, earliest } => {
                let (hours, earliest) = (count(*hours, "hour", "hours"), say_when(*earliest, zone, English));
                format!("Appointments need at least {hours} of notice: the earliest is {earliest}.")
            }
            Refusal::TooFar { max_advance_days: days, latest } => {
                let (days, latest) = (count(*days, "day", "days"), say_day(latest.in_zone(zone).date(), English));
                format!("Appointments are given at most {days} ahead: until {latest}.")
            }
            Refusal::ClosedDay { date, reason } => {
                format!("We are closed on {}{}.", say_day(*date, English), in_brackets(reason.as_deref()))
            }
            Refusal::OutsideHours { date, open } => {
                format!("The appointment does not fit our hours on {}: {}.", say_day(*date, English), say_hours(open, English))
            }
            Refusal::CrossesBreak { from, to } => {
                format!("The appointment would run into our break from {} to {}.", say_time(*from), say_time(*to))
            }
            Refusal::StaffUnavailable { name } => format!("{name} is not available at that time."),
            Refusal::StaffDoesNotGiveService { staff: Some(name), service } => format!("{name} does not give {service}."),
            Refusal::StaffDoesNotGiveService { staff: None, service } => {
                format!("Nobody on the team gives {service} at present.")
            }
            Refusal::NotOffered { service } => format!("We do not offer {service} at present."),
            Refusal::Full => "That time is already taken.".to_owned(),
            Refusal::Unreadable { .. } => "I cannot look at the calendar right now.".to_owned(),
        }
    }
}

fn in_brackets(text: Option<&str>) -> String {
    text.map(|t| format!(" ({t})")).unwrap_or_default()
}

fn count(n: u32, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_a_tidy_sentence_in_both_languages() {
        let zone = TimeZone::get("America/Bogota").unwrap();
        let date = jiff::civil::date(2026, 12, 7);
        let at = Timestamp("2026-12-07T15:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond());
        let time = |text: &str| text.parse::<Time>().unwrap();
        let span = Span { open: time("09:00"), close: time("23:59") };
        let (ana, cut) = ("Ana".to_owned(), "Corte".to_owned());
        for (refusal, spanish, english) in [
            (Refusal::Past, "Esa hora ya pasó.", "That time has already passed."),
            (
                Refusal::TooSoon { min_advance_hours: 1, earliest: at },
                "Las citas se piden con al menos 1 hora de anticipación: lo más pronto es el lunes 7 de diciembre a las 10:00 AM.",
                "Appointments need at least 1 hour of notice: the earliest is Monday 7 December at 10:00 AM.",
            ),
            (
                Refusal::TooFar { max_advance_days: 30, latest: at },
                "Las citas se dan con un máximo de 30 días de anticipación: hasta el lunes 7 de diciembre.",
                "Appointments are given at most 30 days ahead: until Monday 7 December.",
            ),
            (
                Refusal::ClosedDay { date, reason: Some("puente".into()) },
                "El lunes 7 de diciembre no abrimos (puente).",
                "We are closed on Monday 7 December (puente).",
            ),
            (
                Refusal::ClosedDay { date, reason: None },
                "El lunes 7 de diciembre no abrimos.",
                "We are closed on Monday 7 December.",
            ),
            (
                Refusal::OutsideHours { date, open: vec![span] },
                "La cita no cabe en nuestro horario del lunes 7 de diciembre: 9:00 AM a medianoche.",
                "The appointment does not fit our hours on Monday 7 December: 9:00 AM to midnight.",
            ),
            (
                Refusal::CrossesBreak { from: time("12:00"), to: time("13:30") },
                "La cita se cruza con nuestra pausa de 12:00 PM a 1:30 PM.",
                "The appointment would run into our break from 12:00 PM to 1:30 PM.",
            ),
            (
                Refusal::StaffUnavailable { name: ana.clone() },
                "Ana no está disponible a esa hora.",
                "Ana is not available at that time.",
            ),
            (
                Refusal::StaffDoesNotGiveService { staff: Some(ana), service: cut.clone() },
                "Ana no atiende Corte.",
                "Ana does not give Corte.",
            ),
            (
                Refusal::StaffDoesNotGiveService { staff: None, service: cut.clone() },
                "Por ahora nadie del equipo atiende Corte.",
                "Nobody on the team gives Corte at present.",
            ),
            (Refusal::NotOffered { service: cut }, "Por ahora no ofrecemos Corte.", "We do not offer Corte at present."),
            (Refusal::Full, "Esa hora ya está ocupada.", "That time is already taken."),
            (
                Refusal::Unreadable { what: "slot_minutes" },
                "No puedo revisar la agenda en este momento.",
                "I cannot look at the calendar right now.",
            ),
        ] {
            assert_eq!(refusal.sentence(Spanish, &zone), spanish);
            assert_eq!(refusal.sentence(English, &zone), english);
        }
    }
}
