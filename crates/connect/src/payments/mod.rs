//! Vendors that take payments; one line each in the registry.

pub mod mock;
pub mod stripe;

use frontdesk_kernel::ports::payments::Payments;

pub static ALL: &[&dyn Payments] = &[&stripe::Stripe, &mock::Mock];

/// The vendor with this key.
pub fn find(key: &str) -> Option<&'static dyn Payments> {
    ALL.iter().copied().find(|vendor| vendor.about().key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_is_found_by_its_own_key_and_by_nothing_else() {
        for vendor in ALL {
            let about = vendor.about();
            assert_eq!(find(about.key).map(|v| v.about().key), Some(about.key));
            assert!(about.base_url.starts_with("https://") && !about.base_url.ends_with('/') && !about.version.is_empty());
        }
        assert!(find("piggybank").is_none());
    }
}
