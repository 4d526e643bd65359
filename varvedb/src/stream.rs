//! What a stream is called: a category, and a key that is unique within it.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

/// A name that was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{name}` is not valid: {rule}")]
pub struct NameError {
    what: &'static str,
    name: String,
    rule: &'static str,
}

impl NameError {
    pub(crate) fn new(what: &'static str, name: &str, rule: &'static str) -> Self {
        const SHOWN: usize = 80;
        let mut name: String = name.chars().take(SHOWN + 1).collect();
        if name.chars().count() > SHOWN {
            name.pop();
            name.push('…');
        }
        Self { what, name, rule }
    }
}

/// The first half of a stream id: all streams of one kind share it, such as `account`.
///
/// One to 64 characters of `a-z`, `0-9` and `_`, the first one a letter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Category(Arc<str>);

impl Category {
    /// The longest a category's name may be, in bytes.
    pub const MAX_BYTES: usize = 64;

    /// Checks the name.
    pub fn new(name: impl AsRef<str>) -> Result<Self, NameError> {
        let name = name.as_ref();
        let letters = name
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        let first = name.starts_with(|c: char| c.is_ascii_lowercase());
        if letters && first && name.len() <= Self::MAX_BYTES {
            Ok(Self(name.into()))
        } else {
            Err(NameError::new(
                "category",
                name,
                "use 1 to 64 of a-z, 0-9 and `_`, a letter first",
            ))
        }
    }

    /// A name that was checked when it was stored.
    pub(crate) fn from_checked(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The second half of a stream id. All keys of one category are of one kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// A number, such as an account number.
    Number(u64),
    /// A UUID, or any other 128 bits.
    Uuid(Uuid),
    /// Text of 1 to [`Key::MAX_TEXT_BYTES`] bytes without control characters.
    Text(Arc<str>),
}

impl Key {
    /// The longest a text key may be, in bytes of UTF-8.
    pub const MAX_TEXT_BYTES: usize = 200;

    /// Checks the text.
    pub fn text(text: impl AsRef<str>) -> Result<Self, NameError> {
        Self::Text(text.as_ref().into()).checked()
    }

    /// The key, if it is one: a [`Key::Text`] may be made of any text.
    fn checked(self) -> Result<Self, NameError> {
        match &self {
            Self::Text(text) if !Self::is_text(text) => {
                let rule = "use 1 to 200 bytes without control characters";
                Err(NameError::new("stream key", text, rule))
            }
            _ => Ok(self),
        }
    }

    /// Whether a key may have this text.
    pub(crate) fn is_text(text: &str) -> bool {
        (1..=Self::MAX_TEXT_BYTES).contains(&text.len()) && !text.chars().any(char::is_control)
    }

    /// The same key, borrowed.
    pub fn as_ref(&self) -> KeyRef<'_> {
        match self {
            Self::Number(number) => KeyRef::Number(*number),
            Self::Uuid(uuid) => KeyRef::Uuid(uuid),
            Self::Text(text) => KeyRef::Text(text),
        }
    }
}

impl From<u64> for Key {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<Uuid> for Key {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// A [`Key`] that borrows, as it lies in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyRef<'a> {
    /// See [`Key::Number`].
    Number(u64),
    /// See [`Key::Uuid`].
    Uuid(&'a Uuid),
    /// See [`Key::Text`].
    Text(&'a str),
}

impl KeyRef<'_> {
    /// Which kind of key this is.
    pub const fn kind(self) -> KeyKind {
        match self {
            Self::Number(_) => KeyKind::Number,
            Self::Uuid(_) => KeyKind::Uuid,
            Self::Text(_) => KeyKind::Text,
        }
    }

    /// The same key, owned.
    pub fn to_key(self) -> Key {
        match self {
            Self::Number(number) => Key::Number(number),
            Self::Uuid(uuid) => Key::Uuid(*uuid),
            Self::Text(text) => Key::Text(text.into()),
        }
    }
}

impl fmt::Display for KeyRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Uuid(uuid) => uuid.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The kind of a [`Key`]; a category has one, fixed by its first stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum KeyKind {
    /// Keys are numbers.
    Number = 1,
    /// Keys are UUIDs.
    Uuid = 2,
    /// Keys are text.
    Text = 3,
}

impl KeyKind {
    /// The kind with this number on disk, if there is one.
    pub(crate) const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Number),
            2 => Some(Self::Uuid),
            3 => Some(Self::Text),
            _ => None,
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Number => "a number",
            Self::Uuid => "a UUID",
            Self::Text => "text",
        })
    }
}

