//! Appointments that people make, move, cancel and put back, beside a bot that books too.

use frontdesk_testkit::{
    desk::{Answer, Shop, appointments_of},
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, LUZ, SECOND};

const MONDAY_10: &str = "2026-11-23T15:00:00Z";

/// Ids of services or staff by name.
pub(crate) async fn named(shop: &Shop<'_>, key: &str, list: &str, name: &str) -> String {
    let all = shop.desk.get_as(key, &format!("/api/v1/{list}")).await.json();
    let found = all["items"].as_array().unwrap().iter().find(|i| i["name"] == name).unwrap_or_else(|| panic!("{name} in {all}"));
    found["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn book(shop: &Shop<'_>, key: &str, body: Value) -> Answer {
    shop.desk.post_as(key, "/api/v1/appointments", &body).await
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["code"].as_str().unwrap_or_default().to_owned())
}

story!(people_and_the_bot_never_give_one_time_away_twice, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    for from in [ANA, LUZ] {
        shop.say(from, "book:2026-11-23T10:00 service:Manicure").await;
    }
    let wish = |n: u32| json!({"new_contact": {"name": format!("Guest {n}")}, "service": manicure, "starts_at": MONDAY_10});
    let people = futures_util::future::join_all((0..20).map(|n| book(&shop, &key, wish(n))));
    let (answers, ()) = tokio::join!(people, desk.answer());
    let made = answers.iter().filter(|a| a.status == 201).count();
    assert!(answers.iter().all(|a| matches!(a.status, 201 | 409)), "{answers:?}");
    assert!(answers.iter().filter(|a| a.status == 409).all(|a| a.json()["code"] == "taken"), "{answers:?}");
    assert!(made <= 1, "{made} were told that it is theirs");
    let kept = appointments_of(&shop.appointments().await);
    assert_eq!(kept, [("Manicure".to_owned(), "2026-11-23T10:00".to_owned(), "confirmed")]);
});

story!(a_taken_time_is_refused_with_what_is_in_the_way_and_the_nearest_free_times, |desk| async {
    let shop = desk.business("Luna").tenant(|t| t.profile.appointments.max_concurrent = 5).open().await;
    let key = shop.key(&["*"]).await;
    let cut = named(&shop, &key, "services", "Corte de dama").await;
    let laura = named(&shop, &key, "staff", "Laura").await;
    let wish =
        |start: &str| json!({"new_contact": {"phone": "+57 300 111 2233"}, "service": cut, "staff": laura, "starts_at": start});
    let first = book(&shop, &key, wish(MONDAY_10)).await;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.json()["staff"], laura.as_str());
    assert_eq!(first.json()["ends_at"], "2026-11-23T16:00:00.000Z");
    assert_eq!(first.json()["made_by"], "team");
    assert!(first.header("location").ends_with(first.json()["id"].as_str().unwrap()));

    let refused = book(&shop, &key, wish("2026-11-23T15:30:00Z")).await;
    assert_eq!(code(&refused), (409, "taken".into()));
    assert_eq!(refused.json()["in_the_way"][0]["id"], first.json()["id"]);
    assert_eq!(refused.json()["free"][0], "2026-11-23T14:00:00.000Z", "{}", refused.text);
    assert!(refused.json()["free"].as_array().unwrap().contains(&json!("2026-11-23T16:00:00.000Z")), "{}", refused.text);
    // The same person is never doubled, whoever insists.
    let mut insisted = wish("2026-11-23T15:30:00Z");
    insisted["force"] = json!("outside_hours");
    assert_eq!(code(&book(&shop, &key, insisted).await), (409, "taken".into()));
    // Anybody: the other one is free.
    let mut anybody = wish("2026-11-23T15:30:00Z");
    anybody["staff"] = Value::Null;
    assert_eq!(book(&shop, &key, anybody).await.status, 201);
});

