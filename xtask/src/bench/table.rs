//! The figures with their spread, against what was promised.

use serde_json::json;

/// What a figure must be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goal {
    Below(f64),
    Above(f64),
    None,
}

struct Row {
    name: String,
    unit: &'static str,
    /// Sorted.
    samples: Vec<f64>,
    goal: Goal,
    load: String,
}

pub(super) struct Table {
    machine: Vec<(&'static str, String)>,
    rows: Vec<Row>,
}

impl Table {
    pub(super) fn new(machine: Vec<(&'static str, String)>) -> Table {
        Table { machine, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, name: impl Into<String>, unit: &'static str, mut samples: Vec<f64>, goal: Goal) {
        samples.sort_by(f64::total_cmp);
        let row = Row { name: name.into(), unit, samples, goal, load: super::machine::load() };
        eprintln!("  {}", row.text());
        self.rows.push(row);
    }

    pub(super) fn text(&self) -> String {
        let machine = self.machine.iter().map(|(name, value)| format!("{name}: {value}\n"));
        let head = format!("{:<52} {:>10} {:>22} {:>8}  {:<8} {:>5}\n", "", "median", "lowest – highest", "goal", "", "load");
        machine.chain([head]).chain(self.rows.iter().map(|row| format!("{}\n", row.text()))).collect()
    }

    pub(super) fn json(&self) -> String {
        let rows: Vec<_> = self
            .rows
            .iter()
            .map(|r| json!({"name": r.name, "unit": r.unit, "median": median(&r.samples), "samples": r.samples, "goal": r.goal_text(), "kept": r.kept()}))
            .collect();
        let machine: serde_json::Map<_, _> =
            self.machine.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({"machine": machine, "figures": rows}).to_string()
    }
}

impl Row {
    fn text(&self) -> String {
        let (low, high) = (self.samples.first().copied().unwrap_or_default(), self.samples.last().copied().unwrap_or_default());
        let spread = if self.samples.len() > 1 { format!("{low:.2} – {high:.2}") } else { String::new() };
        let name = format!("{} [{}]", self.name, self.unit);
        let kept = self.kept().map_or("", |kept| if kept { "kept" } else { "MISSED" });
        format!("{name:<52} {:>10.2} {spread:>22} {:>8}  {kept:<8} {:>5}", median(&self.samples), self.goal_text(), self.load)
    }

    fn kept(&self) -> Option<bool> {
        match self.goal {
            Goal::Below(most) => Some(median(&self.samples) < most),
            Goal::Above(least) => Some(median(&self.samples) >= least),
            Goal::None => None,
        }
    }

    fn goal_text(&self) -> String {
        match self.goal {
            Goal::Below(most) => format!("< {most}"),
            Goal::Above(least) => format!("≥ {least}"),
            Goal::None => String::new(),
        }
    }
}

/// Of sorted samples.
fn median(samples: &[f64]) -> f64 {
    match samples.len() {
        0 => 0.0,
        n if n % 2 == 1 => samples[n / 2],
        n => (samples[n / 2 - 1] + samples[n / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_its_median_and_keeps_its_goal_or_not() {
        let mut table = Table::new(vec![("processor", "one".to_owned())]);
        table.add("cost", "ms", vec![3.0, 1.0, 2.0], Goal::Below(2.5));
        table.add("speed", "turns/s", vec![80.0, 90.0], Goal::Above(86.0));
        let text = table.text();
        assert!(text.contains("1.00 – 3.00") && text.contains("kept") && text.contains("MISSED"), "{text}");
        let figures: serde_json::Value = serde_json::from_str(&table.json()).unwrap();
        assert_eq!((&figures["figures"][0]["median"], &figures["figures"][1]["median"]), (&json!(2.0), &json!(85.0)));
        assert_eq!((&figures["figures"][0]["kept"], &figures["figures"][1]["kept"]), (&json!(true), &json!(false)));
    }
}
