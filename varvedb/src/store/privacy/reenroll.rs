//! Re-enrolment: a person who was shredded may have new data. What was shredded stays so.

use std::future::{Future, IntoFuture};
use std::pin::Pin;

use tokio::sync::oneshot;

use super::shred::ShredRequest;
use super::{ShredError, SubjectEvent};
use crate::pii::Subject;
use crate::position::Position;
use crate::store::Store;
use crate::store::writer::Job;

/// A re-enrolment to come; it happens when it is awaited.
#[derive(Clone, Debug)]
#[must_use = "nobody is enrolled until it is awaited"]
pub struct Reenroll<'a> {
    store: &'a Store,
    request: ShredRequest,
}

impl Store {
    /// Lets a person who was shredded have new personal data, under new keys: the deliberate act without which
    /// it is refused. What was shredded stays so. Gives the position of the
    /// [`SubjectReenrolled`](super::SubjectReenrolled) event.
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
    /// #     #[command]
    /// #     fn return_as(&self, id: PersonId, email: String) -> Result<PersonEvent, std::convert::Infallible> {
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
    /// # let _ = store.shred(Subject::of(&person)?).await?;
    /// let mut ada = people.load::<Person>(person).await?;
    /// ada.return_as(person, "ada@example.org".into())?;
    /// assert!(people.save(&mut ada).await.is_err()); // nothing personal is taken of who was shredded
    ///
    /// store.reenroll(Subject::of(&person)?).reason("opened an account again").await?;
    /// people.save(&mut ada).await?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn reenroll(&self, subject: Subject) -> Reenroll<'_> {
        Reenroll {
            store: self,
            request: ShredRequest::of(subject),
        }
    }
}

impl Reenroll<'_> {
    /// Only for this purpose.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.request.purpose = Some(purpose.into());
        self
    }

    /// Why: written down for good, in the clear, so nothing personal belongs here.
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.request.reason = reason.into();
        self
    }

    async fn run(self) -> Result<Position, ShredError> {
        let Self { store, request } = self;
        request.check()?;
        let (reply, answer) = oneshot::channel();
        store.send(Job::Reenroll(request, reply)).await?;
        answer.await.map_err(|_| store.writer_is_gone())?
    }
}

impl ShredRequest {
    /// What the log is told when this subject may have new keys.
    pub(crate) fn enrolment(&self) -> SubjectEvent {
        SubjectEvent::Reenrolled {
            subject: (&self.subject).into(),
            purpose: self.purpose.clone(),
            reason: self.reason.clone(),
        }
    }
}

impl<'a> IntoFuture for Reenroll<'a> {
    type Output = Result<Position, ShredError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
