//! Compares what customers asked, what the vendor got and what the database holds: was each message answered exactly once?

mod credit;
mod rings;
mod turns_of;
mod waits;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use clap::Parser;
use frontdesk_kernel::{
    Scope, Timestamp,
    approval::Approval,
    booking::{Appointment, AppointmentStatus},
    contact::AddressKind,
    effect::State,
    ids::*,
    scope::Server,
    tenant::Tenant,
    turn::Step,
};
use frontdesk_store::{
    Db, Options, Result, backup, calendar, channels, contacts, conversations,
    conversations::Conversation,
    echoes,
    effects::{self, Effect},
    lanes,
    tasks::{self, Task},
    tenants,
    turns::{self, Turn},
    work,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Prints `{"facts": {…}, "problems": […]}`. The product must not be running on SQLite.
#[derive(Parser)]
struct Arguments {
    #[arg(long)]
    database: String,
    #[arg(long, default_value = "tnt_default")]
    tenant: String,
    /// Only look whether the database is whole, and print its own word for it.
    #[arg(long)]
    integrity: bool,
    /// What `load` asked.
    #[arg(long, required_unless_present = "integrity")]
    plan: Option<PathBuf>,
    /// What the fake of the Graph API accepted.
    #[arg(long, required_unless_present = "integrity")]
    sent: Option<PathBuf>,
    /// What the business's own service was asked.
    #[arg(long)]
    served: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Asked {
    token: String,
    from: String,
    start: Option<String>,
    /// What is not done at once: `task`, `pay`, `offer`.
    waits: Option<String>,
    /// What is said to it: `yes`, `no`, `silent`.
    says: Option<String>,
    /// Asks for what cannot be done again and leaves no trace to look for.
    #[serde(default)]
    rings: bool,
    /// No words: the customer pressed a button of the question about this token.
    #[serde(default)]
    press: bool,
}

#[derive(Deserialize)]
struct Sent {
    to: String,
    text: Option<String>,
    echo: Option<String>,
}

/// Everything that the database says about the business.
struct Book {
    tenant: Tenant,
    turns: Vec<(Turn, Vec<Step>, Vec<Effect>)>,
    /// The same of conversations that no customer of the plan has.
    others: Vec<(Turn, Vec<Step>, Vec<Effect>)>,
    appointments: Vec<Appointment>,
    contacts: HashMap<String, ContactId>,
    billed: i64,
    doubled: usize,
    lanes: i64,
    tasks: Vec<Task>,
    paused: Vec<String>,
    approvals: Vec<Approval>,
    /// Action and subject of what was said about requests.
    said: Vec<(String, String)>,
    ledger: Option<credit::Ledger>,
}

#[derive(Default)]
struct Report {
    facts: BTreeMap<&'static str, Value>,
    problems: Vec<String>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if arguments.integrity {
        let word = integrity(&arguments.database).await.map_err(io::Error::other)?;
        return writeln!(io::stdout(), "{word}");
    }
    let all = |path: &Option<PathBuf>| path.clone().unwrap_or_default();
    let asked: Vec<Asked> = lines(&all(&arguments.plan))?;
    let sent: Vec<Sent> = lines(&all(&arguments.sent))?;
    let book = read(&arguments, &asked).await.map_err(io::Error::other)?;
    let mut report = Report::default();
    replies(&asked, &sent, &mut report);
    let served = arguments.served.as_deref().map(lines).transpose()?.unwrap_or_default();
    let checked = rings::look(&asked, &served, &book, &mut report);
    sends(&sent, &book, &checked, &mut report);
    waits::look(&asked, &sent, &served, &book, &mut report);
    credit::look(&book, &mut report);
    appointments(&asked, &sent, &book, &mut report);
    turns_of::look(&asked, &book, &mut report);
    writeln!(io::stdout(), "{}", json!({"facts": report.facts, "problems": report.problems}))
}

async fn integrity(database: &str) -> Result<String> {
    let options = Options { url: database.to_owned(), pool_size: 1, prepared_statements: true };
    backup::integrity(&Db::open(&options).await?, true).await
}

fn lines<T: DeserializeOwned>(path: &Path) -> io::Result<Vec<T>> {
    let text = fs::read_to_string(path)?;
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|e| io::Error::other(format!("{}: {e}", path.display()))))
        .collect()
}

