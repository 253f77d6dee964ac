//! A person shows that an address of certified mail is his: a code goes there, and he brings it. From then on what comes from it
//! is his own, and what goes to it is in his inbox too.

use plico_archive::read::{address, queue};
use plico_archive::{ActError, NewEvent, Work};
use plico_courier::pec::Post;
use plico_courier::pec::daticert::Extent;
use plico_courier::pec::send::is_address;
use plico_crypto::secret::ct_eq;
use plico_database::args;
use plico_locale::{Args, Lang};
use plico_record::act::{AccountAddressDropped, AccountAddressProven};
use plico_record::authority::{Deed, Thing};

use crate::delegation::stands;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Addresses of one person.
const MOST: usize = 3;
/// How long a code is good (milliseconds).
const GOOD_MS: i64 = 24 * 3_600_000;
/// How often one may be mistaken.
const TRIES: i64 = 5;
/// One code in this time (milliseconds): each is a certified message.
const APART_MS: i64 = 600_000;
/// After so long an address is to be shown anew (milliseconds): two years. Providers give them up, and to others.
const STANDS_MS: i64 = 2 * 365 * 24 * 3_600_000;
/// How the identifier of a message with a code begins.
pub(crate) const CODE_ID: &str = "codice-";

const PENDING: &str = "select address, code, until_ms, tries from address_code where person = $1";
const PUT: &str = "insert into address_code (person, administration, address, code, until_ms, tries)
    values ($1, $2, $3, $4, $5, 0) on conflict (person) do update set address = excluded.address,
        code = excluded.code, until_ms = excluded.until_ms, tries = 0";
const TRIED: &str = "update address_code set tries = tries + 1 where person = $1";
const DONE: &str = "delete from address_code where person = $1";

/// What a person is known by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addresses {
    /// Each with when he showed it (UTC milliseconds), and whether that is too long ago.
    pub proven: Vec<(String, i64, bool)>,
    /// Where a code went that was not brought yet.
    pub pending: Option<String>,
}

impl Desk {
    fn may_prove(actor: &Actor) -> Outcome<String> {
        let person = Self::own(actor)?;
        let account = Thing::Person { administration: actor.administration.clone(), person: person.clone() };
        permit(actor, Deed::ManageAccount, &account)?;
        Ok(person)
    }

    /// The actor's own addresses.
    pub async fn addresses(&self, actor: &Actor) -> Outcome<Addresses> {
        let person = Self::own(actor)?;
        let (database, now) = (self.archive.database(), self.archive.now_ms());
        let since = now - STANDS_MS;
        let proven = address::of_person(database, &person).await?;
        let row: Option<(String, String, i64, i64)> =
            database.optional(PENDING, args![person]).await.map_err(plico_archive::ArchiveError::from)?;
        let pending = row.filter(|row| row.2 > now && row.3 < TRIES).map(|row| row.0);
        Ok(Addresses {
            proven: proven.into_iter().map(|(address, at)| (address, at, at < since)).collect(),
            pending,
        })
    }

