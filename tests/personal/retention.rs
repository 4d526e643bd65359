//! What is meant to outlive an erasure does so: what was put beside the personal field in the clear, and what is
//! sealed under a subject that is no person.

use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;
use varvedb::{Event, Subject};

use crate::people::{Never, Registry, files_with};

#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
#[varve(subject = "patient")]
struct PatientId(u64);

/// Whom secrets are sealed under: no person.
#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
#[varve(subject = "clinic")]
struct ClinicId(u64);

#[derive(VarveValue, Clone, Debug, PartialEq)]
struct Birthday {
    year: u16,
    day: String,
}

#[derive(VarveEvent, Clone, Debug)]
#[varve(stream = "patient")]
enum PatientEvent {
    Admitted {
        #[stream_id]
        id: PatientId,
        #[pii]
        born: Pii<Birthday>,
        birth_year: u16,
        #[pii(purpose = "billing")]
        card: Pii<String>,
        card_ends_in: String,
    },
    IssuedToken {
        #[stream_id]
        id: PatientId,
        #[pii]
        label: Pii<String>,
        clinic: ClinicId,
        #[pii(subject = clinic, purpose = "tokens")]
        token: Pii<String>,
    },
}

#[derive(Clone, Debug)]
struct Patient {
    id: PatientId,
    born: Pii<Birthday>,
    birth_year: u16,
    card: Pii<String>,
    card_ends_in: String,
    label: Option<Pii<String>>,
    token: Option<Pii<String>>,
}

#[aggregate(id = PatientId, event = PatientEvent, error = Never)]
impl Patient {
    #[command]
    fn admit(id: PatientId, born: Birthday, card: String) -> Result<PatientEvent, Never> {
        let digits = card.len().saturating_sub(4);
        Ok(PatientEvent::Admitted {
            id,
            birth_year: born.year,
            born: born.into(),
            card_ends_in: card[digits..].to_owned(),
            card: card.into(),
        })
    }
    #[command]
    fn issue(&self, label: String, clinic: ClinicId, token: String) -> Result<PatientEvent, Never> {
        Ok(PatientEvent::IssuedToken {
            id: self.id,
            label: label.into(),
            clinic,
            token: token.into(),
        })
    }
    #[apply]
    fn admitted(event: PatientAdmitted<'_>) -> Self {
        Self {
            id: event.id,
            born: event.born.to_pii(),
            birth_year: event.birth_year,
            card: event.card.to_pii(),
            card_ends_in: event.card_ends_in.to_owned(),
            label: None,
            token: None,
        }
    }
    #[apply]
    fn issued_token(&mut self, event: PatientIssuedToken<'_>) {
        self.label = Some(event.label.to_pii());
        self.token = Some(event.token.to_pii());
    }
}

const ADA: PatientId = PatientId(7);
const CLINIC: ClinicId = ClinicId(3);

fn admit_ada(store: &Store) {
    let patients = Repository::new(store);
    let mut ada = patients.fresh::<Patient>(ADA);
    let born = Birthday {
        year: 1815,
        day: "the tenth of December".to_owned(),
    };
    ada.admit(ADA, born, "5500 0000 0000 4711".to_owned())
        .unwrap();
    ada.issue("the lab's".to_owned(), CLINIC, "s3cret-token".to_owned())
        .unwrap();
    patients.save(&mut ada).unwrap();
}

fn ada(store: &Store) -> Patient {
    let patients = Repository::new(store);
    patients.load::<Patient>(ADA).unwrap().state().clone()
}

fn shred(store: &Store, subject: &Subject) {
    let _ = store.shred(subject.clone()).run().unwrap();
}

#[test]
fn what_was_put_beside_a_personal_field_outlives_it() {
    let registry = Registry::new();
    let store = registry.open();
    admit_ada(&store);
    assert!(!ada(&store).born.is_shredded() && !ada(&store).card.is_shredded());
    shred(&store, &Subject::of(&ADA).unwrap());
    let ada = ada(&store);
    assert_eq!((ada.born, ada.birth_year), (Pii::Shredded, 1815));
    assert_eq!((ada.card, &*ada.card_ends_in), (Pii::Shredded, "4711"));
}

#[test]
fn what_is_in_the_clear_is_in_the_files_for_good_and_the_rest_never_was() {
    let registry = Registry::new();
    let store = registry.open();
    admit_ada(&store);
    shred(&store, &Subject::of(&ADA).unwrap());
    drop(store);
    assert!(!files_with(registry.folder(), b"4711").is_empty());
    assert!(files_with(registry.folder(), b"5500 0000").is_empty());
    assert!(files_with(registry.folder(), b"December").is_empty());
}

#[test]
fn a_secret_of_the_clinic_outlives_the_patient_it_was_issued_to() {
    let registry = Registry::new();
    let store = registry.open();
    admit_ada(&store);
    shred(&store, &Subject::of(&ADA).unwrap());
    let ada = ada(&store);
    assert_eq!(ada.label, Some(Pii::Shredded));
    assert_eq!(ada.token, Some("s3cret-token".into()));
    drop(store);
    assert!(files_with(registry.folder(), b"s3cret").is_empty());
}

#[test]
fn a_clinic_that_closes_takes_its_secrets_and_nothing_of_its_patients() {
    let registry = Registry::new();
    let store = registry.open();
    admit_ada(&store);
    shred(&store, &Subject::of(&CLINIC).unwrap());
    let ada = ada(&store);
    assert_eq!(ada.token, Some(Pii::Shredded));
    assert_eq!(ada.label, Some("the lab's".into()));
    assert_eq!(ada.birth_year, 1815);
    assert!(!ada.born.is_shredded());
}

#[test]
fn what_is_known_of_the_patient_does_not_open_the_secret() {
    let registry = Registry::new();
    let store = registry.open();
    admit_ada(&store);
    let export = store.subject(Subject::of(&ADA).unwrap()).export().unwrap();
    let told = export.to_string();
    assert!(told.contains("the lab's"), "{told}");
    assert!(told.contains(r#""pii.clinic.tokens":{"sealed":"#), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    let owners = PatientEvent::PII_INVENTORY.iter();
    let of_clinic = owners.filter(|field| field.subject == "clinic").count();
    assert_eq!(of_clinic, 1);
}
