//! `analyze_data` and `make_report`: figures of the business for a member of the team, as far as that member may see them. Only for agents
//! for which they were chosen, and never in a customer's conversation.

use std::sync::Arc;

use async_trait::async_trait;
use frontdesk_kernel::{
    action::{About, Category},
    booking::{Match, find_location},
    effect::{Class, State},
    http_tool::ToolEffect,
    ids::{OfReport, ReportId, ToolId},
    language::Language,
    ports::model::ToolCall,
    report::{Grouping, Sheet},
    tool::{ReceiptKind, ToolSpec},
};
use frontdesk_store::{Error, Result, Tx, audit, people, people::Member, work};
use jiff::civil::Date;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Leaves, Offered, TimeLeft, ToolContext, calendar::text, outgoing::own_id, tool_spec};
use crate::{
    http_tools::Carried,
    reports::{self as analyses, BadWish, Offer, Place, Wish},
};

#[derive(Clone, Copy)]
enum What {
    Analyze,
    Report,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            What::Analyze => "analyze_data",
            What::Report => "make_report",
        }
    }
}

struct Reports(What);

pub(super) fn all() -> impl Iterator<Item = Arc<dyn Offered>> {
    [What::Analyze, What::Report].into_iter().map(|what| Arc::new(Reports(what)) as Arc<dyn Offered>)
}

/// Whether it is one of these.
pub(crate) fn is_one(name: &str) -> bool {
    [What::Analyze, What::Report].iter().any(|what| what.name() == name)
}

impl Offered for Reports {
    fn spec(&self) -> ToolSpec {
        let keys: Vec<_> = Offer::all().map(Offer::key).collect();
        let words: Vec<_> = Offer::all().map(|o| format!("{}: {}", o.key(), o.about(Language::English))).collect();
        let analysis = json!({"type": "string", "enum": keys, "description": words.join(" ")});
        let day =
            |about: &str| json!({"type": "string", "format": "date", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "description": about});
        let (from, to) = (day("first day, YYYY-MM-DD"), day("last day, included; at most 400 days"));
        let grouping = json!({"type": "string", "enum": Grouping::ALL.map(Grouping::as_str), "description": "what one point is"});
        let location = json!({"type": "string", "maxLength": 120, "description": "name of one location; without it all of them"});
        match self.0 {
            What::Analyze => tool_spec!(
                self.0.name(),
                "Figures of the company over a stretch of days, to answer a question of the team with. It only reads.",
                {"analysis": analysis, "from": from, "to": to, "grouping": grouping, "location": location},
                ["analysis", "from", "to"]
            ),
            What::Report => tool_spec!(
                self.0.name(),
                "Makes a report of figures of the company with charts, as a file that the team can download. Give its address in your answer.",
                {
                    "analysis": analysis, "from": from, "to": to, "grouping": grouping, "location": location,
                    "format": {"type": "string", "enum": analyses::FORMATS}
                },
                ["analysis", "from", "to"]
            ),
        }
    }

    fn about(&self) -> About {
        match self.0 {
            What::Analyze => About::reads(analyses::SEE, "Look at figures of the business", "Consultar cifras del negocio"),
            What::Report => About::changes(Category::Resource, "report:write", "Make a report", "Hacer un informe")
                .proving(ReceiptKind::ReportMade),
        }
    }
}

#[async_trait]
impl Leaves for Reports {
    fn id(&self) -> ToolId {
        own_id(self.0.name())
    }
    fn class(&self) -> Class {
        Class::A
    }
    fn effect(&self) -> ToolEffect {
        match self.0 {
            What::Analyze => ToolEffect::Reads,
            What::Report => ToolEffect::Writes,
        }
    }
    fn proves(&self) -> Option<ReceiptKind> {
        matches!(self.0, What::Report).then_some(ReceiptKind::ReportMade)
    }

    async fn begin(&self, tx: &mut Tx, context: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        Ok(member(tx, context).await?.map(drop).ok_or_else(|| only_for_the_team(context)))
    }

    /// It does not leave the house; but counting may take a while, and the transaction of a turn is no place for that.
    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, key: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let (c, arguments) = (context.clone(), call.arguments.clone());
        let limit = time_left().min(analyses::LONGEST);
        let counting = context.desk.db.read_long(&context.scope, limit, work!(tx => answer(tx, &c, &arguments).await));
        let (member, sheet, place) = match told(context.language(), counting.await)? {
            Ok(Ok(answered)) => answered,
            Ok(Err(why)) | Err(why) => return Ok(Carried::failed(why)),
        };
        match self.0 {
            What::Analyze => {
                Ok(done(analyses::told(&sheet), json!({ "analysis": sheet.analysis, "from": sheet.from, "to": sheet.to })))
            }
            What::Report => {
                let format = text(&call.arguments, "format").unwrap_or(analyses::FORMATS[0]).to_owned();
                let making = make(context, &member, sheet, place, format, key);
                Ok(told(context.language(), making.await)?.unwrap_or_else(Carried::failed))
            }
        }
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}

/// What it came to; else what the model is told. The turn itself goes on, unless it is somebody else's by now.
fn told<T>(language: Language, done: Result<T>) -> Result<std::result::Result<T, String>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Error::LeaseLost) => Err(Error::LeaseLost),
        Err(Error::TooLong) => Ok(Err(analyses::in_language(TOO_LONG, language).to_owned())),
        Err(e) => {
            tracing::warn!(error = %e, "figures could not be counted or kept");
            Ok(Err(analyses::in_language(NOT_NOW, language).to_owned()))
        }
    }
}

