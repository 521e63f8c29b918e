//! A payment of a contact: asked for by link, paid at the vendor's, perhaps given back. Facts come in any order; the state is folded from
//! all of them.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Timestamp, ids::*, money::Money};

/// How far a payment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PaymentState)]
pub enum State {
    /// The link can be paid.
    Open,
    Paid,
    /// The link was not paid in time.
    Expired,
    /// Some or all of it is on its way back.
    Refunding,
    /// All of it was given back.
    Refunded,
    /// It was tried and did not work, or there was never a link.
    Failed,
}

impl State {
    pub const ALL: [State; 6] = [State::Open, State::Paid, State::Expired, State::Refunding, State::Refunded, State::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Paid => "paid",
            State::Expired => "expired",
            State::Refunding => "refunding",
            State::Refunded => "refunded",
            State::Failed => "failed",
        }
    }
    pub fn parse(text: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.as_str() == text)
    }
}

/// How an unpaid link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Expired,
    Failed,
}

impl End {
    pub fn as_str(self) -> &'static str {
        match self {
            End::Expired => "expired",
            End::Failed => "failed",
        }
    }
    pub fn parse(text: &str) -> Option<End> {
        [End::Expired, End::Failed].into_iter().find(|e| e.as_str() == text)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Payment {
    pub id: PaymentId,
    /// What asked for it: the same call, made again, is the same payment.
    pub reference: String,
    pub contact: ContactId,
    pub conversation: Option<ConversationId>,
    pub appointment: Option<AppointmentId>,
    pub amount: Money,
    pub description: String,
    pub state: State,
    /// Given back for certain, in minor units.
    pub refunded: i64,
    /// The vendor's key.
    pub vendor: String,
    /// The vendor's id of the link.
    pub vendor_link: Option<String>,
    /// The vendor's id of the payment that was made.
    pub vendor_payment: Option<String>,
    /// Where it is paid; empty until the vendor gave it.
    pub url: Option<String>,
    /// Why it failed, for staff.
    pub problem: Option<String>,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub ended: Option<End>,
    pub updated_at: Timestamp,
}

impl Payment {
    /// What may still be given back. `pending`: on its way back already.
    pub fn refundable(&self, pending: i64) -> i64 {
        if self.paid_at.is_none() { 0 } else { (self.amount.minor - self.refunded - pending).max(0) }
    }

    /// The state that follows from what is known. Money that came in outweighs every end of the link.
    pub fn fold(&self, pending: i64) -> State {
        match (self.paid_at, self.ended) {
            (Some(_), _) if self.refunded >= self.amount.minor => State::Refunded,
            (Some(_), _) if pending > 0 => State::Refunding,
            (Some(_), _) => State::Paid,
            (None, Some(End::Expired)) => State::Expired,
            (None, Some(End::Failed)) => State::Failed,
            (None, None) => State::Open,
        }
    }
}

/// How old a link is when its vendor is asked what became of it: soon, when it must have run out, and when slow money has come or not.
const LOOKS: [Duration; 6] =
    [minutes(10), minutes(60), minutes(6 * 60), minutes(25 * 60), minutes(4 * 24 * 60), minutes(15 * 24 * 60)];

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

/// When the vendor is asked next about a link that it has not reported on; `None`: no more.
pub fn next_look(created: Timestamp, now: Timestamp) -> Option<Timestamp> {
    LOOKS.into_iter().map(|age| created.plus(age)).find(|at| *at > now)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Asked for, or on its way: its amount is not free any more.
    Pending,
    Succeeded,
    /// Nothing was given back.
    Failed,
    /// Nobody knows: a person looks at the vendor's.
    Review,
}

impl RefundState {
    pub const ALL: [RefundState; 4] = [RefundState::Pending, RefundState::Succeeded, RefundState::Failed, RefundState::Review];

    pub fn as_str(self) -> &'static str {
        match self {
            RefundState::Pending => "pending",
            RefundState::Succeeded => "succeeded",
            RefundState::Failed => "failed",
            RefundState::Review => "review",
        }
    }
    pub fn parse(text: &str) -> Option<RefundState> {
        RefundState::ALL.into_iter().find(|s| s.as_str() == text)
    }
    /// Its amount may be on its way back.
    pub fn holds(self) -> bool {
        matches!(self, RefundState::Pending | RefundState::Review)
    }
    /// What is known after the vendor says `news`; news may come late and twice.
    #[must_use]
    pub fn then(self, news: RefundState) -> RefundState {
        match (self, news) {
            // A refund that was made can still bounce; one that failed is over.
            (RefundState::Failed, _) | (_, RefundState::Failed) => RefundState::Failed,
            (RefundState::Succeeded, _) | (_, RefundState::Succeeded) => RefundState::Succeeded,
            (_, news) => news,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Refund {
    pub id: RefundId,
    pub payment: PaymentId,
    /// As `Payment::reference`.
    pub reference: String,
    pub minor: i64,
    pub state: RefundState,
    pub reason: String,
    /// `usr_…` or `key_…`; empty: the agent, with an approval.
    pub requested_by: String,
    pub vendor_refund: Option<String>,
    pub problem: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payment() -> Payment {
        Payment {
            id: PaymentId::parse("pay_1").unwrap(),
            reference: "r".into(),
            contact: ContactId::parse("con_1").unwrap(),
            conversation: None,
            appointment: None,
            amount: Money { minor: 1000, currency: "JPY".into() },
            description: String::new(),
            state: State::Open,
            refunded: 0,
            vendor: "v".into(),
            vendor_link: None,
            vendor_payment: None,
            url: None,
            problem: None,
            created_at: Timestamp(0),
            paid_at: None,
            ended_at: None,
            ended: None,
            updated_at: Timestamp(0),
        }
    }

    #[test]
    fn the_state_follows_from_what_is_known_in_whatever_order_it_came() {
        let paid = |refunded| Payment { paid_at: Some(Timestamp(1)), refunded, ..payment() };
        let ended = |end| Payment { ended: Some(end), ..payment() };
        let late = Payment { paid_at: Some(Timestamp(1)), ..ended(End::Expired) };
        for (payment, pending, state, free) in [
            (payment(), 0, State::Open, 0),
            (ended(End::Expired), 0, State::Expired, 0),
            (ended(End::Failed), 0, State::Failed, 0),
            (late, 0, State::Paid, 1000),
            (paid(0), 0, State::Paid, 1000),
            (paid(300), 0, State::Paid, 700),
            (paid(300), 200, State::Refunding, 500),
            (paid(300), 700, State::Refunding, 0),
            (paid(1000), 0, State::Refunded, 0),
            // The vendor gave back more than was paid: nothing is left, and nothing overflows.
            (paid(1500), 0, State::Refunded, 0),
        ] {
            assert_eq!((payment.fold(pending), payment.refundable(pending)), (state, free), "{payment:?} {pending}");
        }
    }

    #[test]
    fn late_news_of_a_refund_change_nothing_that_is_certain() {
        use RefundState::{Failed, Pending, Review, Succeeded};
        for (was, news, is) in [
            (Pending, Succeeded, Succeeded),
            (Review, Succeeded, Succeeded),
            (Succeeded, Pending, Succeeded),
            (Succeeded, Failed, Failed),
            (Failed, Pending, Failed),
            (Failed, Succeeded, Failed),
            (Pending, Review, Review),
            (Review, Pending, Pending),
        ] {
            assert_eq!(was.then(news), is, "{was:?} then {news:?}");
        }
        assert!(State::ALL.iter().all(|s| State::parse(s.as_str()) == Some(*s)));
        assert!(RefundState::ALL.iter().all(|s| RefundState::parse(s.as_str()) == Some(*s)));
    }
}
