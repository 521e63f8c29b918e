//! A walk through the index: the places of a stretch of chunks that hold all that is wanted, phrases in their order.

use std::collections::BTreeMap;

use frontdesk_kernel::Scope;

use super::{
    hits::{Hits, may_follow},
    words::Term,
};
use crate::{Result, Tx};

pub(super) struct Walk<'w> {
    pub(super) scope: &'w Scope,
    /// All of them must be there, the most telling first.
    pub(super) terms: Vec<Term>,
    /// Those of each phrase in its order.
    pub(super) phrases: Vec<Vec<Term>>,
}

/// What the index holds for one word: the bytes of each chunk.
type Rows = BTreeMap<i64, Vec<u8>>;

impl Walk<'_> {
    /// Places by chunk, both ends included. They may hold too much and never too little.
    pub(super) async fn places(&self, tx: &mut Tx, low: i64, high: i64) -> Result<BTreeMap<i64, Vec<u16>>> {
        let mut common: Option<BTreeMap<i64, Vec<u16>>> = None;
        let mut words: BTreeMap<&Term, Rows> = BTreeMap::new();
        for term in &self.terms {
            let mut found: BTreeMap<i64, Vec<u16>> = BTreeMap::new();
            let rows = rows_of(tx, self.scope, term, low, high).await?;
            for (chunk, bytes) in &rows {
                found.entry(*chunk).or_default().extend(Hits::of(bytes).map(|(place, _)| place));
            }
            if matches!(term, Term::Beginning(_)) {
                for places in found.values_mut() {
                    places.sort_unstable();
                    places.dedup();
                }
            } else if term.is_word() && self.phrases.iter().any(|phrase| phrase.contains(term)) {
                words.insert(term, rows.into_iter().collect());
            }
            let left = match common.take() {
                None => found,
                Some(before) => both(before, &found),
            };
            let none = left.is_empty();
            common = Some(left);
            if none {
                break;
            }
        }
        let mut common = common.unwrap_or_default();
        if !self.phrases.is_empty() {
            common.retain(|chunk, places| {
                for phrase in &self.phrases {
                    keep_phrase(phrase, &words, *chunk, places);
                }
                !places.is_empty()
            });
        }
        Ok(common)
    }
}

fn both(before: BTreeMap<i64, Vec<u16>>, found: &BTreeMap<i64, Vec<u16>>) -> BTreeMap<i64, Vec<u16>> {
    let kept = before.into_iter().filter_map(|(chunk, mut places)| {
        let also = found.get(&chunk)?;
        places.retain(|place| also.binary_search(place).is_ok());
        (!places.is_empty()).then_some((chunk, places))
    });
    kept.collect()
}

/// Keeps the places where the words of a phrase may follow each other.
fn keep_phrase(phrase: &[Term], words: &BTreeMap<&Term, Rows>, chunk: i64, places: &mut Vec<u16>) {
    let mut hits: Vec<_> = phrase
        .iter()
        .map(|term| {
            let bytes = words.get(term).and_then(|rows| rows.get(&chunk));
            bytes.map(|bytes| Hits::of(bytes).peekable())
        })
        .collect();
    places.retain(|place| {
        let at: Vec<Option<&[u8]>> = hits
            .iter_mut()
            .map(|known| {
                let known = known.as_mut()?;
                while known.next_if(|(at, _)| at < place).is_some() {}
                known.peek().filter(|(at, _)| at == place).map(|(_, positions)| *positions)
            })
            .collect();
        may_follow(&at)
    });
}

async fn rows_of(tx: &mut Tx, scope: &Scope, term: &Term, low: i64, high: i64) -> Result<Vec<(i64, Vec<u8>)>> {
    let (condition, first, last) = match term {
        Term::Key(key) => ("word = $2 AND chunk BETWEEN $3 AND $4", key.clone(), None),
        // No byte of UTF-8 is as large as the last one. The sum keeps SQLite from reading every word of these chunks instead.
        Term::Beginning(start) => {
            let last = [start.as_slice(), &[0xFF]].concat();
            ("word >= $2 AND word < $5 AND chunk + 0 BETWEEN $3 AND $4", start.clone(), Some(last))
        }
    };
    let sql = format!("SELECT chunk, hits FROM search_word WHERE tenant = $1 AND {condition}");
    let mut query = tx.query(&sql).bind(scope.tenant()).bind(first.as_slice()).bind(low).bind(high);
    if let Some(last) = &last {
        query = query.bind(last.as_slice());
    }
    query.all(|row| Ok((row.get("chunk")?, row.get("hits")?))).await
}
