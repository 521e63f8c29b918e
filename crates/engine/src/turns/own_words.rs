//! Turns that end in our own words instead of a model's: a fixed line in the contact's language, and a person where one is needed.

use std::sync::Arc;

use frontdesk_kernel::{language::Line, ledger::Blocked, message::Author, turn::GiveUp};
use frontdesk_store::{Result, lanes::Claim};

use super::{
    drive::{Running, Unsaved},
    finish::{self, Ending},
    gather::Gathered,
    rules,
};
use crate::Desk;

/// The turn ends without the model's answer: a polite line for the contact, a task for a person.
pub(super) async fn give_up(
    desk: &Arc<Desk>,
    claim: &mut Claim,
    g: &Gathered,
    running: &Running,
    unsaved: Unsaved,
    why: GiveUp,
) -> Result<()> {
    let line = g.fallback(why).unwrap_or_else(|| rules::line_for(why));
    let ending = Ending {
        text: line.text(g.contact.speaks(g.view.tenant.speaks())).to_owned(),
        gave_up: Some(why),
        author: Author::System,
        may_absorb: false,
        task: Some(format!("the bot could not answer ({why:?}): please take over")),
    };
    metrics::counter!("frontdesk_turns_given_up_total", "why" => format!("{why:?}")).increment(1);
    finish::finish(desk, claim, g, running, unsaved, ending).await.map(drop)
}

/// The team's decision in our own words: there is nothing for a model to add.
pub(super) async fn say_outcome(desk: &Arc<Desk>, claim: &Claim, g: &Gathered, running: &Running, line: Line) -> Result<()> {
    let ending = Ending {
        text: line.text(g.contact.speaks(g.view.tenant.speaks())).to_owned(),
        gave_up: None,
        author: Author::System,
        may_absorb: false,
        task: None,
    };
    finish::finish(desk, claim, g, running, Unsaved::default(), ending).await.map(drop)
}

/// A limit stops the bot before it spends: our own line, once, and a person.
pub(super) async fn no_credit(desk: &Arc<Desk>, claim: &mut Claim, g: &Gathered, running: &Running, why: Blocked) -> Result<()> {
    let text = rules::line_for(GiveUp::Credit).text(g.contact.speaks(g.view.tenant.speaks()));
    if g.said_last(text) && g.journal.is_empty() {
        return finish::suppress(desk, claim, "there is no credit, and the contact was told").await;
    }
    metrics::counter!("frontdesk_turns_given_up_total", "why" => "Credit").increment(1);
    let ending = Ending {
        text: text.to_owned(),
        gave_up: Some(GiveUp::Credit),
        author: Author::System,
        may_absorb: false,
        task: Some(format!("the bot could not answer ({why}): please take over")),
    };
    finish::finish(desk, claim, g, running, Unsaved::default(), ending).await.map(drop)
}

/// Only things we cannot read: one polite line, not repeated while it is still our last word.
pub(super) async fn answer_unreadable(desk: &Arc<Desk>, claim: &mut Claim, g: &mut Gathered) -> Result<()> {
    let line = Line::CannotRead.text(g.contact.speaks(g.view.tenant.speaks()));
    if g.said_last(line) {
        return finish::suppress(desk, claim, "already said that this cannot be read").await;
    }
    let now = desk.now();
    let running = Running { deadline: now, started: now, prompt: "".into(), chain: Vec::new(), images: Vec::new() };
    let ending = Ending { text: line.to_owned(), gave_up: None, author: Author::System, may_absorb: false, task: None };
    finish::finish(desk, claim, g, &running, Unsaved::default(), ending).await.map(drop)
}
