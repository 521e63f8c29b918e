//! The visitor who asks: known by the pass that we gave the browser.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header::AUTHORIZATION, request::Parts},
};
use frontdesk_engine::{
    directory::Line,
    visitors::{self, Standing, Visitor},
};
use frontdesk_kernel::{Scope, ids::ConversationId};

use super::pace::{Pace, Paces};
use crate::{
    Web,
    kit::{Problem, client},
};

/// Anybody at the door of a chat, before it is known who.
pub(super) struct Passerby {
    pub(super) line: Arc<Line>,
    pub(super) address: Option<IpAddr>,
    pub(super) paces: Arc<Paces>,
}

/// Somebody with a pass of this chat.
pub(super) struct Guest {
    pub(super) line: Arc<Line>,
    pub(super) scope: Scope,
    pub(super) visitor: Visitor,
    /// `None` before the first word.
    pub(super) conversation: Option<ConversationId>,
    pub(super) address: Option<IpAddr>,
    pub(super) paces: Arc<Paces>,
}

impl Guest {
    /// Counts one more of these.
    pub(super) fn pace(&self, web: &Web, own: Pace, of_address: Option<Pace>) -> Result<(), Problem> {
        let now = web.desk.now();
        if let Some(pace) = of_address {
            self.paces.take_of_address(pace, self.address, now)?;
        }
        self.paces.take(own, &self.visitor.address, now)
    }
}

impl FromRequestParts<Web> for Passerby {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Passerby, Problem> {
        let address = client::address(&parts.extensions, &parts.headers, &web.trusted_proxies);
        // Both are put there by the layers around every route of the chat.
        let line = parts.extensions.get::<Arc<Line>>().cloned().ok_or_else(Problem::internal)?;
        let paces = parts.extensions.get::<Arc<Paces>>().cloned().ok_or_else(Problem::internal)?;
        Ok(Passerby { line, address, paces })
    }
}

impl FromRequestParts<Web> for Guest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Guest, Problem> {
        let Passerby { line, address, paces } = Passerby::from_request_parts(parts, web).await?;
        let pass = parts.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
        let visitor = pass.and_then(|pass| visitors::read(&web.desk, &line, pass.trim())).ok_or_else(unknown)?;
        let Standing::Known(conversation) = visitors::standing(&web.desk, &line, &visitor).await? else { return Err(unknown()) };
        let scope = Scope::of(line.tenant.clone());
        Ok(Guest { line, scope, visitor, conversation, address, paces })
    }
}

fn unknown() -> Problem {
    let detail = "This visitor is not known here, or no longer: open a new session.";
    Problem::new(StatusCode::UNAUTHORIZED, "visitor_unknown", detail)
}
