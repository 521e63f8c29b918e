//! `my_payments`: what the customer was asked to pay and what came in; the proof that a payment was received.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::About,
    effect::{Class, State},
    http_tool::ToolEffect,
    ids::ToolId,
    payment::{self, Payment},
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Result, Tx, payments, payments::Filter, work};
use serde_json::json;

use super::{Leaves, Offered, TimeLeft, ToolContext, outgoing::own_id, tool_spec};
use crate::http_tools::Carried;

const NAME: &str = "my_payments";
/// More would help nobody.
const MOST: u32 = 10;

pub(super) struct MyPayments;

impl Offered for MyPayments {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            NAME,
            "The customer's own payments, latest first: what is open, paid or given back. Look before you say that something is paid.",
            {},
            []
        )
    }

    fn about(&self) -> About {
        About::reads("payment:read", "See the customer's payments", "Ver los pagos del cliente")
    }
}

#[async_trait]
impl Leaves for MyPayments {
    fn id(&self) -> ToolId {
        own_id(NAME)
    }
    fn class(&self) -> Class {
        Class::A
    }
    fn effect(&self) -> ToolEffect {
        ToolEffect::Reads
    }
    fn proves(&self) -> Option<ReceiptKind> {
        Some(ReceiptKind::Paid)
    }

    async fn begin(&self, _: &mut Tx, _: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        Ok(Ok(()))
    }

    async fn carry_out(&self, context: &ToolContext, _: &ToolCall, _: &str, _: TimeLeft<'_>) -> Result<Carried> {
        let filter = Filter { contact: Some(context.contact.id.clone()), ..Filter::default() };
        let s = context.scope.clone();
        let read = context.desk.db.read(&context.scope, work!(tx => payments::list(tx, &s, &filter, None, MOST).await));
        let mine = read.await?;
        let content = match mine.as_slice() {
            [] => context.say("No hay pagos.", "There are no payments."),
            some => some.iter().map(|p| line(context, p)).collect::<Vec<_>>().join("\n"),
        };
        let shown: Vec<_> = mine
            .iter()
            .map(|p| json!({ "id": p.id, "state": p.state, "minor": p.amount.minor, "currency": p.amount.currency }))
            .collect();
        Ok(Carried {
            state: State::Succeeded,
            content,
            status: None,
            attempts: 1,
            facts: json!({ "payments": shown }),
            // An open link proves nothing.
            proven: mine.iter().any(|p| p.paid_at.is_some()),
        })
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}

fn line(context: &ToolContext, p: &Payment) -> String {
    let state = match p.state {
        payment::State::Open => context.say("sin pagar", "not paid yet"),
        payment::State::Paid => context.say("pagado", "paid"),
        payment::State::Expired => context.say("enlace vencido, sin pagar", "link expired, not paid"),
        payment::State::Refunding => context.say("devolución en camino", "being refunded"),
        payment::State::Refunded => context.say("devuelto", "refunded"),
        payment::State::Failed => context.say("no se pudo pagar", "could not be paid"),
    };
    let url = p.url.as_deref().filter(|_| p.state == payment::State::Open).map(|url| format!(" {url}")).unwrap_or_default();
    format!("• {}: {} – {state}{url} [{}]", p.description, p.amount, p.id)
}
