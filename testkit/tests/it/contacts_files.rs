//! Contacts come in from files and go out to files.

use frontdesk_testkit::{
    desk::{Answer, TestDesk},
    story,
};
use serde_json::{Value, json};

use crate::people::LUZ;

const CONTACTS: &str = "/api/v1/contacts";
const IMPORTS: &str = "/api/v1/contacts/imports";

async fn upload(desk: &TestDesk, key: &str, query: &str, file: impl Into<Vec<u8>>) -> Answer {
    desk.ask_as(key, "POST", &format!("{IMPORTS}{query}"), &[("content-type", "text/csv")], file).await
}

/// Runs an import and waits for its end.
async fn run(desk: &TestDesk, key: &str, import: &str, plan: &Value) -> Value {
    let started = desk.post_as(key, &format!("{IMPORTS}/{import}/run"), plan).await;
    assert_eq!(started.status, 202, "{}", started.text);
    for _ in 0..2000 {
        let now = desk.get_as(key, &format!("{IMPORTS}/{import}")).await.json();
        if now["state"] != "running" {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the import does not end");
}

fn counts(import: &Value) -> [i64; 4] {
    ["created", "updated", "skipped", "failed"].map(|n| import[n].as_i64().unwrap())
}

story!(a_spreadsheet_is_previewed_taken_in_and_taken_in_again_without_effect, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    // As Excel writes it in Latin America: Windows-1252, semicolons.
    let mut file = b"Nombre;Tel\xe9fono;Correo;Cumplea\xf1os\r\n".to_vec();
    file.extend_from_slice(b"Jos\xe9 N\xfa\xf1ez;300 123 4567;JOSE@example.org;7 de mayo\r\n");
    file.extend_from_slice(b"\"P\xe9rez; Ana\";+57 300 765 4321;;\r\n");
    file.extend_from_slice(b"Roto;12;;\r\nNadie;;;\r\n");
    let preview = upload(desk, &key, "?file_name=clientes.csv", file.clone()).await;
    assert_eq!(preview.status, 201, "{}", preview.text);
    let preview = preview.json();
    assert_eq!(
        (&preview["encoding"], &preview["delimiter"], &preview["has_header"]),
        (&json!("windows-1252"), &json!(";"), &json!(true))
    );
    let suggestions: Vec<_> = preview["columns"].as_array().unwrap().iter().map(|c| c["suggestion"].as_str().unwrap()).collect();
    assert_eq!(suggestions, ["name", "phone", "email", "fact:cumpleanos"]);
    assert_eq!(preview["rows"][0][0], "José Núñez");
    assert_eq!((&preview["check"]["fine"], &preview["check"]["problems"][0]["line"]), (&json!(2), &json!(4)));

    let import = preview["import"]["id"].as_str().unwrap();
    let plan = json!({"mapping": suggestions, "tags": ["imported"]});
    let done = run(desk, &key, import, &plan).await;
    assert_eq!((counts(&done), &done["state"], &done["done"]), ([2, 0, 0, 2], &json!("done"), &json!(4)), "{done}");
    let problems = desk.get_as(&key, &format!("{IMPORTS}/{import}/problems")).await.json();
    let lines: Vec<_> = problems["items"].as_array().unwrap().iter().map(|p| p["line"].as_i64().unwrap()).collect();
    assert_eq!(lines, [4, 5]);
    assert!(problems["items"][0]["reason"].as_str().unwrap().contains("`12` is not a phone number"), "{problems}");
    let file_of_problems = desk.get_as(&key, &format!("{IMPORTS}/{import}/problems.csv")).await;
    assert!(
        file_of_problems.text.starts_with("Nombre,Teléfono,Correo,Cumpleaños,line,problem\r\nRoto,12,,,4,"),
        "{}",
        file_of_problems.text
    );

    let found = desk.get_as(&key, &format!("{CONTACTS}?q=nunez&tag=imported")).await.json();
    let contact = desk.get_as(&key, &format!("{CONTACTS}/{}", found["items"][0]["id"].as_str().unwrap())).await.json();
    assert_eq!(contact["facts"], json!({"cumpleanos": "7 de mayo"}));
    assert_eq!(contact["addresses"][0], json!({"kind": "phone", "value": "573001234567"}));

    let again = upload(desk, &key, "", file).await.json();
    let done = run(desk, &key, again["import"]["id"].as_str().unwrap(), &plan).await;
    assert_eq!(counts(&done), [0, 0, 2, 2], "{done}");
    let twice = desk.post_as(&key, &format!("{IMPORTS}/{import}/run"), &plan).await;
    assert_eq!((twice.status, twice.json()["code"].clone()), (409, json!("not_previewed")));
});

story!(who_is_known_already_is_left_updated_or_completed_as_one_chooses, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let new = json!({"name": "Ana", "facts": {"age": "30"}, "addresses": [{"kind": "phone", "value": "+573001234567"}]});
    let id = desk.post_as(&key, CONTACTS, &new).await.json()["id"].as_str().unwrap().to_owned();
    for (duplicates, expected, name, facts) in [
        ("skip", [0, 0, 1, 0], "Ana", json!({"age": "30"})),
        ("merge", [0, 1, 0, 0], "Ana", json!({"age": "30", "city": "Cali"})),
        ("update", [0, 1, 0, 0], "Ana María", json!({"age": "31", "city": "Cali"})),
        ("update", [0, 0, 1, 0], "Ana María", json!({"age": "31", "city": "Cali"})),
    ] {
        let file = "name,phone,age,city,email\nAna María,3001234567,31,Cali,ana@example.org\n";
        let preview = upload(desk, &key, "", file).await.json();
        let plan = json!({"mapping": ["name", "phone", "fact:age", "fact:city", "email"], "duplicates": duplicates});
        let done = run(desk, &key, preview["import"]["id"].as_str().unwrap(), &plan).await;
        assert_eq!(counts(&done), expected, "{duplicates}: {done}");
        let contact = desk.get_as(&key, &format!("{CONTACTS}/{id}")).await.json();
        assert_eq!((contact["name"].as_str(), &contact["facts"]), (Some(name), &facts), "{duplicates}");
    }
    // A row that names two people.
    let bea = json!({"addresses": [{"kind": "email", "value": "bea@example.org"}]});
    desk.post_as(&key, CONTACTS, &bea).await;
    let preview = upload(desk, &key, "", "phone,email\n3001234567,bea@example.org\n").await.json();
    let done = run(desk, &key, preview["import"]["id"].as_str().unwrap(), &json!({"mapping": ["phone", "email"]})).await;
    assert_eq!(counts(&done), [0, 0, 0, 1]);
});

