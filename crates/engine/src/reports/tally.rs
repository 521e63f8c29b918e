//! Counting: columns over periods, and once more by something.

use std::collections::BTreeMap;

use frontdesk_kernel::report::{Breakdown, Line, Series, Unit};

use super::{Asked, Words};

pub(super) struct Tally<'a> {
    asked: &'a Asked<'a>,
    /// Column, then period.
    over: Vec<Vec<i64>>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(asked: &'a Asked<'a>, columns: usize) -> Tally<'a> {
        Tally { asked, over: vec![vec![0; asked.stretch.periods.len()]; columns] }
    }

    pub(super) fn add(&mut self, period: Option<usize>, column: usize, n: i64) {
        if let Some(cell) = period.and_then(|p| self.over[column].get_mut(p)) {
            *cell += n;
        }
    }

    /// A column whose total is the sum of its periods.
    pub(super) fn series(&self, column: usize, key: &str, name: Words, unit: Unit) -> Series {
        let values = &self.over[column];
        Series {
            key: key.to_owned(),
            name: self.asked.say(name),
            unit,
            values: values.iter().copied().map(Some).collect(),
            total: Some(values.iter().sum()),
        }
    }
}

/// Totals by a name, or by what has one.
pub(super) struct ByName {
    columns: usize,
    /// By name and id.
    rows: BTreeMap<(String, String), Vec<Option<i64>>>,
}

impl ByName {
    pub(super) fn new(columns: usize) -> ByName {
        ByName { columns, rows: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, name: &str, column: usize, n: i64) {
        self.add_one_of(&(String::new(), name.to_owned()), column, n);
    }

    /// `(id, name)`: several may have that name.
    pub(super) fn add_one_of(&mut self, (id, name): &(String, String), column: usize, n: i64) {
        let row = self.rows.entry((name.clone(), id.clone())).or_insert_with(|| vec![None; self.columns]);
        if let Some(cell) = row.get_mut(column) {
            *cell = Some(cell.unwrap_or(0) + n);
        }
    }

    /// The largest first. `counted`: columns in which nothing is 0; the others say nothing.
    pub(super) fn breakdown(self, asked: &Asked<'_>, key: &str, name: Words, counted: &[usize]) -> Breakdown {
        let mut rows: Vec<Line> = self
            .rows
            .into_iter()
            .map(|((name, _), mut values)| {
                for column in counted {
                    values[*column] = values[*column].or(Some(0));
                }
                Line { name, values }
            })
            .collect();
        let weight = |line: &Line| line.values.iter().flatten().sum::<i64>();
        rows.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.name.cmp(&b.name)));
        Breakdown { key: key.to_owned(), name: asked.say(name), rows }
    }
}
