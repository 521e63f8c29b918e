//! One call of a server's tool: greeted, asked for its tools, compared with what was approved, then called. What a lost answer means is
//! decided by what a person said of the tool, never by what its server says.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use frontdesk_kernel::{
    Scope,
    effect::{Class, Outcome, backoff},
    http_tool::ToolEffect,
    ids::ToolId,
    mcp::MOST_LISTED,
    ports::{
        mcp::{Answer, Failed, Fault, Target},
        model::ToolCall,
    },
    tool::ReceiptKind,
};
use frontdesk_store::{Result, Tx};
use serde_json::{Value, json};

use super::{Remote, keep, words};
use crate::{
    Desk,
    grants::NoToken,
    http_tools::{Carried, TRIES, judged},
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
    pub(super) fn told(&self) -> (Outcome, String) {
        match self {
            // A tool that says it failed was not cut off: its word is all there is.
            Came::Answer(answer) if answer.failed => (Outcome::Refused, words::answer(answer)),
            Came::Answer(answer) => (Outcome::Succeeded, words::answer(answer)),
            Came::Changed => (Outcome::Refused, words::CHANGED.to_owned()),
            Came::Failed(failed) => (failed.outcome.clone(), words::fault(&failed.fault)),
            Came::NoToken(NoToken::Refused(why)) => (Outcome::Refused, format!("{why} Nothing was done.")),
            Came::NoToken(NoToken::Unavailable(why)) => (Outcome::NotApplied { after: None }, format!("{why} Nothing was done.")),
            Came::NotSetUp => (Outcome::Refused, words::NOT_SET_UP.to_owned()),
        }
    }
}

/// One conversation. A token that is not taken any more is fetched anew once: who refused it has done nothing.
pub(super) async fn once(desk: &Desk, scope: &Scope, remote: &Remote, arguments: &Value, patience: Duration) -> Result<Came> {
    let server = &remote.server;
    let mut fetched_anew = false;
    let until = Instant::now() + patience;
    let left = || until.saturating_duration_since(Instant::now()).max(SHORTEST);
    loop {
        let granted = match server.grant(desk, scope, left()).await {
            Ok(granted) => granted,
            Err(none) => return Ok(Came::NoToken(none)),
        };
        let Some(target) = server.target(granted.clone(), left()) else { return Ok(Came::NotSetUp) };
        let came = converse(desk, scope, remote, arguments, target).await?;
        if let (Came::Failed(Failed { fault: Fault::Unauthorized, .. }), Some(token), Some(wanted), false) =
            (&came, &granted, server.wanted(scope), fetched_anew)
        {
            desk.grants.forget(&wanted, token);
            fetched_anew = true;
            continue;
        }
        return Ok(came);
    }
}

async fn converse(desk: &Desk, scope: &Scope, remote: &Remote, arguments: &Value, target: Target) -> Result<Came> {
    let session = match desk.mcp.open(desk.http.clone(), target).await {
        Ok(session) => session,
        Err(failed) => return Ok(Came::Failed(failed)),
    };
    let listing = match session.tools(MOST_LISTED).await {
        Ok(listing) => listing,
        Err(failed) => {
            session.close().await;
            return Ok(Came::Failed(failed));
        }
    };
    let name = remote.definition.name.as_str();
    let mut found = listing.tools.iter().filter(|d| d.name == name);
    let same = matches!((found.next(), found.next()), (Some(only), None) if keep::hash(only) == remote.hash);
    if !same {
        let greeting = session.greeting();
        session.close().await;
        keep::take_in(desk, scope, &remote.server.server.id, &greeting, listing).await?;
        return Ok(Came::Changed);
    }
    let answered = session.call(name, arguments).await;
    crate::crash::point("tool answered");
    session.close().await;
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

    async fn begin(&self, _: &mut Tx, _: &ToolContext, _: &ToolCall, _: &str) -> Result<std::result::Result<(), String>> {
        Ok(Ok(()))
    }

    async fn carry_out(&self, context: &ToolContext, call: &ToolCall, _: &str, time_left: TimeLeft<'_>) -> Result<Carried> {
        let desk = &context.desk;
        for attempts in 1.. {
            let patience = desk.settings.server_patience.min(time_left());
            if patience < SHORTEST {
                return Ok(Carried { attempts: attempts - 1, ..Carried::failed(words::NO_TIME) });
            }
            let came = once(desk, &context.scope, self, &call.arguments, patience).await?;
            let (outcome, content) = came.told();
            let late = matches!(&came, Came::Failed(Failed { fault: Fault::Timeout, .. }));
            let Some((state, content)) = judged(self.class(), self.effect(), &outcome, content, attempts, late) else {
                desk.pause.pause(backoff(attempts, 0.5)).await;
                continue;
            };
            let facts = json!({ "server": self.server.server.name });
            let content = self.server.scrub(&content);
            return Ok(Carried { state, content, status: None, attempts, facts, proven: false });
        }
        Ok(Carried { attempts: TRIES, ..Carried::failed(words::NO_TIME) })
    }

    async fn end(&self, _: &mut Tx, _: &ToolContext, _: &str, _: &Carried) -> Result<()> {
        Ok(())
    }
}
