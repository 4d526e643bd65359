//! What personal data costs: sealing, first keys, shredding and opening, beside the same events in the clear, in
//! one run.
//!
//! ```text
//! cargo bench --bench personal
//! ```
//!
//! All writes are durable, one caller. What is compared takes turns; the figures are medians of the rounds.

#![expect(clippy::print_stdout, reason = "it prints figures")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has nothing to report"
)]

use std::fs::File;
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Instant;

use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;
use varvedb::{Event, MasterKey, StreamId, Subject, VaultOptions};

const WRITES: u64 = 200;
const EVENTS: u64 = 2_000;
const ROUNDS: usize = 9;

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
#[varve(subject = "person")]
struct PersonId(u64);

#[derive(VarveEvent, Debug)]
#[varve(stream = "sealed")]
enum SealedEvent {
    Noted {
        #[stream_id]
        id: PersonId,
        #[pii]
        text: Pii<String>,
    },
}

#[derive(VarveEvent, Debug)]
#[varve(stream = "clear")]
enum ClearEvent {
    Noted {
        #[stream_id]
        id: PersonId,
        text: String,
    },
}

#[expect(
    dead_code,
    reason = "an aggregate has a state, and this one is only saved"
)]
struct SealedNotes(PersonId);
#[expect(
    dead_code,
    reason = "an aggregate has a state, and this one is only saved"
)]
struct ClearNotes(PersonId);

#[derive(Debug, PartialEq, thiserror::Error)]
enum Never {}

#[aggregate(id = PersonId, event = SealedEvent, error = Never)]
impl SealedNotes {
    #[command]
    fn begin(id: PersonId, text: String) -> Result<SealedEvent, Never> {
        Ok(SealedEvent::Noted {
            id,
            text: text.into(),
        })
    }
    #[apply]
    fn noted(event: SealedNoted<'_>) -> Self {
        Self(event.id)
    }
}

#[aggregate(id = PersonId, event = ClearEvent, error = Never)]
impl ClearNotes {
    #[command]
    fn begin(id: PersonId, text: String) -> Result<ClearEvent, Never> {
        Ok(ClearEvent::Noted { id, text })
    }
    #[apply]
    fn noted(event: ClearNoted<'_>) -> Self {
        Self(event.id)
    }
}

const TEXT: &str = "what a person would not want the world to know";

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    let vault = VaultOptions::new(folder.path().join("keys"), MasterKey::generate().unwrap());
    let options = varvedb::Store::options().vault(vault);
    let store = Store::new(&options.open(folder.path().join("store")).unwrap());
    let without = varvedb::Store::open(folder.path().join("without")).unwrap();
    let without = Store::new(&without);
    writes(&store, &without, &Floor::new(folder.path()));
    reads(&store, &without);
}

/// A file whose blocks are there before they are written.
struct Floor(File);

impl Floor {
    fn new(folder: &Path) -> Self {
        let file = File::create(folder.join("floor")).unwrap();
        let writes = WRITES * u64::try_from(ROUNDS).unwrap();
        for nth in 0..writes {
            file.write_all_at(&[0; 256], nth * 256).unwrap();
        }
        file.sync_all().unwrap();
        Self(file)
    }

    fn write(&self, nth: u64) {
        self.0.write_all_at(&[7; 256], nth * 256).unwrap();
        self.0.sync_data().unwrap();
    }
}

fn writes(store: &Store, without: &Store, floor: &Floor) {
    let mut rounds: Vec<[f64; 6]> = Vec::new();
    let mut next = 0;
    for _ in 0..ROUNDS {
        let first = next;
        let flush = timed(WRITES, |nth| floor.write(first + nth));
        let plain = timed(WRITES, |nth| save_clear(without, PersonId(first + nth)));
        let clear = timed(WRITES, |nth| save_clear(store, PersonId(first + nth)));
        let new = timed(WRITES, |nth| save_sealed(store, PersonId(first + nth)));
        let known = timed(WRITES, |nth| add_sealed(store, PersonId(first + nth)));
        let shred = timed(WRITES, |nth| {
            let person = Subject::of(&PersonId(first + nth)).unwrap();
            let _ = store.shred(person).run().unwrap();
        });
        next += WRITES;
        rounds.push([flush, plain, clear, known, new, shred]);
    }
    let median = |column: usize| median(rounds.iter().map(|round| round[column]).collect());
    let floor = median(0);
    println!("## Personal data: what is written\n");
    println!("| one caller, durable | us | in flushes |\n|---|---|---|");
    let names = [
        "one write and fdatasync of 256 B",
        "save an event in the clear, in a store without a vault",
        "save an event in the clear, in a store with one",
        "save a sealed event of somebody known",
        "save a sealed event of somebody new",
        "shred somebody",
    ];
    for (column, name) in names.iter().enumerate() {
        let micros = median(column) * 1e6;
        println!("| {name} | {micros:.0} | {:.2} |", median(column) / floor);
    }
}

