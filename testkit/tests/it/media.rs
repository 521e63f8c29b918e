//! Photos, voice, files, edits, deletions, reactions.

use std::time::Duration;

use frontdesk_kernel::{ids::MediaId, message::Part};
use frontdesk_store::work;
use frontdesk_testkit::{
    desk::{BURST, Setup, Shop},
    fakes::{
        GraphFault, ModelFault, Route, StoredMedia, inbound_audio, inbound_document, inbound_image, inbound_of, inbound_reaction,
    },
    story,
};
use serde_json::{Value, json};

use crate::people::{ANA, LUZ, SECOND};

fn last_user(asked: &Value) -> Value {
    asked["messages"].as_array().unwrap().last().unwrap()["content"].clone()
}

story!(a_photo_is_shown_to_the_model_and_kept, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let photo = desk.graph.add_media("image/png", b"\x89PNG not really".as_slice());
    assert_eq!(shop.deliver(inbound_image(&shop.account, ANA, "wamid.1", &photo, Some("¿así?"))).await.status, 200);
    desk.answer().await;
    let content = last_user(&desk.openai.asked()[0]);
    assert_eq!(content[0]["text"], "[image] ¿así?");
    assert!(
        content[1]["image_url"]["url"].as_str().unwrap().starts_with("data:image/png;base64,iVBORyBub3QgcmVhbGx5"),
        "{content}"
    );
    let id = stored_media(&shop).await.expect("the photo is kept");
    let scope = shop.scope.clone();
    let file =
        desk.engine.db.read(&shop.scope, work!(tx => frontdesk_store::media::get(tx, &scope, &id).await)).await.unwrap().unwrap();
    assert_eq!(file.bytes, photo.bytes);
    shop.talk(ANA, "¿y entonces?").await;
    assert!(desk.openai.asked()[1].to_string().contains("[image] ¿así?"));
});

async fn stored_media(shop: &Shop<'_>) -> Option<MediaId> {
    let thread = shop.thread(ANA).await;
    thread.iter().flat_map(|m| &m.parts).find_map(|p| match p {
        Part::Media(m) => m.stored.clone(),
        _ => None,
    })
}

story!(a_voice_note_is_heard, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let voice = desk.graph.add_media("audio/ogg; codecs=opus", b"OggS".as_slice());
    desk.openai.hear("quiero una cita mañana");
    assert_eq!(shop.deliver(inbound_audio(&shop.account, ANA, "wamid.1", &voice, true)).await.status, 200);
    desk.answer().await;
    assert_eq!(last_user(&desk.openai.asked()[0]), "[voice note] quiero una cita mañana");
    assert_eq!(shop.incoming(ANA).await, ["[voice note] quiero una cita mañana"]);
});

story!(a_voice_note_that_cannot_be_heard_is_told_to_the_model, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let voice = desk.graph.add_media("audio/ogg", b"OggS".as_slice());
    desk.openai.hearing_faults().always(ModelFault::Status(500));
    assert_eq!(shop.deliver(inbound_audio(&shop.account, ANA, "wamid.1", &voice, true)).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.replies(ANA).len(), 1);
    assert_eq!(shop.incoming(ANA).await, ["[voice note]"]);
});

story!(
    files_that_cannot_be_had_do_not_stop_the_answer,
    Setup::new().with(|s| {
        s.max_image_bytes = 100;
        s.max_document_bytes = 100;
    }),
    |desk| async {
        let shop = desk.business("Luna").openai().open().await;
        let small = desk.graph.add_media("image/png", vec![1; 50]);
        let large = desk.graph.add_media("image/png", vec![1; 101]);
        let book = desk.graph.add_media("application/pdf", vec![1; 500]);
        let lost = StoredMedia { id: "900000099999999".into(), mime: "image/png".into(), bytes: vec![1].into() };
        for (what, webhook) in [
            ("too large", inbound_image(&shop.account, ANA, &shop.wamid(), &large, None)),
            ("a large document", inbound_document(&shop.account, ANA, &shop.wamid(), &book, "libro.pdf")),
            ("not there", inbound_image(&shop.account, ANA, &shop.wamid(), &lost, None)),
        ] {
            let before = shop.replies(ANA).len();
            assert_eq!(shop.deliver(webhook).await.status, 200);
            desk.answer().await;
            assert_eq!(shop.replies(ANA).len(), before + 1, "{what}");
            assert_eq!(stored_media(&shop).await, None, "{what}");
            desk.advance(SECOND * 60);
        }
        for route in [Route::Media, Route::Download] {
            desk.graph.faults_of(route).push(GraphFault::Status(500, json!({})));
            assert_eq!(shop.deliver(inbound_image(&shop.account, ANA, &shop.wamid(), &small, None)).await.status, 200);
            desk.answer().await;
        }
        assert!(stored_media(&shop).await.is_some(), "a second try is worth it");
    }
);

