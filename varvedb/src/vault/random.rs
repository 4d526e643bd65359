//! Random bytes: the system's own and no others, so that neither a fork nor a copied machine repeats them.

/// The system gave no random bytes.
#[derive(Clone, Debug)]
pub(super) struct NoRandom(pub(super) String);

pub(super) fn fill(bytes: &mut [u8]) -> Result<(), NoRandom> {
    getrandom::fill(bytes).map_err(|error| NoRandom(error.to_string()))
}

pub(super) fn array<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}
