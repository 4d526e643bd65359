//! The bank: a built-in day, and a data set that is read, killed, read on, and refused.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::{example, run, said};

const ACCOUNTS: u64 = 40;
const TRANSACTIONS: u64 = 2_000;

/// A data set in the form of the real one, and a place for a store.
struct Berka {
    folder: TempDir,
}

impl Berka {
    fn new() -> Self {
        let berka = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(berka.data()).unwrap();
        let (mut clients, mut owners) = (String::new(), String::new());
        for account in 1..=ACCOUNTS {
            write!(clients, "{account};\"706213\";18\r\n").unwrap();
            write!(owners, "{account};{account};{account};\"OWNER\"\r\n").unwrap();
        }
        berka.write("client.asc", "client_id;birth_number;district_id", &clients);
        berka.write("disp.asc", "disp_id;client_id;account_id;type", &owners);
        berka.write("trans.asc", TRANSACTION_COLUMNS, &transactions());
        berka
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("bank.varve")
    }

    fn write(&self, name: &str, columns: &str, rows: &str) {
        fs::write(self.data().join(name), format!("{columns}\r\n{rows}")).unwrap();
    }

    fn bank(&self) -> std::process::Command {
        let mut bank = example("bank");
        bank.args([self.data(), self.store()]);
        bank
    }

    /// What the bank says of a data set with one row more.
    fn refusal(&self, row: &str) -> String {
        let rows = transactions() + row + "\r\n";
        self.write("trans.asc", TRANSACTION_COLUMNS, &rows);
        let output = self.bank().output().unwrap();
        assert!(!output.status.success());
        assert!(
            !self.store().exists(),
            "nothing is written before all of it is read"
        );
        said(&output).replace(&self.data().display().to_string(), "data")
    }
}

const TRANSACTION_COLUMNS: &str =
    "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account";

fn transactions() -> String {
    let mut rows = String::new();
    for number in 0..TRANSACTIONS {
        let kind = ["PRIJEM", "VYDAJ", "VYBER"][usize::try_from(number % 3).unwrap()];
        let (account, amount) = (number % ACCOUNTS + 1, number % 97 + 1);
        write!(
            rows,
            "{number};{account};930101;\"{kind}\";\"VKLAD\";{amount}.50;0.00;\"\";;\r\n"
        )
        .unwrap();
    }
    rows
}

#[test]
fn a_day_at_the_bank_is_told() {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"in \S+bank\.varve", "in [a folder]/bank.varve");
    settings.add_filter(r"reopened in \S+,", "reopened in [a moment],");
    settings.bind(|| insta::assert_snapshot!(run("bank")));
}

#[test]
fn every_balance_is_the_sum_of_its_amounts() {
    let berka = Berka::new();
    let output = berka.bank().output().unwrap();
    let told = said(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("2000 transactions of 40 accounts read"),
        "{told}"
    );
    assert!(
        told.contains("All 40 balances, by replay and by projection, equal"),
        "{told}"
    );
    assert!(
        told.contains("events         2040\nstreams        40"),
        "{told}"
    );
}

#[test]
fn a_bank_that_is_killed_goes_on_where_it_was() {
    let berka = Berka::new();
    for millis in [5, 10, 20, 30, 40] {
        let mut bank = berka
            .bank()
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(millis));
        bank.kill().unwrap();
        bank.wait().unwrap();
    }
    let told = said(&berka.bank().output().unwrap());
    assert!(
        told.contains("equal the sums of their signed amounts"),
        "{told}"
    );
    assert!(
        told.contains("events         2040\n"),
        "nothing twice, nothing missing: {told}"
    );
    let again = said(&berka.bank().output().unwrap());
    assert!(
        again.contains("found          2000 transactions of an earlier run"),
        "{again}"
    );
    assert!(again.contains("appended       0 transactions"), "{again}");
}

#[test]
fn a_wrong_row_is_named_by_its_line() {
    let berka = Berka::new();
    let good = "9;1;930101;\"PRIJEM\";\"VKLAD\";7.50;0.00;\"\";;";
    let refusals = [
        berka.refusal(&good.replace("PRIJEM", "GIFT")),
        berka.refusal(&good.replace("7.50", "7.5.0")),
        berka.refusal(&good.replace("7.50", "-7.50")),
        berka.refusal(&good.replace("7.50", "0.00")),
        berka.refusal(&good.replace("9;1;", "9;one;")),
        berka.refusal(&good.replace("9;1;", "9;41;")),
        berka.refusal("9;1"),
    ];
    insta::assert_snapshot!(refusals.concat());
}

#[test]
fn a_missing_file_is_named() {
    for name in ["client.asc", "disp.asc", "trans.asc"] {
        let berka = Berka::new();
        fs::remove_file(berka.data().join(name)).unwrap();
        let output = berka.bank().output().unwrap();
        assert!(!output.status.success());
        let told = said(&output);
        let path: &Path = &berka.data().join(name);
        assert!(
            told.starts_with(&format!("bank: {}: No such file", path.display())),
            "{told}"
        );
    }
}

#[test]
fn the_bank_needs_at_most_55_lines() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/bank/domain.rs");
    let text = fs::read_to_string(path).unwrap();
    let is_wiring = |line: &&str| line.starts_with("//!") || line.starts_with("use ");
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !is_wiring(line))
        .count();
    assert!(lines <= 55, "{lines} lines");
}
