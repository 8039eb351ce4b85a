//! The shape of what goes over the wire, read off the very types that are written to it.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// A type whose JSON Schema is known.
pub(super) trait Shape {
    /// its name in the document; empty for those told in place
    const NAME: &'static str = "";
    /// whether it is always there
    const MUST: bool = true;
    /// its JSON Schema
    fn shape() -> Json;
}

/// Declares a type together with its shape.
macro_rules! shape {
    ($(#[$meta:meta])* $name:ident { $($(#[$more:meta])* $key:ident: $kind:ty = $zh:literal, $en:literal;)* }) => {
        $(#[$meta])*
        pub(in crate::api) struct $name { $($(#[$more])* #[doc = $en] pub $key: $kind,)* }
        impl crate::api::shape::Shape for $name {
            const NAME: &'static str = stringify!($name);
            fn shape() -> serde_json::Value {
                crate::api::shape::object(vec![$((
                    stringify!($key),
                    <$kind as crate::api::shape::Shape>::shape(),
                    concat!($zh, " · ", $en),
                    <$kind as crate::api::shape::Shape>::MUST,
                )),*])
            }
        }
    };
}
pub(super) use shape;

/// The shape of an object of these properties: key, shape, what it is, whether it is always there.
pub(super) fn object(properties: Vec<(&str, Json, &str, bool)>) -> Json {
    let must: Vec<&str> = properties.iter().filter(|one| one.3).map(|one| one.0).collect();
    let each = properties.iter().map(|(key, shape, words, _)| {
        let mut shape = shape.clone();
        shape["description"] = json!(words);
        ((*key).to_owned(), shape)
    });
    let each: serde_json::Map<String, Json> = each.collect();
    json!({ "type": "object", "additionalProperties": false, "required": must, "properties": each })
}

/// A key: digits in a string, because JSON numbers of some programs are too short for it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Id(pub i64);

impl Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Id, D::Error> {
        String::deserialize(from)?.parse().map(Id).map_err(serde::de::Error::custom)
    }
}

/// No question after the address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// A file as it is, without JSON around it.
pub(super) struct Bytes;

macro_rules! plain {
    ($($kind:ty = $shape:tt;)*) => { $(impl Shape for $kind { fn shape() -> Json { json!($shape) } })* };
}

plain! {
    String = { "type": "string" };
    i64 = { "type": "integer", "format": "int64", "minimum": (i64::MIN), "maximum": (i64::MAX) };
    f64 = { "type": "number" };
    bool = { "type": "boolean" };
    Id = { "type": "string", "pattern": "^[0-9]+$" };
    jiff::civil::Date = { "type": "string", "format": "date" };
    crate::visit::Year = { "type": "integer", "minimum": 1949, "maximum": 2199 };
    Json = { "type": "object" };
    Bytes = { "type": "string", "contentMediaType": "application/octet-stream" };
    Nothing = { "type": "object", "properties": {} };
}

impl<T: Shape> Shape for Option<T> {
    const MUST: bool = false;
    fn shape() -> Json {
        json!({ "anyOf": [T::shape(), { "type": "null" }] })
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape() -> Json {
        json!({ "type": "array", "items": T::shape() })
    }
}