    /// Orders a code to an address that the actor says is his; asked again within ten minutes it is the same one.
    pub async fn order_address_code(&self, actor: &Actor, typed: &str) -> Outcome<()> {
        let person = Self::may_prove(actor)?;
        let typed = typed.trim().to_lowercase();
        let wrong = |code| refuse(Refusal::Invalid(vec![FieldError::of("pec", code)]));
        if typed.is_empty() {
            return wrong("required");
        }
        if !is_address(&typed) {
            return wrong("email");
        }
        let known = address::of_person(self.archive.database(), &person).await?;
        if known.len() >= MOST && !known.iter().any(|one| one.0 == typed) {
            let error = FieldError { field: "pec", code: "too_many_addresses", limit: Some(MOST as u64) };
            return refuse(Refusal::Invalid(vec![error]));
        }
        let random = u64::from_be_bytes(self.archive.entropy().bytes());
        let (actor, code) = (actor.clone(), format!("{:08}", random % 100_000_000));
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    let now = work.now_ms();
                    let before: Option<(String, String, i64, i64)> =
                        work.tx.optional(PENDING, args![&person]).await?;
                    if before.is_some_and(|row| row.0 == typed && row.2 > now + GOOD_MS - APART_MS) {
                        return Ok(());
                    }
                    let key = format!("address-code/{person}/{}", now / APART_MS);
                    let row = args![&person, &actor.administration, typed, code, now + GOOD_MS];
                    work.tx.execute(PUT, row).await?;
                    let payload = serde_json::json!({"v": 1, "person": person});
                    work.enqueue("address-code", &key, &actor.administration, &payload)?;
                    Ok(())
                })
            })
            .await
    }

    /// The message with a person's code; `None` when none is to go any more.
    pub async fn address_code_post(&self, administration: &str, person: &str) -> Outcome<Option<Post>> {
        let database = self.archive.database();
        let row: Option<(String, String, i64, i64)> =
            database.optional(PENDING, args![person]).await.map_err(plico_archive::ArchiveError::from)?;
        let now = self.archive.now_ms();
        let Some((to, code, until, _)) = row.filter(|row| row.2 > now) else { return Ok(None) };
        let args = Args::new()
            .with("body", self.body_name(administration).await?)
            .with("code", format!("{} {}", &code[..4], &code[4..]))
            .with("link", format!("{}/profilo", self.public_url));
        let words = |key: &str| self.catalogue.text(Lang::It, key, &args);
        Ok(Some(Post {
            id: format!("{CODE_ID}{}.{until}", &person[..person.len().min(30)]),
            instant_ms: now,
            to: vec![to],
            subject: words("address-code-subject"),
            text: words("address-code-text"),
            files: Vec::new(),
            extent: Extent::Brief,
        }))
    }

    /// The actor brings the code that came to his address.
    pub async fn prove_address(&self, actor: &Actor, typed: &str) -> Outcome<()> {
        let person = Self::may_prove(actor)?;
        let typed: String = typed.chars().filter(char::is_ascii_digit).take(20).collect();
        let actor = actor.clone();
        let right = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    let row: Option<(String, String, i64, i64)> =
                        work.tx.optional(PENDING, args![&person]).await?;
                    let now = work.now_ms();
                    let Some((address, code, _, _)) = row.filter(|row| row.2 > now && row.3 < TRIES) else {
                        return refuse(Refusal::Invalid(vec![FieldError::of("code", "code_over")]));
                    };
                    if !ct_eq(code.as_bytes(), typed.as_bytes()) {
                        // Counted for good: a refusal would take it back.
                        work.tx.execute(TRIED, args![&person]).await?;
                        return Ok(false);
                    }
                    work.tx.execute(DONE, args![&person]).await?;
                    let act = AccountAddressProven { account: person.clone(), address };
                    work.append(NewEvent::by(&actor, &person, act)).await?;
                    Ok::<_, ActError<Refusal>>(true)
                })
            })
            .await?;
        if right { Ok(()) } else { refuse(Refusal::Invalid(vec![FieldError::of("code", "code_wrong")])) }
    }

    /// The actor is not known by one of his addresses any more.
    pub async fn drop_address(&self, actor: &Actor, typed: &str) -> Outcome<()> {
        let person = Self::may_prove(actor)?;
        let known = address::of_person(self.archive.database(), &person).await?;
        let Some((address, _)) = known.into_iter().find(|one| one.0 == typed) else {
            return refuse(Refusal::NotFound);
        };
        let act = AccountAddressDropped { account: person.clone(), address };
        self.append_one(NewEvent::by(actor, &person, act)).await
    }

    /// The one person who showed, not too long ago, that a certified address is his.
    pub(crate) async fn person_of_address(
        &self,
        administration: &str,
        typed: &str,
    ) -> Outcome<Option<queue::PersonRow>> {
        let since = self.archive.now_ms() - STANDS_MS;
        Ok(address::person_of(self.archive.database(), administration, typed, since).await?)
    }

    /// The certified address by which a person is answered: the last that he showed.
    pub async fn answered_at(&self, person: &str) -> Outcome<Option<String>> {
        let since = self.archive.now_ms() - STANDS_MS;
        let known = address::of_person(self.archive.database(), person).await?;
        Ok(known.into_iter().find(|one| one.1 >= since).map(|one| one.0))
    }
}
