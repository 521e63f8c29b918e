//! The palette of a prompt's writer: what may be inserted, what it means, and what it is here and now.

use super::{PromptContext, sandbox::Compiled, sections, variables};

/// Something that a template may insert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    /// What to write into the template.
    pub insert: &'static str,
    pub english: &'static str,
    pub spanish: &'static str,
    /// What it comes to; empty when there is nothing to say.
    pub sample: String,
}

/// Longer samples are cut.
const LONGEST: usize = 400;

/// Everything that there is, with samples from a business and a moment.
pub fn palette(ctx: &PromptContext<'_>) -> Vec<Variable> {
    let sections = sections::write(ctx, &mut Vec::new());
    let values = variables::of(ctx, &sections);
    let sample = |insert: &str| {
        let text = Compiled::of(insert).and_then(|c| c.render(values.clone())).unwrap_or_default();
        match text.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        }
    };
    let of = |(name, insert, english, spanish): &(&'static str, &'static str, &'static str, &'static str)| Variable {
        name,
        insert,
        english,
        spanish,
        sample: sample(insert),
    };
    ALL.iter().map(of).collect()
}

#[rustfmt::skip]
const ALL: &[(&str, &str, &str, &str)] = &[
    ("agent_name", "{{ agent_name }}", "name of this agent", "nombre de este agente"),
    ("contact.name", "{{ contact.name }}", "the customer's name, when known", "nombre del cliente, si se sabe"),
    ("contact.facts", "{% for fact in contact.facts %}{{ fact }}: {{ contact.facts[fact] }}\n{% endfor %}", "what the customer told about themselves", "lo que el cliente contó de sí"),
    ("business.name", "{{ business.name }}", "name of the business", "nombre del negocio"),
    ("business.type", "{{ business.type }}", "kind of business", "tipo de negocio"),
    ("business.address", "{{ business.address }}", "street address", "dirección"),
    ("business.city", "{{ business.city }}", "city", "ciudad"),
    ("business.state", "{{ business.state }}", "state or region", "departamento o región"),
    ("business.country", "{{ business.country }}", "country", "país"),
    ("business.phone", "{{ business.phone }}", "phone of the business", "teléfono del negocio"),
    ("business.email", "{{ business.email }}", "e-mail of the business", "correo del negocio"),
    ("business.website", "{{ business.website }}", "website", "sitio web"),
    ("business.currency", "{{ business.currency }}", "currency of prices", "moneda de los precios"),
    ("location", "{{ location }}", "where the business is, in one line", "dónde queda el negocio, en una línea"),
    ("services", "{% for s in services %}- {{ s.name }}: {{ s.price }} ({{ s.duration_minutes }} min)\n{% endfor %}", "services with price and duration", "servicios con precio y duración"),
    ("staff", "{{ staff | join(', ', attribute='name') }}", "names of the team", "nombres del equipo"),
    ("hours", "{% for h in hours if h.is_open %}{{ h.day }}: {{ h.hours }}\n{% endfor %}", "days and hours when it is open", "días y horas de atención"),
    ("payment_methods", "{{ payment_methods | join(', ') }}", "ways to pay", "medios de pago"),
    ("promotions", "{{ promotions | join(', ') }}", "current promotions", "promociones vigentes"),
    ("appointments.default_duration_minutes", "{{ appointments.default_duration_minutes }}", "usual length of an appointment, in minutes", "duración usual de una cita, en minutos"),
    ("appointments.min_advance_hours", "{{ appointments.min_advance_hours }}", "hours of notice for an appointment", "horas de anticipación para una cita"),
    ("appointments.max_advance_days", "{{ appointments.max_advance_days }}", "how many days ahead one may book", "hasta cuántos días adelante se agenda"),
    ("appointments.max_concurrent", "{{ appointments.max_concurrent }}", "appointments at the same time", "citas a la vez"),
    ("now", "{{ now }}", "local date and time", "fecha y hora locales"),
    ("today", "{{ today }}", "local date", "fecha local"),
    ("time", "{{ time }}", "local time", "hora local"),
    ("weekday", "{{ weekday }}", "day of the week", "día de la semana"),
    ("time_zone", "{{ time_zone }}", "time zone of the business", "zona horaria del negocio"),
    ("language", "{{ language }}", "language of the business", "idioma del negocio"),
    ("channel", "{{ channel }}", "where the customer writes", "por dónde escribe el cliente"),
    ("sections.services", "{{ sections.services }}", "the whole section on services, as it stands below every prompt", "toda la sección de servicios, como está al final de cada prompt"),
    ("sections.hours", "{{ sections.hours }}", "the whole section on hours", "toda la sección de horarios"),
    ("sections.staff", "{{ sections.staff }}", "the whole section on the team", "toda la sección del equipo"),
    ("sections.location", "{{ sections.location }}", "the whole section on the place", "toda la sección de ubicación"),
    ("sections.payment", "{{ sections.payment }}", "the whole section on payment", "toda la sección de pagos"),
    ("sections.promotions", "{{ sections.promotions }}", "the whole section on promotions", "toda la sección de promociones"),
];

#[cfg(test)]
mod tests {
    use super::{
        super::{sample::with_sample, validate},
        *,
    };

    #[test]
    fn everything_in_the_palette_may_be_inserted_and_nothing_is_missing() {
        with_sample("es-CO", |ctx| {
            for variable in palette(ctx) {
                // With words around it: a promotion that there is none of renders to nothing.
                assert_eq!(validate(&format!("x {}", variable.insert)), Ok(()), "{}", variable.name);
                let empty_here = ["contact.facts", "business.state", "business.email", "business.website"];
                assert_eq!(variable.sample.is_empty(), empty_here.contains(&variable.name), "{}", variable.name);
            }
        });
        for name in variables::NAMES {
            assert!(ALL.iter().any(|(of, ..)| of.split('.').next() == Some(name)), "{name} is not in the palette");
        }
    }
}
