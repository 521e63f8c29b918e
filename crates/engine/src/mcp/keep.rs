//! What a server offers, held against what people approved: what is new waits, what changed or went is off until a person said yes to it,
//! or until it is again what they said yes to.

use std::{collections::HashMap, sync::Arc};

use frontdesk_kernel::{
    Scope, Secret, Timestamp,
    ids::{AuditId, McpServerId, TaskId, ToolId},
    mcp::{Choice, Definition, Greeting, LARGEST_LISTING, MOST_LISTED, McpServer, McpTool, ToolState, shown_as},
    ports::mcp::{Failed, Fault, Listing, Target},
};
use frontdesk_store::{Result, Tx, approvals, audit, mcp, tasks, work};
use serde_json::json;

use super::{Server, clean, consent, part, secret_field, watch, words};
use crate::{Desk, admin, events::Event};

/// Of a tool's definition, as JSON.
const LARGEST_DEFINITION: usize = 64 << 10;
const LONGEST_NAME: usize = 128;
/// Names that a note or a task tells.
const TOLD_NAMES: usize = 10;

/// What two definitions that are the same have in common, whatever the order of their members.
pub fn hash(definition: &Definition) -> String {
    approvals::hash(&json!(definition))
}

/// A server's credential, sealed for its place.
pub fn sealed(desk: &Desk, scope: &Scope, server: &McpServer, secret: &Secret) -> String {
    admin::seal(desk, scope, &secret_field(server), secret)
}

/// Asks a server what it is and has, and keeps what it says. `None`: there is no such server.
pub async fn refresh(desk: &Arc<Desk>, scope: &Scope, id: &McpServerId) -> Result<Option<()>> {
    let (s, i) = (scope.clone(), id.clone());
    let Some(kept) = desk.db.read(scope, work!(tx => mcp::server(tx, &s, &i).await)).await? else { return Ok(None) };
    // What it speaks may have changed: it is found out anew.
    let mut server = Server::open(desk, scope, kept);
    server.server.about = None;
    match ask(desk, scope, &server).await? {
        Ok((greeting, listing, shown)) => take_in(desk, scope, &server, &shown, &greeting, listing).await?,
        Err(problem) => failed(desk, scope, server, problem).await?,
    }
    Ok(Some(()))
}

/// Keeps that a server was asked in vain.
async fn failed(desk: &Desk, scope: &Scope, asked: Server, problem: String) -> Result<()> {
    let (s, now, again) = (scope.clone(), desk.now(), watch::after_failure(desk));
    let id = asked.server.id.clone();
    let noted = desk.db.write(
        scope,
        work!(tx => {
            let is = standing(tx, &s, &asked).await?;
            if let Some(server) = &is {
                mcp::failed(tx, &s, &server.id, &problem, now, again).await?;
            }
            Ok(is.is_some())
        }),
    );
    if noted.await? {
        desk.events.tell(scope.tenant(), Event::new("tool.changed", id.as_str()));
    }
    Ok(())
}

/// The server as it is kept now, locked: `None` when it is gone, or is asked in another way by now, so that what was heard is old.
async fn standing(tx: &mut Tx, scope: &Scope, asked: &Server) -> Result<Option<McpServer>> {
    let kept = mcp::lock(tx, scope, &asked.server.id).await?;
    Ok(kept.filter(|kept| asked.is_asked_as(kept)).map(|kept| kept.server))
}

type Heard = (Greeting, Listing, Vec<Secret>);

