//! A shop in which something of everything has happened.

use std::collections::BTreeMap;

use frontdesk_kernel::{
    agent::{Agent, AgentSpec},
    booking::{Appointment, AppointmentStatus, Service, Staff},
    effect::{Class, State},
    ids::*,
    location::Location,
    message::{Delivery, Media, MediaKind, Part},
    money::Money,
    ports::{channel::StatusUpdate, model::Usage},
    scope::Server,
    turn::Step,
};
use frontdesk_store::{
    Db, agents, approval_codes, approvals, audit, backup, calendar, contacts, decisions, echoes, effects,
    effects::Ended,
    feed, http_tools, imports, inbound, invitations, locations, macros,
    macros::Macro,
    mcp, mcp_grants, media,
    media::File,
    member_messages, member_numbers, merges, notes,
    notes::Note,
    people,
    people::{Key, Person},
    policies, prompts,
    prompts::Prompt,
    repeats, search, sessions, tasks, timers, tool_calls, turns, uploads,
    uploads::Upload,
    versions,
    versions::Draft,
};

use super::fixtures::*;

/// At least one row in every table that tenants have, and a send of each class whose answer is still awaited.
pub(crate) async fn full_shop(db: &Db, name: &'static str) -> &'static Shop {
    let shop = shop(db, name).await;
    let scope = &shop.scope;
    staff_and_keys(db, shop, name).await;
    let conversation = talk(db, shop, name).await;
    let node = node(db, name).await;

    let claims = claim(db, node, at(10_000), 100).await;
    let claim = keep(claims.into_iter().find(|claim| claim.conversation == *conversation).unwrap());
    let step = keep(Step::Finished { text: "buenas".into(), gave_up: None });
    let usage = keep(Usage { input: 100, cached: 20, output: 7, cost_micros: Some(42) });
    change!(db, scope, tx => turns::append(tx, scope, &claim.turn, 1, step, 12, at(10_001)));
    change!(db, scope, tx => turns::bill(tx, scope, &claim.turn, 1, "openai", "small", usage, at(10_001)));

    for class in [Class::A, Class::B, Class::C] {
        let conversation = shop.hears(db, &format!("57{name}{class:?}"), at(0)).await;
        shop.sends(db, conversation, class, node, at(11_000)).await;
    }
    let effect = shop.sends(db, conversation, Class::B, node, at(11_000)).await;
    let (tail, status) = (Ended { state: State::Succeeded, ..ended() }, keep(status(&format!("wamid-{name}"), Delivery::Read)));
    change!(db, scope, tx => effects::end(tx, scope, effect, 1, &tail, at(11_500)));
    change!(db, scope, tx => echoes::hear(tx, scope, &shop.channel, status, Some(&effect.id), at(12_000)));
    change!(db, scope, tx => frontdesk_store::pace::set_account_pace(tx, scope, &shop.channel, at(12_000)));
    change!(db, scope, tx => timers::arm(tx, scope, "wake", "wake", "{}", at(60_000)));
    change!(db, scope, tx => tasks::open(tx, scope, keep(fresh()), "handoff", "please call", Some(conversation), None, at(12_000)));
    let (tool, place) = (
        keep(crate::http_tools::http_tool("orders", at(0))),
        keep(tool_calls::Place { turn: claim.turn.clone(), step: 2, n: 0 }),
    );
    change!(db, scope, tx => http_tools::insert(tx, scope, tool));
    let secret = keep(http_tools::ToolSecret {
        name: "KEY".into(),
        host: "x.example".into(),
        token_host: None,
        sealed: "v1.sealed".into(),
        tool: None,
        updated_at: at(0),
    });
    change!(db, scope, tx => http_tools::put_secret(tx, scope, secret));
    change!(db, scope, tx => tool_calls::plan(tx, scope, place, &tool.id, "orders", Class::A));
    let server = keep(crate::mcp::server("shop"));
    let offered = keep(crate::mcp::tool(&server.server.id, "find", "shop"));
    change!(db, scope, tx => mcp::add(tx, scope, server));
    change!(db, scope, tx => mcp::add_tool(tx, scope, offered));
    let access = keep(crate::mcp_grants::grant(&server.server.id));
    change!(db, scope, tx => mcp_grants::put(tx, scope, access));
    let (decided, asked) = (
        keep(crate::approvals::decision(&claim.turn, "refund", 500)),
        keep(crate::approvals::asked(&fresh(), conversation, &claim.turn)),
    );
    change!(db, scope, tx => decisions::insert(tx, scope, decided));
    change!(db, scope, tx => approvals::insert(tx, scope, asked));
    let rules = keep([crate::policies::rule("refund")]);
    assert!(change!(db, scope, tx => policies::put(tx, scope, rules, at(0), at(1))));
    book(db, shop, conversation).await;
    acts(db, shop, name).await;
    inbox(db, shop, conversation, name).await;
    know(db, shop, conversation).await;
    crate::tokens::spend(db, shop, conversation).await;
    crate::payments::takes(db, shop, conversation).await;
    let order = keep(crate::tokens_orders::order("bought", at(0)));
    change!(db, scope, tx => frontdesk_store::tokens::orders::insert(tx, scope, order));
    let report = keep(crate::reports::report("kept", at(0), &[]));
    change!(db, scope, tx => frontdesk_store::reports::insert(tx, scope, report));
    shop
}

/// A line of the audit log, a request that named itself, a browser that is signed in.
async fn acts(db: &Db, shop: &'static Shop, name: &str) {
    let scope = &shop.scope;
    let entry = keep(audit::Entry {
        id: fresh(),
        actor_kind: "person".into(),
        actor: "usr_ana".into(),
        action: "contact.update".into(),
        subject: "con_1".into(),
        detail: serde_json::json!({ "changed": ["name"] }),
        at: at(12_000),
    });
    change!(db, scope, tx => audit::write(tx, scope, entry));
    change!(db, scope, tx => repeats::claim(tx, scope, "key key_1", "once", "hash", at(12_000)));
    let answer = keep(repeats::Kept { status: 201, content_type: "application/json".into(), body: b"{}".to_vec() });
    change!(db, scope, tx => repeats::keep(tx, scope, "key key_1", "once", answer));
    let session = keep(sessions::Session {
        id: fresh(),
        person: id(name),
        hash: format!("session of {name}"),
        address: "192.0.2.1".into(),
        device: "Firefox".into(),
        created_at: at(0),
        last_seen_at: at(0),
        expires_at: at(1_000_000_000),
    });
    change!(db, &Server, tx => sessions::insert(tx, &Server, session));
}

/// A note, a saved reply, an indexed stretch of messages and one that is not indexed yet.
async fn inbox(db: &Db, shop: &'static Shop, conversation: &'static ConversationId, name: &str) {
    let scope = &shop.scope;
    let (note, saved) = (keep(note(conversation, "calls back")), keep(saved_reply(name)));
    change!(db, scope, tx => notes::insert(tx, scope, note));
    change!(db, scope, tx => macros::insert(tx, scope, saved));
    assert!(change!(db, scope, tx => search::chunks::build(tx, scope, 2)));
    assert!(count(db, &format!("SELECT COUNT(*) AS n FROM search_due WHERE tenant = '{}'", scope.tenant())).await > 0);
}

pub(crate) fn note(conversation: &ConversationId, text: &str) -> Note {
    Note {
        id: fresh(),
        conversation: conversation.clone(),
        text: text.to_owned(),
        written_by: "usr_ana".into(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn saved_reply(name: &str) -> Macro {
    Macro { id: fresh(), name: name.to_owned(), text: "Hola {{contact.name}}".into(), created_at: at(0), updated_at: at(0) }
}

/// A tag, a contact who became part of another, a file of contacts with a row that could not be taken in.
async fn know(db: &Db, shop: &'static Shop, conversation: &'static ConversationId) {
    let scope = &shop.scope;
    let contact = keep(shop.contact_in(db, conversation).await);
    let tags = keep([String::from("vip")]);
    change!(db, scope, tx => contacts::set_tags(tx, scope, contact, tags));
    let other = keep(shop.contact_in(db, shop.hears(db, &format!("58{}", scope.tenant()), at(0)).await).await);
    change!(db, scope, tx => merges::merge(tx, scope, contact, other, false, at(13_000)));
    let (import, problem) = (keep(import(&fresh())), keep(row_problem(2)));
    change!(db, scope, tx => imports::insert(tx, scope, import, b"name,phone"));
    change!(db, scope, tx => imports::note_problem(tx, scope, &import.id, problem));
}

pub(crate) fn import(id: &ImportId) -> imports::Import {
    imports::Import {
        id: id.clone(),
        state: "previewed".into(),
        file_name: "customers.csv".into(),
        format: "csv".into(),
        shape: "{}".into(),
        plan: None,
        total: 3,
        next_row: 0,
        created: 0,
        updated: 0,
        skipped: 0,
        failed: 0,
        problem: None,
        created_by: "usr_1".into(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn row_problem(line: i64) -> imports::Problem {
    imports::Problem { line, reason: "phone: not a number".into(), cells: r#"["Ana","12"]"#.into() }
}

async fn staff_and_keys(db: &Db, shop: &'static Shop, name: &str) {
    let scope = &shop.scope;
    let (person, key, agent) = (keep(person(name)), keep(key(shop, name)), keep(agent(name)));
    assert!(change!(db, &Server, tx => people::insert(tx, &Server, person)));
    change!(db, scope, tx => people::set_role(tx, scope, &person.id, "owner", at(0)));
    change!(db, scope, tx => people::insert_key(tx, scope, key));
    let number = keep(crate::member_numbers::claimed(&person.id, &format!("57{name}")));
    let (told, named) = (
        keep(crate::member_numbers::told(number, &id("1"))),
        keep(approval_codes::Named { approval: id("1"), args_hash: "aa".into() }),
    );
    change!(db, scope, tx => member_numbers::claim(tx, scope, number));
    change!(db, scope, tx => member_numbers::confirm(tx, scope, &number.person, std::slice::from_ref(&number.number), &number.number, &shop.channel, at(0)));
    change!(db, scope, tx => member_messages::insert(tx, scope, told));
    assert!(change!(db, scope, tx => approval_codes::give(tx, scope, "4F7K", named, at(0))));
    let invited = keep(crate::access::invitation(shop, name, 0));
    change!(db, scope, tx => invitations::insert(tx, scope, invited));
    crate::access::way_in(db, &person.id, keep(name.to_owned())).await;
    change!(db, scope, tx => agents::insert(tx, scope, agent, at(0)));
    change!(db, scope, tx => agents::set_model_key(tx, scope, "openai", Some("v1.sealed"), at(0)));
    let (draft, prompt) = (keep(draft("Be brief.")), keep(prompt(name)));
    assert!(change!(db, scope, tx => versions::save_draft(tx, scope, &agent.id, draft, None)));
    assert!(change!(db, scope, tx => prompts::insert(tx, scope, prompt)).is_some());
}

async fn talk(db: &Db, shop: &'static Shop, name: &str) -> &'static ConversationId {
    let scope = &shop.scope;
    let file = keep(file());
    change!(db, scope, tx => media::insert(tx, scope, file));
    assert!(change!(db, scope, tx => inbound::park(tx, scope, &shop.account, "notice-1", "notice", r#"{"a":1}"#, at(0))));
    let mut arrival = shop.text(&format!("57{name}"), format!("in-{name}"), "¿Cuánto cuesta? 💇 \"corte\"", at(0));
    arrival.inbound.profile_name = Some("Ñusta".into());
    arrival.inbound.parts.push(picture(&file.id));
    shop.receive(db, &arrival).await;
    let (conversation, message) = (keep(arrival.new_conversation), keep(arrival.message));
    change!(db, scope, tx => feed::append(tx, scope, conversation, message));
    let upload = keep(upload(shop, "web/v/somebody"));
    change!(db, scope, tx => uploads::insert(tx, scope, upload));
    conversation
}

async fn book(db: &Db, shop: &'static Shop, conversation: &'static ConversationId) {
    let scope = &shop.scope;
    let (service, staff, contact) = (keep(service("cut")), keep(staff("ana")), keep(shop.contact_in(db, conversation).await));
    let appointment = keep(appointment(contact, at(86_400_000)));
    change!(db, scope, tx => calendar::put_service(tx, scope, service, 1, at(0)));
    change!(db, scope, tx => calendar::put_staff(tx, scope, staff, 1, at(0)));
    change!(db, scope, tx => calendar::insert(tx, scope, appointment, None));
    let branch = keep(branch("north"));
    change!(db, scope, tx => locations::insert(tx, scope, branch));
}

pub(crate) fn branch(name: &str) -> Location {
    Location {
        id: id(name),
        name: name.to_owned(),
        address: "Calle 1".into(),
        phone: "+57 1".into(),
        time_zone: Some("America/Bogota".into()),
        active: true,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// Rows of a shop in each table that belongs to tenants.
pub(crate) async fn rows_of(db: &Db, shop: &Shop) -> BTreeMap<&'static str, i64> {
    let mut rows = BTreeMap::new();
    let tenant = shop.scope.tenant();
    for table in backup::tables().filter(|table| backup::has_tenant(table)) {
        rows.insert(table, count(db, &format!("SELECT COUNT(*) AS n FROM {table} WHERE tenant = '{tenant}'")).await);
    }
    rows.insert("route", count(db, &format!("SELECT COUNT(*) AS n FROM route WHERE of_tenant = '{tenant}'")).await);
    rows
}

pub(crate) fn person(name: &str) -> Person {
    Person {
        id: id(name),
        email: format!("{name}@example.org"),
        name: name.to_owned(),
        password_hash: "$argon2id$".into(),
        operator: false,
        active: true,
        language: Some("es".into()),
        must_change_password: false,
        created_at: at(0),
    }
}

pub(crate) fn key(shop: &Shop, name: &str) -> Key {
    Key {
        id: id(name),
        tenant: shop.scope.tenant().clone(),
        name: name.to_owned(),
        prefix: "fd_12".into(),
        hash: format!("hash-of-{name}"),
        scopes: vec!["contacts:read".into(), "messages:send".into()],
        created_at: at(0),
        expires_at: Some(at(1000)),
        revoked_at: None,
        last_used_at: None,
    }
}

pub(crate) fn agent(name: &str) -> Agent {
    Agent {
        id: id(name),
        name: name.to_owned(),
        is_default: true,
        version: 1,
        spec: AgentSpec { prompt: "Be {{ kind }}.".into(), tools: Some(vec!["book".into()]), ..AgentSpec::default() },
    }
}

pub(crate) fn draft(words: &str) -> Draft {
    Draft { spec: AgentSpec { prompt: words.into(), ..AgentSpec::default() }, based_on: 1, updated_at: at(1) }
}

pub(crate) fn prompt(name: &str) -> Prompt {
    Prompt {
        id: id(name),
        number: 0,
        name: name.to_owned(),
        content: format!("Eres {name}, ñandú."),
        metadata: serde_json::json!({ "version": 1.0, "js": "console.log(\"x\")" }).as_object().cloned(),
        created_at: at(0),
        updated_at: at(0),
    }
}

pub(crate) fn file() -> File {
    File {
        id: fresh(),
        sha256: "ab".repeat(32),
        mime: "image/png".into(),
        file_name: Some("a b.png".into()),
        bytes: (0..=255).collect(),
        created_at: at(0),
    }
}

/// Of a visitor who has sent nothing yet.
pub(crate) fn upload(shop: &Shop, visitor: &str) -> Upload {
    Upload {
        media: fresh(),
        channel: shop.channel.clone(),
        visitor: visitor.to_owned(),
        mime: "image/png".into(),
        file_name: Some("ñ.png".into()),
        created_at: at(0),
    }
}

pub(crate) fn picture(file: &MediaId) -> Part {
    Part::Media(Media {
        kind: MediaKind::Image,
        vendor_ref: Some("media-1".into()),
        url: None,
        stored: Some(file.clone()),
        mime: Some("image/png".into()),
        sha256: None,
        file_name: None,
        caption: Some("mira".into()),
        transcript: None,
        problem: None,
    })
}

pub(crate) fn service(name: &str) -> Service {
    Service {
        id: id(name),
        name: name.to_owned(),
        duration_minutes: 45,
        buffer_before_minutes: 5,
        buffer_after_minutes: 10,
        price: Some(Money { minor: 1_200_000, currency: "COP".into() }),
        description: "with wash".into(),
        active: true,
    }
}

pub(crate) fn staff(name: &str) -> Staff {
    Staff {
        id: id(name),
        name: name.to_owned(),
        specialties: vec!["colour".into()],
        services: vec![id("cut")],
        hours: None,
        away: Vec::new(),
        location: None,
        active: true,
    }
}

/// Half an hour from `from`, without buffers.
pub(crate) fn appointment(contact: &ContactId, from: frontdesk_kernel::Timestamp) -> Appointment {
    let to = frontdesk_kernel::Timestamp(from.0 + 1_800_000);
    Appointment {
        id: fresh(),
        contact: contact.clone(),
        service: Some(id("cut")),
        title: "Cut".into(),
        staff: Some(id("ana")),
        starts_at: from,
        ends_at: to,
        blocked_from: from,
        blocked_to: to,
        status: AppointmentStatus::Confirmed,
        notes: "first visit".into(),
        location: None,
        reason: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

/// An attempt that the vendor accepted.
pub(crate) fn ended() -> Ended<'static> {
    Ended { state: State::Succeeded, outcome: "succeeded", vendor_id: None, detail: None, not_before: at(0), uncounted: false }
}

pub(crate) fn status(vendor_id: &str, delivery: Delivery) -> StatusUpdate {
    StatusUpdate { vendor_id: vendor_id.to_owned(), delivery, at: None, echo: None, recipient: None, code: None, reason: None }
}
