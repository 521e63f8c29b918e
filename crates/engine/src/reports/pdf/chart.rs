//! One figure over time, as bars.

use frontdesk_kernel::{
    language::Language,
    report::{Period, Series},
};

use super::{
    letters::{fitting, width},
    page::{BLACK, Color, Face, GRAY, PALE, Pages},
};

pub(super) const HEIGHT: f32 = 128.0;
const PLOT: f32 = 72.0;
const LABEL: f32 = 7.0;

/// Where it is drawn, and in which color.
pub(super) struct Frame {
    pub(super) x: f32,
    pub(super) wide: f32,
    pub(super) color: Color,
}

pub(super) fn draw(pages: &mut Pages, frame: &Frame, series: &Series, periods: &[Period], language: Language) {
    let (Frame { x, wide, color }, top) = (frame, pages.at);
    let currency = series.unit.label().filter(|label| *label != "ms").map(|c| format!(" {c}")).unwrap_or_default();
    let total = series.total.map_or_else(|| "–".to_owned(), |total| format!("{}{currency}", series.unit.shown(total, language)));
    let room = wide - width(&total, 10.0) - 8.0;
    pages.text(*x, top + 10.0, 9.0, Face::Bold, BLACK, &fitting(&series.name, 9.5, room));
    pages.text_to(x + wide, top + 10.0, 10.0, BLACK, &total);
    let values: Vec<i64> = series.values.iter().flatten().copied().collect();
    let (low, high) = (values.iter().copied().min().unwrap_or(0).min(0), values.iter().copied().max().unwrap_or(0).max(0));
    // Where nothing is above nothing, and nothing below, the line is at the bottom.
    let (plot, above) = (top + 26.0, if low < 0 { high } else { high.max(1) });
    let reach = (above - low) as f32;
    let height = |value: i64| value as f32 / reach * PLOT;
    let zero = plot + height(above);
    pages.rule(*x, plot, *wide, PALE);
    pages.text(*x, plot - 2.0, LABEL, Face::Regular, GRAY, &series.unit.shown(high, language));
    let step = wide / series.values.len().max(1) as f32;
    for (i, value) in series.values.iter().enumerate() {
        let Some(value) = value.filter(|v| *v != 0) else { continue };
        let from = if value > 0 { zero - height(value) } else { zero };
        pages.block(x + step * i as f32 + step * 0.1, from, step * 0.8, height(value).abs(), *color);
    }
    pages.rule(*x, zero, *wide, GRAY);
    let foot = plot + PLOT + 10.0;
    if let (Some(first), Some(last)) = (periods.first(), periods.last()) {
        pages.text(*x, foot, LABEL, Face::Regular, GRAY, &first.first.to_string());
        if periods.len() > 1 {
            pages.text_to(x + wide, foot, LABEL, GRAY, &last.first.to_string());
        }
    }
}
