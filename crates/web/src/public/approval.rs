//! The page behind an approval link: what the agent wants, word for word, and two buttons. Looking changes nothing, for mail programs
//! look too.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use frontdesk_engine::{
    approvals::{self, Refusal, Signature, Word, link, permission},
    directory::View,
};
use frontdesk_kernel::{
    Scope, Timestamp,
    approval::{Approval, Kind, Source, State as ApprovalState},
    contact::Contact,
    ids::UserId,
    language::Language,
};
use frontdesk_store::{approvals as stored, contacts, conversations, people, threads, work};
use serde_json::Value;
use url::form_urlencoded;

use super::{STYLE, escape, language, tag};
use crate::{
    Limits, Web,
    kit::{Problem, limits},
    nothing_here,
};

const LONGEST_NOTE: usize = 2000;
const LONGEST_FORM: usize = 64 << 10;

/// What somebody who holds a genuine link may see.
struct Seen {
    scope: Scope,
    person: UserId,
    name: String,
    view: std::sync::Arc<View>,
    approval: Approval,
    contact: Option<Contact>,
}

pub(crate) async fn show(State(web): State<Web>, Path(signed): Path<String>, headers: HeaderMap) -> Response {
    match look(&web, &signed).await {
        Some(seen) => page(&web, &seen, &headers, None),
        None => nothing_here().into_response(),
    }
}

/// What the page's form says.
#[derive(Default)]
struct Said {
    say: String,
    args_hash: String,
    note: String,
}

impl Said {
    fn of(form: &[u8]) -> Said {
        let mut said = Said::default();
        for (name, value) in form_urlencoded::parse(form) {
            match name.as_ref() {
                "say" => said.say = value.into_owned(),
                "args_hash" => said.args_hash = value.into_owned(),
                "note" => said.note = value.into_owned(),
                _ => {}
            }
        }
        said
    }
}

pub(crate) async fn decide(State(web): State<Web>, Path(signed): Path<String>, headers: HeaderMap, body: Body) -> Response {
    let bounds = Limits { body_bytes: LONGEST_FORM, ..web.limits };
    let said = match limits::read(&headers, body, &bounds).await {
        Ok(form) => Said::of(&form),
        Err(refused) => return Problem::from(refused).into_response(),
    };
    let Some(seen) = look(&web, &signed).await else { return nothing_here().into_response() };
    let spoken = language(&headers, Some(&seen.view.tenant));
    let note: String = said.note.trim().chars().take(LONGEST_NOTE).collect();
    let note = Some(note).filter(|n| !n.is_empty());
    let word = match said.say.as_str() {
        "approve" => Word::Yes { hash: said.args_hash },
        "reject" => Word::No,
        "answer" if note.is_some() => Word::Answer,
        _ => return page(&web, &seen, &headers, Some(words(spoken).empty)),
    };
    let by = Signature { kind: "person", id: seen.person.to_string(), by_way_of: "link" };
    match approvals::say(&web.desk, &seen.scope, &seen.approval.id, word, note, &by).await {
        // What was decided is shown by the page itself, also to whoever comes second.
        Ok(Ok(_) | Err(Refusal::Decided(_) | Refusal::Expired)) => Redirect::to(&format!("/a/{signed}")).into_response(),
        Ok(Err(Refusal::Changed)) => match look(&web, &signed).await {
            Some(now) => page(&web, &now, &headers, Some(words(spoken).changed)),
            None => nothing_here().into_response(),
        },
        Ok(Err(_)) => nothing_here().into_response(),
        Err(e) => Problem::from(e).into_response(),
    }
}

/// The request, if the link is genuine and its person may still decide.
async fn look(web: &Web, signed: &str) -> Option<Seen> {
    let opened = link::open(&web.desk, signed)?;
    let scope = Scope::of(opened.tenant.clone());
    let view = web.desk.directory.tenant(&web.desk, &opened.tenant).await.ok()??;
    let (s, id, person) = (scope.clone(), opened.approval.clone(), opened.person.clone());
    let found = web
        .desk
        .db
        .read(
            &scope,
            work!(tx => {
                let Some(approval) = stored::get(tx, &s, &id).await? else { return Ok(None) };
                let Some(member) = people::member_of(tx, &s, &person).await? else { return Ok(None) };
                let Some(conversation) = conversations::get(tx, &s, &approval.conversation).await? else { return Ok(None) };
                let here = member.locations.is_empty()
                    || threads::channels_in(tx, &s, &member.locations).await?.contains(&conversation.channel);
                let may = member.active && here && member.role.allows(permission(approval.kind));
                let contact = contacts::get(tx, &s, &conversation.contact).await?;
                Ok(may.then_some((approval, member.name, contact)))
            }),
        )
        .await
        .ok()??;
    let (approval, name, contact) = found;
    Some(Seen { scope, person: opened.person, name, view, approval, contact })
}

