//! How long customers wait for an answer of the agent.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use frontdesk_kernel::report::{Breakdown, Line, Series, Unit};
use frontdesk_store::{Result, Tx, stats};

use crate::reports::{Analysis, Asked, Figures, Words, share_within, tally::Tally};

pub(crate) struct ResponseTimes;

/// Answers of a day whose times are looked at.
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
        let (from, to) = (asked.stretch.from(), asked.stretch.to());
        let mut counted = Tally::new(asked, 1);
        let mut by_channel: BTreeMap<String, (i64, Vec<i64>)> = BTreeMap::new();
        let (mut channels, mut of_days) = (BTreeSet::new(), BTreeMap::new());
        for answers in stats::answers(tx, asked.scope, from, to).await? {
            if asked.place.hears(Some(&answers.channel)) {
                counted.add(asked.stretch.at(answers.at), 0, answers.n);
                *of_days.entry(asked.days.at(answers.at)).or_insert(0) += answers.n;
                by_channel.entry(asked.place.channel(Some(&answers.channel), asked.language)).or_default().0 += answers.n;
                channels.insert(answers.channel);
            }
        }
        let channels: Vec<_> = channels.into_iter().collect();
        let mut of_periods = vec![Vec::new(); asked.stretch.periods.len()];
        for (day, span) in asked.days.spans().enumerate() {
            if !of_days.contains_key(&Some(day)) {
                continue;
            }
            let Some(times) = asked.stretch.at(span.0).and_then(|period| of_periods.get_mut(period)) else { continue };
            for answered in stats::response_times(tx, asked.scope, span, &channels, SAMPLE).await? {
                times.push(answered.ms);
                by_channel.entry(asked.place.channel(Some(&answered.channel), asked.language)).or_default().1.push(answered.ms);
            }
        }
        let mut all = of_periods.concat();
        let totals = within(&mut all);
        let within_each: Vec<_> = of_periods.iter_mut().map(|times| within(times)).collect();
        let mut rows: Vec<Line> = by_channel
            .into_iter()
            .map(|(name, (n, mut times))| {
                let [half, most] = within(&mut times);
                Line { name, values: vec![Some(n), half, most] }
            })
            .collect();
        rows.sort_by(|a, b| b.values[0].cmp(&a.values[0]).then_with(|| a.name.cmp(&b.name)));
        let series = |key: &str, name: Words, which: usize| Series {
            key: key.to_owned(),
            name: asked.say(name),
            unit: Unit::Milliseconds,
            values: within_each.iter().map(|of_period| of_period[which]).collect(),
            total: totals[which],
        };
        let sampled = of_days.values().any(|n| *n > i64::from(SAMPLE));
        let note = (
            "Times are taken from the latest 1,000 answers of a day.",
            "Los tiempos se toman de las últimas 1.000 respuestas de cada día.",
        );
        Ok(Figures {
            series: vec![
                counted.series(0, "answered", ("Answers", "Respuestas"), Unit::Count),
                series("half", ("Half within", "La mitad en"), 0),
                series("most", ("Nine of ten within", "Nueve de diez en"), 1),
            ],
            breakdowns: vec![Breakdown { key: "channel".into(), name: asked.say(("By channel", "Por canal")), rows }],
            notes: sampled.then(|| asked.say(note)).into_iter().collect(),
        })
    }
}

/// The time within which half and nine of ten were answered.
fn within(times: &mut [i64]) -> [Option<i64>; 2] {
    [share_within(times, 50), share_within(times, 90)]
}