const TOO_LONG: (&str, &str) = (
    "That took too long; nothing was done: ask for fewer days, or by month.",
    "Tardó demasiado; no se hizo nada: pide menos días, o por mes.",
);
const NOT_NOW: (&str, &str) =
    ("That did not work: ask for fewer days, or again later.", "No se pudo: pide menos días, o inténtalo más tarde.");

/// The same call, made again, is the same report.
async fn make(context: &ToolContext, member: &Member, sheet: Sheet, place: Place, format: String, key: &str) -> Result<Carried> {
    let id = id_of(key);
    let log = audit::Entry {
        id: context.id(),
        actor_kind: "person".into(),
        actor: member.person.to_string(),
        action: String::new(),
        subject: String::new(),
        detail: Value::Null,
        at: context.now,
    };
    let (s, turn) = (context.scope.clone(), context.turn.clone());
    let (title, from, to) = (sheet.title.clone(), sheet.from, sheet.to);
    let kept = context
        .desk
        .db
        .write(&context.scope, work!(tx => analyses::keep(tx, &s, id, (&sheet, &place), Some(&turn), log).await))
        .await?;
    let path = format!("/api/v1/reports/{}/file?format={format}&tenant={}", kept.id, context.scope.tenant());
    let url = format!("{}{path}", context.desk.access.public_url());
    let content = context.say(
        &format!("El informe «{title}» del {from} al {to} está hecho ({}). Se descarga en {url}", kept.id),
        &format!("The report \"{title}\" from {from} to {to} is made ({}). It can be downloaded at {url}", kept.id),
    );
    Ok(done(
        content,
        json!({ "report": { "id": kept.id, "analysis": kept.analysis, "format": format, "path": path, "url": url } }),
    ))
}

fn id_of(key: &str) -> ReportId {
    let digest = Sha256::digest(format!("report of {key}"));
    let tail: String = digest.iter().take(16).map(|b| format!("{b:02x}")).collect();
    ReportId::parse(&format!("{}_{tail}", <OfReport as frontdesk_kernel::ids::Kind>::PREFIX))
        .expect("hexadecimal digits are a tail")
}

fn done(content: String, facts: Value) -> Carried {
    Carried { state: State::Succeeded, content, status: None, attempts: 1, facts, proven: false }
}

/// Whom the agent acts for; `None`: nobody of the team.
async fn member(tx: &mut Tx, context: &ToolContext) -> Result<Option<Member>> {
    let Some(person) = &context.conversation.acts_for else { return Ok(None) };
    Ok(people::member_of(tx, &context.scope, person).await?.filter(|m| m.active))
}

type Answered = std::result::Result<(Member, Sheet, Place), String>;

async fn answer(tx: &mut Tx, context: &ToolContext, arguments: &Value) -> Result<Answered> {
    let Some(member) = member(tx, context).await? else { return Ok(Err(only_for_the_team(context))) };
    let Some(offer) = text(arguments, "analysis").and_then(Offer::named) else {
        return Ok(Err(context.say("No hay tal análisis.", "There is no such analysis.")));
    };
    if !offer.is_for(member.role) {
        return Ok(Err(context.say("Esas cifras no le están permitidas.", "Those figures are not allowed to them.")));
    }
    let day = |key: &str| text(arguments, key).and_then(|day| day.parse::<Date>().ok());
    let (Some(first), Some(last)) = (day("from"), day("to")) else {
        return Ok(Err(context.say("Las fechas no existen en el calendario.", "The dates are not in the calendar.")));
    };
    let location = match text(arguments, "location").map(|words| find_location(&context.view.locations, words)) {
        None => None,
        Some(Match::One(location)) => Some(location.id.clone()),
        Some(Match::Several(_) | Match::None) => {
            let names: Vec<_> = context.view.locations.iter().map(|l| l.name.as_str()).collect();
            let (spanish, english) = ("No sé qué local es ese. Hay: ", "I do not know which location that is. There are: ");
            return Ok(Err(context.say(spanish, english) + &names.join(", ")));
        }
    };
    let wish = Wish {
        offer,
        first,
        last,
        grouping: text(arguments, "grouping").and_then(Grouping::parse).unwrap_or_else(|| Grouping::fitting(first, last)),
        location,
        sees: Some(member.locations.clone()).filter(|l| !l.is_empty()),
        language: context.language(),
    };
    let answered = analyses::answer(tx, &context.scope, &context.view.tenant, &wish).await?;
    Ok(answered.map(|(sheet, place)| (member, sheet, place)).map_err(|BadWish { field, problem }| {
        format!("{}: {field}: {problem}", context.say("No se pudo; no se hizo nada", "That did not work; nothing was done"))
    }))
}

fn only_for_the_team(context: &ToolContext) -> String {
    context.say("Eso solo se hace para alguien del equipo.", "That is only done for somebody of the team.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_too_long_or_fails_is_told_and_a_lost_lease_ends_the_turn() {
        let faults = [
            (Error::TooLong, "fewer days, or by month"),
            (Error::Unavailable("x".into()), "again later"),
            (Error::Broken("x".into()), "again later"),
            (Error::Refused("x".into()), "again later"),
        ];
        for (fault, words) in faults {
            let said = told(Language::English, Err::<i32, _>(fault)).unwrap().unwrap_err();
            assert!(said.contains(words), "{said}");
        }
        assert!(matches!(told(Language::English, Err::<i32, _>(Error::LeaseLost)), Err(Error::LeaseLost)));
        assert_eq!(told(Language::English, Ok(7)).unwrap(), Ok(7));
    }

    #[test]
    fn the_same_call_is_the_same_report_and_another_one_is_not() {
        assert_eq!(id_of("trn_1/2/0"), id_of("trn_1/2/0"));
        assert_ne!(id_of("trn_1/2/0"), id_of("trn_1/2/1"));
    }
}
