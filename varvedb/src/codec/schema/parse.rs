//! The parser of that text: what lets a tool read a store without the program that wrote it.

use std::str::FromStr;

use super::Layout;
use super::layout::Fields;

/// Layouts nested deeper than this are refused, so that hostile text cannot exhaust the stack.
const MAX_DEPTH: u32 = 64;

/// Text that is not a layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}, at byte {at} of the schema text")]
pub(crate) struct LayoutError {
    /// What was found, or expected.
    pub(crate) what: String,
    /// Where, in bytes.
    pub(crate) at: usize,
}

impl FromStr for Layout {
    type Err = LayoutError;

    fn from_str(text: &str) -> Result<Self, LayoutError> {
        let mut parser = Parser {
            text,
            rest: text,
            depth: 0,
            open: Vec::new(),
        };
        let layout = parser.layout()?;
        parser.skip_space();
        if parser.rest.is_empty() {
            Ok(layout)
        } else {
            Err(parser.error("expected the end"))
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: u32,
    /// The structs and enums around the current place, outermost first: whether a list, a map or a
    /// box lies between each and the place. Only then can it come again: nothing lies in itself.
    open: Vec<bool>,
}

impl<'a> Parser<'a> {
    fn layout(&mut self) -> Result<Layout, LayoutError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("nested too deep"));
        }
        let layout = self.undeep();
        self.depth -= 1;
        layout
    }

    fn undeep(&mut self) -> Result<Layout, LayoutError> {
        self.skip_space();
        match self.rest.as_bytes().first() {
            Some(b'{') => self.opened(Self::structure),
            Some(b'@') => self.again(),
            Some(b'(') => self.tuple(),
            Some(b'[') => self.array(),
            _ => self.named(),
        }
    }

    fn named(&mut self) -> Result<Layout, LayoutError> {
        match self.word()? {
            "bool" => Ok(Layout::Bool),
            "char" => Ok(Layout::Char),
            "str" => Ok(Layout::Str),
            "f32" => Ok(Layout::Float { bits: 32 }),
            "f64" => Ok(Layout::Float { bits: 64 }),
            "option" => Ok(Layout::Option(self.argument()?)),
            "box" => Ok(Layout::Box(self.elsewhere(Self::argument)?)),
            "list" => Ok(Layout::List(self.elsewhere(Self::argument)?)),
            "map" => self.elsewhere(Self::map),
            "sealed" => self.elsewhere(Self::sealed),
            "enum" => self.opened(Self::variants),
            word => match int(word) {
                Some(layout) => Ok(layout),
                None => self.fixed(word),
            },
        }
    }

    /// Parses a struct or an enum, which may come again inside.
    fn opened(
        &mut self,
        parse: fn(&mut Self) -> Result<Layout, LayoutError>,
    ) -> Result<Layout, LayoutError> {
        self.open.push(false);
        let layout = parse(self);
        self.open.pop();
        layout
    }

    /// Parses what lies behind a pointer.
    fn elsewhere<T>(
        &mut self,
        parse: fn(&mut Self) -> Result<T, LayoutError>,
    ) -> Result<T, LayoutError> {
        let around = self.open.clone();
        self.open.fill(true);
        let parsed = parse(self);
        self.open = around;
        parsed
    }

    /// `@1`.
    fn again(&mut self) -> Result<Layout, LayoutError> {
        self.expect("@")?;
        let nth = self.number()?;
        let index = nth.checked_sub(1).and_then(|at| usize::try_from(at).ok());
        match index.and_then(|at| self.open.get(at)) {
            Some(true) => Ok(Layout::Again(nth)),
            Some(false) => Err(self.error(format!("`@{nth}` would lie inside itself"))),
            None => Err(self.error(format!("`@{nth}` stands for nothing around it"))),
        }
    }

    fn structure(&mut self) -> Result<Layout, LayoutError> {
        self.fields().map(Layout::Struct)
    }

    fn argument(&mut self) -> Result<Box<Layout>, LayoutError> {
        self.expect("<")?;
        let layout = self.layout()?;
        self.expect(">")?;
        Ok(Box::new(layout))
    }

    fn map(&mut self) -> Result<Layout, LayoutError> {
        self.expect("<")?;
        let key = self.layout()?;
        self.expect(",")?;
        let value = self.layout()?;
        self.expect(">")?;
        Ok(Layout::Map(Box::new(key), Box::new(value)))
    }

    fn sealed(&mut self) -> Result<Layout, LayoutError> {
        self.expect("<")?;
        let fields = self.fields()?;
        self.expect(">")?;
        Ok(Layout::Sealed(fields))
    }

    fn array(&mut self) -> Result<Layout, LayoutError> {
        self.expect("[")?;
        let item = self.layout()?;
        self.expect(";")?;
        let count = self.number()?;
        self.expect("]")?;
        Ok(Layout::Array(Box::new(item), count))
    }

    fn tuple(&mut self) -> Result<Layout, LayoutError> {
        let mut parts = Vec::new();
        self.expect("(")?;
        while !self.eat(")") {
            if !parts.is_empty() {
                self.expect(",")?;
            }
            parts.push(self.layout()?);
        }
        Ok(Layout::Tuple(parts))
    }

    fn fields(&mut self) -> Result<Fields, LayoutError> {
        let mut fields = Vec::new();
        self.expect("{")?;
        while !self.eat("}") {
            if !fields.is_empty() {
                self.expect(",")?;
            }
            let name = self.field_name()?.into();
            self.expect(":")?;
            fields.push((name, self.layout()?));
        }
        Ok(fields)
    }

    fn variants(&mut self) -> Result<Layout, LayoutError> {
        let mut variants = Vec::new();
        self.expect("(")?;
        while !self.eat(")") {
            if !variants.is_empty() {
                self.expect("|")?;
            }
            let name = self.word()?.into();
            self.skip_space();
            let fields = if self.rest.starts_with('{') {
                self.fields()?
            } else {
                Vec::new()
            };
            variants.push((name, fields));
        }
        Ok(Layout::Enum(variants))
    }

    /// `name/size/align`.
    fn fixed(&mut self, name: &str) -> Result<Layout, LayoutError> {
        if !self.eat("/") {
            return Err(LayoutError {
                what: format!("`{name}` is an unknown kind of value"),
                at: self.text.len() - self.rest.len() - name.len(),
            });
        }
        let size = self.number()?;
        self.expect("/")?;
        let align = self.number()?;
        if !align.is_power_of_two() || align > 16 {
            return Err(self.error("an alignment is 1, 2, 4, 8 or 16"));
        }
        if !size.is_multiple_of(align) {
            return Err(self.error("a size is a multiple of the alignment"));
        }
        Ok(Layout::Fixed {
            name: name.to_owned(),
            size,
            align,
        })
    }

    fn number(&mut self) -> Result<u32, LayoutError> {
        let word = self.word()?;
        word.parse().map_err(|_| self.error("expected a number"))
    }

    fn word(&mut self) -> Result<&'a str, LayoutError> {
        self.word_of(|c| c.is_alphanumeric() || c == '_')
    }

    /// A word; that of a box has dots, as in `pii.stream.general`.
    fn field_name(&mut self) -> Result<&'a str, LayoutError> {
        self.word_of(|c| c.is_alphanumeric() || c == '_' || c == '.')
    }

    fn word_of(&mut self, is_word: fn(char) -> bool) -> Result<&'a str, LayoutError> {
        self.skip_space();
        let end = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(self.error("expected a name"));
        }
        self.rest = rest;
        Ok(word)
    }

    fn expect(&mut self, token: &str) -> Result<(), LayoutError> {
        if self.eat(token) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{token}`")))
        }
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn error(&self, what: impl Into<String>) -> LayoutError {
        LayoutError {
            what: what.into(),
            at: self.text.len() - self.rest.len(),
        }
    }
}

fn int(word: &str) -> Option<Layout> {
    let signed = match word.as_bytes().first()? {
        b'i' => true,
        b'u' => false,
        _ => return None,
    };
    match word.get(1..)? {
        "8" => Some(Layout::Int { signed, bits: 8 }),
        "16" => Some(Layout::Int { signed, bits: 16 }),
        "32" => Some(Layout::Int { signed, bits: 32 }),
        "64" => Some(Layout::Int { signed, bits: 64 }),
        "128" => Some(Layout::Int { signed, bits: 128 }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::shape::Shape;
    use super::*;

    fn names() -> impl Strategy<Value = Arc<str>> + Clone {
        "[a-z_]{1,8}".prop_map(Arc::from)
    }

    fn layouts() -> impl Strategy<Value = Layout> {
        let bits = prop::sample::select(vec![8_u8, 16, 32, 64, 128]);
        let leaf = prop_oneof![
            Just(Layout::Bool),
            Just(Layout::Char),
            Just(Layout::Str),
            (any::<bool>(), bits).prop_map(|(signed, bits)| Layout::Int { signed, bits }),
            Just(Layout::Float { bits: 64 }),
            Just(Layout::Fixed {
                name: "uuid".into(),
                size: 16,
                align: 1
            }),
        ];
        leaf.prop_recursive(5, 64, 5, |inner| {
            let fields = prop::collection::vec((names(), inner.clone()), 0..4);
            let boxed = inner.clone().prop_map(Box::new);
            prop_oneof![
                boxed.clone().prop_map(Layout::Option),
                boxed.clone().prop_map(Layout::Box),
                boxed.clone().prop_map(Layout::List),
                (boxed.clone(), 0..99_u32).prop_map(|(item, count)| Layout::Array(item, count)),
                (boxed.clone(), boxed).prop_map(|(key, value)| Layout::Map(key, value)),
                prop::collection::vec(inner, 0..4).prop_map(Layout::Tuple),
                fields.clone().prop_map(Layout::Struct),
                prop::collection::vec((names(), fields), 0..4).prop_map(Layout::Enum),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_layout_is_parsed_back_from_its_text(layout in layouts()) {
            prop_assert_eq!(layout.to_string().parse(), Ok(layout));
        }

        #[test]
        fn hostile_text_is_an_error_and_never_a_panic(text in "[a-z0-9<>{}()\\[\\],;:|/@ é]{0,64}") {
            if let Ok(layout) = text.parse::<Layout>() {
                let _ = Shape::of(&layout);
            }
        }

        #[test]
        fn a_text_with_one_byte_changed_is_never_a_panic(
            layout in layouts(),
            at: prop::sample::Index,
            byte in prop::sample::select(b"@9/<({[;,|:a ".to_vec()),
        ) {
            let mut text = layout.to_string().into_bytes();
            let at = at.index(text.len());
            text[at] = byte;
            if let Ok(layout) = String::from_utf8(text).unwrap().parse::<Layout>() {
                let _ = Shape::of(&layout);
            }
        }
    }

    #[test]
    fn a_reference_must_mean_a_struct_or_enum_around_it() {
        for (text, what) in [
            ("{a: list<@2>}", "`@2` stands for nothing around it"),
            ("list<@1>", "`@1` stands for nothing around it"),
            ("{a: list<@0>}", "`@0` stands for nothing around it"),
            (
                "{a: {b: u8}, c: list<@2>}",
                "`@2` stands for nothing around it",
            ),
            ("{a: option<@1>}", "`@1` would lie inside itself"),
            ("{a: list<{b: [@2; 2]}>}", "`@2` would lie inside itself"),
        ] {
            assert_eq!(text.parse::<Layout>().unwrap_err().what, what, "{text}");
        }
    }

    #[test]
    fn text_that_is_nested_too_deep_is_refused() {
        let text = "list<".repeat(100_000);
        assert_eq!(text.parse::<Layout>().unwrap_err().what, "nested too deep");
    }

    #[test]
    fn an_error_says_where_it_is() {
        let error = "{a: u8, b u8}".parse::<Layout>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected `:`, at byte 10 of the schema text"
        );
    }
}
