//! Rules that hold whatever happens, in whatever order: stories are made up at random, and one that breaks a rule is shortened and told.

mod approvals;
mod arriving;
mod lanes;
mod money;
mod sends;

use frontdesk_kernel::{Timestamp, scope::Server};
use frontdesk_store::{Db, Result, Tx, channels, nodes, tenants};
use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestRunner},
};

use crate::harness::*;

/// `property!(name, stories, tell)`: the tests `name::sqlite` and `name::postgres`.
macro_rules! property {
    ($name:ident, $stories:expr, $tell:path) => {
        mod $name {
            use super::*;

            #[test]
            fn sqlite() {
                $crate::properties::holds(Home::sqlite(), $stories, async |db, story| $tell(db, story).await);
            }

            #[test]
            fn postgres() {
                $crate::properties::holds(Home::postgres(), $stories, async |db, story| $tell(db, story).await);
            }
        }
    };
}
use property;

/// Stories for each engine; `PROPTEST_CASES` asks for more.
const STORIES: u32 = 24;

/// What a story comes to: a rule that it broke, in words.
type Told = Result<std::result::Result<(), String>>;

fn holds<S: std::fmt::Debug>(home: Option<Home>, stories: impl Strategy<Value = S>, tell: impl AsyncFn(&Db, S) -> Told) {
    let Some(home) = home else { return };
    let runtime = runtime();
    let db = runtime.block_on(home.open());
    let usual = Config::default();
    let cases = if usual.cases == 256 { STORIES } else { usual.cases };
    let told = TestRunner::new(Config { cases, failure_persistence: None, ..usual })
        .run(&stories, |story| runtime.block_on(tell(&db, story)).unwrap().map_err(TestCaseError::fail));
    told.unwrap_or_else(|broken| panic!("{broken}"));
}

/// A shop that is there for one story.
async fn open(tx: &mut Tx) -> Result<Shop> {
    let shop = Shop { scope: scope("x"), channel: id("front"), account: "account-x".to_owned() };
    tenants::insert(tx, &shop.scope, &tenant("x")).await?;
    channels::insert(tx, &shop.scope, &shop.channel()).await?;
    Ok(shop)
}

async fn close(tx: &mut Tx, shop: &Shop, now: Timestamp) -> Result<()> {
    tenants::delete(tx, &shop.scope, now).await.map(drop)
}

/// A node that is alive for as long as a story takes.
async fn alive(tx: &mut Tx, name: &str) -> Result<frontdesk_kernel::ids::NodeId> {
    let node = id(name);
    nodes::heartbeat(tx, &Server, &node, name, "0.1.0", at(0), std::time::Duration::from_secs(86_400)).await?;
    Ok(node)
}

/// Tells a story in one unit of work as the server, and leaves nothing of it.
macro_rules! in_a_shop {
    ($db:expr, $tx:ident, $shop:ident => $story:block) => {
        $db.write(
            &frontdesk_kernel::scope::Server,
            work!($tx => {
                let $shop = $crate::properties::open($tx).await?;
                let told: std::result::Result<(), String> = $story;
                $crate::properties::close($tx, &$shop, at(0)).await?;
                Ok(told)
            }),
        )
        .await
    };
}
use in_a_shop;

/// The first rule that does not hold.
fn first_broken(rules: impl IntoIterator<Item = (bool, String)>) -> std::result::Result<(), String> {
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, what)) => Err(what),
        None => Ok(()),
    }
}
