//! `payment_link`: asks the customer for a payment. Its amount is the price of what is paid for, unless the business allows others.

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Amount, Category},
    effect::{Class, State},
    http_tool::ToolEffect,
    ids::ToolId,
    money::Money,
    payment::Payment,
    ports::{model::ToolCall, payments::Link},
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Error, Result, Tx, contacts, payments, work};
use serde_json::{Value, json};

use super::{Leaves, Meant, Offered, TimeLeft, ToolContext, calendar, meant, outgoing::own_id, tool_spec};
use crate::{
    http_tools::Carried,
    payments::{
        Till,
        ask::{self, Wanted},
    },
};

const NAME: &str = "payment_link";

pub(super) struct PaymentLink;

impl Offered for PaymentLink {
    fn spec(&self) -> ToolSpec {
        tool_spec!(
            NAME,
            "Makes a link where the customer pays by card. Say what is paid for: an appointment of theirs or a service; the price is known. \
             Give them the link exactly as it comes. Nothing is paid until `my_payments` says so.",
            {
                "appointment": {"type": "string", "maxLength": 120, "description": "its id, words of its service, or `latest`"},
                "service": {"type": "string", "maxLength": 120, "description": "its name, when there is no appointment"},
                "amount_minor": {"type": "integer", "minimum": 1, "maximum": 1_000_000_000_000_i64,
                    "description": "only when it is not the price: in the smallest unit of the currency (12.50 USD is 1250, 45000 COP is 4500000, 900 JPY is 900)"},
                "description": {"type": "string", "maxLength": 200, "description": "what is paid for, when it is neither of them"}
            },
            []
        )
    }

    fn about(&self) -> About {
        let about = About::changes(Category::External, "payment:write", "Ask for a payment", "Pedir un pago");
        About { amount: Some("/amount_minor".into()), ..about }
    }
}

#[async_trait]
impl Leaves for PaymentLink {
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
        None
    }

    /// The price of what is paid for.
    async fn amount(&self, tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Amount> {
        let Some(till) = &context.view.till else { return Ok(Amount::None) };
        let wanted = wanted(tx, context, till, arguments).await?;
        Ok(wanted.map_or(Amount::None, |wanted| Amount::Minor(wanted.amount.minor)))
    }

    async fn meant(
        &self,
        tx: &mut Tx,
        context: &ToolContext,
        arguments: &Value,
    ) -> Result<std::result::Result<Option<Meant>, String>> {
        match calendar::text(arguments, "appointment") {
            Some(_) => meant::own_appointment(tx, context, arguments).await,
            None => Ok(Ok(None)),
        }
    }

    async fn begin(
        &self,
        tx: &mut Tx,
        context: &ToolContext,
        call: &ToolCall,
        key: &str,
    ) -> Result<std::result::Result<(), String>> {
        let Some(till) = &context.view.till else { return Ok(Err(not_connected(context))) };
        if payments::by_reference(tx, &context.scope, key).await?.is_some() {
            return Ok(Ok(()));
        }
        let wanted = match wanted(tx, context, till, &call.arguments).await? {
            Ok(wanted) => wanted,
            Err(why) => return Ok(Err(why)),
        };
        let (scope, contact, conversation) = (&context.scope, &context.contact.id, &context.conversation.id);
        // In all their conversations, one after another.
        contacts::lock(tx, scope, contact).await?;
        match ask::before(tx, scope, &wanted, context.now).await? {
            Some(paid) if paid.paid_at.is_some() => {
                return Ok(Err(
                    context.say("Eso ya está pagado; no se cobró otra vez.", "That is paid already; it was not asked for again.")
                ));
            }
            Some(_) => {}
            None => ask::put_down(tx, scope, till, context.id(), key, contact, conversation, wanted, context.now).await?,
        }
        Ok(Ok(()))
    }

    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let Some(till) = &context.view.till else { return Ok(Carried::failed(not_connected(context))) };
        let (c, t, arguments, k) = (context.clone(), till.clone(), call.arguments.clone(), key.to_owned());
        let found = context
            .desk
            .db
            .read(
                &context.scope,
                work!(tx => match payments::by_reference(tx, &c.scope, &k).await? {
                    Some(own) => Ok(Some(own)),
                    None => match wanted(tx, &c, &t, &arguments).await? {
                        Ok(wanted) => ask::before(tx, &c.scope, &wanted, c.now).await,
                        Err(_) => Ok(None),
                    },
                }),
            )
            .await?;
        let payment = found.ok_or_else(|| Error::Broken("a payment that was begun is not there".into()))?;
        if let (Some(id), Some(url)) = (&payment.vendor_link, &payment.url) {
            return Ok(made(context, &payment, &Link { id: id.clone(), url: url.clone() }, 0));
        }
        Ok(match ask::link(&context.desk, till, &payment, time_left).await {
            (Ok(link), attempts) => made(context, &payment, &link, attempts),
            (Err(error), attempts) => {
                tracing::warn!(turn = %context.turn, error = %error, "a payment link was not made");
                let content = context.say(
                    "No se pudo crear el enlace de pago; no se cobró nada. Una persona del equipo puede ayudar.",
                    "The payment link could not be made; nothing was charged. A person of the team can help.",
                );
                let facts = json!({ "problem": error.kind_in_words() });
                Carried { attempts, status: error.status, facts, ..Carried::failed(content) }
            }
        })
    }

    async fn end(&self, tx: &mut Tx, context: &ToolContext, key: &str, carried: &Carried) -> Result<()> {
        let text = |pointer: &str| carried.facts.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let linked = match carried.state {
            State::Succeeded => Ok(Link { id: text("/payment/link"), url: text("/payment/url") }),
            _ => Err(text("/problem")),
        };
        match payments::by_reference(tx, &context.scope, key).await? {
            Some(_) => ask::settle(tx, &context.scope, key, &linked, context.now).await.map(drop),
            // The link of before was given once more.
            None => Ok(()),
        }
    }
}

