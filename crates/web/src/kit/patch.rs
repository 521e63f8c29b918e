//! A member of a partial update: absent keeps what is there, `null` clears it, a value replaces it.

use serde::{Deserialize, Deserializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{ObjectBuilder, OneOfBuilder, Type},
    },
};

/// Use it with `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Patch<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Patch<T> {
    /// The value afterwards.
    pub(crate) fn over(self, is: Option<T>) -> Option<T> {
        match self {
            Patch::Keep => is,
            Patch::Clear => None,
            Patch::Set(value) => Some(value),
        }
    }
    pub(crate) fn is_keep(&self) -> bool {
        matches!(self, Patch::Keep)
    }
    /// For what cannot be empty: `null` is as good as absent nowhere, so it is told apart by the caller.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => Patch::Set(f(value)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(d)?.map_or(Patch::Clear, Patch::Set))
    }
}

/// By this trait, because a member of a generic type is described through it.
impl<T: PartialSchema> utoipa::__dev::ComposeSchema for Patch<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        Schema::OneOf(OneOfBuilder::new().item(null).item(T::schema()).build()).into()
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        format!("Patch_{}", T::name()).into()
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
