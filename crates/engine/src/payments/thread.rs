//! What became of a payment, as a line in its conversation: said to the contact where the bot may speak, else for the team to read.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::PaymentId,
    language::Language,
    message::{Author, Direction, Message, Part},
    payment::Payment,
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, contacts, conversations, effects, messages, payments};

use crate::{Desk, directory::Lines, news::News, outbox};

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Paid,
    GivenBack(i64),
}

impl Line {
    fn text(self, payment: &Payment, language: Language) -> String {
        let (amount, what) = (&payment.amount, &payment.description);
        let back = |minor| frontdesk_kernel::money::Money { minor, ..amount.clone() };
        match (self, language) {
            (Line::Paid, Language::Spanish) => format!("✅ Recibimos tu pago de {amount}: {what}."),
            (Line::Paid, Language::English) => format!("✅ We received your payment of {amount}: {what}."),
            (Line::GivenBack(minor), Language::Spanish) => format!("↩️ Te devolvimos {}: {what}.", back(minor)),
            (Line::GivenBack(minor), Language::English) => format!("↩️ We refunded {}: {what}.", back(minor)),
        }
    }
}

/// The payment, with its conversation held before it: that is the order of everything that moves both.
pub(super) async fn hold(tx: &mut Tx, scope: &Scope, id: &PaymentId) -> Result<Option<Payment>> {
    let conversation = payments::get(tx, scope, id).await?.and_then(|p| p.conversation);
    if let Some(conversation) = &conversation {
        conversations::current_mode(tx, scope, conversation).await?;
    }
    payments::lock(tx, scope, id).await
}

#[expect(clippy::too_many_arguments, reason = "what a line is made of")]
pub(super) async fn tell(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    (tenant, lines): (&Tenant, &Arc<Lines>),
    payment: &Payment,
    line: Line,
    now: Timestamp,
    news: &mut News,
) -> Result<()> {
    let Some(id) = &payment.conversation else { return Ok(()) };
    let Some(conversation) = conversations::get(tx, scope, id).await? else { return Ok(()) };
    let language =
        contacts::get(tx, scope, &payment.contact).await?.map_or_else(|| tenant.speaks(), |c| c.speaks(tenant.speaks()));
    let text = line.text(payment, language);
    let open = lines.get(&conversation.channel).filter(|l| {
        let window = desk.channel(&l.channel.kind).and_then(|c| c.about().window);
        let in_time = window.is_none_or(|w| conversation.last_inbound_at.is_some_and(|at| now.since(at) < w));
        in_time && l.channel.active && tenant.active && conversation.mode.bot_answers(now)
    });
    let Some(channel) = open else {
        let message = Message {
            id: desk.id(),
            conversation: id.clone(),
            direction: Direction::Out,
            author: Author::System,
            parts: vec![Part::Text { text }],
            vendor_id: None,
            quotes: None,
            delivery: None,
            failure: None,
            turn: None,
            at: now,
        };
        messages::insert(tx, scope, &message).await?;
        news.message(scope.tenant(), id, &message.id);
        return conversations::touch(tx, scope, id, now).await;
    };
    for part in outbox::text_parts(desk, channel, &text) {
        let (message, effect) = outbox::draft(desk, channel, id, Author::System, part, None, now);
        messages::insert(tx, scope, &message).await?;
        effects::plan(tx, scope, &effect, now).await?;
        news.message(scope.tenant(), id, &message.id);
    }
    conversations::touch(tx, scope, id, now).await
}