/// A token that is not taken any more is fetched anew once. `Err`: why there is no answer, in words.
async fn ask(desk: &Arc<Desk>, scope: &Scope, server: &Server) -> Result<std::result::Result<Heard, String>> {
    let patience = desk.settings.server_patience;
    let mut shown: Vec<Secret> = Vec::new();
    loop {
        let again = !shown.is_empty();
        let granted = match server.grant(desk, scope, shown.last(), patience).await {
            Ok(granted) => granted,
            Err(none) => return Ok(Err(server.scrub(none.words(), &shown))),
        };
        let (granted, doubted) = granted.map_or((None, false), |granted| (Some(granted.token), granted.doubted));
        shown.extend(granted.clone());
        let Some(target) = server.target(granted.as_ref(), patience) else {
            return Ok(Err("Its credential is missing: enter it again.".to_owned()));
        };
        let failed = match hear(desk, target).await {
            Ok((greeting, listing)) => {
                if doubted {
                    consent::accepted(desk, scope, server).await;
                }
                return Ok(Ok((greeting, listing, shown)));
            }
            Err(failed) => failed,
        };
        if let (Fault::Unauthorized, Some(token)) = (&failed.fault, &granted) {
            if !again {
                continue;
            }
            if let Some(why) = server.refused_anew(desk, scope, token).await? {
                return Ok(Err(why));
            }
        }
        return Ok(Err(words::for_people(&failed.fault, &|text| server.scrub(text, &shown))));
    }
}

async fn hear(desk: &Desk, target: Target) -> std::result::Result<(Greeting, Listing), Failed> {
    let session = desk.mcp.open(desk.http.clone(), target).await?;
    let listed = session.tools(MOST_LISTED).await;
    let greeting = session.greeting();
    part(desk, session);
    Ok((greeting, listed?))
}

/// Keeps what a server said it has. `shown`: the tokens that it was asked with.
pub(super) async fn take_in(
    desk: &Desk,
    scope: &Scope,
    asked: &Server,
    shown: &[Secret],
    greeting: &Greeting,
    listing: Listing,
) -> Result<()> {
    let heard = sort(asked.scrubbed_list(listing, shown));
    let greeting = asked.scrubbed_greeting(greeting, shown);
    let greeting = Greeting {
        name: clean::line(&greeting.name, 120),
        version: clean::line(&greeting.version, 60),
        protocol: clean::line(&greeting.protocol, 20),
    };
    let (s, asked, id) = (scope.clone(), asked.clone(), asked.server.id.clone());
    let (i, now, again) = (id.clone(), desk.now(), watch::after_answer(desk));
    let ids: Vec<_> = heard.tools.iter().map(|_| desk.id()).collect();
    let (task, trail): (TaskId, AuditId) = (desk.id(), desk.id());
    let found = desk.db.write(
        scope,
        work!(tx => {
            let Some(server) = standing(tx, &s, &asked).await? else { return Ok(None) };
            // What turns have in memory: the tools that people said yes to, and how the server speaks.
            let mut seen_by_turns = server.about.as_ref() != Some(&greeting);
            let before: HashMap<String, McpTool> =
                mcp::tools_of(tx, &s, &i).await?.into_iter().map(|t| (t.offered.name.clone(), t)).collect();
            let mut notes = heard.notes.clone();
            let mut off = Vec::new();
            for ((definition, hash), id) in heard.tools.iter().zip(&ids) {
                match before.get(&definition.name) {
                    Some(known) if known.present && known.offered_hash == *hash => {}
                    Some(known) => {
                        let was = known.state();
                        mcp::offer(tx, &s, &known.id, definition, hash, true, now).await?;
                        seen_by_turns |= known.approved.is_some();
                        let is = McpTool { offered_hash: hash.clone(), present: true, ..known.clone() }.state();
                        if was == ToolState::Approved && is == ToolState::Changed {
                            off.push(known.shown_as.clone());
                        }
                    }
                    None => {
                        let tool = new(&server, definition, hash, id, now);
                        if !add(tx, &s, tool).await? {
                            notes.push(format!("`{}` is left out: its name cannot be told from another's.", short(&definition.name)));
                        }
                    }
                }
            }
            for (name, gone) in &before {
                if gone.present && !heard.tools.iter().any(|(d, _)| d.name == *name) {
                    mcp::offer(tx, &s, &gone.id, &gone.offered, &gone.offered_hash, false, now).await?;
                    seen_by_turns |= gone.approved.is_some();
                    if gone.state() == ToolState::Approved {
                        off.push(gone.shown_as.clone());
                    }
                }
            }
            mcp::forget_gone(tx, &s, &i).await?;
            mcp::answered(tx, &s, &i, &greeting, &notes, now, again).await?;
            if !off.is_empty() {
                tell_people(tx, &s, &server, &mut off, &task, &trail, now).await?;
            }
            Ok(Some((seen_by_turns, (!off.is_empty()).then_some(task))))
        }),
    );
    let Some((seen_by_turns, task)) = found.await? else { return Ok(()) };
    if seen_by_turns {
        desk.directory.invalidate();
    }
    desk.events.tell(scope.tenant(), Event::new("tool.changed", id.as_str()));
    if let Some(task) = task {
        desk.events.tell(scope.tenant(), Event::new("task.changed", task.as_str()));
    }
    Ok(())
}