story!(an_appointment_is_moved_resized_cancelled_and_put_back, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    let made = book(&shop, &key, json!({"new_contact": {"name": "Ana"}, "service": manicure, "starts_at": MONDAY_10})).await;
    let path = format!("/api/v1/appointments/{}", made.json()["id"].as_str().unwrap());
    let seen = made.header("etag").to_owned();

    let moved = desk.patch_as(&key, &path, &json!({"starts_at": "2026-11-24T09:00:00-05:00", "minutes": 45})).await;
    assert_eq!(
        (moved.status, &moved.json()["starts_at"], &moved.json()["ends_at"]),
        (200, &json!("2026-11-24T14:00:00.000Z"), &json!("2026-11-24T14:45:00.000Z")),
        "{}",
        moved.text
    );
    assert_eq!(moved.json()["undoable"], true);
    let headers = [("content-type", "application/json"), ("if-match", seen.as_str())];
    let stale = desk.ask_as(&key, "PATCH", &path, &headers, json!({"notes": "x"}).to_string()).await;
    assert_eq!(code(&stale), (412, "stale".into()), "even within one tick of the clock");

    // Its old time went to somebody else meanwhile: it cannot go back there.
    let other = book(&shop, &key, json!({"new_contact": {"name": "Luz"}, "service": manicure, "starts_at": MONDAY_10})).await;
    assert_eq!(other.status, 201);
    let undo = format!("{path}/undo");
    assert_eq!(code(&desk.post_as(&key, &undo, &json!({})).await), (409, "taken".into()));
    let other = format!("/api/v1/appointments/{}", other.json()["id"].as_str().unwrap());
    let cancelled = desk.patch_as(&key, &other, &json!({"status": "cancelled", "reason": "ill"})).await;
    assert_eq!((&cancelled.json()["status"], &cancelled.json()["reason"]), (&json!("cancelled"), &json!("ill")));
    let back = desk.post_as(&key, &undo, &json!({})).await;
    assert_eq!(
        (back.status, &back.json()["starts_at"], &back.json()["ends_at"]),
        (200, &json!("2026-11-23T15:00:00.000Z"), &json!("2026-11-23T15:30:00.000Z")),
        "{}",
        back.text
    );
    assert_eq!(code(&desk.post_as(&key, &undo, &json!({})).await), (409, "nothing_to_undo".into()));
    assert_eq!(code(&desk.post_as(&key, &format!("{other}/undo"), &json!({})).await), (409, "taken".into()), "its time is gone");
    assert_eq!(code(&desk.patch_as(&key, &other, &json!({"starts_at": MONDAY_10})).await), (409, "not_confirmed".into()));
    assert_eq!(desk.patch_as(&key, &path, &json!({"status": "no_show"})).await.status, 422, "it has not begun");
    desk.advance(SECOND * 3 * 24 * 3600);
    assert_eq!(desk.patch_as(&key, &path, &json!({"status": "no_show"})).await.json()["status"], "no_show");
});

story!(outside_hours_a_person_must_insist_and_may, |desk| async {
    let shop = desk
        .business("Luna")
        .tenant(|t| {
            t.profile.holidays = serde_json::from_value(json!([{"date": "2026-12-07", "name": "Puente"}])).unwrap();
        })
        .open()
        .await;
    let key = shop.key(&["*"]).await;
    for start in ["2026-11-23T03:00:00Z", "2026-11-23T22:45:00Z", "2026-12-07T15:00:00Z"] {
        let mut wish = json!({"new_contact": {"name": "Ana"}, "title": "Prueba", "starts_at": start});
        let refused = book(&shop, &key, wish.clone()).await;
        assert_eq!(code(&refused), (409, "outside_hours".into()), "{start}: {}", refused.text);
        assert!(!refused.json()["free"].as_array().unwrap().is_empty(), "{start}");
        wish["force"] = json!("outside_hours");
        let made = book(&shop, &key, wish).await;
        assert_eq!((made.status, &made.json()["title"]), (201, &json!("Prueba")), "{start}: {}", made.text);
    }
    // No notice is needed of the team: in five minutes.
    let soon = book(&shop, &key, json!({"new_contact": {"name": "Luz"}, "starts_at": "2026-11-21T15:05:00Z"})).await;
    assert_eq!(soon.status, 201, "{}", soon.text);
});

