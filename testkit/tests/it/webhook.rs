//! What Meta (or somebody who is not Meta) may POST, by the rows of the bad-input catalogue. Rows 12 and 13 are told in `sending`;
//! 16 and 17 are Twilio's, which is not here.

use std::{io::Write as _, time::Duration};

use flate2::{Compression, write::GzEncoder};
use frontdesk_kernel::{
    contact::AddressKind,
    conversation::Mode,
    language::{Language, Line},
    scope::Server,
};
use frontdesk_store::work;
use frontdesk_testkit::{
    desk::APP_SECRET,
    fakes::{batch, inbound_text, inbound_unsupported, sign, with_user_id},
    story,
};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::people::{ANA, LUZ};

const PATH: &str = "/webhooks/whatsapp";

story!(row_1_only_the_owner_of_a_number_can_sign_for_it, |desk| async {
    let luna = desk.business("Luna").open().await;
    let sol = desk.business("Sol").app_secret("the-app-of-sol").open().await;
    let body = inbound_text(&luna.account, ANA, "wamid.1", "hola").to_string();
    let by = |secret: &str| sign(secret, body.as_bytes());
    let plain = format!("{:0>64}", 0);
    for (what, header, status) in [
        ("no signature", None, 403),
        ("an empty one", Some(String::new()), 403),
        ("not hex", Some("sha256=zz".to_owned()), 403),
        ("zeros", Some(format!("sha256={plain}")), 403),
        ("another scheme", Some(by(APP_SECRET).replace("sha256=", "sha1=")), 403),
        ("of a stranger", Some(by("stranger")), 403),
        ("of another tenant", Some(by(&sol.app_secret)), 403),
        ("the right one", Some(by(APP_SECRET)), 200),
    ] {
        let headers: Vec<_> = header.iter().map(|h| ("x-hub-signature-256", h.as_str())).collect();
        let answer = desk.post_raw(PATH, &headers, body.clone()).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        if status == 403 {
            assert_eq!(answer.json(), json!({"status": "error", "message": "Invalid signature"}));
            assert!(luna.contact(ANA).await.is_none(), "{what}");
        }
    }
    desk.answer().await;
    assert_eq!(luna.replies(ANA).len(), 1);
});

story!(row_1_one_foreign_event_spoils_the_whole_body, |desk| async {
    let luna = desk.business("Luna").open().await;
    let sol = desk.business("Sol").app_secret("the-app-of-sol").open().await;
    let mixed = batch([inbound_text(&sol.account, LUZ, "wamid.2", "hola"), inbound_text(&luna.account, ANA, "wamid.1", "hola")]);
    assert_eq!(desk.deliver(mixed, &sol.app_secret).await.status, 403);
    assert!(luna.contact(ANA).await.is_none() && sol.contact(LUZ).await.is_none());
});

