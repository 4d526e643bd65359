//! Random bytes: the system's own and no others, so that neither a fork nor a copied machine repeats them.

/// The system gave no random bytes.
#[derive(Clone, Debug)]
pub(super) struct NoRandom(pub(super) String);

pub(super) fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
    #[cfg(test)]
    if scripted::fill(bytes) {
        return Ok(());
    }
    getrandom::fill(bytes).map_err(|error| NoRandom(error.to_string()))
}

pub(super) fn array<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

/// Bytes that a test knows before, on its own thread.
#[cfg(test)]
pub(super) mod scripted {
    use std::cell::Cell;

    thread_local! { static NEXT: Cell<Option<u64>> = const { Cell::new(None) }; }

    /// From now on, random bytes of this thread follow from the seed.
    pub(crate) fn begin(seed: u64) {
        NEXT.set(Some(seed));
    }

    pub(crate) fn end() {
        NEXT.set(None);
    }

    pub(super) fn fill(bytes: &mut [u8]) -> bool {
        let Some(mut state) = NEXT.get() else {
            return false;
        };
        for byte in bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = (state >> 56) as u8;
        }
        NEXT.set(Some(state));
        true
    }
}
