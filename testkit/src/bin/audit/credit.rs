//! The books of a business that keeps accounts: what they say is what the journals say, nothing is held any more, nothing was overdrawn.

use std::collections::{BTreeMap, HashSet};

use frontdesk_kernel::{
    Scope, effect,
    ledger::{Accounting, MODEL_CALL, OF_TOOL},
    turn::Step,
};
use frontdesk_store::{
    Result, Tx,
    tokens::{
        account::{self, Account},
        entries::{self, Entry, Filter},
    },
};
use serde_json::json;

use crate::{Book, Report};

const PAGE: u32 = 500;
const CONVERSATION: &str = "whatsapp_conversation";

pub(crate) struct Ledger {
    account: Account,
    /// What all lines come to.
    sums: (i64, i64),
    /// Oldest first.
    entries: Vec<Entry>,
}

impl Ledger {
    /// `None`: there is no account.
    pub(crate) async fn read(tx: &mut Tx, scope: &Scope) -> Result<Option<Ledger>> {
        let Some(account) = account::get(tx, scope).await? else { return Ok(None) };
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = entries::page(tx, scope, &Filter::default(), before, PAGE).await?;
            let Some(last) = page.last() else { break };
            before = Some(last.n);
            all.extend(page);
        }
        all.reverse();
        Ok(Some(Ledger { account, sums: entries::sums(tx, scope).await?, entries: all }))
    }

    /// What was spent, by action.
    fn spent(&self) -> BTreeMap<&str, i64> {
        let mut spent = BTreeMap::new();
        for entry in self.entries.iter().filter(|e| matches!(e.kind.as_str(), "commit" | "release") && e.tokens != 0) {
            *spent.entry(entry.action.as_str()).or_default() -= entry.tokens;
        }
        spent
    }
}

pub(crate) fn look(book: &Book, report: &mut Report) {
    let Some(ledger) = &book.ledger else { return };
    let account = &ledger.account;
    if (account.balance, account.reserved) != ledger.sums {
        report.problem(format!("the account is {:?}, its lines come to {:?}", (account.balance, account.reserved), ledger.sums));
    }
    if account.reserved != 0 {
        report.problem(format!("{} tokens are still reserved", account.reserved));
    }
    if let Some(gap) = ledger.entries.iter().zip(1..).find(|(entry, n)| entry.n != *n) {
        report.problem(format!("line {} of the ledger is missing", gap.1));
    }
    for e in ledger.entries.iter().filter(|e| e.balance - e.reserved < 0 || e.reserved < 0) {
        report.problem(format!("overdrawn at line {}: {} less {} reserved", e.n, e.balance, e.reserved));
    }
    let (spent, used) = (ledger.spent(), used(book));
    if spent != used.iter().map(|(action, tokens)| (action.as_str(), *tokens)).collect() {
        report.problem(format!("the ledger spent {spent:?}, the journals used {used:?}"));
    }
    report.fact("lines of the ledger", ledger.entries.len());
    report.fact("credit spent", json!(spent));
}

/// What the journals, the calls and the sends say was used, at this business's costs.
fn used(book: &Book) -> BTreeMap<String, i64> {
    let costs: &Accounting = &book.tenant.settings.tokens;
    let mut used = BTreeMap::new();
    let mut add = |action: &str, cost: i64| {
        if cost > 0 {
            *used.entry(action.to_owned()).or_default() += cost;
        }
    };
    let mut conversations = HashSet::new();
    for (turn, journal, effects) in book.turns.iter().chain(&book.others) {
        for step in journal {
            match step {
                Step::Model { .. } if !step.is_policy() => add(MODEL_CALL, costs.cost(MODEL_CALL)),
                Step::Tools { results } => {
                    for result in results.iter().filter(|r| r.ok) {
                        let action = format!("{OF_TOOL}{}", result.name);
                        add(&action, costs.cost(&action));
                    }
                }
                _ => {}
            }
        }
        let arrived = effects.iter().any(|e| e.hold.is_some() && e.state == effect::State::Succeeded);
        if arrived && conversations.insert(turn.conversation.clone()) {
            add(CONVERSATION, costs.cost(CONVERSATION));
        }
    }
    used
}
