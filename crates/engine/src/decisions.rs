//! Whether a call of a turn is carried out: known, well-formed, its own customer's, permitted, and as the rules of the business say. What
//! cannot be established is refused. Written with the step that holds the call.

mod foreign;

use frontdesk_kernel::{
    Timestamp,
    action::{About, Amount, Level},
    approval::{self, Kind, Sources, State, provenance},
    booking::{Match, find_location},
    decision::{By, Decided, Facts, decide},
    ids::*,
    language::Line,
    member::Role,
    ports::model::ToolCall,
    tool::ToolResult,
};
use frontdesk_store::{
    Result, Tx, approvals as stored, audit, contacts,
    decisions::{self, Decision, Outcome},
    people, policies, threads,
    tool_calls::Place,
};
use serde_json::json;

use crate::{
    approvals,
    tools::{self, Misfit, REQUEST_APPROVAL, ToolContext},
    tracer,
};

/// What is known of a step whose calls are decided about.
#[derive(Debug, Default)]
pub(crate) struct Hearing {
    /// The number that the step with the results will have.
    pub(crate) step: i64,
    /// The step that holds the calls is not journaled yet: nothing can have been decided about them.
    pub(crate) new: bool,
    /// Somebody said yes to these calls before; their ids are the requests'.
    pub(crate) approved: bool,
    /// Actions about which a colleague's answer came into this turn.
    pub(crate) answered: Vec<String>,
    pub(crate) sources: Sources,
}

pub(crate) enum Judged {
    Run,
    /// It is not run; the model reads why.
    Told(ToolResult),
}

/// Whom the agent acts for, as far as it matters here.
struct Acting {
    person: Option<UserId>,
    role: Role,
    here: bool,
}

/// Decides about the `n`th call of a step, and writes it down. A call that was decided about before the process died stays decided.
pub(crate) async fn judge(tx: &mut Tx, context: &ToolContext, hearing: &Hearing, n: usize, call: &ToolCall) -> Result<Judged> {
    let place = Place { turn: context.turn.clone(), step: hearing.step, n: n as i64 };
    let before = if hearing.new { None } else { Some(decisions::ask_at(tx, &context.scope, &place)?) };
    let rules = policies::ask(tx, &context.scope)?;
    let before = match before {
        Some(before) => before.optional(tx).await?,
        None => None,
    };
    if let Some(before) = before {
        return Ok(match before.outcome {
            Outcome::Run | Outcome::Approved => Judged::Run,
            Outcome::Waiting => Judged::Told(waiting(context, call, before.level, before.approval.as_ref())),
            Outcome::Refused => Judged::Told(refused(call, refusal(context, &before.rule), &before.rule)),
        });
    }
    let may_ask = context.allowed.as_ref().is_none_or(|names| names.iter().any(|name| name == REQUEST_APPROVAL));
    let raised = call.name == REQUEST_APPROVAL && may_ask && !hearing.approved && call.broken.is_none();
    let inner = if raised { tools::wanted(call) } else { None };
    let wanted = inner.as_ref().unwrap_or(call);
    let case = Case { context, hearing, place, call, wanted };
    let (about, own) = match tools::known(context, wanted) {
        Ok(known) => known,
        Err(Misfit::Unknown(why)) => return case.refuse(tx, None, "unknown", why).await,
        Err(Misfit::Arguments(why)) => return case.refuse(tx, None, "arguments", why).await,
    };
    if let Some(id) = foreign::first(tx, context, &wanted.arguments, own).await? {
        tracing::warn!(tenant = %context.scope.tenant(), action = wanted.name, id, "a call named something of somebody else");
        return case.refuse(tx, Some(&about), "foreign", refusal(context, "foreign")).await;
    }
    let acting = acting(tx, context).await?;
    if !context.view.tenant.active || !acting.here || !acting.role.allows(about.permission) {
        return case.refuse(tx, Some(&about), "permission", refusal(context, "permission")).await;
    }
    let (rules, _) = rules.optional(tx).await?.unwrap_or_default();
    // Another turn of the same customer that counts at the same moment waits.
    let counts = rules.iter().any(|rule| rule.counts() && rule.is_about(&wanted.name, about.category.as_str()));
    if counts {
        contacts::lock(tx, &context.scope, &context.contact.id).await?;
    }
    let facts = case.facts(tx, &about, &acting, counts).await?;
    let decided = decide(&about, &rules, &facts, inner.is_some().then_some(Level::Approval));
    case.carry(tx, &about, facts, decided, &acting).await
}

/// One call, and where it stands.
struct Case<'c> {
    context: &'c ToolContext,
    hearing: &'c Hearing,
    place: Place,
    /// As the model made it.
    call: &'c ToolCall,
    /// What it is about: itself, or the call inside a request.
    wanted: &'c ToolCall,
}

