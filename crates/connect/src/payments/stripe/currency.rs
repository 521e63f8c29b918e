//! Amounts as Stripe writes them: not for every currency as ISO 4217 does.

use frontdesk_kernel::money::{Money, exponent};

/// Stripe's digits after the point, and what an amount must be a multiple of.
fn rule(currency: &str) -> (u32, i64) {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => {
            (0, 1)
        }
        // Written with two digits that must be zero.
        "ISK" | "UGX" => (2, 100),
        // The last digit must be zero.
        "BHD" | "JOD" | "KWD" | "OMR" | "TND" => (3, 10),
        _ => (2, 1),
    }
}

pub(super) fn to_vendor(money: &Money) -> Result<i64, String> {
    let (theirs, multiple) = rule(&money.currency);
    let ours = exponent(&money.currency);
    let unfit = || format!("{money} cannot be paid to the last digit in this currency");
    let amount = match theirs.checked_sub(ours) {
        Some(more) => money.minor.checked_mul(10i64.pow(more)),
        None => {
            let unit = 10i64.pow(ours - theirs);
            (money.minor % unit == 0).then_some(money.minor / unit)
        }
    };
    match amount {
        Some(amount) if amount % multiple == 0 && amount > 0 => Ok(amount),
        _ => Err(unfit()),
    }
}

pub(super) fn from_vendor(amount: i64, currency: &str) -> Option<Money> {
    let currency = currency.to_ascii_uppercase();
    let (theirs, _) = rule(&currency);
    let ours = exponent(&currency);
    let minor = match ours.checked_sub(theirs) {
        Some(more) => amount.checked_mul(10i64.pow(more))?,
        None => amount / 10i64.pow(theirs - ours),
    };
    Some(Money { minor, currency })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_every_kind_of_currency_come_and_go() {
        for (currency, minor, vendor) in [
            ("COP", 4_500_000, 4_500_000),
            ("USD", 1250, 1250),
            ("JPY", 500, 500),
            ("CLP", 12_000, 12_000),
            ("PYG", 80_000, 80_000),
            ("KRW", 9000, 9000),
            ("UGX", 5, 500),
            ("ISK", 5, 500),
            ("KWD", 5120, 5120),
            ("MGA", 500_000, 5000),
        ] {
            let money = Money { minor, currency: currency.into() };
            assert_eq!(to_vendor(&money), Ok(vendor), "{currency}");
            assert_eq!(from_vendor(vendor, &currency.to_lowercase()), Some(money), "{currency}");
        }
        for (currency, minor) in [("KWD", 5124), ("MGA", 550), ("USD", 0), ("USD", -5), ("UGX", i64::MAX)] {
            assert!(to_vendor(&Money { minor, currency: currency.into() }).is_err(), "{currency} {minor}");
        }
    }
}
