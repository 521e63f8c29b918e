//! Buttons and lists, cut to what the vendor takes.

use std::{borrow::Cow, collections::HashSet};

use frontdesk_kernel::{
    message::{Button, ListSection},
    split::{cut, shorten},
};

use super::{
    settings::{ABOUT, limits},
    wire,
};

/// `None` when no usable button is left: the text goes alone.
pub(super) fn buttons(buttons: &[Button]) -> Option<wire::Action<'_>> {
    let mut ids = HashSet::new();
    let mut titles = HashSet::new();
    let buttons: Vec<_> = buttons
        .iter()
        .filter_map(|button| {
            let id = usable_id(&button.id, limits::BUTTON_ID).filter(|id| ids.insert(*id))?;
            let title = distinct(&one_line(&button.title), ABOUT.limits.button_title, &mut titles)?;
            Some(wire::Button { kind: "reply", reply: wire::Reply { id, title } })
        })
        .take(ABOUT.limits.buttons)
        .collect();
    (!buttons.is_empty()).then_some(wire::Action::Buttons { buttons })
}

/// `None` when no usable row is left.
pub(super) fn list<'a>(button: &'a str, sections: &'a [ListSection]) -> Option<wire::Action<'a>> {
    let mut ids = HashSet::new();
    let mut room = ABOUT.limits.list_rows;
    let mut shown: Vec<wire::Section<'_>> = Vec::new();
    for section in sections {
        let rows: Vec<_> = section
            .rows
            .iter()
            .filter_map(|row| {
                let id = usable_id(&row.id, limits::ROW_ID).filter(|id| ids.insert(*id))?;
                let title = label(&row.title, limits::ROW_TITLE)?;
                let description = row.description.as_deref().and_then(|d| label(d, limits::ROW_DESCRIPTION));
                Some(wire::Row { id, title, description })
            })
            .take(room)
            .collect();
        room -= rows.len();
        if !rows.is_empty() {
            let title = section.title.as_deref().and_then(|t| label(t, limits::SECTION_TITLE));
            shown.push(wire::Section { title, rows });
        }
    }
    if shown.len() > 1 {
        // Several sections must all have a title.
        for section in &mut shown {
            let first = section.rows.first().map(|row| row.title.clone());
            section.title = section.title.take().or(first);
        }
    }
    let button = label(button, limits::LIST_BUTTON).map_or(Cow::Borrowed("☰"), Cow::Owned);
    (!shown.is_empty()).then_some(wire::Action::List { button, sections: shown })
}

fn usable_id(id: &str, limit: usize) -> Option<&str> {
    Some(cut(id.trim(), limit)).filter(|id| !id.is_empty())
}

fn label(text: &str, limit: usize) -> Option<String> {
    let line = one_line(text);
    (!line.is_empty()).then(|| shorten(&line, limit).into_owned())
}

/// The vendor refuses equal titles, and cutting makes titles equal: later ones are numbered.
fn distinct(title: &str, limit: usize, taken: &mut HashSet<String>) -> Option<String> {
    let short = label(title, limit)?;
    if taken.insert(short.clone()) {
        return Some(short);
    }
    (2..=ABOUT.limits.buttons).find_map(|n| {
        let ending = format!(" {n}");
        let numbered = format!("{}{ending}", shorten(title, limit - ending.len()));
        taken.insert(numbered.clone()).then_some(numbered)
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::message::ListRow;
    use serde_json::json;

    use super::*;

    fn button(id: &str, title: &str) -> Button {
        Button { id: id.to_owned(), title: title.to_owned() }
    }

    fn row(id: &str, title: &str) -> ListRow {
        ListRow { id: id.to_owned(), title: title.to_owned(), description: None }
    }

    #[test]
    fn buttons_are_three_with_distinct_ids_and_titles() {
        let all = [
            button("a", "Lunes 12 de enero a las 10:00"),
            button("b", "Lunes 12 de enero a las 11:00"),
            button("b", "same id"),
            button("c", " \n "),
            button("", "no id"),
            button("d", "Otro\ndía"),
            button("e", "one too many"),
        ];
        let action = serde_json::to_value(buttons(&all)).unwrap();
        let reply = |id: &str, title: &str| json!({"type": "reply", "reply": {"id": id, "title": title}});
        let expected = [reply("a", "Lunes 12 de enero a…"), reply("b", "Lunes 12 de enero… 2"), reply("d", "Otro día")];
        assert_eq!(action, json!({ "buttons": expected }));
        assert!(buttons(&[button("c", "")]).is_none());
    }

    #[test]
    fn a_list_has_ten_rows_in_all_and_titles_where_it_has_several_sections() {
        let many = |prefix: &str| (0..7).map(|n| row(&format!("{prefix}{n}"), &format!("{prefix} {n}"))).collect::<Vec<_>>();
        let sections = [
            ListSection { title: Some("First of the sections there are".into()), rows: many("a") },
            ListSection { title: Some("empty".into()), rows: vec![row("a1", "known id"), row("x", "")] },
            ListSection { title: None, rows: many("b") },
            ListSection { title: None, rows: many("c") },
        ];
        let action = serde_json::to_value(list("Ver todas las horas libres", &sections)).unwrap();
        assert_eq!(action["button"], "Ver todas las horas…");
        let shown: Vec<_> = action["sections"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| (s["title"].clone(), s["rows"].as_array().unwrap().len()))
            .collect();
        assert_eq!(shown, [(json!("First of the sections t…"), 7), (json!("b 0"), 3)]);
        let single = serde_json::to_value(list(" ", &sections[2..3])).unwrap();
        assert_eq!((&single["button"], single["sections"][0].get("title")), (&json!("☰"), None));
        assert!(list("x", &[]).is_none());
    }
}
