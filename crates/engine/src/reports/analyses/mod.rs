//! One file per analysis; registration is one line in `reports::ALL`.

mod bookings;
mod customers;
mod handoffs;
mod messages;
mod payments;
mod response_times;
mod spending;

pub(super) use self::{
    bookings::Bookings, customers::Customers, handoffs::Handoffs, messages::Messages, payments::Payments,
    response_times::ResponseTimes, spending::Spending,
};
