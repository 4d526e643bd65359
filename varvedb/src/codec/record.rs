//! Records: the fields of one event or struct, laid side by side.
//!
//! A record of several fields is a balanced tree of [`Pair`]s, `Pair<Pair<A, B>, C>`; a record of one
//! field is that field, and a record of none is `()`. So one generic type stands for every record,
//! and the macros emit neither structs nor `unsafe` for the stored form.

use std::num::NonZeroUsize;

use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::{self, Strategy};
use rkyv::ser::Serializer;
use rkyv::validation::archive::ArchiveValidator;
use rkyv::{Archive, Place, Portable};
use zeroize::Zeroizing;

use super::field::{EncodeError, Encoder, Field, Validator};
use super::payload::{MAX_DEPTH, Payload};

/// Two parts of a record, in order.
#[derive(Clone, Copy, Debug, Portable, rkyv::bytecheck::CheckBytes)]
#[bytecheck(crate = rkyv::bytecheck)]
#[repr(C)]
pub struct Pair<A, B>(pub A, pub B);

/// Something that is written as a record: `()`, `&T` of a field, or a [`Pair`] of records.
pub trait Record {
    /// The stored form.
    type Archived: Portable;
    /// See [`Field::Resolver`].
    type Resolver;
    /// See [`Field::serialize`].
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError>;
    /// See [`Field::resolve`].
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>);
}

impl Record for () {
    type Archived = ();
    type Resolver = ();

    fn serialize(&self, _: &mut Encoder<'_>) -> Result<(), EncodeError> {
        Ok(())
    }
    fn resolve(&self, (): (), _: Place<()>) {}
}

impl<T: Field> Record for &T {
    type Archived = T::Archived;
    type Resolver = T::Resolver;

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        (**self).serialize(encoder)
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        (**self).resolve(resolver, out);
    }
}

impl<A: Record, B: Record> Record for Pair<A, B> {
    type Archived = Pair<A::Archived, B::Archived>;
    type Resolver = (A::Resolver, B::Resolver);

    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
        Ok((self.0.serialize(encoder)?, self.1.serialize(encoder)?))
    }
    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        rkyv::munge::munge!(let Pair(first, second) = out);
        self.0.resolve(resolver.0, first);
        self.1.resolve(resolver.1, second);
    }
}

/// Gives rkyv a [`Field`] as a type it can archive.
#[derive(Clone, Copy, Debug)]
pub struct AsArchive<'a, T>(pub &'a T);

impl<T: Field> Archive for AsArchive<'_, T> {
    type Archived = T::Archived;
    type Resolver = T::Resolver;

    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        self.0.resolve(resolver, out);
    }
}

impl<T: Field> rkyv::Serialize<Encoder<'_>> for AsArchive<'_, T> {
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, rancor::Error> {
        self.0.serialize(encoder)
    }
}

/// Gives rkyv a [`Record`] as a type it can archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct AsRecord<'a, R>(pub(super) &'a R);

impl<R: Record> Archive for AsRecord<'_, R> {
    type Archived = R::Archived;
    type Resolver = R::Resolver;

    fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
        self.0.resolve(resolver, out);
    }
}

impl<R: Record> rkyv::Serialize<Encoder<'_>> for AsRecord<'_, R> {
    fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, rancor::Error> {
        self.0.serialize(encoder)
    }
}

/// Writes `record` behind `out`, as an archive of its own; `out` is as it was if that fails.
///
/// Nothing is allocated but what `out` needs to grow: scratch space is kept by the thread.
pub fn encode<R: Record>(record: &R, out: &mut Vec<u8>) -> Result<(), EncodeError> {
    const {
        assert!(
            align_of::<R::Archived>() <= 16,
            "the log aligns payloads to 16 bytes"
        );
    }
    let start = out.len();
    let written = rkyv::util::with_arena(|arena| {
        let mut serializer = Serializer::new(Payload::behind(out), arena.acquire(), ());
        rkyv::api::serialize_using(
            &AsRecord(record),
            Strategy::<_, EncodeError>::wrap(&mut serializer),
        )
    });
    if written.is_err() {
        out.truncate(start);
    }
    written.map(drop)
}

/// Writes a record of personal data into memory of its own, which is wiped when it is dropped, as is all that it
/// outgrew.
pub(super) fn encode_wiping<R: Record>(record: &R) -> Result<Zeroizing<Vec<u8>>, EncodeError> {
    let mut plain = Zeroizing::new(Vec::new());
    rkyv::util::with_arena(|arena| {
        let mut serializer = Serializer::new(Payload::wiping(&mut plain), arena.acquire(), ());
        let serializer = Strategy::<_, EncodeError>::wrap(&mut serializer);
        rkyv::api::serialize_using(&AsRecord(record), serializer).map(drop)
    })?;
    Ok(plain)
}

/// The archive in these bytes, every byte of it checked before it is handed out.
pub(super) fn decode<A>(bytes: &[u8]) -> Result<&A, EncodeError>
where
    A: Portable + for<'c> CheckBytes<Validator<'c>>,
{
    // The root and a string at the bottom are one level each that writing does not count.
    const DEPTH: Option<NonZeroUsize> = NonZeroUsize::new(MAX_DEPTH as usize + 2);
    let validator = ArchiveValidator::with_max_depth(bytes, DEPTH);
    let mut validator = rkyv::validation::Validator::new(validator, ());
    rkyv::api::access_with_context::<A, _, EncodeError>(bytes, &mut validator)
}
