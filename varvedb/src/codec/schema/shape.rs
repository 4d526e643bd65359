//! A layout with all arithmetic done: where everything lies, so that reading a value only adds.
//!
//! Its nodes stand in one list and refer to each other by number. So a type that contains itself is
//! a circle of numbers, and neither a hostile text nor a long list makes anything be worked out twice.

use std::mem;
use std::sync::Arc;

use super::Layout;
use super::extent::{self, Extent};

/// A layout, worked out.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    nodes: Vec<Node>,
    root: NodeId,
}

/// A node's place in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeId(usize);

/// One type of value.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) extent: Extent,
}

/// A value beside others, and where it lies from where they begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) node: NodeId,
    pub(super) at: u32,
}

/// Parts with names.
pub(super) type Fields = Vec<(Arc<str>, Part)>;

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Bool,
    Int {
        signed: bool,
        bits: u8,
    },
    Float {
        bits: u8,
    },
    Char,
    Str,
    Fixed {
        name: Arc<str>,
        extent: Extent,
    },
    Option(Part),
    Box(NodeId),
    List(NodeId),
    Array(NodeId, u32),
    Map(NodeId),
    Tuple(Vec<Part>),
    Struct(Fields),
    /// The bytes of a box, and what is in it.
    Sealed {
        byte: NodeId,
        inside: NodeId,
    },
    Enum(Vec<(Arc<str>, Fields)>),
}

impl Kind {
    /// Whether many of these are bytes.
    pub(super) fn is_byte(&self) -> bool {
        match self {
            Self::Int { signed, bits } => !signed && *bits == 8,
            _ => false,
        }
    }
}

impl Shape {
    /// Works the layout out; `None` where 32 bits cannot count its bytes.
    pub(super) fn of(layout: &Layout) -> Option<Self> {
        let mut drawing = Drawing::default();
        let root = drawing.node(layout)?;
        let nodes = drawing.nodes;
        Laying::over(nodes).all().map(|nodes| Self { nodes, root })
    }

    /// The outermost value.
    pub(super) fn root(&self) -> &Node {
        self.node(self.root)
    }

    /// The number of the outermost value.
    pub(super) fn root_id(&self) -> NodeId {
        self.root
    }

    /// Whether values of this node have no parts, so that one of them can be the name of another.
    pub(super) fn is_scalar(&self, id: NodeId) -> bool {
        match &self.node(id).kind {
            Kind::Option(_)
            | Kind::Map(_)
            | Kind::Tuple(_)
            | Kind::Struct(_)
            | Kind::Sealed { .. } => false,
            // Not endless: what comes again is a struct, or an enum that has fields.
            Kind::Box(value) => self.is_scalar(*value),
            Kind::List(item) | Kind::Array(item, _) => self.node(*item).kind.is_byte(),
            Kind::Enum(variants) => variants.iter().all(|(_, fields)| fields.is_empty()),
            _ => true,
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "numbers of nodes are made here, and nodes are never removed"
    )]
    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

/// The first pass: which types there are, and which contain which.
#[derive(Default)]
struct Drawing {
    nodes: Vec<Node>,
    /// The structs and enums around the current place, outermost first.
    open: Vec<NodeId>,
}

impl Drawing {
    fn node(&mut self, layout: &Layout) -> Option<NodeId> {
        let kind = match layout {
            Layout::Again(nth) => return self.open.get(nth.checked_sub(1)? as usize).copied(),
            Layout::Struct(_) | Layout::Enum(_) => return self.opened(layout),
            Layout::Bool => Kind::Bool,
            Layout::Int { signed, bits } => Kind::Int {
                signed: *signed,
                bits: *bits,
            },
            Layout::Float { bits } => Kind::Float { bits: *bits },
            Layout::Char => Kind::Char,
            Layout::Str => Kind::Str,
            Layout::Fixed { name, size, align } => Kind::Fixed {
                name: name.as_str().into(),
                extent: Extent {
                    size: *size,
                    align: *align,
                },
            },
            Layout::Option(value) => Kind::Option(self.part(value)?),
            Layout::Box(value) => Kind::Box(self.node(value)?),
            Layout::List(item) => Kind::List(self.node(item)?),
            Layout::Array(item, count) => Kind::Array(self.node(item)?, *count),
            Layout::Map(key, value) => {
                let pair = Kind::Tuple(vec![self.part(key)?, self.part(value)?]);
                Kind::Map(self.push(pair))
            }
            Layout::Sealed(fields) => {
                let byte = self.push(Kind::Int {
                    signed: false,
                    bits: 8,
                });
                let inside = Kind::Struct(self.fields(fields)?);
                let inside = self.push(inside);
                Kind::Sealed { byte, inside }
            }
            Layout::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.part(part));
                Kind::Tuple(parts.collect::<Option<_>>()?)
            }
        };
        Some(self.push(kind))
    }

    /// A struct or enum, which may come again inside: its number is given before it is drawn.
    fn opened(&mut self, layout: &Layout) -> Option<NodeId> {
        let id = self.push(Kind::Bool);
        self.open.push(id);
        let kind = match layout {
            Layout::Struct(fields) => Kind::Struct(self.fields(fields)?),
            Layout::Enum(variants) => {
                let variants = variants.iter();
                let variants =
                    variants.map(|(name, fields)| Some((Arc::clone(name), self.fields(fields)?)));
                Kind::Enum(variants.collect::<Option<_>>()?)
            }
            _ => return None,
        };
        self.open.pop();
        self.nodes.get_mut(id.0)?.kind = kind;
        Some(id)
    }

    fn fields(&mut self, fields: &[(Arc<str>, Layout)]) -> Option<Fields> {
        let fields = fields.iter();
        fields
            .map(|(name, layout)| Some((Arc::clone(name), self.part(layout)?)))
            .collect()
    }

    fn part(&mut self, layout: &Layout) -> Option<Part> {
        let node = self.node(layout)?;
        Some(Part { node, at: 0 })
    }

    fn push(&mut self, kind: Kind) -> NodeId {
        let extent = Extent::EMPTY;
        self.nodes.push(Node { kind, extent });
        NodeId(self.nodes.len() - 1)
    }
}

