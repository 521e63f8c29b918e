//! What somebody wants to know, as a query or a body.

use frontdesk_engine::reports::{self as analyses, Offer, Place, Wish};
use frontdesk_kernel::{
    ids::LocationId,
    language::Language,
    report::{Grouping, Sheet},
};
use frontdesk_store::work;
use jiff::civil::Date;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    Web,
    api::business::view_of,
    kit::{Caller, Problem},
};

const USUAL_DAYS: i64 = 30;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Wanted {
    /// A key of `/reports/analyses`.
    analysis: String,
    /// First day, `YYYY-MM-DD` in the business's zone; 30 days without it.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day, today without it. At most 400 days.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// What one point is; without it what suits the number of days.
    grouping: Option<Grouping>,
    /// Only this location.
    location: Option<LocationId>,
    /// `en` or `es`; the business's without it.
    language: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewReport {
    /// A key of `/reports/analyses`.
    analysis: String,
    /// First day, `YYYY-MM-DD` in the business's zone; 30 days without it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// Last day, today without it. At most 400 days.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    to: Option<Date>,
    /// What one point is; without it what suits the number of days.
    #[serde(default)]
    grouping: Option<Grouping>,
    /// Only this location.
    #[serde(default)]
    location: Option<LocationId>,
    /// `en` or `es`, also that of the files; the business's without it.
    #[serde(default)]
    language: Option<String>,
}

impl From<NewReport> for Wanted {
    fn from(new: NewReport) -> Wanted {
        let NewReport { analysis, from, to, grouping, location, language } = new;
        Wanted { analysis, from, to, grouping, location, language }
    }
}

/// Counted now, of what the caller may see.
pub(super) async fn figures_of(web: &Web, caller: &Caller, wanted: Wanted) -> Result<(Sheet, Place), Problem> {
    caller.require(analyses::SEE)?;
    let offer = Offer::named(&wanted.analysis).ok_or_else(|| {
        let known: Vec<_> = Offer::all().map(Offer::key).collect();
        Problem::field("analysis", format!("one of: {}", known.join(", ")))
    })?;
    caller.require(offer.need())?;
    let view = view_of(web, caller).await?;
    let last = wanted.to.unwrap_or_else(|| web.desk.now().in_zone(&view.tenant.zone()).date());
    let first = wanted.from.unwrap_or_else(|| last.saturating_sub(jiff::Span::new().days(USUAL_DAYS - 1)));
    let wish = Wish {
        offer,
        first,
        last,
        grouping: wanted.grouping.unwrap_or_else(|| Grouping::fitting(first, last)),
        location: wanted.location,
        sees: caller.locations().map(<[_]>::to_vec),
        language: wanted.language.as_deref().map_or(view.tenant.speaks(), Language::of),
    };
    let s = caller.scope.clone();
    let answered = web
        .desk
        .db
        .read_long(&caller.scope, analyses::LONGEST, work!(tx => analyses::answer(tx, &s, &view.tenant, &wish).await))
        .await?;
    answered.map_err(|bad| Problem::field(bad.field, bad.problem))
}
