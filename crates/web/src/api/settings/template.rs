//! Whether a template can tell members about a request: the vendor knows it, and it has a place for each thing that is told.

use frontdesk_engine::approvals::numbers;
use frontdesk_kernel::{ErrorKind, Retry, tenant::ApprovalTemplate};

use crate::{
    Web,
    kit::{Caller, Problem},
};

/// Asked of the vendor now; where there is nobody to ask, the business knows.
pub(super) async fn check(web: &Web, caller: &Caller, wanted: &ApprovalTemplate) -> Result<(), Problem> {
    for line in numbers::doors(&web.desk, &caller.scope).await? {
        let Some(connector) = web.desk.channel(&line.channel.kind) else { continue };
        if line.channel.mock || web.desk.settings.mock_mode || connector.about().window.is_none() {
            continue;
        }
        let known = match connector.templates(web.desk.http.as_ref(), &line.account).await {
            Ok(known) => known,
            // It was not asked at all: nobody said yet whose templates they are.
            Err(e) if e.kind == ErrorKind::Rejected && e.retry == Retry::Never && e.status.is_none() => continue,
            Err(e) => {
                let why = format!("the vendor did not give its templates: {}", e.kind_in_words());
                return Err(Problem::field("approval_template", why));
            }
        };
        let found = known.iter().find(|t| t.name == wanted.name && t.language == wanted.language);
        let found = found.ok_or_else(|| Problem::field("approval_template", "the vendor has no such approved template"))?;
        let named = (1..=ApprovalTemplate::PLACES).all(|n| found.body.contains(&format!("{{{{{n}}}}}")));
        let fits =
            named && places(&found.body) == ApprovalTemplate::PLACES && found.header.as_deref().is_none_or(|h| places(h) == 0);
        if !fits || found.needs_more.is_some() {
            let why =
                "needs exactly three places in its body, {{1}} what is asked, {{2}} the customer, {{3}} the code, and no others";
            return Err(Problem::field("approval_template", why));
        }
    }
    Ok(())
}

fn places(text: &str) -> usize {
    text.matches("{{").count()
}
