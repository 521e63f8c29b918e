//! What waited for somebody's word: a yes was carried out once, anything else not at all, and the customer was told once.

use std::collections::{BTreeMap, HashMap, HashSet};

use frontdesk_kernel::{
    Scope,
    approval::{Approval, Kind, State},
    language::{Language, Line},
};
use frontdesk_store::{Result, Tx, approvals, audit, tasks::Task};
use frontdesk_testkit::marks::marked;
use serde::Deserialize;
use serde_json::Value;

use crate::{Asked, Book, Report, Sent};

/// A request to the business's own service.
#[derive(Deserialize)]
pub(crate) struct Served {
    pub(crate) key: Option<String>,
    pub(crate) body: Value,
}

const PAGE: u32 = 200;
/// Begins what the model tells a customer who said no; it has nothing else to say.
const SAID_NO: &str = "The customer said no";

/// Every request.
pub(crate) async fn requests(tx: &mut Tx, scope: &Scope) -> Result<Vec<Approval>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = approvals::list(tx, scope, &approvals::Filter::default(), after.as_ref(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some((last.approval.created_at, last.approval.id.clone()));
        all.extend(page.into_iter().map(|l| l.approval));
    }
}

/// What the audit log holds about them.
pub(crate) async fn said(tx: &mut Tx, scope: &Scope) -> Result<Vec<(String, String)>> {
    let (mut all, mut after) = (Vec::new(), None);
    let filter = audit::Filter { action: Some("approval.".into()), ..audit::Filter::default() };
    loop {
        let page = audit::list(tx, scope, &filter, after.clone(), PAGE).await?;
        let Some(last) = page.last() else { return Ok(all) };
        after = Some((last.at, last.id.clone()));
        all.extend(page.into_iter().map(|e| (e.action, e.subject)));
    }
}

/// The token of a task that a call of the agent's made.
pub(crate) fn token_of(task: &Task) -> Option<&str> {
    marked(&task.title, "for:").filter(|_| matches!(task.kind.as_str(), "todo" | "notice"))
}

fn is_declined(text: &str) -> bool {
    [Language::Spanish, Language::English].into_iter().any(|l| text == Line::Declined.text(l))
}

/// Says an outcome or asks, and answers no message.
pub(crate) fn is_about_them(sent: &Sent) -> bool {
    let text = sent.text.as_deref().unwrap_or_default();
    let answers = text.contains("ref:");
    !answers && (marked(text, "out:").is_some() || marked(text, "for:").is_some() || text.contains(SAID_NO) || is_declined(text))
}

pub(crate) fn look(asked: &[Asked], sent: &[Sent], served: &[Served], book: &Book, report: &mut Report) {
    let of = |a: &Approval| marked(&a.arguments.to_string(), "for:").map(str::to_owned);
    let mut by_token: HashMap<String, Vec<&Approval>> = HashMap::new();
    for approval in &book.approvals {
        by_token.entry(of(approval).unwrap_or_default()).or_default().push(approval);
    }
    let count = |mark: &str, token: &str| {
        let of = |s: &&Sent| s.text.as_deref().and_then(|text| marked(text, mark)) == Some(token);
        sent.iter().filter(of).filter(|s| is_about_them(s)).count()
    };
    let (mut executed, mut refused) = (0, 0);
    let (mut declined, mut said_no) = (BTreeMap::<&str, usize>::new(), BTreeMap::<&str, usize>::new());
    for a in asked.iter().filter(|a| a.waits.is_some()) {
        let (what, says) = (a.waits.as_deref().unwrap_or_default(), a.says.as_deref().unwrap_or_default());
        let mut problem = |text: String| report.problem(format!("{} ({what}, {says}): {text}", a.token));
        let requests = by_token.get(&a.token).map(Vec::as_slice).unwrap_or_default();
        let [request] = requests else {
            problem(format!("{} requests", requests.len()));
            continue;
        };
        let wanted = if says == "yes" { State::Executed } else { State::Rejected };
        if request.state != wanted {
            problem(format!("is {} instead of {}", request.state.as_str(), wanted.as_str()));
        }
        let done = match what {
            "pay" => {
                let of_it: Vec<_> = served.iter().filter(|s| marked(&s.body.to_string(), "for:") == Some(&a.token)).collect();
                let keys: HashSet<_> = of_it.iter().filter_map(|s| s.key.as_deref()).collect();
                // Nobody can tell whether calls without a key are one.
                keys.len() + of_it.iter().filter(|s| s.key.is_none()).count()
            }
            _ => book.tasks.iter().filter(|t| token_of(t) == Some(&a.token)).count(),
        };
        let should = usize::from(says == "yes");
        if done != should {
            problem(format!("carried out {done} times"));
        }
        (executed, refused) = (executed + should, refused + 1 - should);
        let told = count("out:", &a.token);
        match (what, says) {
            _ if (what, says) == ("offer", "no") || says == "silent" => {
                let of = if says == "silent" { &mut declined } else { &mut said_no };
                *of.entry(&a.from).or_default() += 1;
                if told != 0 {
                    problem(format!("an outcome was told {told} times, and there is none"));
                }
            }
            _ if told != 1 => problem(format!("the outcome was told {told} times")),
            _ => {}
        }
        let questions = count("for:", &a.token);
        if questions != usize::from(what == "offer") {
            problem(format!("the customer was asked {questions} times"));
        }
        let words =
            |action: &str| book.said.iter().filter(|(of, subject)| of == action && subject == request.id.as_str()).count();
        let decided = words("approval.approved") + words("approval.rejected");
        if request.kind.is_for_staff() && decided != 1 {
            problem(format!("the audit log holds {decided} decisions"));
        }
        if words("approval.executed") != should {
            problem(format!("the audit log says {} times that it was carried out", words("approval.executed")));
        }
    }
    let known: HashSet<&str> = asked.iter().filter(|a| a.waits.is_some()).map(|a| a.token.as_str()).collect();
    for s in sent.iter().filter(|s| is_about_them(s)) {
        let text = s.text.as_deref().unwrap_or_default();
        let named = ["out:", "for:"].into_iter().filter_map(|mark| marked(text, mark));
        for token in named.filter(|token| !known.contains(token)) {
            report.problem(format!("{} was told about {token}, which nobody asked for", s.to));
        }
    }
    in_all("declined", &declined, sent, |s| is_declined(s.text.as_deref().unwrap_or_default()), report);
    in_all("told about their own no", &said_no, sent, |s| s.text.as_deref().unwrap_or_default().contains(SAID_NO), report);
    for a in book.approvals.iter().filter(|a| matches!(a.state, State::Pending | State::Approved)) {
        report.problem(format!("{} ({}) is still {}", a.id, a.action, a.state.as_str()));
    }
    report.fact("requests", book.approvals.len());
    report.fact("of customers", book.approvals.iter().filter(|a| a.kind == Kind::Suggestion).count());
    report.fact("yes, carried out once", executed);
    report.fact("no, not carried out", refused);
    report.fact("calls of the service", served.len());
}

/// Words that name no token: as many for each customer as there should be.
fn in_all(what: &str, wanted: &BTreeMap<&str, usize>, sent: &[Sent], is: impl Fn(&Sent) -> bool, report: &mut Report) {
    let mut told = BTreeMap::<&str, usize>::new();
    for s in sent.iter().filter(|s| is(s)) {
        *told.entry(s.to.trim_start_matches('+')).or_default() += 1;
    }
    if told != *wanted {
        report.problem(format!("{what}: {told:?} instead of {wanted:?}"));
    }
}