story!(the_customer_is_told_of_a_change_when_they_can_be_reached, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    let ana = shop.appointments().await.remove(0);
    let path = format!("/api/v1/appointments/{}", ana.id);
    let moved = desk.patch_as(&key, &path, &json!({"starts_at": "2026-11-23T16:00:00Z", "notify": true})).await;
    assert_eq!(moved.status, 200, "{}", moved.text);
    desk.settle().await;
    let last = shop.replies(ANA).pop().unwrap();
    assert!(last.starts_with("Tu cita cambió: Manicure con ") && last.contains("11:00 AM"), "{last}");
    assert!(!shop.talk(ANA, "Hola").await.is_empty(), "the bot is still on duty");

    desk.advance(SECOND * 25 * 3600);
    let refused = desk.patch_as(&key, &path, &json!({"status": "cancelled", "notify": true})).await;
    assert_eq!(code(&refused), (409, "window_closed".into()), "{}", refused.text);
    assert_eq!(desk.get_as(&key, &path).await.json()["status"], "confirmed", "nothing was changed");
    let stranger = json!({"new_contact": {"name": "Luz"}, "starts_at": "2026-11-24T15:00:00Z", "notify": true});
    assert_eq!(code(&book(&shop, &key, stranger).await), (409, "no_conversation".into()));
    assert_eq!(shop.appointments().await.len(), 1);
});

story!(the_customers_own_change_cannot_be_undone_by_the_team, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await;
    let path = format!("/api/v1/appointments/{}", shop.appointments().await[0].id);
    let detail = desk.get_as(&key, &path).await.json();
    assert_eq!((&detail["made_by"], &detail["undoable"], &detail["phone"]), (&json!("bot"), &json!(false), &json!(ANA)));
    assert_eq!(detail["conversation"].as_str(), Some(shop.conversation(ANA).await.id.as_str()));
    desk.patch_as(&key, &path, &json!({"starts_at": "2026-11-23T16:00:00Z"})).await;
    desk.openai.call("reschedule_appointment", json!({"new_start": "2026-11-25T10:00"}));
    desk.openai.say("Listo, tu cita fue reprogramada.");
    shop.talk(ANA, "mejor el miércoles").await;
    let detail = desk.get_as(&key, &path).await.json();
    assert_eq!((&detail["starts_at"], &detail["undoable"]), (&json!("2026-11-25T15:00:00.000Z"), &json!(false)));
    assert_eq!(code(&desk.post_as(&key, &format!("{path}/undo"), &json!({})).await), (409, "nothing_to_undo".into()));
});

story!(an_undone_change_leaves_an_appointment_with_whoever_has_it_now, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    shop.talk(LUZ, "book:2026-11-23T10:00 service:Manicure").await;
    let (ana, luz) = (shop.contact(ANA).await.unwrap(), shop.contact(LUZ).await.unwrap());
    let path = format!("/api/v1/appointments/{}", shop.appointments().await[0].id);
    desk.patch_as(&key, &path, &json!({"starts_at": "2026-11-23T16:00:00Z"})).await;
    let merged = desk.post_as(&key, &format!("/api/v1/contacts/{ana}/merge"), &json!({ "other": luz })).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    let back = desk.post_as(&key, &format!("{path}/undo"), &json!({})).await;
    assert_eq!((back.status, &back.json()["starts_at"]), (200, &json!("2026-11-23T15:00:00.000Z")), "{}", back.text);
    assert_eq!(shop.appointments().await[0].contact, ana, "Luz is Ana now");
});

story!(an_appointment_that_the_customer_moves_is_as_long_as_the_team_made_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    shop.talk(ANA, "hola").await;
    let ana = shop.contact(ANA).await.unwrap();
    let wish = json!({"contact": ana, "service": manicure, "starts_at": MONDAY_10, "minutes": 120});
    let made = book(&shop, &key, wish).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let bare = json!({"contact": ana, "title": "Prueba", "starts_at": "2026-11-26T15:00:00Z", "minutes": 90});
    assert_eq!(book(&shop, &key, bare).await.status, 201);
    for (which, to) in [("Manicure", "2026-11-24T10:00"), ("Prueba", "2026-11-27T10:00")] {
        desk.openai.call("reschedule_appointment", json!({"appointment": which, "new_start": to}));
        desk.openai.say("Listo, tu cita fue reprogramada.");
        shop.talk(ANA, "otro día, por favor").await;
    }
    let mut kept: Vec<_> =
        shop.appointments().await.iter().map(|a| (a.title.clone(), a.ends_at.since(a.starts_at).as_secs() / 60)).collect();
    kept.sort();
    assert_eq!(kept, [("Manicure".to_owned(), 120), ("Prueba".to_owned(), 90)]);
    // All of it is taken.
    let between = json!({"new_contact": {"name": "Luz"}, "service": manicure, "starts_at": "2026-11-24T16:00:00Z"});
    assert_eq!(code(&book(&shop, &key, between).await), (409, "taken".into()));
    // A service that is not offered any more is moved as what it was.
    desk.json_as(&key, "PATCH", &format!("/api/v1/services/{manicure}"), &json!({"active": false})).await;
    desk.openai.call("reschedule_appointment", json!({"appointment": "Manicure", "new_start": "2026-11-25T10:00"}));
    desk.openai.say("Listo, tu cita fue reprogramada.");
    shop.talk(ANA, "mejor el miércoles").await;
    let moved = shop.appointments().await.into_iter().find(|a| a.title == "Manicure").unwrap();
    assert_eq!(
        (moved.starts_at.to_string().as_str(), moved.ends_at.since(moved.starts_at).as_secs() / 60),
        ("2026-11-25T15:00:00.000Z", 120)
    );
});

