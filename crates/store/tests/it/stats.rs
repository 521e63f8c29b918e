//! Figures of a business, counted from what happened.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    booking::AppointmentStatus,
    effect::Class,
    ids::*,
    money::Money,
    payment::{RefundState, State},
    ports::model::Usage,
    scope::Server,
    turn::GiveUp,
};
use frontdesk_store::{
    calendar, channels, channels::Knock, conversations, payments, people, refunds, stats, stats::By, tasks, turns,
};

use crate::harness::*;

/// A quarter of an hour.
const QUARTER: i64 = 900_000;

db_test!(messages_are_counted_by_quarter_and_speaker_and_nothing_of_the_neighbour_or_of_the_teams_own_sessions, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let ana = a.hears(&db, "ana", at(0)).await;
    a.hears(&db, "ana", at(QUARTER - 1)).await;
    a.replies(&db, ana, Class::A, at(QUARTER - 1)).await;
    a.hears(&db, "bea", at(QUARTER)).await;
    b.hears(&db, "ana", at(10)).await;
    let staff = a.hears(&db, "somebody of the team", at(20)).await;
    let person = keep(id::<OfUser>("ana"));
    assert!(change!(db, &a.scope, tx => conversations::act_for(tx, &a.scope, staff, Some(person))));
    let said = look!(db, &a.scope, tx => stats::messages(tx, &a.scope, at(0), at(2 * QUARTER)));
    let told: Vec<_> = said.iter().map(|s| (s.at, s.by, s.n)).collect();
    assert_eq!(told, [(at(0), By::Contact, 2), (at(0), By::Bot, 1), (at(QUARTER), By::Contact, 1)]);
    assert!(said.iter().all(|s| s.channel == a.channel));
    assert!(
        look!(db, &a.scope, tx => stats::messages(tx, &a.scope, at(1), at(QUARTER - 1))).is_empty(),
        "the end does not count"
    );
    assert_eq!(look!(db, &b.scope, tx => stats::messages(tx, &b.scope, at(0), at(99))).len(), 1);
    let (mine, theirs): (&[ChannelId], &[ChannelId]) = (keep([a.channel.clone()]), keep([b.channel.clone(), id("other")]));
    let reached = async |from: i64, to: i64, channels: Option<&'static [ChannelId]>| {
        let r = look!(db, &a.scope, tx => stats::reached(tx, &a.scope, at(from), at(to), channels));
        (r.conversations, r.customers, r.new)
    };
    assert_eq!(reached(QUARTER - 1, 2 * QUARTER, None).await, (2, 2, 1), "ana was known before");
    assert_eq!(reached(0, 2 * QUARTER, None).await, (2, 2, 2));
    assert_eq!(reached(2 * QUARTER, 3 * QUARTER, None).await, (0, 0, 0));
    assert_eq!(reached(0, 2 * QUARTER, Some(mine)).await, (2, 2, 2));
    assert_eq!(reached(0, 2 * QUARTER, Some(theirs)).await, (0, 0, 0));
    assert_eq!(reached(0, 2 * QUARTER, Some(&[])).await, (0, 0, 0));
});

db_test!(turns_their_times_and_their_cost_are_counted, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    a.hears(&db, "ana", at(0)).await;
    let claim = claim_one(&db, node, at(10_000)).await;
    let usage = keep(Usage { input: 100, cached: 20, output: 7, cost_micros: Some(42) });
    let unknown = keep(Usage { input: 5, cached: 0, output: 5, cost_micros: None });
    change!(db, &a.scope, tx => turns::bill(tx, &a.scope, &claim.turn, 1, "openai", "small", usage, at(10_001)));
    change!(db, &a.scope, tx => turns::bill(tx, &a.scope, &claim.turn, 2, "openai", "new", unknown, at(10_002)));
    let trial = keep(fresh::<OfTrial>());
    change!(db, &a.scope, tx => turns::bill(tx, &a.scope, trial, 1, "openai", "small", usage, at(QUARTER)));
    let lines: &'static [ChannelId] = keep(vec![a.channel.clone()]);
    assert!(look!(db, &a.scope, tx => stats::response_times(tx, &a.scope, (at(0), at(99_000)), lines, 10)).is_empty(), "it runs");
    change!(db, &a.scope, tx => turns::end(tx, &a.scope, &claim.turn, "done", None, at(12_500)));
    let times = look!(db, &a.scope, tx => stats::response_times(tx, &a.scope, (at(0), at(99_000)), lines, 10));
    assert_eq!(times, [stats::Answered { channel: a.channel.clone(), ms: 12_500 }]);
    let done = look!(db, &a.scope, tx => stats::turns(tx, &a.scope, at(0), at(99_000)));
    assert_eq!(done, [stats::Turns { at: at(0), channel: a.channel.clone(), n: 1, given_up: 0 }]);
    let spent = look!(db, &a.scope, tx => stats::models(tx, &a.scope, at(0), at(2 * QUARTER)));
    let mut told: Vec<_> = spent
        .iter()
        .map(|s| (s.at, s.channel.is_some(), s.model.as_str(), s.calls, s.tokens, s.cost_micros, s.unpriced))
        .collect();
    told.sort_unstable();
    let (new, small) = ("openai/new", "openai/small");
    assert_eq!(
        told,
        [(at(0), true, new, 1, 10, 0, 1), (at(0), true, small, 1, 107, 42, 0), (at(QUARTER), false, small, 1, 107, 42, 0)]
    );
    assert_eq!(look!(db, &a.scope, tx => stats::model_money(tx, &a.scope, at(0), at(2 * QUARTER))), (84, 1));
});