/// What a server said, without what cannot be taken.
struct Sorted {
    tools: Vec<(Definition, String)>,
    notes: Vec<String>,
}

fn sort(listing: Listing) -> Sorted {
    let mut times: HashMap<String, usize> = HashMap::new();
    for definition in &listing.tools {
        *times.entry(definition.name.clone()).or_default() += 1;
    }
    let (mut tools, mut twice, mut unfit) = (Vec::new(), Vec::new(), Vec::new());
    let (mut taken, mut more) = (0, listing.more);
    for definition in listing.tools {
        let (name, size) = (&definition.name, json!(definition).to_string().len());
        taken += size;
        if taken > LARGEST_LISTING {
            more = true;
            break;
        }
        if times.get(name).is_some_and(|n| *n > 1) {
            if !twice.contains(name) {
                twice.push(name.clone());
            }
        } else if name.is_empty()
            || name.chars().count() > LONGEST_NAME
            || name.chars().any(char::is_control)
            || size > LARGEST_DEFINITION
        {
            unfit.push(name.clone());
        } else {
            let hash = hash(&definition);
            tools.push((definition, hash));
        }
    }
    let mut notes = Vec::new();
    if more {
        let most = LARGEST_LISTING >> 20;
        notes.push(format!("Its list is longer than {MOST_LISTED} tools or {most} MiB: the rest is left out."));
    }
    if !twice.is_empty() {
        notes.push(format!("Left out, because it offers several tools of the same name: {}.", names(&twice)));
    }
    if !unfit.is_empty() {
        notes.push(format!("Left out, because the name or the description is too long: {}.", names(&unfit)));
    }
    Sorted { tools, notes }
}

fn names(all: &[String]) -> String {
    let told: Vec<String> = all.iter().take(TOLD_NAMES).map(|name| short(name)).collect();
    let rest = all.len().saturating_sub(TOLD_NAMES);
    if rest > 0 { format!("{} and {rest} more", told.join(", ")) } else { told.join(", ") }
}

fn short(name: &str) -> String {
    clean::line(name, 60)
}

fn new(server: &McpServer, definition: &Definition, hash: &str, id: &ToolId, now: Timestamp) -> McpTool {
    McpTool {
        id: id.clone(),
        server: server.id.clone(),
        shown_as: shown_as(&server.name, &definition.name, &name_digest(&definition.name)),
        offered: definition.clone(),
        offered_hash: hash.to_owned(),
        present: true,
        approved: None,
        enabled: true,
        choice: Choice::default(),
        updated_at: now,
    }
}

/// Of the name alone, so that a tool keeps its name when its description changes.
fn name_digest(name: &str) -> String {
    approvals::hash(&json!(name))
}

/// Another name that bends to the same one comes by the end of its digest.
async fn add(tx: &mut Tx, scope: &Scope, mut tool: McpTool) -> Result<bool> {
    if mcp::add_tool(tx, scope, &tool).await? {
        return Ok(true);
    }
    let digest = name_digest(&tool.offered.name);
    let kept: String = tool.shown_as.chars().take(55).collect();
    tool.shown_as = format!("{kept}_{}", digest.chars().rev().take(8).collect::<String>());
    mcp::add_tool(tx, scope, &tool).await
}