story!(a_list_does_not_take_who_told_an_address_for_the_customer_who_has_it, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    desk.openai.call("update_contact", json!({ "email": "Ana@Example.org" }));
    desk.openai.say("Anotado.");
    shop.talk(LUZ, "mi correo es ana@example.org").await;
    let stranger = format!("{CONTACTS}/{}", shop.contact(LUZ).await.unwrap());
    let told = desk.get_as(&key, &stranger).await.json();
    assert_eq!(told["facts"], json!({"email": "ana@example.org"}), "what was told is kept");
    let file = "name,phone,email,note,city\nAna,3001234567,ana@example.org,pays late,Cali\n";
    let preview = upload(desk, &key, "", file).await.json();
    let plan = json!({"mapping": ["name", "phone", "email", "note", "fact:city"], "duplicates": "merge"});
    let done = run(desk, &key, preview["import"]["id"].as_str().unwrap(), &plan).await;
    assert_eq!(counts(&done), [1, 0, 0, 0], "{done}");
    let now = desk.get_as(&key, &stranger).await.json();
    for what in ["name", "note", "facts", "addresses"] {
        assert_eq!(now[what], told[what], "{what} of somebody else");
    }
    // That they may be the same person is for the team to say.
    let suspects = desk.get_as(&key, &format!("{stranger}/duplicates")).await.json();
    assert_eq!(
        (&suspects["duplicates"][0]["why"], suspects["duplicates"][0]["contact"]["name"].as_str()),
        (&json!("email"), Some("Ana"))
    );
});

