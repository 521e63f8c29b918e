//! Files through the API: uploads for replies, and how they are served.

use frontdesk_testkit::story;
use serde_json::json;

use crate::people::ANA;

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR";

story!(an_upload_is_sent_and_served_to_its_own_business_only, |desk| async {
    let (luna, sol) = (desk.business("Luna").openai().open().await, desk.business("Sol").open().await);
    let (key, theirs) = (luna.key(&["*"]).await, sol.key(&["*"]).await);
    let file = desk.ask_as(&key, "POST", "/api/v1/media?file_name=a%20b.png", &[("content-type", "image/png")], PNG).await;
    assert_eq!((file.status, file.json()["kind"].clone()), (201, json!("image")), "{}", file.text);
    let id = file.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/media/{id}");
    assert_eq!(desk.get_as(&theirs, &path).await.status, 404);
    assert_eq!(desk.get(&path).await.status, 401);
    let served = desk.get_as(&key, &path).await;
    assert_eq!(served.header("content-type"), "image/png");
    assert_eq!(served.header("content-disposition"), "inline; filename=\"a b.png\"; filename*=UTF-8''a%20b.png");
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert!(served.header("content-security-policy").contains("sandbox"));
    assert!(served.header("cache-control").contains("immutable"));

    luna.talk(ANA, "hola").await;
    let conversation = luna.conversation(ANA).await.id;
    let reply = |id: &str| json!({"parts": [{"type": "media", "kind": "image", "stored": id, "caption": "mira"}]});
    let replies = format!("/api/v1/conversations/{conversation}/replies");
    assert_eq!(desk.post_as(&key, &replies, &reply("med_none")).await.status, 422);
    assert_eq!(desk.post_as(&key, &replies, &reply(&id)).await.status, 202);
    desk.settle().await;
    assert_eq!(luna.sent(ANA).len(), 2);
});

story!(what_could_run_is_not_taken_and_never_shown, |desk| async {
    let shop = desk.business("Luna").open().await;
    let key = shop.key(&["*"]).await;
    for (mime, bytes, status) in [
        ("image/svg+xml", b"<svg onload=alert(1)>".as_slice(), 415),
        ("text/html", b"<script>alert(1)</script>", 415),
        ("image/png", b"<script>alert(1)</script>", 422),
        ("image/png", b"", 422),
        ("", PNG, 415),
    ] {
        let answer = desk.ask_as(&key, "POST", "/api/v1/media", &[("content-type", mime)], bytes).await;
        assert_eq!(answer.status, status, "{mime}: {}", answer.text);
    }
    // As a vendor may bring it.
    for (mime, bytes) in
        [("image/svg+xml", b"<svg onload=alert(1)>".as_slice()), ("image/png", b"<script>"), ("application/pdf", b"%PDF-1.7")]
    {
        let id = shop.store_file(mime, bytes).await;
        let served = desk.get_as(&key, &format!("/api/v1/media/{id}")).await;
        assert_eq!(served.header("content-type"), "application/octet-stream", "{mime}");
        assert!(served.header("content-disposition").starts_with("attachment"), "{mime}");
    }
});

story!(words_that_do_not_fit_beside_a_file_or_above_choices_arrive_whole, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let key = shop.key(&["*"]).await;
    shop.talk(ANA, "hola").await;
    let replies = format!("/api/v1/conversations/{}/replies", shop.conversation(ANA).await.id);
    let (sound, photo) = (shop.store_file("audio/ogg", b"OggS").await, shop.store_file("image/png", PNG).await);
    let long = "Se lo explico paso a paso. ".repeat(60);
    let long = long.trim();
    for (part, words) in [
        (json!({"type": "media", "kind": "audio", "stored": sound, "caption": "Óigalo hoy"}), "Óigalo hoy"),
        (json!({"type": "media", "kind": "image", "stored": photo, "caption": "Mire"}), "Mire"),
        (json!({"type": "media", "kind": "image", "stored": photo, "caption": long}), long),
        (json!({"type": "buttons", "text": long, "buttons": [{"id": "b", "title": "Sí"}]}), long),
        (json!({"type": "list", "text": long, "button": "Horas", "sections": [{"rows": [{"id": "r", "title": "10:00"}]}]}), long),
    ] {
        let (before, kind) = (shop.sent(ANA).len(), part["type"].as_str().unwrap().to_owned());
        assert_eq!(desk.post_as(&key, &replies, &json!({ "parts": [part] })).await.status, 202, "{kind}");
        desk.settle().await;
        let sent = shop.sent(ANA).split_off(before);
        let said: Vec<_> = sent.iter().filter_map(|s| s.text.as_deref()).flat_map(str::split_whitespace).collect();
        assert_eq!(said, words.split_whitespace().collect::<Vec<_>>(), "{kind}");
        assert!(sent.iter().any(|s| s.kind != "text"), "{kind}: the file or the choices went, too");
    }
});
