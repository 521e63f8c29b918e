//! Somebody who can write the database, and not our key, changes what is on record.

use frontdesk_engine::{
    audit_chain::{self, Chain},
    checkup::{self, Level},
};
use frontdesk_kernel::scope::Server;
use frontdesk_store::work;
use frontdesk_testkit::{
    desk::{Shop, TestDesk},
    story,
};
use serde_json::json;

use crate::people::SECOND;

async fn behind_our_back(desk: &TestDesk, sql: &str) {
    let sql = sql.to_owned();
    desk.engine.db.write(&Server, work!(tx => tx.query(&sql).execute().await)).await.unwrap();
}

async fn one(desk: &TestDesk, sql: &str) -> String {
    let sql = sql.to_owned();
    desk.engine.db.read(&Server, work!(tx => tx.query(&sql).one(|row| row.get("it")).await)).await.unwrap()
}

async fn chain(shop: &Shop<'_>) -> Chain {
    audit_chain::check(&shop.desk.engine, &shop.scope).await.unwrap()
}

async fn somebody_new(shop: &Shop<'_>, key: &str) {
    let mail = format!("n{}@mail.example", shop.desk.number());
    let contact = json!({ "name": "Luz", "addresses": [{ "kind": "email", "value": mail }] });
    let made = shop.desk.post_as(key, "/api/v1/contacts", &contact).await;
    assert_eq!(made.status, 201, "{}", made.text);
}

/// Some changes by a key, and their seals.
async fn sealed(shop: &Shop<'_>, changes: usize) -> i64 {
    let key = shop.key(&["*"]).await;
    for _ in 0..changes {
        somebody_new(shop, &key).await;
    }
    shop.desk.advance(11 * SECOND);
    audit_chain::seal(&shop.desk.engine).await.unwrap();
    chain(shop).await.whole
}

story!(one_flipped_bit_in_the_audit_log_is_found, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (of_luna, of_sol) = (sealed(&luna, 4).await, sealed(&sol, 2).await);
    assert!(of_luna >= 4 && of_sol >= 2, "{of_luna} {of_sol}");
    let good = chain(&luna).await;
    assert_eq!((good.broken.as_deref(), good.end.len()), (None, 64));
    assert_eq!(sealed(&luna, 1).await, of_luna + 1, "the chain goes on");
    let good = chain(&luna).await;
    let place = format!("tenant = '{}' AND n = 2", luna.scope.tenant());

    for column in ["actor_kind", "actor", "action", "subject", "detail", "seal"] {
        let was = one(desk, &format!("SELECT {column} AS it FROM audit WHERE {place}")).await;
        let mut bytes = was.clone().into_bytes();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let flipped = String::from_utf8(bytes).unwrap();
        behind_our_back(desk, &format!("UPDATE audit SET {column} = '{flipped}' WHERE {place}")).await;
        let broken = chain(&luna).await;
        assert!(broken.broken.as_deref().is_some_and(|why| why.starts_with("entry 2 ")), "{column}: {broken:?}");
        assert_eq!(broken.whole, 1, "{column}");
        behind_our_back(desk, &format!("UPDATE audit SET {column} = '{was}' WHERE {place}")).await;
        assert_eq!(chain(&luna).await, good, "{column}");
    }
    behind_our_back(desk, &format!("UPDATE audit SET at = at + 1 WHERE {place}")).await;
    assert!(chain(&luna).await.broken.is_some(), "another time");
    let found = checkup::audit_log(&desk.engine).await.unwrap();
    assert_eq!(found.iter().map(|f| f.level).collect::<Vec<_>>(), [Level::Problem], "{found:?}");
    behind_our_back(desk, &format!("UPDATE audit SET at = at - 1 WHERE {place}")).await;
    assert_eq!(chain(&luna).await, good);

    // An entry that never was, an entry of somebody else, and one that is gone.
    let forged = format!(
        "INSERT INTO audit (tenant, id, actor_kind, actor, action, subject, detail, at, n, seal)
         SELECT tenant, 'aud_forged', actor_kind, actor, action, subject, detail, at, {}, seal FROM audit WHERE {place}",
        good.whole + 1
    );
    behind_our_back(desk, &forged).await;
    assert!(chain(&luna).await.broken.is_some_and(|why| why.contains("aud_forged")));
    behind_our_back(desk, "DELETE FROM audit WHERE id = 'aud_forged'").await;
    assert_eq!(chain(&luna).await, good);
    behind_our_back(desk, &format!("DELETE FROM audit WHERE {place}")).await;
    assert!(chain(&luna).await.broken.is_some_and(|why| why.starts_with("entry 2 is missing")));
    assert_eq!(chain(&sol).await.whole, of_sol, "what happens to one business is not another's");
});

story!(what_was_just_written_is_sealed_a_moment_later, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    somebody_new(&shop, &key).await;
    audit_chain::seal(&desk.engine).await.unwrap();
    assert_eq!(chain(&shop).await.whole, 0, "transactions that began earlier may still commit");
    desk.advance(11 * SECOND);
    let (a, b) = tokio::join!(audit_chain::seal(&desk.engine), audit_chain::seal(&desk.engine));
    let sealed = a.unwrap() + b.unwrap();
    assert_eq!((sealed as i64, chain(&shop).await.broken), (chain(&shop).await.whole, None));
    assert!(sealed > 0);
});
