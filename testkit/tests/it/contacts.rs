//! Contacts over the API: found, written, merged, erased.

use frontdesk_kernel::Timestamp;
use frontdesk_store::{conversations, work};
use frontdesk_testkit::{
    desk::{Setup, Shop},
    story,
};
use serde_json::{Value, json};

use crate::{
    approvals::rules,
    calendar::book,
    people::{ANA, LUZ},
};

const CONTACTS: &str = "/api/v1/contacts";

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

story!(a_contact_is_written_found_changed_and_erased, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let new = json!({
        "name": "María José Núñez", "language": "es_CO", "note": "prefers mornings", "tags": ["vip", "vip", "new"],
        "addresses": [{"kind": "phone", "value": "+57 (300) 123-4567"}, {"kind": "email", "value": "MJ@Example.org"}],
        "facts": {"birthday": "7 May"},
    });
    let made = desk.post_as(&key, CONTACTS, &new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let contact = made.json();
    let path = format!("{CONTACTS}/{}", contact["id"].as_str().unwrap());
    assert_eq!(made.header("location"), path);
    assert_eq!(contact["addresses"][0]["value"], "573001234567");
    assert_eq!((&contact["tags"], &contact["language"]), (&json!(["new", "vip"]), &json!("es-CO")));

    for q in ["nunez", "MARIA", "jos", "300 123", "%2B57300", "mj%40exam"] {
        let found = desk.get_as(&key, &format!("{CONTACTS}?q={q}")).await.json();
        assert_eq!(ids(&found), [contact["id"].as_str().unwrap()], "{q}: {found}");
    }
    assert!(ids(&desk.get_as(&key, &format!("{CONTACTS}?q=nobody")).await.json()).is_empty());

    let shown = desk.get_as(&key, &path).await;
    let tag = shown.header("etag").to_owned();
    let changed = desk.patch_as(&key, &path, &json!({"name": null, "facts": {"birthday": null, "pet": "cat"}})).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    let changed = changed.json();
    assert_eq!((&changed["name"], &changed["facts"]), (&Value::Null, &json!({"pet": "cat"})));
    assert_eq!(changed["note"], "prefers mornings", "what is absent stays");
    let stale =
        desk.ask_as(&key, "PATCH", &path, &[("content-type", "application/json"), ("if-match", &tag)], "{\"name\":\"x\"}").await;
    assert_eq!((stale.status, stale.json()["code"].clone()), (412, json!("stale")));

    let twice = desk.post_as(&key, CONTACTS, &new).await;
    assert_eq!((twice.status, twice.json()["code"].clone()), (409, json!("address_taken")));
    let more = desk.post_as(&key, &format!("{path}/addresses"), &json!({"kind": "phone", "value": "+573009990000"})).await;
    assert_eq!(more.status, 201, "{}", more.text);
    assert_eq!(desk.delete_as(&key, &format!("{path}/addresses/phone/573001234567")).await.status, 204);
    assert_eq!(desk.delete_as(&key, &format!("{path}/addresses/phone/573001234567")).await.status, 404);
    assert_eq!(desk.delete_as(&key, &format!("{path}/addresses/email/mj@example.org")).await.status, 204);
    let last = desk.delete_as(&key, &format!("{path}/addresses/phone/573009990000")).await;
    assert_eq!((last.status, last.json()["code"].clone()), (409, json!("last_address")));

    let tags = desk.get_as(&key, &format!("{CONTACTS}/tags")).await.json();
    assert_eq!(tags["tags"], json!([{"tag": "new", "contacts": 1}, {"tag": "vip", "contacts": 1}]));
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    assert_eq!(desk.get_as(&key, &path).await.status, 404);
    assert_eq!(desk.delete_as(&key, &path).await.status, 404);
});

