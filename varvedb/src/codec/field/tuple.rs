//! Tuples of up to eight: a record without names, seen as a tuple of views.

use rkyv::Place;

use super::{EncodeError, Encoder, Field};
use crate::codec::record::{Pair, Record};
use crate::codec::schema::Schema;

/// The tree of a record, as the macros build it: the first half, rounded up, on the left.
macro_rules! tree {
    ($build:ident: $a:tt) => { $build!(leaf $a) };
    ($build:ident: $a:tt $b:tt) => { $build!(pair ($build!(leaf $a)) ($build!(leaf $b))) };
    ($build:ident: $a:tt $b:tt $c:tt) => {
        $build!(pair (tree!($build: $a $b)) ($build!(leaf $c)))
    };
    ($build:ident: $a:tt $b:tt $c:tt $d:tt) => {
        $build!(pair (tree!($build: $a $b)) (tree!($build: $c $d)))
    };
    ($build:ident: $a:tt $b:tt $c:tt $d:tt $e:tt) => {
        $build!(pair (tree!($build: $a $b $c)) (tree!($build: $d $e)))
    };
    ($build:ident: $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt) => {
        $build!(pair (tree!($build: $a $b $c)) (tree!($build: $d $e $f)))
    };
    ($build:ident: $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt $g:tt) => {
        $build!(pair (tree!($build: $a $b $c $d)) (tree!($build: $e $f $g)))
    };
    ($build:ident: $a:tt $b:tt $c:tt $d:tt $e:tt $f:tt $g:tt $h:tt) => {
        $build!(pair (tree!($build: $a $b $c $d)) (tree!($build: $e $f $g $h)))
    };
}

macro_rules! archived {
    (leaf $part:ident) => { <$part as Field>::Archived };
    (pair ($($left:tt)*) ($($right:tt)*)) => { Pair<$($left)*, $($right)*> };
}

macro_rules! resolver {
    (leaf $part:ident) => { <$part as Field>::Resolver };
    (pair ($($left:tt)*) ($($right:tt)*)) => { ($($left)*, $($right)*) };
}

/// An expression or a pattern of the parts' variables.
macro_rules! paired {
    (leaf $part:ident) => { $part };
    (pair ($($left:tt)*) ($($right:tt)*)) => { Pair($($left)*, $($right)*) };
}

macro_rules! tuple {
    ($($part:ident $value:ident),*) => {
        impl<$($part: Field),*> Field for ($($part,)*) {
            type Archived = tree!(archived: $($part)*);
            type Resolver = tree!(resolver: $($part)*);
            type View<'a> = ($($part::View<'a>,)*);
            const SCHEMA: Schema = Schema::Tuple(&[$($part::schema),*]);

            fn serialize(&self, encoder: &mut Encoder<'_>) -> Result<Self::Resolver, EncodeError> {
                let ($($value,)*) = self;
                Record::serialize(&tree!(paired: $($value)*), encoder)
            }
            fn resolve(&self, resolver: Self::Resolver, out: Place<Self::Archived>) {
                let ($($value,)*) = self;
                Record::resolve(&tree!(paired: $($value)*), resolver, out);
            }
            fn view(&self) -> Self::View<'_> {
                let ($($value,)*) = self;
                ($($part::view($value),)*)
            }
            fn view_archived(archived: &Self::Archived) -> Self::View<'_> {
                let tree!(paired: $($value)*) = archived;
                ($($part::view_archived($value),)*)
            }
            fn from_view(view: Self::View<'_>) -> Self {
                let ($($value,)*) = view;
                ($($part::from_view($value),)*)
            }
        }
    };
}

tuple!(A a);
tuple!(A a, B b);
tuple!(A a, B b, C c);
tuple!(A a, B b, C c, D d);
tuple!(A a, B b, C c, D d, E e);
tuple!(A a, B b, C c, D d, E e, F f);
tuple!(A a, B b, C c, D d, E e, F f, G g);
tuple!(A a, B b, C c, D d, E e, F f, G g, H h);
