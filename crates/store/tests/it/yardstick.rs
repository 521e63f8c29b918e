//! What the product is measured against.

use frontdesk_kernel::scope::Server;
use frontdesk_store::yardstick;

db_test!(a_row_comes_in_once_and_is_counted_where_the_database_counts, |db| async {
    let rows = db.write(
        &Server,
        frontdesk_store::work!(tx => {
            yardstick::create(tx, &Server).await?;
            let first = yardstick::insert(tx, &Server, "a", "{}").await?;
            let again = yardstick::insert(tx, &Server, "a", "{}").await?;
            yardstick::analyze(tx, &Server).await?;
            Ok((first, again))
        }),
    );
    assert_eq!(rows.await.unwrap(), (true, false));
    let counted = db.read(&Server, frontdesk_store::work!(tx => yardstick::transactions(tx, &Server).await)).await.unwrap();
    assert_eq!(counted.is_some(), db.engine_name() == "postgres");
});

db_test!(a_schema_is_emptied_and_its_name_is_no_statement, |db| async {
    let empty = |name: &'static str| {
        let db = db.clone();
        async move { db.write(&Server, frontdesk_store::work!(tx => yardstick::empty_schema(tx, &Server, name).await)).await }
    };
    let names = ["yardstick_a", "yardstick_a", "yardstick; DROP TABLE tenant"];
    for name in names {
        assert_eq!(empty(name).await.is_ok(), db.engine_name() == "postgres", "{name}");
    }
    let removed = db.write(
        &Server,
        frontdesk_store::work!(tx => {
            yardstick::remove_schema(tx, &Server, "yardstick_a").await?;
            // One that is not there is none to take away.
            yardstick::remove_schema(tx, &Server, "yardstick_a").await
        }),
    );
    assert_eq!(removed.await.is_ok(), db.engine_name() == "postgres");
});