db_test!(what_ended_without_an_answer_is_no_answer_and_a_fault_on_the_way_is_none, |db| async {
    let a = shop(&db, "a").await;
    let node = node(&db, "n").await;
    // One stumbled and then answered, one gave up, one said nothing, one is of the team's own sessions, one still runs.
    for (n, state, outcome) in [
        (0, Some("done"), None),
        (1, Some("handed_off"), Some(GiveUp::Deadline)),
        (2, Some("suppressed"), None),
        (3, Some("done"), None),
        (4, None, None),
    ] {
        let conversation = a.hears(&db, &format!("57300{n}"), at(n)).await;
        let claim = claim_one(&db, node, at(10_000 + n)).await;
        if n == 3 {
            let person = keep(id::<OfUser>("ana"));
            assert!(change!(db, &a.scope, tx => conversations::act_for(tx, &a.scope, conversation, Some(person))));
            change!(db, &a.scope, tx => tasks::open(tx, &a.scope, keep(id("t")), "handoff", "x", Some(conversation), None, at(5)));
        }
        if n == 0 {
            change!(db, &a.scope, tx => turns::stumble(tx, &a.scope, &claim.turn, "the vendor was away"));
        }
        if let Some(state) = state {
            change!(db, &a.scope, tx => turns::end(tx, &a.scope, &claim.turn, state, outcome, at(20_000 + 100 * n)));
        }
    }
    let told = look!(db, &a.scope, tx => stats::turns(tx, &a.scope, at(0), at(99_000)));
    assert_eq!(told, [stats::Turns { at: at(0), channel: a.channel.clone(), n: 4, given_up: 2 }]);
    let answers = look!(db, &a.scope, tx => stats::answers(tx, &a.scope, at(0), at(99_000)));
    assert_eq!(answers, [stats::Answers { at: at(0), channel: a.channel.clone(), n: 2 }]);
    let (here, elsewhere): (&[_], &[_]) = (keep(vec![a.channel.clone()]), keep(vec![id::<OfChannel>("elsewhere")]));
    for (lines, limit, expected) in [(here, 9, &[20_099, 20_000][..]), (here, 1, &[20_099]), (elsewhere, 9, &[]), (&[], 9, &[])] {
        let times = look!(db, &a.scope, tx => stats::response_times(tx, &a.scope, (at(0), at(99_000)), lines, limit));
        assert_eq!(times.iter().map(|t| t.ms).collect::<Vec<_>>(), expected, "{limit} of {lines:?}");
    }
    assert!(look!(db, &a.scope, tx => stats::handoffs(tx, &a.scope, at(0), at(99))).is_empty(), "not the team's own");
});

db_test!(appointments_are_counted_when_they_are_and_when_they_were_made_and_handoffs_beside_them, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "ana", at(0)).await;
    let contact = a.contact_in(&db, conversation).await;
    let (cut, ana) = (keep(service("cut")), keep(staff("ana")));
    change!(db, &a.scope, tx => calendar::put_service(tx, &a.scope, cut, 1, at(0)));
    change!(db, &a.scope, tx => calendar::put_staff(tx, &a.scope, ana, 1, at(0)));
    for (n, status, location) in [
        (0, AppointmentStatus::Confirmed, None),
        (1, AppointmentStatus::NoShow, Some("north")),
        (2, AppointmentStatus::Cancelled, Some("north")),
    ] {
        let mut made = appointment(&contact, at(4 * QUARTER + n));
        (made.status, made.location) = (status, location.map(id));
        if n == 2 {
            (made.service, made.staff) = (None, None);
        }
        let made = keep(made);
        change!(db, &a.scope, tx => calendar::insert(tx, &a.scope, made, None));
    }
    let visits = look!(db, &a.scope, tx => stats::visits(tx, &a.scope, at(4 * QUARTER), at(5 * QUARTER)));
    let name = |of: &Option<stats::Named>| of.as_ref().map(|(_, name)| name.clone());
    let told: BTreeMap<_, _> =
        visits.iter().map(|v| (v.status.as_str(), (v.at, v.location.is_some(), name(&v.service), name(&v.staff), v.n))).collect();
    let quarter = at(4 * QUARTER);
    let expected = [
        ("cancelled", (quarter, true, None, None, 1)),
        ("confirmed", (quarter, false, Some("cut".into()), Some("ana".into()), 1)),
        ("no_show", (quarter, true, Some("cut".into()), Some("ana".into()), 1)),
    ];
    assert_eq!(told, expected.into());
    let made = look!(db, &a.scope, tx => stats::bookings(tx, &a.scope, at(0), at(1)));
    assert_eq!(made.iter().map(|m| (m.location.is_some(), m.n)).collect::<BTreeMap<_, _>>(), [(false, 1), (true, 2)].into());
    for (name, kind, conversation) in [("1", "handoff", Some(conversation)), ("2", "flood", None), ("3", "handoff", None)] {
        change!(db, &a.scope, tx => tasks::open(tx, &a.scope, keep(id(name)), kind, "x", conversation, None, at(5)));
    }
    let handed = look!(db, &a.scope, tx => stats::handoffs(tx, &a.scope, at(0), at(20)));
    let told: BTreeMap<_, _> = handed.iter().map(|h| (h.channel.is_some(), (h.at, h.n))).collect();
    assert_eq!(told, [(false, (at(0), 1)), (true, (at(0), 1))].into());
    assert!(look!(db, &b.scope, tx => stats::visits(tx, &b.scope, at(0), at(9 * QUARTER))).is_empty());
    assert!(look!(db, &b.scope, tx => stats::bookings(tx, &b.scope, at(0), at(9 * QUARTER))).is_empty());
    assert!(look!(db, &b.scope, tx => stats::handoffs(tx, &b.scope, at(0), at(9 * QUARTER))).is_empty());
});

