//! Lesson 3: two writers want the same stream. One wins, the other learns of it and decides anew.
//!
//! Run it with `cargo run --example 3_conflict`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a lesson is read aloud"
)]

use varvedb::blocking::Repository;
use varvedb::prelude::*;
use varvedb::{Rejected, SaveError};

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
struct ShowId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "show")]
enum ShowEvent {
    Announced {
        #[stream_id]
        id: ShowId,
        seats: u32,
    },
    SeatSold {
        #[stream_id]
        id: ShowId,
        buyer: String,
    },
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("sold out")]
struct SoldOut;

struct Show {
    id: ShowId,
    seats_left: u32,
}

#[aggregate(id = ShowId, event = ShowEvent, error = SoldOut)]
impl Show {
    #[command]
    fn announce(id: ShowId, seats: u32) -> Result<ShowEvent, SoldOut> {
        Ok(ShowEvent::Announced { id, seats })
    }
    #[command]
    fn sell(&self, buyer: String) -> Result<ShowEvent, SoldOut> {
        if self.seats_left == 0 {
            Err(SoldOut)
        } else {
            Ok(ShowEvent::SeatSold { id: self.id, buyer })
        }
    }
    #[apply]
    fn announced(e: ShowAnnounced<'_>) -> Self {
        Show {
            id: e.id,
            seats_left: e.seats,
        }
    }
    #[apply]
    fn seat_sold(&mut self, _: ShowSeatSold<'_>) {
        self.seats_left -= 1;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let repo = Repository::new(&Store::open(folder.path().join("theatre.varve"))?);
    let id = ShowId(1);
    repo.execute::<Show>(id, ShowCommand::Announce { id, seats: 1 })?;

    // Two counters load the show while one seat is left, and both sell it.
    let mut left = repo.load::<Show>(id)?;
    let mut right = repo.load::<Show>(id)?;
    left.sell("the left queue".into())?;
    right.sell("the right queue".into())?;
    repo.save(&mut left)?;

    // The second save is refused: the decision was made on a state that is no more.
    let conflict = repo.save(&mut right).unwrap_err();
    println!("{conflict}");
    assert!(matches!(conflict, SaveError::Conflict(_)));

    // `execute` loads and decides again after a conflict. Now the show says no, and rightly.
    let again = repo.execute::<Show>(
        id,
        ShowCommand::Sell {
            buyer: "the right queue".into(),
        },
    );
    println!("{}", again.as_ref().unwrap_err());
    assert!(matches!(
        again,
        Err(varvedb::ExecuteError::Rejected(Rejected::Refused(SoldOut)))
    ));
    Ok(())
}
