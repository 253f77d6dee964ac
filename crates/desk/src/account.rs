//! Who signs in: persons whose identity a gateway vouches for, operators with an account of ours. A session is made
//! by the application; here it becomes an actor, and the sign-in an event.

use plico_archive::read::{body, delegation, queue};
use plico_archive::{ActError, NewEvent, Work};
use plico_database::args;
use plico_record::act::{AccountContactChanged, AccountSignedIn};
use plico_record::actor::{Role, Who};
use plico_record::authority::{Deed, Thing};
use plico_record::fiscal::FiscalCode;
use plico_record::part::{LoginPart, Party};

use crate::delegation::stands;
use crate::refusal::{permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Who a gateway says is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Fiscal code.
    pub fiscal_code: FiscalCode,
    /// Name and surname, or company name.
    pub name: String,
    /// E-mail the identity provider knows.
    pub email: Option<String>,
}

/// An operator's secrets.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// PHC string.
    pub password: Option<String>,
    /// The secret of the second factor, opened.
    pub totp: Option<Vec<u8>>,
    /// The last step used.
    pub totp_step: i64,
}

const PERSON_OF_CODE: &str = "select id from person where administration = $1 and fiscal_code = $2";
const SECRET: &str = "select password, totp, totp_step from secret where account = $1";
const STEP: &str = "update secret set totp_step = $2 where account = $1 and totp_step < $2";
const SET_PASSWORD: &str = "insert into secret (account, password, totp) values ($1, $2, $3)
    on conflict (account) do update set password = excluded.password, totp = excluded.totp, totp_step = 0,
        invite_hash = null, invite_until_ms = null";
const INVITE: &str = "insert into secret (account, invite_hash, invite_until_ms) values ($1, $2, $3)
    on conflict (account) do update set invite_hash = excluded.invite_hash,
        invite_until_ms = excluded.invite_until_ms";
const INVITED: &str = "select account from secret where invite_hash = $1 and invite_until_ms > $2";
const END_SESSIONS: &str = "delete from session where account = $1";

/// How long a one-time link lives (milliseconds): two days.
const INVITE_MS: i64 = 2 * 24 * 3_600_000;

