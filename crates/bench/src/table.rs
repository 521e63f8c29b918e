//! The figures with their spread, against what was promised.

mod chart;

use serde_json::json;

/// What a figure must be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    None,
}

struct Row {
    /// The promise's number in the design, `P1` to `P11`, or nothing.
    promise: &'static str,
    name: String,
    unit: &'static str,
    /// Sorted, at least one.
    samples: Vec<f64>,
    goal: Goal,
    load: String,
}

/// What was measured, in the order in which it was.
pub struct Table {
    machine: Vec<(&'static str, String)>,
    rows: Vec<Row>,
    line: fn(&str),
}

impl Table {
    pub(crate) fn new(machine: Vec<(&'static str, String)>, line: fn(&str)) -> Table {
        Table { machine, rows: Vec::new(), line }
    }

    /// A figure that was measured once or more often; what counts is its median.
    pub(crate) fn add(
        &mut self,
        promise: &'static str,
        name: impl Into<String>,
        unit: &'static str,
        mut samples: Vec<f64>,
        goal: Goal,
    ) {
        samples.sort_by(f64::total_cmp);
        let row = Row { promise, name: name.into(), unit, samples, goal, load: super::machine::load() };
        (self.line)(&row.text());
        self.rows.push(row);
    }

    /// A figure without a goal.
    pub(crate) fn note(&mut self, name: impl Into<String>, unit: &'static str, samples: Vec<f64>) {
        self.add("", name, unit, samples, Goal::None);
    }

    /// For a terminal.
    pub fn text(&self) -> String {
        let machine = self.machine.iter().map(|(name, value)| format!("{name}: {value}\n"));
        let head =
            format!("{:<4} {:<62} {:>10} {:>22} {:>8}  {:<6} {:>5}\n", "", "", "median", "lowest – highest", "goal", "", "load");
        machine.chain([head]).chain(self.rows.iter().map(|row| format!("{}\n", row.text()))).collect()
    }

    /// For a page.
    pub fn markdown(&self) -> String {
        let mut text = String::from("| | what | median | spread | goal | |\n|---|---|---|---|---|---|\n");
        for row in &self.rows {
            text.push_str(&format!(
                "| {} | {} | {} {} | {} | {} | {} |\n",
                row.promise,
                row.name,
                short(median(&row.samples)),
                row.unit,
                row.spread(),
                row.goal_text(),
                match row.kept() {
                    Some(true) => "kept",
                    Some(false) => "**missed**",
                    None => "",
                }
            ));
        }
        text
    }

    /// For a program: `{"machine": {…}, "figures": [{"promise", "name", "unit", "median", "samples", "goal", "kept", "load"}]}`.
    pub fn json(&self) -> String {
        let figure = |row: &Row| {
            json!({
                "promise": row.promise, "name": row.name, "unit": row.unit, "median": median(&row.samples), "samples": row.samples,
                "goal": row.goal_text(), "kept": row.kept(), "load": row.load,
            })
        };
        let machine: serde_json::Map<_, _> =
            self.machine.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({ "machine": machine, "figures": self.rows.iter().map(figure).collect::<Vec<_>>() }).to_string()
    }

    /// A chart of every figure that has a goal: how much of it is used.
    pub fn svg(&self) -> String {
        let bars = self.rows.iter().filter_map(|row| {
            let label = format!("{} {}", row.promise, row.name.trim());
            let value = median(&row.samples);
            let used = match row.goal {
                Goal::AtMost(most) => value / most,
                Goal::AtLeast(least) => least / value.max(f64::MIN_POSITIVE),
                Goal::None => return None,
            };
            Some(chart::Bar { label, told: format!("{} {}, goal {}", short(value), row.unit, row.goal_text()), used })
        });
        chart::draw(&bars.collect::<Vec<_>>())
    }
}

impl Row {
    fn text(&self) -> String {
        let name = format!("{} [{}]", self.name, self.unit);
        let kept = self.kept().map_or("", |kept| if kept { "kept" } else { "MISSED" });
        format!(
            "{:<4} {name:<62} {:>10} {:>22} {:>8}  {kept:<6} {:>5}",
            self.promise,
            short(median(&self.samples)),
            self.spread(),
            self.goal_text(),
            self.load
        )
    }

    fn spread(&self) -> String {
        match self.samples[..] {
            [low, .., high] => format!("{} – {}", short(low), short(high)),
            _ => String::new(),
        }
    }

    fn kept(&self) -> Option<bool> {
        match self.goal {
            Goal::AtMost(most) => Some(median(&self.samples) <= most),
            Goal::AtLeast(least) => Some(median(&self.samples) >= least),
            Goal::None => None,
        }
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::AtMost(most) => format!("≤ {most}"),
            Goal::AtLeast(least) => format!("≥ {least}"),
            Goal::None => String::new(),
        }
    }
}

/// Three digits that say something.
fn short(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => format!("{value:.0}"),
        medium if medium >= 10.0 => format!("{value:.1}"),
        medium if medium >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Of sorted samples.
pub(crate) fn median(samples: &[f64]) -> f64 {
    match samples.len() {
        0 => 0.0,
        n if n % 2 == 1 => samples[n / 2],
        n => (samples[n / 2 - 1] + samples[n / 2]) / 2.0,
    }
}

/// The value below which this share of the samples lies, in milliseconds.
pub(crate) fn percentile(samples: &mut [std::time::Duration], share: f64) -> f64 {
    samples.sort_unstable();
    let last = samples.len().saturating_sub(1);
    samples.get((last as f64 * share).round() as usize).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![("processor", "one".to_owned())], |_| {});
        table.add("P1", "cost", "ms", vec![3.0, 1.0, 2.0], Goal::AtMost(2.5));
        table.add("P2", "speed & more", "turns/s", vec![80.0, 90.0], Goal::AtLeast(86.0));
        table.note("size", "MB", vec![123.4]);
        table
    }

    #[test]
    fn a_figure_is_its_median_and_keeps_its_goal_or_not() {
        let (text, page) = (table().text(), table().markdown());
        assert!(text.contains("1.00 – 3.00") && text.contains("kept") && text.contains("MISSED"), "{text}");
        assert!(page.contains("| P1 | cost | 2.00 ms | 1.00 – 3.00 | ≤ 2.5 | kept |") && page.contains("**missed**"), "{page}");
        let figures: serde_json::Value = serde_json::from_str(&table().json()).unwrap();
        assert_eq!((&figures["figures"][0]["median"], &figures["figures"][1]["median"]), (&json!(2.0), &json!(85.0)));
        assert_eq!((&figures["figures"][0]["kept"], &figures["figures"][2]["kept"]), (&json!(true), &json!(null)));
    }

    #[test]
    fn the_chart_shows_what_has_a_goal() {
        let svg = table().svg();
        assert!(svg.starts_with("<svg") && svg.contains("speed &amp; more") && !svg.contains(">size"), "{svg}");
    }

    #[test]
    fn a_percentile_is_a_sample() {
        let mut samples: Vec<_> = (1..=101).rev().map(std::time::Duration::from_millis).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| percentile(&mut samples, share)), [51.0, 100.0, 101.0]);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }
}
