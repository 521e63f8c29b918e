//! A chat on the business's site: said once, answered, resumed, and nobody else's.

use std::time::Duration;

use frontdesk_engine::{
    outbox::{self, Hand},
    upkeep,
};
use frontdesk_kernel::{
    Timestamp,
    contact::AddressKind,
    ids::ConversationId,
    message::{Delivery, Part},
};
use frontdesk_store::{contacts, conversations, messages, work};
use frontdesk_testkit::{
    desk::{Setup, Shop, TestDesk, Visitor, appointments_of, signed},
    story,
};
use reqwest::Method;
use serde_json::{Value, json};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0";

fn live() -> Setup {
    Setup::new().live().with(|s| s.burst_wait = Duration::from_millis(40))
}

fn said(seq: i64, author: &str, text: &str) -> (i64, String, String) {
    (seq, author.to_owned(), text.to_owned())
}

/// The conversations of the chat, latest first.
async fn conversations_of(shop: &Shop<'_>) -> Vec<conversations::Conversation> {
    let (s, channel) = (shop.scope.clone(), shop.web_chat().await.id);
    let found = shop.desk.engine.db.read(
        &shop.scope,
        work!(tx => {
            let mut found = conversations::recent(tx, &s, Timestamp::NEVER, 100).await?;
            found.retain(|c| c.channel == channel);
            Ok(found)
        }),
    );
    found.await.unwrap()
}

async fn staff_says(shop: &Shop<'_>, conversation: &ConversationId, text: &str) {
    let desk = &shop.desk.engine;
    let line = desk.directory.lines(desk).await.unwrap().get(&shop.web_chat().await.id).cloned().unwrap();
    outbox::send_as_staff(desk, &line, Hand { conversation, written_by: None }, vec![Part::Text { text: text.into() }], None)
        .await
        .unwrap();
}

async fn answered(desk: &TestDesk, browser: &Visitor<'_>, id: &str, text: &str) -> String {
    let kept = browser.say(id, text).await;
    assert_eq!(kept.status, 201, "{:?}", kept.json());
    desk.answer().await;
    let seq = kept.json()["seq"].as_i64().unwrap();
    browser.messages(&format!("?after={seq}")).await.into_iter().map(|(_, _, text)| text).collect::<Vec<_>>().join("\n")
}

story!(a_visitor_is_answered_in_order_and_the_page_may_be_loaded_again, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let mut browser = shop.visitor().await;
    assert_eq!(browser.messages("").await, []);
    assert_eq!(browser.get("/stream").await.refusal(), (409, "nothing_yet".into()));
    assert_eq!(answered(desk, &browser, "1", "hola").await, "echo: hola");
    assert_eq!(answered(desk, &browser, "2", "otra cosa").await, "echo: otra cosa");
    let all = [
        said(1, "visitor", "hola"),
        said(2, "bot", "echo: hola"),
        said(3, "visitor", "otra cosa"),
        said(4, "bot", "echo: otra cosa"),
    ];
    // The page is loaded anew: the pass is all that it kept.
    assert_eq!(browser.enter(None).await["resumed"], true);
    assert_eq!(browser.messages("").await, all);
    assert_eq!(browser.messages("?after=2").await, all[2..]);
    assert_eq!(browser.messages("?after=2&limit=1").await, all[2..3]);
    assert_eq!(browser.messages("?limit=2").await, all[2..]);
    assert_eq!(browser.messages("?before=3&limit=1").await, all[1..2]);
    let page = browser.get("/messages?after=1&limit=2").await.json();
    assert_eq!((&page["more"], &page["head"]), (&json!(true), &json!(4)));
    assert_eq!(desk.graph.sent_count(), 0, "nothing leaves");
});

