//! Lesson 7: personal data. What is known of a person is sealed under their key; shredding destroys the key.
//!
//! Run it with `cargo run --example 7_personal`.

#![expect(clippy::print_stdout, reason = "a lesson is read aloud")]

use std::convert::Infallible;

use varvedb::blocking::{Repository, Store};
use varvedb::prelude::*;
use varvedb::{LoadError, MasterKey, Subject, VaultOptions};

// Whose data it is: the subject `patient-7`.
#[derive(VarveId, Clone, Copy, Debug, PartialEq)]
#[varve(subject = "patient")]
struct PatientId(u64);

// What is personal is marked. It is about whom the stream is of, unless the field names another.
#[derive(VarveEvent, Debug)]
#[varve(stream = "patient")]
enum PatientEvent {
    Admitted {
        #[stream_id]
        id: PatientId,
        #[pii]
        name: Pii<String>,
        ward: u8,
    },
    Moved {
        #[stream_id]
        id: PatientId,
        ward: u8,
    },
}

struct Patient {
    id: PatientId,
    name: Pii<String>,
    ward: u8,
}

#[aggregate(id = PatientId, event = PatientEvent, error = Infallible)]
impl Patient {
    #[command]
    fn admit(id: PatientId, name: Pii<String>, ward: u8) -> Result<PatientEvent, Infallible> {
        Ok(PatientEvent::Admitted { id, name, ward })
    }
    #[command]
    fn move_to(&self, ward: u8) -> Result<PatientEvent, Infallible> {
        Ok(PatientEvent::Moved { id: self.id, ward })
    }
    #[apply]
    fn admitted(e: PatientAdmitted<'_>) -> Self {
        Patient {
            id: e.id,
            name: e.name.to_pii(),
            ward: e.ward,
        }
    }
    #[apply]
    fn moved(&mut self, e: PatientMoved<'_>) {
        self.ward = e.ward;
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The keys lie in a vault, beside the store and never in a backup of it. A real master key comes
    // from elsewhere: `MasterKey::from_file`, `MasterKey::from_env`, or a provider of your own.
    let folder = tempfile::tempdir()?;
    let vault = VaultOptions::new(folder.path().join("hospital.keys"), MasterKey::generate()?);
    let options = varvedb::Store::options().vault(vault);
    let store = Store::new(&options.open(folder.path().join("hospital.varve"))?);
    let repo = Repository::new(&store);

    for (id, name) in [(7, "Ada"), (8, "Mary")] {
        let mut patient = repo.fresh::<Patient>(PatientId(id));
        patient.admit(PatientId(id), name.to_owned().into(), 1)?;
        patient.move_to(2)?;
        repo.save(&mut patient)?;
    }
    let tell = || -> Result<(), LoadError> {
        for id in [7, 8] {
            let patient = repo.load::<Patient>(PatientId(id))?;
            let Patient { name, ward, .. } = patient.state();
            println!("{} is on ward {ward}", name.str_or("[shredded]"));
        }
        Ok(())
    };
    tell()?;

    // Her key is destroyed: in this store and in every backup of it. The receipt says what was done.
    let ada = Subject::of(&PatientId(7))?;
    let receipt = store.shred(ada).reason("request 12").run()?;
    println!("{} key destroyed, {}", receipt.keys_erased, receipt.subject);
    tell()?;

    // Nothing personal about her is taken until `store.reenroll` allows it; everything else goes on.
    let mut again = repo.load::<Patient>(PatientId(7))?;
    again.move_to(3)?;
    repo.save(&mut again)?;
    println!("version {}", again.version());
    Ok(())
}