story!(row_1_a_trial_line_is_spoken_for_by_its_own_business_only, |desk| async {
    let luna = desk.business("Luna").mock().app_secret("the-app-of-luna").open().await;
    let sol = desk.business("Sol").app_secret("the-app-of-sol").open().await;
    let hello = |id: &str| inbound_text(&luna.account, ANA, id, "hola");
    // With an app of its own.
    assert_eq!(desk.deliver(hello("wamid.1"), &sol.app_secret).await.status, 403);
    assert!(luna.contact(ANA).await.is_none());
    assert_eq!(desk.deliver(hello("wamid.1"), &luna.app_secret).await.status, 200);
    // Without one, nobody speaks for it until another line of its business has one.
    luna.change_channel(|c| drop(c.secrets.remove("app_secret"))).await;
    for secret in [&sol.app_secret, &luna.app_secret] {
        assert_eq!(desk.deliver(hello("wamid.2"), secret).await.status, 403, "{secret}");
    }
    let key = luna.key(&["*"]).await;
    let secrets = json!({ "access_token": "t", "app_secret": "the-app-of-luna", "verify_token": "v" });
    let new = json!({ "kind": "whatsapp", "account": "10999", "name": "Second", "secrets": secrets });
    let made = desk.post_as(&key, "/api/v1/channels", &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(desk.deliver(hello("wamid.2"), &sol.app_secret).await.status, 403);
    assert_eq!(desk.deliver(hello("wamid.2"), &luna.app_secret).await.status, 200);
    desk.answer().await;
    assert_eq!(luna.incoming(ANA).await.len(), 2);
});

story!(row_2_the_raw_bytes_are_signed_not_their_meaning, |desk| async {
    let shop = desk.business("Luna").open().await;
    let body = inbound_text(&shop.account, ANA, "wamid.1", "¿Qué tal? TEXT").to_string();
    let escaped = body.replace("TEXT", r"\ud83d\ude00 \u00f1 \/ 1\u002e0");
    let reserialised = serde_json::from_str::<Value>(&escaped).unwrap().to_string();
    assert_ne!(escaped, reserialised);
    let signature = sign(APP_SECRET, escaped.as_bytes());
    let headers = [("x-hub-signature-256", signature.as_str())];
    assert_eq!(desk.post_raw(PATH, &headers, reserialised).await.status, 403);
    assert_eq!(desk.post_raw(PATH, &headers, escaped).await.status, 200);
    assert_eq!(shop.incoming(ANA).await, ["¿Qué tal? 😀 ñ / 1.0"]);
    desk.answer().await;
});

story!(row_3_a_redelivery_is_known_for_a_month, |desk| async {
    let shop = desk.business("Luna").open().await;
    let body = inbound_text(&shop.account, ANA, "wamid.1", "hola").to_string();
    assert_eq!(desk.deliver_bytes(body.clone(), APP_SECRET).await.json(), json!({"status": "ok"}));
    desk.answer().await;
    for wait in [Duration::ZERO, Duration::from_secs(600), Duration::from_secs(29 * 24 * 3600)] {
        desk.advance(wait);
        frontdesk_engine::upkeep::tidy(&desk.engine).await.unwrap();
        let again = desk.deliver_bytes(body.clone(), APP_SECRET).await;
        assert_eq!((again.status, again.json()), (200, json!({"status": "ok", "duplicate": true})));
        desk.answer().await;
    }
    assert_eq!((shop.replies(ANA).len(), shop.incoming(ANA).await.len()), (1, 1));
});

story!(row_4_the_same_event_a_hundred_times_at_once_is_one_message, |desk| async {
    let shop = desk.business("Luna").open().await;
    let body = inbound_text(&shop.account, ANA, "wamid.1", "hola").to_string();
    let answers = join_all((0..100).map(|_| desk.deliver_bytes(body.clone(), APP_SECRET))).await;
    assert!(answers.iter().all(|a| a.status == 200));
    let fresh = answers.iter().filter(|a| a.json().get("duplicate").is_none()).count();
    assert_eq!(fresh, 1);
    desk.answer().await;
    assert_eq!((shop.incoming(ANA).await.len(), shop.replies(ANA).len()), (1, 1));
});

story!(what_could_not_be_kept_is_not_acknowledged_and_is_taken_when_it_comes_again, |desk| async {
    let shop = desk.business("Luna").open().await;
    let body = inbound_text(&shop.account, ANA, "wamid.1", "hola").to_string();
    let rename = |from: &'static str, to: &'static str| {
        let sql = format!("ALTER TABLE {from} RENAME TO {to}");
        desk.engine.db.write(&Server, work!(tx => tx.query(&sql).execute().await))
    };
    rename("inbound", "gone").await.unwrap();
    let refused = desk.deliver_bytes(body.clone(), APP_SECRET).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    rename("gone", "inbound").await.unwrap();
    assert_eq!(desk.deliver_bytes(body, APP_SECRET).await.json(), json!({"status": "ok"}));
    desk.answer().await;
    assert_eq!((shop.incoming(ANA).await.len(), shop.replies(ANA).len()), (1, 1));
});

story!(whose_conversation_somebody_holds_is_waited_for_and_nobody_else, |desk| async {
    // One writer at a time is SQLite's nature.
    if desk.engine.db.engine_name() == "sqlite" {
        return;
    }
    let shop = desk.business("Luna").open().await;
    let deliver =
        |from: &str, id: &str| desk.deliver_bytes(inbound_text(&shop.account, from, id, "hola").to_string(), APP_SECRET);
    assert_eq!(deliver(ANA, "wamid.first").await.status, 200);
    let mut hers = std::pin::pin!(deliver(ANA, "wamid.hers"));
    let others = async {
        let others = join_all((0..20).map(|i| async move { deliver(&format!("5730022200{i:02}"), &format!("wamid.{i}")).await }));
        tokio::select! {
            hers = &mut hers => panic!("her lane is held: {}", hers.text),
            others = others => assert!(others.iter().all(|answer| answer.status == 200)),
        }
    };
    shop.while_held(ANA, others).await;
    assert_eq!(hers.await.status, 200);
    desk.answer().await;
    assert_eq!(shop.incoming(ANA).await.len(), 2);
});

story!(row_5_one_unreadable_event_does_not_hide_the_others, |desk| async {
    let shop = desk.business("Luna").open().await;
    let from = |i: usize| format!("5730022200{i:02}");
    let mut body = batch((0..100).map(|i| inbound_text(&shop.account, &from(i), &format!("wamid.{i}"), "hola")));
    body["entry"][50]["changes"][0]["value"]["messages"][0].as_object_mut().unwrap().remove("id");
    let answer = desk.deliver(body.clone(), APP_SECRET).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"status": "ok"})));
    desk.answer().await;
    desk.pass(Duration::from_secs(5), Duration::from_secs(1)).await;
    assert_eq!(desk.graph.sent_count(), 99);
    assert!(shop.contact(&from(50)).await.is_none());
    let account = shop.account.clone();
    let parked = desk.engine.db.read(
        &shop.scope,
        work!(tx => tx
            .query("SELECT COUNT(*) AS n FROM inbound WHERE account = $1 AND kind = 'malformed'")
            .bind(account.as_str())
            .one(|row| row.get::<i64>("n"))
            .await),
    );
    assert_eq!(parked.await.unwrap(), 1);
    assert_eq!(desk.deliver(body, APP_SECRET).await.json(), json!({"status": "ok", "duplicate": true}));
});

