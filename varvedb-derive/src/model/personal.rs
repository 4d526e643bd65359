//! Personal fields, and the boxes that they lie in.

use syn::{Expr, Ident, LitStr, Path};

use super::{Field, Record};

/// `#[pii(subject = friend, purpose = "billing", fallback = .., lookup = ..)]`
#[derive(Clone)]
pub(crate) struct Personal {
    /// Whether there is one datum, perhaps one, or any number.
    pub(crate) shape: Shape,
    /// The field that names the person; none for the one of the enum, or the stream's id.
    pub(crate) subject: Option<Ident>,
    pub(crate) purpose: Option<LitStr>,
    /// What stands for a datum that is shredded.
    pub(crate) fallback: Option<Expr>,
    /// What makes data equal that mean the same.
    pub(crate) lookup: Option<Path>,
}

/// What of a personal field is stored in the clear.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `Pii<T>`: nothing.
    One,
    /// `Option<Pii<T>>`: whether it is there.
    Optional,
    /// `Vec<Pii<T>>`: how many there are.
    Several,
}

/// Personal fields of one person for one purpose, which are sealed together.
pub(crate) struct SealedBox<'r> {
    /// The field that names the person.
    pub(crate) subject: &'r Field,
    pub(crate) purpose: String,
    pub(crate) fields: Vec<&'r Field>,
}

impl Personal {
    /// The purpose of a field that names none.
    pub(crate) const PURPOSE: &'static str = "general";

    /// A field of which only the mark is there.
    pub(crate) fn unsaid(shape: Shape) -> Self {
        Self {
            shape,
            subject: None,
            purpose: None,
            fallback: None,
            lookup: None,
        }
    }

    /// What the datum is for.
    pub(crate) fn purpose(&self) -> String {
        let given = self.purpose.as_ref().map(LitStr::value);
        given.unwrap_or_else(|| Self::PURPOSE.to_owned())
    }
}

impl SealedBox<'_> {
    /// Its name among the stored fields, which no field can have.
    pub(crate) fn name(&self) -> String {
        format!("pii.{}.{}", self.subject.subject_name(), self.purpose)
    }
}

impl Field {
    /// What it is called where it names a person.
    pub(crate) fn subject_name(&self) -> &str {
        if self.is_stream_id {
            "stream"
        } else {
            self.name.as_str()
        }
    }
}

impl Record {
    /// The boxes, in the order of their first fields.
    pub(crate) fn boxes(&self) -> Vec<SealedBox<'_>> {
        let mut boxes: Vec<SealedBox<'_>> = Vec::new();
        for field in &self.fields {
            let Some(personal) = &field.personal else {
                continue;
            };
            // A field about nobody, or about somebody named by personal data, has been reported.
            let subject = self.subject_of(personal);
            let Some(subject) = subject.filter(|subject| subject.personal.is_none()) else {
                continue;
            };
            let purpose = personal.purpose();
            let same = |known: &&mut SealedBox<'_>| {
                known.subject.ident == subject.ident && known.purpose == purpose
            };
            match boxes.iter_mut().find(same) {
                Some(known) => known.fields.push(field),
                None => boxes.push(SealedBox {
                    subject,
                    purpose,
                    fields: vec![field],
                }),
            }
        }
        boxes
    }

    /// The field that names the person whom a personal field is about.
    pub(crate) fn subject_of(&self, personal: &Personal) -> Option<&Field> {
        match personal.subject.as_ref().or(self.subject.as_ref()) {
            Some(named) => self.fields.iter().find(|field| field.ident == *named),
            None => self.stream_id(),
        }
    }

    /// The field that names the person whom a personal field is about, where one does: in a value, the
    /// others are about whomever the aggregate is.
    pub(crate) fn named_subject(&self, field: &Field) -> Option<&Field> {
        let named = field
            .personal
            .as_ref()?
            .subject
            .as_ref()
            .or(self.subject.as_ref())?;
        self.fields.iter().find(|other| other.ident == *named)
    }

    /// Whether anything in it is personal.
    pub(crate) fn is_personal(&self) -> bool {
        self.fields.iter().any(|field| field.personal.is_some())
    }
}