db_test!(money_is_counted_when_it_came_by_currency_and_what_went_back_once_it_is_certain, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    let conversation = a.hears(&db, "ana", at(0)).await;
    let contact = a.contact_in(&db, conversation).await;
    for (n, currency, paid_at) in
        [(1, "COP", Some(at(QUARTER))), (2, "COP", Some(at(QUARTER + 5))), (3, "EUR", Some(at(0))), (4, "EUR", None)]
    {
        let mut payment = crate::payments::payment(&contact, conversation, &format!("call-{n}"), at(0));
        (payment.amount, payment.paid_at) = (Money { minor: n * 100, currency: currency.into() }, paid_at);
        payment.state = if paid_at.is_some() { State::Paid } else { State::Open };
        let payment = keep(payment);
        change!(db, &a.scope, tx => payments::insert(tx, &a.scope, payment));
        change!(db, &a.scope, tx => payments::keep(tx, &a.scope, payment));
        for (state, minor) in [(RefundState::Succeeded, 7), (RefundState::Failed, 9)] {
            let back = crate::payments::refund(payment, &format!("{n}-{minor}"), at(2 * QUARTER));
            let back = keep(frontdesk_kernel::payment::Refund { state, minor, ..back });
            change!(db, &a.scope, tx => refunds::insert(tx, &a.scope, back));
        }
    }
    let told = |moved: Vec<stats::Moved>| {
        let mut told: Vec<_> = moved.into_iter().map(|m| (m.at, m.currency, m.minor, m.n, m.channel.is_some())).collect();
        told.sort_unstable();
        told
    };
    let paid = look!(db, &a.scope, tx => stats::paid(tx, &a.scope, at(0), at(2 * QUARTER)));
    assert_eq!(told(paid), [(at(0), "EUR".into(), 300, 1, true), (at(QUARTER), "COP".into(), 300, 2, true)]);
    let back = look!(db, &a.scope, tx => stats::refunded(tx, &a.scope, at(0), at(3 * QUARTER)));
    assert_eq!(told(back), [(at(2 * QUARTER), "COP".into(), 14, 2, true), (at(2 * QUARTER), "EUR".into(), 14, 2, true)]);
    assert!(look!(db, &b.scope, tx => stats::paid(tx, &b.scope, at(0), at(9 * QUARTER))).is_empty());
    assert!(look!(db, &b.scope, tx => stats::refunded(tx, &b.scope, at(0), at(9 * QUARTER))).is_empty());
});

db_test!(what_a_vendor_was_heard_to_do_is_noted_on_its_channel, |db| async {
    let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
    for (knock, ms) in [(Knock::Handshake, 1), (Knock::Webhook, 2), (Knock::Refused("wrong secret"), 3)] {
        let knock = keep(knock);
        change!(db, &a.scope, tx => channels::note(tx, &a.scope, &a.channel, knock, at(ms)));
        change!(db, &b.scope, tx => channels::note(tx, &b.scope, &a.channel, knock, at(99)));
    }
    let c = look!(db, &a.scope, tx => channels::get(tx, &a.scope, &a.channel)).unwrap();
    assert_eq!((c.verified_at, c.webhook_at, c.webhook_problem_at), (Some(at(1)), Some(at(2)), Some(at(3))));
    assert_eq!(c.webhook_problem.as_deref(), Some("wrong secret"));
    assert_eq!(look!(db, &Server, tx => people::members(tx, &Server, a.scope.tenant())), 0);
});
