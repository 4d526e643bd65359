//! The rows: what is measured, and what each figure includes.

use tempfile::TempDir;

use crate::Plan;
use crate::entrant::{OURS, OURS_TYPED};
use crate::round::{Figure, in_turn};
use crate::table::{Table, Unit};
use crate::work::Work;

const SIZES: [usize; 2] = [64, 256];

/// Why a peer's append is what it is.
const OF_APPENDS: &str = "\
Everybody keeps an index of streams up to date. Ours, sierradb, evento, cqrs-es and eventcore check the expected version; \
upstream has no such check, umadb and batpak are not asked for theirs. Evento encodes to bitcode, cqrs-es and eventcore to JSON, \
batpak to MessagePack, upstream to rkyv; the others take bytes. Callers of batpak are threads, since its appends block; all others are tasks on two threads.";

const SAME: &str = "The figures include what they do for 1 caller.";

const OF_BATCHES: &str = "\
Each batch is one commit, all or nothing. The figures include what they do for single events.";

/// Measures everything and prints the tables.
pub fn measure(plan: &Plan) {
    let mut tables = vec![durability(plan)];
    for (title, callers, includes) in [
        ("Durable appends of one event, 1 caller", 1, OF_APPENDS),
        ("Durable appends of one event, 64 callers", 64, SAME),
        ("Durable appends of one event, 512 callers", 512, SAME),
    ] {
        let append = |work: &mut dyn Work, bytes| Some(work.append(callers, bytes, plan.span));
        let table = appends(plan, title, Unit::AppendsPerSecond, includes, append);
        tables.push(table.show(OURS));
    }
    let title = "Durable batches of 1,000 events, each a new stream, 1 caller";
    let batches = |work: &mut dyn Work, bytes| Some(work.append_batches(bytes, plan.span));
    tables.push(appends(plan, title, Unit::EventsPerSecond, OF_BATCHES, batches).show(OURS));
    tables.extend(reads(plan));
    for table in tables {
        print!("{table}");
    }
}

/// A table of what each means by durable.
fn durability(plan: &Plan) -> String {
    let appending = plan.entrants.iter().filter(|entrant| entrant.appends);
    let rows = appending.map(|entrant| {
        let (name, by, setting) = (entrant.name, entrant.durability, entrant.setting);
        format!("\n| {name} | {by} | {setting} |")
    });
    let head = "\n### What is durable, and by which setting\n\n| store | answered after | setting |\n|---|---|---|";
    format!("{head}{}\n", rows.collect::<String>())
}

/// A table of work that writes, in a new store for each size.
fn appends(
    plan: &Plan,
    title: &'static str,
    unit: Unit,
    includes: &'static str,
    measure: impl Fn(&mut dyn Work, usize) -> Figure,
) -> Table {
    let entrants: Vec<_> = plan
        .entrants
        .iter()
        .filter(|entrant| entrant.appends)
        .collect();
    let sizes = SIZES.map(|bytes| {
        eprintln!("{title}, {bytes} B");
        let folders = folders(plan, entrants.len());
        let open = entrants.iter().zip(&folders);
        let mut workers: Vec<_> = open.map(|(e, folder)| (e.open)(folder.path())).collect();
        (
            bytes,
            in_turn(plan.rounds, &mut workers, |work| {
                let figure = measure(work, bytes);
                work.settle();
                figure
            }),
        )
    });
    Table {
        title,
        unit,
        remark: "answered after",
        rows: entrants
            .iter()
            .map(|entrant| (entrant.name, entrant.durability))
            .collect(),
        sizes: sizes.into(),
        includes,
    }
}

/// The tables of work that reads, all from one store for each size.
fn reads(plan: &Plan) -> Vec<String> {
    let figures = SIZES.map(|bytes| {
        let folders = folders(plan, plan.entrants.len());
        let open = plan.entrants.iter().zip(&folders);
        let mut workers: Vec<_> = open.map(|(e, folder)| (e.open)(folder.path())).collect();
        for (entrant, work) in plan.entrants.iter().zip(&mut workers) {
            eprintln!("{}: 100,000 events of {bytes} B to be read", entrant.name);
            work.fill(bytes);
        }
        eprintln!("reads, {bytes} B");
        [
            in_turn(plan.rounds, &mut workers, Work::read_log),
            in_turn(plan.rounds, &mut workers, Work::load),
            in_turn(plan.rounds, &mut workers, Work::project),
        ]
    });
    let [log, load, project] = [0, 1, 2].map(|row| {
        let sizes = SIZES.into_iter().zip(&figures);
        sizes
            .map(|(bytes, figures)| (bytes, figures[row].clone()))
            .collect()
    });
    let table = |title, unit, sizes, includes| Table {
        title,
        unit,
        remark: "payloads, and what is checked",
        rows: plan
            .entrants
            .iter()
            .map(|entrant| (entrant.name, entrant.form))
            .collect(),
        sizes,
        includes,
    };
    let of_log = "Warm. Sierradb and cqrs-es have no order of the whole log: sierradb reads one partition after the other, cqrs-es sorts by \
sequence. Umadb, evento, eventcore and batpak are read in pages of 1,000 events, and copy each.";
    let of_load = "Warm, 100 streams interleaved event by event. `varvedb` hands out bytes; `varvedb, typed` loads an aggregate through its \
repository, which is what evento, cqrs-es and batpak do; the others hand out events. Peers are compared with `varvedb, typed`.";
    let of_project = "A sum for each stream, in memory, through the store's own projections, from the first event. Evento and eventcore keep a \
checkpoint as they go, and eventcore one for each event; batpak has no projection of all streams, so it projects one after the other. Upstream, umadb and sierradb have none.";
    vec![
        table(
            "The whole log of 100,000 events into a handler",
            Unit::MicrosPerEvent,
            log,
            of_log,
        )
        .show(OURS),
        table(
            "Load a stream of 1,000 events",
            Unit::MicrosPerLoad,
            load,
            of_load,
        )
        .show(OURS_TYPED),
        table(
            "Project 100,000 events",
            Unit::MicrosPerEvent,
            project,
            of_project,
        )
        .show(OURS_TYPED),
    ]
}

fn folders(plan: &Plan, count: usize) -> Vec<TempDir> {
    let folder = |_| tempfile::tempdir_in(&plan.dir).unwrap();
    (0..count).map(folder).collect()
}
