//! News of what was sent. A vendor tells three times or more of each message.

use std::sync::Arc;

use frontdesk_kernel::{
    Scope, Timestamp,
    ids::{EffectId, TaskId},
    message::Delivery,
    ports::channel::StatusUpdate,
};
use frontdesk_store::{
    Result, Tx,
    echoes::{self, Heard, Usual},
    effects, tasks,
};

use super::seen::Seen;
use crate::{Desk, directory::Line, outbox};

/// What the vendor says of something that we sent, with everything its transaction needs.
pub(super) struct Status {
    line: Arc<Line>,
    status: Box<StatusUpdate>,
    /// As its token says.
    effect: Option<EffectId>,
    /// No other sign of life of this line was seen just now.
    alive: bool,
    forged: bool,
    task: TaskId,
}

impl Status {
    pub(super) fn of(desk: &Desk, line: &Arc<Line>, status: Box<StatusUpdate>, now: Timestamp) -> Status {
        let token = status.echo.as_deref().filter(|echo| echo.starts_with("v1."));
        let effect = token.and_then(|echo| desk.echo.read(echo)).map(|(effect, _)| effect);
        let forged = token.is_some() && effect.is_none();
        let alive = desk.knocks.is_sign_of_life(&line.channel.id, now);
        Status { line: line.clone(), status, effect, alive, forged, task: desk.id() }
    }

    pub(super) fn about(&self) -> Option<&EffectId> {
        self.effect.as_ref()
    }

    /// Of the kind that comes three times with each message.
    pub(super) fn is_usual(&self) -> bool {
        self.status.delivery != Delivery::Failed && self.effect.is_some()
    }

    pub(super) fn ask(&self, tx: &mut Tx, scope: &Scope) -> Result<Option<Usual>> {
        self.effect.as_ref().map(|effect| echoes::ask_usual(tx, scope, &self.status, effect)).transpose()
    }

    pub(super) async fn hear(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        asked: Option<Usual>,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<()> {
        if self.forged {
            metrics::counter!("frontdesk_echo_forged_total").increment(1);
            return Ok(());
        }
        let alive = self.alive.then_some(&self.line.channel.id);
        let (heard, about) = echoes::hear_about(tx, scope, alive, &self.status, self.effect.as_ref(), asked, now).await?;
        if let Some(about) = &about {
            seen.news.delivery(scope.tenant(), &about.conversation, &about.message);
        }
        match heard {
            Heard::Settled => seen.settled += 1,
            Heard::Doubled => seen.doubled += 1,
            Heard::Repeated | Heard::Stranger | Heard::Shown => {}
        }
        // Accepted first and failed later is how most deliveries fail: nobody would know.
        if self.status.delivery == Delivery::Failed && matches!(heard, Heard::Settled | Heard::Shown) {
            let about = match &about {
                Some(about) => effects::get(tx, scope, &about.effect).await?,
                None => None,
            };
            self.tell_of_failure(tx, scope, about.as_ref(), now, seen).await?;
        }
        Ok(())
    }

    async fn tell_of_failure(
        &self,
        tx: &mut Tx,
        scope: &Scope,
        about: Option<&effects::Effect>,
        now: Timestamp,
        seen: &mut Seen,
    ) -> Result<()> {
        let why = self.status.reason.as_deref().unwrap_or("the vendor gave no reason");
        if let Some(sent) = about
            && outbox::thread_of(tx, scope, sent).await?.is_none()
        {
            if let Some((task, thread)) = outbox::not_reached(tx, scope, sent, why, now).await? {
                seen.news.task(scope.tenant(), &task, Some(&thread));
            }
            return Ok(());
        }
        let title = format!("a message was not delivered: {why}");
        let thread = about.map(|sent| &sent.conversation);
        let turn = about.and_then(|sent| sent.turn.as_ref());
        tasks::open(tx, scope, &self.task, "send_failed", &title, thread, turn, now).await?;
        seen.news.task(scope.tenant(), &self.task, thread);
        Ok(())
    }
}