fn save_clear(store: &Store, id: PersonId) {
    let people = Repository::new(store);
    let mut notes = people.fresh::<ClearNotes>(id);
    notes.begin(id, TEXT.into()).unwrap();
    people.save(&mut notes).unwrap();
}

fn save_sealed(store: &Store, id: PersonId) {
    let people = Repository::new(store);
    let mut notes = people.fresh::<SealedNotes>(id);
    notes.begin(id, TEXT.into()).unwrap();
    people.save(&mut notes).unwrap();
}

fn add_sealed(store: &Store, id: PersonId) {
    let people = Repository::new(store);
    let mut notes = people.load::<SealedNotes>(id).unwrap();
    let text = TEXT.into();
    notes
        .execute(move |_: &SealedNotes| Ok::<_, Never>(vec![SealedEvent::Noted { id, text }]))
        .unwrap();
    people.save(&mut notes).unwrap();
}

fn fill_sealed(store: &Store) {
    let id = PersonId(u64::MAX);
    let people = Repository::new(store);
    let mut sealed = people.fresh::<SealedNotes>(id);
    sealed.begin(id, TEXT.into()).unwrap();
    sealed
        .execute(move |_: &SealedNotes| {
            let one = |_| SealedEvent::Noted {
                id,
                text: TEXT.into(),
            };
            Ok::<_, Never>((1..EVENTS).map(one).collect::<Vec<_>>())
        })
        .unwrap();
    people.save(&mut sealed).unwrap();
}

fn fill_clear(store: &Store) {
    let id = PersonId(u64::MAX);
    let people = Repository::new(store);
    let mut clear = people.fresh::<ClearNotes>(id);
    clear.begin(id, TEXT.into()).unwrap();
    clear
        .execute(move |_: &ClearNotes| {
            let one = |_| ClearEvent::Noted {
                id,
                text: TEXT.into(),
            };
            Ok::<_, Never>((1..EVENTS).map(one).collect::<Vec<_>>())
        })
        .unwrap();
    people.save(&mut clear).unwrap();
}

fn reads(store: &Store, without: &Store) {
    fill_sealed(store);
    fill_clear(store);
    fill_clear(without);
    let clear = |store: &Store| {
        scan::<ClearEvent>(store, "clear", |view| {
            let ClearEventView::Noted(noted) = view;
            noted.text.len()
        })
    };
    let mut rounds: Vec<[f64; 4]> = Vec::new();
    for _ in 0..ROUNDS * 5 {
        rounds.push([
            clear(without),
            clear(store),
            scan::<SealedEvent>(store, "sealed", |view| {
                let SealedEventView::Noted(noted) = view;
                usize::from(noted.text.key().is_some())
            }),
            scan::<SealedEvent>(store, "sealed", |view| {
                let SealedEventView::Noted(noted) = view;
                noted.text.open().unwrap().known().unwrap().len()
            }),
        ]);
    }
    let median = |column: usize| median(rounds.iter().map(|round| round[column]).collect());
    println!("\n## Personal data: what is read\n");
    println!(
        "| reading {EVENTS} events of one stream | ns an event | to the first |\n|---|---|---|"
    );
    let names = [
        "in the clear, in a store without a vault",
        "in the clear, in a store with one",
        "sealed, not looked into",
        "sealed, opened with a cached key",
    ];
    for (column, name) in names.iter().enumerate() {
        let (nanos, ratio) = (median(column) * 1e9, median(column) / median(0));
        println!("| {name} | {nanos:.0} | {ratio:.2} |");
    }
    println!(
        "\nOpening one box: {:.0} ns.",
        (median(3) - median(2)) * 1e9
    );
}

/// Seconds for each event.
fn scan<E: Event>(
    store: &Store,
    category: &str,
    mut look: impl FnMut(E::View<'_>) -> usize,
) -> f64 {
    let stream = StreamId::new(category, u64::MAX).unwrap();
    let begun = Instant::now();
    let (mut sum, mut events) = (0, 0_u32);
    store
        .read_stream(&stream)
        .visit(|event| {
            let scratch = Scratch::new();
            for view in E::decode(event, &scratch).unwrap() {
                sum += look(view);
            }
            events += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert!(sum > 0);
    begun.elapsed().as_secs_f64() / f64::from(events)
}

/// Seconds for each call.
fn timed(calls: u64, mut call: impl FnMut(u64)) -> f64 {
    let begun = Instant::now();
    (0..calls).for_each(&mut call);
    begun.elapsed().as_secs_f64() / f64::from(u32::try_from(calls).unwrap())
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
