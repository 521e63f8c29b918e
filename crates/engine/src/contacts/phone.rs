//! Phone numbers as people write them, in the form in which WhatsApp names them: digits with the country code.

use std::ops::RangeInclusive;

use frontdesk_kernel::tenant::Tenant;
use phonenumber::{Mode, country};

/// Digits of a number with its country code (E.164).
const LENGTHS: RangeInclusive<usize> = 6..=15;

/// A country with its numbering plan.
pub type Region = country::Id;

/// Where a number without a country code is from: the country of the business, as its language or else its currency names it.
pub fn region(tenant: &Tenant) -> Option<country::Id> {
    let of_language =
        tenant.language.split('-').skip(1).find(|part| part.len() == 2).and_then(|part| part.to_uppercase().parse().ok());
    of_language.or_else(|| tenant.currency.get(..2).and_then(|country| country.parse().ok()))
}

/// The number in digits, or what is wrong with it.
pub fn digits(text: &str, region: Option<country::Id>) -> Result<String, String> {
    let text = text.trim();
    let wrong = || {
        let shown: String = text.chars().take(40).collect();
        format!("`{shown}` is not a phone number; write it with its country code, such as +57 300 123 4567")
    };
    if text.len() > 60
        || text
            .chars()
            .any(|c| !(c.is_ascii_digit() || " -().+/\u{a0}\u{2010}\u{2011}\u{2012}\u{2013}\u{202a}\u{202c}".contains(c)))
    {
        return Err(wrong());
    }
    let plain: String = text.chars().filter(char::is_ascii_digit).collect();
    let international = text.trim_start_matches(['\u{202a}', '(']).starts_with('+') || plain.starts_with("00");
    let plain = if international { plain.trim_start_matches('0').to_owned() } else { plain };
    if !LENGTHS.contains(&plain.len()) {
        return Err(wrong());
    }
    let with_code = format!("+{plain}");
    if international {
        // What the tables do not know yet may exist: numbering plans grow.
        return phonenumber::parse(None, &with_code).ok().map(|_| plain).ok_or_else(wrong);
    }
    let national = region.and_then(|region| valid(phonenumber::parse(Some(region), &plain).ok()));
    national.or_else(|| valid(phonenumber::parse(None, &with_code).ok())).ok_or_else(wrong)
}

fn valid(number: Option<phonenumber::PhoneNumber>) -> Option<String> {
    let number = number.filter(phonenumber::is_valid)?;
    let digits = number.format().mode(Mode::E164).to_string().trim_start_matches('+').to_owned();
    // Some countries have numbers that are too long with their code before them: nobody abroad can dial those.
    Some(digits).filter(|digits| LENGTHS.contains(&digits.len()))
}

/// The same telephone under its other names: WhatsApp keeps a `1` in Mexico, a `9` in Argentina and old numbers in Brazil.
pub fn variants(digits: &str) -> Vec<String> {
    let mut all = vec![digits.to_owned()];
    let mut also = |text: String| {
        if !all.contains(&text) {
            all.push(text);
        }
    };
    if let Some(rest) = digits.strip_prefix("521").filter(|rest| rest.len() == 10) {
        also(format!("52{rest}"));
    } else if let Some(rest) = digits.strip_prefix("52").filter(|rest| rest.len() == 10) {
        also(format!("521{rest}"));
    } else if let Some(rest) = digits.strip_prefix("549").filter(|rest| rest.len() == 10) {
        also(format!("54{rest}"));
    } else if let Some(rest) = digits.strip_prefix("54").filter(|rest| rest.len() == 10) {
        also(format!("549{rest}"));
    } else if let Some(rest) = digits.strip_prefix("55").filter(|rest| rest.is_ascii()) {
        match rest.len() {
            // Only what was a mobile before it got its 9 has an old name: any other would be somebody's landline.
            11 if rest[2..].starts_with('9') && rest[3..].starts_with(['6', '7', '8', '9']) => {
                also(format!("55{}{}", &rest[..2], &rest[3..]))
            }
            10 if rest[2..].starts_with(['6', '7', '8', '9']) => also(format!("55{}9{}", &rest[..2], &rest[2..])),
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_of_the_country_write_it() {
        for (text, region, stored) in [
            ("+57 300 123 4567", None, Some("573001234567")),
            ("(57) 300-123.4567", None, Some("573001234567")),
            ("300 123 4567", Some("CO"), Some("573001234567")),
            ("573001234567", Some("CO"), Some("573001234567")),
            ("0151 12345678", Some("DE"), Some("4915112345678")),
            ("0049 151 12345678", Some("CO"), Some("4915112345678")),
            ("35215500 123 4123", Some("DE"), None),
            ("+52 1 55 1234 5678", Some("CO"), Some("5215512345678")),
            ("300 123 4567", None, None),
            ("12", Some("CO"), None),
            ("ana", Some("CO"), None),
            ("300 123 4567 ext 5", Some("CO"), None),
            ("٣٠٠١٢٣٤٥٦٧", Some("CO"), None),
            ("", Some("CO"), None),
            ("5.73E+11", Some("CO"), None),
        ] {
            let region = region.map(|r| r.parse().unwrap());
            assert_eq!(digits(text, region).ok().as_deref(), stored, "{text} in {region:?}");
        }
    }

    #[test]
    fn one_telephone_has_several_names_in_some_countries() {
        for (one, other) in
            [("525512345678", "5215512345678"), ("5491112345678", "541112345678"), ("5511987654321", "551187654321")]
        {
            assert!(variants(one).contains(&other.to_owned()), "{one}");
            assert!(variants(other).iter().any(|v| v == one), "{other}");
        }
        // Without its 9 the second would be a landline, which is somebody else's.
        for only in ["573001234567", "5511934567890"] {
            assert_eq!(variants(only), [only]);
        }
    }
}
