//! What a person of the team must do or allow: talking to the customer, and giving back the latest payment that came in.

use frontdesk_kernel::{language, money::Money};
use serde_json::json;

use super::{
    dialogue::{Pause, Reply},
    say::{self, Line},
    talk::{Done, Scene},
};

impl Scene<'_> {
    pub(super) fn hand_over(&self) -> Reply {
        let told = self.tool("handoff_to_human", json!({ "reason": self.in_short() }))?;
        if told.failed {
            return Ok(say::join(&[told.text, self.line(Line::Failed)]));
        }
        Ok(if told.text.trim().is_empty() {
            language::Line::HandedOver.text(self.language).to_owned()
        } else {
            told.text.trim().to_owned()
        })
    }

    /// The message without its punctuation, for a colleague.
    pub(super) fn in_short(&self) -> String {
        self.heard.words.iter().map(|w| w.raw.as_str()).collect::<Vec<_>>().join(" ").chars().take(200).collect()
    }

    /// All of it, with the customer's own words as the reason.
    pub(super) fn refund(&self) -> Reply {
        let mine = match self.tool("my_payments", json!({})) {
            // Where nothing is paid online, a person knows.
            Err(Pause::NoTool) => return self.hand_over(),
            other => other?,
        };
        let Some((payment, amount)) = mine.text.lines().find_map(paid).filter(|_| !mine.failed) else {
            return Ok(say::join(&[mine.text, self.line(Line::HumanHint)]));
        };
        let wanted = json!({ "payment": payment, "amount_minor": amount.minor, "reason": self.in_short() });
        let given = self.tool("refund_payment", wanted)?;
        let hint = if given.failed && !self.is_waiting(given) { self.line(Line::HumanHint) } else { "" };
        Ok(say::join(&[given.text, hint]))
    }

    /// Somebody is asked first.
    pub(super) fn is_waiting(&self, done: &Done<'_>) -> bool {
        [language::Line::AskedTeam, language::Line::AskedContact].iter().any(|line| done.text == line.text(self.language))
    }
}

/// `• Tinte: $90,000 COP – pagado [pay_1]`: its id and its amount, if it was paid and is still there.
fn paid(line: &str) -> Option<(&str, Money)> {
    let (rest, id) = line.trim().strip_suffix(']')?.rsplit_once(" [")?;
    let (rest, state) = rest.rsplit_once(" – ")?;
    let (amount, currency) = rest.rsplit_once(": ")?.1.rsplit_once(' ')?;
    let amount = Money::parse(amount, currency)?;
    matches!(state, "pagado" | "paid").then_some((id, amount))
}
