//! What sends hold of the credit is settled with them: the first message of a window pays, and only if something arrived.

use frontdesk_kernel::{
    effect::{Class, State},
    ids::*,
    message::Delivery,
};
use frontdesk_store::{
    Db, echoes, effects,
    effects::{Effect, Ended},
    messages,
    tokens::holds::{Ask, Reserved},
    work,
};

use crate::{
    harness::*,
    tokens::{account, ask, reserve, top_up},
};

const DAY: i64 = 86_400_000;

struct Window {
    shop: &'static Shop,
    conversation: &'static ConversationId,
    node: &'static NodeId,
}

async fn window(db: &Db) -> Window {
    let shop = shop(db, "a").await;
    top_up(db, shop, "grant/1", 100).await;
    Window { shop, conversation: shop.hears(db, "57300", at(0)).await, node: node(db, "n").await }
}

impl Window {
    /// Reserves and plans a message, as the engine does.
    async fn plan(&self, db: &Db, ms: i64) -> &'static Effect {
        let (message, effect) = self.shop.answer(self.conversation, Class::B, at(ms));
        let ask = Ask {
            action: "whatsapp_conversation".into(),
            window_ends: Some(at(ms + DAY)),
            conversation: Some(self.conversation.clone()),
            ..ask(&format!("send/{}", effect.id), 10)
        };
        let Reserved::Yes { hold, .. } = reserve(db, self.shop, ask, &Default::default(), ms).await else { panic!("no credit") };
        let effect = Effect { hold: Some(hold), ..effect };
        let (scope, planned) = (self.shop.scope.clone(), effect.clone());
        let plan = db.write(
            &self.shop.scope,
            work!(tx => {
                messages::insert(tx, &scope, &message).await?;
                effects::plan(tx, &scope, &planned, at(ms)).await
            }),
        );
        plan.await.unwrap();
        let stored = self.shop.effect(db, &effect).await;
        assert_eq!(stored.hold, effect.hold);
        keep(stored)
    }

    async fn ends(&self, db: &Db, effect: &'static Effect, state: State, ms: i64) {
        let (shop, node) = (self.shop, self.node);
        let n = change!(db, &shop.scope, tx => begin(tx, &shop.scope, &effect.id, node, at(ms))).unwrap();
        let ended = keep(Ended { state, vendor_id: Some(keep(format!("wamid-{}", effect.id))), ..ended() });
        change!(db, &shop.scope, tx => effects::end(tx, &shop.scope, effect, n, ended, at(ms)));
    }

    async fn hears_that(&self, db: &Db, effect: &'static Effect, delivery: Delivery) {
        let status = keep(status(&format!("wamid-{}", effect.id), delivery));
        let shop = self.shop;
        change!(db, &shop.scope, tx => echoes::hear(tx, &shop.scope, &shop.channel, status, Some(&effect.id), at(9)));
    }
}

db_test!(the_first_message_of_a_day_pays_for_all, |db| async {
    let s = window(&db).await;
    let (first, second) = (s.plan(&db, 0).await, s.plan(&db, 1).await);
    assert_eq!(first.hold, second.hold);
    assert_eq!(account(&db, s.shop).await, (100, 10));
    s.ends(&db, first, State::Succeeded, 2).await;
    assert_eq!(account(&db, s.shop).await, (90, 0));
    s.ends(&db, second, State::Succeeded, 3).await;
    s.plan(&db, DAY - 1).await;
    assert_eq!(account(&db, s.shop).await, (90, 0));
    s.plan(&db, DAY + 1).await;
    assert_eq!(account(&db, s.shop).await, (90, 10), "another day, another conversation");
});

db_test!(a_message_that_fails_is_not_paid_for_unless_another_of_its_window_arrives, |db| async {
    let s = window(&db).await;
    let (first, second, third) = (s.plan(&db, 0).await, s.plan(&db, 1).await, s.plan(&db, 2).await);
    s.ends(&db, first, State::Failed, 3).await;
    assert_eq!(account(&db, s.shop).await, (100, 10), "two are still under way");
    s.ends(&db, second, State::Succeeded, 4).await;
    assert_eq!(account(&db, s.shop).await, (90, 0));
    s.ends(&db, third, State::Failed, 5).await;
    assert_eq!(account(&db, s.shop).await, (90, 0));
});

db_test!(when_none_arrives_all_is_free_again_and_the_next_one_pays, |db| async {
    let s = window(&db).await;
    let (first, second) = (s.plan(&db, 0).await, s.plan(&db, 1).await);
    s.ends(&db, first, State::Failed, 2).await;
    change!(db, &s.shop.scope, tx => effects::withdraw(tx, &s.shop.scope, second, State::Canceled, "a person answered", at(3)));
    assert_eq!(account(&db, s.shop).await, (100, 0));
    let next = s.plan(&db, 4).await;
    assert_ne!(next.hold, first.hold);
    assert_eq!(account(&db, s.shop).await, (100, 10));
});

db_test!(what_nobody_knows_stays_held_until_news_comes, |db| async {
    let s = window(&db).await;
    let (lost, heard) = (s.plan(&db, 0).await, Delivery::Delivered);
    s.ends(&db, lost, State::Unknown, 1).await;
    assert_eq!(account(&db, s.shop).await, (100, 10));
    s.hears_that(&db, lost, heard).await;
    assert_eq!(account(&db, s.shop).await, (90, 0));
    s.hears_that(&db, lost, Delivery::Read).await;
    assert_eq!(account(&db, s.shop).await, (90, 0), "once");
});

db_test!(what_the_vendor_took_and_could_not_deliver_is_given_back_once, |db| async {
    let s = window(&db).await;
    let (first, second) = (s.plan(&db, 0).await, s.plan(&db, 1).await);
    for effect in [first, second] {
        s.ends(&db, effect, State::Succeeded, 2).await;
    }
    assert_eq!(account(&db, s.shop).await, (90, 0));
    s.hears_that(&db, first, Delivery::Failed).await;
    assert_eq!(account(&db, s.shop).await, (90, 0), "the other one arrived");
    s.hears_that(&db, second, Delivery::Failed).await;
    assert_eq!(account(&db, s.shop).await, (100, 0));
    s.hears_that(&db, second, Delivery::Failed).await;
    assert_eq!(account(&db, s.shop).await, (100, 0));
    s.plan(&db, 10).await;
    assert_eq!(account(&db, s.shop).await, (100, 10), "its window is shut");
});