/// The name of a stream: `account-42` is key 42 of category `account`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId {
    category: Category,
    key: Key,
}

impl StreamId {
    /// The stream with this key, which is checked like the category.
    ///
    /// ```
    /// # use varvedb::StreamId;
    /// let stream = StreamId::new("account", 42)?;
    /// assert_eq!(stream.to_string(), "account-42");
    /// # Ok::<_, varvedb::NameError>(())
    /// ```
    pub fn new(category: impl AsRef<str>, key: impl Into<Key>) -> Result<Self, NameError> {
        Ok(Self {
            category: Category::new(category)?,
            key: key.into().checked()?,
        })
    }

    /// The stream named by a text.
    ///
    /// ```
    /// # use varvedb::StreamId;
    /// let stream = StreamId::text("book", "moby-dick")?;
    /// assert_eq!(stream.to_string(), "book-moby-dick");
    /// # Ok::<_, varvedb::NameError>(())
    /// ```
    pub fn text(category: impl AsRef<str>, key: impl AsRef<str>) -> Result<Self, NameError> {
        Ok(Self {
            category: Category::new(category)?,
            key: Key::text(key)?,
        })
    }

    /// A name that was checked when it was stored.
    pub(crate) fn from_checked(category: Category, key: Key) -> Self {
        Self { category, key }
    }

    /// The first half.
    pub fn category(&self) -> &Category {
        &self.category
    }

    /// The second half.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The same name, borrowed.
    pub fn as_ref(&self) -> StreamRef<'_> {
        StreamRef {
            category: self.category.as_str(),
            key: self.key.as_ref(),
        }
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_ref().fmt(f)
    }
}

/// A [`StreamId`] that borrows, as recorded events carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StreamRef<'a> {
    pub(crate) category: &'a str,
    pub(crate) key: KeyRef<'a>,
}

impl<'a> StreamRef<'a> {
    /// The first half.
    pub fn category(self) -> &'a str {
        self.category
    }

    /// The second half.
    pub fn key(self) -> KeyRef<'a> {
        self.key
    }

    /// The same name, owned.
    pub fn to_stream_id(self) -> StreamId {
        StreamId {
            category: Category(self.category.into()),
            key: self.key.to_key(),
        }
    }
}

impl fmt::Display for StreamRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.category, self.key)
    }
}

/// A type whose values name the streams of one category; usually `#[derive(VarveId)]` on a
/// struct around a `u64`, a [`Uuid`] or a `String`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot name a stream",
    label = "not a stream id",
    note = "wrap it in an id type: `#[derive(VarveId)] struct AccountId(Uuid);`",
    note = "ids stand in the clear for good, so personal data is none: use an id that says nothing about the person"
)]
pub trait StreamKey: Clone + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// The key under which the stream is stored.
    fn to_key(&self) -> Result<Key, NameError>;

    /// The id with this key; `None` when the key is of another kind or has a form that
    /// [`StreamKey::to_key`] never gives.
    fn from_key(key: KeyRef<'_>) -> Option<Self>;
}

impl StreamKey for u64 {
    fn to_key(&self) -> Result<Key, NameError> {
        Ok(Key::Number(*self))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Number(number) => Some(number),
            _ => None,
        }
    }
}

impl StreamKey for Uuid {
    fn to_key(&self) -> Result<Key, NameError> {
        Ok(Key::Uuid(*self))
    }

    fn from_key(key: KeyRef<'_>) -> Option<Self> {
        match key {
            KeyRef::Uuid(uuid) => Some(*uuid),
            _ => None,
        }
    }
}
