//! On PostgreSQL a COMMIT can be carried out and its answer lost. Nobody knows then; nothing may be forgotten or done twice.

use frontdesk_engine::{outbox, turns, upkeep};
use frontdesk_kernel::effect::State;
use frontdesk_testkit::{
    desk::{BURST, Engine, Setup, Shop, TestDesk, Told, tell},
    fakes::inbound_text,
};
use serde_json::json;

use crate::{
    calendar::named,
    people::{ANA, SECOND},
};

fn on_a_lossy_line(story: impl for<'d> FnOnce(&'d TestDesk) -> Told<'d, ()>) {
    tell(Engine::Postgres, Setup::new().lossy(), story);
}

/// Goes on, whatever fails, until nothing is left to do.
async fn in_spite_of_it(desk: &TestDesk) {
    for _ in 0..200 {
        let fired = upkeep::fire_timers(&desk.engine).await;
        let reaped = upkeep::reap(&desk.engine).await;
        let claimed = turns::claim::step(&desk.engine).await;
        let begun = outbox::step(&desk.engine).await;
        desk.quiet().await;
        let Ok(backlog) = upkeep::backlog(&desk.engine).await else { continue };
        let busy = backlog.lanes + backlog.pending + backlog.sending + backlog.unknown;
        if busy == 0 && reaped.is_ok() {
            return;
        }
        if [fired, claimed, begun].iter().all(|done| matches!(done, Ok(0))) {
            desk.advance(SECOND);
        }
    }
    panic!("the desk is still busy");
}

async fn wait_and_lose(desk: &TestDesk, shop: &Shop<'_>) {
    shop.say(ANA, "hola").await;
    desk.advance(BURST);
    assert_eq!(desk.lost_commits(), 0);
}

#[test]
fn a_claim_whose_answer_was_lost_is_given_back_and_counts_as_no_run() {
    on_a_lossy_line(|desk| {
        Box::pin(async move {
            let shop = desk.business("Luna").open().await;
            wait_and_lose(desk, &shop).await;
            // What is ready is read first; the claim is the second COMMIT.
            desk.lose_commit_after(1);
            assert!(turns::claim::step(&desk.engine).await.is_err());
            assert_eq!(desk.lost_commits(), 1);
            assert_eq!(turns::claim::step(&desk.engine).await.unwrap(), 0, "the lane is this node's, as the database has it");
            desk.settle().await;
            assert_eq!(shop.replies(ANA).len(), 1);
            let turns = shop.turns().await;
            assert_eq!((turns.len(), turns[0].attempts, turns[0].state.as_str()), (1, 1, "done"));
        })
    });
}

#[test]
fn a_send_whose_beginning_was_not_answered_goes_out_once_and_at_once() {
    on_a_lossy_line(|desk| {
        Box::pin(async move {
            let shop = desk.business("Luna").open().await;
            wait_and_lose(desk, &shop).await;
            turns::claim::step(&desk.engine).await.unwrap();
            desk.quiet().await;
            let before = desk.now();
            desk.lose_commit_after(1);
            assert!(outbox::step(&desk.engine).await.is_err());
            assert_eq!(shop.effects(ANA).await[0].state, State::Sending);
            assert!(shop.replies(ANA).is_empty());
            desk.settle().await;
            assert_eq!(shop.replies(ANA).len(), 1);
            let effect = shop.effects(ANA).await.remove(0);
            assert_eq!((effect.state, effect.attempts, effect.resends), (State::Succeeded, 1, 0));
            assert_eq!(desk.now(), before, "nobody waited for an answer that could not come");
        })
    });
}