story!(what_goes_out_comes_back_in_whatever_customers_call_themselves, |desk| async {
    let (luna, sol) = (desk.business("Luna").open().await, desk.business("Sol").open().await);
    let (mine, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let nasty = ["=HYPERLINK(\"http://evil\";\"x\")", "+1+1", "-2", "@SUM(A1)", "a, \"b\"; c", "Ñandú 💇", "'quoted", "'=1"];
    for (n, name) in nasty.iter().enumerate() {
        let new = json!({
            "name": name, "note": format!("{name}\nsecond line"), "tags": ["vip"], "facts": {"likes": name},
            "addresses": [{"kind": "phone", "value": format!("+57300123456{n}")}, {"kind": "email", "value": format!("c{n}@example.org")}],
        });
        let made = desk.post_as(&mine, CONTACTS, &new).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    for (format, kind) in [("csv", "text/csv"), ("vcard", "text/vcard"), ("json", "application/json")] {
        let file = desk.get_as(&mine, &format!("{CONTACTS}/export?format={format}")).await;
        assert_eq!(file.status, 200, "{}", file.text);
        assert!(file.header("content-type").starts_with(kind), "{}", file.header("content-type"));
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"contacts."));
        match format {
            "csv" => {
                assert!(file.text.contains("\"'=HYPERLINK("), "{}", file.text);
                for line in file.text.lines() {
                    assert!(!line.contains(",=") && !line.contains(",@") && !line.contains(",\"="), "{line}");
                }
            }
            "json" => {
                let all: Vec<Value> = serde_json::from_str(&file.text).unwrap();
                assert_eq!(all.len(), nasty.len());
                assert!(all.iter().any(|c| c["name"] == nasty[0]), "JSON is unchanged");
                continue;
            }
            _ => assert!(file.text.starts_with("BEGIN:VCARD\r\nVERSION:4.0"), "{}", file.text),
        }
        let preview = upload(desk, &theirs, "", file.text.clone()).await.json();
        let mapping: Vec<_> = preview["columns"].as_array().unwrap().iter().map(|c| c["suggestion"].clone()).collect();
        assert_eq!(preview["check"]["problems"], json!([]), "{preview}");
        let done = run(desk, &theirs, preview["import"]["id"].as_str().unwrap(), &json!({ "mapping": mapping })).await;
        let expected = if format == "csv" { [nasty.len() as i64, 0, 0, 0] } else { [0, 0, nasty.len() as i64, 0] };
        assert_eq!(counts(&done), expected, "{format}: the second file says nothing new: {done}");
    }
    let one = desk.get_as(&theirs, &format!("{CONTACTS}?q=c0@example.org")).await.json();
    let back = desk.get_as(&theirs, &format!("{CONTACTS}/{}", one["items"][0]["id"].as_str().unwrap())).await.json();
    assert_eq!((&back["name"], &back["note"]), (&json!(nasty[0]), &json!(format!("{}\nsecond line", nasty[0]))));
    assert_eq!((&back["facts"], &back["tags"]), (&json!({"likes": nasty[0]}), &json!(["vip"])));
    let some = desk.get_as(&mine, &format!("{CONTACTS}/export?format=json&q=c3@example.org")).await;
    assert_eq!(serde_json::from_str::<Vec<Value>>(&some.text).unwrap().len(), 1);
});

