//! The business in words: services, hours, team, place, payment, promotions. Plain text, so nothing a business writes can break it.

use std::fmt::Write;

use frontdesk_kernel::{
    booking::{Service, normalise},
    language::Language::{self, English, Spanish},
    profile::{Day, Profile, Span},
};

use super::{PromptContext, plain::one_line};

/// Lists longer than this are cut: the tools know the rest.
const MAX_LISTED: usize = 100;

#[derive(Debug, Default)]
pub(crate) struct Sections {
    pub(crate) services: String,
    pub(crate) hours: String,
    pub(crate) staff: String,
    pub(crate) location: String,
    pub(crate) payment: String,
    pub(crate) promotions: String,
}

impl Sections {
    pub(crate) fn joined(&self) -> String {
        let all = [&self.services, &self.hours, &self.staff, &self.location, &self.payment, &self.promotions];
        all.into_iter().filter(|s| !s.is_empty()).map(String::as_str).collect::<Vec<_>>().join("\n\n")
    }
}

pub(crate) fn write(ctx: &PromptContext<'_>, problems: &mut Vec<String>) -> Sections {
    let (profile, language) = (&ctx.tenant.profile, ctx.tenant.speaks());
    let kind = Kind::of(&ctx.tenant.business_type);
    let today = ctx.now.in_zone(&ctx.tenant.zone()).date();
    Sections {
        services: services(ctx.services, kind.icon(), language),
        hours: hours(profile, today, language, problems),
        staff: staff(ctx, kind, language),
        location: location(profile, language),
        payment: payment(profile, language),
        promotions: bullets(pick(language, "🎉 **PROMOCIONES ACTUALES**", "🎉 **CURRENT PROMOTIONS**"), &profile.promotions),
    }
}

/// `09:00 - 12:00, 13:30 - 18:00`; spans that make no sense are left out.
pub(super) fn spans_in_words(spans: &[Span]) -> String {
    let time = |t: jiff::civil::Time| format!("{:02}:{:02}", t.hour(), t.minute());
    let sound = spans.iter().filter(|s| s.open < s.close);
    sound.map(|s| format!("{} - {}", time(s.open), time(s.close))).collect::<Vec<_>>().join(", ")
}

pub(super) fn day_name(day: Day, language: Language) -> &'static str {
    match (day, language) {
        (Day::Monday, Spanish) => "Lunes",
        (Day::Tuesday, Spanish) => "Martes",
        (Day::Wednesday, Spanish) => "Miércoles",
        (Day::Thursday, Spanish) => "Jueves",
        (Day::Friday, Spanish) => "Viernes",
        (Day::Saturday, Spanish) => "Sábado",
        (Day::Sunday, Spanish) => "Domingo",
        (Day::Monday, English) => "Monday",
        (Day::Tuesday, English) => "Tuesday",
        (Day::Wednesday, English) => "Wednesday",
        (Day::Thursday, English) => "Thursday",
        (Day::Friday, English) => "Friday",
        (Day::Saturday, English) => "Saturday",
        (Day::Sunday, English) => "Sunday",
    }
}

/// `Calle 10 # 5-20, Medellín, Colombia`, or nothing.
pub(super) fn place(profile: &Profile) -> String {
    let parts = [&profile.address, &profile.city, &profile.state, &profile.country];
    let said = parts.into_iter().flatten().map(|p| one_line(p, 120)).filter(|p| !p.is_empty());
    said.collect::<Vec<_>>().join(", ")
}

fn services(all: &[Service], icon: &str, language: Language) -> String {
    let active: Vec<&Service> = all.iter().filter(|s| s.active).collect();
    if active.is_empty() {
        let text = pick(language, "Servicios disponibles (consultar precios)", "Services available (ask for prices)");
        return format!("{icon} {text}");
    }
    let mut out = format!("{icon} **{}**", pick(language, "SERVICIOS Y PRECIOS", "SERVICES AND PRICES"));
    for service in active.iter().take(MAX_LISTED) {
        let price = match &service.price {
            Some(price) => price.to_string(),
            None => pick(language, "consultar precio", "ask for the price").to_owned(),
        };
        // Writing to a String cannot fail.
        let _ = write!(out, "\n• {}: {price} ({} min)", one_line(&service.name, 80), service.duration_minutes);
        let description = one_line(&service.description, 200);
        if !description.is_empty() {
            let _ = write!(out, " – {description}");
        }
    }
    more(&mut out, active.len(), language);
    out
}