impl Desk {
    /// A person signs in with an administration: known by his fiscal code, or new. Answers his identifier.
    pub async fn person_signs_in(
        &self,
        administration: &str,
        identity: Identity,
        login: LoginPart,
    ) -> Outcome<String> {
        let administration = administration.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let code = identity.fiscal_code.as_str().to_owned();
                    let known = work.tx.scalar_text(PERSON_OF_CODE, args![&administration, &code]).await?;
                    let person = known.unwrap_or_else(|| work.new_id());
                    let actor = Actor {
                        administration,
                        account: person.clone(),
                        name: identity.name.clone(),
                        who: Who::Person {
                            person: person.clone(),
                            acts_for: vec![],
                            reads_for: vec![],
                            on_behalf_of: None,
                        },
                        login: Some(login.clone()),
                    };
                    let mut event = NewEvent::by(
                        &actor,
                        &person,
                        AccountSignedIn {
                            account: person.clone(),
                            kind: "person".into(),
                            level: format!("{} {}", login.method, login.level),
                        },
                    );
                    // A contact that the person chose here is not overwritten by the provider's.
                    event.parties = vec![Party {
                        v: 1,
                        role: "holder".into(),
                        person: person.clone(),
                        name: identity.name,
                        organisation: !identity.fiscal_code.is_person(),
                        fiscal_code: Some(code),
                        email: None,
                    }];
                    if work
                        .tx
                        .optional::<(String,)>(
                            "select id from person where id = $1 and email is not null",
                            args![&person],
                        )
                        .await?
                        .is_none()
                    {
                        event.parties[0].email = identity.email;
                    }
                    work.append(event).await?;
                    Ok(person)
                })
            })
            .await
    }

    /// Records that an operator signed in.
    pub async fn operator_signs_in(&self, account: &str, login: LoginPart) -> Outcome<()> {
        let Some(actor) = self.operator_actor(account, Some(login.clone())).await? else {
            return refuse(Refusal::NotFound);
        };
        let act = AccountSignedIn {
            account: account.into(),
            kind: "operator".into(),
            level: format!("{} {}", login.method, login.level),
        };
        let subject = account.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.append(NewEvent::by(&actor, subject, act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// The actor of a person's session. `acting_for` is whom he chose to act or to read for; without a mandate or a
    /// delegation it answers `None`.
    pub async fn person_actor(
        &self,
        person: &str,
        acting_for: Option<&str>,
        login: Option<LoginPart>,
    ) -> Outcome<Option<Actor>> {
        let database = self.archive.database();
        let Some(row) = queue::person(database, person).await? else { return Ok(None) };
        let (acts_for, reads_for) = delegation::in_force(database, person, &self.today()).await?;
        if acting_for.is_some_and(|other| !acts_for.iter().chain(&reads_for).any(|one| one == other)) {
            return Ok(None);
        }
        Ok(Some(Actor {
            administration: row.administration,
            account: row.id.clone(),
            name: row.name,
            who: Who::Person {
                person: row.id,
                acts_for,
                reads_for,
                on_behalf_of: acting_for.map(str::to_owned),
            },
            login,
        }))
    }

    /// The actor of an operator's session; `None` when he may no longer sign in.
    pub async fn operator_actor(&self, account: &str, login: Option<LoginPart>) -> Outcome<Option<Actor>> {
        let database = self.archive.database();
        let Some(row) = body::operator(database, account).await?.filter(|row| row.active) else {
            return Ok(None);
        };
        let offices = body::offices_of(database, account).await?;
        let all = body::offices(database, &row.administration).await?;
        let protocol_office = all.iter().any(|office| office.protocol && offices.contains(&office.id));
        Ok(Some(Actor {
            administration: row.administration,
            account: row.account,
            name: row.name,
            who: Who::Staff {
                roles: row.roles.split(',').filter_map(Role::parse).collect(),
                offices,
                protocol_office,
            },
            login,
        }))
    }

    /// The active operators with a login name: at most one of each administration.
    pub async fn operators_by_login(&self, login: &str) -> Outcome<Vec<body::Operator>> {
        Ok(body::by_login(self.archive.database(), &login.trim().to_lowercase()).await?)
    }

    /// An operator's secrets.
    pub async fn secrets(&self, account: &str) -> Outcome<Option<Secrets>> {
        let row: Option<(Option<String>, Option<Vec<u8>>, i64)> =
            self.archive.database().optional(SECRET, args![account]).await?;
        let Some((password, totp, totp_step)) = row else { return Ok(None) };
        let totp = match totp {
            Some(wrapped) => {
                let epoch = wrapped.get(..4).and_then(|e| e.try_into().ok()).map_or(1, u32::from_be_bytes);
                let secret =
                    self.archive.unwrap("", epoch, &format!("totp:{account}"), &wrapped[4..]).await?;
                Some(secret.to_vec())
            }
            None => None,
        };
        Ok(Some(Secrets { password, totp, totp_step }))
    }

    /// Uses a step of the second factor; `false` when it was used before.
    pub async fn use_totp_step(&self, account: &str, step: u64) -> Outcome<bool> {
        let account = account.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move { Ok(work.tx.execute(STEP, args![account, step]).await? > 0) })
            })
            .await
    }

    /// Sets password (a PHC string) and second factor; every session of the account ends.
    pub async fn set_secrets(&self, account: &str, password: String, totp: Option<&[u8]>) -> Outcome<()> {
        let wrapped = match totp {
            Some(secret) => {
                let (epoch, wrapped) = self.archive.wrap("", &format!("totp:{account}"), secret).await?;
                Some([epoch.to_be_bytes().to_vec(), wrapped].concat())
            }
            None => None,
        };
        let account = account.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.execute(SET_PASSWORD, args![&account, password, wrapped]).await?;
                    work.tx.execute(END_SESSIONS, args![&account]).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Makes a one-time link's secret for an account; only its hash is kept.
    pub async fn invite(&self, account: &str) -> Outcome<[u8; 32]> {
        if body::operator(self.archive.database(), account).await?.is_none() {
            return refuse(Refusal::NotFound);
        }
        let secret: [u8; 32] = self.archive.entropy().bytes();
        let account = account.to_owned();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let until = work.now_ms() + INVITE_MS;
                    let hash = plico_crypto::digest::sha256(&secret);
                    work.tx.execute(INVITE, args![account, hash, until]).await?;
                    Ok::<_, ActError<Refusal>>(())
                })
            })
            .await?;
        Ok(secret)
    }

    /// The account a one-time link belongs to, while it lives.
    pub async fn invited(&self, secret: &[u8]) -> Outcome<Option<String>> {
        let hash = plico_crypto::digest::sha256(secret);
        let now = self.archive.now_ms();
        Ok(self.archive.database().scalar_text(INVITED, args![hash, now]).await?)
    }

    /// Changes where a person gets courtesy notices.
    pub async fn change_contact(&self, actor: &Actor, email: &str) -> Outcome<()> {
        let Some(row) = queue::person(self.archive.database(), actor.person().unwrap_or_default()).await?
        else {
            return refuse(Refusal::NotFound);
        };
        let account = Thing::Person { administration: row.administration.clone(), person: row.id.clone() };
        permit(actor, Deed::ManageAccount, &account)?;
        let email = email.trim();
        if !email.is_empty()
            && (!email.contains('@') || email.len() > 254 || email.contains(char::is_whitespace))
        {
            return refuse(Refusal::Invalid(vec![FieldError::of("email", "email")]));
        }
        let actor = actor.clone();
        let party = Party {
            v: 1,
            role: "holder".into(),
            person: row.id.clone(),
            name: row.name,
            fiscal_code: row.fiscal_code,
            email: Some(email.to_owned()),
            organisation: row.organisation,
        };
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    stands(work, &actor).await?;
                    let mut event = NewEvent::by(
                        &actor,
                        &party.person,
                        AccountContactChanged { account: party.person.clone() },
                    );
                    event.parties = vec![party];
                    work.append(event).await?;
                    Ok(())
                })
            })
            .await
    }
}