story!(bad_contacts_are_refused_with_the_place, |desk| async {
    let shop = desk.business("Luna").open().await;
    let (key, read) = (shop.key(&["*"]).await, shop.key(&["contact:read"]).await);
    let phone = json!([{"kind": "phone", "value": "+573001234567"}]);
    let with = |more: Value| {
        let mut body = json!({ "addresses": phone });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    for (body, path) in [
        (json!({}), ""),
        (json!({"addresses": []}), "addresses"),
        (json!({"addresses": [{"kind": "phone", "value": "12"}]}), "addresses[0].value"),
        (json!({"addresses": [{"kind": "fax", "value": "12"}]}), "addresses[0].kind"),
        (json!({"addresses": [{"kind": "email", "value": "ana"}]}), "addresses[0].value"),
        (json!({"addresses": "573001234567"}), "addresses"),
        (with(json!({"tenant": "tnt_1"})), "tenant"),
        (with(json!({"id": "con_1"})), "id"),
        (with(json!({"name": 7})), "name"),
        (with(json!({"name": "a\nb\u{7}"})), "name"),
        (with(json!({"name": "x".repeat(201)})), "name"),
        (with(json!({"language": "español"})), "language"),
        (with(json!({"tags": ["a,b"]})), "tags[0]"),
        (with(json!({"tags": [null]})), "tags[0]"),
        (with(json!({"facts": {"age": 5}})), "facts.age"),
        (with(json!({"facts": {"": "x"}})), "facts."),
    ] {
        let answer = desk.post_as(&key, CONTACTS, &body).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.text);
        let problem = answer.json();
        let said = problem["errors"][0]["path"].as_str().unwrap_or_default();
        assert!(path.is_empty() || said.starts_with(path), "{body}: {problem}");
    }
    for query in
        ["sort=name';--", "limit=0", "limit=1000000000", "created_from=yesterday", "order=x", "channel=1", "q=a&sort=name"]
    {
        assert_eq!(desk.get_as(&key, &format!("{CONTACTS}?{query}")).await.status, 422, "{query}");
    }
    let long = "a".repeat(10_000);
    assert_eq!(desk.get_as(&key, &format!("{CONTACTS}?q={long}")).await.status, 422);
    assert_eq!(desk.get_as(&key, &format!("{CONTACTS}?cursor=abc")).await.status, 400);
    assert_eq!(desk.get_as(&key, &format!("{CONTACTS}/nonsense")).await.status, 404);
    let forbidden = desk.post_as(&read, CONTACTS, &with(json!({}))).await;
    assert_eq!(forbidden.status, 403);
    assert!(forbidden.text.contains("contact:write"), "{}", forbidden.text);
    assert_eq!(desk.get_as(&read, &format!("{CONTACTS}/export?format=csv")).await.status, 403);
    assert!(ids(&desk.get_as(&key, CONTACTS).await.json()).is_empty(), "nothing was kept");
});

story!(contacts_come_in_pages_whose_cursors_belong_to_their_list, |desk| async {
    let shop = desk.business("Luna").open().await;
    let other = desk.business("Sol").open().await;
    let (key, theirs) = (shop.key(&["*"]).await, other.key(&["*"]).await);
    for n in 0..5 {
        let new =
            json!({"name": format!("Name {}", 9 - n), "addresses": [{"kind": "phone", "value": format!("+57300123456{n}")}]});
        assert_eq!(desk.post_as(&key, CONTACTS, &new).await.status, 201);
    }
    for list in ["", "&sort=name", "&sort=oldest", "&sort=changed", "&q=name"] {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = desk.get_as(&key, &format!("{CONTACTS}?limit=2{list}{cursor}")).await.json();
            seen.extend(ids(&page));
            let Some(next) = page["next"].as_str() else { break };
            assert_eq!(
                desk.get_as(&theirs, &format!("{CONTACTS}?limit=2{list}&cursor={next}")).await.status,
                400,
                "another's cursor"
            );
            cursor = format!("&cursor={next}");
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 5, "{list}");
    }
});