story!(files_that_are_none_are_refused_in_words, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    for (query, file, part) in [
        ("", &b""[..], "empty"),
        ("", b"Name,Phone\n", "no row"),
        ("", b"\x89PNG\r\n\x1a\n\0\0", "text file"),
        ("?encoding=klingon", b"Name,Phone\nA,1", "encoding"),
        ("?delimiter=ab", b"Name,Phone\nA,1", "delimiter"),
        ("?header=maybe", b"Name,Phone\nA,1", "header"),
        ("", b"BEGIN:VCARD\nVERSION:4.0\nFN:A\n", "cut off"),
    ] {
        let answer = upload(desk, &key, query, file).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
        assert!(answer.text.contains(part), "{part}: {}", answer.text);
    }
    let preview = upload(desk, &key, "", "Name,Phone\nAna,3001234567\n").await.json();
    let import = preview["import"]["id"].as_str().unwrap();
    for plan in [
        json!({}),
        json!({"mapping": ["name"]}),
        json!({"mapping": ["name", "password"]}),
        json!({"mapping": ["name", "name"]}),
        json!({"mapping": ["name", "ignore"]}),
        json!({"mapping": ["name", "phone"], "duplicates": "destroy"}),
        json!({"mapping": ["name", "phone"], "tags": ["a,b"]}),
        json!({"mapping": ["name", "phone"], "tenant": "tnt_1"}),
    ] {
        for deed in ["check", "run"] {
            assert_eq!(desk.post_as(&key, &format!("{IMPORTS}/{import}/{deed}"), &plan).await.status, 422, "{plan}");
        }
    }
    let check = desk.post_as(&key, &format!("{IMPORTS}/{import}/check"), &json!({"mapping": ["ignore", "phone"]})).await;
    assert_eq!((check.status, check.json()["fine"].clone()), (200, json!(1)), "{}", check.text);
    assert_eq!(desk.delete_as(&key, &format!("{IMPORTS}/{import}")).await.status, 204);
    assert_eq!(desk.get_as(&key, &format!("{IMPORTS}/{import}")).await.json()["state"], "canceled");
    assert_eq!(desk.post_as(&key, &format!("{IMPORTS}/{import}/run"), &json!({"mapping": ["name", "phone"]})).await.status, 409);
});

story!(a_large_file_is_taken_in_while_messages_are_answered, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    let rows: String = (0..1500).map(|n| format!("Customer {n},+57300{:07}\n", n)).collect();
    let preview = upload(desk, &key, "", format!("Name,Phone\n{rows}")).await.json();
    let import = preview["import"]["id"].as_str().unwrap().to_owned();
    let plan = json!({"mapping": ["name", "phone"]});
    let (done, ()) = tokio::join!(run(desk, &key, &import, &plan), async {
        shop.talk(crate::people::ANA, "hola").await;
    });
    assert_eq!(counts(&done), [1500, 0, 0, 0], "{done}");
    assert_eq!(shop.replies(crate::people::ANA), ["echo: hola"]);
    let page = desk.get_as(&key, &format!("{CONTACTS}?q=customer%2014&limit=200")).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 111, "14, 140 to 149, 1400 to 1499");
    let csv = desk.get_as(&key, &format!("{CONTACTS}/export?format=csv")).await;
    assert_eq!(csv.text.lines().count(), 1 + 1500 + 1);
});

story!(an_import_whose_process_died_goes_on, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    let preview = upload(desk, &key, "", "Name,Phone\nAna,3001234567\nBea,3007654321\n").await.json();
    let import: frontdesk_kernel::ids::ImportId = preview["import"]["id"].as_str().unwrap().parse().unwrap();
    let (scope, id, now) = (shop.scope.clone(), import.clone(), desk.now());
    let plan = json!({"mapping": ["name", "phone"], "duplicates": "merge", "tags": []}).to_string();
    let started = desk
        .engine
        .db
        .write(&shop.scope, frontdesk_store::work!(tx => frontdesk_store::imports::start(tx, &scope, &id, &plan, now).await))
        .await;
    assert!(started.unwrap(), "its process died right after that");
    let resume = || frontdesk_engine::contacts::import::resume(&desk.engine);
    resume().await.unwrap();
    desk.settle().await;
    let path = format!("{IMPORTS}/{import}");
    assert_eq!(desk.get_as(&key, &path).await.json()["state"], "running", "somebody may still be at it");
    desk.advance(std::time::Duration::from_secs(61));
    resume().await.unwrap();
    desk.settle().await;
    let done = desk.get_as(&key, &path).await.json();
    assert_eq!((&done["state"], counts(&done)), (&json!("done"), [2, 0, 0, 0]), "{done}");
});