story!(what_makes_no_sense_is_refused_with_its_place, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let base = json!({"new_contact": {"name": "Ana"}, "starts_at": MONDAY_10});
    for (change, path) in [
        (json!({"starts_at": "2026-11-23T10:00:00"}), "starts_at"),
        (json!({"starts_at": 1_795_273_200_000_i64}), "starts_at"),
        (json!({"starts_at": "2126-11-23T10:00:00Z"}), "starts_at"),
        (json!({"starts_at": null}), "starts_at"),
        (json!({"minutes": -30}), "minutes"),
        (json!({"minutes": 0}), "minutes"),
        (json!({"minutes": 100_000}), "minutes"),
        (json!({"minutes": 9_223_372_036_854_775_808_u64}), "minutes"),
        (json!({"minutes": "1e3"}), "minutes"),
        (json!({"contact": "con_nobody", "new_contact": null}), "contact"),
        (json!({"contact": "con_nobody"}), "contact"),
        (json!({"contact": "usr_x", "new_contact": null}), "contact"),
        (json!({"new_contact": {"phone": "call me"}}), "new_contact.phone"),
        (json!({"new_contact": {"email": "@"}}), "new_contact.email"),
        (json!({"new_contact": {}}), "new_contact"),
        (json!({"new_contact": {"tenant_id": "tnt_x"}}), "new_contact.tenant_id"),
        (json!({"service": "svc_nobody"}), "service"),
        (json!({"staff": "stf_nobody"}), "staff"),
        (json!({"location": "loc_nobody"}), "location"),
        (json!({"title": ""}), "title"),
        (json!({"notes": "x".repeat(3000)}), "notes"),
        (json!({"force": "everything"}), "force"),
        (json!({"status": "confirmed"}), "status"),
    ] {
        let mut body = base.clone();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = book(&shop, &key, body).await;
        assert_eq!(answer.status, 422, "{change}: {}", answer.text);
        assert_eq!(answer.json()["errors"][0]["path"], path, "{change}: {}", answer.text);
    }
    assert!(shop.appointments().await.is_empty());
    for (query, status) in [
        ("from=2026-11-23T00:00:00Z", 422),
        ("from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z", 422),
        ("from=2026-11-23T00:00:00Z&to=2027-11-23T00:00:00Z", 422),
        ("from=yesterday&to=2026-11-23T00:00:00Z", 422),
        ("from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&sort=';--", 422),
        ("from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&limit=0", 422),
        ("from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&status=gone", 422),
        ("from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&cursor=abc", 400),
        ("from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z", 200),
    ] {
        assert_eq!(desk.get_as(&key, &format!("/api/v1/appointments?{query}")).await.status, status, "{query}");
    }
});

story!(whoever_is_booked_by_a_number_is_who_has_it_in_any_spelling, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let in_mexico = "5215512345678";
    for from in [ANA, in_mexico] {
        shop.talk(from, "hola").await;
    }
    for (hour, from, phone) in [
        (14, ANA, "+57 (300) 111-2233"),
        (15, ANA, "300 111 2233"),
        (16, ANA, "0057 300 111 2233"),
        (17, in_mexico, "+52 55 1234 5678"),
    ] {
        let guest = json!({"name": "Somebody", "phone": phone});
        let made = book(&shop, &key, json!({"new_contact": guest, "starts_at": format!("2026-11-23T{hour}:00:00Z")})).await;
        assert_eq!(made.status, 201, "{phone}: {}", made.text);
        assert_eq!(made.json()["contact"], json!(shop.conversation(from).await.contact), "{phone}");
    }
    let known = desk.get_as(&key, "/api/v1/contacts").await.json();
    assert_eq!(known["items"].as_array().unwrap().len(), 2, "nobody is there twice: {known}");
});