struct Words {
    title: &'static str,
    question: &'static str,
    for_whom: &'static str,
    exactly: &'static str,
    before: &'static str,
    note: &'static str,
    answer: &'static str,
    yes: &'static str,
    no: &'static str,
    send: &'static str,
    until: &'static str,
    as_who: &'static str,
    empty: &'static str,
    changed: &'static str,
    own: &'static str,
}

fn words(language: Language) -> Words {
    match language {
        Language::Spanish => Words {
            title: "El asistente pide autorización",
            question: "El asistente pregunta",
            for_whom: "Cliente",
            exactly: "Exactamente esto se hará",
            before: "Lo que el asistente quería",
            note: "Nota para el asistente (opcional; puede contársela al cliente)",
            answer: "Respuesta",
            yes: "Autorizar",
            no: "No autorizar",
            send: "Enviar la respuesta",
            until: "Vale hasta",
            as_who: "Usted decide como",
            empty: "Falta la respuesta.",
            changed: "Los datos cambiaron mientras tanto: mírelos otra vez.",
            own: "El asistente actúa por usted: debe decidir otra persona.",
        },
        Language::English => Words {
            title: "The assistant asks for a decision",
            question: "The assistant asks",
            for_whom: "Customer",
            exactly: "Exactly this will be done",
            before: "What the assistant wanted",
            note: "Note for the assistant (optional; it may tell the customer)",
            answer: "Answer",
            yes: "Approve",
            no: "Reject",
            send: "Send the answer",
            until: "Open until",
            as_who: "You decide as",
            empty: "The answer is missing.",
            changed: "The values changed in the meantime: look again.",
            own: "The assistant acts for you: somebody else must decide.",
        },
    }
}

fn state_words(state: ApprovalState, language: Language) -> &'static str {
    use ApprovalState::*;
    match (language, state) {
        (_, Pending) => "",
        (Language::Spanish, Approved) => "Autorizado: se hace en un momento.",
        (Language::Spanish, Executed) => "Autorizado y hecho.",
        (Language::Spanish, Failed) => "Autorizado, pero no se pudo hacer. El equipo tiene una tarea.",
        (Language::Spanish, Rejected) => "No autorizado: no se hizo nada.",
        (Language::Spanish, Expired) => "Nadie decidió a tiempo: no se hizo nada.",
        (Language::Spanish, Answered) => "Respondido.",
        (Language::English, Approved) => "Approved: it is being done.",
        (Language::English, Executed) => "Approved and done.",
        (Language::English, Failed) => "Approved, but it could not be done. The team has a task.",
        (Language::English, Rejected) => "Rejected: nothing was done.",
        (Language::English, Expired) => "Nobody decided in time: nothing was done.",
        (Language::English, Answered) => "Answered.",
    }
}

fn source_words(source: Source, language: Language) -> &'static str {
    match (language, source) {
        (Language::Spanish, Source::Message) => "lo escribió el cliente",
        (Language::Spanish, Source::Profile) => "datos del cliente",
        (Language::Spanish, Source::Tool) => "de otra herramienta",
        (Language::Spanish, Source::Person) => "lo escribió el equipo",
        (Language::Spanish, Source::Model) => "del asistente",
        (Language::English, Source::Message) => "the customer wrote it",
        (Language::English, Source::Profile) => "known of the customer",
        (Language::English, Source::Tool) => "from another tool",
        (Language::English, Source::Person) => "the team wrote it",
        (Language::English, Source::Model) => "from the assistant",
    }
}

fn page(web: &Web, seen: &Seen, headers: &HeaderMap, problem: Option<&str>) -> Response {
    let spoken = language(headers, Some(&seen.view.tenant));
    let html = render(web, seen, spoken, problem);
    let status = if problem.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let private = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
        (header::CONTENT_LANGUAGE, tag(spoken)),
    ];
    (status, private, Html(html)).into_response()
}

