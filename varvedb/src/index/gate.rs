//! The gate in front of the map: many transactions pass at a time, none while it is moved.
//!
//! LMDB may move its map only while this process has no transaction open. A thread that is inside
//! passes again without waiting: behind a closing gate it would wait for itself.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

thread_local! {
    /// The gates this thread is inside of, once for every passage.
    static INSIDE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub(super) struct Gate {
    id: u64,
    lock: RwLock<()>,
}

/// The right to have a transaction open; stays on its thread.
#[derive(Debug)]
pub(super) struct Passage<'a> {
    gate: u64,
    // Only the outermost passage of a thread holds the lock.
    _lock: Option<RwLockReadGuard<'a, ()>>,
    _on_this_thread: PhantomData<*const ()>,
}

impl Gate {
    pub(super) fn new() -> Self {
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            lock: RwLock::new(()),
        }
    }

    /// Passes; waits while the gate is closed.
    pub(super) fn pass(&self) -> Passage<'_> {
        let outermost = !self.is_inside();
        // The lock guards no data, so a panic of another holder leaves nothing half done.
        let lock = outermost.then(|| self.lock.read().unwrap_or_else(PoisonError::into_inner));
        INSIDE.with_borrow_mut(|inside| inside.push(self.id));
        Passage {
            gate: self.id,
            _lock: lock,
            _on_this_thread: PhantomData,
        }
    }

    /// Closes the gate and waits until everyone has left; `None` on a thread that is inside.
    pub(super) fn close(&self) -> Option<RwLockWriteGuard<'_, ()>> {
        let wait = || self.lock.write().unwrap_or_else(PoisonError::into_inner);
        (!self.is_inside()).then(wait)
    }

    /// Whether this thread has a transaction open.
    pub(super) fn is_inside(&self) -> bool {
        INSIDE.with_borrow(|inside| inside.contains(&self.id))
    }
}

impl Drop for Passage<'_> {
    fn drop(&mut self) {
        INSIDE.with_borrow_mut(|inside| {
            if let Some(at) = inside.iter().rposition(|gate| *gate == self.gate) {
                inside.swap_remove(at);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;

    use super::Gate;

    #[test]
    fn a_thread_that_is_inside_passes_again_even_while_another_waits_to_close() {
        let gate = Gate::new();
        let outer = gate.pass();
        thread::scope(|scope| {
            let (started, waits) = mpsc::channel();
            let gate = &gate;
            let closing = scope.spawn(move || {
                started.send(()).unwrap();
                gate.close().is_some()
            });
            waits.recv().unwrap();
            drop(gate.pass());
            assert!(gate.close().is_none(), "it would wait for itself");
            drop(outer);
            assert!(closing.join().unwrap());
        });
    }

    #[test]
    fn gates_do_not_know_each_other() {
        let (one, other) = (Gate::new(), Gate::new());
        let _inside = one.pass();
        assert!(other.close().is_some());
    }
}
