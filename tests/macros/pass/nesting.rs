//! Values in values, an enum that contains itself, `Self` and `macro_rules` fragments as types.

use varvedb::prelude::*;

#[derive(VarveValue, Clone, Debug, PartialEq)]
enum Tree {
    Leaf { value: u64 },
    Node { children: Vec<Self> },
    Fork { named: std::collections::BTreeMap<String, Tree> },
}

macro_rules! event {
    ($name:ident, $ty:ty) => {
        #[derive(VarveEvent, Debug)]
        #[varve(stream = "tree")]
        enum $name {
            Grown { tree: $ty, rings: Vec<$ty> },
            Felled,
        }
    };
}

event!(TreeEvent, Tree);

fn main() {
    let tree = Tree::Node { children: vec![Tree::Leaf { value: 1 }, Tree::Node { children: vec![] }] };
    let event = TreeEvent::Grown { tree: tree.clone(), rings: vec![tree] };
    let TreeEventView::Grown(view) = varvedb::Event::view(&event) else {
        panic!("the view of another variant");
    };
    assert!(matches!(view.tree, TreeView::Node { .. }));
    let _ = (TreeEvent::Felled, Tree::Fork { named: std::collections::BTreeMap::new() });
}