/// Tools that agents had are off now: the log says so, and a task asks a person to look.
async fn tell_people(
    tx: &mut Tx,
    scope: &Scope,
    server: &McpServer,
    off: &mut [String],
    task: &TaskId,
    trail: &AuditId,
    now: Timestamp,
) -> Result<()> {
    off.sort();
    tracing::warn!(tenant = %scope.tenant(), server = %server.id, tools = off.len(), "tools are not what was approved any more");
    let entry = audit::Entry {
        id: trail.clone(),
        actor_kind: "server".into(),
        actor: String::new(),
        action: "mcp_tool.switched_off".into(),
        subject: server.id.to_string(),
        detail: json!({ "tools": off }),
        at: now,
    };
    audit::write(tx, scope, &entry).await?;
    let title = if server.title.is_empty() { &server.name } else { &server.title };
    let title = format!("look at tools of {title} that changed: {}", names(off));
    tasks::open(tx, scope, task, "tool_changed", &title, None, None, now).await
}

#[cfg(test)]
mod tests {
    use frontdesk_kernel::mcp::Hints;

    use super::*;

    fn definition(name: &str) -> Definition {
        Definition {
            name: name.to_owned(),
            title: None,
            description: Some("d".into()),
            input_schema: json!({"type": "object", "properties": {"a": {}, "b": {}}}),
            output_schema: None,
            hints: Hints::default(),
        }
    }

    #[test]
    fn a_definition_is_the_same_whatever_the_order_and_another_when_a_word_changes() {
        let one = definition("x");
        let mut turned = one.clone();
        turned.input_schema = serde_json::from_str(r#"{"properties": {"b": {}, "a": {}}, "type": "object"}"#).unwrap();
        assert_eq!(hash(&one), hash(&turned));
        for other in [
            Definition { description: Some("D".into()), ..one.clone() },
            Definition { title: Some("t".into()), ..one.clone() },
            Definition { input_schema: json!({"type": "object"}), ..one.clone() },
            Definition { output_schema: Some(json!({})), ..one.clone() },
            Definition { hints: Hints { reads_only: Some(true), ..Hints::default() }, ..one.clone() },
        ] {
            assert_ne!(hash(&one), hash(&other), "{other:?}");
        }
    }

    #[test]
    fn what_cannot_be_told_apart_or_is_too_long_is_left_out_and_said() {
        let large = Definition { description: Some("x".repeat(LARGEST_DEFINITION)), ..definition("large") };
        let tools = vec![definition("a"), definition("b"), definition("a"), large, definition("\u{7}"), definition("")];
        let heard = sort(Listing { tools, more: true });
        let kept: Vec<_> = heard.tools.iter().map(|(d, _)| d.name.as_str()).collect();
        assert_eq!(kept, ["b"]);
        assert!(heard.notes[0].contains("1000") && heard.notes[1].contains("same name: a."), "{:?}", heard.notes);
        assert!(heard.notes[2].contains("large"), "{:?}", heard.notes);
    }

    #[test]
    fn a_list_ends_where_it_is_too_long_to_be_kept() {
        let words = Some("x".repeat(LARGEST_DEFINITION - 1_000));
        let tools = (0..200).map(|n| Definition { description: words.clone(), ..definition(&format!("t{n}")) });
        let heard = sort(Listing { tools: tools.collect(), more: false });
        let kept: usize = heard.tools.iter().map(|(d, _)| json!(d).to_string().len()).sum();
        assert!(heard.tools.len() > 100 && kept <= LARGEST_LISTING, "{} tools, {kept} bytes", heard.tools.len());
        assert!(heard.notes[0].contains("8 MiB"), "{:?}", heard.notes);
    }
}