story!(another_tenants_contact_is_not_there, |desk| async {
    let (luna, sol) = (desk.business("Luna").openai().open().await, desk.business("Sol").open().await);
    luna.talk(ANA, "hola").await;
    let (mine, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let id = luna.contact(ANA).await.unwrap();
    let own = desk.post_as(&theirs, CONTACTS, &json!({"addresses": [{"kind": "phone", "value": "+573001234567"}]})).await.json();
    let own = own["id"].as_str().unwrap();
    let file = desk
        .ask_as(&mine, "POST", &format!("{CONTACTS}/imports"), &[("content-type", "text/csv")], "Name,Phone\nA,+573005556677")
        .await;
    let import = file.json()["import"]["id"].as_str().unwrap().to_owned();
    let change = json!({"name": "x"}).to_string();
    let merge = json!({"other": id}).to_string();
    let into = json!({"other": own}).to_string();
    let plan = json!({"mapping": ["name", "phone"]}).to_string();
    for (method, path, body) in [
        ("GET", format!("{CONTACTS}/{id}"), ""),
        ("PATCH", format!("{CONTACTS}/{id}"), change.as_str()),
        ("DELETE", format!("{CONTACTS}/{id}"), ""),
        ("GET", format!("{CONTACTS}/{id}/duplicates"), ""),
        ("POST", format!("{CONTACTS}/{id}/addresses"), "{\"kind\":\"phone\",\"value\":\"+573001112200\"}"),
        ("DELETE", format!("{CONTACTS}/{id}/addresses/phone/{ANA}"), ""),
        ("GET", format!("{CONTACTS}/{own}/merge-preview?other={id}"), ""),
        ("POST", format!("{CONTACTS}/{own}/merge"), merge.as_str()),
        ("POST", format!("{CONTACTS}/{id}/merge"), into.as_str()),
        ("POST", format!("{CONTACTS}/{own}/unmerge"), merge.as_str()),
        ("GET", format!("{CONTACTS}/imports/{import}"), ""),
        ("DELETE", format!("{CONTACTS}/imports/{import}"), ""),
        ("POST", format!("{CONTACTS}/imports/{import}/check"), plan.as_str()),
        ("POST", format!("{CONTACTS}/imports/{import}/run"), plan.as_str()),
        ("GET", format!("{CONTACTS}/imports/{import}/problems"), ""),
        ("GET", format!("{CONTACTS}/imports/{import}/problems.csv"), ""),
    ] {
        let answer = desk.ask_as(&theirs, method, &path, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
    assert_eq!(desk.get_as(&mine, &format!("{CONTACTS}/{id}")).await.status, 200, "nothing happened to it");
});

story!(who_became_part_of_another_is_answered_in_the_same_thread_and_can_be_parted, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "soy ana").await;
    shop.talk(LUZ, "soy luz").await;
    let (ana, luz) = (shop.contact(ANA).await.unwrap(), shop.contact(LUZ).await.unwrap());
    let thread = shop.conversation(LUZ).await.id;
    for (id, name) in [(&ana, "Ana"), (&luz, "Ana Luz")] {
        desk.patch_as(&key, &format!("{CONTACTS}/{id}"), &json!({ "name": name })).await;
    }
    let preview = desk.get_as(&key, &format!("{CONTACTS}/{ana}/merge-preview?other={luz}")).await.json();
    assert_eq!(preview["moves"], json!({"addresses": 1, "conversations": 1, "messages": 2, "appointments": 0, "tasks": 0}));
    assert_eq!(preview["clashes"], json!([{"what": "name", "kept": "Ana", "dropped": "Ana Luz"}]));
    assert_eq!(desk.get_as(&key, &format!("{CONTACTS}/{ana}/merge-preview?other={ana}")).await.status, 422);

    let merged = desk.post_as(&key, &format!("{CONTACTS}/{ana}/merge"), &json!({ "other": luz })).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    assert_eq!(merged.json()["conversations"].as_array().unwrap().len(), 2);
    let gone = desk.get_as(&key, &format!("{CONTACTS}/{luz}")).await;
    assert_eq!((gone.status, gone.json()["code"].clone()), (410, json!("merged")));
    assert!(gone.text.contains(ana.as_str()), "it says in whom: {}", gone.text);

    shop.talk(LUZ, "otra vez").await;
    assert_eq!(shop.contact(LUZ).await.unwrap(), ana);
    assert_eq!(shop.replies(LUZ), ["echo: soy luz", "echo: otra vez"], "to the number she wrote from");
    assert_eq!(shop.replies(ANA), ["echo: soy ana"]);
    let contact = desk.get_as(&key, &format!("{CONTACTS}/{ana}")).await.json();
    assert_eq!(contact["conversations"][0]["id"], json!(thread));

    let parted = desk.post_as(&key, &format!("{CONTACTS}/{ana}/unmerge"), &json!({ "other": luz })).await;
    assert_eq!(parted.status, 200, "{}", parted.text);
    assert_eq!(desk.get_as(&key, &format!("{CONTACTS}/{luz}")).await.json()["name"], "Ana Luz");
    shop.talk(LUZ, "y otra").await;
    assert_eq!(shop.contact(LUZ).await.unwrap(), luz);
    assert_eq!(shop.replies(LUZ).len(), 3);
});

story!(who_became_part_of_another_reads_the_answers_in_the_browser_they_write_from, |desk| async {
    let shop = desk.business("Luna").openai().with_webchat().open().await;
    let key = shop.key(&["*"]).await;
    let (phone, laptop) = (shop.visitor().await, shop.visitor().await);
    for (browser, text) in [(&phone, "del teléfono"), (&laptop, "del portátil")] {
        assert_eq!(browser.say("1", text).await.status, 201);
        desk.answer().await;
    }
    let s = shop.scope.clone();
    let threads = desk.engine.db.read(&shop.scope, work!(tx => conversations::recent(tx, &s, Timestamp::NEVER, 10).await));
    let contacts: Vec<_> = threads.await.unwrap().into_iter().map(|thread| thread.contact).collect();
    let merged = desk.post_as(&key, &format!("{CONTACTS}/{}/merge", contacts[1]), &json!({ "other": contacts[0] })).await;
    assert_eq!(merged.status, 200, "{}", merged.text);

    assert_eq!(laptop.say("2", "¿me leen?").await.status, 201);
    desk.answer().await;
    let read = |all: Vec<(i64, String, String)>| all.into_iter().map(|(seq, _, text)| (seq, text)).collect::<Vec<_>>();
    let of = |said: &[&str]| said.iter().zip(1..).map(|(text, seq)| (seq, (*text).to_owned())).collect::<Vec<(i64, String)>>();
    let own = of(&["del portátil", "echo: del portátil", "¿me leen?", "echo: ¿me leen?"]);
    assert_eq!(read(laptop.messages("").await), own, "what was said here, with its answers, in its own numbers");
    assert_eq!(read(laptop.messages("?after=3").await), own[3..]);
    assert_eq!(read(phone.messages("").await), of(&["del teléfono", "echo: del teléfono"]));
});

story!(a_turn_that_runs_while_its_contact_is_merged_answers_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "soy ana").await;
    shop.say(LUZ, "hola").await;
    let (ana, luz) = (shop.contact(ANA).await.unwrap(), shop.contact(LUZ).await.unwrap());
    desk.advance(std::time::Duration::from_secs(2));
    desk.begin().await;
    let merged = desk.post_as(&key, &format!("{CONTACTS}/{ana}/merge"), &json!({ "other": luz })).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    desk.settle().await;
    assert_eq!(shop.replies(LUZ), ["echo: hola"]);
    assert!(shop.turns().await.iter().all(|t| t.state == "done"), "{:?}", shop.turns().await);
});

