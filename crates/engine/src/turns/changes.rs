//! What the tools of a step changed, for those who watch.

use frontdesk_kernel::{
    ids::*,
    tool::{ReceiptKind, ToolResult},
};
use frontdesk_store::lanes::Claim;

use crate::{decisions::waits_for, events::Event, news::News};

pub(super) fn of(claim: &Claim, contact: &ContactId, results: &[ToolResult]) -> News {
    let mut news = News::default();
    news.turn("turn.step", &claim.tenant, &claim.conversation, &claim.turn);
    for id in results.iter().filter_map(|r| waits_for(r).map(|w| w.0).or_else(|| ApprovalId::parse(&r.call).ok())) {
        news.other(&claim.tenant, Event::new("approval.changed", id.as_str()).within(&claim.conversation));
        news.other(&claim.tenant, Event::new("task.changed", "").within(&claim.conversation));
    }
    for data in results.iter().map(|r| &r.data) {
        if let Some(payment) = data["payment"]["id"].as_str().or(data["refund"]["payment"].as_str()) {
            news.other(&claim.tenant, Event::new("payment.changed", payment).within(&claim.conversation));
        }
    }
    for report in results.iter().filter_map(|r| r.data["report"]["id"].as_str()) {
        news.other(&claim.tenant, Event::new("report.created", report));
    }
    for result in results.iter().filter(|r| r.ok) {
        match result.receipt {
            Some(ReceiptKind::Booked | ReceiptKind::Rescheduled | ReceiptKind::Cancelled) => {
                let id = result.data["appointment"]["id"].as_str().or(result.data["id"].as_str()).unwrap_or_default();
                news.other(&claim.tenant, Event::new("appointment.changed", id).within(&claim.conversation));
            }
            Some(ReceiptKind::ContactUpdated) => news.other(&claim.tenant, Event::new("contact.changed", contact.as_str())),
            Some(ReceiptKind::HandedOver) => {
                news.conversation(&claim.tenant, &claim.conversation);
                news.other(&claim.tenant, Event::new("task.changed", "").within(&claim.conversation));
            }
            Some(ReceiptKind::Sent) => {
                let Ok(thread) = ConversationId::parse(result.data["message"]["conversation"].as_str().unwrap_or_default())
                else {
                    continue;
                };
                let ids = result.data["message"]["ids"].as_array().into_iter().flatten().filter_map(|id| id.as_str());
                for id in ids.filter_map(|id| MessageId::parse(id).ok()) {
                    news.message(&claim.tenant, &thread, &id);
                }
            }
            Some(ReceiptKind::Paid | ReceiptKind::ReportMade) | None => {}
        }
    }
    news
}
