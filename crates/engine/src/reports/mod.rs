//! Analyses of a business's own data, and the reports that are made of them. They only read; nobody writes a query.

mod analyses;
mod csv;
mod keep;
mod pdf;
mod place;
mod tally;
mod told;

use std::time::Duration;

use async_trait::async_trait;
use frontdesk_kernel::{
    Scope,
    ids::LocationId,
    language::Language,
    member::Role,
    report::{Breakdown, Grouping, Series, Sheet, Stretch},
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx};
use jiff::civil::Date;

pub use self::{csv::csv, keep::keep, pdf::pdf, place::Place, told::told};

/// Every analysis, in the order in which people are offered them.
static ALL: &[&dyn Analysis] = &[
    &analyses::Messages,
    &analyses::ResponseTimes,
    &analyses::Bookings,
    &analyses::Customers,
    &analyses::Handoffs,
    &analyses::Payments,
    &analyses::Spending,
];

/// English and Spanish.
pub(crate) type Words = (&'static str, &'static str);

pub(crate) fn in_language(words: Words, language: Language) -> &'static str {
    match language {
        Language::English => words.0,
        Language::Spanish => words.1,
    }
}

/// A question that the data of every business answer.
#[async_trait]
pub(crate) trait Analysis: Send + Sync {
    fn key(&self) -> &'static str;
    fn title(&self) -> Words;
    fn about(&self) -> Words;
    /// What one must be allowed besides seeing figures.
    fn need(&self) -> &'static str {
        SEE
    }
    async fn figures(&self, tx: &mut Tx, asked: &Asked<'_>) -> Result<Figures>;
}

/// Without this nobody sees any figure.
pub const SEE: &str = "stats:read";

/// As which files a report can be taken, the usual one first.
pub const FORMATS: [&str; 2] = ["pdf", "csv"];

/// How long counting may take, waiting for other counts included.
pub const LONGEST: Duration = Duration::from_secs(20);

/// What an analysis found.
#[derive(Default)]
pub(crate) struct Figures {
    series: Vec<Series>,
    breakdowns: Vec<Breakdown>,
    notes: Vec<String>,
}

/// What an analysis is asked.
pub(crate) struct Asked<'a> {
    scope: &'a Scope,
    stretch: &'a Stretch,
    /// The same, day by day.
    days: &'a Stretch,
    place: &'a Place,
    language: Language,
}

impl Asked<'_> {
    fn say(&self, words: Words) -> String {
        in_language(words, self.language).to_owned()
    }
}

/// An analysis as people choose it.
#[derive(Clone, Copy)]
pub struct Offer(&'static dyn Analysis);

impl Offer {
    pub fn all() -> impl Iterator<Item = Offer> {
        ALL.iter().map(|a| Offer(*a))
    }
    pub fn named(key: &str) -> Option<Offer> {
        Offer::all().find(|o| o.key() == key)
    }
    pub fn key(self) -> &'static str {
        self.0.key()
    }
    pub fn title(self, language: Language) -> &'static str {
        in_language(self.0.title(), language)
    }
    pub fn about(self, language: Language) -> &'static str {
        in_language(self.0.about(), language)
    }
    /// The permission that it needs besides `SEE`.
    pub fn need(self) -> &'static str {
        self.0.need()
    }
    /// Whether somebody in this role sees it.
    pub fn is_for(self, role: Role) -> bool {
        role.allows(SEE) && role.allows(self.need())
    }
}

/// What somebody wants to know.
#[derive(Clone)]
pub struct Wish {
    pub offer: Offer,
    /// Days of the business, both included.
    pub first: Date,
    pub last: Date,
    pub grouping: Grouping,
    /// One location only.
    pub location: Option<LocationId>,
    /// Whoever asks sees these locations; `None` = all.
    pub sees: Option<Vec<LocationId>>,
    pub language: Language,
}

/// A wish that cannot be answered: which part of it, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadWish {
    pub field: &'static str,
    pub problem: String,
}

/// Answers a wish. The same data and the same days give the same figures.
pub async fn answer(
    tx: &mut Tx,
    scope: &Scope,
    tenant: &Tenant,
    wish: &Wish,
) -> Result<std::result::Result<(Sheet, Place), BadWish>> {
    let in_periods = |grouping| Stretch::new(wish.first, wish.last, grouping, &tenant.zone());
    let (stretch, days) = match in_periods(wish.grouping).and_then(|stretch| Ok((stretch, in_periods(Grouping::Day)?))) {
        Ok(both) => both,
        Err(bad) => return Ok(Err(BadWish { field: bad.field, problem: bad.problem })),
    };
    let Some(place) = Place::find(tx, scope, wish.location.as_ref(), wish.sees.as_deref()).await? else {
        return Ok(Err(BadWish { field: "location", problem: "there is no such location".into() }));
    };
    let asked = Asked { scope, stretch: &stretch, days: &days, place: &place, language: wish.language };
    let figures = wish.offer.0.figures(tx, &asked).await?;
    let sheet = Sheet {
        analysis: wish.offer.key().to_owned(),
        title: wish.offer.title(wish.language).to_owned(),
        business: tenant.name.clone(),
        time_zone: tenant.time_zone.clone(),
        language: wish.language,
        from: wish.first,
        to: wish.last,
        grouping: wish.grouping,
        locations: place.names().to_vec(),
        periods: stretch.periods,
        series: figures.series,
        breakdowns: figures.breakdowns,
        notes: figures.notes,
    };
    Ok(Ok((sheet, place)))
}

/// The value below which that share (of a hundred) of the values is; `None` of nothing.
pub fn share_within(values: &mut [i64], share: usize) -> Option<i64> {
    values.sort_unstable();
    values.get((values.len() * share / 100).min(values.len().saturating_sub(1))).copied()
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::member::PERMISSIONS;

    use super::*;

    #[test]
    fn every_analysis_has_a_name_of_its_own_and_a_permission_that_exists() {
        let keys: std::collections::BTreeSet<_> = Offer::all().map(Offer::key).collect();
        assert_eq!(keys.len(), ALL.len());
        for offer in Offer::all() {
            assert!(Offer::named(offer.key()).is_some() && offer.is_for(Role::Owner));
            assert!(PERMISSIONS.iter().any(|p| p.name == offer.need()), "{}", offer.key());
        }
        assert!(!Offer::named("payments").unwrap().is_for(Role::Viewer));
    }

    #[test]
    fn half_of_the_values_is_within_the_middle_one() {
        for (mut values, half, most) in [(vec![], None, None), (vec![7], Some(7), Some(7)), (vec![9, 1, 5, 3], Some(5), Some(9))]
        {
            assert_eq!((share_within(&mut values, 50), share_within(&mut values, 90)), (half, most));
        }
    }
}
