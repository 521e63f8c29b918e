//! One call of a server's tool: greeted, asked for its tools, compared with what was approved, then called. What a lost answer means is
//! decided by what a person said of the tool, never by what its server says.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use frontdesk_kernel::{
    Scope, Secret,
    effect::{Class, Outcome, backoff},
    http_tool::ToolEffect,
    ids::ToolId,
    mcp::{Definition, MOST_LISTED},
    ports::{
        mcp::{Answer, Failed, Fault, Target},
        model::ToolCall,
    },
    tool::ReceiptKind,
};
use frontdesk_store::{Result, Tx};
use serde_json::{Value, json};

use super::{
    Remote, consent, keep, part,
    words::{self, Scrub},
};
use crate::{
    Desk,
    grants::NoToken,
    http_tools::{Carried, TRIES, is_lost_write, judged},
    tools::{Leaves, TimeLeft, ToolContext},
};

/// Nothing begins with less time left.
const SHORTEST: Duration = Duration::from_millis(500);

/// What came of a conversation with a server.
pub(super) enum Came {
    Answer(Answer),
    /// The tool is not what was approved.
    Changed,
    Failed(Failed),
    NoToken(NoToken),
    NotSetUp,
}

impl Came {
    /// What is known of the call, and what a model reads.
    pub(super) fn told(&self, scrub: Scrub<'_>) -> (Outcome, String) {
        let no_token = |why: &str| format!("{} Nothing was done.", scrub(why));
        match self {
            // A tool that says it failed was not cut off: its word is all there is.
            Came::Answer(answer) if answer.failed => (Outcome::Refused, words::answer(answer, scrub)),
            Came::Answer(answer) => (Outcome::Succeeded, words::answer(answer, scrub)),
            Came::Changed => (Outcome::Refused, words::CHANGED.to_owned()),
            Came::Failed(failed) => (failed.outcome.clone(), words::fault(&failed.fault, scrub)),
            Came::NoToken(NoToken::Refused(why)) => (Outcome::Refused, no_token(why)),
            Came::NoToken(NoToken::Unavailable(why)) => (Outcome::NotApplied { after: None }, no_token(why)),
            Came::NotSetUp => (Outcome::Refused, words::NOT_SET_UP.to_owned()),
        }
    }
}

/// One conversation, with the tokens that the server was shown. One that is not taken any more is fetched anew once: who refused it has done
/// nothing.
pub(super) async fn once(
    desk: &Arc<Desk>,
    scope: &Scope,
    remote: &Remote,
    arguments: &Value,
    patience: Duration,
) -> Result<(Came, Vec<Secret>)> {
    let server = &remote.server;
    let mut shown: Vec<Secret> = Vec::new();
    let until = Instant::now() + patience;
    let left = || until.saturating_duration_since(Instant::now()).max(SHORTEST);
    loop {
        let again = !shown.is_empty();
        let granted = match server.grant(desk, scope, shown.last(), left()).await {
            Ok(granted) => granted,
            Err(none) => return Ok((Came::NoToken(none), shown)),
        };
        let token = granted.as_ref().map(|granted| &granted.token);
        shown.extend(token.cloned());
        let Some(target) = server.target(token, left()) else { return Ok((Came::NotSetUp, shown)) };
        let came = converse(desk, scope, remote, arguments, target, &shown).await?;
        match (&came, granted) {
            (Came::Failed(Failed { fault: Fault::Unauthorized, .. }), Some(granted)) => {
                if !again {
                    continue;
                }
                server.refused_anew(desk, scope, &granted.token).await?;
            }
            // Also one that changed, or does not allow this: it let us in.
            (Came::Answer(_) | Came::Changed, Some(granted)) if granted.doubted => consent::accepted(desk, scope, server).await,
            _ => {}
        }
        return Ok((came, shown));
    }
}

async fn converse(
    desk: &Desk,
    scope: &Scope,
    remote: &Remote,
    arguments: &Value,
    target: Target,
    shown: &[Secret],
) -> Result<Came> {
    let session = match desk.mcp.open(desk.http.clone(), target).await {
        Ok(session) => session,
        Err(failed) => return Ok(Came::Failed(failed)),
    };
    let listing = match session.tools(MOST_LISTED).await {
        Ok(listing) => listing,
        Err(failed) => {
            part(desk, session);
            return Ok(Came::Failed(failed));
        }
    };
    let (server, name) = (&remote.server, remote.definition.name.as_str());
    let mut found = listing.tools.iter().filter(|d| d.name == name);
    let is_approved = |only: &Definition| keep::hash(&server.scrubbed(only.clone(), shown)) == remote.hash;
    let same = matches!((found.next(), found.next()), (Some(only), None) if is_approved(only));
    if !same {
        let greeting = session.greeting();
        part(desk, session);
        keep::take_in(desk, scope, server, shown, &greeting, listing).await?;
        return Ok(Came::Changed);
    }
    let answered = session.call(name, arguments).await;
    crate::crash::point("server of tools answered");
    part(desk, session);
    Ok(match answered {
        Ok(answer) => Came::Answer(answer),
        Err(failed) => Came::Failed(failed),
    })
}

#[async_trait]
impl Leaves for Remote {
    fn id(&self) -> ToolId {
        self.tool.id.clone()
    }
    fn class(&self) -> Class {
        self.tool.choice.class()
    }
    fn effect(&self) -> ToolEffect {
        self.tool.choice.effect
    }
    /// What a server says proves nothing.
    fn proves(&self) -> Option<ReceiptKind> {
        None
    }
    fn answers_for_the_first(&self) -> bool {
        false
    }

    async fn begin(&self, _: &mut Tx, _: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        Ok(Ok(()))
    }

    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, _: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let desk = &context.desk;
        let mut unsure = false;
        for attempts in 1.. {
            let patience = desk.settings.server_patience.min(time_left());
            if patience < SHORTEST {
                return Ok(Carried::given_up(attempts - 1, words::NO_TIME, unsure));
            }
            let (came, shown) = once(desk, &context.scope, self, &call.arguments, patience).await?;
            let (outcome, content) = came.told(&|text| self.server.scrub(text, &shown));
            let late = matches!(&came, Came::Failed(Failed { fault: Fault::Timeout, .. }));
            let Some((state, content)) = judged(self.class(), self.effect(), &outcome, content, attempts, late, unsure) else {
                unsure |= is_lost_write(self.effect(), &outcome);
                desk.pause.pause(backoff(attempts, 0.5)).await;
                continue;
            };
            let facts = json!({ "server": self.server.server.name });
            return Ok(Carried { state, content, status: None, attempts, facts, proven: false });
        }
        Ok(Carried { attempts: TRIES, ..Carried::failed(words::NO_TIME) })
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}
