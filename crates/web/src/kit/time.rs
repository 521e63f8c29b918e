//! Instants as the API writes and reads them: RFC 3339.

use std::fmt;

use frontdesk_kernel::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        schema::{ObjectBuilder, Type},
    },
};

/// Written in UTC with milliseconds, read in any offset. Years 0 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(pub(crate) Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Time {
        Time(at)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Time, D::Error> {
        struct Reader;
        impl de::Visitor<'_> for Reader {
            type Value = Time;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time such as 2026-11-25T09:30:00Z or 2026-11-25T09:30:00-05:00")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                let read: Option<jiff::Timestamp> = text.parse().ok();
                let fine = read.filter(|t| (0..253_402_300_800_000).contains(&t.as_millisecond()));
                fine.map(|t| Time(Timestamp(t.as_millisecond())))
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }
        d.deserialize_str(Reader)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-11-25T14:30:00.000Z"])
            .build()
            .into()
    }
}

impl ToSchema for Time {
    fn name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_any_offset_and_written_in_utc() {
        let read = |text: &str| serde_json::from_value::<Time>(text.into()).map(|t| serde_json::to_value(t).unwrap());
        assert_eq!(read("2026-11-25T09:30:00-05:00").unwrap(), "2026-11-25T14:30:00.000Z");
        assert_eq!(read("2026-11-25T14:30:00.1239Z").unwrap(), "2026-11-25T14:30:00.123Z");
        for wrong in ["", "2026-11-25", "2026-11-25T09:30:00", "tomorrow", "1969-01-01T00:00:00Z", "2026-13-01T00:00:00Z"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(serde_json::from_value::<Time>(5.into()).is_err());
    }
}
