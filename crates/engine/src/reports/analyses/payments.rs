//! Money that came in and went back, each currency for itself.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_kernel::report::Unit;
use frontdesk_store::{Result, Tx, stats, stats::Moved};

use crate::reports::{Analysis, Asked, Figures, Words, tally::Tally};

pub(crate) struct Payments;

#[async_trait]
impl Analysis for Payments {
    fn key(&self) -> &'static str {
        "payments"
    }
    fn title(&self) -> Words {
        ("Payments", "Pagos")
    }
    fn about(&self) -> Words {
        (
            "What customers paid and what was given back, by currency.",
            "Lo que pagaron los clientes y lo que se devolvió, por moneda.",
        )
    }
    fn need(&self) -> &'static str {
        "payment:read"
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let mut currencies: BTreeMap<String, Tally<'_>> = BTreeMap::new();
        let mut count = |moved: Vec<Moved>, column: usize| {
            // A payment of no conversation is seen by those who see everything.
            let seen = |m: &Moved| asked.place.is_everywhere() || (m.channel.is_some() && asked.place.hears(m.channel.as_ref()));
            for m in moved.into_iter().filter(seen) {
                let tally = currencies.entry(m.currency).or_insert_with(|| Tally::new(asked, 4));
                let period = asked.stretch.at(m.at);
                tally.add(period, column, m.minor);
                tally.add(period, column + 1, m.n);
            }
        };
        count(stats::paid(tx, asked.scope, from, to).await?, 0);
        count(stats::refunded(tx, asked.scope, from, to).await?, 2);
        let mut series = Vec::new();
        for (currency, tally) in &currencies {
            let key = |name: &str| format!("{name}_{}", currency.to_lowercase());
            let money = || Unit::Money { currency: currency.clone() };
            series.push(tally.series(0, &key("received"), ("Received", "Recibido"), money()));
            series.push(tally.series(2, &key("refunded"), ("Refunded", "Devuelto"), money()));
            series.push(tally.series(1, &key("payments"), ("Payments", "Pagos"), Unit::Count));
            series.push(tally.series(3, &key("refunds"), ("Refunds", "Devoluciones"), Unit::Count));
        }
        if currencies.len() > 1 {
            for (one, currency) in series.iter_mut().zip(currencies.keys().flat_map(|c| [c, c, c, c])) {
                one.name = format!("{} {currency}", one.name);
            }
        }
        let note = (
            "A refund counts on the day it was asked for, once it has succeeded.",
            "Una devolución cuenta el día en que se pidió, cuando ya se hizo.",
        );
        Ok(Figures { notes: (!series.is_empty()).then(|| asked.say(note)).into_iter().collect(), series, breakdowns: Vec::new() })
    }
}
