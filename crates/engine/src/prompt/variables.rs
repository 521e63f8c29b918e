//! What a template may name.

use std::collections::BTreeMap;

use frontdesk_kernel::{language::Language, profile::Day};
use minijinja::{Value, value::Serde};
use serde::Serialize;

use super::{
    PromptContext,
    plain::one_line,
    sections::{Sections, day_name, place, spans_in_words},
};

/// The top-level names, for the message about an unknown one.
pub(super) const NAMES: &[&str] = &[
    "agent_name",
    "appointments",
    "business",
    "channel",
    "contact",
    "hours",
    "language",
    "location",
    "now",
    "payment_methods",
    "promotions",
    "sections",
    "services",
    "staff",
    "time",
    "time_zone",
    "today",
    "weekday",
];

pub(super) fn of(ctx: &PromptContext<'_>, sections: &Sections) -> Value {
    let (tenant, profile) = (ctx.tenant, &ctx.tenant.profile);
    let language = tenant.speaks();
    let local = ctx.now.in_zone(&tenant.zone());
    let text = |t: &Option<String>| t.as_deref().map(|t| one_line(t, 200)).unwrap_or_default();
    let lines = |list: &[String]| list.iter().map(|l| one_line(l, 300)).collect();
    let all = Variables {
        agent_name: one_line(ctx.agent_name, 80),
        business: Business {
            name: one_line(&tenant.name, 80),
            r#type: one_line(&tenant.business_type, 80),
            address: text(&profile.address),
            city: text(&profile.city),
            state: text(&profile.state),
            country: text(&profile.country),
            phone: text(&profile.phone),
            email: text(&profile.email),
            website: text(&profile.website),
            currency: one_line(&tenant.currency, 10),
        },
        services: (ctx.services.iter().filter(|s| s.active))
            .map(|s| ServiceLine {
                name: one_line(&s.name, 80),
                price: s.price.as_ref().map(ToString::to_string).unwrap_or_default(),
                duration_minutes: s.duration_minutes,
                description: one_line(&s.description, 200),
            })
            .collect(),
        staff: (ctx.staff.iter().filter(|s| s.active))
            .map(|s| Person { name: one_line(&s.name, 80), specialties: one_line(&s.specialties.join(", "), 200) })
            .collect(),
        hours: Day::ALL
            .map(|day| {
                let hours = spans_in_words(profile.hours.0.get(&day).map(Vec::as_slice).unwrap_or_default());
                DayLine { day: day_name(day, language), is_open: !hours.is_empty(), hours }
            })
            .into(),
        location: place(profile),
        payment_methods: lines(&profile.payment_methods),
        promotions: lines(&profile.promotions),
        appointments: Appointments {
            max_concurrent: profile.appointments.max_concurrent,
            min_advance_hours: profile.appointments.min_advance_hours,
            max_advance_days: profile.appointments.max_advance_days,
            default_duration_minutes: profile.appointments.default_duration_minutes,
        },
        contact: Customer {
            name: ctx.contact.name.as_deref().map(|n| one_line(n, 80)).unwrap_or_default(),
            facts: ctx.contact.facts.iter().map(|(k, v)| (one_line(k, 40), one_line(v, 120))).collect(),
        },
        today: local.date().to_string(),
        time: local.strftime("%H:%M").to_string(),
        now: local.strftime("%Y-%m-%d %H:%M").to_string(),
        weekday: match language {
            Language::Spanish => day_name(local.weekday().into(), language).to_lowercase(),
            Language::English => day_name(local.weekday().into(), language).to_owned(),
        },
        time_zone: one_line(&tenant.time_zone, 40),
        language: one_line(&tenant.language, 20),
        channel: ctx.channel,
        sections: Texts {
            services: &sections.services,
            hours: &sections.hours,
            staff: &sections.staff,
            location: &sections.location,
            payment: &sections.payment,
            promotions: &sections.promotions,
        },
    };
    Value::from(Serde(all))
}

#[derive(Serialize)]
struct Variables<'a> {
    agent_name: String,
    business: Business,
    services: Vec<ServiceLine>,
    staff: Vec<Person>,
    hours: Vec<DayLine>,
    location: String,
    payment_methods: Vec<String>,
    promotions: Vec<String>,
    appointments: Appointments,
    contact: Customer,
    today: String,
    time: String,
    now: String,
    weekday: String,
    time_zone: String,
    language: String,
    channel: &'a str,
    sections: Texts<'a>,
}

#[derive(Serialize)]
struct Business {
    name: String,
    r#type: String,
    address: String,
    city: String,
    state: String,
    country: String,
    phone: String,
    email: String,
    website: String,
    currency: String,
}

#[derive(Serialize)]
struct ServiceLine {
    name: String,
    price: String,
    duration_minutes: u32,
    description: String,
}

#[derive(Serialize)]
struct Person {
    name: String,
    specialties: String,
}

#[derive(Serialize)]
struct DayLine {
    day: &'static str,
    hours: String,
    is_open: bool,
}

#[derive(Serialize)]
struct Appointments {
    max_concurrent: u32,
    min_advance_hours: u32,
    max_advance_days: u32,
    default_duration_minutes: u32,
}

#[derive(Serialize)]
struct Customer {
    name: String,
    facts: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Texts<'a> {
    services: &'a str,
    hours: &'a str,
    staff: &'a str,
    location: &'a str,
    payment: &'a str,
    promotions: &'a str,
}
