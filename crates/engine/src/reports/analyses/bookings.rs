//! Appointments by the day on which they are, what became of them, and how many were made.

use async_trait::async_trait;
use frontdesk_kernel::{booking::AppointmentStatus, report::Unit};
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{
    Analysis, Asked, Figures, Words,
    tally::{ByName, Tally},
};

pub(crate) struct Bookings;

const MADE: usize = 4;

#[async_trait]
impl Analysis for Bookings {
    fn key(&self) -> &'static str {
        "bookings"
    }
    fn title(&self) -> Words {
        ("Appointments", "Citas")
    }
    fn about(&self) -> Words {
        (
            "Appointments on the day they are for, by service and staff member, with cancellations and no-shows; and how many were made.",
            "Citas según el día para el que son, por servicio y por persona del equipo, con cancelaciones y ausencias; y cuántas se crearon.",
        )
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let mut over = Tally::new(asked, 5);
        let (mut by_service, mut by_staff) = (ByName::new(5), ByName::new(5));
        let no_service = (String::new(), asked.say(("Without a service", "Sin servicio")));
        let no_staff = (String::new(), asked.say(("Nobody in particular", "Nadie en particular")));
        for visits in stats::visits(tx, asked.scope, from, to).await? {
            if !asked.place.holds(visits.location.as_ref()) {
                continue;
            }
            let column = match visits.status {
                AppointmentStatus::Confirmed => 0,
                AppointmentStatus::Completed => 1,
                AppointmentStatus::Cancelled => 2,
                AppointmentStatus::NoShow => 3,
            };
            over.add(asked.stretch.at(visits.at), column, visits.n);
            by_service.add_one_of(visits.service.as_ref().unwrap_or(&no_service), column, visits.n);
            by_staff.add_one_of(visits.staff.as_ref().unwrap_or(&no_staff), column, visits.n);
        }
        for made in stats::bookings(tx, asked.scope, from, to).await? {
            if asked.place.holds(made.location.as_ref()) {
                over.add(asked.stretch.at(made.at), MADE, made.n);
            }
        }
        Ok(Figures {
            series: vec![
                over.series(0, "confirmed", ("Confirmed", "Confirmadas"), Unit::Count),
                over.series(1, "completed", ("Completed", "Realizadas"), Unit::Count),
                over.series(2, "cancelled", ("Cancelled", "Canceladas"), Unit::Count),
                over.series(3, "no_show", ("No-shows", "Ausencias"), Unit::Count),
                over.series(MADE, "made", ("Made in this time", "Creadas en este tiempo"), Unit::Count),
            ],
            breakdowns: vec![
                by_service.breakdown(asked, "service", ("By service", "Por servicio"), &[0, 1, 2, 3]),
                by_staff.breakdown(asked, "staff", ("By staff member", "Por persona del equipo"), &[0, 1, 2, 3]),
            ],
            notes: Vec::new(),
        })
    }
}
