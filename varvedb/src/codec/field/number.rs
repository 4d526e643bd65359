//! Numbers, `bool` and `char`: stored little-endian, at their natural alignment, seen by value.

use rkyv::vec::{ArchivedVec, VecResolver};
use rkyv::{Archive, Archived, Place};

use super::{EncodeError, Encoder, Field};
use crate::codec::schema::Schema;

macro_rules! by_value {
    ($($type:ty: $schema:expr, $archived:ident => $native:expr;)*) => {$(
        impl Field for $type {
            type Archived = Archived<$type>;
            type Resolver = ();
            type View<'a> = $type;
            const SCHEMA: Schema = $schema;

            fn serialize(&self, _: &mut Encoder<'_>) -> Result<(), EncodeError> {
                Ok(())
            }
            fn resolve(&self, (): (), out: Place<Self::Archived>) {
                Archive::resolve(self, (), out);
            }
            fn view(&self) -> Self {
                *self
            }
            fn view_archived($archived: &Self::Archived) -> Self {
                $native
            }
            fn from_view(view: Self) -> Self {
                view
            }
            // One copy of the whole slice: rkyv knows that these bytes are the archived bytes.
            fn serialize_slice(
                slice: &[Self],
                encoder: &mut Encoder<'_>,
            ) -> Result<VecResolver, EncodeError> {
                ArchivedVec::serialize_from_slice(slice, encoder)
            }
        }
    )*};
}
pub(super) use by_value;

const fn int(signed: bool, bits: u8) -> Schema {
    Schema::Int { signed, bits }
}

by_value! {
    bool: Schema::Bool, archived => *archived;
    char: Schema::Char, archived => archived.to_native();
    u8: int(false, 8), archived => *archived;
    i8: int(true, 8), archived => *archived;
    u16: int(false, 16), archived => archived.to_native();
    i16: int(true, 16), archived => archived.to_native();
    u32: int(false, 32), archived => archived.to_native();
    i32: int(true, 32), archived => archived.to_native();
    u64: int(false, 64), archived => archived.to_native();
    i64: int(true, 64), archived => archived.to_native();
    u128: int(false, 128), archived => archived.to_native();
    i128: int(true, 128), archived => archived.to_native();
    f32: Schema::Float { bits: 32 }, archived => archived.to_native();
    f64: Schema::Float { bits: 64 }, archived => archived.to_native();
}

// The format tag says what rkyv's features must be; these are its consequences. A build in which
// another crate asks for other features must not compile.
const _: () = {
    assert!(align_of::<Archived<u64>>() == 8, "rkyv must be `aligned`");
    assert!(align_of::<Archived<u128>>() == 16, "rkyv must be `aligned`");
    assert!(
        size_of::<Archived<usize>>() == 4,
        "rkyv must be `pointer_width_32`"
    );
};
