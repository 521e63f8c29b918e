//! Whether something was written by what failed later.

use frontdesk_store::{Error, Result, conversations, witness, work};

use crate::harness::*;

db_test!(what_was_written_or_may_have_been_is_known_afterwards, |db| async {
    let a = shop(&db, "a").await;
    let conversation = a.hears(&db, "57300", at(0)).await;
    let read = witness::wrote(db.read(&a.scope, work!(tx => conversations::get(tx, &a.scope, conversation).await))).await;
    assert!(matches!(read, (Ok(Some(_)), false)));
    let refused: (Result<()>, bool) = witness::wrote(db.write(&a.scope, work!(_tx => Err(Error::Refused("no".into()))))).await;
    assert!(matches!(refused, (Err(Error::Refused(_)), false)), "nothing of it was kept");
    let rehearsed = witness::wrote(db.rehearse(&a.scope, work!(_tx => Ok(1)))).await;
    assert!(matches!(rehearsed, (Ok(1), false)));
    let later = witness::wrote(async {
        db.write(&a.scope, work!(_tx => Ok(()))).await?;
        db.write(&a.scope, work!(_tx => Err::<(), _>(Error::Refused("no".into())))).await
    });
    assert!(matches!(later.await, (Err(Error::Refused(_)), true)), "what came before is there");
    assert!(!witness::wrote(async {}).await.1, "each has its own");
});
