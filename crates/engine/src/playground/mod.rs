//! The playground: a real turn on a draft or a version, with the real prompt, model and tools, of which nothing stays but its price.

mod stage;

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    agent::AgentSpec,
    contact::Contact,
    ids::{OfTrial, TrialId},
    language::Line,
    ports::model::{Content, Finish, ModelRequest, Sink, ToolCall, Turn},
    tool::ReceiptKind,
    turn::{self, Command, GiveUp, Step},
};
use frontdesk_store::{Result, tokens::holds, turns, work};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc::UnboundedSender;

use self::stage::Stage;
use crate::{
    Desk,
    directory::View,
    models,
    prompt::{self, PromptContext},
    tokens::{self, calls},
    tools,
    turns::rules::{self, Verdict},
};

/// What is tried.
pub struct Trial {
    pub scope: Scope,
    pub view: Arc<View>,
    pub agent_name: String,
    pub spec: AgentSpec,
    /// Who is there, and how they are reached. One who is not in the database is put there for the tools, and gone afterwards.
    pub contact: Contact,
    pub address: String,
    pub is_invented: bool,
    pub channel: &'static str,
    /// What time it is for prompt and tools.
    pub now: Timestamp,
    /// The conversation so far; it ends with what the customer said.
    pub said: Vec<Said>,
}

/// An entry of the conversation.
#[derive(Debug, Clone)]
pub enum Said {
    Customer(String),
    /// What the agent answered, and what it called before: what these calls changed is there again for the next ones.
    Agent {
        text: String,
        calls: Vec<ToolCall>,
    },
}

/// What happens, as it happens.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum News {
    /// What the model is told before anything else.
    Prompt { text: String, problems: Vec<String> },
    /// The model writes.
    Text { delta: String },
    /// What it wrote since its last call is void: the call failed and another follows.
    Again,
    /// A model call ended.
    Model {
        vendor: &'static str,
        model: String,
        text: Option<String>,
        calls: Vec<ToolCall>,
        input_tokens: u64,
        cached_tokens: u64,
        output_tokens: u64,
        /// Millionths of a US dollar; nothing where the price is unknown.
        cost_micros: Option<i64>,
        millis: i64,
    },
    /// Tools answered.
    Tools { results: Vec<Acted>, millis: i64 },
    /// The answer claims what no tool of this turn proves: the model is told so and asked again.
    Correction { text: String },
    /// The turn is over.
    Answer {
        text: String,
        /// The model's words, or a line of ours.
        by_model: bool,
        gave_up: Option<GiveUp>,
        /// What the tools have proven.
        receipts: Vec<ReceiptKind>,
        model_calls: u32,
        tool_calls: u32,
        input_tokens: u64,
        output_tokens: u64,
        cost_micros: Option<i64>,
        millis: i64,
    },
    /// It could not go on, for a reason that is not the agent's.
    Failed { problem: String },
}

/// A tool's result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Acted {
    pub call: String,
    pub name: String,
    pub ok: bool,
    /// What the model reads.
    pub content: String,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub data: Value,
    pub receipt: Option<ReceiptKind>,
    /// It would have been done; here it was undone at once.
    pub only_tried: bool,
}

/// Tells the news into the channel until the turn is over. Whoever stops listening stops it after the running model call, which is billed.
pub async fn run(desk: Arc<Desk>, trial: Trial, news: UnboundedSender<News>) {
    let mut run = Run { journal: Vec::new(), bill: desk.id(), started: desk.now(), desk, trial, news };
    if let Err(e) = run.play().await {
        tracing::error!(tenant = %run.trial.scope.tenant(), error = %e, "a turn of the playground failed");
        run.tell(News::Failed { problem: "The database is not available; try again.".into() });
    }
}

struct Run {
    desk: Arc<Desk>,
    trial: Trial,
    news: UnboundedSender<News>,
    journal: Vec<Step>,
    /// Under which its model calls are in the ledger: an id of no turn.
    bill: TrialId,
    started: Timestamp,
}

/// Passes text on while the model writes.
struct Passing(UnboundedSender<News>);