async fn read(arguments: &Arguments, asked: &[Asked]) -> Result<Book> {
    let options = Options { url: arguments.database.clone(), pool_size: 2, prepared_statements: true };
    let db = Db::open(&options).await?;
    let tenant = TenantId::parse(&arguments.tenant).map_err(|e| frontdesk_store::Error::Refused(e.to_string()))?;
    let scope = Scope::of(tenant);
    let s = scope.clone();
    let people: BTreeSet<String> = asked.iter().map(|a| a.from.clone()).collect();
    let book = db
        .read(&scope, work!(tx => {
            let tenant = tenants::get(tx, &s).await?.ok_or_else(|| frontdesk_store::Error::Refused("there is no such business".into()))?;
            let (mut all, mut others) = (Vec::new(), Vec::new());
            let channels = channels::list(tx, &s).await?;
            for turn in turns::recent(tx, &s, Timestamp::NEVER, 1_000_000).await? {
                let journal = turns::journal(tx, &s, &turn.id).await?.into_iter().map(|j| j.step).collect();
                let effects = effects::of_turn(tx, &s, &turn.id).await?;
                let thread = conversations::get(tx, &s, &turn.conversation).await?;
                let is_whatsapp = |c: &Conversation| channels.iter().any(|of| of.id == c.channel && of.kind == "whatsapp");
                let into = if thread.as_ref().is_some_and(is_whatsapp) { &mut all } else { &mut others };
                into.push((turn, journal, effects));
            }
            let mut contacts = HashMap::new();
            for phone in people {
                if let Some(contact) = contacts::at_address(tx, &s, AddressKind::Phone, &phone).await? {
                    contacts.insert(phone, contact);
                }
            }
            Ok(Book {
                tenant,
                turns: all,
                others,
                appointments: calendar::between(tx, &s, Timestamp(0), Timestamp(i64::MAX / 2)).await?,
                contacts,
                billed: turns::tokens_since(tx, &s, Timestamp(0)).await?,
                doubled: echoes::doubled(tx, &s).await?.len(),
                lanes: 0,
                tasks: tasks::open_tasks(tx, &s, 100_000).await?,
                paused: channels.into_iter().filter_map(|c| c.paused_reason).collect(),
                approvals: waits::requests(tx, &s).await?,
                said: waits::said(tx, &s).await?,
                ledger: credit::Ledger::read(tx, &s).await?,
            })
        }))
        .await?;
    let (lanes, _) = db.read(&Server, work!(tx => lanes::backlog(tx, &Server).await)).await?;
    db.close().await;
    Ok(Book { lanes, ..book })
}

/// Every message has one answer, in the order of the messages of its conversation; nothing else was said.
fn replies(asked: &[Asked], sent: &[Sent], report: &mut Report) {
    let asked: Vec<&Asked> = asked.iter().filter(|a| !a.press).collect();
    let place: HashMap<&str, usize> = asked.iter().enumerate().map(|(i, a)| (a.token.as_str(), i)).collect();
    let mut answers = vec![0usize; asked.len()];
    let mut latest: HashMap<&str, usize> = HashMap::new();
    for s in sent.iter().filter(|s| !waits::is_about_them(s)) {
        let Some(&i) = s.token().and_then(|token| place.get(token)) else {
            report.problem(format!("a message to {} answers nothing: {:?}", s.to, s.text));
            continue;
        };
        answers[i] += 1;
        let before = latest.insert(asked[i].from.as_str(), i);
        if before.is_some_and(|before| before > i) {
            report.problem(format!("{} was answered after a later message of the same customer", asked[i].token));
        }
        if s.to.trim_start_matches('+') != asked[i].from {
            report.problem(format!("the answer to {} went to {} instead of {}", asked[i].token, s.to, asked[i].from));
        }
    }
    let count = |wanted: &dyn Fn(usize) -> bool| {
        asked.iter().zip(&answers).filter(|(_, n)| wanted(**n)).map(|(a, _)| a.token.clone()).collect::<Vec<_>>()
    };
    let (lost, doubled) = (count(&|n| n == 0), count(&|n| n > 1));
    for token in &lost {
        report.problem(format!("{token} was never answered"));
    }
    for token in &doubled {
        report.problem(format!("{token} was answered more than once"));
    }
    report.fact("messages", asked.len());
    report.fact("answered once", answers.iter().filter(|n| **n == 1).count());
    report.fact("lost", lost.len());
    report.fact("answered twice", doubled.len());
}