/// The second pass: how large everything is, and where its parts lie.
///
/// It does not follow pointers, so it needs no extent of a type that it is still laying: nothing
/// lies in itself. And since a type that comes again was drawn, and so is laid, before what
/// contains it, this goes no deeper than the layout does.
struct Laying {
    nodes: Vec<Node>,
    progress: Vec<Progress>,
}

#[derive(Clone, Copy, PartialEq)]
enum Progress {
    Drawn,
    Begun,
    Laid,
}

impl Laying {
    fn over(nodes: Vec<Node>) -> Self {
        let progress = vec![Progress::Drawn; nodes.len()];
        Self { nodes, progress }
    }

    fn all(mut self) -> Option<Vec<Node>> {
        for nth in 0..self.nodes.len() {
            self.extent(NodeId(nth))?;
        }
        Some(self.nodes)
    }

    fn extent(&mut self, id: NodeId) -> Option<Extent> {
        let progress = self.progress.get_mut(id.0)?;
        match *progress {
            Progress::Laid => return Some(self.nodes.get(id.0)?.extent),
            Progress::Begun => return None,
            Progress::Drawn => *progress = Progress::Begun,
        }
        let mut kind = mem::replace(&mut self.nodes.get_mut(id.0)?.kind, Kind::Bool);
        let extent = self.lay(&mut kind)?;
        *self.nodes.get_mut(id.0)? = Node { kind, extent };
        *self.progress.get_mut(id.0)? = Progress::Laid;
        Some(extent)
    }

    fn lay(&mut self, kind: &mut Kind) -> Option<Extent> {
        match kind {
            Kind::Bool => Some(Extent::TAG),
            Kind::Int { bits, .. } | Kind::Float { bits } => Some(Extent::number(*bits)),
            Kind::Char => Some(Extent::number(32)),
            Kind::Fixed { extent, .. } => Some(*extent),
            Kind::Box(_) => Some(Extent::POINTER),
            Kind::Str | Kind::List(_) | Kind::Map(_) | Kind::Sealed { .. } => Some(Extent::LIST),
            Kind::Array(item, count) => self.extent(*item)?.repeated(*count),
            Kind::Option(value) => self.place([value], extent::behind_tag),
            Kind::Tuple(parts) => self.place(parts, extent::record),
            Kind::Struct(fields) => self.place(parts(fields), extent::record),
            Kind::Enum(variants) => {
                let mut variants = variants.iter_mut();
                variants.try_fold(Extent::TAG, |widest, (_, fields)| {
                    widest.or(self.place(parts(fields), extent::behind_tag)?)
                })
            }
        }
    }

    /// Says where each part lies, and gives the extent of the whole.
    fn place<'a>(
        &mut self,
        parts: impl IntoIterator<Item = &'a mut Part>,
        arrange: Arrange,
    ) -> Option<Extent> {
        let parts: Vec<&mut Part> = parts.into_iter().collect();
        let extents = parts.iter().map(|part| self.extent(part.node));
        let (offsets, whole) = arrange(&extents.collect::<Option<Vec<_>>>()?)?;
        for (part, offset) in parts.into_iter().zip(offsets) {
            part.at = offset;
        }
        Some(whole)
    }
}

/// The offset of each part, and the extent of the whole.
type Arrange = fn(&[Extent]) -> Option<(Vec<u32>, Extent)>;

fn parts(fields: &mut Fields) -> impl Iterator<Item = &mut Part> {
    fields.iter_mut().map(|(_, part)| part)
}