story!(the_same_message_twice_is_said_once, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let (browser, other) = (shop.visitor().await, shop.visitor().await);
    let (first, again) = (browser.say("1", "hola").await, browser.say("1", "hola").await);
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!((&first.json()["seq"], &first.json()["id"]), (&again.json()["seq"], &again.json()["id"]));
    assert_eq!(again.json()["repeated"], true);
    let (a, b) = tokio::join!(browser.say("2", "a la vez"), browser.say("2", "a la vez"));
    assert_eq!(a.json()["seq"], b.json()["seq"], "{} {}", a.json(), b.json());
    assert_eq!(other.say("1", "lo mismo").await.status, 201, "another visitor may choose the same id");
    desk.answer().await;
    assert_eq!(desk.openai.asked().len(), 2);
    let texts: Vec<_> = browser.messages("").await.into_iter().map(|(_, author, _)| author).collect();
    assert_eq!(texts, ["visitor", "visitor", "bot"]);
    desk.answer().await;
});

story!(the_bot_books_over_the_chat, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let browser = shop.visitor().await;
    let reply = answered(desk, &browser, "1", "quiero manicure mañana a las 10, soy Ana").await;
    assert!(reply.contains("Tu cita está agendada"), "{reply}");
    let expected = [("Manicure".to_owned(), "2026-11-22T10:00".to_owned(), "confirmed")];
    assert_eq!(appointments_of(&shop.appointments().await), expected);
});

story!(the_stream_tells_what_is_new_and_resumes_where_it_ended, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let browser = shop.visitor().await;
    assert_eq!(browser.say("1", "hola").await.status, 201);
    let mut stream = browser.stream(0).await;
    assert_eq!(stream.message().await, said(1, "visitor", "hola"));
    assert_eq!(stream.message().await, said(2, "bot", "echo: hola"));
    drop(stream);
    // While the connection is down, and after it.
    let conversation = conversations_of(&shop).await.remove(0).id;
    staff_says(&shop, &conversation, "Hola, soy **Laura**.").await;
    let mut stream = browser.stream(2).await;
    assert_eq!(stream.message().await, said(3, "staff", "Hola, soy Laura."));
    staff_says(&shop, &conversation, "¿Cómo te ayudo?").await;
    assert_eq!(stream.message().await, said(4, "staff", "¿Cómo te ayudo?"));
    // The bot is silent while a person answers.
    assert_eq!(browser.say("2", "gracias").await.status, 201);
    assert_eq!(stream.message().await, said(5, "visitor", "gracias"));
    let mut again = browser.stream(0).await;
    for seq in 1..=5 {
        assert_eq!(again.message().await.0, seq, "in order, none twice");
    }
});

story!(a_visitor_sees_that_an_answer_is_being_written, live(), |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let browser = shop.visitor().await;
    browser.say("1", "hola").await;
    let mut stream = browser.stream(0).await;
    assert_eq!(stream.message().await.0, 1);
    assert_eq!(stream.message().await.0, 2);
    browser.say("2", "otra").await;
    assert_eq!(stream.next("typing").await, json!({ "on": true }));
    assert_eq!(stream.next("typing").await, json!({ "on": false }));
});

story!(what_the_visitor_has_seen_is_read, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let browser = shop.visitor().await;
    answered(desk, &browser, "1", "hola").await;
    let conversation = conversations_of(&shop).await.remove(0).id;
    let delivery = || async {
        let (s, id) = (shop.scope.clone(), conversation.clone());
        let thread = desk
            .engine
            .db
            .read(&shop.scope, work!(tx => messages::thread(tx, &s, &id, frontdesk_kernel::Timestamp::NEVER, 10).await));
        thread.await.unwrap().pop().unwrap().delivery
    };
    assert_eq!(delivery().await, Some(Delivery::Sent));
    assert_eq!(browser.post("/seen", &json!({ "seq": 2 })).await.status, 204);
    assert_eq!(delivery().await, Some(Delivery::Read));
});

