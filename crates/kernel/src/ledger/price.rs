//! What a model's tokens cost.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Millionths of a US dollar per million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Price {
    pub input: i64,
    /// What the vendor had in its cache.
    pub cached: i64,
    pub output: i64,
}

/// The price of a model: of its exact name, else without the date of its edition (`-2026-01-31`), else without the vendor before it
/// (`vendor/model`). The first table that knows one of them wins.
pub fn price_of(model: &str, tables: &[&BTreeMap<String, Price>]) -> Option<Price> {
    let bare = model.rsplit_once('/').map_or(model, |(_, name)| name);
    let names = [model, undated(model), bare, undated(bare)];
    tables.iter().find_map(|table| names.iter().find_map(|name| table.get(*name))).copied()
}

fn undated(model: &str) -> &str {
    let Some(at) = model.len().checked_sub(11) else { return model };
    let is_date = model.as_bytes()[at..].iter().enumerate().all(|(i, b)| match i {
        0 | 5 | 8 => *b == b'-',
        _ => b.is_ascii_digit(),
    });
    if is_date { &model[..at] } else { model }
}
