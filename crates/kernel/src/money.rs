//! Money as integers of a currency's smallest unit.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in minor units (`12000.00 COP` is 1 200 000).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Money {
    pub minor: i64,
    /// ISO 4217, upper case.
    pub currency: String,
}

/// Digits after the point (ISO 4217).
pub fn exponent(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

impl Money {
    /// Reads `12000`, `12000.5`, `12,000.50`. More digits than the currency has are refused.
    pub fn parse(text: &str, currency: &str) -> Option<Money> {
        let text: String = text.trim().trim_start_matches('$').chars().filter(|c| *c != ',' && *c != ' ').collect();
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let digits = exponent(currency) as usize;
        let part = part.trim_end_matches('0');
        if whole.is_empty() || part.len() > digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let whole: i64 = whole.parse().ok().filter(|w| *w >= 0)?;
        let part: i64 = format!("{part:0<digits$}0").parse::<i64>().ok()? / 10;
        let minor = whole.checked_mul(10i64.pow(digits as u32))?.checked_add(part)?;
        Some(Money { minor, currency: currency.to_owned() })
    }
}

impl fmt::Display for Money {
    /// `$12,000 COP`, `$12.50 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = 10i64.pow(exponent(&self.currency));
        let (whole, part) = (self.minor / unit, (self.minor % unit).abs());
        let digits = whole.abs().to_string();
        if self.minor < 0 {
            f.write_str("-")?;
        }
        f.write_str("$")?;
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{c}")?;
        }
        if part != 0 {
            let width = exponent(&self.currency) as usize;
            write!(f, ".{part:0width$}")?;
        }
        write!(f, " {}", self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_shown_as_people_write_them() {
        for (text, currency, minor, shown) in [
            ("12000", "COP", 1_200_000, "$12,000 COP"),
            ("12,000.50", "USD", 1_200_050, "$12,000.50 USD"),
            ("$5", "USD", 500, "$5 USD"),
            ("1200", "CLP", 1200, "$1,200 CLP"),
            ("0.5", "KWD", 500, "$0.500 KWD"),
        ] {
            let money = Money::parse(text, currency).unwrap();
            assert_eq!((money.minor, money.to_string().as_str()), (minor, shown));
        }
        for wrong in ["", "abc", "-5", "1.999", "1.2.3"] {
            assert_eq!(Money::parse(wrong, "USD"), None, "{wrong}");
        }
    }
}
