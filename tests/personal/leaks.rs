//! Random words are planted in every personal field, and looked for everywhere else.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use proptest::collection::vec;
use proptest::prelude::*;
use varvedb::blocking::{Processor, Repository, Store};
use varvedb::prelude::*;

use crate::club::*;
use crate::kit::told::{Line, Listener};
use crate::people::*;

/// What was told or shown while something went right and wrong.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<String>>);

impl Shown {
    fn add(&self, what: &dyn std::fmt::Debug) {
        let mut shown = self.0.lock().unwrap();
        writeln!(shown, "{what:?} {what:#?}").unwrap();
    }

    fn listener(&self) -> Listener<impl Fn(&Line) + use<>> {
        let shown = Arc::clone(&self.0);
        Listener(move |line: &Line| writeln!(shown.lock().unwrap(), "{}", line.text()).unwrap())
    }

    fn error(&self, error: &(dyn std::error::Error + 'static)) {
        self.add(&error);
        let mut source = Some(error);
        while let Some(error) = source {
            let mut shown = self.0.lock().unwrap();
            writeln!(shown, "{error}").unwrap();
            source = error.source();
        }
    }
}

/// A projection that has looked at everything when it fails.
struct Clumsy {
    panics: bool,
}

#[projection(name = "clumsy")]
impl Clumsy {
    #[on]
    fn registered(&mut self, event: PersonRegistered<'_>) -> Result<(), std::io::Error> {
        let name = event.name.to_pii();
        assert!(!self.panics, "could not use {event:?} with {name:?}");
        Err(std::io::Error::other(format!(
            "could not use {name:?} of {event:?}"
        )))
    }
}

/// Gives what the person herself would be told.
fn live(store: &Store, words: &[String], shown: &Shown) -> String {
    let people = Repository::new(store);
    let mut ada = people.fresh::<Person>(ADA);
    ada.register(ADA, words[0].clone(), words[1].clone())
        .unwrap();
    ada.invoice(address(&words[2]), 5).unwrap();
    ada.refer(BOB, words[3].clone(), words[4].clone()).unwrap();
    ada.list(
        Some(words[5].clone()),
        vec![words[6].clone(), words[7].clone()],
    )
    .unwrap();
    shown.add(&ada.uncommitted());
    people.save(&mut ada).unwrap();
    shown.add(&load(store, ADA).name);
    catch_up(store);
    shown.add(&entry(store, ADA));
    shown.add(&member(store, ADA));
    store
        .read_log()
        .visit(|event| {
            let scratch = Scratch::new();
            for view in <PersonEvent as varvedb::Event>::decode(event, &scratch)
                .into_iter()
                .flatten()
            {
                shown.add(&view);
            }
            shown.add(event);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    for panics in [false, true] {
        let mut processor = Processor::new(store);
        processor.register(Clumsy { panics }).unwrap();
        if let Err(error) = processor.catch_up() {
            shown.error(&error);
        }
        shown.add(&processor.statuses());
    }
    let own = store.subject(subject(ADA)).export().unwrap().to_string();
    own + &store.subject(subject(BOB)).export().unwrap().to_string()
}

fn fail(registry: &Registry, shown: &Shown) {
    let store = Store::new(&varvedb::Store::open_read_only(registry.store()).unwrap());
    shown.error(&Repository::new(&store).load::<Person>(ADA).unwrap_err());
    shown.error(&store.tables::<Book>().unwrap().get(BOOK, &ADA).unwrap_err());
    drop(store);
    let store = registry.open();
    let receipt = store.shred(subject(ADA)).reason("asked").run().unwrap();
    shown.add(&receipt);
    let people = Repository::new(&store);
    let mut ada = people.load::<Person>(ADA).unwrap();
    ada.list(None, vec![]).unwrap();
    shown.error(&people.save(&mut ada).unwrap_err());
    shown.add(&store.subject(subject(ADA)).export().unwrap());
    shown.add(&store.keys().unwrap());
    shown.add(&registry.vault_options());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn no_word_of_a_person_is_anywhere_but_in_boxes(words in vec("[A-Z]{6}[0-9]{8}[a-z]{4}", 8)) {
        let registry = Registry::new();
        let shown = Shown::default();
        let told = tracing::subscriber::with_default(shown.listener(), || {
            let hook = std::panic::take_hook();
            let seen = shown.clone();
            std::panic::set_hook(Box::new(move |panic| seen.add(&panic.to_string())));
            let store = registry.open();
            let told = live(&store, &words, &shown);
            drop(store);
            fail(&registry, &shown);
            std::panic::set_hook(hook);
            told
        });
        let shown = shown.0.lock().unwrap();
        prop_assert!(shown.contains("could not use"), "the clumsy projection was heard");
        prop_assert!(shown.contains("Pii(•••)"));
        for word in &words {
            prop_assert!(!shown.contains(word.as_str()), "{word} is told in:\n{shown}");
            prop_assert!(files_with(registry.folder(), word.as_bytes()).is_empty(), "{word} is in a file");
        }
        for word in &words {
            prop_assert!(told.contains(word.as_str()), "otherwise not finding anything would mean nothing");
        }
    }
}
