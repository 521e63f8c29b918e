//! What a call means now, for somebody who is asked about it: a yes is to that, and not to what the same words mean later.

use frontdesk_kernel::ports::model::ToolCall;
use frontdesk_store::{Result, Tx};
use serde_json::Value;

use super::{ToolContext, calendar};

pub(crate) struct Meant {
    /// With the id of what is meant.
    pub(crate) arguments: Value,
    /// With words in the place of that id.
    pub(crate) shown: Value,
}

impl Meant {
    fn as_said(call: &ToolCall) -> Meant {
        Meant { arguments: call.arguments.clone(), shown: call.arguments.clone() }
    }
}

/// `Err`: nothing is meant, or several things might be; for the model, to ask with.
pub(crate) async fn meant(tx: &mut Tx, context: &ToolContext, call: &ToolCall) -> Result<Result<Meant, String>> {
    let toolbox = &context.desk.toolbox;
    let meant = match (toolbox.tools.get(&call.name), toolbox.leaving(&call.name, &context.view)) {
        (Some(known), _) => known.tool.meant(tx, context, &call.arguments).await?,
        (None, Some((tool, _))) => tool.meant(tx, context, &call.arguments).await?,
        (None, None) => Ok(None),
    };
    Ok(meant.map(|meant| meant.unwrap_or_else(|| Meant::as_said(call))))
}

/// The appointment of the contact's that a call is about.
pub(super) async fn own_appointment(
    tx: &mut Tx,
    context: &ToolContext,
    arguments: &Value,
) -> Result<Result<Option<Meant>, String>> {
    let appointment = match calendar::own_appointment(tx, context, arguments).await? {
        Ok(appointment) => appointment,
        Err(why) => return Ok(Err(why)),
    };
    let with = calendar::with_whom(context, &appointment).map(|who| format!(" {who}")).unwrap_or_default();
    let words = format!("{}{with}, {}", appointment.title, calendar::when(context, &appointment));
    let named = |value: &str| {
        let mut arguments = arguments.clone();
        arguments["appointment"] = value.into();
        arguments
    };
    Ok(Ok(Some(Meant { arguments: named(appointment.id.as_str()), shown: named(&words) })))
}
