//! A sheet as a PDF: a chart of each figure, then the figures. Written with the fonts that every reader has, so that nothing is embedded.

mod chart;
mod letters;
mod page;

use frontdesk_kernel::{
    language::Language,
    report::{Grouping, Series, Sheet},
};

use self::{
    chart::Frame,
    letters::{fitting, lines},
    page::{BLACK, Color, Face, GRAY, MARGIN, PALE, Pages, ROOM},
};
use super::{csv::period_name, in_language};

const COLORS: [Color; 4] = [[0.13, 0.55, 0.9], [0.07, 0.72, 0.53], [0.99, 0.49, 0.08], [0.74, 0.29, 0.86]];
const BETWEEN: f32 = 24.0;
const ROW: f32 = 15.0;
const SIZE: f32 = 8.5;
/// Figures beside each other in one table.
const MOST_COLUMNS: usize = 6;

/// The same sheet is the same file.
pub fn pdf(sheet: &Sheet) -> Vec<u8> {
    let mut pages = Pages::new();
    let say = |words| in_language(words, sheet.language);
    let days = format!("{} – {}", sheet.from, sheet.to);
    head(&mut pages, sheet, &days);
    if sheet.series.is_empty() {
        paragraph(&mut pages, say(("There is nothing in this time.", "No hay nada en este tiempo.")), BLACK);
    }
    charts(&mut pages, sheet);
    for breakdown in sheet.breakdowns.iter().filter(|b| !b.rows.is_empty()) {
        let about: Vec<usize> = (0..sheet.series.len())
            .filter(|i| breakdown.rows.iter().any(|row| row.values.get(*i).is_some_and(Option::is_some)))
            .collect();
        let rows = breakdown.rows.iter().map(|line| (line.name.clone(), line.values.clone())).collect();
        table(&mut pages, sheet, &breakdown.name, &about, rows);
    }
    let mut rows: Vec<(String, Vec<Option<i64>>)> = Vec::new();
    for (i, period) in sheet.periods.iter().enumerate() {
        let name = match sheet.grouping {
            _ if period.first == period.last => period.first.to_string(),
            Grouping::Day | Grouping::Week | Grouping::Month => format!("{} – {}", period.first, period.last),
        };
        rows.push((name, sheet.series.iter().map(|s| s.values.get(i).copied().flatten()).collect()));
    }
    rows.push((say(("Total", "Total")).to_owned(), sheet.series.iter().map(|s| s.total).collect()));
    if !sheet.series.is_empty() {
        let all: Vec<usize> = (0..sheet.series.len()).collect();
        table(&mut pages, sheet, period_name(sheet.grouping, sheet.language), &all, rows);
    }
    for note in &sheet.notes {
        paragraph(&mut pages, note, GRAY);
    }
    let language = match sheet.language {
        Language::English => "en",
        Language::Spanish => "es",
    };
    let foot = format!("{} · {} · {days}", sheet.business, sheet.title);
    pages.finish(&format!("{} – {}", sheet.title, sheet.business), language, &fitting(&foot, 8.0, ROOM - 60.0))
}

fn head(pages: &mut Pages, sheet: &Sheet, days: &str) {
    let by = in_language(
        match sheet.grouping {
            Grouping::Day => ("by day", "por día"),
            Grouping::Week => ("by week", "por semana"),
            Grouping::Month => ("by month", "por mes"),
        },
        sheet.language,
    );
    let mut about = vec![days.to_owned(), by.to_owned(), sheet.time_zone.clone()];
    about.extend((!sheet.locations.is_empty()).then(|| sheet.locations.join(", ")));
    pages.text(MARGIN, pages.at + 18.0, 20.0, Face::Bold, BLACK, &fitting(&sheet.title, 21.5, ROOM));
    pages.text(MARGIN, pages.at + 38.0, 12.0, Face::Regular, BLACK, &fitting(&sheet.business, 12.0, ROOM));
    pages.text(MARGIN, pages.at + 54.0, 9.0, Face::Regular, GRAY, &fitting(&about.join(" · "), 9.0, ROOM));
    pages.at += 76.0;
}

/// Two beside each other.
fn charts(pages: &mut Pages, sheet: &Sheet) {
    let wide = (ROOM - BETWEEN) / 2.0;
    for (row, pair) in sheet.series.chunks(2).enumerate() {
        pages.need(chart::HEIGHT);
        for (side, series) in pair.iter().enumerate() {
            let (x, color) = (MARGIN + (wide + BETWEEN) * side as f32, COLORS[(row * 2 + side) % COLORS.len()]);
            let wide = if pair.len() == 1 { ROOM } else { wide };
            chart::draw(pages, &Frame { x, wide, color }, series, &sheet.periods, sheet.language);
        }
        pages.at += chart::HEIGHT;
    }
}

fn table(pages: &mut Pages, sheet: &Sheet, name: &str, columns: &[usize], rows: Vec<(String, Vec<Option<i64>>)>) {
    for columns in columns.chunks(MOST_COLUMNS) {
        let series: Vec<&Series> = columns.iter().filter_map(|i| sheet.series.get(*i)).collect();
        let first = ROOM * if columns.len() > 3 { 0.28 } else { 0.4 };
        let wide = (ROOM - first) / columns.len().max(1) as f32;
        pages.need(ROW * 4.0);
        pages.at += 10.0;
        header(pages, name, &series, first, wide);
        for (n, (name, values)) in rows.iter().enumerate() {
            if pages.need(ROW) {
                header(pages, "", &series, first, wide);
            }
            let y = pages.at + 10.5;
            if n % 2 == 1 {
                pages.block(MARGIN, pages.at, ROOM, ROW, [0.965, 0.97, 0.975]);
            }
            pages.text(MARGIN + 4.0, y, SIZE, Face::Regular, BLACK, &fitting(name, SIZE, first - 8.0));
            for (i, (series, column)) in series.iter().zip(columns).enumerate() {
                let value = values.get(*column).copied().flatten();
                let shown = value.map_or_else(|| "–".to_owned(), |v| series.unit.shown(v, sheet.language));
                let x = MARGIN + first + wide * (i + 1) as f32 - 4.0;
                pages.text_to(x, y, SIZE, BLACK, &fitting(&shown, SIZE, wide - 6.0));
            }
            pages.at += ROW;
        }
        pages.at += 8.0;
    }
}

fn header(pages: &mut Pages, name: &str, series: &[&Series], first: f32, wide: f32) {
    let y = pages.at + 10.5;
    pages.text(MARGIN + 4.0, y, SIZE, Face::Bold, BLACK, &fitting(name, SIZE + 0.5, first - 8.0));
    for (i, series) in series.iter().enumerate() {
        let label = series.unit.label().filter(|label| *label != "ms").map(|c| format!(" ({c})")).unwrap_or_default();
        let name = fitting(&format!("{}{label}", series.name), SIZE - 1.0, wide - 6.0);
        pages.text_to(MARGIN + first + wide * (i + 1) as f32 - 4.0, y, SIZE - 1.0, GRAY, &name);
    }
    pages.at += ROW;
    pages.rule(MARGIN, pages.at, ROOM, PALE);
}

fn paragraph(pages: &mut Pages, text: &str, color: Color) {
    for line in lines(text, 9.0, ROOM) {
        pages.need(13.0);
        pages.text(MARGIN, pages.at + 10.0, 9.0, Face::Regular, color, &line);
        pages.at += 13.0;
    }
}

#[cfg(test)]
mod tests;
