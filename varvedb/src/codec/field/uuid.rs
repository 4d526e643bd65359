//! `Uuid`: its 16 bytes, seen by value.

use rkyv::vec::{ArchivedVec, VecResolver};
use rkyv::{Archive, Archived, Place};
use uuid::Uuid;

use super::number::by_value;
use super::{EncodeError, Encoder, Field};
use crate::codec::schema::Schema;

by_value! {
    Uuid: Schema::Fixed { name: "uuid", size: 16, align: 1 }, archived => *archived;
}
