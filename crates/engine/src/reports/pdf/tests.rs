//! What is in the file, read back from it.

use frontdesk_kernel::report::{Breakdown, Line, Period, Unit};
use jiff::civil::date;

use super::*;

fn sheet(days: usize) -> Sheet {
    let first = date(2026, 1, 1);
    let day = |n: usize| first.saturating_add(jiff::Span::new().days(n as i64));
    let periods: Vec<Period> = (0..days).map(|n| Period { first: day(n), last: day(n) }).collect();
    let values: Vec<Option<i64>> = (0..days as i64).map(|n| (n % 7 != 3).then_some(n * 100 - 250)).collect();
    let money = Unit::Money { currency: "EUR".into() };
    let series = |key: &str, name: &str, unit| frontdesk_kernel::report::Series {
        key: key.into(),
        name: name.into(),
        unit,
        total: Some(1_234_550),
        values: values.clone(),
    };
    Sheet {
        analysis: "payments".into(),
        title: "Pagos (todos)".into(),
        business: "Peluquería Ñandú \\ 12 €".into(),
        time_zone: "Europe/Madrid".into(),
        language: Language::Spanish,
        from: first,
        to: periods.last().map_or(first, |p| p.last),
        grouping: Grouping::Day,
        locations: vec!["Łódź".into()],
        series: vec![series("received_eur", "Recibido", money), series("payments", "Pagos", Unit::Count), series("half", "La mitad en", Unit::Milliseconds)],
        breakdowns: vec![Breakdown {
            key: "service".into(),
            name: "Por servicio".into(),
            rows: vec![Line { name: "Corte (señora)".into(), values: vec![Some(5), None, Some(1250)] }],
        }],
        periods,
        notes: vec!["Una nota que es bastante larga para que tenga que seguir en otra línea de la página, porque no cabe en una sola línea.".into()],
    }
}

/// Every text that is shown, in order: ASCII stands between parentheses, other text in hexadecimal digits.
fn shown(file: &[u8]) -> Vec<String> {
    let file = String::from_utf8_lossy(file);
    let operands = file.lines().filter_map(|line| line.trim().strip_suffix(" Tj"));
    let bytes = |operand: &str| match operand.strip_prefix('<').and_then(|hex| hex.strip_suffix('>')) {
        Some(hex) => (0..hex.len() / 2).map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap()).collect(),
        None => {
            let text = operand.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap();
            text.replace("\\(", "(").replace("\\)", ")").replace("\\\\", "\\").into_bytes()
        }
    };
    operands.map(|operand| encoding_rs::WINDOWS_1252.decode(&bytes(operand)).0.into_owned()).collect()
}

/// Where the cross-reference table says that objects are, there they are.
fn is_sound(file: &[u8]) -> bool {
    let text = String::from_utf8_lossy(file);
    let start: usize = text.rsplit("startxref").next().unwrap().split_whitespace().next().unwrap().parse().unwrap();
    let table = std::str::from_utf8(&file[start..]).unwrap();
    let entries: Vec<&str> = table.lines().filter(|line| line.trim_end().ends_with(" n")).collect();
    !entries.is_empty()
        && entries.iter().enumerate().all(|(n, line)| {
            let at: usize = line.split(' ').next().unwrap().parse().unwrap();
            file[at..].starts_with(format!("{} 0 obj", n + 1).as_bytes())
        })
}

#[test]
fn a_file_has_title_business_days_charts_and_every_figure() {
    let sheet = sheet(5);
    let file = pdf(&sheet);
    assert!(file.starts_with(b"%PDF-") && file.trim_ascii_end().ends_with(b"%%EOF") && is_sound(&file));
    let texts = shown(&file);
    let has = |text: &str| texts.iter().any(|t| t == text);
    assert_eq!(texts[..2], ["Pagos (todos)", "Peluquería Ñandú \\ 12 €"]);
    assert!(texts[2].starts_with("2026-01-01 – 2026-01-05 · por día · Europe/Madrid · ?ód"), "{texts:?}");
    for text in [
        "Recibido (EUR)",
        "12.345,50 EUR",
        "2026-01-04",
        "-2,50",
        "0,2 s",
        "1.234.550",
        "1.234,6 s",
        "Corte (señora)",
        "1,3 s",
        "1 / 1",
        "Total",
        "–",
    ] {
        assert!(has(text), "{text} in {texts:?}");
    }
    // Three figures, each with bars for the four days that have one.
    let content = String::from_utf8_lossy(&file);
    let bars = content.matches(" re\n").count();
    assert!(bars >= 12, "{bars} blocks");
    assert_eq!(pdf(&sheet), file, "the same figures are the same file");
}

#[test]
fn a_long_table_goes_on_with_its_header_and_every_day_is_in_it_once() {
    let sheet = sheet(400);
    let file = pdf(&sheet);
    assert!(is_sound(&file));
    let texts = shown(&file);
    let pages = texts.iter().filter(|t| t.contains(" / ")).count();
    assert!((8..=14).contains(&pages), "{pages} pages");
    assert!(texts.contains(&format!("{pages} / {pages}")));
    assert!(texts.iter().filter(|t| *t == "Recibido (EUR)").count() >= pages - 1);
    for period in &sheet.periods[1..399] {
        assert_eq!(texts.iter().filter(|t| **t == period.first.to_string()).count(), 1, "{}", period.first);
    }
}

#[test]
fn nothing_to_tell_is_said() {
    let empty = Sheet { series: Vec::new(), breakdowns: Vec::new(), notes: Vec::new(), ..sheet(3) };
    let texts = shown(&pdf(&empty));
    assert!(texts.contains(&"No hay nada en este tiempo.".to_owned()), "{texts:?}");
    for odd in [sheet(0), sheet(1)] {
        assert!(is_sound(&pdf(&odd)));
    }
}
