//! What a model call costs, in tokens and in money: reserved before the call, settled in the transaction of its step. Near a ceiling
//! whoever is cheaper answers; at the ceiling nobody does, and a person takes over.

use frontdesk_kernel::{
    Scope,
    agent::ModelChoice,
    ids::{ChannelId, ContactId, ConversationId},
    ledger::{self, Blocked, MODEL_CALL, Price},
    ports::model::{Content, ModelRequest, Turn, Usage},
};
use frontdesk_store::{
    Result,
    tokens::{holds::Ask, spent},
    work,
};

use super::Books;
use crate::{Desk, news::News};

/// An answer is taken to be as long as this where no limit is set.
const USUAL_OUTPUT: u64 = 1024;

/// Under what a call is reserved and who is asked.
pub(crate) struct Permit {
    pub(crate) hold: String,
    pub(crate) chain: Vec<ModelChoice>,
}

/// For whom a model is called.
pub(crate) struct Of<'a> {
    /// `trn_…`, or the id of a trial.
    pub(crate) turn: &'a str,
    /// Of the step that the answer will be.
    pub(crate) n: usize,
    pub(crate) contact: Option<&'a ContactId>,
    pub(crate) conversation: Option<&'a ConversationId>,
    pub(crate) channel: Option<&'a ChannelId>,
}

/// Reserves a call, or says why there is none. A run that died after this finds its reservation again.
pub(crate) async fn reserve(
    desk: &Desk,
    scope: &Scope,
    books: &Books,
    chain: &[ModelChoice],
    request: &ModelRequest,
    of: Of<'_>,
) -> Result<Result<Permit, Blocked>> {
    let now = desk.now();
    let ceilings = books.accounting.ceilings;
    let limited = ceilings.day.is_some() || ceilings.month.is_some() || ceilings.money_day.is_some();
    let near = limited && {
        let (s, day) = (scope.clone(), books.day.clone());
        let spent = desk.db.read(scope, work!(tx => spent::so_far(tx, &s, &day, None, None).await)).await?;
        ledger::is_near(&spent, &ceilings)
    };
    let mut chain = chain.to_vec();
    if near {
        cheapest_first(desk, books, &mut chain);
    }
    let mut micros = 0;
    if ceilings.money_day.is_some() {
        // Whose price nobody knows is not asked: it would be billed as nothing.
        chain.retain(|choice| price(desk, books, &choice.model).is_some());
        if chain.is_empty() {
            metrics::counter!("frontdesk_tokens_refused_total", "why" => Blocked::UnknownPrice.as_str()).increment(1);
            return Ok(Err(Blocked::UnknownPrice));
        }
        let usage = about(request);
        micros = chain
            .iter()
            .filter_map(|choice| price(desk, books, &choice.model))
            .map(|p| ledger::money(&p, &usage))
            .max()
            .unwrap_or(0);
    }
    let ask = Ask {
        name: name(of.turn, of.n),
        action: MODEL_CALL.to_owned(),
        tokens: books.accounting.cost(MODEL_CALL),
        micros,
        window_ends: None,
        contact: of.contact.cloned(),
        campaign: None,
        channel: of.channel.cloned(),
        conversation: of.conversation.cloned(),
        turn: Some(of.turn.to_owned()),
    };
    let (s, b) = (scope.clone(), books.clone());
    let (reserved, news) = desk
        .db
        .write(
            scope,
            work!(tx => {
                let mut news = News::default();
                let reserved = b.reserve(tx, &s, &ask, now, &mut news).await?;
                Ok((reserved, news))
            }),
        )
        .await?;
    news.tell(&desk.events);
    Ok(reserved.map(|hold| Permit { hold, chain }))
}

fn name(turn: &str, n: usize) -> String {
    format!("model/{turn}/{n}")
}

/// What a model costs this business: its own price, else the server's.
pub(crate) fn price(desk: &Desk, books: &Books, model: &str) -> Option<Price> {
    ledger::price_of(model, &[&books.accounting.prices, &desk.settings.prices])
}

/// The business's cheaper model alone where it named one, else the agent's own by price; what has no known price comes last.
fn cheapest_first(desk: &Desk, books: &Books, chain: &mut Vec<ModelChoice>) {
    if let Some(cheaper) = &books.accounting.cheaper_model {
        chain.retain(|choice| choice != cheaper);
        chain.insert(0, cheaper.clone());
        return;
    }
    let worth = |choice: &ModelChoice| price(desk, books, &choice.model).map_or(i64::MAX, |p| p.input.saturating_add(p.output));
    chain.sort_by_key(worth);
}

/// How much a request will use, guessed on the high side: three bytes a token, and the longest answer.
fn about(request: &ModelRequest) -> Usage {
    let said: usize = request.turns.iter().map(length).sum();
    let tools: usize = request.tools.iter().map(|t| t.name.len() + t.description.len() + t.parameters.text().len()).sum();
    let input = ((request.system.len() + said + tools) / 3) as u64;
    Usage { input, output: request.max_output_tokens.map_or(USUAL_OUTPUT, u64::from), ..Usage::default() }
}

/// Bytes of text; an image counts as a thousand tokens.
fn length(turn: &Turn) -> usize {
    match turn {
        Turn::User(contents) => contents.iter().map(|c| if let Content::Text(text) = c { text.len() } else { 3000 }).sum(),
        Turn::Model { text, calls, .. } => {
            text.as_ref().map_or(0, String::len) + calls.iter().map(|c| c.arguments.to_string().len()).sum::<usize>()
        }
        Turn::Tool { result, .. } => result.len(),
    }
}
