//! A store and its key vault belong together: what does not fit is refused, with words that say what.

use std::fs;

use varvedb::blocking::{Processor, Repository, Store};
use varvedb::{LoadError, MasterKey, OpenError, Pii, VaultOptions};

use crate::people::*;

fn refusal(options: varvedb::StoreOptions, registry: &Registry) -> String {
    let refused: OpenError = options.open(registry.store()).unwrap_err();
    let folder = registry.folder().display().to_string();
    refused.to_string().replace(&folder, "FOLDER")
}

#[test]
fn a_store_with_personal_data_is_not_written_to_without_its_vault() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    insta::assert_snapshot!(refusal(varvedb::Store::options(), &registry));
}

#[test]
fn a_vault_that_is_missing_is_not_made_anew() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    fs::remove_dir_all(registry.vault()).unwrap();
    insta::assert_snapshot!(refusal(registry.options(), &registry));
    assert!(!registry.vault().join("keys.a").exists());
}

#[test]
fn another_master_key_opens_nothing() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let other = VaultOptions::new(registry.vault(), MasterKey::generate().unwrap());
    let said = refusal(varvedb::Store::options().vault(other), &registry);
    assert!(said.contains("master key"), "{said}");
}

#[test]
fn the_vault_of_another_store_is_refused() {
    let (registry, other) = (Registry::new(), Registry::new());
    drop(registry.open_with_people());
    drop(other.open_with_people());
    let vault = VaultOptions::new(other.vault(), other.master.clone());
    let said = refusal(varvedb::Store::options().vault(vault), &registry);
    assert!(said.contains("belongs to store"), "{said}");
}

#[test]
fn a_vault_inside_the_store_would_be_in_every_backup() {
    let registry = Registry::new();
    let inside = VaultOptions::new(registry.store().join("keys"), registry.master.clone());
    insta::assert_snapshot!(refusal(varvedb::Store::options().vault(inside), &registry));
}

#[test]
fn without_keys_what_is_not_personal_can_be_read_and_the_rest_is_an_error() {
    let registry = Registry::new();
    drop(registry.open_with_people());
    let store = Store::new(&varvedb::Store::open_read_only(registry.store()).unwrap());
    assert_eq!(store.read_log().to_vec().unwrap().len(), 8);
    let refused = Repository::new(&store).load::<Person>(ADA).unwrap_err();
    assert!(matches!(refused, LoadError::Pii { .. }), "{refused:?}");
    insta::assert_snapshot!(refused.to_string());
}

/// Visits of which nothing is personal, and a book of guests, which is.
mod guests {
    use varvedb::prelude::*;

    use crate::people::{Never, PersonId};

    #[derive(VarveEvent, Clone, Debug, PartialEq)]
    #[varve(stream = "visit")]
    pub enum VisitEvent {
        Came {
            #[stream_id]
            id: PersonId,
        },
    }

    #[derive(Debug)]
    pub struct Visit;

    #[aggregate(id = PersonId, event = VisitEvent, error = Never)]
    impl Visit {
        #[command]
        pub fn come(id: PersonId) -> Result<VisitEvent, Never> {
            Ok(VisitEvent::Came { id })
        }
        #[apply]
        fn came(_: VisitCame<'_>) -> Self {
            Self
        }
    }

    #[derive(VarveValue, Clone, Debug, PartialEq)]
    #[varve(subject = id)]
    pub struct Guest {
        pub id: PersonId,
        #[pii]
        pub name: Pii<String>,
    }

    pub struct Guests;
    const GUESTS: Table<PersonId, Guest> = Table::new("guests");

    #[projection(name = "guests")]
    impl Guests {
        #[on]
        fn came(&self, event: VisitCame<'_>, tables: &mut Tables<'_>) -> Result<(), TableError> {
            let guest = Guest {
                id: event.id,
                name: "from the address book".into(),
            };
            tables.put(GUESTS, &event.id, &guest)
        }
    }
}

#[test]
fn a_vault_that_only_a_read_model_needs_is_not_made_anew_either() {
    use guests::VisitCommands as _;
    let registry = Registry::new();
    let store = registry.open();
    let visits = Repository::new(&store);
    let mut visit = visits.fresh::<guests::Visit>(ADA);
    visit.come(ADA).unwrap();
    visits.save(&mut visit).unwrap();
    let mut processor = Processor::new(&store);
    processor.register(guests::Guests).unwrap();
    processor.catch_up().unwrap();
    drop((processor, visit, visits, store));
    fs::remove_dir_all(registry.vault()).unwrap();
    let refused = registry.options().open(registry.store()).unwrap_err();
    assert!(matches!(refused, OpenError::Vault(_)), "{refused:?}");
    let without = varvedb::Store::options().open(registry.store());
    assert!(
        matches!(without, Err(OpenError::NoVault { .. })),
        "{without:?}"
    );
}

#[test]
fn a_replica_that_is_lost_is_made_of_the_other_one() {
    for (lost, other) in [("keys.a", "keys.b"), ("keys.b", "keys.a")] {
        let registry = Registry::new();
        drop(registry.open_with_people());
        let [lost, other] = [lost, other].map(|name| registry.vault().join(name));
        fs::remove_file(&lost).unwrap();
        let said = refusal(registry.options(), &registry);
        let (lost_name, other_name) = (lost.display().to_string(), other.display().to_string());
        let folder = registry.folder().display().to_string();
        let [lost_name, other_name] = [lost_name, other_name].map(|n| n.replace(&folder, "FOLDER"));
        assert!(said.contains(&format!("missing: {lost_name}")), "{said}");
        assert!(said.contains(&format!("the other, {other_name}")), "{said}");
        fs::copy(&other, &lost).unwrap();
        let store = registry.open();
        assert_eq!(load(&store, BOB).name, Pii::from("Bob Marker"));
    }
}
