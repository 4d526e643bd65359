//! Shredding: the data keys of a person are destroyed, and the log says so.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tokio::sync::oneshot;

use super::shreds::Recorded;
use super::{ShredReceipt, SubjectEvent};
use crate::error::StorageError;
use crate::pii::Subject;
use crate::position::Position;
use crate::store::Store;
use crate::store::append::AppendError;
use crate::store::writer::Job;
use crate::stream::Category;
use crate::vault::{Erased, VaultError};

/// A shred to come; it happens when it is awaited.
#[derive(Clone, Debug)]
#[must_use = "nothing is shredded until it is awaited"]
pub struct Shred<'a> {
    store: &'a Store,
    request: ShredRequest,
}

/// Who is to be shredded, for what, and why.
#[derive(Clone, Debug)]
pub(crate) struct ShredRequest {
    pub(crate) subject: Subject,
    pub(crate) purpose: Option<String>,
    pub(crate) reason: String,
    /// Nothing new: what the vault has begun, with this as its last tombstone, is finished and written down.
    pub(crate) finishes: Option<u64>,
}

/// What the writer thread has done.
#[derive(Clone, Debug)]
pub(crate) struct Shredded {
    pub(crate) erased: Erased,
    pub(crate) position: Position,
}

/// Why a subject was not shredded, or not wholly.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ShredError {
    /// The store was opened without its key vault.
    #[error(
        "keys are in the vault, and the store was opened without one; name it: `Store::options().vault(..)`"
    )]
    NoVault,
    /// This process opened the store for reading.
    #[error("the store was opened read-only")]
    ReadOnly,
    /// The vault has never had a key of this subject, for this purpose.
    #[error(
        "the key vault never had a data key of {subject}{}; look whether the id and the purpose are right",
        .purpose.as_ref().map_or(String::new(), |purpose| format!(" for the purpose `{purpose}`"))
    )]
    NotFound {
        /// Who was asked for.
        subject: Subject,
        /// For what.
        purpose: Option<String>,
    },
    /// The vault failed; whether keys were erased is found out by asking again.
    #[error(transparent)]
    Vault(VaultError),
    /// The keys are gone, but the log does not say so yet: ask again, or reopen the store, which completes it.
    #[error(
        "the data keys of {subject} are destroyed, but that could not be written down: {source}; shred again, or reopen the store, which completes it"
    )]
    Incomplete {
        /// Who was shredded.
        subject: Subject,
        /// Why it could not be written down.
        source: Box<AppendError>,
    },
    /// The keys are gone from the vault and the log says so, but the root, which is held elsewhere, could not be
    /// replaced: with copies of the vault's files that were made before, the keys can still be had.
    #[error(
        "the data keys of {} are destroyed and that is written down, but the root key could not be replaced, so \
         older copies of the key vault still have them: {source}; shred again, or reopen the store, which \
         replaces it",
        .receipt.subject
    )]
    RootKept {
        /// What was done.
        receipt: Box<ShredReceipt>,
        /// Why the root could not be replaced.
        source: VaultError,
    },
    /// The disk or the store failed before anything was erased, or while rows were cleared afterwards.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Store {
    /// Destroys the data keys of a person: what was sealed under them can be read no more, in this store, in any
    /// backup of it, by anybody. Everything else stays as it is.
    ///
    /// For all purposes, unless one is named. It is ordered with appends: what was appended before is shredded,
    /// and from then on nothing personal of theirs is taken, until [`reenroll`](Self::reenroll). To shred again
    /// does no harm, and completes what a crash has left half done. `docs/privacy.md` says under which assumptions
    /// this holds.
    ///
    /// ```
    /// # use varvedb::prelude::*;
    /// # use varvedb::{MasterKey, Subject, VaultOptions};
    /// # #[derive(VarveId, Clone, Copy, Debug, PartialEq)]
    /// # #[varve(subject = "person")]
    /// # struct PersonId(u64);
    /// # #[derive(VarveEvent)]
    /// # #[varve(stream = "person")]
    /// # enum PersonEvent { Registered { #[stream_id] id: PersonId, #[pii] email: Pii<String> } }
    /// # struct Person;
    /// # #[aggregate(id = PersonId, event = PersonEvent, error = std::convert::Infallible)]
    /// # impl Person {
    /// #     #[command]
    /// #     fn register(id: PersonId, email: String) -> Result<PersonEvent, std::convert::Infallible> {
    /// #         Ok(PersonEvent::Registered { id, email: email.into() })
    /// #     }
    /// #     #[apply]
    /// #     fn registered(_: PersonRegistered<'_>) -> Self { Self }
    /// # }
    /// # let folder = tempfile::tempdir()?;
    /// # let vault = VaultOptions::new(folder.path().join("people.keys"), MasterKey::generate()?);
    /// # let store = Store::options().vault(vault).open(folder.path().join("people.varve"))?;
    /// # let people = Repository::new(&store);
    /// # let person = PersonId(4711);
    /// # pollster::block_on(async {
    /// # let mut ada = people.fresh::<Person>(person);
    /// # ada.register(person, "ada@example.org".into())?;
    /// # people.save(&mut ada).await?;
    /// let receipt = store.shred(Subject::of(&person)?).reason("request 12").await?;
    /// assert_eq!(receipt.keys_erased, 1);
    /// assert!(receipt.to_string().starts_with("person-4711 was shredded for all purposes."));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn shred(&self, subject: Subject) -> Shred<'_> {
        Shred {
            store: self,
            request: ShredRequest::of(subject),
        }
    }
}