impl Case<'_> {
    async fn carry(self, tx: &mut Tx, about: &About, facts: Facts, decided: Decided, acting: &Acting) -> Result<Judged> {
        let Decided { level, by } = decided;
        if level == Level::Off {
            let why = refusal(self.context, "off");
            self.audit(tx, "off").await?;
            self.write(tx, facts, level, by.as_str(), Outcome::Refused, None).await?;
            return Ok(Judged::Told(refused(self.call, why, "off")));
        }
        if self.hearing.approved {
            return self.carry_approved(tx, facts, level, &by).await;
        }
        let answered = level == Level::Consultation && self.hearing.answered.contains(&self.wanted.name);
        let Some(kind) = Kind::of(level).filter(|_| !answered) else {
            let by = if answered { "answered" } else { by.as_str() };
            self.write(tx, facts, level, by, Outcome::Run, None).await?;
            return Ok(Judged::Run);
        };
        let context = self.context;
        let meant = match tools::meant(tx, context, self.wanted).await? {
            Ok(meant) => meant,
            Err(why) => return self.refuse(tx, Some(about), "arguments", why).await,
        };
        let question = match kind {
            Kind::Suggestion => approvals::question(&about.title, &meant.shown, context.language()),
            Kind::Consultation | Kind::Approval => approvals::summary(about.title.of(context.view.tenant.speaks()), &meant.shown),
        };
        let request = approvals::Request {
            kind,
            action: &self.wanted.name,
            arguments: &meant.arguments,
            provenance: provenance(&self.wanted.arguments, &self.hearing.sources),
            question,
            rule: by.as_str(),
            requested_by: acting.person.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let id = approvals::ask(tx, context, request).await?;
        self.write(tx, facts, level, by.as_str(), Outcome::Waiting, Some(&id)).await?;
        Ok(Judged::Told(waiting(context, self.call, level, Some(&id))))
    }

    /// Exactly what was said yes to, once.
    async fn carry_approved(self, tx: &mut Tx, facts: Facts, level: Level, by: &By) -> Result<Judged> {
        let request = match ApprovalId::parse(&self.call.id) {
            Ok(id) => stored::lock(tx, &self.context.scope, &id).await?,
            Err(_) => None,
        };
        let holds = |a: &approval::Approval| {
            a.state == State::Approved
                && a.conversation == self.context.conversation.id
                && a.action == self.wanted.name
                && a.args_hash == stored::hash(&self.wanted.arguments)
        };
        match request.filter(holds) {
            Some(request) => {
                self.write(tx, facts, level, by.as_str(), Outcome::Approved, Some(&request.id)).await?;
                Ok(Judged::Run)
            }
            None => {
                let why = refusal(self.context, "stale");
                self.audit(tx, "stale").await?;
                self.write(tx, facts, level, "stale", Outcome::Refused, None).await?;
                Ok(Judged::Told(refused(self.call, why, "stale")))
            }
        }
    }

    async fn refuse(self, tx: &mut Tx, about: Option<&About>, rule: &str, why: String) -> Result<Judged> {
        let facts = Facts {
            action: self.wanted.name.chars().take(64).collect(),
            category: about.map(|a| a.category.as_str()).unwrap_or_default().to_owned(),
            role: None,
            location: None,
            channel: Some(self.context.conversation.channel.clone()),
            amount: Amount::None,
            amount_today: 0,
            count_today: 0,
            other_recipient: false,
            outside_hours: false,
            first_time_contact: false,
        };
        tracer::tool_called(self.context.scope.tenant(), &self.wanted.name, &self.wanted.arguments);
        self.audit(tx, rule).await?;
        self.write(tx, facts, Level::Off, rule, Outcome::Refused, None).await?;
        tools::counted(self.context, &self.wanted.name, false);
        Ok(Judged::Told(refused(self.call, why, rule)))
    }

    async fn write(
        &self,
        tx: &mut Tx,
        facts: Facts,
        level: Level,
        rule: &str,
        outcome: Outcome,
        approval: Option<&ApprovalId>,
    ) -> Result<()> {
        let amount = if let Amount::Minor(minor) = facts.amount { Some(minor) } else { None };
        let decision = Decision {
            place: self.place.clone(),
            action: facts.action.clone(),
            level,
            rule: rule.to_owned(),
            outcome,
            facts,
            amount,
            approval: approval.cloned(),
            at: self.context.now,
        };
        decisions::insert(tx, &self.context.scope, &decision).await
    }

    /// What the agent tried and may not. No argument of it: they may be anybody's data.
    async fn audit(&self, tx: &mut Tx, why: &str) -> Result<()> {
        let context = self.context;
        let action: String = self.wanted.name.chars().take(64).collect();
        let entry = audit::Entry {
            id: context.id(),
            actor_kind: "server".into(),
            actor: String::new(),
            action: "action.refused".into(),
            subject: context.turn.to_string(),
            detail: json!({ "action": action, "why": why, "conversation": context.conversation.id }),
            at: context.now,
        };
        audit::write(tx, &context.scope, &entry).await
    }

    /// As the call names it, else as its tool knows it.
    async fn amount(&self, tx: &mut Tx, about: &About) -> Result<Amount> {
        let (context, arguments) = (self.context, &self.wanted.arguments);
        match (about.amount_of(arguments), context.desk.toolbox.leaving(&self.wanted.name, &context.view)) {
            (Amount::None, Some((tool, _))) => tool.amount(tx, context, arguments).await,
            (named, _) => Ok(named),
        }
    }

    /// `counts`: a rule asks what was done today.
    async fn facts(&self, tx: &mut Tx, about: &About, acting: &Acting, counts: bool) -> Result<Facts> {
        let (context, arguments) = (self.context, &self.wanted.arguments);
        let today = start_of_day(context);
        let (count_today, amount_today) = match counts {
            true => decisions::since(tx, &context.scope, &context.contact.id, &self.wanted.name, today).await?,
            false => (0, 0),
        };
        let branches = &context.view.locations;
        let location = match arguments["location"].as_str().map(|words| find_location(branches, words)) {
            Some(Match::One(location)) => Some(location.id.clone()),
            _ => None,
        };
        let other_recipient = match about.recipient_of(arguments) {
            Some(recipient) => !is_own(tx, context, recipient).await?,
            None => false,
        };
        let now = context.now.in_zone(&context.view.tenant.zone()).datetime();
        let open = context.view.tenant.profile.open_on(now.date());
        Ok(Facts {
            action: self.wanted.name.clone(),
            category: about.category.as_str().to_owned(),
            role: acting.person.is_some().then_some(acting.role),
            location,
            channel: Some(context.conversation.channel.clone()),
            amount: self.amount(tx, about).await?,
            amount_today,
            count_today,
            other_recipient,
            outside_hours: !open.iter().any(|span| span.open <= now.time() && now.time() < span.close),
            first_time_contact: context.contact.created_at >= today,
        })
    }
}

