//! A sheet as a file for spreadsheets: one line for each period, for the total, for each part of the total, and for what has to be known of them.

use frontdesk_kernel::{
    language::Language,
    report::{Grouping, Sheet},
};

use super::in_language;
use crate::contacts::export::row;

/// Names are written so that no spreadsheet takes them for a formula; numbers are numbers, also those below nothing.
pub fn csv(sheet: &Sheet) -> String {
    let say = |words| in_language(words, sheet.language).to_owned();
    let mut out = String::new();
    let name = |s: &frontdesk_kernel::report::Series| match s.unit.label() {
        Some(unit) => format!("{} ({unit})", s.name),
        None => s.name.clone(),
    };
    let head = [say(("Part", "Parte")), say(("Name", "Nombre")), say(("From", "Desde")), say(("To", "Hasta"))];
    out.push_str(&row(head.into_iter().chain(sheet.series.iter().map(name))));
    let mut line = |part: &str, name: &str, days: [String; 2], values: &[Option<i64>]| {
        let [from, to] = days;
        out.push_str(row([part.to_owned(), name.to_owned(), from, to].into_iter()).trim_end_matches("\r\n"));
        for (column, series) in sheet.series.iter().enumerate() {
            out.push(',');
            out.push_str(&values.get(column).copied().flatten().map(|v| series.unit.plain(v)).unwrap_or_default());
        }
        out.push_str("\r\n");
    };
    let part = period_name(sheet.grouping, sheet.language);
    for (i, period) in sheet.periods.iter().enumerate() {
        let values: Vec<_> = sheet.series.iter().map(|s| s.values.get(i).copied().flatten()).collect();
        line(part, "", [period.first.to_string(), period.last.to_string()], &values);
    }
    let whole = || [sheet.from.to_string(), sheet.to.to_string()];
    let totals: Vec<_> = sheet.series.iter().map(|s| s.total).collect();
    line(&say(("Total", "Total")), "", whole(), &totals);
    for breakdown in &sheet.breakdowns {
        for part in &breakdown.rows {
            line(&breakdown.name, &part.name, whole(), &part.values);
        }
    }
    for location in &sheet.locations {
        line(&say(("Only at", "Solo en")), location, whole(), &[]);
    }
    for note in &sheet.notes {
        line(&say(("Note", "Nota")), note, whole(), &[]);
    }
    out
}

pub(super) fn period_name(grouping: Grouping, language: Language) -> &'static str {
    in_language(
        match grouping {
            Grouping::Day => ("Day", "Día"),
            Grouping::Week => ("Week", "Semana"),
            Grouping::Month => ("Month", "Mes"),
        },
        language,
    )
}
