//! What all stories share: customers, time, our own lines.

use std::time::Duration;

use frontdesk_kernel::language::{Language, Line};

pub(crate) const ANA: &str = "573001112233";
pub(crate) const LUZ: &str = "573004445566";
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// A line of ours, as the customers of these businesses read it.
pub(crate) fn text(line: Line) -> &'static str {
    line.text(Language::Spanish)
}
