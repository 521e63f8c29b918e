//! Tables of cases for what things cost and when they are refused.

use super::*;

#[test]
fn everybody_pays_the_predecessors_costs_until_they_set_their_own() {
    let mut accounts = Accounting::default();
    assert!(!accounts.enabled);
    for (key, tokens) in [
        ("whatsapp_conversation", 10),
        ("sms", 1),
        ("email", 1),
        ("call", 50),
        ("internal_model_call", 1),
        ("monthly_fee", 200),
        ("tool:refund", 0),
        ("unheard-of", 0),
    ] {
        assert_eq!(accounts.cost(key), tokens, "{key}");
    }
    accounts.costs = BTreeMap::from([("call".into(), 0), ("tool:refund".into(), 7)]);
    assert_eq!((accounts.cost("call"), accounts.cost("tool:refund"), accounts.cost("sms")), (0, 7, 1));
    assert_eq!(per("whatsapp_conversation"), Per::Window(Duration::from_secs(86_400)));
    assert_eq!((per("sms"), per("tool:refund"), per("monthly_fee")), (Per::Action, Per::Action, Per::Month));
}

#[test]
fn whoever_sets_nothing_has_untouched_accounts() {
    assert!(Accounting::default().is_untouched());
    assert!(!Accounting { enabled: true, ..Accounting::default() }.is_untouched());
}

#[test]
fn each_reason_to_refuse_has_a_name_and_words_of_its_own() {
    use Blocked::*;
    let all = [Balance, Day, ContactDay, Campaign, Month, MoneyDay, UnknownPrice];
    for why in all {
        assert_eq!(serde_json::to_value(why).unwrap(), why.as_str());
    }
    let words: std::collections::BTreeSet<_> = all.iter().map(Blocked::to_string).collect();
    assert!(words.len() == all.len() && !words.contains(""));
}

#[test]
fn what_is_wrong_with_accounts_is_told_by_path() {
    let price = Price { input: -1, cached: 0, output: 1 };
    let accounts = Accounting {
        costs: BTreeMap::from([("sms".into(), -1), ("fax".into(), 1), ("tool:a b".into(), 1), ("call".into(), MOST_TOKENS + 1)]),
        ceilings: Ceilings { day: Some(-5), money_day: Some(i64::MAX), ..Ceilings::default() },
        prices: BTreeMap::from([("m".into(), price)]),
        ..Accounting::default()
    };
    let mut paths: Vec<_> = accounts.problems().into_iter().map(|(path, _)| path).collect();
    paths.sort();
    assert_eq!(
        paths,
        ["ceilings.day", "ceilings.money_day", "costs.call", "costs.fax", "costs.sms", "costs.tool:a b", "prices.m.input"]
    );
    assert!(Accounting { costs: BTreeMap::from([("tool:send_email".into(), 3)]), ..Accounting::default() }.problems().is_empty());
}

#[test]
fn spending_is_refused_before_it_passes_a_limit_and_the_reason_is_named() {
    let none = Ceilings::default();
    let day = |n| Ceilings { day: Some(n), ..none };
    let spent = |day| Spent { day, contact_day: day, campaign: day, month: day, money_day: day };
    for (available, used, ceilings, tokens, micros, expected) in [
        (10, 0, none, 10, 0, Ok(())),
        (9, 0, none, 10, 0, Err(Blocked::Balance)),
        (-5, 0, none, 1, 0, Err(Blocked::Balance)),
        // What costs nothing goes on, also in debt.
        (-5, 0, none, 0, 0, Ok(())),
        (99, 5, day(10), 5, 0, Ok(())),
        (99, 6, day(10), 5, 0, Err(Blocked::Day)),
        (99, 50, day(10), 0, 0, Ok(())),
        (99, 0, day(0), 1, 0, Err(Blocked::Day)),
        (99, 6, Ceilings { contact_day: Some(10), ..none }, 5, 0, Err(Blocked::ContactDay)),
        (99, 6, Ceilings { campaign: Some(10), ..none }, 5, 0, Err(Blocked::Campaign)),
        (99, 6, Ceilings { month: Some(10), ..none }, 5, 0, Err(Blocked::Month)),
        (99, 6, Ceilings { money_day: Some(10), ..none }, 0, 5, Err(Blocked::MoneyDay)),
        (99, 6, Ceilings { money_day: Some(10), ..none }, 5, 4, Ok(())),
        (i64::MAX, i64::MAX, day(i64::MAX), 5, 0, Ok(())),
    ] {
        let told = admit(available, &spent(used), &ceilings, tokens, micros);
        assert_eq!(told, expected, "{available} {used} {ceilings:?} {tokens} {micros}");
    }
}

