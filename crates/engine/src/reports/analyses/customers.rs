//! Who wrote: for the first time, or again.

use async_trait::async_trait;
use frontdesk_kernel::{
    Timestamp,
    ids::ChannelId,
    report::{Series, Unit},
};
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{Analysis, Asked, Figures, Words};

pub(crate) struct Customers;

#[async_trait]
impl Analysis for Customers {
    fn key(&self) -> &'static str {
        "customers"
    }
    fn title(&self) -> Words {
        ("New and returning customers", "Clientes nuevos y que vuelven")
    }
    fn about(&self) -> Words {
        (
            "Customers who wrote: those who were not known before, and those who were.",
            "Clientes que escribieron: los que no se conocían antes y los que sí.",
        )
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let channels = asked.place.channels();
        let (mut new, mut returning) = (Vec::new(), Vec::new());
        for (from, to) in asked.stretch.spans() {
            let (first, again) = count(tx, asked, from, to, channels.as_deref()).await?;
            new.push(Some(first));
            returning.push(Some(again));
        }
        let (first, again) = count(tx, asked, asked.stretch.from(), asked.stretch.to(), channels.as_deref()).await?;
        let series = |key: &str, name, values, total| Series {
            key: key.to_owned(),
            name: asked.say(name),
            unit: Unit::Count,
            values,
            total: Some(total),
        };
        let note = (
            "Totals count each customer once: who wrote in several periods is not counted several times.",
            "Los totales cuentan a cada cliente una vez, aunque haya escrito en varios períodos.",
        );
        Ok(Figures {
            series: vec![
                series("new", ("New", "Nuevos"), new, first),
                series("returning", ("Returning", "Que vuelven"), returning, again),
            ],
            breakdowns: Vec::new(),
            notes: vec![asked.say(note)],
        })
    }
}

/// Who wrote on several channels is one customer.
async fn count(
    tx: &mut Tx,
    asked: &Asked<'_>,
    from: Timestamp,
    to: Timestamp,
    channels: Option<&[ChannelId]>,
) -> Result<(i64, i64)> {
    let reached = stats::reached(tx, asked.scope, from, to, channels).await?;
    Ok((reached.new, reached.customers - reached.new))
}
