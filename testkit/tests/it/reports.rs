//! Reports: figures of the business for its people and, through the agent, for members of the team; never for customers.

use frontdesk_testkit::{
    desk::{Answer, PASSWORD, Setup, Shop, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::{
    api::live,
    calendar::{book, named},
    payments::{connected, linked, paid},
    people::{ANA, LUZ, SECOND},
};

const FIGURES: &str = "/api/v1/reports/figures";
const NOVEMBER: &str = "from=2026-11-01&to=2026-11-30";

async fn figures(desk: &TestDesk, key: &str, query: &str) -> Value {
    let answer = desk.get_as(key, &format!("{FIGURES}?{query}")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

fn total(sheet: &Value, key: &str) -> Value {
    series(sheet, key)["total"].clone()
}

fn series<'v>(sheet: &'v Value, key: &str) -> &'v Value {
    sheet["series"].as_array().unwrap().iter().find(|s| s["key"] == key).unwrap_or_else(|| panic!("{key} in {sheet}"))
}

async fn make(desk: &TestDesk, key: &str, body: Value) -> Value {
    let answer = desk.post_as(key, "/api/v1/reports", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    let made = answer.json();
    assert!(answer.header("location").ends_with(made["id"].as_str().unwrap()));
    made
}

async fn location(desk: &TestDesk, key: &str, name: &str) -> String {
    let answer = desk.post_as(key, "/api/v1/locations", &json!({ "name": name })).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

async fn file(desk: &TestDesk, key: &str, report: &Value, format: &str) -> Answer {
    desk.get_as(key, &format!("/api/v1/reports/{}/file?format={format}", report["id"].as_str().unwrap())).await
}

story!(every_analysis_says_what_happened_and_the_overview_says_the_same, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = connected(&shop, |_| {}).await;
    assert_eq!(shop.talk(ANA, "hola").await, "echo: hola");
    linked(&shop, ANA).await;
    paid(&shop).await;
    // The day of the business is over at five in the morning of UTC.
    desk.advance(SECOND * 3600 * 14);
    shop.talk(ANA, "otra vez").await;
    shop.talk(LUZ, "hola").await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    let laura = named(&shop, &key, "staff", "Laura").await;
    for (day, status) in [(23, "no_show"), (24, "cancelled"), (25, "confirmed")] {
        let wish = json!({"new_contact": {"name": "=Eva"}, "service": manicure, "staff": laura, "starts_at": format!("2026-11-{day}T15:00:00Z")});
        let made = book(&shop, &key, wish).await;
        assert_eq!(made.status, 201, "{}", made.text);
        if status == "cancelled" {
            let path = format!("/api/v1/appointments/{}", made.json()["id"].as_str().unwrap());
            let changed = desk.patch_as(&key, &path, &json!({ "status": status })).await;
            assert_eq!(changed.status, 200, "{}", changed.text);
        }
    }

    let said = figures(desk, &key, &format!("analysis=messages&{NOVEMBER}&grouping=day&language=en")).await;
    assert_eq!((said["periods"].as_array().unwrap().len(), &said["time_zone"]), (30, &json!("America/Bogota")));
    let received = series(&said, "received");
    assert_eq!((&received["total"], &received["values"][20], &received["values"][21]), (&json!(4), &json!(2), &json!(2)));
    assert_eq!((&received["name"], total(&said, "conversations")), (&json!("From customers"), json!(2)));
    assert_eq!(series(&said, "conversations")["values"][21], json!(2));
    let overview = desk.get_as(&key, &format!("/api/v1/stats/overview?{NOVEMBER}")).await.json();
    let of_overview = |key: &str| overview["total"][key].clone();
    assert_eq!((total(&said, "received"), total(&said, "by_agent")), (of_overview("received"), of_overview("sent_by_bot")));
    assert_eq!((&overview["days"][20]["received"], &overview["days"][21]["received"]), (&json!(2), &json!(2)));

    let customers = figures(desk, &key, &format!("analysis=customers&{NOVEMBER}&grouping=day")).await;
    assert_eq!(customers["language"], "es");
    assert_eq!((&series(&customers, "new")["values"][20], &series(&customers, "new")["values"][21]), (&json!(1), &json!(1)));
    assert_eq!((&series(&customers, "returning")["values"][21], total(&customers, "returning")), (&json!(1), json!(0)));
    let week = figures(desk, &key, &format!("analysis=bookings&{NOVEMBER}&grouping=week")).await;
    assert_eq!(week["periods"].as_array().unwrap().len(), 6);
    assert_eq!((total(&week, "confirmed"), total(&week, "cancelled"), total(&week, "made")), (json!(2), json!(1), json!(3)));
    assert_eq!(total(&week, "made"), of_overview("bookings"));
    assert_eq!(week["breakdowns"][1]["rows"][0], json!({ "name": "Laura", "values": [2, 0, 1, 0, null] }), "{week}");
    let money = figures(desk, &key, &format!("analysis=payments&{NOVEMBER}&grouping=month")).await;
    assert_eq!(series(&money, "received_cop")["unit"], json!({ "kind": "money", "currency": "COP" }));
    assert_eq!((total(&money, "received_cop"), total(&money, "refunded_cop")), (json!(2_500_000), json!(0)));
    let times = figures(desk, &key, &format!("analysis=response_times&{NOVEMBER}&grouping=month")).await;
    assert_eq!((total(&times, "half"), total(&times, "answered")), (of_overview("response_ms_p50"), of_overview("turns")));
    let handed = figures(desk, &key, &format!("analysis=handoffs&{NOVEMBER}&grouping=month")).await;
    assert_eq!((total(&handed, "handoffs"), total(&handed, "turns")), (of_overview("handoffs"), of_overview("turns")));
    let spent = figures(desk, &key, &format!("analysis=spending&{NOVEMBER}&grouping=month")).await;
    assert_eq!((total(&spent, "cost"), total(&spent, "model_tokens")), (of_overview("cost_micros_usd"), of_overview("tokens")));

    // All that is offered can be asked for, and is a file.
    let offered = desk.get_as(&key, "/api/v1/reports/analyses?language=en").await.json();
    let offered = offered["items"].as_array().unwrap();
    assert_eq!((offered.len(), &offered[0]["title"]), (7, &json!("Messages and conversations")));
    for offer in offered {
        let report = make(desk, &key, json!({ "analysis": offer["key"], "from": "2026-11-20", "to": "2026-11-30" })).await;
        let csv = file(desk, &key, &report, "csv").await;
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8; header=present"));
        let name = format!("attachment; filename=\"{}-2026-11-20-2026-11-30.csv\"", offer["key"].as_str().unwrap());
        assert_eq!(csv.header("content-disposition"), name);
        let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        let series = report["sheet"]["series"].as_array().unwrap();
        assert_eq!(reader.headers().unwrap().len(), 4 + series.len(), "{}", csv.text);
        assert_eq!((&rows[0][2], &rows[10][3]), ("2026-11-20", "2026-11-30"));
        assert_eq!(&rows[11][0], "Total", "{}", csv.text);
        assert_eq!(file(desk, &key, &report, "csv").await.text, csv.text, "the same report is the same file");
        let pdf = file(desk, &key, &report, "pdf").await;
        assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
        assert_eq!(pdf.header("content-disposition"), name.replace(".csv", ".pdf"));
        assert!(pdf.text.starts_with("%PDF-1.7") && pdf.text.trim_end().ends_with("%%EOF"));
    }
});

story!(a_report_stays_as_it_was_is_listed_and_goes_when_somebody_deletes_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let service = json!({ "name": "=HYPERLINK(\"x\")", "duration_minutes": 30 });
    let made = desk.post_as(&key, "/api/v1/services", &service).await.json();
    let wish = json!({"new_contact": {"name": "Eva"}, "service": made["id"], "starts_at": "2026-11-23T15:00:00Z"});
    assert_eq!(book(&shop, &key, wish).await.status, 201);
    let first =
        make(desk, &key, json!({ "analysis": "bookings", "from": "2026-11-23", "to": "2026-11-23", "language": "en" })).await;
    assert_eq!(
        (&first["title"], &first["grouping"], &first["made_by_name"]),
        (&json!("Appointments"), &json!("day"), &json!("a key"))
    );
    let csv = file(desk, &key, &first, "csv").await.text;
    assert!(csv.contains("By service,\"'=HYPERLINK(\"\"x\"\")\",2026-11-23,2026-11-23,1,0,0,0,\r\n"), "{csv}");
    shop.change_tenant(|t| t.name = "Sol".into()).await;
    let path = format!("/api/v1/reports/{}", first["id"].as_str().unwrap());
    let kept = desk.get_as(&key, &path).await.json();
    assert_eq!((&kept, &kept["sheet"]["business"]), (&first, &json!("Luna")));
    for n in 1..=3 {
        desk.advance(SECOND);
        make(desk, &key, json!({ "analysis": "messages", "from": format!("2026-11-0{n}"), "to": "2026-11-20" })).await;
    }
    let page = desk.get_as(&key, "/api/v1/reports?limit=3").await.json();
    let next = page["next"].as_str().unwrap();
    let rest = desk.get_as(&key, &format!("/api/v1/reports?limit=3&cursor={next}")).await.json();
    assert_eq!((&page["items"][0]["from"], page["items"].as_array().unwrap().len()), (&json!("2026-11-03"), 3));
    assert_eq!((&rest["items"][0]["id"], rest.get("next")), (&first["id"], None));
    assert!(page["items"][0].get("sheet").is_none());
    assert_eq!(desk.delete_as(&key, &path).await.status, 204);
    for answer in [desk.get_as(&key, &path).await, desk.delete_as(&key, &path).await, file(desk, &key, &first, "csv").await] {
        assert_eq!((answer.status, answer.json()["code"].as_str()), (404, Some("not_found")));
    }
    let log = desk.get_as(&key, "/api/v1/audit?action=report.").await.json();
    let told: Vec<_> = log["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["report.delete", "report.create", "report.create", "report.create", "report.create"]);
    assert_eq!(log["items"][4]["detail"]["analysis"], "bookings");
});

story!(what_cannot_be_answered_names_the_field_and_what_may_not_be_seen_is_not_there, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let other = desk.business("Sol").openai().open().await;
    let (key, foreign) = (shop.key(&["*"]).await, other.key(&["*"]).await);
    for (query, field) in [
        ("analysis=everything", "analysis"),
        ("analysis=messages&from=2026-11-10&to=2026-11-09", "from"),
        ("analysis=messages&from=2025-01-01&to=2026-11-09", "from"),
        ("analysis=messages&from=2026-02-30&to=2026-11-09", "from"),
        ("analysis=messages&to=yesterday", "to"),
        ("analysis=messages&from=0001-01-01&to=9999-12-31", "from"),
        ("analysis=messages&from=9999-12-30&to=9999-12-31", "to"),
        ("analysis=messages&grouping=hour", "grouping"),
        ("analysis=messages&location=loc_nowhere", "location"),
        ("analysis=messages&sql=select", ""),
        ("from=2026-11-01", ""),
    ] {
        let asked = desk.get_as(&key, &format!("{FIGURES}?{query}")).await;
        assert!(matches!(asked.status, 400 | 422), "{query}: {}", asked.text);
        if !field.is_empty() {
            assert_eq!((asked.status, &asked.json()["errors"][0]["path"]), (422, &json!(field)), "{query}: {}", asked.text);
        }
        let body: serde_json::Map<String, Value> =
            query.split('&').filter_map(|pair| pair.split_once('=')).map(|(k, v)| (k.to_owned(), json!(v))).collect();
        assert_eq!(desk.post_as(&key, "/api/v1/reports", &Value::Object(body)).await.status, 422, "{query}");
    }
    let mine = make(desk, &key, json!({ "analysis": "payments" })).await;
    let id = mine["id"].as_str().unwrap();
    for path in [format!("/api/v1/reports/{id}"), format!("/api/v1/reports/{id}/file"), "/api/v1/reports/rpt_x".into()] {
        assert_eq!(desk.get_as(&foreign, &path).await.status, 404, "{path}");
    }
    assert_eq!(desk.delete_as(&foreign, &format!("/api/v1/reports/{id}")).await.status, 404);
    let at_home = location(desk, &key, "North").await;
    assert_eq!(desk.get_as(&foreign, &format!("{FIGURES}?analysis=messages&location={at_home}")).await.status, 422);
    // Who may not see payments sees no report of them.
    let reader = shop.key(&["stats:read", "report:*"]).await;
    assert_eq!(desk.get_as(&reader, "/api/v1/reports").await.json()["items"], json!([]));
    for (method, path, body) in [
        ("GET", format!("/api/v1/reports/{id}"), Value::Null),
        ("GET", format!("{FIGURES}?analysis=payments"), Value::Null),
        ("POST", "/api/v1/reports".to_owned(), json!({ "analysis": "payments" })),
        ("DELETE", format!("/api/v1/reports/{id}"), Value::Null),
    ] {
        let answer = match method {
            "GET" => desk.get_as(&reader, &path).await,
            "DELETE" => desk.delete_as(&reader, &path).await,
            _ => desk.post_as(&reader, &path, &body).await,
        };
        assert_eq!((answer.status, answer.text.contains("payment:read")), (403, true), "{path}: {}", answer.text);
    }
    let narrow = shop.key(&["report:read"]).await;
    assert_eq!(desk.get_as(&narrow, &format!("{FIGURES}?analysis=messages")).await.status, 403);
    assert_eq!(desk.post_as(&narrow, "/api/v1/reports", &json!({ "analysis": "messages" })).await.status, 403);
});

story!(who_works_at_one_location_sees_its_figures_and_reports_only, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let (north, south) = (location(desk, &key, "North").await, location(desk, &key, "South").await);
    let at = frontdesk_kernel::ids::LocationId::parse(&north).unwrap();
    shop.change_channel(|c| c.location = Some(at)).await;
    shop.talk(ANA, "hola").await;
    let manicure = named(&shop, &key, "services", "Manicure").await;
    for (hour, place) in [(15, Some(&north)), (17, Some(&south)), (19, None)] {
        let wish = json!({
            "new_contact": {"name": "Eva"}, "service": manicure, "starts_at": format!("2026-11-23T{hour}:00:00Z"), "location": place,
        });
        let made = book(&shop, &key, wish).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let everything = make(desk, &key, json!({ "analysis": "messages" })).await;
    let of_north = make(desk, &key, json!({ "analysis": "messages", "location": north, "language": "en" })).await;
    let csv = file(desk, &key, &of_north, "csv").await.text;
    assert!(csv.lines().last().unwrap().starts_with("Only at,North,"), "{csv}");
    assert_eq!((&of_north["locations"], total(&of_north["sheet"], "received")), (&json!(["North"]), json!(1)));
    let browsers: Vec<_> = futures_util::future::join_all([("nora", &north), ("sara", &south)].map(async |(name, place)| {
        let id = shop.hire(name, "staff").await;
        let limited = desk.patch_as(&key, &format!("/api/v1/members/{id}"), &json!({ "locations": [place] })).await;
        assert_eq!(limited.status, 200, "{}", limited.text);
        let browser = desk.browser();
        assert_eq!(browser.sign_in(&format!("{name}@luna.example"), PASSWORD).await.status, 201);
        browser
    }))
    .await;
    for (browser, received, confirmed) in [(&browsers[0], 1, 2), (&browsers[1], 0, 2)] {
        let said = browser.get(&format!("{FIGURES}?analysis=messages&{NOVEMBER}")).await.json();
        let booked = browser.get(&format!("{FIGURES}?analysis=bookings&{NOVEMBER}")).await.json();
        assert_eq!(
            (total(&said, "received"), total(&booked, "confirmed")),
            (json!(received), json!(confirmed)),
            "{said} {booked}"
        );
        let overview = browser.get("/api/v1/stats/overview").await.json();
        assert_eq!((&overview["total"]["received"], &overview["total"]["bookings"]), (&json!(received), &json!(2)));
    }
    let [nora, sara] = &browsers[..] else { panic!("two browsers") };
    let listed = nora.get("/api/v1/reports").await.json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["id"]), (1, &of_north["id"]));
    assert_eq!(sara.get("/api/v1/reports").await.json()["items"], json!([]));
    for (browser, report, status) in [(nora, &everything, 404), (nora, &of_north, 200), (sara, &of_north, 404)] {
        let path = format!("/api/v1/reports/{}/file", report["id"].as_str().unwrap());
        assert_eq!(browser.get(&path).await.status, status);
    }
    assert_eq!(sara.get(&format!("{FIGURES}?analysis=messages&location={north}")).await.status, 422, "not hers");
    let hers = sara.post("/api/v1/reports", &json!({ "analysis": "bookings", "from": "2026-11-23", "to": "2026-11-23" })).await;
    assert_eq!((hers.status, &hers.json()["made_by_name"]), (201, &json!("sara")), "{}", hers.text);
    assert_eq!(sara.get("/api/v1/reports").await.json()["items"].as_array().unwrap().len(), 1);
});

