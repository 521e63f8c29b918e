//! What the agent costs: the business's credit, and what its model calls cost in money.

use async_trait::async_trait;
use frontdesk_kernel::report::Unit;
use frontdesk_store::{Result, Tx, stats, tokens::entries};

use crate::reports::{
    Analysis, Asked, Figures, Words,
    tally::{ByName, Tally},
};

pub(crate) struct Spending;

#[async_trait]
impl Analysis for Spending {
    fn key(&self) -> &'static str {
        "spending"
    }
    fn title(&self) -> Words {
        ("Credit and cost of models", "Saldo gastado y coste de los modelos")
    }
    fn about(&self) -> Words {
        (
            "Credit spent by action, and calls, tokens and real cost of each model.",
            "Saldo gastado por acción, y llamadas, tokens y coste real de cada modelo.",
        )
    }
    fn need(&self) -> &'static str {
        "tokens:read"
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let mut over = Tally::new(asked, 4);
        let (mut by_action, mut by_model) = (ByName::new(4), ByName::new(4));
        if let (Some(first), Some(last)) = (asked.stretch.periods.first(), asked.stretch.periods.last()) {
            for used in entries::usage(tx, asked.scope, &first.first.to_string(), &last.last.to_string()).await? {
                if asked.place.hears(used.channel.as_ref()) {
                    let period = used.day.parse().ok().and_then(|day| asked.stretch.on(day));
                    over.add(period, 0, used.tokens);
                    by_action.add(&used.action.replace('_', " "), 0, used.tokens);
                }
            }
        }
        let mut unpriced = 0;
        for spent in stats::models(tx, asked.scope, from, to).await? {
            if asked.place.hears(spent.channel.as_ref()) {
                for (column, n) in [(1, spent.cost_micros), (2, spent.tokens), (3, spent.calls)] {
                    over.add(asked.stretch.at(spent.at), column, n);
                    by_model.add(&spent.model, column, n);
                }
                unpriced += spent.unpriced;
            }
        }
        let note = match unpriced {
            0 => None,
            n => Some(
                asked.say((
                    "Calls whose price is not known are not in the cost: ",
                    "No están en el coste las llamadas de precio desconocido: ",
                )) + &n.to_string(),
            ),
        };
        let dollars = Unit::Micros { currency: "USD".into() };
        Ok(Figures {
            series: vec![
                over.series(0, "credit", ("Credit spent", "Saldo gastado"), Unit::Credit),
                over.series(1, "cost", ("Cost of models", "Coste de los modelos"), dollars),
                over.series(2, "model_tokens", ("Tokens of models", "Tokens de los modelos"), Unit::ModelTokens),
                over.series(3, "model_calls", ("Calls of models", "Llamadas a modelos"), Unit::Count),
            ],
            breakdowns: vec![
                by_action.breakdown(asked, "action", ("Credit by action", "Saldo por acción"), &[0]),
                by_model.breakdown(asked, "model", ("By model", "Por modelo"), &[1, 2, 3]),
            ],
            notes: note.into_iter().collect(),
        })
    }
}
