//! How much was said, by whom, and in how many conversations.

use std::collections::BTreeSet;

use async_trait::async_trait;
use frontdesk_kernel::report::{Series, Unit};
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{
    Analysis, Asked, Figures, Words,
    tally::{ByName, Tally},
};

pub(crate) struct Messages;

const CONVERSATIONS: usize = 3;

#[async_trait]
impl Analysis for Messages {
    fn key(&self) -> &'static str {
        "messages"
    }
    fn title(&self) -> Words {
        ("Messages and conversations", "Mensajes y conversaciones")
    }
    fn about(&self) -> Words {
        (
            "Messages from customers, answers of the agent and of the team, and conversations in which something was said, by channel.",
            "Mensajes de clientes, respuestas del agente y del equipo, y conversaciones en las que se habló, por canal.",
        )
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let (mut over, mut by_channel, mut spoken) = (Tally::new(asked, 3), ByName::new(4), BTreeSet::new());
        for said in stats::messages(tx, asked.scope, from, to).await? {
            if asked.place.hears(Some(&said.channel)) {
                let column = said.by as usize;
                over.add(asked.stretch.at(said.at), column, said.n);
                by_channel.add(&asked.place.channel(Some(&said.channel), asked.language), column, said.n);
                spoken.insert(said.channel);
            }
        }
        let channels = asked.place.channels();
        let mut each = Vec::with_capacity(asked.stretch.periods.len());
        for (from, to) in asked.stretch.spans() {
            each.push(Some(stats::reached(tx, asked.scope, from, to, channels.as_deref()).await?.conversations));
        }
        let total = stats::reached(tx, asked.scope, from, to, channels.as_deref()).await?.conversations;
        for channel in spoken {
            let found = stats::reached(tx, asked.scope, from, to, Some(std::slice::from_ref(&channel))).await?;
            by_channel.add(&asked.place.channel(Some(&channel), asked.language), CONVERSATIONS, found.conversations);
        }
        Ok(Figures {
            series: vec![
                over.series(0, "received", ("From customers", "De clientes"), Unit::Count),
                over.series(1, "by_agent", ("By the agent", "Del agente"), Unit::Count),
                over.series(2, "by_team", ("By the team", "Del equipo"), Unit::Count),
                Series {
                    key: "conversations".into(),
                    name: asked.say(("Conversations", "Conversaciones")),
                    unit: Unit::Count,
                    values: each,
                    total: Some(total),
                },
            ],
            breakdowns: vec![by_channel.breakdown(asked, "channel", ("By channel", "Por canal"), &[0, 1, 2, 3])],
            notes: Vec::new(),
        })
    }
}
