//! One tenant's rows are out of another's reach.

use std::collections::BTreeSet;

use frontdesk_store::{Db, Error, backup, contacts, db, migrate, work};
use tokio_postgres::NoTls;

use crate::harness::*;

/// One text column of a statement on the catalog.
async fn names(db: &Db, sqlite: &str, postgres: &str) -> BTreeSet<String> {
    let sql = if db.engine_name() == "sqlite" { sqlite } else { postgres }.to_owned();
    let rows =
        db.read(&frontdesk_kernel::scope::Server, work!(tx => tx.query(&sql).all(|row| row.get::<String>("name")).await)).await;
    rows.unwrap().into_iter().collect()
}

#[test]
fn every_table_has_its_tenant_first_in_its_key_or_a_reason_why_it_has_none() {
    let shared: BTreeSet<_> = migrate::SHARED_TABLES.iter().map(|(table, _)| *table).collect();
    for table in backup::tables() {
        let key = backup::key_of(table);
        assert!(!key.is_empty(), "{table} has no key");
        if shared.contains(table) {
            assert!(!backup::has_tenant(table), "{table} is called shared and has a tenant");
        } else {
            assert_eq!(key[0], "tenant", "{table}");
        }
    }
    let known: BTreeSet<_> = backup::tables().chain(["migration"]).collect();
    assert!(shared.is_subset(&known), "{shared:?}");
    assert!(migrate::SHARED_TABLES.iter().all(|(_, reason)| !reason.is_empty()));
}

db_test!(the_schema_that_is_backed_up_is_the_schema_of_the_database, |db| async {
    let tables = names(
        &db,
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        "SELECT table_name::text AS name FROM information_schema.tables WHERE table_schema = current_schema()",
    )
    .await;
    assert_eq!(tables, backup::tables().chain(["migration"]).map(str::to_owned).collect());
    for table in backup::tables() {
        let key = names(
            &db,
            &format!("SELECT pk || ' ' || name AS name FROM pragma_table_info('{table}') WHERE pk > 0"),
            &format!(
                "SELECT ordinal_position || ' ' || column_name AS name FROM information_schema.key_column_usage
                  WHERE table_schema = current_schema() AND table_name = '{table}' AND constraint_name = '{table}_pkey'"
            ),
        )
        .await;
        let expected = backup::key_of(table).into_iter().enumerate().map(|(i, column)| format!("{} {column}", i + 1)).collect();
        assert_eq!(key, expected, "{table}");
    }
});

#[test]
fn every_table_of_tenants_has_row_security_that_even_its_owner_cannot_pass() {
    at_home(Home::postgres(), |db| async move {
        let secured = names(
            &db,
            "",
            "SELECT c.relname::text AS name FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.schemaname = current_schema()
              WHERE c.relnamespace = current_schema()::regnamespace AND c.relrowsecurity AND c.relforcerowsecurity
                AND p.cmd = 'ALL' AND p.qual IS NOT NULL AND p.with_check = p.qual",
        )
        .await;
        assert_eq!(secured, backup::tables().filter(|table| backup::has_tenant(table)).map(str::to_owned).collect());
    });
}

db_test!(the_tests_run_as_somebody_whom_row_security_holds, |db| async {
    assert!(!db::skips_row_security(&db).await.unwrap());
});

#[test]
fn a_statement_that_forgot_its_tenant_sees_and_changes_its_own_rows_only() {
    at_home(Home::postgres(), |db| async move {
        let (a, b) = (full_shop(&db, "a").await, full_shop(&db, "b").await);
        let (mut of_a, of_b) = (rows_of(&db, a).await, rows_of(&db, b).await);
        of_a.remove("route");
        for (table, rows) in of_a {
            let (all, named) = (
                format!("SELECT COUNT(*) AS n FROM {table}"),
                format!("SELECT COUNT(*) AS n FROM {table} WHERE tenant = 'tnt_b'"),
            );
            let seen = db.read(&a.scope, work!(tx => tx.query(&all).one(|row| row.get::<i64>("n")).await)).await.unwrap();
            assert_eq!(seen, rows, "{table}");
            let seen = db.read(&a.scope, work!(tx => tx.query(&named).one(|row| row.get::<i64>("n")).await)).await.unwrap();
            assert_eq!(seen, 0, "{table}");
            let (change, remove) =
                (format!("UPDATE {table} SET tenant = tenant WHERE tenant = 'tnt_b'"), format!("DELETE FROM {table}"));
            let changed = db
                .write(&a.scope, work!(tx => Ok(tx.query(&change).execute().await? + 10 * tx.query(&remove).execute().await?)))
                .await;
            assert_eq!(changed.unwrap(), 10 * rows as u64, "{table}");
        }
        assert_eq!(rows_of(&db, b).await, of_b);
    });
}

#[test]
fn a_row_of_another_tenant_is_refused() {
    at_home(Home::postgres(), |db| async move {
        let (a, b) = (shop(&db, "a").await, shop(&db, "b").await);
        let number = keep(phone("57300"));
        // Called with one tenant's scope in the unit of work of another: what a bug would do.
        let refused = try_change!(db, &a.scope, tx => contacts::add_address(tx, &b.scope, keep(fresh()), number, at(0)));
        assert!(matches!(&refused, Err(Error::Broken(why)) if why.contains("row-level security")), "{refused:?}");
        let mine = format!("UPDATE channel SET tenant = '{}'", b.scope.tenant());
        let moved = db.write(&a.scope, work!(tx => tx.query(&mine).execute().await)).await;
        assert!(matches!(&moved, Err(Error::Broken(why)) if why.contains("row-level security")), "{moved:?}");
        assert_eq!(count(&db, "SELECT COUNT(*) AS n FROM contact_address").await, 0);
    });
}

#[test]
fn a_connection_that_names_no_tenant_sees_nothing() {
    let Some(home) = Home::postgres() else { return };
    run(async {
        let db = home.open().await;
        full_shop(&db, "a").await;
        let (client, connection) = tokio_postgres::connect(&home.url, NoTls).await.unwrap();
        let asking = async {
            for table in backup::tables().filter(|table| backup::has_tenant(table)) {
                let rows = client.query(&format!("SELECT 1 FROM {table}"), &[]).await.unwrap();
                assert!(rows.is_empty(), "{table}");
            }
        };
        tokio::select! { () = asking => {}, end = connection => panic!("{end:?}") }
    });
}
