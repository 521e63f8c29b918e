//! Customers of all stories.

pub(crate) const ANA: &str = "573001112233";
pub(crate) const LUZ: &str = "573004445566";