#[test]
fn somebody_is_told_at_four_fifths_and_at_the_end_once_each() {
    let day = Day { day: "2026-11-25".into(), month: "2026-11".into() };
    let names = |available, topped, used, most| {
        let spent = Spent { day: used, ..Spent::default() };
        let ceilings = Ceilings { day: Some(most), ..Ceilings::default() };
        alerts(available, topped, 3, &spent, &ceilings, &day).into_iter().map(|a| a.name).collect::<Vec<_>>()
    };
    assert!(names(21, 100, 79, 100).is_empty());
    assert_eq!(names(20, 100, 0, 100), ["credit/3/80"]);
    assert_eq!(names(0, 100, 0, 100), ["credit/3/80", "credit/3/100"]);
    assert_eq!(names(-7, 100, 0, 100), ["credit/3/80", "credit/3/100"]);
    assert_eq!(names(100, 100, 80, 100), ["day/2026-11-25/80"]);
    assert_eq!(names(100, 100, 100, 100), ["day/2026-11-25/80", "day/2026-11-25/100"]);
    assert!(names(0, 0, 5, 0).is_empty(), "nothing was ever topped up and no ceiling stands");
    let spent = Spent { day: 80, ..Spent::default() };
    assert!(is_near(&spent, &Ceilings { day: Some(100), ..Ceilings::default() }));
    assert!(!is_near(&spent, &Ceilings { day: Some(101), ..Ceilings::default() }) && !is_near(&spent, &Ceilings::default()));
    assert!(!is_near(&spent, &Ceilings { day: Some(0), ..Ceilings::default() }), "of nothing there is no four fifths");
    // Each limit by itself.
    let ceilings = Ceilings { day: Some(100), month: Some(100), money_day: Some(100), ..Ceilings::default() };
    for near in [Spent { month: 80, ..Spent::default() }, Spent { money_day: 80, ..Spent::default() }] {
        assert!(is_near(&near, &ceilings), "{near:?}");
    }
}

#[test]
fn days_and_months_are_those_of_the_business() {
    let bogota = jiff::tz::TimeZone::get("America/Bogota").unwrap();
    let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    assert_eq!(Day::at(at("2026-12-01T04:59:59Z"), &bogota), Day { day: "2026-11-30".into(), month: "2026-11".into() });
    assert_eq!(Day::at(at("2026-12-01T05:00:00Z"), &bogota), Day { day: "2026-12-01".into(), month: "2026-12".into() });
    assert_eq!(month_after("2026-12").as_deref(), Some("2027-01"));
    assert_eq!((month_after("2026-13"), month_after("x")), (None, None));
    assert_eq!(months("2026-11", "2027-02"), ["2026-11", "2026-12", "2027-01", "2027-02"]);
    assert!(months("2027-01", "2026-12").is_empty() && months("never", "2026-12").is_empty());
    assert_eq!(months("1000-01", "2026-12").len(), 120);
}

#[test]
fn a_paid_call_is_never_free_and_the_price_is_found_under_the_models_names() {
    let price = Price { input: 150_000, cached: 75_000, output: 600_000 };
    let usage = |input, cached, output| Usage { input, cached, output, cost_micros: None };
    for (used, micros) in [
        (usage(1_000_000, 0, 0), 150_000),
        (usage(1_000_000, 1_000_000, 0), 75_000),
        (usage(1, 0, 0), 1),
        (usage(1000, 200, 100), 195),
        (usage(0, 0, 0), 0),
        (usage(5, 9, 0), 1),
    ] {
        assert_eq!(money(&price, &used), micros, "{used:?}");
    }
    let table = |names: &[&str]| names.iter().map(|n| ((*n).to_owned(), price)).collect::<BTreeMap<_, _>>();
    let (own, known) = (table(&["acme/big"]), table(&["small"]));
    for (model, found) in [
        ("small", true),
        ("small-2026-01-31", true),
        ("acme/small", true),
        ("acme/small-2026-01-31", true),
        ("acme/big", true),
        ("big", false),
        ("small-2026-01-3x", false),
        ("smaller", false),
        ("", false),
        ("ñ-2026-01-31", false),
    ] {
        assert_eq!(price_of(model, &[&own, &known]).is_some(), found, "{model}");
    }
}