story!(a_forged_pass_opens_nothing, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let neighbour = desk.business("Sol").openai().with_webchat().open().await;
    let (genuine, theirs) = (shop.visitor().await.pass, neighbour.visitor().await.pass);
    let (body, signature) = genuine.rsplit_once('.').unwrap();
    let other = theirs.split('.').nth(1).unwrap();
    let mut stranger = shop.stranger();
    for (what, pass) in [
        ("none", String::new()),
        ("rubbish", "fdv1.x.y".into()),
        ("another's body", format!("fdv1.{other}.{signature}")),
        ("no signature", body.to_owned()),
        ("half a signature", genuine[..genuine.len() - 8].to_owned()),
        ("another business's", theirs.clone()),
        ("an API key", shop.key(&["*"]).await),
    ] {
        stranger.pass = pass;
        for path in ["/messages", "/stream", "/files/med_1"] {
            assert_eq!(stranger.get(path).await.refusal(), (401, "visitor_unknown".into()), "{what} {path}");
        }
        assert_eq!(stranger.say("1", "hola").await.status, 401, "{what}");
    }
    stranger.pass = genuine;
    assert_eq!(stranger.get("/messages").await.status, 200);
    desk.advance(Duration::from_secs(183 * 24 * 3600));
    assert_eq!(stranger.get("/messages").await.status, 401, "too old");
    assert_eq!(stranger.enter(None).await["resumed"], false);
});

story!(a_file_is_its_own_visitors_only, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let (browser, other) = (shop.visitor().await, shop.visitor().await);
    let kept = browser.upload("foto%20%C3%B1.png", PNG).await;
    assert_eq!(kept.status, 201, "{}", kept.json());
    assert_eq!((&kept.json()["mime"], &kept.json()["name"]), (&json!("image/png"), &json!("foto ñ.png")));
    let id = kept.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/files/{id}");
    let with = |file: &str| json!({ "id": "message-1", "text": "mira", "files": [file] });
    let own = browser.get(&path).await;
    assert_eq!((own.status, &own.bytes[..]), (200, PNG));
    assert_eq!(own.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(own.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.post("/messages", &with(&id)).await.status, 422, "not theirs to send");
    assert_eq!(browser.post("/messages", &with(&id)).await.status, 201);
    assert_eq!(browser.post("/messages", &with(&id)).await.status, 200, "a repeat is no second use");
    let second = json!({ "id": "message-2", "files": [id] });
    assert_eq!(browser.post("/messages", &second).await.status, 422, "a file is sent once");
    desk.answer().await;
    assert_eq!(browser.get(&path).await.status, 200);
    assert_eq!(other.get(&path).await.status, 404);
    assert_eq!(other.get("/files/nonsense").await.status, 404);
    let shown = browser.get("/messages").await.json()["messages"][0]["parts"].clone();
    assert_eq!((&shown[0]["type"], &shown[0]["id"], &shown[1]["text"]), (&json!("file"), &json!(id), &json!("mira")));
    assert!(desk.openai.asked()[0].to_string().contains("data:image/png;base64,"), "the model sees it");
});

story!(files_that_nobody_should_open_are_refused, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let browser = shop.visitor().await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let bomb = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff][..], b"\x08\x06\0\0\0"].concat();
    for (what, bytes, status, code) in [
        ("SVG", svg, 415, "file_type"),
        ("a page", b"<!doctype html><script>alert(1)</script>".to_vec(), 415, "file_type"),
        ("a program", b"\x7fELF\x02\x01\x01\0".to_vec(), 415, "file_type"),
        ("too many pixels", bomb, 422, "too_many_pixels"),
        ("nothing", Vec::new(), 422, "invalid"),
        ("too large", vec![b'a'; (10 << 20) + 1], 413, "body"),
    ] {
        assert_eq!(browser.upload("x.png", bytes).await.refusal(), (status, code.to_owned()), "{what}");
    }
});

