//! Two tenants who do not know of each other: whatever one does, the other's story reads the same.
//!
//! Both have the same customers, the same ids and the same vendor ids. A script is told in one unit of work as the server itself, where
//! no row security helps: the statements alone keep the two apart.

use std::fmt::Debug;

use frontdesk_kernel::{
    Id, Scope, Timestamp,
    contact::AddressKind,
    conversation::Mode,
    effect::{Class, State},
    ids::*,
    message::Delivery,
    scope::Server,
};
use frontdesk_store::{
    Db, Result, Tx, calendar, channels, contact_search, contacts, conversations, echoes, effects,
    effects::{Effect, Ended},
    inbound, lanes, messages, nodes, tasks, tenants, timers, turns, work,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::harness::*;

/// What a tenant, or something in its name, does.
#[derive(Debug, Clone)]
enum Deed {
    Hear { who: u8, vendor_id: u8, same_text: bool, burst: bool },
    Answer { who: u8, mode: Mode },
    Echo { which: u8, delivery: Delivery, doubled: bool },
    Withdraw { which: u8 },
    Resend { which: u8 },
    Book { who: u8, slot: u8 },
    Remind { name: u8, after: u16 },
    Fault { stop: bool },
    Erase { who: u8 },
}

#[derive(Debug, Clone)]
enum Event {
    X(Deed),
    Y(Deed),
    /// Time passes and the server works for everybody: claims, sends, fires.
    Server {
        after: u16,
        finish: bool,
        state: State,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
    let mode = prop_oneof![Just(Mode::Bot), Just(Mode::Human), Just(Mode::Closed)];
    let delivery = prop_oneof![Just(Delivery::Sent), Just(Delivery::Delivered), Just(Delivery::Read), Just(Delivery::Failed)];
    prop_oneof![
        6 => (0..3u8, 0..20u8, any::<bool>(), any::<bool>())
            .prop_map(|(who, vendor_id, same_text, burst)| Deed::Hear { who, vendor_id, same_text, burst }),
        1 => (0..3u8, mode).prop_map(|(who, mode)| Deed::Answer { who, mode }),
        3 => (0..8u8, delivery, any::<bool>()).prop_map(|(which, delivery, doubled)| Deed::Echo { which, delivery, doubled }),
        1 => (0..8u8).prop_map(|which| Deed::Withdraw { which }),
        1 => (0..8u8).prop_map(|which| Deed::Resend { which }),
        2 => (0..3u8, 0..3u8).prop_map(|(who, slot)| Deed::Book { who, slot }),
        1 => (0..3u8, 0..9000u16).prop_map(|(name, after)| Deed::Remind { name, after }),
        1 => any::<bool>().prop_map(|stop| Deed::Fault { stop }),
        1 => (0..3u8).prop_map(|who| Deed::Erase { who }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    let state = prop_oneof![Just(State::Succeeded), Just(State::Unknown), Just(State::Failed), Just(State::Pending)];
    prop_oneof![
        3 => deed().prop_map(Event::X),
        3 => deed().prop_map(Event::Y),
        2 => (0..9000u16, any::<bool>(), state).prop_map(|(after, finish, state)| Event::Server { after, finish, state }),
    ]
}

/// A tenant in a story, with what it was told.
struct Side {
    shop: Shop,
    last: u32,
    effects: Vec<Effect>,
    diary: Vec<String>,
}

impl Side {
    async fn new(tx: &mut Tx, name: &str) -> Result<Side> {
        let shop = Shop { scope: scope(name), channel: id("front"), account: format!("account-{name}") };
        tenants::insert(tx, &shop.scope, &tenant(name)).await?;
        channels::insert(tx, &shop.scope, &shop.channel()).await?;
        Ok(Side { shop, last: 0, effects: Vec::new(), diary: Vec::new() })
    }

    /// The same in every story, and the same for both tenants.
    fn id<K: Kind>(&mut self) -> Id<K> {
        self.last += 1;
        id(self.last)
    }

    fn note(&mut self, what: &str, told: impl Debug) {
        self.diary.push(format!("{what}: {told:?}"));
    }

    fn effect(&self, which: u8) -> Option<Effect> {
        let last = self.effects.len().checked_sub(1)?;
        Some(self.effects[usize::from(which).min(last)].clone())
    }

    async fn contact(&self, tx: &mut Tx, who: u8) -> Result<Option<ContactId>> {
        contacts::at_address(tx, &self.shop.scope, AddressKind::Phone, &format!("5730{who}")).await
    }

    async fn does(&mut self, tx: &mut Tx, deed: &Deed, now: Timestamp) -> Result<()> {
        let scope = self.shop.scope.clone();
        match deed {
            Deed::Hear { who, vendor_id, same_text, burst } => {
                let text = if *same_text { "hola".to_owned() } else { format!("hola {vendor_id}") };
                let mut arrival = self.shop.text(&format!("5730{who}"), vendor_id, &text, now);
                (arrival.new_contact, arrival.new_conversation, arrival.message, arrival.task) =
                    (self.id(), self.id(), self.id(), self.id());
                arrival.rules.per_hour = 6;
                if !burst {
                    arrival.rules.burst_wait = std::time::Duration::ZERO;
                }
                let told = inbound::receive(tx, &scope, &arrival).await?;
                self.note("received", told);
            }
            Deed::Answer { who, mode } => {
                let Some(contact) = self.contact(tx, *who).await? else { return Ok(()) };
                let thread = conversations::of_contact(tx, &scope, &self.shop.channel, &contact).await?;
                if let Some(thread) = thread {
                    let told = conversations::set_mode(tx, &scope, &thread.id, *mode, "by hand").await?;
                    self.note("mode", told);
                }
            }
            Deed::Echo { which, delivery, doubled } => {
                let Some(effect) = self.effect(*which) else { return Ok(()) };
                let status = status(&format!("out.{}.{doubled}", effect.id), *delivery);
                let told = echoes::hear(tx, &scope, &self.shop.channel, &status, Some(&effect.id), now).await?;
                self.note("heard", told);
            }
            Deed::Withdraw { which } => {
                let Some(effect) = self.effect(*which) else { return Ok(()) };
                effects::withdraw(tx, &scope, &effect, State::Canceled, "changed my mind", now).await?;
            }
            Deed::Resend { which } => {
                let Some(effect) = self.effect(*which) else { return Ok(()) };
                let told = effects::lost::resend(tx, &scope, &effect.id, now).await?;
                self.note("resend", told);
            }
            Deed::Book { who, slot } => {
                let Some(contact) = self.contact(tx, *who).await? else { return Ok(()) };
                let mut wanted = appointment(&contact, at(i64::from(*slot) * 1_000_000));
                wanted.id = self.id();
                calendar::lock(tx, &scope).await?;
                let blocking = calendar::blocking(tx, &scope, wanted.blocked_from, wanted.blocked_to).await?;
                if blocking.is_empty() {
                    calendar::insert(tx, &scope, &wanted, None).await?;
                }
                self.note("booking", blocking);
            }
            Deed::Remind { name, after } => {
                let fire_at = Timestamp(now.0 + i64::from(*after));
                timers::arm(tx, &scope, &format!("reminder {name}"), "reminder", "{}", fire_at).await?;
            }
            Deed::Fault { stop } => channels::report_fault(tx, &scope, &self.shop.channel, "HTTP 500", *stop, now).await?,
            Deed::Erase { who } => {
                let Some(contact) = self.contact(tx, *who).await? else { return Ok(()) };
                let told = contacts::erase(tx, &scope, &contact).await?;
                self.note("erased", told);
            }
        }
        Ok(())
    }

    /// Everything that the tenant can see at the end.
    async fn looks_back(&mut self, tx: &mut Tx) -> Result<()> {
        let scope = self.shop.scope.clone();
        let everybody = contact_search::Filter::default();
        let listed = contact_search::list(tx, &scope, &everybody, contact_search::Order::Newest, None, 100).await?;
        let contacts: Vec<_> = listed.into_iter().map(|l| l.contact).collect();
        for contact in &contacts {
            let addresses = contacts::addresses(tx, &scope, &contact.id).await?;
            self.note("addresses", addresses);
        }
        self.note("contacts", contacts);
        for thread in conversations::recent(tx, &scope, Timestamp::NEVER, 100).await? {
            let messages = messages::thread(tx, &scope, &thread.id, Timestamp::NEVER, 100).await?;
            self.note("thread", (thread, messages));
        }
        for effect in self.effects.clone() {
            let now = effects::get(tx, &scope, &effect.id).await?;
            self.note("effect", now);
        }
        let mut turns = turns::recent(tx, &scope, Timestamp::NEVER, 100).await?;
        // Ids of turns are the server's own.
        turns.iter_mut().for_each(|turn| turn.id = id("any"));
        turns.sort_by_key(|turn| (turn.conversation.clone(), turn.from_seq));
        self.note("turns", turns);
        let (tasks, doubled) = (tasks::open_tasks(tx, &scope, 100).await?, echoes::doubled(tx, &scope).await?);
        let (booked, channels) =
            (calendar::between(tx, &scope, at(0), Timestamp::NEVER).await?, channels::list(tx, &scope).await?);
        self.note("the rest", (tasks, doubled, booked, channels));
        Ok(())
    }
}

/// The server's round, for whoever there is.
async fn serve(tx: &mut Tx, sides: &mut [Side], now: Timestamp, finish: bool, state: State) -> Result<()> {
    let node = id("n");
    nodes::heartbeat(tx, &Server, &node, "n", "0.1.0", now, std::time::Duration::from_secs(60)).await?;
    let mut claims = lanes::claim(tx, &Server, &node, now, 1000, &fresh::<OfTurn>).await?;
    claims.sort_by_key(|claim| claim.conversation.clone());
    for claim in claims {
        let (scope, side) = side_of(sides, &claim.tenant);
        side.note("claimed", (&claim.conversation, claim.epoch, claim.from_seq, claim.to_seq, claim.attempts, claim.merge));
        let heard = messages::of_lane(tx, &scope, &claim.conversation, claim.from_seq, claim.to_seq).await?;
        side.note("read", heard);
        if !finish {
            lanes::release(tx, &scope, &claim, Timestamp(now.0 + 1000), true).await?;
            continue;
        }
        let (mut message, mut effect) = side.shop.answer(&claim.conversation, Class::B, now);
        (message.id, effect.id) = (side.id(), side.id());
        effect.message = message.id.clone();
        messages::insert(tx, &scope, &message).await?;
        effects::plan(tx, &scope, &effect, now).await?;
        conversations::touch(tx, &scope, &claim.conversation, now).await?;
        lanes::finish(tx, &scope, &claim).await?;
        side.effects.push(effect);
    }
    let mut due = effects::due(tx, &Server, now, 1000).await?;
    due.sort_by_key(|due| due.effect.id.clone());
    for due in due {
        let (scope, side) = side_of(sides, &due.tenant);
        let begun = begin(tx, &scope, &due.effect.id, &node, now).await?;
        side.note("due", (&due.effect, begun));
        let vendor_id = format!("out.{}.false", due.effect.id);
        let end = Ended { state, vendor_id: (state == State::Succeeded).then_some(&*vendor_id), ..ended() };
        effects::end(tx, &scope, &due.effect, begun.unwrap_or_default(), &end, now).await?;
    }
    let mut fired = timers::fire(tx, &Server, now, 1000).await?;
    fired.sort_by_key(|timer| timer.dedupe.clone());
    for timer in fired {
        side_of(sides, &timer.tenant).1.note("fired", (timer.dedupe, timer.fire_at));
    }
    Ok(())
}

fn side_of<'s>(sides: &'s mut [Side], tenant: &TenantId) -> (Scope, &'s mut Side) {
    let side = sides.iter_mut().find(|side| side.shop.scope.tenant() == tenant).expect("a tenant of this story");
    (side.shop.scope.clone(), side)
}

/// What X was told in this story. Afterwards nothing of it is left.
async fn tell(db: &Db, story: Vec<Event>, with_y: bool) -> Vec<String> {
    db.write(
        &Server,
        work!(tx => {
            let mut sides = vec![Side::new(tx, "x").await?];
            if with_y {
                sides.push(Side::new(tx, "y").await?);
            }
            let mut now = at(0);
            for event in &story {
                match event {
                    Event::X(deed) => sides[0].does(tx, deed, now).await?,
                    Event::Y(deed) if with_y => sides[1].does(tx, deed, now).await?,
                    Event::Y(_) => {}
                    Event::Server { after, finish, state } => {
                        now = Timestamp(now.0 + i64::from(*after));
                        serve(tx, &mut sides, now, *finish, *state).await?;
                    }
                }
            }
            sides[0].looks_back(tx).await?;
            for side in &sides {
                tenants::delete(tx, &side.shop.scope, now).await?;
            }
            Ok(sides.swap_remove(0).diary)
        }),
    )
    .await
    .unwrap()
}

fn stories(home: Option<Home>) {
    let Some(home) = home else { return };
    let runtime = runtime();
    let db = runtime.block_on(home.open());
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let told = TestRunner::new(config).run(&proptest::collection::vec(event(), 10..60), |story| {
        let (alone, beside) = runtime.block_on(async { (tell(&db, story.clone(), false).await, tell(&db, story, true).await) });
        prop_assert_eq!(alone, beside);
        Ok(())
    });
    told.unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_tenant_does_not_notice_another_on_sqlite() {
    stories(Home::sqlite());
}

#[test]
fn a_tenant_does_not_notice_another_on_postgres() {
    stories(Home::postgres());
}
