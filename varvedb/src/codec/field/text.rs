//! `String`: UTF-8, up to eight bytes of it in place, seen as `&str`.

use rkyv::Place;
use rkyv::string::{ArchivedString, StringResolver};

use super::{EncodeError, Encoder, Field};
use crate::codec::schema::Schema;

impl Field for String {
    type Archived = ArchivedString;
    type Resolver = StringResolver;
    type View<'a> = &'a str;
    const SCHEMA: Schema = Schema::Str;

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        ArchivedString::serialize_from_str(self, encoder)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        ArchivedString::resolve_from_str(self, resolver, out);
    }
    fn view(&self) -> &str {
        self
    }
    fn view_archived(archived: &Self::Archived) -> &str {
        archived.as_str()
    }
    fn from_view(view: &str) -> Self {
        view.to_owned()
    }
}
