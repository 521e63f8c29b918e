//! Services, staff, opening hours, branches and free times through the API, and what the bot makes of them.

use frontdesk_kernel::{ids::LocationId, scope::Server};
use frontdesk_store::{people, people::Person, sessions, sessions::Session, work};
use frontdesk_testkit::{desk::Shop, story};
use serde_json::{Value, json};

use crate::{
    calendar::{book, named},
    people::ANA,
};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn put(shop: &Shop<'_>, key: &str, path: &str, body: &Value) -> frontdesk_testkit::desk::Answer {
    shop.desk.ask_as(key, "PUT", &format!("/api/v1/{path}"), &[JSON], body.to_string()).await
}

/// Local starts of free times on a day.
async fn free(shop: &Shop<'_>, key: &str, date: &str, more: &str) -> Vec<String> {
    let path = format!("/api/v1/calendars/availability?from={date}&to={date}{more}");
    let found = shop.desk.get_as(key, &path).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let found = found.json();
    let zone = jiff::tz::TimeZone::get(found["time_zone"].as_str().unwrap()).unwrap();
    let local = |slot: &Value| {
        let at: jiff::Timestamp = slot["starts_at"].as_str().unwrap().parse().unwrap();
        at.to_zoned(zone.clone()).strftime("%H:%M").to_string()
    };
    found["days"][0]["slots"].as_array().unwrap().iter().map(local).collect()
}

story!(services_are_made_changed_ordered_and_removed, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["service:*", "staff:*", "booking:*", "contact:*"]).await;
    let price = json!({"minor": 3_000_000, "currency": "COP"});
    let new = json!({"name": " Pedicure ", "duration_minutes": 50, "buffer_after_minutes": 10, "price": price});
    let made = desk.post_as(&key, "/api/v1/services", &new).await;
    assert_eq!(
        (made.status, &made.json()["name"], &made.json()["position"]),
        (201, &json!("Pedicure"), &json!(2)),
        "{}",
        made.text
    );
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/services/{id}");
    let taken = desk.post_as(&key, "/api/v1/services", &json!({"name": "PEDICURÉ", "duration_minutes": 5})).await;
    assert_eq!((taken.status, &taken.json()["code"]), (409, &json!("name_taken")));

    let changed = desk.patch_as(&key, &path, &json!({"price": null, "duration_minutes": 60})).await;
    assert_eq!((&changed.json()["price"], &changed.json()["duration_minutes"]), (&json!(null), &json!(60)));
    let headers = [JSON, ("if-match", made.header("etag"))];
    assert_eq!(desk.ask_as(&key, "PATCH", &path, &headers, "{}").await.status, 412);

    let ids: Vec<Value> =
        desk.get_as(&key, "/api/v1/services").await.json()["items"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
    let turned: Vec<Value> = ids.iter().rev().cloned().collect();
    let ordered = put(&shop, &key, "services/order", &json!({"ids": turned})).await.json();
    assert_eq!(ordered["items"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect::<Vec<_>>(), turned);
    for wrong in [json!({"ids": []}), json!({"ids": [ids[0], ids[0], ids[1]]}), json!({"ids": ["svc_x", ids[0], ids[1]]})] {
        assert_eq!(put(&shop, &key, "services/order", &wrong).await.status, 422, "{wrong}");
    }

    let only = desk.post_as(&key, "/api/v1/staff", &json!({"name": "Pía", "services": [id]})).await;
    assert_eq!(only.status, 201, "{}", only.text);
    assert_eq!(desk.delete_as(&key, &path).await.json()["code"], "in_use", "somebody gives nothing else");
    let pia = format!("/api/v1/staff/{}", only.json()["id"].as_str().unwrap());
    assert_eq!(desk.delete_as(&key, &pia).await.status, 204);
    let wish = json!({"new_contact": {"name": "Ana"}, "service": id, "starts_at": "2026-11-23T15:00:00Z"});
    let booked = book(&shop, &key, wish).await;
    assert_eq!(desk.delete_as(&key, &path).await.json()["code"], "in_use");
    let booked = format!("/api/v1/appointments/{}", booked.json()["id"].as_str().unwrap());
    desk.patch_as(&key, &booked, &json!({"status": "cancelled"})).await;
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    assert_eq!(desk.get_as(&key, &path).await.status, 404);
    assert_eq!(desk.get_as(&key, &booked).await.json()["title"], "Pedicure", "its name outlives it");

    for (body, path) in [
        (json!({"name": "x", "duration_minutes": -5}), "duration_minutes"),
        (json!({"name": "x", "duration_minutes": 0}), "duration_minutes"),
        (json!({"name": "x", "duration_minutes": 9_223_372_036_854_775_808_u64}), "duration_minutes"),
        (json!({"name": "x", "duration_minutes": 5, "buffer_after_minutes": 2000}), "buffer_after_minutes"),
        (json!({"name": "", "duration_minutes": 5}), "name"),
        (json!({"name": null, "duration_minutes": 5}), "name"),
        (json!({"name": "x", "duration_minutes": 5, "price": {"minor": 5, "currency": "EUR"}}), "price.currency"),
        (json!({"name": "x", "duration_minutes": 5, "price": {"minor": -5, "currency": "COP"}}), "price.minor"),
        (json!({"name": "x", "duration_minutes": 5, "tenant": "tnt_other"}), "tenant"),
    ] {
        let answer = desk.post_as(&key, "/api/v1/services", &body).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["path"]), (422, &json!(path)), "{body}: {}", answer.text);
    }
});

