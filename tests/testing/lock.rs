//! The layouts of events are locked in a file, which only ever grows.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use varvedb::testing::{LockError, LockFinding, SchemaLock};

/// The first year of a shop.
mod first {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum OrderEvent {
        Placed { total: i64, note: String },
        Sent { parcel: u64 },
    }
}

/// The second: one event has two revisions, one has another name.
mod second {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum OrderEvent {
        #[varve(revision = 2)]
        Placed {
            total: i64,
            note: String,
            #[varve(since = 2, default = "EUR")]
            currency: String,
        },
        #[varve(alias = "sent")]
        Shipped { parcel: u64 },
    }
}

/// A third, in which nothing is sent any more.
mod retired {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order", retired("sent"))]
    pub(super) enum OrderEvent {
        Placed { total: i64, note: String },
    }
}

/// What a careless colleague makes of the first.
mod careless {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "order")]
    pub(super) enum OrderEvent {
        Placed {
            total: u64,
            note: String,
            by: u32,
        },
        #[varve(alias = "sent")]
        Shipped {
            parcel: u32,
        },
    }
}

/// Of another stream.
mod other {
    use varvedb::prelude::*;

    #[derive(VarveEvent, Debug)]
    #[varve(stream = "basket")]
    pub(super) enum BasketEvent {
        Filled { items: Vec<String> },
    }
}

/// A lock file in a folder of its own.
struct Shop(TempDir);

impl Shop {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the events of the first year in its lock.
    fn in_its_first_year() -> Self {
        let shop = Self::new();
        shop.lock().with::<first::OrderEvent>().update().unwrap();
        shop
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("varve.lock")
    }

    fn lock(&self) -> SchemaLock {
        SchemaLock::at(self.path())
    }

    fn text(&self) -> String {
        fs::read_to_string(self.path()).unwrap()
    }

    fn write(&self, text: &str) {
        fs::write(self.path(), text).unwrap();
    }

    /// What the error says, without the folder.
    fn said(&self, error: &LockError) -> String {
        let folder = format!("{}/", self.0.path().display());
        error.to_string().replace(&folder, "")
    }
}

// The macro, as a user writes it: one lock of several enums, and a second one in the same module.
varvedb::schema_lock!("../tests/testing/shop.lock"; second::OrderEvent, other::BasketEvent);
varvedb::schema_lock!(baskets: "../tests/testing/baskets.lock"; other::BasketEvent);

#[test]
fn what_is_locked_passes() {
    let shop = Shop::in_its_first_year();
    shop.lock().with::<first::OrderEvent>().check().unwrap();
}

#[test]
fn the_file_is_made_for_people_too() {
    let shop = Shop::new();
    let lock = shop
        .lock()
        .with::<second::OrderEvent>()
        .with::<other::BasketEvent>();
    assert_eq!(lock.update().unwrap(), 4);
    insta::assert_snapshot!(shop.text());
}

#[test]
fn what_is_not_locked_yet_fails_and_says_how_to_lock_it() {
    let shop = Shop::in_its_first_year();
    let before = shop.text();
    let refused = shop
        .lock()
        .with::<second::OrderEvent>()
        .check()
        .unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));
    assert_eq!(shop.text(), before, "checking writes nothing");
}

#[test]
fn an_update_adds_lines_and_leaves_every_other_as_it_was() {
    let shop = Shop::in_its_first_year();
    let before = shop.text() + "# kept by hand\n";
    shop.write(&before);
    assert_eq!(
        shop.lock().with::<second::OrderEvent>().update().unwrap(),
        2
    );
    let after = shop.text();
    let kept: Vec<&str> = after
        .lines()
        .filter(|line| before.lines().any(|old| old == *line))
        .collect();
    assert_eq!(kept, before.lines().collect::<Vec<_>>());
    assert_eq!(
        shop.lock().with::<second::OrderEvent>().update().unwrap(),
        0
    );
    assert_eq!(shop.text(), after);
    let files = fs::read_dir(shop.0.path()).unwrap().count();
    assert_eq!(files, 1, "nothing unfinished is left behind");
}

#[test]
fn a_changed_layout_is_an_error_also_for_an_update() {
    let shop = Shop::in_its_first_year();
    let before = shop.text();
    let refused = shop
        .lock()
        .with::<careless::OrderEvent>()
        .update()
        .unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));
    assert_eq!(shop.text(), before, "nothing is added beside an error");
}

