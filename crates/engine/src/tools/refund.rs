//! `refund_payment`: gives back what the customer paid, when a person of the team approved exactly that.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Amount, Category, Level},
    effect::{Class, State},
    http_tool::ToolEffect,
    ids::{PaymentId, ToolId},
    payment::{Payment, RefundState},
    ports::model::ToolCall,
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Error, Result, Tx, payments, refunds, work};
use serde_json::{Value, json};

use super::{Leaves, Offered, TimeLeft, ToolContext, calendar, outgoing::own_id, payment_link::not_connected, tool_spec};
use crate::{
    http_tools::Carried,
    payments::back::{self, Settled, Wanted},
};

const NAME: &str = "refund_payment";

pub(super) struct RefundPayment;

impl Offered for RefundPayment {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            NAME,
            "Gives back a payment of the customer's, whole or in part. A person of the team must approve it first. Only its success means \
             that it was given back.",
            {
                "payment": {"type": "string", "maxLength": 80, "description": "its id from `my_payments`"},
                "amount_minor": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000_000_i64,
                    "description": "in the smallest unit of its currency; left out: all that is left"},
                "reason": {"type": "string", "minLength": 1, "maxLength": 300, "description": "for the team, one sentence"}
            },
            ["payment", "reason"]
        )
    }

    fn about(&self) -> About {
        let about = About::changes(Category::External, "payment:write", "Give a payment back", "Devolver un pago");
        About { amount: Some("/amount_minor".into()), ..about.proving(ReceiptKind::Paid).for_good().at_least(Level::Approval) }
    }
}

#[async_trait]
impl Leaves for RefundPayment {
    fn id(&self) -> ToolId {
        own_id(NAME)
    }
    fn class(&self) -> Class {
        Class::A
    }
    fn effect(&self) -> ToolEffect {
        ToolEffect::Writes
    }
    fn proves(&self) -> Option<ReceiptKind> {
        Some(ReceiptKind::Paid)
    }
    /// The one before may still be under way at the vendor's.
    fn answers_for_the_first(&self) -> bool {
        false
    }

    /// All that is left of the payment.
    async fn amount(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Amount> {
        let Some(payment) = own_payment(tx, context, arguments).await? else { return Ok(Amount::None) };
        let refunds = refunds::of_payment(tx, &context.scope, &payment.id).await?;
        Ok(Amount::Minor(payment.refundable(back::pending(&refunds))))
    }

    async fn begin(
        &self,
        tx: &mut Tx,
        context: &ToolContext,
        call: &ToolCall,
        key: &str,
    ) -> Result<std::result::Result<(), String>> {
        if context.view.till.is_none() {
            return Ok(Err(not_connected(context)));
        }
        let Some(payment) = own_payment(tx, context, &call.arguments).await? else {
            return Ok(Err(context.say("No encontré ese pago entre los tuyos.", "I did not find that payment among yours.")));
        };
        // The rules ask a person before anything comes here; nothing else may.
        if !context.approved {
            return Ok(Err("Nothing was given back: a person of the team must approve it first.".to_owned()));
        }
        let wanted = Wanted {
            id: context.id(),
            reference: key.to_owned(),
            minor: call.arguments["amount_minor"].as_i64(),
            reason: calendar::text(&call.arguments, "reason").unwrap_or_default().to_owned(),
            requested_by: String::new(),
        };
        let put_down = back::put_down(tx, &context.scope, &payment.id, &wanted, context.now).await?;
        Ok(put_down.map(drop).map_err(|refusal| refusal.in_words()))
    }

    async fn carry_out(&self, context: &ToolContext, _: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let Some(till) = &context.view.till else { return Ok(Carried::failed(not_connected(context))) };
        let (s, k) = (context.scope.clone(), key.to_owned());
        let found = context
            .desk
            .db
            .read(
                &context.scope,
                work!(tx => {
                    let Some(refund) = refunds::by_reference(tx, &s, &k).await? else { return Ok(None) };
                    Ok(payments::get(tx, &s, &refund.payment).await?.map(|payment| (payment, refund)))
                }),
            )
            .await?;
        let (payment, refund) = found.ok_or_else(|| Error::Broken("a refund that was begun is not there".into()))?;
        let (settled, attempts) = back::carry_out(&context.desk, till, &payment, &refund, false, time_left).await;
        let amount = frontdesk_kernel::money::Money { minor: refund.minor, ..payment.amount };
        let (state, content) = match &settled {
            Settled::Made(given) if given.state == RefundState::Failed => (State::Failed, not_given(context)),
            Settled::Made(_) => (
                State::Succeeded,
                context.say(
                    &format!("Se devolvió {amount} al medio de pago; puede tardar unos días en verse."),
                    &format!("{amount} was given back to the means of payment; it can take some days to show."),
                ),
            ),
            Settled::Refused(_) => (State::Failed, not_given(context)),
            Settled::Unknown(_) | Settled::TooOld => (
                State::Review,
                "It is not known whether it was given back. Do not call it again and do not say that it is done: a person of the team \
                 will check."
                    .to_owned(),
            ),
        };
        let (made, problem) = match &settled {
            Settled::Made(given) => (json!({ "id": given.id, "state": given.state }), Value::Null),
            Settled::Refused(why) | Settled::Unknown(why) => (Value::Null, why.as_str().into()),
            Settled::TooOld => (Value::Null, "too_old".into()),
        };
        let facts = json!({ "refund": { "id": refund.id, "payment": payment.id, "minor": refund.minor, "made": made, "problem": problem } });
        Ok(Carried { state, content, status: None, attempts, facts, proven: true })
    }

    async fn end(&self, tx: &mut Tx, context: &ToolContext, _: &str, carried: &Carried) -> Result<()> {
        let refund = &carried.facts["refund"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let Ok(id) = text(&refund["id"]).parse() else { return Ok(()) };
        let settled = match (serde_json::from_value(refund["made"]["state"].clone()), carried.state) {
            (Ok(state), _) => {
                Settled::Made(frontdesk_kernel::ports::payments::GivenBack { id: text(&refund["made"]["id"]), state })
            }
            (Err(_), State::Review) if refund["problem"] == "too_old" => Settled::TooOld,
            (Err(_), State::Review) => Settled::Unknown(text(&refund["problem"])),
            (Err(_), _) => Settled::Refused(text(&refund["problem"])),
        };
        back::settle(tx, &context.desk, &context.scope, &id, &settled, context.now).await.map(drop)
    }
}

fn not_given(context: &ToolContext) -> String {
    context.say(
        "La devolución no se pudo hacer; no se devolvió nada. Una persona del equipo puede ayudar.",
        "The refund could not be made; nothing was given back. A person of the team can help.",
    )
}

/// The contact's own.
async fn own_payment(tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Option<Payment>> {
    let Some(Ok(id)) = calendar::text(arguments, "payment").map(PaymentId::parse) else { return Ok(None) };
    Ok(payments::get(tx, &context.scope, &id).await?.filter(|p| p.contact == context.contact.id))
}
