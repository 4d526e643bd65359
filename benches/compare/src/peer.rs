//! What every store does here, in the words of the glossary: the work that is compared.

use std::path::Path;
use std::sync::LazyLock;

/// A store of events, under the name it is known by.
pub trait Peer: Clone + Send + Sync + 'static {
    /// Whether appends hold up the calling thread: callers are threads then, and tasks otherwise.
    const BLOCKING: bool = false;

    /// Whether an answered append leaves work for a moment without any: the next store shall not
    /// pay for it.
    const FOLDS_LATER: bool = false;

    /// Opens a new store in an empty folder, so that every append is durable.
    fn open(folder: &Path) -> impl Future<Output = Self>;

    /// Appends events to a stream that is at this version; answered when they are on the disk.
    fn append(
        &self,
        stream: u64,
        version: u64,
        payloads: Vec<String>,
    ) -> impl Future<Output = ()> + Send;

    /// Appends one event to each of the streams `0..payloads.len()`, all at this version. Nobody
    /// times it, so it need not be durable.
    ///
    /// In one commit, if the store can write to several streams at once.
    fn append_to_each(
        &self,
        version: u64,
        payloads: Vec<String>,
    ) -> impl Future<Output = ()> + Send {
        async move {
            for (stream, payload) in (0..).zip(payloads) {
                self.append(stream, version, vec![payload]).await;
            }
        }
    }

    /// Hands every event to a handler, in the order of the log, if the store has one.
    fn read_log(&self) -> impl Future<Output = Option<Tally>>;

    /// Hands every event of a stream to a handler, in order.
    fn load(&self, stream: u64) -> impl Future<Output = Option<Tally>>;

    /// Sums up each stream with the store's own projections, from the first event, and counts
    /// streams and the sum of all; nothing, if it has no projections.
    ///
    /// `run` is another number each time, for those that keep a checkpoint under a name.
    fn project(&self, run: u64) -> impl Future<Output = Option<Tally>>;
}

/// How much a handler has seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub count: u64,
    pub sum: u64,
}

impl Tally {
    /// Counts an event and adds what its payload says.
    pub fn add(&mut self, payload: &[u8]) {
        self.count += 1;
        self.sum += amount(payload);
    }

    /// Of a sum for each stream.
    pub fn of_streams(sums: impl IntoIterator<Item = u64>) -> Self {
        sums.into_iter().fold(Self::default(), |all, sum| Self {
            count: all.count + 1,
            sum: all.sum + sum,
        })
    }
}

/// What a payload says: its first byte.
pub fn amount(payload: &[u8]) -> u64 {
    payload.first().copied().map_or(0, u64::from)
}

/// The payload of the n-th event, so many bytes long: text, since several peers store nothing
/// else, and without a pattern, since one of them compresses.
pub fn payload(number: u64, bytes: usize) -> String {
    let from = usize::try_from(number % 4096).unwrap() * 7;
    TEXT[from..from + bytes].to_owned()
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                [(state >> 58) as usize],
        )
    };
    (0..64 * 1024).map(|_| letter()).collect()
});
