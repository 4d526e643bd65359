//! Stored values read by their schema alone, without the program that wrote them.
//!
//! This is for tools: for exports, for looking into a store, for whoever has the data and no longer
//! the code. Nothing here is trusted, neither the bytes nor the text of the schema.

mod fixed;
mod json;
mod reader;
#[cfg(test)]
mod tests;
mod value;

use self::reader::Reader;
pub use self::value::DynamicValue;
use super::shape::{Kind, NodeId, Shape};
use super::{Layout, OPAQUE};

/// The layout of an event as a store knows it, ready to read payloads.
///
/// ```
/// use varvedb::DynamicSchema;
///
/// let schema = DynamicSchema::parse("{owner: str, limit: option<u16>}")?;
/// let payload = [&b"ada\xff\xff\xff\xff\xff"[..], &[1, 0, 7, 0]].concat();
/// assert_eq!(schema.decode(&payload)?.to_string(), r#"{"owner":"ada","limit":7}"#);
/// # Ok::<_, varvedb::DynamicError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DynamicSchema {
    text: String,
    /// None of payloads that were appended without a layout.
    shape: Option<Shape>,
}

impl DynamicSchema {
    /// Understands the canonical text of a schema; or `opaque`, which stands for the layout of
    /// payloads that were appended without one.
    pub fn parse(text: &str) -> Result<Self, DynamicError> {
        let shape = match text {
            OPAQUE => None,
            text => Some(shape(text)?),
        };
        let text = text.to_owned();
        Ok(Self { text, shape })
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names of the fields in the box of this name.
    pub(crate) fn box_fields(&self, name: &str) -> Vec<String> {
        let Some((shape, inside)) = self.inside(name) else {
            return Vec::new();
        };
        match &shape.node(inside).kind {
            Kind::Struct(fields) => fields.iter().map(|(name, _)| name.to_string()).collect(),
            _ => Vec::new(),
        }
    }

    /// Reads what was in the box of this name, such as `pii.stream.general`.
    pub(crate) fn decode_box(
        &self,
        name: &str,
        plain: &[u8],
    ) -> Result<DynamicValue, DynamicError> {
        let none = || DynamicError::Schema {
            reason: format!("it has no box `{name}`"),
        };
        let (shape, inside) = self.inside(name).ok_or_else(none)?;
        Reader::read(shape, inside, plain)
    }

    /// What is in the box of this name.
    fn inside(&self, name: &str) -> Option<(&Shape, NodeId)> {
        let shape = self.shape.as_ref()?;
        let Kind::Struct(fields) = &shape.root().kind else {
            return None;
        };
        let (_, part) = fields.iter().find(|(field, _)| **field == *name)?;
        match shape.node(part.node).kind {
            Kind::Sealed { inside, .. } => Some((shape, inside)),
            _ => None,
        }
    }

    /// Reads a payload of this schema.
    ///
    /// Whatever a program with the types accepts is read, and what is not checked here, such as the
    /// order of a map, is shown as it is. Refused are values of which more than 640 lie inside
    /// each other, and more than 65,536 and 16 for each byte of the payload: so memory and time are
    /// bounded by the length of the payload, whatever the schema says.
    pub fn decode(&self, payload: &[u8]) -> Result<DynamicValue, DynamicError> {
        match &self.shape {
            Some(shape) => Reader::read(shape, shape.root_id(), payload),
            None => Ok(DynamicValue::Opaque(payload.to_vec())),
        }
    }
}

fn shape(text: &str) -> Result<Shape, DynamicError> {
    let layout: Layout = text.parse().map_err(|reason| DynamicError::Schema {
        reason: format!("{reason}"),
    })?;
    Shape::of(&layout).ok_or_else(|| DynamicError::Schema {
        reason: "its values are larger than 4 GiB".to_owned(),
    })
}

/// Why a payload could not be read by its schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DynamicError {
    /// The text is not a schema, or that of a newer version.
    #[error("the text is not a schema that this version of VarveDB knows: {reason}")]
    Schema {
        /// What is wrong with it.
        reason: String,
    },
    /// The bytes are not a value of the schema.
    #[error("the payload does not fit its schema: {what}, at byte {at}")]
    Invalid {
        /// What was found.
        what: &'static str,
        /// Where in the payload.
        at: usize,
    },
}