story!(who_may_be_the_same_person_is_suggested, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let mut made = Vec::new();
    for (name, phone) in [("José Pérez", "+5215512345678"), ("Pepe", "+525512345678"), ("jose perez", "+573001234567")] {
        let new = json!({"name": name, "addresses": [{"kind": "phone", "value": phone}]});
        made.push(desk.post_as(&key, CONTACTS, &new).await.json()["id"].clone());
    }
    let found = desk.get_as(&key, &format!("{CONTACTS}/{}/duplicates", made[0].as_str().unwrap())).await.json();
    let found: Vec<_> =
        found["duplicates"].as_array().unwrap().iter().map(|d| (d["contact"]["id"].clone(), d["why"].clone())).collect();
    assert_eq!(found, [(made[1].clone(), json!("phone")), (made[2].clone(), json!("name"))]);
    let all = desk.get_as(&key, &format!("{CONTACTS}/duplicates")).await.json();
    assert_eq!(all["groups"].as_array().unwrap().len(), 1, "{all}");
});

story!(who_is_erased_leaves_no_trace, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola, soy Anacleta").await;
    shop.talk(LUZ, "hola").await;
    let (ana, luz) = (shop.contact(ANA).await.unwrap(), shop.contact(LUZ).await.unwrap());
    let path = format!("{CONTACTS}/{ana}");
    desk.patch_as(&key, &path, &json!({"name": "Anacleta", "tags": ["vip"], "note": "Anacleta pays late"})).await;
    desk.post_as(&key, &format!("{path}/merge"), &json!({ "other": luz })).await;
    desk.post_as(&key, "/api/v1/tasks", &json!({"title": "Call Anacleta", "contact": ana})).await;
    // A repeatable request whose answer names her, and files that do.
    let body = json!({"kind": "email", "value": "anacleta@example.org"}).to_string();
    let repeatable = [("content-type", "application/json"), ("idempotency-key", "once")];
    desk.ask_as(&key, "POST", &format!("{path}/addresses"), &repeatable, body).await;
    for row in ["Anacleta,300 111-2233", "ANACLETA,12"] {
        let file = format!("Name,Phone\n{row}\nBea,+573007778899\n");
        let uploaded = desk.ask_as(&key, "POST", &format!("{CONTACTS}/imports"), &[("content-type", "text/csv")], file).await;
        assert_eq!(uploaded.status, 201, "{}", uploaded.text);
    }
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    let dump = desk.dump().await.to_lowercase();
    for mark in [ANA, LUZ, "anacleta", "soy ana", ana.as_str()] {
        let rest = dump.lines().find(|line| line.contains(mark) && !line.contains("\"table\":\"audit\""));
        assert_eq!(rest, None, "{mark}");
    }
    let audit: Vec<&str> = dump.lines().filter(|line| line.contains("contact.erase")).collect();
    assert_eq!(audit.len(), 1);
    assert!(audit[0].contains("proof") && !audit[0].contains(ANA), "{}", audit[0]);
    assert!(!dump.lines().any(|line| line.contains("\"table\":\"audit\"") && (line.contains("anacleta") || line.contains(ANA))));
});