story!(absences_and_own_hours_of_staff_bind_the_bot_at_once, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let laura = named(&shop, &key, "staff", "Laura").await;
    let path = format!("/api/v1/staff/{laura}");
    let away = json!({"absences": [{"from": "2026-11-23T05:00:00Z", "to": "2026-11-24T05:00:00Z", "reason": "vacaciones"}]});
    let changed = desk.patch_as(&key, &path, &away).await;
    assert_eq!((changed.status, &changed.json()["absences"][0]["reason"]), (200, &json!("vacaciones")), "{}", changed.text);
    assert!(free(&shop, &key, "2026-11-23", &format!("&staff={laura}")).await.is_empty());
    assert!(!free(&shop, &key, "2026-11-24", &format!("&staff={laura}")).await.is_empty());
    let wish = json!({"start": "2026-11-23T10:00", "service": "Manicure", "staff": "Laura"});
    desk.openai.call("schedule_appointment", wish);
    desk.openai.say("Laura no puede ese día.");
    shop.talk(ANA, "manicure con Laura el lunes a las 10").await;
    let asked = desk.openai.asked();
    let result = asked.last().unwrap()["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
    assert!(result.contains("no está disponible"), "{result}");
    assert!(shop.talk(ANA, "book:2026-11-23T10:00 service:Manicure").await.contains("Sofía"));

    let hours = json!({"hours": {"tuesday": [{"open": "10:00", "close": "11:00"}]}, "absences": []});
    assert_eq!(desk.patch_as(&key, &path, &hours).await.status, 200);
    assert_eq!(free(&shop, &key, "2026-11-24", &format!("&staff={laura}")).await, ["10:00"]);

    for (body, at) in [
        (json!({"absences": [{"from": "2026-11-24T05:00:00Z", "to": "2026-11-23T05:00:00Z"}]}), "absences[0].to"),
        (json!({"absences": [{"from": "2026-11-24T05:00:00Z", "to": "2029-11-23T05:00:00Z"}]}), "absences[0].to"),
        (json!({"absences": [{"from": "soon", "to": "2029-11-23T05:00:00Z"}]}), "absences[0].from"),
        (json!({"hours": {"monday": [{"open": "12:00", "close": "09:00"}]}}), "hours.monday[0]"),
        (json!({"hours": {"monday": [{"open": "9", "close": "12:00"}]}}), "hours.monday[0].open"),
        (json!({"hours": {"moonday": []}}), "hours.moonday"),
        (json!({"services": ["svc_x"]}), "services[0]"),
        (json!({"location": "loc_x"}), "location"),
        (json!({"name": null}), "name"),
    ] {
        let answer = desk.patch_as(&key, &path, &body).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["path"]), (422, &json!(at)), "{body}: {}", answer.text);
    }
});