#[test]
fn whichever_answer_is_lost_a_customer_is_booked_once_and_told_once() {
    on_a_lossy_line(|desk| {
        Box::pin(async move {
            let shop = desk.business("Luna").openai().open().await;
            let mut struck = 0;
            for n in 0.. {
                let (customer, lost) = (format!("57300888{n:04}"), desk.lost_commits());
                let start = format!("2026-12-{:02}T{:02}:00", 1 + n / 8, 9 + n % 8);
                let said =
                    inbound_text(&shop.account, &customer, &shop.wamid(), &format!("ref:{n} book:{start} service:Manicure"));
                desk.lose_commit_after(n);
                let mut answers = vec![shop.deliver(said.clone()).await.status];
                while answers.last() != Some(&200) {
                    assert!(answers.len() < 4 && answers.iter().all(|status| *status == 503), "{answers:?}");
                    answers.push(shop.deliver(said.clone()).await.status);
                }
                desk.advance(BURST);
                in_spite_of_it(desk).await;
                let missed = desk.lost_commits() == lost;
                desk.mend_line();
                let replies = shop.replies(&customer);
                assert_eq!(replies.len(), 1, "with the answer to commit {n} lost: {replies:?}");
                let appointments = shop.appointments().await.len() as u64;
                assert_eq!(appointments, n + 1, "with the answer to commit {n} lost: {replies:?}");
                if missed {
                    break;
                }
                struck += 1;
            }
            assert!(struck > 15, "{struck}");
            let turns = shop.turns().await;
            assert!(turns.iter().all(|turn| turn.state == "done"), "{turns:?}");
            assert_eq!((shop.doubled().await, shop.tasks().await), (0, Vec::new()));
        })
    });
}

#[test]
fn what_cannot_be_looked_up_just_now_is_not_said_to_be_missing() {
    on_a_lossy_line(|desk| {
        Box::pin(async move {
            let shop = desk.business("Luna").open().await;
            shop.talk(ANA, "hola").await;
            let (key, turn, message) =
                (shop.key(&["*"]).await, shop.turns().await.remove(0).id, shop.outgoing(ANA).await.remove(0).id);
            for path in [format!("/api/v1/turns/{turn}"), format!("/api/v1/messages/{message}")] {
                let mut answers = Vec::new();
                for n in 0.. {
                    let lost = desk.lost_commits();
                    desk.lose_commit_after(n);
                    answers.push(desk.get_as(&key, &path).await.status);
                    let missed = desk.lost_commits() == lost;
                    desk.mend_line();
                    if missed {
                        break;
                    }
                }
                assert!(
                    answers.iter().all(|status| [200, 503].contains(status)) && answers.contains(&503),
                    "{path}: {answers:?}"
                );
                assert_eq!(answers.last(), Some(&200), "{path}");
            }
        })
    });
}

#[test]
fn a_request_that_names_itself_is_carried_out_once_whichever_answer_is_lost() {
    on_a_lossy_line(|desk| {
        Box::pin(async move {
            let shop = desk.business("Luna").tenant(|t| t.profile.appointments.max_concurrent = 5).open().await;
            let key = shop.key(&["*"]).await;
            let manicure = named(&shop, &key, "services", "Manicure").await;
            let mut struck = 0;
            for n in 0.. {
                let (lost, name) = (desk.lost_commits(), format!("visit-{n}"));
                let starts_at = format!("2026-12-{:02}T15:00:00Z", 1 + n);
                let wish = json!({"new_contact": {"name": "Ana"}, "service": manicure, "starts_at": starts_at}).to_string();
                let headers = [("content-type", "application/json"), ("idempotency-key", name.as_str())];
                desk.lose_commit_after(n);
                let first = desk.ask_as(&key, "POST", "/api/v1/appointments", &headers, wish.clone()).await;
                let missed = desk.lost_commits() == lost;
                desk.mend_line();
                let again = desk.ask_as(&key, "POST", "/api/v1/appointments", &headers, wish).await;
                assert!(
                    matches!(first.status, 201 | 503) && matches!(again.status, 201 | 409),
                    "{n}: {} {}",
                    first.text,
                    again.text
                );
                let kept =
                    shop.appointments().await.into_iter().filter(|a| a.starts_at.to_string().starts_with(&starts_at[..16]));
                assert!(kept.count() <= 1, "with the answer to commit {n} lost: {} {}", first.text, again.text);
                if missed {
                    break;
                }
                struck += 1;
            }
            assert!(struck >= 3, "{struck}");
        })
    });
}