fn made(context: &ToolContext, payment: &Payment, link: &Link, attempts: u32) -> Carried {
    let (amount, what, url) = (&payment.amount, &payment.description, &link.url);
    Carried {
        state: State::Succeeded,
        content: context.say(
            &format!("Enlace para pagar {amount} ({what}): {url}\nTodavía no está pagado."),
            &format!("Link to pay {amount} ({what}): {url}\nIt is not paid yet."),
        ),
        status: None,
        attempts,
        facts: json!({ "payment": {
            "id": payment.id, "link": link.id, "url": url, "minor": amount.minor, "currency": amount.currency, "for": what,
        } }),
        proven: false,
    }
}

pub(super) fn not_connected(context: &ToolContext) -> String {
    context.say("Aquí no se puede pagar en línea.", "Online payments are not set up here.")
}

/// What is paid for and how much that is.
async fn wanted(
    tx: &mut Tx,
    context: &ToolContext,
    till: &Till,
    arguments: &Value,
) -> Result<std::result::Result<Wanted, String>> {
    let said = |key: &str| calendar::text(arguments, key);
    let (mut appointment, mut service) = (None, None);
    if said("appointment").is_some() {
        match calendar::own_appointment(tx, context, arguments).await? {
            Ok(own) => {
                service = context.view.services.iter().find(|s| Some(&s.id) == own.service.as_ref());
                appointment = Some(own);
            }
            Err(why) => return Ok(Err(why)),
        }
    } else if said("service").is_some() {
        match calendar::service(context, arguments) {
            Ok(found) => service = found,
            Err(why) => return Ok(Err(why)),
        }
    }
    let price = service.and_then(|s| s.price.clone());
    let named = arguments["amount_minor"].as_i64();
    let currency = price.as_ref().map_or_else(|| context.view.tenant.currency.clone(), |p| p.currency.clone());
    let amount = match (named, price) {
        (Some(minor), Some(price)) if minor == price.minor => price,
        (Some(minor), _) if till.rules.any_amount => Money { minor, currency },
        (Some(_), price) => return Ok(Err(only_prices(context, price.as_ref()))),
        (None, Some(price)) => price,
        (None, None) => return Ok(Err(only_prices(context, None))),
    };
    if till.rules.most_minor.is_some_and(|most| amount.minor > most) {
        return Ok(Err(context.say(
            "Ese monto es mayor de lo que puedo cobrar sin una persona del equipo.",
            "That is more than I may ask for without a person of the team.",
        )));
    }
    if let Err(why) = till.vendor.fits(&amount) {
        return Ok(Err(why));
    }
    let description = match (&appointment, service, said("description")) {
        (Some(own), ..) => own.title.clone(),
        (None, Some(service), _) => service.name.clone(),
        (None, None, Some(words)) => words.to_owned(),
        (None, None, None) => context.view.tenant.name.clone(),
    };
    Ok(Ok(Wanted { amount, description, appointment: appointment.map(|a| a.id) }))
}

fn only_prices(context: &ToolContext, price: Option<&Money>) -> String {
    match price {
        Some(price) => {
            context.say(&format!("Solo puedo cobrar el precio: {price}."), &format!("I can only ask for the price: {price}."))
        }
        None => context.say(
            "Di por cuál cita o servicio con precio se paga.",
            "Say which appointment, or which service that has a price, is paid for.",
        ),
    }
}
