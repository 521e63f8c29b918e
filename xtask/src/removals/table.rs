//! What is taken away, where, and what must notice.

/// A protection of the product, as text that can be taken out of it.
pub(crate) struct Removal {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [Edit],
    pub(crate) proof: Proof,
}

pub(crate) struct Edit {
    pub(crate) file: &'static str,
    /// Stands there exactly once.
    pub(crate) text: &'static str,
    pub(crate) instead: &'static str,
}

/// Tests that all pass with the protection, and of which at least one fails without it.
pub(crate) struct Proof {
    pub(crate) package: &'static str,
    /// `--lib` or `--test=it`.
    pub(crate) target: &'static str,
    /// Parts of their names.
    pub(crate) tests: &'static [&'static str],
}

const fn edit(file: &'static str, text: &'static str, instead: &'static str) -> Edit {
    Edit { file, text, instead }
}

const fn store(tests: &'static [&'static str]) -> Proof {
    Proof { package: "frontdesk-store", target: "--test=it", tests }
}

const fn stories(tests: &'static [&'static str]) -> Proof {
    Proof { package: "frontdesk-testkit", target: "--test=it", tests }
}

const fn unit(package: &'static str, tests: &'static [&'static str]) -> Proof {
    Proof { package, target: "--lib", tests }
}

/// Inner crates first: what they change is compiled again in all that follow.
pub(crate) const ALL: &[Removal] = &[
    Removal {
        name: "a send of class C is not repeated",
        edits: &[edit("crates/kernel/src/effect.rs", "Class::C => State::Review,", "Class::C => State::Pending,")],
        proof: unit("frontdesk-kernel", &["effect::"]),
    },
    Removal {
        name: "an unknown reply is resent once",
        edits: &[edit(
            "crates/kernel/src/effect.rs",
            "!f.is_reply || f.resends > 0 || f.overtaken",
            "!f.is_reply || f.overtaken",
        )],
        proof: unit("frontdesk-kernel", &["effect::"]),
    },
    Removal {
        name: "signature of a webhook (HMAC)",
        edits: &[edit(
            "crates/connect/src/channels/whatsapp/signature.rs",
            "    mac.verify_slice(&stated).map_err(|_| Forged)\n",
            "    let _ = mac.verify_slice(&stated);\n    Ok(())\n",
        )],
        proof: unit("frontdesk-connect", &["whatsapp::signature::"]),
    },
    Removal {
        name: "signature of a payment's report",
        edits: &[edit(
            "crates/connect/src/payments/stripe/signature.rs",
            "if stated.iter().any(|s| mac.clone().verify_slice(s).is_ok()) {",
            "if stated.iter().any(|s| mac.clone().verify_slice(s).is_ok() || !s.is_empty()) {",
        )],
        proof: unit("frontdesk-connect", &["stripe::tests::only_fresh_reports"]),
    },
    Removal {
        name: "address filter after a name is resolved",
        edits: &[edit(
            "crates/connect/src/http/address.rs",
            "found.filter(|a| is_public(a.ip())).collect()",
            "found.filter(|a| is_public(a.ip()) || true).collect()",
        )],
        proof: unit("frontdesk-connect", &["http::"]),
    },
    Removal {
        name: "address filter of a URL",
        edits: &[edit(
            "crates/connect/src/http/address.rs",
            "Some(Host::Ipv4(ip)) => is_public(IpAddr::V4(ip)),",
            "Some(Host::Ipv4(_)) => true,",
        )],
        proof: unit("frontdesk-connect", &["http::"]),
    },
    Removal {
        name: "nonce of a sign-in",
        edits: &[edit(
            "crates/connect/src/sso/token.rs",
            "        (c.nonce != expected.nonce, \"it answers another request\"),\n",
            "",
        )],
        proof: unit("frontdesk-connect", &["sso::"]),
    },
    Removal {
        name: "audience of a sign-in",
        edits: &[edit(
            "crates/connect/src/sso/token.rs",
            "        (!audiences.contains(&expected.audience), \"it is for somebody else\"),\n",
            "",
        )],
        proof: unit("frontdesk-connect", &["sso::"]),
    },
    Removal {
        name: "news of a message is heard once",
        edits: &[edit(
            "crates/store/src/deliveries.rs",
            "AND vendor_id = $5 AND (heard & $6) = 0",
            "AND vendor_id = $5 AND $6 = $6",
        )],
        proof: store(&["echoes::"]),
    },
    Removal {
        name: "fence",
        edits: &[edit(
            "crates/store/src/lanes.rs",
            "lane.conversation = $2 AND lane.owner = $3 AND lane.epoch = $4\"",
            "lane.conversation = $2 AND (lane.owner = $3 OR lane.epoch >= $4)\"",
        )],
        proof: store(&["zombies::"]),
    },
    Removal {
        name: "dedupe constraint",
        edits: &[
            edit(
                "crates/store/migrations/0001_main_job.sql",
                "PRIMARY KEY (tenant, account, vendor_id)\n);\nCREATE INDEX inbound_by_age",
                "PRIMARY KEY (tenant, account, vendor_id, received_at, message)\n);\nCREATE INDEX inbound_by_age",
            ),
            edit(
                "crates/store/src/inbound.rs",
                "\n         ON CONFLICT (tenant, account, vendor_id) DO NOTHING RETURNING",
                "\n         RETURNING",
            ),
        ],
        proof: store(&["inbound::a_hundred_deliveries_of_one_message"]),
    },
    Removal {
        name: "tenant filter",
        edits: &[edit(
            "crates/store/src/contacts.rs",
            "tx.query(&format!(\"SELECT {COLUMNS} FROM contact WHERE tenant = $1 AND id = $2\"))",
            "tx.query(&format!(\"SELECT {COLUMNS} FROM contact WHERE (tenant = $1 OR TRUE) AND id = $2\"))",
        )],
        proof: store(&["contacts::the_same_id_in_another_business"]),
    },
    Removal {
        name: "row-level security",
        edits: &[edit(
            "crates/store/src/migrate.rs",
            "                format!(\"ALTER TABLE {table} FORCE ROW LEVEL SECURITY\"),\n",
            "",
        )],
        proof: store(&["isolation::"]),
    },
    Removal {
        name: "commit before the answer (SQLite)",
        edits: &[edit(
            "crates/store/src/engine/sqlite.rs",
            "answer(asker, committed.clone().and(done));",
            "answer(asker, done);",
        )],
        proof: store(&["db::nobody_is_told_that_it_is_done_before_the_commit"]),
    },
    Removal {
        name: "commit before the answer (PostgreSQL)",
        edits: &[edit(
            "crates/store/src/engine/postgres.rs",
            "Ending::Commit => session.commit().await,",
            "Ending::Commit => session.commit().await.or(Ok(())),",
        )],
        proof: store(&["db::nobody_is_told_that_it_is_done_before_the_commit"]),
    },
    Removal {
        name: "what could not be sent takes everything with it (PostgreSQL)",
        edits: &[edit("crates/store/src/engine/session.rs", "if !sent && all.iter_mut()", "if false && all.iter_mut()")],
        proof: store(&["together::what_could_not_be_sent"]),
    },
    Removal {
        name: "two bookings of a day wait for each other (PostgreSQL)",
        edits: &[edit(
            "crates/store/src/calendar.rs",
            "pg_advisory_xact_lock(hashtextextended('calendar:' || $1 || ':'",
            "pg_advisory_xact_lock_shared(hashtextextended('calendar:' || $1 || ':'",
        )],
        proof: store(&["calendar::of_many_who_want", "calendar::about_midnight"]),
    },
    Removal {
        name: "the first word about a request counts",
        edits: &[edit(
            "crates/store/src/approvals.rs",
            "WHERE tenant = $1 AND id = $2 AND state = 'pending'\",\n    )\n    .bind(scope.tenant())\n    .bind(id)\n    .bind(word.to)",
            "WHERE tenant = $1 AND id = $2\",\n    )\n    .bind(scope.tenant())\n    .bind(id)\n    .bind(word.to)",
        )],
        proof: store(&["approvals::the_first_word_counts"]),
    },
    Removal {
        name: "an approval is carried out once",
        edits: &[edit(
            "crates/store/src/approvals.rs",
            "updated_at = $5 WHERE tenant = $1 AND id = $2 AND state = 'approved'\")",
            "updated_at = $5 WHERE tenant = $1 AND id = $2\")",
        )],
        proof: store(&["approvals::the_first_word_counts"]),
    },
    Removal {
        name: "what was begun before the lease was lost does not leave",
        edits: &[edit(
            "crates/engine/src/outbox/deliver.rs",
            "desk.lease.still_covers(desk, send.term, IO_TIMEOUT)",
            "desk.lease.covers(desk, IO_TIMEOUT)",
        )],
        proof: stories(&["frozen::"]),
    },
    Removal {
        name: "a step is billed once",
        edits: &[edit(
            "crates/store/migrations/0001_main_job.sql",
            "NOT NULL,\n    PRIMARY KEY (tenant, turn, n)\n);\nCREATE INDEX ledger_by_time",
            "NOT NULL\n);\nCREATE INDEX ledger_by_time",
        )],
        proof: store(&["turns::a_step_is_billed_once"]),
    },
    Removal {
        name: "credit is entered once",
        edits: &[edit(
            "crates/store/src/tokens/holds.rs",
            "    let once = format!(\"reserve/{}\", ask.name);\n    if account::is_entered(tx, scope, &once).await? {",
            "    let once = format!(\"reserve/{}\", ask.name);\n    if account::is_entered(tx, scope, &once).await? && ask.tokens < 0 {",
        )],
        proof: store(&["tokens::the_same_thing_is_entered_once"]),
    },
    Removal {
        name: "a sealed secret opens in its own place only",
        edits: &[
            edit(
                "crates/store/src/vault.rs",
                "Payload { msg: secret.reveal().as_bytes(), aad: place.as_bytes() }",
                "Payload { msg: secret.reveal().as_bytes(), aad: b\"\" }",
            ),
            edit(
                "crates/store/src/vault.rs",
                "Payload { msg: sealed, aad: place.as_bytes() }",
                "Payload { msg: sealed, aad: b\"\" }",
            ),
        ],
        proof: unit("frontdesk-store", &["vault::"]),
    },
    Removal {
        name: "claims check (receipts)",
        edits: &[edit(
            "crates/engine/src/turns/rules.rs",
            "let unbacked = receipts::unbacked(text, &evidence);",
            "let unbacked = receipts::unbacked(&text[..0], &evidence);",
        )],
        proof: stories(&["booking::a_model_that_claims", "booking::a_model_that_insists"]),
    },
    Removal {
        name: "approval hash",
        edits: &[edit(
            "crates/engine/src/approvals/say.rs",
            "Word::Yes { hash } if *hash != asked.args_hash => Err(Refusal::Changed),",
            "Word::Yes { hash } if hash.is_empty() => Err(Refusal::Changed),",
        )],
        proof: stories(&["approvals::a_person_changes_the_arguments"]),
    },
    Removal {
        name: "nobody approves what they asked for",
        edits: &[edit(
            "crates/engine/src/approvals/say.rs",
            "    };\n    if asked.requested_by == by.id && !by.id.is_empty() {\n        return Err(Refusal::Own);\n    }\n",
            "    };\n",
        )],
        proof: stories(&["approvals_api::only_who_may_decides"]),
    },
    Removal {
        name: "a number's webhook is signed by its owner's app",
        edits: &[edit(
            "crates/engine/src/inbox.rs",
            "desk.settings.mock_mode || own == signer || (line.channel.mock",
            "desk.settings.mock_mode || signer.is_some() || (line.channel.mock",
        )],
        proof: stories(&["webhook::row_1_"]),
    },
    Removal {
        name: "commit before the answer (webhook)",
        edits: &[edit(
            "crates/engine/src/inbox.rs",
            "seen.merge(together::store(desk, kind, Scope::of(tenant), Arc::new(items), now).await?);",
            "seen.merge(together::store(desk, kind, Scope::of(tenant), Arc::new(items), now).await.unwrap_or_default());",
        )],
        proof: stories(&["webhook::what_could_not_be_kept_is_not_acknowledged"]),
    },
    Removal {
        name: "a server's tool is the one that was approved",
        edits: &[edit(
            "crates/engine/src/mcp/call.rs",
            "keep::hash(&server.scrubbed(only.clone(), shown)) == remote.hash;",
            "!keep::hash(&server.scrubbed(only.clone(), shown)).is_empty();",
        )],
        proof: stories(&["mcp_client::what_its_server_changes"]),
    },
    Removal {
        name: "a person who takes over silences the bot",
        edits: &[edit(
            "crates/engine/src/turns/finish.rs",
            "let taken_over = !own_handoff && !mode.bot_answers(now);",
            "let taken_over = false;",
        )],
        proof: stories(&["turns::a_person_who_takes_over"]),
    },
    Removal {
        name: "a sign-in proves that it was begun by us (PKCE)",
        edits: &[edit("crates/connect/src/sso/mod.rs", "            (\"code_verifier\", request.verifier.to_owned()),\n", "")],
        proof: stories(&["access_sso::who_works_here_comes_in"]),
    },
    Removal {
        name: "permission check of the API",
        edits: &[edit(
            "crates/web/src/kit/caller.rs",
            "        if self.may(permission) {\n            return Ok(());\n        }\n",
            "        if self.may(permission) || !permission.is_empty() {\n            return Ok(());\n        }\n",
        )],
        proof: stories(&["access_team::keys_do_what_they_were_made_for"]),
    },
    Removal {
        name: "wrong passwords of one address are counted (Basic)",
        edits: &[edit(
            "crates/web/src/compat/basic.rs",
            "            return Err(unknown(\"Incorrect username or password.\"));\n",
            "            web.rates.give_back(&who, FAILURES_PER_SECOND);\n            \
             return Err(unknown(\"Incorrect username or password.\"));\n",
        )],
        proof: stories(&["basic_login::whoever_guesses"]),
    },
    Removal {
        name: "an account that a provider vouches for has no password of before",
        edits: &[edit(
            "crates/engine/src/access/sso.rs",
            "password_hash: String::new(), must_change_password: false, ..person",
            "..person",
        )],
        proof: stories(&["access_sso::who_accepted_an_invitation"]),
    },
    Removal {
        name: "a session alone makes no way in that outlasts it",
        edits: &[edit(
            "crates/web/src/api/access/account.rs",
            "        factors::is_them(&web.desk, &who.person.id, who.since, self.password, visitor).await.map_err(Problem::from)\n",
            "        let _ = factors::is_them(&web.desk, &who.person.id, who.since, self.password, visitor).await;\n        Ok(())\n",
        )],
        proof: stories(&["access_factors::a_session_alone"]),
    },
    Removal {
        name: "a cookie alone changes nothing (Origin)",
        edits: &[edit("crates/web/src/kit/authenticate.rs", "        same_origin(web, &parts.headers)?;\n", "")],
        proof: stories(&["access_sign_in::no_page_of_somebody_else"]),
    },
];
