//! Lesson 2: an aggregate. Events are an enum, state is folded from them, commands decide.
//!
//! Run it with `cargo run --example 2_aggregate`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a lesson is read aloud"
)]

use varvedb::blocking::Repository;
use varvedb::prelude::*;

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
struct CartId(u64);

// One variant per kind of event, in the past tense. `#[stream_id]` says whose it is.
#[derive(VarveEvent, Debug)]
#[varve(stream = "cart")]
enum CartEvent {
    Started {
        #[stream_id]
        id: CartId,
    },
    ItemAdded {
        #[stream_id]
        id: CartId,
        sku: String,
        price_cents: u64,
    },
    CheckedOut {
        #[stream_id]
        id: CartId,
    },
}

#[derive(Debug, thiserror::Error)]
enum CartError {
    #[error("an empty cart cannot be checked out")]
    Empty,
    #[error("the cart is checked out already")]
    Closed,
}

#[derive(Debug)]
struct Cart {
    id: CartId,
    total_cents: u64,
    is_open: bool,
}

#[aggregate(id = CartId, event = CartEvent, error = CartError)]
impl Cart {
    // Commands look at the state and return events, or refuse. They change nothing.
    #[command]
    fn start(id: CartId) -> Result<CartEvent, CartError> {
        Ok(CartEvent::Started { id })
    }
    #[command]
    fn add(&self, sku: String, price_cents: u64) -> Result<CartEvent, CartError> {
        if !self.is_open {
            return Err(CartError::Closed);
        }
        Ok(CartEvent::ItemAdded {
            id: self.id,
            sku,
            price_cents,
        })
    }
    #[command]
    fn check_out(&self) -> Result<CartEvent, CartError> {
        if self.total_cents == 0 {
            return Err(CartError::Empty);
        }
        Ok(CartEvent::CheckedOut { id: self.id })
    }

    // Handlers take views: borrowed from the log, or from an event that was just decided. Leave
    // one out and the aggregate does not compile.
    #[apply]
    fn started(e: CartStarted<'_>) -> Self {
        Cart {
            id: e.id,
            total_cents: 0,
            is_open: true,
        }
    }
    #[apply]
    fn item_added(&mut self, e: CartItemAdded<'_>) {
        self.total_cents += e.price_cents;
    }
    #[apply]
    fn checked_out(&mut self, _: CartCheckedOut<'_>) {
        self.is_open = false;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let repo = Repository::new(&Store::open(folder.path().join("shop.varve"))?);

    let mut cart = repo.fresh::<Cart>(CartId(1));
    cart.start(CartId(1))?;
    println!("an empty cart: {}", cart.check_out().unwrap_err());
    cart.add("tea".into(), 450)?;
    cart.add("cup".into(), 1250)?;
    repo.save(&mut cart)?; // three events, one commit

    // Loading replays the stream.
    let mut cart = repo.load::<Cart>(CartId(1))?;
    println!(
        "{} cents at version {}",
        cart.state().total_cents,
        cart.version()
    );
    cart.check_out()?;
    repo.save(&mut cart)?;
    println!(
        "closed: {}",
        repo.load::<Cart>(CartId(1))?
            .add("pot".into(), 1)
            .unwrap_err()
    );
    Ok(())
}