fn hours(profile: &Profile, today: jiff::civil::Date, language: Language, problems: &mut Vec<String>) -> String {
    problems.extend(profile.problems());
    if profile.hours.0.values().all(Vec::is_empty) {
        return format!("🕐 {}", pick(language, "Horarios de atención (consultar)", "Opening hours (ask us)"));
    }
    let closed = pick(language, "Cerrado", "Closed");
    let said = |spans: &[Span]| Some(spans_in_words(spans)).filter(|s| !s.is_empty()).unwrap_or_else(|| closed.to_owned());
    let mut out = format!("🕐 **{}**", pick(language, "HORARIOS DE ATENCIÓN", "OPENING HOURS"));
    for day in Day::ALL {
        let spans = profile.hours.0.get(&day).map(Vec::as_slice).unwrap_or_default();
        let _ = write!(out, "\n{}: {}", day_name(day, language), said(spans));
    }
    let mut coming: Vec<_> = profile.holidays.iter().filter(|h| h.date >= today).collect();
    coming.sort_by_key(|h| h.date);
    for holiday in coming.into_iter().take(10) {
        let name = Some(one_line(&holiday.name, 60)).filter(|n| !n.is_empty()).map(|n| format!(" ({n})"));
        let _ = write!(out, "\n{}{}: {}", holiday.date, name.unwrap_or_default(), said(&holiday.hours));
    }
    out
}

fn staff(ctx: &PromptContext<'_>, kind: Kind, language: Language) -> String {
    let active: Vec<_> = ctx.staff.iter().filter(|s| s.active).collect();
    if active.is_empty() {
        return String::new();
    }
    let mut out = format!("👥 **{}**", kind.team(language));
    for person in active.iter().take(MAX_LISTED) {
        let _ = write!(out, "\n• {}", one_line(&person.name, 80));
        let specialties = one_line(&person.specialties.join(", "), 200);
        if !specialties.is_empty() {
            let _ = write!(out, ": {specialties}");
        }
    }
    more(&mut out, active.len(), language);
    out
}

fn location(profile: &Profile, language: Language) -> String {
    match place(profile) {
        place if place.is_empty() => {
            format!("📍 {}", pick(language, "Ubicación disponible por solicitud", "Location on request"))
        }
        place => format!("📍 **{}**\n{place}", pick(language, "UBICACIÓN", "LOCATION")),
    }
}

fn payment(profile: &Profile, language: Language) -> String {
    let title = pick(language, "💳 **MEDIOS DE PAGO**", "💳 **WAYS TO PAY**");
    let none = pick(language, "💳 Aceptamos varios métodos de pago", "💳 We accept several ways to pay");
    Some(bullets(title, &profile.payment_methods)).filter(|s| !s.is_empty()).unwrap_or_else(|| none.to_owned())
}

/// Nothing when there is nothing to list.
fn bullets(title: &str, items: &[String]) -> String {
    let items: Vec<String> = items.iter().map(|i| one_line(i, 300)).filter(|i| !i.is_empty()).take(MAX_LISTED).collect();
    if items.is_empty() { String::new() } else { format!("{title}\n• {}", items.join("\n• ")) }
}

fn more(out: &mut String, listed: usize, language: Language) {
    if listed > MAX_LISTED {
        let _ = write!(out, "\n… {} {}", listed - MAX_LISTED, pick(language, "más", "more"));
    }
}

fn pick(language: Language, spanish: &'static str, english: &'static str) -> &'static str {
    match language {
        Spanish => spanish,
        English => english,
    }
}

/// What a business type means for icons and titles.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Barber,
    Salon,
    Restaurant,
    Cafe,
    Spa,
    Gym,
    Clinic,
    Other,
}

impl Kind {
    fn of(business_type: &str) -> Kind {
        let said = normalise(business_type);
        let holds = |words: &[&str]| said.split(' ').any(|w| words.contains(&w));
        if holds(&["barberia", "barber", "barbershop", "barbero"]) {
            Kind::Barber
        } else if holds(&["salon", "peluqueria", "hairdresser", "beauty", "belleza"]) {
            Kind::Salon
        } else if holds(&["restaurant", "restaurante"]) {
            Kind::Restaurant
        } else if holds(&["cafe", "cafeteria", "coffee"]) {
            Kind::Cafe
        } else if holds(&["spa", "masajes", "massage"]) {
            Kind::Spa
        } else if holds(&["gym", "gimnasio", "fitness"]) {
            Kind::Gym
        } else if holds(&["clinic", "clinica", "consultorio", "dental", "dentist", "medical"]) {
            Kind::Clinic
        } else {
            Kind::Other
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Kind::Barber => "💈",
            Kind::Salon => "💇",
            Kind::Restaurant => "🍽️",
            Kind::Cafe => "☕",
            Kind::Spa => "💆",
            Kind::Gym => "🏋️",
            Kind::Clinic => "🏥",
            Kind::Other => "🏪",
        }
    }

    fn team(self, language: Language) -> &'static str {
        match self {
            Kind::Barber => pick(language, "BARBEROS", "BARBERS"),
            Kind::Salon => pick(language, "ESTILISTAS", "STYLISTS"),
            Kind::Cafe => pick(language, "BARISTAS", "BARISTAS"),
            Kind::Spa => pick(language, "TERAPEUTAS", "THERAPISTS"),
            Kind::Gym => pick(language, "ENTRENADORES", "TRAINERS"),
            Kind::Clinic => pick(language, "PROFESIONALES", "PROFESSIONALS"),
            Kind::Restaurant | Kind::Other => pick(language, "NUESTRO EQUIPO", "OUR TEAM"),
        }
    }
}
