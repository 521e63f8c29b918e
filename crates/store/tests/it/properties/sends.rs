//! What leaves the house: a send is attempted by one at a time, ends once, and is not repeated where a repetition could be a second one.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Timestamp,
    effect::{Class, Outcome, State, after_attempt},
    ids::*,
    message::Delivery,
};
use frontdesk_store::{
    Db, echoes, effects,
    effects::{Effect, Ended},
    messages, work,
};
use proptest::prelude::*;

use super::{Told, alive, first_broken, in_a_shop, property};
use crate::harness::*;

#[derive(Debug, Clone)]
enum Event {
    Plan {
        class: Class,
    },
    Begin {
        which: u8,
    },
    /// The answer to an attempt, which may be an old one.
    End {
        which: u8,
        outcome: Outcome,
    },
    /// Its process died.
    Silence {
        which: u8,
    },
    Hear {
        which: u8,
        delivery: Delivery,
        second: bool,
    },
    Resend {
        which: u8,
    },
    ToReview {
        which: u8,
    },
    GiveUp {
        which: u8,
    },
    Withdraw {
        which: u8,
        late: bool,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let class = prop_oneof![Just(Class::A), Just(Class::B), Just(Class::C)];
    let outcome = prop_oneof![
        2 => Just(Outcome::Succeeded),
        2 => Just(Outcome::NotApplied { after: None }),
        1 => Just(Outcome::Refused),
        3 => Just(Outcome::Unknown),
    ];
    let delivery = prop_oneof![Just(Delivery::Sent), Just(Delivery::Delivered), Just(Delivery::Read), Just(Delivery::Failed)];
    let event = prop_oneof![
        3 => class.prop_map(|class| Event::Plan { class }),
        6 => any::<u8>().prop_map(|which| Event::Begin { which }),
        5 => (any::<u8>(), outcome).prop_map(|(which, outcome)| Event::End { which, outcome }),
        1 => any::<u8>().prop_map(|which| Event::Silence { which }),
        2 => (any::<u8>(), delivery, any::<bool>()).prop_map(|(which, delivery, second)| Event::Hear { which, delivery, second }),
        2 => any::<u8>().prop_map(|which| Event::Resend { which }),
        1 => any::<u8>().prop_map(|which| Event::ToReview { which }),
        1 => any::<u8>().prop_map(|which| Event::GiveUp { which }),
        1 => (any::<u8>(), any::<bool>()).prop_map(|(which, late)| Event::Withdraw { which, late }),
    ];
    prop::collection::vec(event, 1..60)
}

const MOST_ATTEMPTS: u32 = 5;

async fn sends(db: &Db, story: Vec<Event>) -> Told {
    in_a_shop!(db, tx, shop => {
        let scope = &shop.scope;
        let node = alive(tx, "n").await?;
        let arrival = shop.text("57300", "1", "hola", at(0));
        frontdesk_store::inbound::receive(tx, scope, &arrival).await?;
        let conversation = &arrival.new_conversation;
        let mut ids: Vec<EffectId> = Vec::new();
        // Begun and perhaps never answered: whoever began it may answer late.
        let mut begun: Vec<(Effect, u32)> = Vec::new();
        let mut unanswered: BTreeMap<EffectId, u32> = BTreeMap::new();
        let mut before: BTreeMap<EffectId, State> = BTreeMap::new();
        let mut rules = Vec::new();
        let mut now = at(0);
        for event in &story {
            now = Timestamp(now.0 + 1000);
            let chosen = |which: &u8| ids.get(usize::from(*which) % ids.len().max(1)).cloned();
            match event {
                Event::Plan { class } => {
                    let (message, effect) = shop.answer(conversation, *class, now);
                    messages::insert(tx, scope, &message).await?;
                    effects::plan(tx, scope, &effect, now).await?;
                    ids.push(effect.id);
                }
                Event::Begin { which } => {
                    let Some(id) = chosen(which) else { continue };
                    if let Some(n) = begin(tx, scope, &id, &node, now).await? {
                        let effect = effects::get(tx, scope, &id).await?.expect("it was planned");
                        let silent = unanswered.get(&id).copied().unwrap_or(0);
                        let most = match effect.class {
                            Class::A => u32::MAX,
                            Class::B => 1,
                            Class::C => 0,
                        };
                        rules.push((silent <= most, format!("{:?} is sent again after {silent} lost answers", effect.class)));
                        begun.push((effect, n));
                    }
                }
                Event::End { which, outcome } => {
                    let Some((effect, n)) = begun.get(usize::from(*which) % begun.len().max(1)).cloned() else { continue };
                    let is = effects::get(tx, scope, &effect.id).await?.expect("it was planned");
                    let state = after_attempt(effect.class, outcome, n, MOST_ATTEMPTS);
                    let vendor_id = format!("out.{}.{n}", effect.id);
                    let vendor_id = (*outcome == Outcome::Succeeded).then_some(&*vendor_id);
                    let ended = Ended { state, outcome: outcome.as_str(), vendor_id, detail: None, not_before: now, uncounted: false };
                    effects::end(tx, scope, &effect, n, &ended, now).await?;
                    if is.attempts == n {
                        let silent = unanswered.entry(effect.id).or_default();
                        match (is.state, outcome == &Outcome::Unknown) {
                            (State::Sending, true) => *silent += 1,
                            // An answer that was given up and came after all.
                            (State::Unknown, false) => *silent -= 1,
                            _ => {}
                        }
                    }
                }
                Event::Silence { which } => {
                    let Some(id) = chosen(which) else { continue };
                    let effect = effects::get(tx, scope, &id).await?.expect("it was planned");
                    if effect.state == State::Sending {
                        effects::lost::silence(tx, scope, &effect, "died", now).await?;
                        *unanswered.entry(id).or_default() += 1;
                    }
                }
                Event::Hear { which, delivery, second } => {
                    let Some(id) = chosen(which) else { continue };
                    let status = status(&format!("out.{id}.{second}"), *delivery);
                    echoes::hear(tx, scope, &shop.channel, &status, Some(&id), now).await?;
                }
                Event::Resend { which } => {
                    let Some(id) = chosen(which) else { continue };
                    effects::lost::resend(tx, scope, &id, now).await?;
                }
                Event::ToReview { which } => {
                    let Some(id) = chosen(which) else { continue };
                    effects::lost::to_review(tx, scope, &id, "a person decides", now).await?;
                }
                Event::GiveUp { which } => {
                    let Some((effect, _)) = begun.get(usize::from(*which) % begun.len().max(1)).cloned() else { continue };
                    effects::lost::give_up(tx, scope, &effect, "too late", now).await?;
                }
                Event::Withdraw { which, late } => {
                    let Some(id) = chosen(which) else { continue };
                    let effect = effects::get(tx, scope, &id).await?.expect("it was planned");
                    let state = if *late { State::Expired } else { State::Canceled };
                    effects::withdraw(tx, scope, &effect, state, "not now", now).await?;
                }
            }
            for id in &ids {
                let is = effects::get(tx, scope, id).await?.expect("it was planned");
                let was = before.insert(id.clone(), is.state);
                rules.push((was.is_none_or(|was| !was.is_final() || was == is.state), format!("{was:?} became {:?} by {event:?}", is.state)));
                rules.push((is.resends <= 1, format!("resent {} times", is.resends)));
                let tries = effects::attempts(tx, scope, id).await?;
                let running = tries.iter().filter(|attempt| attempt.ended_at.is_none()).count();
                rules.push((running <= 1, format!("{running} attempts at once after {event:?}")));
                rules.push((is.state != State::Sending || running == 1, format!("nobody sends what is being sent after {event:?}")));
                rules.push((tries.len() == is.attempts as usize, format!("{} attempts are on record, {} were counted", tries.len(), is.attempts)));
            }
        }
        first_broken(rules)
    })
}

property!(a_send_ends_once_and_is_never_attempted_twice_at_once, events(), sends);