impl Sink for Passing {
    fn text(&mut self, delta: &str) {
        let _ = self.0.send(News::Text { delta: delta.to_owned() });
    }
    fn again(&mut self) {
        let _ = self.0.send(News::Again);
    }
}

impl Run {
    fn tell(&self, news: News) {
        // Nobody listens any more: `play` notices.
        let _ = self.news.send(news);
    }

    async fn play(&mut self) -> Result<()> {
        let view = self.trial.view.clone();
        let (limits, deadline) = (rules::limits(&self.desk, &view), self.started.plus(rules::timeout(&self.desk, &view)));
        let rendered = prompt::render(self.desk.scripts.as_ref(), &self.trial.spec.prompt, &self.context()).await;
        let system: Arc<str> = rendered.text.as_str().into();
        self.tell(News::Prompt { text: rendered.text, problems: rendered.problems });
        let stage = Stage::of(&self.desk);
        while !self.news.is_closed() && !self.desk.stop.is_cancelled() {
            match turn::next(&self.journal, &limits) {
                Command::Done => break,
                Command::GiveUp(why) => return self.give_up(why),
                Command::RunTools(calls) => {
                    let (calls, started) = (calls.to_vec(), self.desk.now());
                    let results = stage.play(&self.desk, &self.trial, &self.journal, calls, deadline).await?;
                    let acted = results.iter().map(|r| Acted {
                        call: r.call.clone(),
                        name: r.name.clone(),
                        ok: r.ok,
                        content: r.content.clone(),
                        data: r.data.clone(),
                        receipt: r.receipt,
                        only_tried: r.ok && (self.desk.toolbox.changes_something(&r.name) || tools::is_only_tried(r)),
                    });
                    let millis = self.desk.now().since(started).as_millis() as i64;
                    self.tell(News::Tools { results: acted.collect(), millis });
                    self.journal.push(Step::Tools { results });
                }
                Command::Answer(text) => match rules::verdict(&self.journal, text) {
                    Verdict::Fine => {
                        let empty = Line::Empty.text(view.tenant.speaks());
                        let text = if text.trim().is_empty() { empty } else { text }.to_owned();
                        return self.end(text, None);
                    }
                    Verdict::AskAgain(text) => {
                        self.tell(News::Correction { text: text.clone() });
                        self.journal.push(Step::Correction { text });
                    }
                    Verdict::Again(why) => return self.give_up(why),
                },
                Command::CallModel => {
                    if rules::over_daily_budget(&self.desk, &self.trial.scope, &view).await? {
                        return self.give_up(GiveUp::Budget);
                    }
                    if let Some(why) = self.call_model(&system, deadline).await? {
                        return self.give_up(why);
                    }
                }
            }
        }
        Ok(())
    }