story!(whoever_looks_on_is_told_that_all_of_an_erased_contact_is_gone, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let thread = shop.conversation(ANA).await;
    let visit = book(&shop, &key, json!({ "contact": thread.contact, "starts_at": "2026-11-23T15:00:00Z" })).await.json();
    let task = desk.post_as(&key, "/api/v1/tasks", &json!({ "title": "call", "contact": thread.contact })).await.json();
    let mut events = desk.engine.events.subscribe();
    assert_eq!(desk.delete_as(&key, &format!("{CONTACTS}/{}", thread.contact)).await.status, 204);
    let told: Vec<(String, String)> =
        std::iter::from_fn(|| events.try_recv().ok()).map(|(_, event)| (event.kind.into_owned(), event.subject)).collect();
    for (kind, subject) in [
        ("contact.changed", json!(thread.contact)),
        ("conversation.changed", json!(thread.id)),
        ("appointment.changed", visit["id"].clone()),
        ("task.changed", task["id"].clone()),
    ] {
        let subject = subject.as_str().unwrap().to_owned();
        assert!(told.contains(&(kind.to_owned(), subject)), "{kind}: {told:?}");
    }
});

/// Ana asks for a mail, and it is written.
async fn write(shop: &Shop<'_>, to: &str) {
    shop.desk.openai.call("send_email", json!({ "to": to, "subject": "Su cita", "body": "Hasta el lunes." }));
    shop.desk.openai.say("Listo.");
    shop.talk(ANA, "mándamelo por correo").await;
}

story!(mail_to_who_is_erased_is_forgotten_and_does_not_leave, Setup::new().mail(), |desk| async {
    let writes = |name: &'static str| desk.business(name).openai().agent(|a| a.spec.tools = Some(vec!["send_email".to_owned()]));
    let (luna, sol) = (writes("Luna").open().await, writes("Sol").open().await);
    let kept_for_ana = async || {
        let dump = desk.dump().await;
        dump.lines().filter(|line| line.contains("\"table\":\"mail\"") && line.contains("ana@mail.example")).count()
    };
    for shop in [&luna, &sol] {
        rules(shop, json!([{ "action": "send_email", "level": "automatic" }])).await;
    }
    write(&luna, "ana@mail.example").await;
    desk.send_mail().await;
    let key = luna.key(&["*"]).await;
    let path = format!("{CONTACTS}/{}", luna.contact(ANA).await.unwrap());
    let address = json!({ "kind": "email", "value": "Ana@Mail.example" });
    assert_eq!(desk.post_as(&key, &format!("{path}/addresses"), &address).await.status, 201);
    // One has left; three wait, of which one is another business's and one goes to somebody else.
    for (shop, to) in [(&luna, "ana@mail.example"), (&luna, "eva@mail.example"), (&sol, "ana@mail.example")] {
        write(shop, to).await;
    }
    assert_eq!(kept_for_ana().await, 3);
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    assert_eq!(kept_for_ana().await, 1, "the other business's");
    desk.send_mail().await;
    let mails = desk.smtp.received();
    let mut to: Vec<_> = mails[1..].iter().map(|mail| mail.to.as_str()).collect();
    to.sort_unstable();
    assert_eq!(to, ["ana@mail.example", "eva@mail.example"]);
    assert!(mails[1..].iter().all(|mail| mail.to.starts_with("eva") || mail.plain().contains("Sol")));
});
