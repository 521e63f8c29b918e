//! Mails to those who may decide, each with a link of their own.

use frontdesk_kernel::{Scope, approval::Approval, tenant::Tenant};
use frontdesk_store::{Result, Tx, people::Member};

use super::link;
use crate::{Desk, access};

/// To each of them; `overdue`: what has waited too long already, in words. After the commit `desk.wake.mail` gets them on their way.
pub(super) async fn write(
    tx: &mut Tx,
    desk: &Desk,
    scope: &Scope,
    tenant: &Tenant,
    approval: &Approval,
    to: impl Iterator<Item = &Member>,
    overdue: Option<&str>,
) -> Result<()> {
    if desk.access.mailer.is_none() {
        return Ok(());
    }
    for member in to {
        let link = link::to(desk, scope, approval, &member.person);
        match overdue {
            Some(what) => access::remind_by_mail(tx, desk, &member.email, tenant, what, &link).await?,
            None => access::ask_by_mail(tx, desk, &member.email, tenant, approval.kind, &link).await?,
        }
    }
    Ok(())
}
