//! How long customers wait for an answer of the agent.

use std::collections::BTreeMap;

use async_trait::async_trait;
use frontdesk_kernel::report::{Breakdown, Line, Period, Series, Unit};
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{Analysis, Asked, Figures, Words, share_within};

pub(crate) struct ResponseTimes;

/// Turns of a day that are looked at.
const SAMPLE: u32 = 1000;

#[async_trait]
impl Analysis for ResponseTimes {
    fn key(&self) -> &'static str {
        "response_times"
    }
    fn title(&self) -> Words {
        ("Response times", "Tiempos de respuesta")
    }
    fn about(&self) -> Words {
        (
            "From the customer's message to the agent's answer: the time within which half of them, and nine of ten, were answered.",
            "Del mensaje del cliente a la respuesta del agente: en cuánto tiempo se respondió a la mitad y a nueve de cada diez.",
        )
    }

    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures> {
        let mut columns = [Vec::new(), Vec::new(), Vec::new()];
        let mut by_channel: BTreeMap<String, Vec<i64>> = BTreeMap::new();
        let mut all = Vec::new();
        let mut sampled = false;
        for (period, (from, to)) in asked.stretch.periods.iter().zip(asked.stretch.spans()) {
            let limit = SAMPLE * days(period);
            let found = stats::response_times(tx, asked.scope, from, to, limit).await?;
            sampled |= found.len() == limit as usize;
            let mut times = Vec::new();
            for answered in found.into_iter().filter(|a| asked.place.hears(Some(&a.channel))) {
                times.push(answered.ms);
                by_channel.entry(asked.place.channel(Some(&answered.channel), asked.language)).or_default().push(answered.ms);
            }
            for (column, value) in columns.iter_mut().zip(told(&mut times)) {
                column.push(value);
            }
            all.append(&mut times);
        }
        let mut rows: Vec<Line> =
            by_channel.into_iter().map(|(name, mut times)| Line { name, values: told(&mut times).to_vec() }).collect();
        rows.sort_by(|a, b| b.values[0].cmp(&a.values[0]).then_with(|| a.name.cmp(&b.name)));
        let [answered, half, most] = columns;
        let totals = told(&mut all);
        let series = |key: &str, name: Words, unit, values, total| Series {
            key: key.to_owned(),
            name: asked.say(name),
            unit,
            values,
            total,
        };
        let note = (
            "Times are taken from the latest 1,000 answers of a day.",
            "Los tiempos se toman de las últimas 1.000 respuestas de cada día.",
        );
        Ok(Figures {
            series: vec![
                series("answered", ("Answers", "Respuestas"), Unit::Count, answered, totals[0]),
                series("half", ("Half within", "La mitad en"), Unit::Milliseconds, half, totals[1]),
                series("most", ("Nine of ten within", "Nueve de diez en"), Unit::Milliseconds, most, totals[2]),
            ],
            breakdowns: vec![Breakdown { key: "channel".into(), name: asked.say(("By channel", "Por canal")), rows }],
            notes: sampled.then(|| asked.say(note)).into_iter().collect(),
        })
    }
}

fn days(period: &Period) -> u32 {
    period.first.until(period.last).map_or(1, |span| span.get_days().unsigned_abs() + 1)
}

/// How many, and the time within which half and nine of ten were answered.
fn told(times: &mut [i64]) -> [Option<i64>; 3] {
    [Some(times.len() as i64), share_within(times, 50), share_within(times, 90)]
}
