//! What the agent left to people.

use async_trait::async_trait;
use frontdesk_kernel::report::Unit;
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{
    Analysis, Asked, Figures, Words,
    tally::{ByName, Tally},
};

pub(crate) struct Handoffs;

#[async_trait]
impl Analysis for Handoffs {
    fn key(&self) -> &'static str {
        "handoffs"
    }
    fn title(&self) -> Words {
        ("Handoffs to people", "Traspasos a personas")
    }
    fn about(&self) -> Words {
        (
            "How often the agent handed a conversation to people, beside all its turns and those that ended without its answer.",
            "Cuántas veces el agente pasó una conversación a personas, junto a todos sus turnos y los que terminaron sin respuesta suya.",
        )
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let (mut over, mut by_channel) = (Tally::new(asked, 3), ByName::new(3));
        for handed in stats::handoffs(tx, asked.scope, from, to).await? {
            if asked.place.hears(handed.channel.as_ref()) {
                over.add(asked.stretch.at(handed.at), 0, handed.n);
                by_channel.add(&asked.place.channel(handed.channel.as_ref(), asked.language), 0, handed.n);
            }
        }
        for turns in stats::turns(tx, asked.scope, from, to).await? {
            if asked.place.hears(Some(&turns.channel)) {
                for (column, n) in [(1, turns.n), (2, turns.given_up)] {
                    over.add(asked.stretch.at(turns.at), column, n);
                    by_channel.add(&asked.place.channel(Some(&turns.channel), asked.language), column, n);
                }
            }
        }
        Ok(Figures {
            series: vec![
                over.series(0, "handoffs", ("Handed over", "Traspasadas"), Unit::Count),
                over.series(1, "turns", ("Turns of the agent", "Turnos del agente"), Unit::Count),
                over.series(2, "given_up", ("Ended without an answer", "Terminados sin respuesta"), Unit::Count),
            ],
            breakdowns: vec![by_channel.breakdown(asked, "channel", ("By channel", "Por canal"), &[0, 1, 2])],
            notes: Vec::new(),
        })
    }
}