/// What the database believes of its sends is what the vendor saw.
fn sends(sent: &[Sent], book: &Book, checked: &HashSet<TurnId>, report: &mut Report) {
    let mut by_effect: HashMap<&str, usize> = HashMap::new();
    for s in sent {
        *by_effect.entry(s.effect().unwrap_or_default()).or_default() += 1;
    }
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut attempts, mut resends) = (0, 0);
    for effect in book.turns.iter().flat_map(|(_, _, effects)| effects) {
        *states.entry(effect.state.as_str()).or_default() += 1;
        attempts += effect.attempts;
        resends += effect.resends;
        let arrived = by_effect.get(effect.id.as_str()).copied().unwrap_or_default();
        match effect.state {
            State::Succeeded if arrived != 1 => report.problem(format!("{} succeeded and arrived {arrived} times", effect.id)),
            State::Pending | State::Sending | State::Unknown => {
                report.problem(format!(
                    "{} is still {} (arrived {arrived} times): {:?}",
                    effect.id,
                    effect.state.as_str(),
                    effect.problem
                ));
            }
            State::Failed | State::Canceled | State::Expired => {
                report.problem(format!("{} is {}: {:?}", effect.id, effect.state.as_str(), effect.problem));
            }
            State::Succeeded | State::Review => {}
        }
    }
    if book.doubled > 0 {
        report.problem(format!("{} sends have echoes under two vendor ids", book.doubled));
    }
    for reason in &book.paused {
        report.problem(format!("a channel is paused: {reason}"));
    }
    let is_a_check = |t: &Task| t.kind == rings::UNKNOWN && t.turn.as_ref().is_some_and(|turn| checked.contains(turn));
    for task in book.tasks.iter().filter(|task| waits::token_of(task).is_none() && !is_a_check(task)) {
        report.problem(format!("a task was opened: {}: {}", task.kind, task.title));
    }
    report.fact("sends by state", json!(states));
    report.fact("send attempts", attempts);
    report.fact("resent after silence", resends);
    report.fact("doubled (echoes)", book.doubled);
}

