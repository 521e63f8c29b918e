//! Appointments: booked, moved and cancelled in conversations.

use frontdesk_testkit::story;

const ANA: &str = "573001112233";

story!(a_greeting_is_answered, |desk| async {
    let shop = desk.business("Luna").open().await;
    let reply = shop.talk(ANA, "Hola").await;
    assert!(reply.contains("¡Hola! 👋"), "{reply}");
    let sent = shop.sent(ANA);
    assert_eq!(sent.len(), 1);
    let kept = shop.outgoing(ANA).await;
    assert_eq!(kept[0].vendor_id.as_deref(), Some(sent[0].vendor_id.as_str()));
    assert_eq!(kept[0].delivery, Some(frontdesk_kernel::message::Delivery::Read));
});
