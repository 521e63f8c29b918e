//! A branch of a business.

use crate::{Timestamp, ids::LocationId};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    pub id: LocationId,
    pub name: String,
    pub address: String,
    pub phone: String,
    /// IANA zone name; `None` = the business's.
    pub time_zone: Option<String>,
    pub active: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}
