//! The moment, the business in a few lines, and the customer.

use std::fmt::{Display, Write};

use frontdesk_kernel::{
    booking::{say_day, say_time},
    language::Language,
};

use super::{PromptContext, plain::one_line};

/// The lines `NOW`, `LANGUAGE` and `CONTACT` are read by machines: their form is fixed.
pub(super) fn write(out: &mut String, ctx: &PromptContext<'_>, problems: &mut Vec<String>) {
    let tenant = ctx.tenant;
    let local = ctx.now.in_zone(&tenant.zone());
    let zone = match jiff::tz::TimeZone::get(&tenant.time_zone) {
        Ok(_) => tenant.time_zone.as_str(),
        Err(_) => {
            problems.push(format!("time zone: `{}` is unknown; UTC was used", one_line(&tenant.time_zone, 40)));
            "UTC"
        }
    };
    let name = ctx.contact.name.as_deref().map(|n| one_line(n, 80)).filter(|n| !n.is_empty());
    let words = match tenant.speaks() {
        Language::Spanish => &SPANISH,
        Language::English => &ENGLISH,
    };

    out.push_str(words.title);
    line(out, "\nNOW", format_args!("{} {zone}", local.strftime("%Y-%m-%dT%H:%M %A")));
    line(out, "LANGUAGE", one_line(ctx.contact.language.as_deref().unwrap_or(&tenant.language), 20));
    line(out, "CONTACT", name.as_deref().unwrap_or("-"));

    let today =
        format!("{} {}{}, {}", say_day(local.date(), tenant.speaks()), words.of_year, local.year(), say_time(local.time()));
    line(out, words.now, today);
    let business = [&tenant.name, &tenant.business_type].map(|t| one_line(t, 80));
    line(
        out,
        words.business,
        if business[1].is_empty() { business[0].clone() } else { format!("{} ({})", business[0], business[1]) },
    );
    if let Some(phone) = tenant.profile.phone.as_deref().map(|p| one_line(p, 40)).filter(|p| !p.is_empty()) {
        line(out, words.phone, phone);
    }
    let rules = &tenant.profile.appointments;
    let n = [rules.default_duration_minutes, rules.min_advance_hours, rules.max_advance_days, rules.max_concurrent];
    line(out, words.rules, (words.rules_of)(n));
    let address = one_line(ctx.contact_address, 80);
    line(out, words.channel, if address.is_empty() { ctx.channel.to_owned() } else { format!("{} ({address})", ctx.channel) });
    for (fact, value) in ctx.contact.facts.iter().take(20) {
        line(out, &format!("- {}", one_line(fact, 40)), one_line(value, 120));
    }
    out.truncate(out.trim_end().len());
}

struct Words {
    title: &'static str,
    now: &'static str,
    of_year: &'static str,
    business: &'static str,
    phone: &'static str,
    rules: &'static str,
    rules_of: fn([u32; 4]) -> String,
    channel: &'static str,
}

const SPANISH: Words = Words {
    title: "### CONTEXTO ACTUAL",
    now: "- Fecha y hora local",
    of_year: "de ",
    business: "- Negocio",
    phone: "- Teléfono del negocio",
    rules: "- Citas",
    rules_of: |[length, notice, days, at_once]| {
        format!("{length} min por defecto, con {notice} h de anticipación, hasta {days} días adelante, {at_once} a la vez")
    },
    channel: "- Canal del cliente",
};

const ENGLISH: Words = Words {
    title: "### CURRENT CONTEXT",
    now: "- Local date and time",
    of_year: "",
    business: "- Business",
    phone: "- Phone of the business",
    rules: "- Appointments",
    rules_of: |[length, notice, days, at_once]| {
        format!("{length} min by default, {notice} h of notice, up to {days} days ahead, {at_once} at a time")
    },
    channel: "- Channel of the customer",
};

fn line(out: &mut String, name: &str, value: impl Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{name}: {value}");
}