story!(rows_6_to_8_bodies_that_are_too_much, |desk| async {
    let shop = desk.business("Luna").open().await;
    let padded = |size: usize| {
        let mut body = inbound_text(&shop.account, ANA, &format!("wamid.{size}"), "hola").to_string();
        body.push_str(&" ".repeat(size - body.len()));
        body
    };
    let gzip = |body: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    };
    let value =
        |text: &str| inbound_text(&shop.account, ANA, "wamid.x", "TEXT").to_string().replace("\"TEXT\"", text).into_bytes();
    let bomb = gzip(&vec![b' '; 5 << 20]);
    assert!(bomb.len() < 10_000);
    let zipped = inbound_text(&shop.account, ANA, "wamid.z", "hola").to_string();
    for (what, body, encoding, expected) in [
        ("3 MB", padded(3 << 20).into_bytes(), None, 200),
        ("3 MB and a byte", padded((3 << 20) + 1).into_bytes(), None, 413),
        ("depth 10 000", [b"[".repeat(10_000), b"]".repeat(10_000)].concat(), None, 400),
        ("not JSON", b"{\"object\":".to_vec(), None, 400),
        ("nothing", Vec::new(), None, 400),
        ("not UTF-8", b"{\"object\":\"\xff\xfe\"}".to_vec(), None, 400),
        ("lone surrogate", value(r#""\ud83d""#), None, 400),
        ("1e999", value("1e999"), None, 400),
        ("an empty object", b"{}".to_vec(), None, 404),
        ("another object", br#"{"object":"page","entry":[]}"#.to_vec(), None, 404),
        ("a list", b"[]".to_vec(), None, 404),
        ("gzip bomb", bomb, Some("gzip"), 413),
        ("not gzip", b"plain".to_vec(), Some("gzip"), 400),
        ("brotli", b"plain".to_vec(), Some("br"), 415),
        ("gzip that is fine but signed over the packed bytes", gzip(zipped.as_bytes()), Some("gzip"), 403),
    ] {
        let signature = sign(APP_SECRET, &body);
        let mut headers = vec![("x-hub-signature-256", signature.as_str())];
        headers.extend(encoding.map(|e| ("content-encoding", e)));
        let answer = desk.post_raw(PATH, &headers, body).await;
        assert_eq!(answer.status, expected, "{what}: {}", answer.text);
    }
    let signature = sign(APP_SECRET, zipped.as_bytes());
    let headers = [("x-hub-signature-256", signature.as_str()), ("content-encoding", "gzip")];
    assert_eq!(desk.post_raw(PATH, &headers, gzip(zipped.as_bytes())).await.status, 200);
    assert_eq!(desk.get("/health").await.status, 200);
    desk.answer().await;
    assert_eq!(shop.incoming(ANA).await.len(), 2);
});

story!(row_7_strange_but_readable_json_is_kept_or_parked, |desk| async {
    let shop = desk.business("Luna").open().await;
    let body = inbound_text(&shop.account, ANA, "wamid.1", "TEXT").to_string();
    let twice = body.replace("\"type\":\"text\"", "\"type\":\"unknown\",\"type\":\"text\"");
    for (what, body) in [
        ("NUL", body.replace("TEXT", r"a\u0000b").replace("wamid.1", "wamid.2")),
        ("duplicate keys", twice),
        ("a number as text", body.replace("\"TEXT\"", "7").replace("wamid.1", "wamid.3")),
        ("no text", body.replace("\"TEXT\"", "null").replace("wamid.1", "wamid.4")),
        (
            "messages is an object",
            body.replace("\"messages\":[", "\"messages\":{\"a\":[").replace("],\"messaging_product", "]},\"messaging_product"),
        ),
        ("changes is a text", r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":"no"}]}"#.to_owned()),
        ("entry is null", r#"{"object":"whatsapp_business_account","entry":[null]}"#.to_owned()),
    ] {
        let answer = desk.deliver_bytes(body, APP_SECRET).await;
        assert_eq!(answer.status, 200, "{what}: {}", answer.text);
    }
    desk.answer().await;
    assert!(shop.incoming(ANA).await.iter().all(|text| !text.contains('\0')));
});

story!(row_9_a_person_is_known_by_the_business_scoped_id, |desk| async {
    let shop = desk.business("Luna").open().await;
    let bsuid = "CO.13491208655302741918";
    let hello = |id: &str, keep_phone| with_user_id(inbound_text(&shop.account, ANA, id, "hola"), bsuid, keep_phone);
    assert_eq!(shop.deliver(hello("wamid.1", false)).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.sent(bsuid).len(), 1, "the reply goes to the id: {:?}", desk.graph.sent());
    assert_eq!(shop.deliver(hello("wamid.2", true)).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.sent(ANA).len(), 1, "with a number known, the reply goes there");
    let scope = shop.scope.clone();
    let by_id = desk
        .engine
        .db
        .read(&shop.scope, work!(tx => frontdesk_store::contacts::at_address(tx, &scope, AddressKind::Bsuid, bsuid).await));
    assert_eq!(by_id.await.unwrap(), shop.contact(ANA).await);
    assert_eq!(shop.thread(ANA).await.len(), 4);
});

story!(row_10_a_changed_number_merges_nobody, |desk| async {
    let shop = desk.business("Luna").open().await;
    shop.talk(ANA, "hola").await;
    let mut news = inbound_text(&shop.account, ANA, "wamid.s", "x");
    let message = &mut news["entry"][0]["changes"][0]["value"]["messages"][0];
    message.as_object_mut().unwrap().remove("text");
    message["type"] = "system".into();
    message["system"] = json!({"body": "User A changed from 1 to 2", "wa_id": LUZ, "type": "user_changed_number"});
    assert_eq!(shop.deliver(news).await.status, 200);
    desk.answer().await;
    assert_eq!((shop.replies(ANA).len(), shop.replies(LUZ).len()), (1, 0));
    shop.talk(LUZ, "hola").await;
    assert_ne!(shop.contact(ANA).await, shop.contact(LUZ).await);
});

story!(row_11_an_unsupported_message_gets_one_polite_line, |desk| async {
    let shop = desk.business("Luna").open().await;
    let line = Line::CannotRead.text(Language::Spanish);
    for _ in 0..3 {
        assert_eq!(shop.deliver(inbound_unsupported(&shop.account, ANA, &shop.wamid())).await.status, 200);
        desk.answer().await;
    }
    assert_eq!(shop.replies(ANA), [line]);
    assert_eq!(shop.incoming(ANA).await.len(), 3);
    shop.talk(ANA, "hola").await;
    assert_eq!(shop.deliver(inbound_unsupported(&shop.account, ANA, &shop.wamid())).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.replies(ANA).len(), 3);
    assert_eq!(shop.replies(ANA)[2], line);
});

story!(row_14_our_own_time_rules, |desk| async {
    let shop = desk.business("Luna").open().await;
    for (i, time) in ["0", "4070908800", "1795273200123", "-5", "soon", "99999999999999999999"].into_iter().enumerate() {
        let mut body = inbound_text(&shop.account, ANA, &format!("wamid.{i}"), "hola");
        body["entry"][0]["changes"][0]["value"]["messages"][0]["timestamp"] = time.into();
        assert_eq!(desk.deliver_bytes(body.to_string(), APP_SECRET).await.status, 200, "{time}");
        desk.answer().await;
        desk.advance(Duration::from_secs(60));
    }
    let thread = shop.thread(ANA).await;
    assert_eq!(thread.len(), 12);
    assert!(thread.iter().all(|m| m.at <= desk.now() && desk.now().since(m.at) < Duration::from_secs(600)));
});

story!(row_15_the_handshake_answers_only_to_one_of_our_tokens, |desk| async {
    desk.business("Luna").open().await;
    desk.business("Sol").open().await;
    let long = "7".repeat(10_240);
    for (query, status, text) in [
        ("hub.mode=subscribe&hub.verify_token=verify-Luna&hub.challenge=1158201444", 200, "1158201444"),
        ("hub.mode=subscribe&hub.verify_token=verify-Sol&hub.challenge=abc%20def", 200, "abc def"),
        ("hub.mode=subscribe&hub.verify_token=verify-Lun&hub.challenge=1", 403, "Verification failed"),
        ("hub.mode=unsubscribe&hub.verify_token=verify-Luna&hub.challenge=1", 403, "Verification failed"),
        ("hub.mode=subscribe&hub.verify_token=verify-Luna", 400, "Missing parameters"),
        ("hub.verify_token=verify-Luna&hub.challenge=1", 400, "Missing parameters"),
        ("", 400, "Missing parameters"),
        (format!("hub.mode=subscribe&hub.verify_token=verify-Luna&hub.challenge={long}").as_str(), 400, "Missing parameters"),
    ] {
        for path in ["/webhook", PATH] {
            let answer = desk.get(&format!("{path}?{query}")).await;
            assert_eq!(answer.status, status, "{query:.80}");
            assert!(answer.text.contains(text), "{query:.80}: {}", answer.text);
        }
    }
});

story!(row_18_a_flood_of_one_contact_gets_one_notice_and_a_person, |desk| async {
    let shop = desk.business("Luna").tenant(|t| t.settings.contact_messages_per_hour = Some(5)).open().await;
    for _ in 0..12 {
        shop.say(ANA, "hola").await;
        desk.answer().await;
        desk.advance(Duration::from_secs(5));
    }
    shop.talk(LUZ, "hola").await;
    let notice = Line::SlowDown.text(Language::Spanish);
    let replies = shop.replies(ANA);
    assert_eq!(replies.iter().filter(|r| *r == notice).count(), 1, "{replies:#?}");
    assert_eq!(replies.len(), 6);
    assert_eq!(shop.tasks().await, ["flood"]);
    assert_eq!(shop.conversation(ANA).await.mode, Mode::Human);
    assert_eq!((shop.incoming(ANA).await.len(), shop.replies(LUZ).len()), (12, 1));
});

story!(row_19_long_and_odd_texts_are_kept_whole_enough_and_answered, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let family = "👨‍👩‍👧‍👦";
    for text in ["a".repeat(65_536), "ñ".repeat(70_000), family.repeat(2_000), format!("\u{202e}evil{}", "\u{200b}".repeat(500))]
    {
        let reply = shop.talk(ANA, &text).await;
        assert!(reply.starts_with("echo:"), "{reply:.80}");
        let kept = shop.incoming(ANA).await.pop().unwrap();
        assert!(
            kept.chars().count() <= 65_536 && text.starts_with(kept.trim_end_matches('…')),
            "{} characters",
            kept.chars().count()
        );
        desk.advance(Duration::from_secs(600));
    }
});

story!(row_20_two_machines_do_not_talk_for_ever, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    for _ in 0..12 {
        shop.say(ANA, "Gracias por su mensaje, le responderemos pronto").await;
        desk.answer().await;
    }
    let replies = shop.replies(ANA).len();
    assert!((5..=6).contains(&replies), "{replies} replies");
    assert_eq!((shop.tasks().await, shop.conversation(ANA).await.mode), (vec!["flood".to_owned()], Mode::Human));
});

story!(row_20_our_own_number_is_not_answered, |desk| async {
    let shop = desk.business("Luna").open().await;
    let own = inbound_text(&shop.account, frontdesk_testkit::fakes::OUR_NUMBER, "wamid.1", "hola");
    assert_eq!(shop.deliver(own).await.status, 200);
    desk.answer().await;
    assert_eq!(desk.graph.sent_count(), 0);
});