story!(edits_and_deletions_change_what_is_known, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let original = shop.say(ANA, "el lunes").await;
    let edit = json!({"original_message_id": original, "message": {"type": "text", "text": {"body": "el martes"}}});
    assert_eq!(shop.deliver(inbound_of(&shop.account, ANA, &shop.wamid(), "edit", edit)).await.status, 200);
    desk.answer().await;
    assert!(shop.incoming(ANA).await[0] == "el martes", "{:?}", shop.incoming(ANA).await);
    assert!(!last_user(&desk.openai.asked()[0]).to_string().contains("lunes"));
    let replies = shop.replies(ANA).len();
    let deletion = json!({"original_message_id": original});
    assert_eq!(shop.deliver(inbound_of(&shop.account, ANA, &shop.wamid(), "revoke", deletion)).await.status, 200);
    desk.answer().await;
    assert_eq!(shop.incoming(ANA).await[0], "[message deleted]");
    assert_eq!(shop.replies(ANA).len(), replies, "a deletion needs no answer");
    shop.talk(ANA, "hola").await;
    let last = desk.openai.asked().pop().unwrap().to_string();
    assert!(last.contains("[message deleted]"), "{last}");
});

story!(an_edited_caption_leaves_the_photo_where_it_is, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let photo = desk.graph.add_media("image/png", b"\x89PNG not really".as_slice());
    assert_eq!(shop.deliver(inbound_image(&shop.account, ANA, "wamid.1", &photo, Some("pago de mayo"))).await.status, 200);
    desk.answer().await;
    let kept = stored_media(&shop).await.expect("the photo is kept");
    for (caption, shown) in [(Some("pago de junio"), "[image] pago de junio"), (None, "[image]")] {
        let image = json!({"id": photo.id, "mime_type": photo.mime, "caption": caption});
        let edit = json!({"original_message_id": "wamid.1", "message": {"type": "image", "image": image}});
        assert_eq!(shop.deliver(inbound_of(&shop.account, ANA, &shop.wamid(), "edit", edit)).await.status, 200);
        desk.answer().await;
        assert_eq!(stored_media(&shop).await.as_ref(), Some(&kept), "{shown}");
        assert_eq!(shop.incoming(ANA).await[0], shown);
    }
});

story!(what_is_edited_or_deleted_while_its_file_is_fetched_stays_so, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    let photo = desk.graph.add_media("image/png", b"\x89PNG not really".as_slice());
    let image = json!({"id": photo.id, "mime_type": photo.mime, "caption": "pago de junio"});
    for (customer, kind, event, shown) in [
        (
            ANA,
            "edit",
            json!({"original_message_id": "wamid.ana", "message": {"type": "image", "image": image}}),
            "[image] pago de junio",
        ),
        (LUZ, "revoke", json!({"original_message_id": "wamid.luz"}), "[message deleted]"),
    ] {
        let id = event["original_message_id"].as_str().unwrap().to_owned();
        desk.graph.faults_of(Route::Download).push(GraphFault::Stall(Duration::from_millis(400)));
        assert_eq!(shop.deliver(inbound_image(&shop.account, customer, &id, &photo, Some("pago de mayo"))).await.status, 200);
        desk.advance(BURST);
        desk.begin().await;
        desk.until("the photo is asked for", || desk.graph.faults_of(Route::Download).waiting() == 0).await;
        assert_eq!(shop.deliver(inbound_of(&shop.account, customer, &shop.wamid(), kind, event)).await.status, 200);
        desk.answer().await;
        assert_eq!(shop.incoming(customer).await[0], shown);
    }
    assert!(stored_media(&shop).await.is_some(), "the photo is kept with its new words");
    let asked = desk.openai.asked();
    assert!(!asked.iter().any(|asked| asked.to_string().contains("pago de mayo")), "{asked:?}");
    assert!(!asked.last().unwrap().to_string().contains("image_url"), "nobody looks at what was deleted");
});

story!(a_reaction_needs_no_answer, |desk| async {
    let shop = desk.business("Luna").openai().open().await;
    shop.talk(ANA, "hola").await;
    let ours = shop.sent(ANA).remove(0).vendor_id;
    assert_eq!(shop.deliver(inbound_reaction(&shop.account, ANA, "wamid.r", &ours, Some("👍"))).await.status, 200);
    desk.answer().await;
    assert_eq!((shop.replies(ANA).len(), shop.incoming(ANA).await.len()), (1, 2));
});
