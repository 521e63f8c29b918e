//! The requests that the fake understands.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::Method,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::sleep;

use super::{
    Desk, ReadMark, Route, Sent,
    errors::{refusal, refusal_because},
};
use crate::{
    contracts::multipart,
    fakes::{
        faults,
        inbound::{OUR_NUMBER, digits, hex},
        journal::{Recorded, lock},
        server::Line,
    },
};

/// How the ids of files begin, to tell them from those of numbers.
const FILE_IDS: &str = "9000000";

/// Meta takes documents up to this size.
const BIGGEST_BODY: usize = 101 << 20;

pub(super) async fn answer(State(desk): State<Arc<Desk>>, ConnectInfo(line): ConnectInfo<Line>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let route = desk.route(&parts.method, &segments);
    // Whether POST …/messages sends or marks is known only after its body.
    let mut fault = route.filter(|r| *r != Route::Send).and_then(|r| desk.faults[r as usize].next());
    if let Some(reset @ super::GraphFault::Reset) = &fault {
        return reset.instead(&line).unwrap_or_default();
    }
    let Ok(body) = axum::body::to_bytes(body, BIGGEST_BODY).await else { return line.cut() };
    let request = Recorded::new(parts, body);
    let admitted = desk.journal.admit(&request);
    let Some(mut route) = route else {
        if admitted.is_ok() {
            desk.journal.violation(format!("no such call: {} {path}", request.method));
        }
        return refusal_because(2500, "Unknown path components");
    };
    let message = if route == Route::Send { request.json() } else { Value::Null };
    if route == Route::Send {
        if message["status"] == "read" {
            route = Route::MarkRead;
        }
        fault = desk.faults[route as usize].next();
    }
    sleep(desk.options.base.latency).await;
    if let Some(instead) = fault.as_ref().and_then(|f| f.instead(&line)) {
        return instead;
    }
    let key = desk.options.base.key.as_deref();
    if request.bearer().is_none_or(|token| key.is_some_and(|key| key != token)) {
        return refusal(190);
    }
    if let Err(problem) = admitted {
        return refusal_because(100, &problem);
    }
    let answer = match route {
        Route::Send => desk.clone().send(&request, segments[1], message).await,
        Route::MarkRead => desk.mark_read(&request, segments[1], &message),
        Route::Upload => desk.upload(&request),
        Route::Media => desk.media(&request, segments[1]),
        Route::Download => desk.download(segments[1]),
        Route::Number => desk.number(&request, segments[1]),
        Route::Templates => desk.templates(&request),
    };
    match fault {
        Some(fault) => fault.spoil(answer, &line).await,
        None => answer,
    }
}

/// Unique among all fakes of a machine.
pub(super) fn vendor_id(port: u16, order: u64) -> String {
    format!("wamid.{}", STANDARD.encode(format!("fake/{port:05}/{order:010}")))
}

impl Desk {
    fn route(&self, method: &Method, segments: &[&str]) -> Option<Route> {
        match (method, segments) {
            (&Method::GET, ["download", _]) => Some(Route::Download),
            (_, [version, ..]) if !is_version(version) => None,
            (&Method::POST, [_, _, "messages"]) => Some(Route::Send),
            (&Method::POST, [_, _, "media"]) => Some(Route::Upload),
            (&Method::GET | &Method::DELETE, [_, id]) if id.starts_with(FILE_IDS) && id.len() == 15 => Some(Route::Media),
            (&Method::GET, [_, _]) => Some(Route::Number),
            (&Method::GET, [_, _, "message_templates"]) => Some(Route::Templates),
            _ => None,
        }
    }

