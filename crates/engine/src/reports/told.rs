//! A sheet in few words, for a model.

use std::fmt::Write;

use frontdesk_kernel::report::Sheet;

/// Periods beyond these are left out; the totals say enough.
const MOST_PERIODS: usize = 62;
const MOST_LINES: usize = 20;

pub fn told(sheet: &Sheet) -> String {
    let mut out = format!("{}, {} to {}, by {}", sheet.title, sheet.from, sheet.to, sheet.grouping.as_str());
    if !sheet.locations.is_empty() {
        let _ = write!(out, ", at {}", sheet.locations.join(", "));
    }
    let _ = write!(out, ", days of {}.", sheet.time_zone);
    if sheet.series.is_empty() {
        out.push_str("\nThere is nothing in this time.");
        return out;
    }
    let named = |values: Vec<Option<i64>>| {
        let cell = |(s, v): (&frontdesk_kernel::report::Series, Option<i64>)| {
            let currency = s.unit.label().filter(|label| *label != "ms").map(|c| format!(" {c}")).unwrap_or_default();
            v.map(|v| format!("{} {}{currency}", s.name, s.unit.shown(v, sheet.language)))
        };
        sheet.series.iter().zip(values).filter_map(cell).collect::<Vec<_>>().join("; ")
    };
    let _ = write!(out, "\nTotal: {}", named(sheet.series.iter().map(|s| s.total).collect()));
    for breakdown in &sheet.breakdowns {
        let _ = write!(out, "\n{}:", breakdown.name);
        for line in breakdown.rows.iter().take(MOST_LINES) {
            let _ = write!(out, "\n- {}: {}", line.name, named(line.values.clone()));
        }
        if breakdown.rows.len() > MOST_LINES {
            let _ = write!(out, "\n- and {} more", breakdown.rows.len() - MOST_LINES);
        }
    }
    if sheet.periods.len() > MOST_PERIODS {
        out.push_str("\n(Too many periods to list: ask by week or month.)");
    } else if sheet.periods.len() > 1 {
        let _ = write!(out, "\nFrom each day, {}:", sheet.series.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(" | "));
        for (i, period) in sheet.periods.iter().enumerate() {
            let value = |s: &frontdesk_kernel::report::Series| {
                s.values.get(i).copied().flatten().map_or_else(|| "-".to_owned(), |v| s.unit.shown(v, sheet.language))
            };
            let _ = write!(out, "\n{}: {}", period.first, sheet.series.iter().map(value).collect::<Vec<_>>().join(" | "));
        }
    }
    for note in &sheet.notes {
        let _ = write!(out, "\n{note}");
    }
    out
}
