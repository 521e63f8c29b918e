//! No claim without a receipt: which done actions does a reply speak of, and did a tool really do them?
//!
//! A reply is read clause by clause. A claim is a verb of the trade in a form that says "done" (`quedó agendada`, `I've booked`,
//! `storniert`), about the right thing, and not asked, denied, wished, offered or made to depend on something. In doubt it is a claim: the
//! model is then asked to say it otherwise, which costs a moment; a false "done" costs the customer's trust.

mod auxiliaries;
mod clauses;
mod figures;
mod guards;
mod lexicon;
mod nouns;
mod phrases;
mod sayings;
mod shapes;
mod small;
#[cfg(test)]
mod tests;
mod usage;
mod verbs;
mod words;

use self::shapes::Claim;
use crate::tool::ReceiptKind;

/// What the turn has to show.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// Of the tool calls that succeeded in this turn.
    pub receipts: &'a [ReceiptKind],
    /// The contact's appointments were read in this turn: saying what stands is then no claim of having done it.
    pub listed_appointments: bool,
    /// The team was told or asked something in this turn: saying so is no claim of having handed over. Saying that somebody is talked to now is.
    pub told_team: bool,
    /// Figures of the business were counted in this turn: saying how many there were is then no claim of having done it.
    pub listed_figures: bool,
}

/// Every kind of done action that a reply claims, in the order of appearance.
pub fn claims(text: &str) -> Vec<ReceiptKind> {
    distinct(found(text).into_iter())
}

/// The claims that nothing backs. The reply may go out only if there are none.
pub fn unbacked(text: &str, evidence: &Evidence<'_>) -> Vec<ReceiptKind> {
    distinct(found(text).into_iter().filter(|claim| !is_backed(claim, evidence)))
}

fn is_backed(claim: &Claim, evidence: &Evidence<'_>) -> bool {
    use ReceiptKind::{Booked, Cancelled, HandedOver, Paid, Rescheduled};
    let has = |kind| evidence.receipts.contains(&kind);
    match claim.kind {
        kind if has(kind) => true,
        Booked | Cancelled | Rescheduled | Paid if claim.is_figure && evidence.listed_figures => true,
        Booked => has(Rescheduled) || (claim.is_standing && evidence.listed_appointments),
        Rescheduled => has(Booked) && has(Cancelled),
        Cancelled => claim.is_standing && evidence.listed_appointments,
        HandedOver => claim.only_tells && evidence.told_team,
        _ => false,
    }
}

fn found(text: &str) -> Vec<Claim> {
    let sentences = clauses::sentences(text);
    let answered = sentences.windows(2).filter_map(|pair| sayings::answered(&pair[0], &pair[1]));
    sentences.iter().flat_map(shapes::claims).chain(answered).collect()
}

fn distinct(claims: impl Iterator<Item = Claim>) -> Vec<ReceiptKind> {
    let mut kinds = Vec::new();
    for claim in claims {
        if !kinds.contains(&claim.kind) {
            kinds.push(claim.kind);
        }
    }
    kinds
}