    async fn send(self: Arc<Self>, request: &Recorded, account: &str, body: Value) -> Response {
        if let Err(problem) = self.check(&body) {
            return refusal_because(100, &self.journal.violation(problem));
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let to = text(&body["to"]);
        let by_phone = to.is_some();
        let kind = text(&body["type"]).unwrap_or_else(|| "text".to_owned());
        let sent = self.accept(Sent {
            order: 0,
            account: account.to_owned(),
            to: to.or_else(|| text(&body["recipient"])).unwrap_or_default(),
            text: readable(&kind, &body),
            echo: text(&body["biz_opaque_callback_data"]),
            vendor_id: String::new(),
            quotes: text(&body["context"]["message_id"]),
            kind,
            body,
        });
        let contact = if by_phone { json!({"input": sent.to, "wa_id": digits(&sent.to)}) } else { json!({"input": sent.to}) };
        let mut reply = json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [{"id": sent.vendor_id}]});
        if sent.kind == "template" {
            reply["messages"][0]["message_status"] = "accepted".into();
        }
        self.clone().tell(sent).await;
        self.reply(request, &reply)
    }

    /// Rules that Meta documents in words only.
    fn check(&self, body: &Value) -> Result<(), String> {
        let length = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).map_or(0, |t| t.chars().count());
        for (pointer, most) in [("/text/body", 4096), ("/biz_opaque_callback_data", 512)] {
            if length(pointer) > most {
                return Err(format!("{pointer} is longer than {most} characters"));
            }
        }
        if body["type"] == "text" && length("/text/body") == 0 {
            return Err("/text/body is empty".to_owned());
        }
        match body[body["type"].as_str().unwrap_or_default()]["id"].as_str() {
            Some(id) if !lock(&self.media).contains_key(id) => Err(format!("media {id} was never uploaded")),
            _ => Ok(()),
        }
    }

    fn mark_read(&self, request: &Recorded, account: &str, body: &Value) -> Response {
        let message = body["message_id"].as_str().unwrap_or_default().to_owned();
        let typing = body["typing_indicator"]["type"] == "text";
        lock(&self.marks).push(ReadMark { account: account.to_owned(), message, typing });
        self.reply(request, &json!({"success": true}))
    }

    fn upload(&self, request: &Recorded) -> Response {
        let fields = match multipart(request.content_type().unwrap_or_default(), &request.body) {
            Ok(fields) => fields,
            Err(problem) => return refusal_because(100, &self.journal.violation(problem)),
        };
        let field = |name: &str| fields.iter().find(|f| f.name == name);
        if field("messaging_product").is_none_or(|f| f.text() != "whatsapp") {
            return refusal_because(100, &self.journal.violation("upload: messaging_product must be whatsapp".to_owned()));
        }
        let Some(file) = field("file").filter(|f| f.file_name.is_some()) else {
            return refusal_because(100, &self.journal.violation("upload: no file".to_owned()));
        };
        let mime = field("type").map(|f| f.text().into_owned()).or_else(|| file.content_type.clone());
        let Some(mime) = mime else {
            return refusal_because(100, &self.journal.violation("upload: a file without a type".to_owned()));
        };
        let kept = self.keep_media(&mime, Bytes::copy_from_slice(file.data));
        self.reply(request, &json!({"id": kept.id}))
    }

    fn media(&self, request: &Recorded, id: &str) -> Response {
        if request.method == "DELETE" {
            let removed = lock(&self.media).remove(id).is_some();
            return self.reply(request, &json!({"success": removed}));
        }
        let Some(media) = lock(&self.media).get(id).cloned() else { return refusal(100) };
        let about = json!({
            "messaging_product": "whatsapp",
            "url": format!("{}/download/{id}", self.url),
            "mime_type": media.mime,
            "sha256": hex(&Sha256::digest(&media.bytes)),
            "file_size": media.bytes.len().to_string(),
            "id": id,
        });
        self.reply(request, &about)
    }

    fn download(&self, id: &str) -> Response {
        let Some(media) = lock(&self.media).get(id).cloned() else {
            return faults::raw(404, "text/plain", "URL signature expired");
        };
        let mut answer = Response::new(Body::from(media.bytes));
        if let Ok(mime) = media.mime.parse() {
            answer.headers_mut().insert("content-type", mime);
        }
        answer
    }

    fn number(&self, request: &Recorded, id: &str) -> Response {
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return refusal_because(100, &format!("Object with ID '{id}' does not exist"));
        }
        let mut about = json!({
            "id": id,
            "display_phone_number": OUR_NUMBER,
            "verified_name": "Frontdesk Test",
            "quality_rating": "GREEN",
            "code_verification_status": "VERIFIED",
            "name_status": "APPROVED",
        });
        let wanted = url::form_urlencoded::parse(request.query.as_bytes()).find(|(name, _)| name == "fields");
        if let (Some((_, wanted)), Some(members)) = (wanted, about.as_object_mut()) {
            members.retain(|name, _| name == "id" || wanted.split(',').any(|w| w.trim() == name));
        }
        self.reply(request, &about)
    }

    /// One that was approved, whoever asks.
    fn templates(&self, request: &Recorded) -> Response {
        let body =
            json!({ "type": "BODY", "text": "Hello {{1}}, see you on {{2}}.", "example": { "body_text": [["Ana", "Monday"]] } });
        let reminder = json!({
            "name": "appointment_reminder", "language": "en", "status": "APPROVED", "category": "UTILITY", "id": "1627019861106475",
            "components": [body],
        });
        self.reply(request, &json!({ "data": [reminder], "paging": { "cursors": { "before": "MAZDZD", "after": "MjQZD" } } }))
    }

    fn reply(&self, request: &Recorded, body: &Value) -> Response {
        self.journal.answer(request, 200, body);
        faults::json(200, body)
    }
}

/// `v23.0`
fn is_version(segment: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    segment.strip_prefix('v').and_then(|v| v.split_once('.')).is_some_and(|(a, b)| number(a) && number(b))
}

fn readable(kind: &str, body: &Value) -> Option<String> {
    let pointer = match kind {
        "text" => "/text/body".to_owned(),
        "interactive" => "/interactive/body/text".to_owned(),
        "template" => "/template/name".to_owned(),
        "reaction" => "/reaction/emoji".to_owned(),
        other => format!("/{other}/caption"),
    };
    body.pointer(&pointer).and_then(Value::as_str).map(str::to_owned)
}