story!(opening_hours_and_holidays_are_replaced_and_bind_the_bot, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let was = desk.get_as(&key, "/api/v1/hours").await;
    assert_eq!(was.json()["time_zone"], "America/Bogota");
    let mut new = json!({
        "hours": {"monday": [{"open": "09:00", "close": "10:00"}], "tuesday": [{"open": "20:00", "close": "23:59"}]},
        "holidays": [{"date": "2026-11-30", "name": "San Andrés"}, {"date": "2026-12-07", "hours": [{"open": "15:00", "close": "16:00"}]}],
    });
    assert_eq!(put(&shop, &key, "hours", &new).await.status, 200);
    assert_eq!(free(&shop, &key, "2026-11-23", "").await, ["09:00"]);
    assert_eq!(free(&shop, &key, "2026-11-24", "").await.last().unwrap(), "23:00");
    assert_eq!(free(&shop, &key, "2026-12-07", "").await, ["15:00"]);
    assert!(shop.talk(ANA, "book:2026-11-30T09:00 service:Manicure").await.contains("San Andrés"));
    let headers = [JSON, ("if-match", was.header("etag"))];
    assert_eq!(desk.ask_as(&key, "PUT", "/api/v1/hours", &headers, new.to_string()).await.status, 412);
    let rules = json!({"max_concurrent": 0, "min_advance_hours": 1, "default_duration_minutes": 30, "slot_minutes": 15, "max_advance_days": 9});
    for (member, value, at) in [
        ("appointments", rules, "appointments.max_concurrent"),
        (
            "hours",
            json!({"monday": [{"open": "09:00", "close": "12:00"}, {"open": "11:00", "close": "13:00"}]}),
            "hours.monday[1]",
        ),
        ("holidays", json!([{"date": "2026-11-31"}]), "holidays[0].date"),
        ("holidays", json!([{"date": "2026-11-30"}, {"date": "2026-11-30"}]), "holidays[1].date"),
        (
            "holidays",
            json!([{"date": "2026-11-30", "hours": [{"open": "25:00", "close": "26:00"}]}]),
            "holidays[0].hours[0].open",
        ),
    ] {
        let before = new[member].clone();
        new[member] = value;
        let answer = put(&shop, &key, "hours", &new).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["path"]), (422, &json!(at)), "{}", answer.text);
        new[member] = before;
        if member == "appointments" {
            new.as_object_mut().unwrap().remove(member);
        }
    }
});

story!(days_on_which_the_clock_changes_are_right_in_the_api_too, |desk| async {
    let shop = desk
        .business("Luna")
        .tenant(|t| {
            t.time_zone = "Europe/Paris".into();
            t.profile.appointments.max_advance_days = 365;
            t.profile.hours = serde_json::from_value(json!({"sunday": [{"open": "01:00", "close": "04:00"}]})).unwrap();
        })
        .open()
        .await;
    let key = shop.key(&["*"]).await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    let service = format!("&service={manicure}");
    assert_eq!(free(&shop, &key, "2027-03-28", &service).await, ["01:00", "01:30", "03:00", "03:30"]);
    assert_eq!(free(&shop, &key, "2027-10-31", &service).await, ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]);
    // 02:30 of either pass is a real time of that night; the hour before and the hour after are not the same hour.
    for start in ["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"] {
        let made = book(&shop, &key, json!({"new_contact": {"name": "Ana"}, "service": manicure, "starts_at": start})).await;
        assert_eq!(made.status, 201, "{start}: {}", made.text);
    }
    for (query, path) in [
        ("from=2027-10-31&to=2027-10-30", "to"),
        ("from=2027-10-31&to=2028-10-30", "to"),
        ("from=9999-12-31&to=9999-12-31", "from"),
        ("from=2027-10-31&to=2027-11-01&service=svc_x", "service"),
    ] {
        let answer = desk.get_as(&key, &format!("/api/v1/calendars/availability?{query}")).await;
        assert_eq!((answer.status, &answer.json()["errors"][0]["path"]), (422, &json!(path)), "{query}: {}", answer.text);
    }
});