story!(files_that_are_never_sent_are_forgotten, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let browser = shop.visitor().await;
    let id = browser.upload("x.png", PNG).await.json()["id"].as_str().unwrap().to_owned();
    upkeep::tidy(&desk.engine).await.unwrap();
    assert_eq!(browser.get(&format!("/files/{id}")).await.status, 200);
    desk.advance(Duration::from_secs(25 * 3600));
    upkeep::tidy(&desk.engine).await.unwrap();
    assert_eq!(browser.get(&format!("/files/{id}")).await.status, 404);
});

story!(a_user_of_the_site_is_one_contact_on_every_device, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let mut ana = signed("ana-7");
    ana["name"] = json!("Ana Ruiz");
    ana["email"] = json!("ana@example.org");
    let mut phone = shop.visitor().await;
    let anonymous = phone.pass.clone();
    assert_eq!(answered(desk, &phone, "1", "hola").await, "echo: hola");
    assert_eq!(phone.enter(Some(ana.clone())).await["identified"], true);
    assert_eq!(phone.messages("").await.len(), 2, "what was said before signing in stays");
    let mut laptop = shop.visitor().await;
    laptop.enter(Some(ana.clone())).await;
    assert_eq!(laptop.messages("").await.len(), 2);
    assert_eq!(answered(desk, &laptop, "2", "sigo aquí").await, "echo: sigo aquí");
    assert_eq!(phone.messages("").await.len(), 4);
    assert_eq!(conversations_of(&shop).await.len(), 1);
    let (s, id) = (shop.scope.clone(), conversations_of(&shop).await.remove(0).contact);
    let contact = desk.engine.db.read(&shop.scope, work!(tx => contacts::get(tx, &s, &id).await)).await.unwrap().unwrap();
    assert_eq!((contact.name.as_deref(), contact.facts["email"].as_str()), (Some("Ana Ruiz"), "ana@example.org"));

    // Whoever uses the phone after her, signed in or not, sees nothing of hers.
    phone.pass = anonymous.clone();
    assert_eq!(phone.get("/messages").await.refusal(), (401, "visitor_unknown".into()));
    assert_eq!(phone.enter(None).await["resumed"], false);
    assert_eq!(phone.messages("").await, []);
    phone.pass = anonymous;
    phone.enter(Some(signed("luz-8"))).await;
    assert_eq!(phone.messages("").await, []);
    let (s, account) = (shop.scope.clone(), shop.scope.tenant().to_string());
    let luz = format!("web/{account}/u/luz-8");
    let known = desk
        .engine
        .db
        .read(&shop.scope, work!(tx => contacts::at_address(tx, &s, AddressKind::Visitor, &luz).await))
        .await
        .unwrap();
    assert_eq!(known, None, "nobody was merged");
});

story!(an_identity_that_the_site_did_not_sign_is_refused, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let browser = shop.stranger();
    let (ana, luz) = (signed("ana"), signed("luz"));
    let upper = ana["hash"].as_str().unwrap().to_uppercase();
    for (what, identity, status) in [
        ("another's hash", json!({ "user_id": "ana", "hash": luz["hash"] }), 403),
        ("no hash", json!({ "user_id": "ana", "hash": "" }), 403),
        ("half a hash", json!({ "user_id": "ana", "hash": &ana["hash"].as_str().unwrap()[..32] }), 403),
        ("no hexadecimal", json!({ "user_id": "ana", "hash": "z".repeat(64) }), 403),
        ("no user", json!({ "user_id": "", "hash": ana["hash"] }), 422),
        ("an endless user", json!({ "user_id": "a".repeat(129), "hash": ana["hash"] }), 422),
        ("no e-mail address", json!({ "user_id": "ana", "hash": ana["hash"], "email": "ana" }), 422),
        ("a member that does not exist", json!({ "user_id": "ana", "hash": ana["hash"], "role": "owner" }), 422),
        ("capital letters", json!({ "user_id": "ana", "hash": upper }), 201),
    ] {
        assert_eq!(browser.post("/session", &json!({ "identity": identity })).await.status, status, "{what}");
    }
});

