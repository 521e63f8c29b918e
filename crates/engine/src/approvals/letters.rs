//! Mails to those who may decide, each with a link of their own; and with everything that is asked, where they may answer by mail.

use frontdesk_kernel::{
    Scope,
    approval::{Approval, Kind},
    language::Language,
    tenant::Tenant,
};
use frontdesk_store::{Result, Tx, people::Member};

use super::{
    by_mail,
    clock::called,
    link,
    tell::customer,
    words::{Occasion, Question},
};
use crate::{
    Desk,
    access::{self, Exact},
};

/// Longer ones are only shown behind the link.
const LONGEST: usize = 10_000;

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
    let lines = match desk.access.mailbox {
        Some(_) => {
            let title = called(tx, desk, scope, &approval.action, tenant.speaks()).await?;
            lines(tenant, &title, approval, &customer(tx, scope, &approval.conversation).await?)
        }
        None => None,
    };
    for member in to {
        // An answer quotes the mail: who reads the mailbox must not find a link with which to decide as somebody else.
        let link = match &lines {
            Some(_) => format!("{}{}", desk.access.public_url(), by_mail::page_of(&approval.id)),
            None => link::to(desk, scope, approval, &member.person),
        };
        let word = || by_mail::Named::asked(scope, approval, &member.person).word(desk);
        let exact = lines.clone().map(|lines| Exact { lines, word: word() });
        match overdue {
            Some(what) => access::remind_by_mail(tx, desk, &member.email, tenant, what, &link, exact).await?,
            None => access::ask_by_mail(tx, desk, &member.email, tenant, approval.kind, &link, exact).await?,
        }
    }
    Ok(())
}

/// Exactly what is asked, and how to answer.
fn lines(tenant: &Tenant, title: &str, approval: &Approval, customer: &str) -> Option<Vec<String>> {
    let language = tenant.speaks();
    let (business, occasion) = (tenant.name.as_str(), Occasion::Asked);
    let question = Question { business, title, approval, customer, code: "", occasion, language };
    let mut lines = question.what();
    let (of_whom, how) = match (language, approval.kind) {
        (Language::English, Kind::Consultation) => ("Customer", "Answer this mail, above the quoted text."),
        (Language::English, _) => {
            ("Customer", "Answer this mail with nothing but \"ok\" or \"no\" in the first line; a reason may follow a no.")
        }
        (Language::Spanish, Kind::Consultation) => ("Cliente", "Responda a este correo, encima del texto citado."),
        (Language::Spanish, _) => {
            ("Cliente", "Responda a este correo solo «ok» o «no» en la primera línea; tras un no puede escribir el motivo.")
        }
    };
    lines.push(format!("{of_whom}: {customer}"));
    lines.push(String::new());
    lines.push(how.to_owned());
    (lines.iter().map(|line| line.chars().count()).sum::<usize>() <= LONGEST).then_some(lines)
}