/// What was confirmed exists, once; nothing exists that nobody asked for; nobody sits on another's chair.
fn appointments(asked: &[Asked], sent: &[Sent], book: &Book, report: &mut Report) {
    let zone = book.tenant.zone();
    let wish = |a: &Asked| {
        let start = Timestamp::from_local(a.start.as_deref()?.parse().ok()?, &zone)?;
        Some((book.contacts.get(&a.from)?.clone(), start))
    };
    let wishes: HashMap<&str, (ContactId, Timestamp)> = asked.iter().filter_map(|a| Some((a.token.as_str(), wish(a)?))).collect();
    let confirmed: Vec<&Appointment> = book.appointments.iter().filter(|a| a.status == AppointmentStatus::Confirmed).collect();
    let mut promised = 0;
    for s in sent.iter().filter(|s| s.text.as_deref().is_some_and(|text| text.contains("agendada"))) {
        let Some((contact, start)) = s.token().and_then(|token| wishes.get(token)) else {
            report.problem(format!("an appointment was confirmed that nobody asked for: {:?}", s.text));
            continue;
        };
        promised += 1;
        if !confirmed.iter().any(|a| a.contact == *contact && a.starts_at == *start) {
            report.problem(format!("an appointment was confirmed and does not exist: {:?}", s.text));
        }
    }
    let asked_for: BTreeSet<(ContactId, Timestamp)> = wishes.values().cloned().collect();
    let mut held = BTreeSet::new();
    let most = book.tenant.profile.appointments.max_concurrent as usize;
    for a in &confirmed {
        if !held.insert((a.contact.clone(), a.starts_at)) {
            report.problem(format!("{} holds {} twice", a.contact, a.starts_at));
        }
        if !asked_for.contains(&(a.contact.clone(), a.starts_at)) {
            report.problem(format!("{} has {} and did not ask for it", a.contact, a.starts_at));
        }
        let at_once = confirmed.iter().filter(|b| b.blocked_from <= a.blocked_from && a.blocked_from < b.blocked_to).count();
        if at_once > most {
            report.problem(format!("{at_once} appointments at {}, capacity {most}", a.starts_at));
        }
    }
    report.fact("asked for an appointment", wishes.len());
    report.fact("appointments", confirmed.len());
    report.fact("confirmations sent", promised);
}

impl Sent {
    fn token(&self) -> Option<&str> {
        let word = self.text.as_deref()?.split_once("ref:")?.1.split_whitespace().next()?;
        Some(word.trim_end_matches(['"', '}', '»']))
    }
    fn effect(&self) -> Option<&str> {
        self.echo.as_deref()?.split('.').nth(1)
    }
}

impl Report {
    fn fact(&mut self, name: &'static str, value: impl Into<Value>) {
        self.facts.insert(name, value.into());
    }
    fn problem(&mut self, text: String) {
        self.problems.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tokens: &[(&str, &str)]) -> Vec<Asked> {
        tokens
            .iter()
            .map(|(token, from)| Asked {
                token: (*token).to_owned(),
                from: (*from).to_owned(),
                start: None,
                waits: None,
                says: None,
                rings: false,
                press: false,
            })
            .collect()
    }

    fn sent(answers: &[(&str, &str)]) -> Vec<Sent> {
        let answer = |(to, text): &(&str, &str)| Sent { to: (*to).to_owned(), text: Some((*text).to_owned()), echo: None };
        answers.iter().map(answer).collect()
    }

    /// Answers (to whom, what), and the problems that they show.
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);

    #[test]
    fn lost_doubled_swapped_misled_and_unasked_answers_are_found() {
        let asked = asked(&[("c0-m0", "570"), ("c1-m0", "571"), ("c0-m1", "570")]);
        let cases: &[Case] = &[
            (&[("570", "echo: ref:c0-m0"), ("+570", "done: ok ref:c0-m1"), ("571", "echo: ref:c1-m0 x")], &[]),
            (&[("570", "ref:c0-m0"), ("570", "ref:c0-m1")], &["c1-m0 was never answered"]),
            (
                &[("570", "ref:c0-m0"), ("570", "ref:c0-m1"), ("571", "ref:c1-m0"), ("571", "ref:c1-m0")],
                &["c1-m0 was answered more than once"],
            ),
            (
                &[("570", "ref:c0-m1"), ("570", "ref:c0-m0"), ("571", "ref:c1-m0")],
                &["c0-m0 was answered after a later message of the same customer"],
            ),
            (
                &[("570", "ref:c0-m0"), ("570", "ref:c0-m1"), ("570", "ref:c1-m0")],
                &["the answer to c1-m0 went to 570 instead of 571"],
            ),
            (
                &[("570", "ref:c0-m0"), ("570", "ref:c0-m1"), ("571", "ref:c1-m0"), ("571", "perdón")],
                &["a message to 571 answers nothing: Some(\"perdón\")"],
            ),
        ];
        for (answers, problems) in cases {
            let mut report = Report::default();
            replies(&asked, &sent(answers), &mut report);
            assert_eq!(report.problems, *problems, "{answers:?}");
        }
    }
}