fn render(web: &Web, seen: &Seen, spoken: Language, problem: Option<&str>) -> String {
    let (w, a) = (words(spoken), &seen.approval);
    let is_question = a.kind == Kind::Consultation;
    let open = a.state == ApprovalState::Pending && web.desk.now() < a.expires_at;
    let mut body = format!("<p class=\"of\">{}</p>", escape(&seen.view.tenant.name));
    body.push_str(&format!("<h1>{}</h1>", if is_question { w.question } else { w.title }));
    if let Some(problem) = problem {
        body.push_str(&format!("<p role=\"alert\" class=\"note\">{}</p>", escape(problem)));
    }
    let over = if a.state == ApprovalState::Pending { ApprovalState::Expired } else { a.state };
    if !open {
        body.push_str(&format!("<p role=\"status\" class=\"note\"><strong>{}</strong></p>", state_words(over, spoken)));
    }
    if is_question {
        body.push_str(&format!("<p class=\"big\">{}</p>", escape(&a.question)));
    } else {
        let title = approvals::title(&web.desk, &seen.view, &a.action);
        body.push_str(&format!("<p class=\"big\">{} <code>{}</code></p>", escape(title.of(spoken)), escape(&a.action)));
    }
    let name = seen.contact.as_ref().and_then(|c| c.name.clone()).unwrap_or_else(|| "—".to_owned());
    body.push_str(&format!("<p>{}: <strong>{}</strong></p>", w.for_whom, escape(&name)));
    if !is_question {
        body.push_str(&format!("<h2>{}</h2>{}", w.exactly, table(&a.arguments, a, spoken)));
        if let Some(before) = &a.edited_from {
            body.push_str(&format!("<h2>{}</h2><pre>{}</pre>", w.before, escape(&pretty(before))));
        }
    }
    if let Some(note) = a.note.as_deref().filter(|_| !open) {
        body.push_str(&format!("<p>«{}»</p>", escape(note)));
    }
    let own = !a.requested_by.is_empty() && a.requested_by == seen.person.as_str();
    if open && own {
        body.push_str(&format!("<p role=\"status\" class=\"note\">{}</p>", w.own));
    } else if open {
        body.push_str(&form(a, &w, is_question));
        let until = local(a.expires_at, &seen.view);
        body.push_str(&format!("<p class=\"small\">{} {} · {} {}</p>", w.until, escape(&until), w.as_who, escape(&seen.name)));
    }
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, \
         initial-scale=1\"><link rel=\"icon\" href=\"/favicon.svg\"><title>{}</title><style>{STYLE}{FORM}</style></head><body><main>{body}</main></body></html>",
        tag(spoken),
        if is_question { w.question } else { w.title },
    )
}

fn form(a: &Approval, w: &Words, is_question: bool) -> String {
    let hash = escape(&a.args_hash);
    let (label, buttons) = if is_question {
        (w.answer, format!("<button name=\"say\" value=\"answer\" class=\"yes\">{}</button>", w.send))
    } else {
        let yes = format!("<button name=\"say\" value=\"approve\" class=\"yes\">{}</button>", w.yes);
        (w.note, format!("{yes}<button name=\"say\" value=\"reject\">{}</button>", w.no))
    };
    let required = if is_question { " required" } else { "" };
    format!(
        "<form method=\"post\"><input type=\"hidden\" name=\"args_hash\" value=\"{hash}\"><label for=\"note\">{label}</label>\
         <textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"{LONGEST_NOTE}\"{required}></textarea><div class=\"row\">{buttons}</div></form>"
    )
}

/// Every argument, raw, with where it came from.
fn table(arguments: &Value, a: &Approval, spoken: Language) -> String {
    let mut rows = String::new();
    for (name, value) in arguments.as_object().into_iter().flatten() {
        let from = a.provenance.iter().find(|o| o.argument == *name).map(|o| source_words(o.from, spoken)).unwrap_or_default();
        let value = value.as_str().map_or_else(|| pretty(value), str::to_owned);
        let (name, value) = (escape(name), escape(&value));
        rows.push_str(&format!("<tr><th scope=\"row\">{name}</th><td><code>{value}</code><br><small>{from}</small></td></tr>"));
    }
    format!("<table>{rows}</table>")
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn local(at: Timestamp, view: &View) -> String {
    at.in_zone(&view.tenant.zone()).strftime("%Y-%m-%d %H:%M").to_string()
}

const FORM: &str = ".of{opacity:.7;margin:0}.big{font-size:1.25rem}.small{font-size:.9rem;opacity:.8}.note{border:1px solid;\
border-radius:.5rem;padding:.75rem 1rem}table{border-collapse:collapse;width:100%;table-layout:fixed}th,td{text-align:start;\
vertical-align:top;padding:.5rem .5rem .5rem 0;border-bottom:1px solid #8886;overflow-wrap:anywhere}th{width:40%;font-weight:600}\
pre{white-space:pre-wrap;overflow-wrap:anywhere}label{display:block;margin-top:1.5rem}textarea{width:100%;box-sizing:border-box;\
font:inherit;padding:.5rem;border-radius:.5rem;border:1px solid #888;background:transparent;color:inherit}.row{display:flex;gap:.75rem;\
margin-top:1rem;flex-wrap:wrap}button{flex:1;min-width:8rem;min-height:3rem;font:inherit;font-weight:600;border-radius:.5rem;\
border:2px solid currentColor;background:transparent;color:inherit;cursor:pointer}button.yes{background:#0b6b3a;color:#fff;\
border-color:#0b6b3a}button:focus-visible,textarea:focus-visible{outline:3px solid #4c8bf5;outline-offset:2px}";
