//! The terms on which the operator sells credit, read from the configuration; a wrong one keeps the server from starting.

use anyhow::Result;
use frontdesk_connect::payments;
use frontdesk_engine::tokens::checkout::{Package, Sale};
use frontdesk_kernel::{ledger::MOST_TOKENS, money::Money};

use crate::{app::Refuse, config::Credit};

const VENDOR: &str = "stripe";

/// `None`: nothing is sold.
pub(crate) fn of(credit: &Credit) -> Result<Option<Sale>> {
    let (key, secret) = match (&credit.stripe_secret_key, &credit.stripe_webhook_secret) {
        (None, None) => return Ok(None),
        (Some(key), Some(secret)) => (key.clone(), secret.clone()),
        (Some(_), None) => {
            return wrong("stripe_webhook_secret is missing: without it nobody would hear that credit was paid for");
        }
        (None, Some(_)) => return wrong("stripe_secret_key is missing: credit is sold through an account"),
    };
    let currency = credit.currency.trim().to_uppercase();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        return wrong("currency is a code of three letters, such as USD");
    }
    let minor = |text: &str| Money::parse(text, &currency).map(|m| m.minor).filter(|minor| *minor > 0);
    let per_thousand = match &credit.price_per_thousand {
        Some(text) => match minor(text) {
            Some(price) => Some(price),
            None => return wrong("price_per_thousand is an amount such as 10.00"),
        },
        None => None,
    };
    let mut packages = Vec::new();
    for text in &credit.packages {
        let package = text.split_once('=').and_then(|(tokens, price)| {
            let tokens = tokens.trim().parse().ok().filter(|n| (1..=MOST_TOKENS).contains(n))?;
            Some(Package { tokens, minor: minor(price.trim())? })
        });
        match package {
            Some(p) if packages.iter().all(|known: &Package| known.tokens != p.tokens) => packages.push(p),
            _ => return wrong("packages are different numbers of tokens with their prices, such as [\"1000 = 10.00\"]"),
        }
    }
    let fits = |minor: i64| {
        payments::ALL
            .iter()
            .find(|v| v.about().key == VENDOR)
            .is_some_and(|v| v.fits(&Money { minor, currency: currency.clone() }).is_ok())
    };
    if packages.iter().map(|p| p.minor).chain(per_thousand).any(|minor| !fits(minor)) {
        return wrong(
            "currency and prices have to be such as Stripe takes: a price is too small, or the currency is none of its own",
        );
    }
    if per_thousand.is_none() && packages.is_empty() {
        return wrong("nothing has a price: set price_per_thousand or packages");
    }
    Ok(Some(Sale { vendor: VENDOR.to_owned(), key, secrets: vec![secret], currency, per_thousand, packages }))
}

fn wrong<T>(why: &str) -> Result<T> {
    Err(Refuse(format!("credit.{why}")).into())
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::Secret;

    use super::*;

    fn credit() -> Credit {
        Credit {
            stripe_secret_key: Some(Secret::new("sk_test_1234")),
            stripe_webhook_secret: Some(Secret::new("whsec_1234")),
            currency: "usd".into(),
            price_per_thousand: Some("10.00".into()),
            packages: vec!["5000 = 45".into(), " 100=1.50 ".into()],
        }
    }

    #[test]
    fn prices_are_read_and_what_is_wrong_is_said_without_its_secrets() {
        let sale = of(&credit()).unwrap().unwrap();
        let packages = [Package { tokens: 5000, minor: 4500 }, Package { tokens: 100, minor: 150 }];
        assert_eq!((sale.currency.as_str(), sale.per_thousand, &sale.packages[..]), ("USD", Some(1000), &packages[..]));
        let nothing = Credit { stripe_secret_key: None, stripe_webhook_secret: None, ..credit() };
        assert!(of(&nothing).unwrap().is_none(), "prices without an account sell nothing");
        for (wrong, part) in [
            (Credit { stripe_webhook_secret: None, ..credit() }, "stripe_webhook_secret"),
            (Credit { stripe_secret_key: None, ..credit() }, "stripe_secret_key"),
            (Credit { currency: "dollars".into(), ..credit() }, "currency"),
            (Credit { price_per_thousand: Some("0".into()), ..credit() }, "price_per_thousand"),
            (Credit { price_per_thousand: Some("ten".into()), ..credit() }, "price_per_thousand"),
            (Credit { packages: vec!["1000".into()], ..credit() }, "packages"),
            (Credit { packages: vec!["0 = 5".into()], ..credit() }, "packages"),
            (Credit { packages: vec!["10 = 5".into(), "10 = 6".into()], ..credit() }, "packages"),
            (Credit { packages: vec!["10 = -5".into()], ..credit() }, "packages"),
            (Credit { packages: Vec::new(), price_per_thousand: None, ..credit() }, "nothing has a price"),
        ] {
            let said = of(&wrong).unwrap_err().to_string();
            assert!(said.contains(part) && !said.contains("1234"), "{said}");
        }
    }
}
