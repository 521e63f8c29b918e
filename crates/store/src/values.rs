//! How Rust values become parameters and columns.

use std::borrow::Cow;

use frontdesk_kernel::{
    Id, Timestamp,
    action::Level,
    approval,
    booking::AppointmentStatus,
    contact::AddressKind,
    effect::{Class, State},
    ids,
    message::Delivery,
    payment::{self, RefundState},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    db::{Error, Result},
    decisions::Outcome,
    query::{Bind, Column, Kind, Param, Row},
};

macro_rules! native {
    ($($type:ty)*) => { $(
        impl Column for $type {
            fn read(row: &Row<'_>, column: &str) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(column).map_err(|e| unreadable(column, e)),
                    Row::Postgres(row) => row.try_get(column).map_err(|e| unreadable(column, e)),
                }
            }
        }
        impl Column for Option<$type> {
            fn read(row: &Row<'_>, column: &str) -> Result<Self> {
                match row {
                    Row::Sqlite(row) => row.get(column).map_err(|e| unreadable(column, e)),
                    Row::Postgres(row) => row.try_get(column).map_err(|e| unreadable(column, e)),
                }
            }
        }
    )* };
}
native!(String i64 bool Vec<u8>);

fn unreadable(column: &str, problem: impl std::fmt::Display) -> Error {
    Error::Unreadable { column: column.to_owned(), problem: problem.to_string() }
}

/// Types that are stored as another native one.
macro_rules! stored {
    ($([$($generics:tt)*] $type:ty as $native:ty, |$text:ident| $read:expr;)*) => { $(
        impl<$($generics)*> Column for $type {
            fn read(row: &Row<'_>, column: &str) -> Result<Self> {
                let $text = <$native>::read(row, column)?;
                $read.ok_or_else(|| unreadable(column, "not a value of this type"))
            }
        }
        impl<$($generics)*> Column for Option<$type> {
            fn read(row: &Row<'_>, column: &str) -> Result<Self> {
                match <Option<$native>>::read(row, column)? {
                    Some($text) => $read.map(Some).ok_or_else(|| unreadable(column, "not a value of this type")),
                    None => Ok(None),
                }
            }
        }
    )* };
}
stored! {
    [K: ids::Kind] Id<K> as String, |text| Id::parse(&text).ok();
    [] Timestamp as i64, |ms| Some(Timestamp(ms));
    [] u32 as i64, |n| u32::try_from(n).ok();
    [] Class as String, |text| Class::parse(&text);
    [] State as String, |text| State::parse(&text);
    [] Delivery as String, |text| Delivery::parse(&text);
    [] AddressKind as String, |text| AddressKind::parse(&text);
    [] AppointmentStatus as String, |text| AppointmentStatus::parse(&text);
    [] Level as String, |text| Level::parse(&text);
    [] approval::Kind as String, |text| approval::Kind::parse(&text);
    [] approval::State as String, |text| approval::State::parse(&text);
    [] Outcome as String, |text| Outcome::parse(&text);
    [] payment::State as String, |text| payment::State::parse(&text);
    [] payment::End as String, |text| payment::End::parse(&text);
    [] RefundState as String, |text| RefundState::parse(&text);
}

/// A JSON document in a TEXT column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json<T>(pub(crate) T);

impl<T: DeserializeOwned> Column for Json<T> {
    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        let text = String::read(row, column)?;
        serde_json::from_str(&text).map(Json).map_err(|e| unreadable(column, e))
    }
}
impl<T: DeserializeOwned> Column for Option<Json<T>> {
    fn read(row: &Row<'_>, column: &str) -> Result<Self> {
        match <Option<String>>::read(row, column)? {
            Some(text) => serde_json::from_str(&text).map(|v| Some(Json(v))).map_err(|e| unreadable(column, e)),
            None => Ok(None),
        }
    }
}
impl<'q, T: Serialize> Bind<'q> for Json<&T> {
    const KIND: Kind = Kind::Text;
    fn param(self) -> Param<'q> {
        // Plain data with text keys cannot fail to serialize.
        Param::Text(Cow::Owned(serde_json::to_string(self.0).unwrap_or_else(|e| format!("null /* {e} */"))))
    }
}

macro_rules! bind {
    ($([$($generics:tt)*] $type:ty => $kind:ident, |$v:ident| $param:expr;)*) => { $(
        impl<'q, $($generics)*> Bind<'q> for $type {
            const KIND: Kind = Kind::$kind;
            fn param(self) -> Param<'q> {
                let $v = self;
                Param::$kind($param)
            }
        }
    )* };
}
bind! {
    [] &'q str => Text, |v| Cow::Borrowed(v);
    [] &'q String => Text, |v| Cow::Borrowed(v.as_str());
    [] String => Text, |v| Cow::Owned(v);
    [K] &'q Id<K> => Text, |v| Cow::Borrowed(v.as_str());
    [] i64 => Int, |v| v;
    [] u32 => Int, |v| i64::from(v);
    [] Timestamp => Int, |v| v.0;
    [] bool => Bool, |v| v;
    [] &'q [u8] => Bytes, |v| Cow::Borrowed(v);
    [] Class => Text, |v| Cow::Borrowed(v.as_str());
    [] State => Text, |v| Cow::Borrowed(v.as_str());
    [] Delivery => Text, |v| Cow::Borrowed(v.as_str());
    [] AddressKind => Text, |v| Cow::Borrowed(v.as_str());
    [] AppointmentStatus => Text, |v| Cow::Borrowed(v.as_str());
    [] Level => Text, |v| Cow::Borrowed(v.as_str());
    [] approval::Kind => Text, |v| Cow::Borrowed(v.as_str());
    [] approval::State => Text, |v| Cow::Borrowed(v.as_str());
    [] Outcome => Text, |v| Cow::Borrowed(v.as_str());
    [] payment::State => Text, |v| Cow::Borrowed(v.as_str());
    [] payment::End => Text, |v| Cow::Borrowed(v.as_str());
    [] RefundState => Text, |v| Cow::Borrowed(v.as_str());
}

impl<'q, T: Bind<'q>> Bind<'q> for Option<T> {
    const KIND: Kind = T::KIND;
    fn param(self) -> Param<'q> {
        match self {
            Some(value) => value.param(),
            None => Param::Null(T::KIND),
        }
    }
}