impl Shred<'_> {
    /// Only what is used for this purpose.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.request.purpose = Some(purpose.into());
        self
    }

    /// Why: written down for good, in the clear, so nothing personal belongs here.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.request.reason = reason.into();
        self
    }

    async fn run(self) -> Result<ShredReceipt, ShredError> {
        let Self { store, request } = self;
        request.check()?;
        let custody = store.readable()?.custody().ok_or(ShredError::NoVault)?;
        let ShredRequest {
            subject, purpose, ..
        } = request.clone();
        let Shredded { erased, position } = store.ask_to_shred(request).await?;
        let cleared = store.clear_boxes(&erased.keys)?;
        let rolled = custody.vault.roll_if_owed();
        let receipt = ShredReceipt {
            subject,
            purpose,
            keys_erased: erased.keys_erased,
            keys_gone: erased.keys.len(),
            replicas: erased.replicas,
            media: erased.media,
            root_rolled: custody.vault.has_external_root() && rolled.is_ok(),
            position,
            snapshots_removed: cleared.snapshots,
            rows_cleared: cleared.rows,
        };
        match rolled {
            Ok(()) => Ok(receipt),
            Err(source) => Err(ShredError::RootKept {
                receipt: Box::new(receipt),
                source,
            }),
        }
    }
}

impl<'a> IntoFuture for Shred<'a> {
    type Output = Result<ShredReceipt, ShredError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl Store {
    pub(super) async fn ask_to_shred(&self, request: ShredRequest) -> Result<Shredded, ShredError> {
        let (reply, answer) = oneshot::channel();
        self.send(Job::Shred(request, reply)).await?;
        answer.await.map_err(|_| self.writer_is_gone())?
    }
}

impl ShredRequest {
    /// For all purposes, without a word why.
    pub(super) fn of(subject: Subject) -> Self {
        Self {
            subject,
            purpose: None,
            reason: String::new(),
            finishes: None,
        }
    }

    /// Purposes are named like categories; one that is not cannot be anybody's, and must not get into the log.
    pub(super) fn check(&self) -> Result<(), ShredError> {
        match &self.purpose {
            Some(purpose) if Category::new(purpose).is_err() => Err(ShredError::NotFound {
                subject: self.subject.clone(),
                purpose: self.purpose.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// What the log is told when these keys are gone.
    pub(crate) fn event(&self, erased: &Erased) -> SubjectEvent {
        SubjectEvent::Shredded {
            subject: (&self.subject).into(),
            purpose: self.purpose.clone(),
            reason: self.reason.clone(),
            keys: erased
                .keys
                .iter()
                .map(|key| uuid::Uuid::from_bytes(key.0))
                .collect(),
        }
    }

    /// The same, as the log will have it.
    pub(crate) fn recorded(&self, erased: &Erased) -> Recorded {
        Recorded {
            subject: self.subject.clone(),
            purpose: self.purpose.clone(),
            keys: erased.keys.clone(),
        }
    }

    /// Why the vault did not erase.
    pub(crate) fn refused(&self, error: VaultError) -> ShredError {
        match error {
            VaultError::UnknownSubject { .. } => ShredError::NotFound {
                subject: self.subject.clone(),
                purpose: self.purpose.clone(),
            },
            other => ShredError::Vault(other),
        }
    }
}

impl From<AppendError> for ShredError {
    /// Of an append that was refused before the writer had it.
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::ReadOnly => Self::ReadOnly,
            AppendError::Storage(error) => Self::Storage(error),
            other => Self::Storage(StorageError::index("shred a subject", other)),
        }
    }
}