    async fn call_model(&mut self, system: &Arc<str>, deadline: Timestamp) -> Result<Option<GiveUp>> {
        let (desk, trial) = (self.desk.clone(), &self.trial);
        let request = ModelRequest {
            model: String::new(),
            system: system.clone(),
            turns: self.turns(),
            tools: trial.view.tools.specs(&desk, trial.spec.tools.as_deref()),
            temperature: trial.spec.temperature,
            max_output_tokens: trial.spec.max_output_tokens,
            limits: desk.settings.call_limits,
        };
        let mut chain = models::chain(&desk, &trial.spec).to_vec();
        let (turn, n) = (self.bill.to_string(), self.journal.len());
        let mut hold = None;
        if let Some(books) = tokens::books(&desk, &trial.view.tenant, desk.now()) {
            let of = calls::Of { turn: &turn, n, contact: None, conversation: None, channel: None };
            match calls::reserve(&desk, &trial.scope, &books, &chain, &request, of).await? {
                Ok(permit) => (hold, chain) = (Some(permit.hold), permit.chain),
                Err(_) => return Ok(Some(GiveUp::Credit)),
            }
        }
        let mut sink = Passing(self.news.clone());
        let answered = match models::complete(&desk, &trial.view, &chain, request, deadline, &mut sink).await {
            Ok(answered) => answered,
            Err(e) => {
                tracing::warn!(tenant = %trial.scope.tenant(), error = %e, "no model answered in the playground");
                if let Some(hold) = hold {
                    let (s, now) = (trial.scope.clone(), desk.now());
                    desk.db.write(&trial.scope, work!(tx => holds::release(tx, &s, &hold, now).await)).await?;
                }
                let late = deadline.since(desk.now()) < std::time::Duration::from_secs(2);
                return Ok(Some(if late { GiveUp::Deadline } else { GiveUp::ModelUnavailable }));
            }
        };
        let completion = &answered.completion;
        let (vendor, millis) = (answered.vendor, answered.millis);
        let (usage, model) = (completion.usage, completion.model.clone());
        self.tell(News::Model {
            vendor,
            model: model.clone(),
            text: completion.text.clone(),
            calls: completion.calls.clone(),
            input_tokens: usage.input,
            cached_tokens: usage.cached,
            output_tokens: usage.output,
            cost_micros: usage.cost_micros,
            millis,
        });
        let refused_empty = completion.finish == Finish::Refused && completion.text.is_none() && completion.calls.is_empty();
        let (s, bill, n, now) = (trial.scope.clone(), self.bill.clone(), self.journal.len() as i64, desk.now());
        self.journal.push(rules::as_step(answered));
        // The price is real: it counts against the budget like any other.
        desk.db
            .write(
                &self.trial.scope,
                work!(tx => {
                    turns::bill::<OfTrial>(tx, &s, &bill, n, vendor, &model, &usage, now).await?;
                    if let Some(hold) = &hold {
                        holds::commit(tx, &s, hold, usage.cost_micros, now).await?;
                    }
                    Ok(())
                }),
            )
            .await?;
        Ok(refused_empty.then_some(GiveUp::BadAnswers))
    }

    fn give_up(&self, why: GiveUp) -> Result<()> {
        self.end(rules::line_for(why).text(self.trial.view.tenant.speaks()).to_owned(), Some(why))
    }

    fn end(&self, text: String, gave_up: Option<GiveUp>) -> Result<()> {
        let used = turn::spent(&self.journal);
        self.tell(News::Answer {
            text,
            by_model: gave_up.is_none(),
            gave_up,
            receipts: rules::proven(&self.journal),
            model_calls: used.model_calls,
            tool_calls: used.tool_calls,
            input_tokens: used.usage.input,
            output_tokens: used.usage.output,
            cost_micros: used.usage.cost_micros,
            millis: self.desk.now().since(self.started).as_millis() as i64,
        });
        Ok(())
    }

    fn context(&self) -> PromptContext<'_> {
        let trial = &self.trial;
        PromptContext {
            tenant: &trial.view.tenant,
            services: &trial.view.services,
            staff: &trial.view.staff,
            contact: &trial.contact,
            contact_address: &trial.address,
            now: trial.now,
            agent_name: &trial.agent_name,
            channel: trial.channel,
        }
    }

    /// What a model sees: as much history as a real turn would have, the customer's last words, and what happened since.
    fn turns(&self) -> Vec<Turn> {
        let said = &self.trial.said;
        let settings = &self.trial.view.tenant.settings;
        let limit = settings.history_limit.unwrap_or(self.desk.settings.history_limit) as usize;
        let last_words = said.iter().rev().take_while(|s| matches!(s, Said::Customer(_))).count();
        let mut turns: Vec<Turn> = Vec::new();
        for entry in &said[said.len().saturating_sub(last_words + limit)..] {
            match (entry, turns.last_mut()) {
                (Said::Customer(text), Some(Turn::User(contents))) => contents.push(Content::Text(text.clone())),
                (Said::Customer(text), _) => turns.push(Turn::User(vec![Content::Text(text.clone())])),
                (Said::Agent { text, .. }, _) if text.is_empty() => {}
                (Said::Agent { text, .. }, Some(Turn::Model { text: Some(before), .. })) => {
                    before.push_str("\n\n");
                    before.push_str(text);
                }
                (Said::Agent { text, .. }, _) => {
                    turns.push(Turn::Model { text: Some(text.clone()), calls: Vec::new(), raw: None, raw_dialect: None });
                }
            }
        }
        turns.extend(self.journal.iter().flat_map(rules::as_turns));
        turns
    }
}