async fn open<'d>(desk: &'d TestDesk) -> Shop<'d> {
    let chosen = ["analyze_data", "make_report"].map(str::to_owned).to_vec();
    desk.business("Luna").openai().agent(|a| a.spec.tools = Some(chosen)).with_api().open().await
}

/// What a member's wish came to.
async fn wish(shop: &Shop<'_>, user: &str, tool: &str, arguments: Value) -> Value {
    wish_told(shop, user, tool, arguments, &["Aquí está."]).await
}

/// The same, and how the model puts it, at its first try and its second.
async fn wish_told(shop: &Shop<'_>, user: &str, tool: &str, arguments: Value, answers: &[&str]) -> Value {
    shop.desk.openai.call(tool, arguments);
    answers.iter().for_each(|answer| shop.desk.openai.say(*answer));
    let key = shop.key(&["delegation:use"]).await;
    let headers = [("content-type", "application/json"), ("x-user-id", user)];
    let answer = shop.desk.ask_as(&key, "POST", "/agent/process", &headers, r#"{"message":"hazme un informe del mes"}"#).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()
}

story!(figures_that_were_counted_may_be_said, live(), |desk| async {
    let shop = open(desk).await;
    let ana = shop.hire("ana", "owner").await.to_string();
    let november = json!({ "analysis": "bookings", "from": "2026-11-01", "to": "2026-11-30" });
    let figure = "En noviembre se cancelaron 3 citas y se reprogramaron 2 citas.";
    let told = wish_told(&shop, &ana, "analyze_data", november.clone(), &[figure]).await;
    assert_eq!((&told["status"], &told["reply"]), (&json!("replied"), &json!(figure)), "{told}");
    // Having counted, it has still made no report, and cancelled nothing.
    let answers = ["El informe está listo.", "Las cifras: 3 citas se cancelaron."];
    let told = wish_told(&shop, &ana, "analyze_data", november.clone(), &answers).await;
    assert_eq!(told["reply"], answers[1], "{told}");
    let told = wish_told(&shop, &ana, "analyze_data", november, &["Ya cancelé las 3 citas.", "No: eso lo hace el equipo."]).await;
    assert_eq!(told["reply"], "No: eso lo hace el equipo.", "{told}");
});

story!(a_member_asks_the_agent_for_a_report_and_downloads_it, live(), |desk| async {
    let shop = open(desk).await;
    let ana = shop.hire("ana", "owner").await.to_string();
    shop.say(ANA, "hola").await;
    shop.say(LUZ, "hola").await;
    for _ in 0..200 {
        if shop.turns().await.iter().filter(|t| t.state == "done").count() == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let november = json!({ "analysis": "messages", "from": "2026-11-01", "to": "2026-11-30", "grouping": "week" });
    let told = wish(&shop, &ana, "analyze_data", november.clone()).await;
    let action = &told["actions"][0];
    assert_eq!((&action["state"], &action["category"]), (&json!("executed"), &json!("resource")), "{told}");
    let content = action["result"].as_str().unwrap();
    assert!(content.contains("De clientes 2") && content.contains("2026-11-16: 2 |"), "{content}");

    let mut wanted = november.clone();
    wanted["format"] = json!("csv");
    let told = wish_told(&shop, &ana, "make_report", wanted, &["El informe está listo."]).await;
    assert_eq!((&told["actions"][0]["state"], &told["status"]), (&json!("executed"), &json!("replied")), "{told}");
    let reply = told["reply"].as_str().unwrap();
    let path = &reply[reply.find("/api/v1/reports/rpt_").unwrap_or_else(|| panic!("no address in {reply}"))..];
    let browser = desk.browser();
    assert_eq!(browser.sign_in("ana@luna.example", PASSWORD).await.status, 201);
    let file = browser.get(path).await;
    assert_eq!((file.status, file.header("content-type")), (200, "text/csv; charset=utf-8; header=present"), "{path}");
    assert!(file.text.contains("Total,,2026-11-01,2026-11-30,2,"), "{}", file.text);
    let listed = browser.get("/api/v1/reports").await.json();
    assert_eq!((&listed["items"][0]["made_by_name"], listed["items"].as_array().unwrap().len()), (&json!("ana"), 1));
    assert_eq!(listed["items"][0]["turn"], told["traceId"]);
    let log = browser.get("/api/v1/audit?action=report.create").await.json();
    assert_eq!((&log["items"][0]["actor"], &log["items"][0]["detail"]["turn"]), (&json!(ana), &told["traceId"]));
});

story!(the_agent_tells_nobody_figures_that_they_may_not_see, live(), |desk| async {
    let shop = open(desk).await;
    let key = shop.key(&["*"]).await;
    let north = location(desk, &key, "North").await;
    location(desk, &key, "South").await;
    let (vera, sara) = (shop.hire("vera", "viewer").await.to_string(), shop.hire("sara", "staff").await.to_string());
    assert_eq!(desk.patch_as(&key, &format!("/api/v1/members/{sara}"), &json!({ "locations": [north] })).await.status, 200);
    let of = |analysis: &str, from: &str, to: &str| json!({ "analysis": analysis, "from": from, "to": to });
    let mut elsewhere = of("messages", "2026-11-01", "2026-11-30");
    elsewhere["location"] = json!("South");
    for (user, tool, arguments, state, words) in [
        (&vera, "make_report", of("messages", "2026-11-01", "2026-11-30"), "refused", "no me está permitido"),
        (&vera, "analyze_data", of("payments", "2026-11-01", "2026-11-30"), "failed", "no le están permitidas"),
        (&vera, "analyze_data", of("messages", "2026-11-30", "2026-11-01"), "failed", "not after"),
        (&vera, "analyze_data", of("messages", "2026-02-31", "2026-03-01"), "failed", "calendario"),
        (&vera, "analyze_data", of("messages", "2020-01-01", "2026-11-30"), "failed", "400"),
        (&vera, "analyze_data", of("select * from contact", "2026-11-01", "2026-11-30"), "refused", "not valid"),
        (&sara, "analyze_data", elsewhere, "failed", "location"),
        (&sara, "make_report", of("bookings", "2026-11-01", "2026-11-30"), "executed", "/api/v1/reports/rpt_"),
    ] {
        let told = wish(&shop, user, tool, arguments.clone()).await;
        let action = &told["actions"][0];
        assert_eq!(action["state"], state, "{arguments}: {told}");
        assert!(action["result"].as_str().unwrap().contains(words), "{arguments}: {told}");
    }
    let listed = desk.get_as(&key, "/api/v1/reports").await.json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["locations"]), (1, &json!(["North"])));
});

story!(a_customer_gets_no_figures, Setup::new(), |desk| async {
    let shop = open(desk).await;
    for tool in ["analyze_data", "make_report"] {
        desk.openai.call(tool, json!({ "analysis": "bookings", "from": "2026-11-01", "to": "2026-11-30" }));
        desk.openai.say("No puedo.");
        shop.talk(ANA, "dame un informe de las citas").await;
        let asked = desk.openai.asked().pop().unwrap();
        let told = asked["messages"].as_array().unwrap().last().unwrap().to_string();
        assert!(told.contains("solo se hace para alguien del equipo") || told.contains("no me está permitido"), "{told}");
        assert!(!told.contains("Confirmadas"), "{told}");
    }
    let key = shop.key(&["*"]).await;
    assert_eq!(desk.get_as(&key, "/api/v1/reports").await.json()["items"], json!([]));
    // An agent for which nothing was chosen does not even know of them.
    let usual = desk.business("Sol").openai().open().await;
    usual.talk(ANA, "hola").await;
    let asked = desk.openai.asked().pop().unwrap()["tools"].to_string();
    assert!(
        asked.contains("schedule_appointment") && !asked.contains("analyze_data") && !asked.contains("make_report"),
        "{asked}"
    );
});