story!(only_the_sites_that_the_business_names_may_show_the_chat, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let mut browser = shop.visitor().await;
    browser.origin = Some("https://anywhere.example".into());
    let open = browser.get("").await;
    assert_eq!((open.status, open.header("access-control-allow-origin")), (200, Some("https://anywhere.example")));
    shop.set_web_chat("allowed_origins", "https://luna.example http://localhost:3000").await;
    for (origin, status) in [
        (Some("https://luna.example"), 200),
        (Some("http://localhost:3000"), 200),
        (Some("https://evil.example"), 403),
        (Some("https://luna.example.evil.example"), 403),
        (Some("http://luna.example"), 403),
        (Some("null"), 403),
        (None, 200),
    ] {
        browser.origin = origin.map(str::to_owned);
        for path in ["", "/messages"] {
            let reply = browser.get(path).await;
            assert_eq!(reply.status, status, "{origin:?} {path}");
            let named = reply.header("access-control-allow-origin");
            assert_eq!(named, origin.filter(|_| status == 200), "{origin:?} {path}");
            assert_eq!(reply.header("vary").is_some_and(|v| v.contains("origin")), status == 200);
        }
        let asked = browser.ask(Method::OPTIONS, "/messages", &[("access-control-request-method", "POST")], "").await;
        assert_eq!(asked.status, if status == 200 { 204 } else { 403 }, "{origin:?}");
    }
    browser.origin = Some("https://evil.example".into());
    assert_eq!(browser.say("1", "hola").await.refusal(), (403, "origin_not_allowed".into()));
    assert!(conversations_of(&shop).await.is_empty());
});

story!(too_much_from_one_visitor_is_held_up_and_others_are_not, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let (browser, other) = (shop.visitor().await, shop.visitor().await);
    let mut refused = None;
    for n in 0..20 {
        let reply = browser.say(&n.to_string(), "hola").await;
        if reply.status != 201 {
            refused = Some(reply);
            break;
        }
    }
    let refused = refused.expect("twenty at once are too many");
    assert_eq!(refused.refusal(), (429, "rate_limited".into()));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(other.say("1", "hola").await.status, 201);
    desk.advance(Duration::from_secs(wait));
    assert_eq!(browser.say("later", "hola").await.status, 201);
    desk.answer().await;
});

story!(bad_requests_are_refused_with_a_reason, |desk| async {
    let shop = desk.business("Luna").with_webchat().open().await;
    let browser = shop.visitor().await;
    let long = "a".repeat(4001);
    for (what, body) in [
        ("no id", json!({ "text": "hola" })),
        ("a short id", json!({ "id": "1", "text": "hola" })),
        ("an id with a slash", json!({ "id": "message/1", "text": "hola" })),
        ("nothing said", json!({ "id": "message-1" })),
        ("blanks", json!({ "id": "message-1", "text": " \n" })),
        ("too long", json!({ "id": "message-1", "text": long })),
        ("a number", json!({ "id": "message-1", "text": 7 })),
        ("a NUL", json!({ "id": "message-1", "text": "a\0b" })),
        ("somebody else's name", json!({ "id": "message-1", "text": "hola", "author": "staff" })),
        ("a file that does not exist", json!({ "id": "message-1", "files": ["med_1"] })),
        ("a file twice", json!({ "id": "message-1", "files": ["med_1", "med_1"] })),
        ("no file's id", json!({ "id": "message-1", "files": ["../secret"] })),
        ("an empty choice", json!({ "id": "message-1", "choice": { "id": "", "title": "" } })),
        ("not JSON", Value::Null),
    ] {
        let reply = browser.post("/messages", &body).await;
        assert_eq!(reply.refusal(), (422, "invalid".into()), "{what}: {}", reply.json());
        desk.advance(Duration::from_secs(5));
    }
    for path in ["/messages?after=-1", "/messages?limit=0", "/messages?limit=101", "/messages?after=1&before=2", "/messages?x=1"]
    {
        assert_eq!(browser.get(path).await.status, 422, "{path}");
    }
    assert_eq!(browser.ask(Method::DELETE, "/messages", &[], "").await.status, 405);
    let (s, mut channel) = (shop.scope.clone(), shop.web_chat().await);
    channel.active = false;
    let off = desk.engine.db.write(&shop.scope, work!(tx => frontdesk_store::channels::update(tx, &s, &channel).await));
    assert!(off.await.unwrap());
    desk.engine.directory.invalidate();
    assert_eq!(browser.get("").await.status, 404, "a chat that is switched off is not there");
    assert_eq!(desk.get("/webchat/nobody").await.status, 404);
    assert!(conversations_of(&shop).await.is_empty());
});

