//! What a person is recognised by in a text, so that nothing that names them stays when they are erased.

use frontdesk_kernel::{contact::AddressKind, ports::channel::Address, search};

pub(crate) enum Mark {
    Number(String),
    Text(String),
    /// An id of ours, as it is.
    Id(String),
}

/// Marks of a person with these addresses.
pub(crate) fn of(name: Option<&str>, addresses: &[Address]) -> Vec<Mark> {
    addresses
        .iter()
        .map(|a| match a.kind {
            AddressKind::Phone => Mark::Number(a.value.clone()),
            AddressKind::Email => Mark::Text(search::fold(&a.value)),
            AddressKind::Bsuid | AddressKind::Visitor => Mark::Id(a.value.clone()),
        })
        .chain(name.map(|name| Mark::Text(search::fold(name))))
        .collect()
}

impl Mark {
    pub(crate) fn is_in(&self, text: &str) -> bool {
        match self {
            // As it is usually written: with or without the country code, with signs between the digits.
            Mark::Number(digits) => {
                let all: String = text.chars().filter(|c| !" -().+/\u{a0}".contains(*c)).collect();
                all.contains(&digits[digits.len().saturating_sub(8)..])
            }
            Mark::Text(folded) => search::fold(text).contains(folded),
            Mark::Id(id) => text.contains(id),
        }
    }
}