/// Somebody of the staff who works at these branches only, signed in: their cookie.
async fn limited(shop: &Shop<'_>, role: &'static str, locations: Vec<LocationId>) -> String {
    let token = format!("token-{}", shop.desk.number());
    let (now, hash) = (shop.desk.now(), frontdesk_web::hash_key(&token));
    let person = Person {
        id: shop.desk.engine.id(),
        email: format!("{token}@example.org"),
        name: "Somebody".into(),
        password_hash: String::new(),
        operator: false,
        active: true,
        language: None,
        must_change_password: false,
        created_at: now,
    };
    let session = Session {
        id: shop.desk.engine.id(),
        person: person.id.clone(),
        hash,
        address: String::new(),
        device: String::new(),
        created_at: now,
        last_seen_at: now,
        expires_at: frontdesk_kernel::Timestamp::NEVER,
    };
    let s = shop.scope.clone();
    let done = shop.desk.engine.db.write(
        &Server,
        work!(tx => {
            people::insert(tx, &Server, &person).await?;
            people::set_role(tx, &s, &person.id, role, now).await?;
            people::set_locations(tx, &s, &person.id, &locations).await?;
            sessions::insert(tx, &Server, &session).await
        }),
    );
    done.await.unwrap();
    token
}

story!(who_works_at_one_branch_sees_and_changes_what_is_there, |desk| async {
    let shop = desk.business("Luna").tenant(|t| t.profile.appointments.max_concurrent = 9).open().await;
    let key = shop.key(&["*"]).await;
    let mut branches = Vec::new();
    for (name, zone) in [("Norte", Value::Null), ("Sur", json!("America/New_York"))] {
        let made = desk.post_as(&key, "/api/v1/locations", &json!({"name": name, "time_zone": zone})).await;
        assert_eq!(made.status, 201, "{}", made.text);
        branches.push(made.json()["id"].as_str().unwrap().to_owned());
    }
    for (name, branch) in [("Laura", &branches[0]), ("Sofía", &branches[1])] {
        let id = named(&shop, &key, "staff", name).await;
        assert_eq!(desk.patch_as(&key, &format!("/api/v1/staff/{id}"), &json!({"location": branch})).await.status, 200);
    }
    let mut made = Vec::new();
    for branch in &branches {
        let wish = json!({"new_contact": {"name": "Ana"}, "location": branch, "starts_at": "2026-11-23T16:00:00Z"});
        let answer = book(&shop, &key, wish).await;
        assert_eq!((answer.status, &answer.json()["location"]), (201, &json!(branch)), "{}", answer.text);
        made.push(format!("/api/v1/appointments/{}", answer.json()["id"].as_str().unwrap()));
    }
    let token = limited(&shop, "staff", vec![branches[0].parse().unwrap()]).await;
    let cookie = format!("frontdesk={token}");
    let origin = desk.url.clone();
    let ask = async |method: &str, path: &str, body: Value| {
        desk.ask_with(method, path, &[JSON, ("cookie", &cookie), ("origin", &origin)], body.to_string()).await
    };
    let list = "/api/v1/appointments?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z";
    let seen = ask("GET", list, json!(null)).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    assert_eq!(seen.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(desk.get_as(&key, list).await.json()["items"].as_array().unwrap().len(), 2);
    assert_eq!((ask("GET", &made[0], json!(null)).await.status, ask("GET", &made[1], json!(null)).await.status), (200, 404));
    assert_eq!(ask("PATCH", &made[1], json!({"notes": "x"})).await.status, 404);
    assert_eq!(ask("POST", &format!("{}/undo", made[1]), json!({})).await.status, 404);
    assert_eq!(ask("PATCH", &made[0], json!({"location": branches[1], "staff": null})).await.json()["code"], "other_location");
    let wish = json!({"new_contact": {"name": "Luz"}, "starts_at": "2026-11-23T20:00:00Z"});
    assert_eq!(ask("POST", "/api/v1/appointments", wish).await.json()["location"], branches[0].as_str());
    let there = json!({"new_contact": {"name": "Luz"}, "location": branches[1], "starts_at": "2026-11-23T21:00:00Z"});
    assert_eq!(ask("POST", "/api/v1/appointments", there).await.json()["code"], "other_location");
    assert_eq!(
        ask("PATCH", &format!("/api/v1/locations/{}", branches[0]), json!({"phone": "1"})).await.status,
        403,
        "staff may not"
    );

    // A viewer reads and changes nothing.
    let token = limited(&shop, "viewer", Vec::new()).await;
    let cookie = format!("frontdesk={token}");
    let ask = async |method: &str, path: &str, body: Value| {
        desk.ask_with(method, path, &[JSON, ("cookie", &cookie), ("origin", &origin)], body.to_string()).await
    };
    assert_eq!(ask("GET", list, json!(null)).await.json()["items"].as_array().unwrap().len(), 3);
    assert_eq!(ask("PATCH", &made[0], json!({"notes": "x"})).await.status, 403);

    assert_eq!(desk.delete_as(&key, &format!("/api/v1/locations/{}", branches[1])).await.json()["code"], "in_use");
    let unknown = desk.patch_as(&key, &format!("/api/v1/locations/{}", branches[1]), &json!({"time_zone": "Mars/Olympus"})).await;
    assert_eq!((unknown.status, &unknown.json()["errors"][0]["path"]), (422, &json!("time_zone")));
});

story!(the_bot_asks_for_the_branch_and_books_there_in_its_own_time, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    for (name, zone) in [("Norte", "America/Bogota"), ("Sur", "Europe/Madrid")] {
        desk.post_as(&key, "/api/v1/locations", &json!({"name": name, "time_zone": zone})).await;
    }
    for (arguments, said) in [
        (json!({"start": "2026-11-23T10:00", "service": "Manicure"}), "Norte, Sur"),
        (json!({"start": "2026-11-23T10:00", "service": "Manicure", "location": "sur"}), "10:00 AM"),
    ] {
        desk.openai.call("schedule_appointment", arguments);
        desk.openai.say("Un momento, por favor.");
        shop.talk(ANA, "manicure el lunes a las 10").await;
        let asked = desk.openai.asked();
        let result = asked.last().unwrap()["messages"].as_array().unwrap().last().unwrap()["content"].to_string();
        assert!(result.contains(said), "{result}");
    }
    let booked = shop.appointments().await;
    assert_eq!(booked[0].starts_at.to_string(), "2026-11-23T09:00:00.000Z", "ten o'clock in Madrid");
});

