//! PLACEHOLDER until the real matcher is written into this file.
use crate::tool::ReceiptKind;
pub struct Evidence<'a> {
    pub receipts: &'a [ReceiptKind],
    pub listed_appointments: bool,
}
pub fn unbacked(_text: &str, _evidence: &Evidence<'_>) -> Vec<ReceiptKind> {
    Vec::new()
}