/// Without a person to act for, the agent may what the business lets it.
async fn acting(tx: &mut Tx, context: &ToolContext) -> Result<Acting> {
    let Some(person) = context.conversation.acts_for.clone() else {
        return Ok(Acting { person: None, role: context.view.tenant.settings.agent_role(), here: true });
    };
    let Some(member) = people::member_of(tx, &context.scope, &person).await?.filter(|m| m.active) else {
        return Ok(Acting { person: Some(person), role: Role::Viewer, here: false });
    };
    let here = member.locations.is_empty()
        || threads::channels_in(tx, &context.scope, &member.locations).await?.contains(&context.conversation.channel);
    Ok(Acting { person: Some(person), role: member.role, here })
}

fn start_of_day(context: &ToolContext) -> Timestamp {
    let zone = context.view.tenant.zone();
    let midnight = context.now.in_zone(&zone).date().at(0, 0, 0, 0);
    Timestamp::from_local(midnight, &zone).unwrap_or(context.now)
}

/// Digits of a phone number, or a mail address, of the contact themselves.
async fn is_own(tx: &mut Tx, context: &ToolContext, recipient: &str) -> Result<bool> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let theirs = contacts::addresses(tx, &context.scope, &context.contact.id).await?;
    let (mail, number) = (recipient.trim().to_lowercase(), digits(recipient));
    Ok(theirs.iter().any(|a| a.value.to_lowercase() == mail || (number.len() > 6 && digits(&a.value) == number)))
}

/// What the model reads, in words that may reach the customer.
fn refusal(context: &ToolContext, rule: &str) -> String {
    match rule {
        "foreign" => {
            context.say("Eso no es de este cliente; no se hizo nada.", "That does not belong to this customer; nothing was done.")
        }
        "permission" => {
            context.say("Eso no me está permitido aquí; no se hizo nada.", "I am not allowed to do that here; nothing was done.")
        }
        "stale" => context.say(
            "Lo que se autorizó ya no es lo mismo; no se hizo nada.",
            "What was approved is not the same any more; nothing was done.",
        ),
        _ => context.say("Aquí eso no se hace; no se hizo nada.", "That is not done here; nothing was done."),
    }
}

fn refused(call: &ToolCall, content: String, rule: &str) -> ToolResult {
    let data = json!({ "outcome": "refused", "why": rule });
    ToolResult { call: call.id.clone(), name: call.name.clone(), ok: false, content, data, receipt: None }
}

fn waiting(context: &ToolContext, call: &ToolCall, level: Level, approval: Option<&ApprovalId>) -> ToolResult {
    let line = if level == Level::Suggestion { Line::AskedContact } else { Line::AskedTeam };
    ToolResult {
        call: call.id.clone(),
        name: call.name.clone(),
        ok: false,
        content: line.text(context.language()).to_owned(),
        data: json!({ "outcome": "waiting", "approval": approval, "kind": Kind::of(level) }),
        receipt: None,
    }
}

/// The request that a result waits for, and whether the customer is who is asked.
pub(crate) fn waits_for(result: &ToolResult) -> Option<(ApprovalId, bool)> {
    let id = ApprovalId::parse(result.data["approval"].as_str()?).ok()?;
    Some((id, result.data["kind"] == json!(Kind::Suggestion)))
}