#[test]
fn a_revision_that_is_gone_is_an_error_also_for_an_update() {
    let shop = Shop::new();
    shop.lock().with::<second::OrderEvent>().update().unwrap();
    let refused = shop
        .lock()
        .with::<retired::OrderEvent>()
        .update()
        .unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));
}

#[test]
fn a_type_that_is_gone_is_an_error_until_it_is_retired_or_renamed() {
    let shop = Shop::new();
    let lock = || shop.lock().with::<first::OrderEvent>();
    lock().with::<other::BasketEvent>().update().unwrap();
    let refused = lock().update().unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));

    let shop = Shop::in_its_first_year();
    shop.lock().with::<retired::OrderEvent>().check().unwrap();
    shop.lock().with::<second::OrderEvent>().update().unwrap();
}

#[test]
fn a_line_that_was_taken_out_is_a_gap_that_no_update_fills() {
    let shop = Shop::new();
    let lock = || shop.lock().with::<second::OrderEvent>();
    lock().update().unwrap();
    let text = shop.text();
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("order.placed@1"))
        .collect();
    shop.write(&(without.join("\n") + "\n"));
    let refused = lock().update().unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));
    for refused in [refused, lock().check().unwrap_err()] {
        let LockError::Differs { findings, .. } = refused else {
            panic!("{refused}")
        };
        let [
            LockFinding::Gap {
                revision, later, ..
            },
        ] = &findings[..]
        else {
            panic!("nobody is told to update what no update fills: {findings:?}")
        };
        assert_eq!((*revision, *later), (1, 2));
    }
}

#[test]
fn a_type_that_is_gone_is_told_once_however_many_revisions_it_had() {
    let shop = Shop::in_its_first_year();
    let lent = "order.lent@1 {to: str}\norder.lent@2 {to: str, days: u32}\n";
    shop.write(&(shop.text() + lent));
    let gone = shop.lock().with::<first::OrderEvent>().check();
    let LockError::Differs { findings, .. } = gone.unwrap_err() else {
        panic!("two lines more are no damage")
    };
    let type_name = "order.lent".to_owned();
    assert_eq!(findings, [LockFinding::Gone { type_name }]);
}

#[test]
fn two_enums_cannot_mean_different_things_by_one_name() {
    let shop = Shop::new();
    let lock = shop
        .lock()
        .with::<first::OrderEvent>()
        .with::<careless::OrderEvent>();
    let refused = lock.update().unwrap_err();
    insta::assert_snapshot!(shop.said(&refused));
    let lock = shop
        .lock()
        .with::<first::OrderEvent>()
        .with::<second::OrderEvent>();
    lock.update().unwrap();
}

#[test]
fn a_damaged_file_is_said_to_be_one() {
    let whole = {
        let shop = Shop::in_its_first_year();
        shop.text()
    };
    let cases = [
        (
            "conflict",
            whole.replace("order.sent@1", "<<<<<<< ours\norder.sent@1"),
        ),
        (
            "middle",
            whole.replace("order.sent@1", "=======\norder.sent@1"),
        ),
        ("doubled", format!("{whole}order.sent@1 {{parcel: u32}}\n")),
        ("carriage returns", whole.replace('\n', "\r\n")),
        ("space behind", whole.replace("u64}\n", "u64} \n")),
        ("mark of the encoding", format!("\u{feff}{whole}")),
        ("revision 0", whole.replace("sent@1", "sent@0")),
        ("revision 01", whole.replace("sent@1", "sent@01")),
        ("too far", whole.replace("sent@1", "sent@65536")),
        ("no revision", whole.replace("sent@1", "sent")),
        (
            "no layout",
            whole.replace("order.sent@1 {parcel: u64}", "order.sent@1"),
        ),
    ];
    let told = cases.map(|(case, text)| {
        let shop = Shop::new();
        shop.write(&text);
        let refused = shop
            .lock()
            .with::<first::OrderEvent>()
            .update()
            .unwrap_err();
        assert!(
            matches!(refused, LockError::Damaged { .. }),
            "{case}: {refused}"
        );
        assert_eq!(shop.text(), text, "{case}");
        format!("{case}: {}", shop.said(&refused))
    });
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn a_file_that_cannot_be_read_or_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let lock = |path: &Path| SchemaLock::at(path).with::<first::OrderEvent>();
    assert!(matches!(
        lock(folder.path()).check(),
        Err(LockError::Io {
            attempt: "read",
            ..
        })
    ));
    let nowhere = folder.path().join("none").join("varve.lock");
    assert!(matches!(
        lock(&nowhere).update(),
        Err(LockError::Io {
            attempt: "write",
            ..
        })
    ));
}