story!(nothing_of_the_calendar_of_another_business_exists, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (ours, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let branch = desk.post_as(&ours, "/api/v1/locations", &json!({"name": "Norte"})).await.json()["id"].clone();
    let service = named(&luna, &ours, "services", "Manicure").await;
    let staff = named(&luna, &ours, "staff", "Laura").await;
    let made = book(&luna, &ours, json!({"new_contact": {"name": "Ana"}, "starts_at": "2026-11-23T16:00:00Z"})).await.json();
    let appointment = made["id"].as_str().unwrap();
    for path in [
        format!("appointments/{appointment}"),
        format!("services/{service}"),
        format!("staff/{staff}"),
        format!("locations/{}", branch.as_str().unwrap()),
    ] {
        let path = format!("/api/v1/{path}");
        assert_eq!(desk.get_as(&ours, &path).await.status, 200, "{path}");
        assert_eq!(desk.get_as(&theirs, &path).await.status, 404, "{path}");
        assert_eq!(desk.patch_as(&theirs, &path, &json!({})).await.status, 404, "{path}");
        if !path.contains("appointments") {
            assert_eq!(desk.delete_as(&theirs, &path).await.status, 404, "{path}");
        }
    }
    assert_eq!(desk.post_as(&theirs, &format!("/api/v1/appointments/{appointment}/undo"), &json!({})).await.status, 404);
    for (member, id) in
        [("contact", &made["contact"]), ("service", &json!(service)), ("staff", &json!(staff)), ("location", &branch)]
    {
        let mut wish = json!({"starts_at": "2026-11-23T16:00:00Z"});
        if member != "contact" {
            wish["new_contact"] = json!({"name": "Ana"});
        }
        wish[member] = id.clone();
        let refused = book(&sol, &theirs, wish).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["path"]), (422, &json!(member)), "{}", refused.text);
    }
    let list = "/api/v1/appointments?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z";
    assert_eq!(desk.get_as(&theirs, list).await.json()["items"], json!([]));
});
