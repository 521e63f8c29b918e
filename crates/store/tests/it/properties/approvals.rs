//! A request that waits for somebody's word: the first word counts, for exactly what was shown, and is carried out once.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    Timestamp,
    approval::{Approval, State},
    ids::*,
    tool::ToolResult,
};
use frontdesk_store::{Db, approvals, approvals::Word, inbound, work};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Told, first_broken, in_a_shop, property};
use crate::{approvals::asked, harness::*};

#[derive(Debug, Clone)]
enum Event {
    Ask,
    Say { which: u8, to: State, by: u8 },
    Edit { which: u8, amount: i64 },
    AskAgain { which: u8 },
    Escalate { which: u8 },
    End { which: u8, to: State },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let said = prop_oneof![3 => Just(State::Approved), 1 => Just(State::Rejected), 1 => Just(State::Expired), 1 => Just(State::Answered)];
    let ended = prop_oneof![Just(State::Executed), Just(State::Failed)];
    let event = prop_oneof![
        2 => Just(Event::Ask),
        4 => (any::<u8>(), said, 0..3u8).prop_map(|(which, to, by)| Event::Say { which, to, by }),
        3 => (any::<u8>(), -5..5i64).prop_map(|(which, amount)| Event::Edit { which, amount }),
        1 => any::<u8>().prop_map(|which| Event::AskAgain { which }),
        1 => any::<u8>().prop_map(|which| Event::Escalate { which }),
        4 => (any::<u8>(), ended).prop_map(|(which, to)| Event::End { which, to }),
    ];
    prop::collection::vec(event, 1..40)
}

fn result(n: usize) -> ToolResult {
    ToolResult { call: n.to_string(), name: "refund".into(), ok: true, content: "done".into(), data: Value::Null, receipt: None }
}

async fn decisions(db: &Db, story: Vec<Event>) -> Told {
    in_a_shop!(db, tx, shop => {
        let scope = &shop.scope;
        let arrival = shop.text("57300", "1", "hola", at(0));
        inbound::receive(tx, scope, &arrival).await?;
        let mut ids: Vec<ApprovalId> = Vec::new();
        let mut before: BTreeMap<ApprovalId, Approval> = BTreeMap::new();
        let mut rules = Vec::new();
        let mut now = at(0);
        for (n, event) in story.iter().enumerate() {
            now = Timestamp(now.0 + 1000);
            let chosen = |which: &u8| ids.get(usize::from(*which) % ids.len().max(1)).cloned();
            let may = |id: &ApprovalId, to: State| before[id].state.may_become(to);
            match event {
                Event::Ask => {
                    let asked = asked(&fresh(), &arrival.new_conversation, &fresh());
                    approvals::insert(tx, scope, &asked).await?;
                    ids.push(asked.id.clone());
                    before.insert(asked.id.clone(), asked);
                }
                Event::Say { which, to, by } => {
                    let Some(id) = chosen(which) else { continue };
                    let word = Word { to: *to, by: &format!("usr_{by}"), note: None, taken_by: None };
                    let counts = approvals::decide(tx, scope, &id, &word, now).await?;
                    rules.push((counts == may(&id, *to), format!("{to:?} counted: {counts}, after {:?}", before[&id].state)));
                }
                Event::Edit { which, amount } => {
                    let Some(id) = chosen(which) else { continue };
                    let counts = approvals::edit(tx, scope, &id, &json!({ "amount": amount }), &Vec::new(), "usr_1", now).await?;
                    let open = before[&id].state == State::Pending;
                    rules.push((counts == open, format!("changed: {counts}, after {:?}", before[&id].state)));
                }
                Event::AskAgain { which } => {
                    let Some(id) = chosen(which) else { continue };
                    approvals::ask_again(tx, scope, &id, now).await?;
                }
                Event::Escalate { which } => {
                    let Some(id) = chosen(which) else { continue };
                    approvals::escalate(tx, scope, &id).await?;
                }
                Event::End { which, to } => {
                    let Some(id) = chosen(which) else { continue };
                    let counts = approvals::end(tx, scope, &id, *to, &result(n), now).await?;
                    rules.push((counts == may(&id, *to), format!("{to:?} counted: {counts}, after {:?}", before[&id].state)));
                }
            }
            for id in &ids {
                let is = approvals::get(tx, scope, id).await?.expect("it was asked");
                let was = before.insert(id.clone(), is.clone()).expect("it was asked");
                rules.push((was.state == is.state || was.state.may_become(is.state), format!("{:?} became {:?}", was.state, is.state)));
                rules.push((is.args_hash == approvals::hash(&is.arguments), format!("another hash after {event:?}")));
                let same = (&was.arguments, &was.decided_by, was.decided_at) == (&is.arguments, &is.decided_by, is.decided_at);
                rules.push((was.state == State::Pending || same, format!("changed after it was decided, by {event:?}")));
                rules.push((was.result.is_none() || was.result == is.result, format!("carried out again by {event:?}")));
                let first = is.edited_from.as_ref().unwrap_or(&is.arguments);
                rules.push((first["amount"] == 500, format!("what was asked first is forgotten: {first}")));
            }
        }
        first_broken(rules)
    })
}

property!(the_first_word_counts_for_what_was_shown_and_is_carried_out_once, events(), decisions);