story!(quick_replies_are_shown_and_chosen, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let browser = shop.visitor().await;
    answered(desk, &browser, "1", "hola").await;
    let conversation = conversations_of(&shop).await.remove(0).id;
    let line = desk.engine.directory.lines(&desk.engine).await.unwrap().get(&shop.web_chat().await.id).cloned().unwrap();
    let buttons = serde_json::from_value(json!([{ "id": "yes", "title": "Sí" }, { "id": "no", "title": "No" }])).unwrap();
    let part = Part::Buttons { text: "¿**Confirmas**?".into(), buttons };
    outbox::send_as_staff(&desk.engine, &line, Hand { conversation: &conversation, written_by: None }, vec![part], None)
        .await
        .unwrap();
    desk.settle().await;
    let shown = browser.get("/messages?limit=1").await.json()["messages"][0]["parts"][0].clone();
    assert_eq!(
        (&shown["type"], &shown["text"], &shown["choices"][1]["title"]),
        (&json!("choices"), &json!("¿Confirmas?"), &json!("No"))
    );
    let chosen = json!({ "id": "message-2", "choice": { "id": "yes", "title": "Sí" } });
    assert_eq!(browser.post("/messages", &chosen).await.status, 201);
    assert_eq!(browser.messages("?limit=1").await[0].2, "Sí");
});

story!(a_business_connects_a_chat_and_learns_its_secret_once, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    for (what, settings, account) in [
        ("a colour in words", json!({ "color": "red" }), "luna"),
        ("a site without scheme", json!({ "allowed_origins": "luna.example" }), "luna"),
        ("an endless title", json!({ "title": "a".repeat(61) }), "luna"),
        ("a setting that does not exist", json!({ "colour": "#000000" }), "luna"),
        ("a name that no address can hold", json!({}), "luna/site"),
    ] {
        let body = json!({ "kind": "webchat", "account": account, "settings": settings });
        let refused = desk.post_as(&key, "/api/v1/channels", &body).await;
        assert_eq!(refused.status, 422, "{what}: {}", refused.text);
    }
    let settings = json!({ "color": "#9C3D54", "allowed_origins": "https://Luna.example/" });
    let body = json!({ "kind": "webchat", "account": "luna", "settings": settings });
    let made = desk.post_as(&key, "/api/v1/channels", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let made = made.json();
    assert_eq!(
        (&made["settings"]["color"], &made["settings"]["allowed_origins"]),
        (&json!("#9c3d54"), &json!("https://luna.example"))
    );
    let secret = made["new_secrets"]["identity_secret"].as_str().unwrap().to_owned();
    assert_eq!(secret.len(), 64);
    let again = desk.get_as(&key, &format!("/api/v1/channels/{}", made["id"].as_str().unwrap())).await;
    assert!(again.status == 200 && !again.text.contains(&secret) && !again.text.contains("new_secrets"), "{}", again.text);
    let about = desk.get("/webchat/luna").await.json();
    assert_eq!((&about["title"], &about["color"]), (&json!("Luna"), &json!("#9c3d54")));
});
