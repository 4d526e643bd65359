//! How deep lists and boxes may lie inside each other.

use super::tree::Tree;
use super::{archive, as_row};
use crate::codec::field::Field;
use crate::codec::payload::MAX_DEPTH;
use crate::codec::record::decode;

const OUT_OF_LINE: &str = "a leaf too long to lie in place";

#[test]
fn what_can_be_written_can_be_read_down_to_the_limit() {
    // Even the innermost tree has a list, an empty one, which counts.
    for lists in [0, 1, MAX_DEPTH / 2, MAX_DEPTH - 2, MAX_DEPTH - 1] {
        let tree = Tree::of_depth(lists, OUT_OF_LINE);
        let bytes = archive(&tree).unwrap();
        let archived = decode::<<Tree as Field>::Archived>(&bytes).unwrap();
        assert_eq!(Tree::view_archived(archived), tree.view());
        assert_eq!(as_row(&tree).unwrap(), tree);
    }
}

#[test]
fn what_lies_deeper_than_the_limit_is_refused_when_it_is_written() {
    let mut buffer = b"what was there".to_vec();
    for lists in [MAX_DEPTH, MAX_DEPTH + 1, 4 * MAX_DEPTH] {
        let tree = Tree::of_depth(lists, "");
        let error = crate::codec::encode(&&tree, &mut buffer).unwrap_err();
        assert!(error.to_string().contains("128 deep"), "{error}");
        assert_eq!(buffer, b"what was there");
    }
}

#[test]
fn a_boxed_text_at_the_limit_can_be_read() {
    let tree = Box::new(Tree::of_depth(MAX_DEPTH - 2, OUT_OF_LINE));
    assert_eq!(as_row(&tree).unwrap(), tree);
    let too_deep = Box::new(Tree::of_depth(MAX_DEPTH - 1, OUT_OF_LINE));
    assert!(archive(&too_deep).is_err());
}

#[test]
fn side_by_side_is_not_deep() {
    let wide = Tree {
        leaf: OUT_OF_LINE.to_owned(),
        branches: vec![Tree::of_depth(3, OUT_OF_LINE); 1_000],
    };
    assert_eq!(as_row(&wide).unwrap(), wide);
}
