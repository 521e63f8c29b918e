//! Where a browser comes back to with what a person answered: to the server's page, or to a few words on why there is no access.

use axum::{
    Extension, Json,
    extract::{RawQuery, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use frontdesk_engine::mcp::consent::{self, Begun, Brought, Unfinished};
use frontdesk_kernel::{ids::McpServerId, language::Language};
use frontdesk_store::audit;
use serde_json::json;
use url::form_urlencoded;

use super::{STYLE, escape, language, tag};
use crate::{
    Web,
    kit::{Path, Problem, SignedIn, authenticate::Identity},
};

/// What whoever gives access may say, each once; other parameters are their own business.
#[derive(Default)]
struct Said {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

impl Said {
    /// `None`: something is said twice.
    fn of(query: &str) -> Option<Said> {
        let mut said = Said::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let place = match name.as_ref() {
                "code" => &mut said.code,
                "state" => &mut said.state,
                "iss" => &mut said.iss,
                "error" => &mut said.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return None;
            }
        }
        Some(said)
    }
}

/// Why nothing came of it.
enum Vain {
    SignedOut,
    /// Not a question of ours, or answered already, or too old.
    Gone,
    /// Somebody else asked, or another browser did.
    NotYours,
    /// They may not do this (any more).
    MayNot,
    Unfinished(Unfinished),
}

/// Who we are, for whoever reads that at an address.
pub(crate) async fn client(State(web): State<Web>, Path(server): Path<McpServerId>) -> Response {
    ([(header::CACHE_CONTROL, "public, max-age=300")], Json(consent::description(&web.desk, &server))).into_response()
}

pub(crate) async fn back(
    State(web): State<Web>,
    Path(server): Path<McpServerId>,
    Extension(identity): Extension<Identity>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let said = Said::of(query.as_deref().unwrap_or_default()).unwrap_or_default();
    match finish(&web, identity, &server, said).await {
        Ok(Ok(place)) => match HeaderValue::from_str(&place) {
            Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
            Err(_) => Problem::internal().into_response(),
        },
        Ok(Err(vain)) => page(&vain, language(&headers, None)),
        Err(e) => Problem::from(e).into_response(),
    }
}

async fn finish(
    web: &Web,
    identity: Identity,
    server: &McpServerId,
    said: Said,
) -> frontdesk_store::Result<Result<String, Vain>> {
    let Identity::Person(who) = identity else { return Ok(Err(Vain::SignedOut)) };
    let state = said.state.filter(|state| !state.is_empty() && state.len() <= 200);
    let begun = match &state {
        Some(state) => consent::take_up(&web.desk, state).await?,
        None => None,
    };
    let Some(begun) = begun else { return Ok(Err(Vain::Gone)) };
    // Only the browser that began may end it: nobody's business is connected to an account of somebody else's choice.
    if begun.person != who.person.id || begun.session != who.session {
        return Ok(Err(Vain::NotYours));
    }
    if !may(&who, &begun) {
        return Ok(Err(Vain::MayNot));
    }
    let entry = audit::Entry {
        id: web.desk.id(),
        actor_kind: "person".to_owned(),
        actor: who.person.id.to_string(),
        action: "mcp_server.connected".to_owned(),
        subject: begun.server.to_string(),
        detail: json!({ "issuer": begun.issuer() }),
        at: web.desk.now(),
    };
    let brought = Brought { code: said.code, issuer: said.iss, error: said.error };
    let done = consent::finish(&web.desk, begun, server, brought, entry).await?;
    Ok(done.map(|server| format!("/servers/{server}")).map_err(Vain::Unfinished))
}

fn may(who: &SignedIn, begun: &Begun) -> bool {
    let place = who.places.iter().find(|place| place.tenant == begun.tenant);
    !who.person.must_change_password && place.map_or(who.person.operator, |place| place.role.allows("tool:write"))
}

fn page(vain: &Vain, spoken: Language) -> Response {
    let (status, words) = words(vain, spoken);
    let [title, text, link] = words;
    let detail = match vain {
        Vain::Unfinished(Unfinished::NotTaken(why)) => format!("<p>{}</p>", escape(why)),
        Vain::Unfinished(Unfinished::Told(Some(word))) => format!("<p><code>{}</code></p>", escape(word)),
        _ => String::new(),
    };
    let html = format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"/favicon.svg\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{text}</p>{detail}\
         <p><a href=\"/tools\">{link}</a></p></main></body></html>",
        tag(spoken),
    );
    let headers =
        [(header::CONTENT_LANGUAGE, tag(spoken)), (header::CACHE_CONTROL, "no-store"), (header::VARY, "accept-language")];
    (status, headers, Html(html)).into_response()
}

/// A title, a text, and where to go on.
fn words(vain: &Vain, spoken: Language) -> (StatusCode, [&'static str; 3]) {
    let spanish = spoken == Language::Spanish;
    let say = |english: [&'static str; 2], other: [&'static str; 2]| match spanish {
        true => [other[0], other[1], "Volver a las herramientas"],
        false => [english[0], english[1], "Back to the tools"],
    };
    match vain {
        Vain::SignedOut => (
            StatusCode::UNAUTHORIZED,
            say(
                ["Sign in first", "You are not signed in here. Sign in, open the server\u{2019}s page and connect it again."],
                [
                    "Primero inicia sesión",
                    "Aquí no has iniciado sesión. Inicia sesión, abre la página del servidor y conéctalo de nuevo.",
                ],
            ),
        ),
        Vain::Gone => (
            StatusCode::GONE,
            say(
                [
                    "This link is not good any more",
                    "It was used already, took longer than ten minutes, or was not begun here. Open the server\u{2019}s page and connect it again.",
                ],
                [
                    "Este enlace ya no sirve",
                    "Ya se usó, tardó más de diez minutos o no se inició aquí. Abre la página del servidor y conéctalo de nuevo.",
                ],
            ),
        ),
        Vain::NotYours => (
            StatusCode::FORBIDDEN,
            say(
                [
                    "Somebody else began this",
                    "The access was asked for by another person or in another browser. Nothing was connected.",
                ],
                ["Esto lo empezó otra persona", "Otra persona, u otro navegador, pidió el acceso. No se conectó nada."],
            ),
        ),
        Vain::MayNot => (
            StatusCode::FORBIDDEN,
            say(
                ["You may not connect servers", "Your role does not allow it. Nothing was connected."],
                ["No puedes conectar servidores", "Tu función no lo permite. No se conectó nada."],
            ),
        ),
        Vain::Unfinished(Unfinished::Changed) => (
            StatusCode::CONFLICT,
            say(
                [
                    "The server was changed meanwhile",
                    "Somebody changed or removed it while you consented. Open its page and connect it again.",
                ],
                [
                    "El servidor cambió entretanto",
                    "Alguien lo cambió o lo quitó mientras dabas el permiso. Abre su página y conéctalo de nuevo.",
                ],
            ),
        ),
        Vain::Unfinished(Unfinished::Denied) => (
            StatusCode::OK,
            say(
                [
                    "Not connected",
                    "The access was not granted. Nothing was connected; you can try again from the server\u{2019}s page.",
                ],
                [
                    "Sin conexión",
                    "No se dio el acceso. No se conectó nada; puedes intentarlo de nuevo desde la página del servidor.",
                ],
            ),
        ),
        Vain::Unfinished(Unfinished::Told(_)) => (
            StatusCode::BAD_GATEWAY,
            say(
                [
                    "The access was not given",
                    "Whoever gives access ended it with an error. Check the client id and the scope on the server\u{2019}s page, then connect it again.",
                ],
                [
                    "No se dio el acceso",
                    "Quien da el acceso terminó con un error. Revisa el id de cliente y el ámbito en la página del servidor y conéctalo de nuevo.",
                ],
            ),
        ),
        Vain::Unfinished(Unfinished::OfAnother) => (
            StatusCode::BAD_GATEWAY,
            say(
                ["The answer cannot be trusted", "It did not come from whoever was asked for access. Nothing was connected."],
                ["La respuesta no es de fiar", "No vino de quien debía dar el acceso. No se conectó nada."],
            ),
        ),
        Vain::Unfinished(Unfinished::NotTaken(_)) => (
            StatusCode::BAD_GATEWAY,
            say(
                [
                    "The access could not be fetched",
                    "Whoever gives access did not exchange the answer for access. Connect it again from the server\u{2019}s page.",
                ],
                [
                    "No se pudo obtener el acceso",
                    "Quien da el acceso no cambió la respuesta por un acceso. Conéctalo de nuevo desde la página del servidor.",
                ],
            ),
        ),
    }
}
