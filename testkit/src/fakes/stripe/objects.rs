//! Stripe's objects as it writes them, with what it always writes.

use serde_json::{Value, json};

use super::{GivenBack, Session};

pub(super) fn session(s: &Session, now: i64) -> Value {
    json!({
        "id": s.id, "object": "checkout.session", "mode": "payment", "livemode": false, "created": now, "expires_at": now + 86_400,
        "amount_subtotal": s.amount, "amount_total": s.amount, "currency": s.currency, "status": s.status,
        "payment_status": s.payment_status, "payment_intent": if s.payment_status == "paid" { json!(s.intent) } else { Value::Null },
        "client_reference_id": s.reference, "metadata": s.metadata, "payment_method_types": ["card"], "shipping_options": [],
        "automatic_tax": { "enabled": false, "status": null }, "custom_fields": [],
        "custom_text": { "shipping_address": null, "submit": null }, "success_url": "https://example.com/paid",
        "url": if s.status == "open" { json!(format!("https://checkout.stripe.com/c/pay/{}", s.id)) } else { Value::Null },
    })
}

pub(super) fn intent(s: &Session, now: i64) -> Value {
    json!({
        "id": s.intent, "object": "payment_intent", "amount": s.amount, "amount_received": s.amount, "currency": s.currency,
        "capture_method": "automatic", "confirmation_method": "automatic", "created": now, "livemode": false,
        "payment_method_types": ["card"], "status": "succeeded", "metadata": s.metadata,
    })
}

pub(super) fn charge(s: &Session, refunded: i64, now: i64) -> Value {
    json!({
        "id": s.intent.replace("pi_", "ch_"), "object": "charge", "amount": s.amount, "amount_captured": s.amount,
        "amount_refunded": refunded, "billing_details": { "address": null, "email": "payer@example.com", "name": null, "phone": null },
        "captured": true, "created": now, "currency": s.currency, "disputed": false, "livemode": false, "metadata": s.metadata,
        "paid": true, "refunded": refunded >= s.amount, "status": "succeeded", "payment_intent": s.intent,
    })
}

pub(super) fn refund(r: &GivenBack, now: i64) -> Value {
    json!({
        "id": r.id, "object": "refund", "amount": r.amount, "created": now, "currency": r.currency, "metadata": r.metadata,
        "payment_intent": r.intent, "reason": "requested_by_customer", "status": r.status, "charge": r.intent.replace("pi_", "ch_"),
    })
}

pub(super) fn event(id: &str, kind: &str, object: Value, now: i64) -> Value {
    json!({
        "id": id, "object": "event", "api_version": "2026-10-28.endive", "created": now, "livemode": false, "pending_webhooks": 1,
        "request": { "id": null, "idempotency_key": null }, "type": kind, "data": { "object": object },
    })
}
