//! A made-up business, to try a template on.

use frontdesk_kernel::{
    Timestamp,
    booking::{Service, Staff},
    contact::Contact,
    ids::{ContactId, ServiceId, StaffId, TenantId},
    money::Money,
    profile::{Day, Hours, Profile, Span},
    tenant::{Tenant, TenantSettings},
};
use jiff::civil::time;

use super::PromptContext;

/// A Saturday morning in Bogotá.
const NOW: Timestamp = Timestamp(1_795_273_500_000);

pub(super) fn with_sample<T>(language: &str, use_it: impl FnOnce(&PromptContext<'_>) -> T) -> T {
    let (tenant, contact) = (tenant(language), contact());
    let (services, staff) = ([service()], [person()]);
    use_it(&PromptContext {
        tenant: &tenant,
        services: &services,
        staff: &staff,
        contact: &contact,
        contact_address: "570000000000",
        now: NOW,
        agent_name: "Sofía",
        channel: "whatsapp",
    })
}

fn tenant(language: &str) -> Tenant {
    let span = |open, close| Span { open: time(open, 0, 0, 0), close: time(close, 0, 0, 0) };
    let weekdays = Day::ALL.into_iter().take(5).map(|day| (day, vec![span(9, 12), span(14, 18)]));
    Tenant {
        id: TenantId::from_uuid(Default::default()),
        name: "Salón Aurora".to_owned(),
        business_type: "salon".to_owned(),
        time_zone: "America/Bogota".to_owned(),
        language: language.to_owned(),
        currency: "COP".to_owned(),
        profile: Profile {
            address: Some("Calle 10 # 5-20".to_owned()),
            city: Some("Medellín".to_owned()),
            country: Some("Colombia".to_owned()),
            phone: Some("+57 000 000 0000".to_owned()),
            hours: Hours(weekdays.collect()),
            payment_methods: vec!["Efectivo".to_owned()],
            promotions: vec!["2 x 1".to_owned()],
            ..Profile::default()
        },
        settings: TenantSettings::default(),
        active: true,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn service() -> Service {
    Service {
        id: ServiceId::from_uuid(Default::default()),
        name: "Corte".to_owned(),
        duration_minutes: 30,
        buffer_before_minutes: 0,
        buffer_after_minutes: 0,
        price: Some(Money { minor: 1_200_000, currency: "COP".to_owned() }),
        description: "Con lavado".to_owned(),
        active: true,
    }
}

fn person() -> Staff {
    Staff {
        id: StaffId::from_uuid(Default::default()),
        name: "Ana".to_owned(),
        specialties: vec!["color".to_owned()],
        services: Vec::new(),
        hours: None,
        away: Vec::new(),
        location: None,
        active: true,
    }
}

fn contact() -> Contact {
    Contact { name: Some("María".to_owned()), ..Contact::stranger(ContactId::from_uuid(Default::default()), NOW) }
}
