//! Tokens of the API: 256 random bits, shown once, of which only the SHA-256 is kept. A token acts as the account
//! that made it, within its scopes: nobody makes one for somebody else but the console.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use plico_archive::read::{body, queue};
use plico_archive::{ActError, NewEvent, Work};
use plico_crypto::digest::sha256;
use plico_database::args;
use plico_record::act::SettingChanged;
use plico_record::actor::{Role, Who};
use plico_record::part::LoginPart;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// How a token begins, so that a leaked one is recognised by whoever scans for secrets.
pub const PREFIX: &str = "plico_";
/// Characters of a token: the prefix and 32 bytes in base64url.
pub const LENGTH: usize = PREFIX.len() + 43;
/// Days that a token may live at most.
const MOST_DAYS: u32 = 366;
/// Tokens of one account that work at one time.
const MOST_TOKENS: i64 = 20;
/// Use is noted at most this often (milliseconds): reading should not write.
const TOUCH_MS: i64 = 60_000;

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Send messages to offices.
    WriteMessages,
    /// Read messages and their state.
    ReadMessages,
    /// Download documents and receipts.
    ReadDocuments,
    /// Open deliveries: an act with effects, with the recipient's own token alone.
    OpenDeliveries,
    /// Fetch the leaves of the logs: for mirrors.
    ReadLog,
    /// Speak as the registry of another body: for its own program.
    Exchange,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::WriteMessages,
        Self::ReadMessages,
        Self::ReadDocuments,
        Self::OpenDeliveries,
        Self::ReadLog,
        Self::Exchange,
    ];

    /// The stable name.
    pub fn code(self) -> &'static str {
        match self {
            Self::WriteMessages => "messages:write",
            Self::ReadMessages => "messages:read",
            Self::ReadDocuments => "documents:read",
            Self::OpenDeliveries => "deliveries:open",
            Self::ReadLog => "log:read",
            Self::Exchange => "registries:exchange",
        }
    }

    /// Reads a name.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.code() == code)
    }
}

/// A token as it is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenForm {
    /// The account it acts as; empty for one's own.
    pub account: String,
    /// What it is for, in the words of whoever makes it.
    pub name: String,
    /// Names of scopes.
    pub scopes: Vec<String>,
    /// Days it lives, 1 to 366.
    pub days: u32,
}

/// A token in lists. The secret is not here, nor anywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Identifier.
    pub id: String,
    /// The account it acts as.
    pub account: String,
    /// Name of whose account it is.
    pub owner: String,
    /// What it is for.
    pub name: String,
    /// Names of scopes.
    pub scopes: Vec<String>,
    /// UTC milliseconds.
    pub created_ms: i64,
    /// UTC milliseconds.
    pub expires_ms: Option<i64>,
    /// UTC milliseconds.
    pub revoked_ms: Option<i64>,
    /// Last use, to the minute (UTC milliseconds).
    pub used_ms: Option<i64>,
}

/// Who calls with a token.
#[derive(Debug, Clone)]
pub struct Caller {
    /// As whom.
    pub actor: Actor,
    /// The token's identifier.
    pub token: String,
    /// What it is for, in the words of whoever made it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

type Row = (String, String, String, String, String, i64, Option<i64>, Option<i64>, Option<i64>);

const INSERT: &str =
    "insert into api_token (hash, id, administration, account, name, scopes, created_ms, expires_ms)
    values ($1, $2, $3, $4, $5, $6, $7, $8)";
const NAMED: &str = "select count(*) from api_token where administration = $1 and account = $2 and name = $3
    and revoked_ms is null and (expires_ms is null or expires_ms > $4)";
const LIVE: &str = "select count(*) from api_token where administration = $1 and account = $2
    and revoked_ms is null and (expires_ms is null or expires_ms > $3)";
macro_rules! tokens {
    ($where:literal) => {
        concat!(
            "select t.id, t.account, coalesce(o.name, p.name, ''), t.name, t.scopes, t.created_ms, t.expires_ms,
            t.revoked_ms, t.used_ms from api_token t left join operator o on o.account = t.account
            left join person p on p.id = t.account where ",
            $where
        )
    };
}

const LIST: &str = tokens!(
    "t.administration = $1
    and (cast($2 as text) is null or t.account = $2) order by t.created_ms desc, t.id limit 500"
);
const FIND: &str =
    tokens!("t.hash = $1 and t.revoked_ms is null and (t.expires_ms is null or t.expires_ms > $2)");
const REVOKE: &str =
    "update api_token set revoked_ms = $4 where administration = $1 and id = $2 and revoked_ms is null
    and (cast($3 as text) is null or account = $3)";
const TOUCH: &str = "update api_token set used_ms = $2 where id = $1";

fn token(row: Row) -> Token {
    let (id, account, owner, name, scopes, created_ms, expires_ms, revoked_ms, used_ms) = row;
    let scopes = scopes.split(' ').map(str::to_owned).collect();
    Token { id, account, owner, name, scopes, created_ms, expires_ms, revoked_ms, used_ms }
}

/// A token is its maker's, for whomever he works at the moment.
fn as_oneself(actor: &Actor) -> Actor {
    let mut actor = actor.clone();
    if let Who::Person { on_behalf_of, .. } = &mut actor.who {
        *on_behalf_of = None;
    }
    actor
}

impl Desk {
    /// Makes a token; answers the secret, which is shown once, and the token.
    pub async fn make_token(&self, actor: &Actor, form: TokenForm) -> Outcome<(String, Token)> {
        let account = if form.account.is_empty() { actor.account.clone() } else { form.account };
        // Whoever could make a token for another would be that other.
        if account != actor.account && !matches!(actor.who, Who::Console) {
            return refuse(Refusal::NotFound);
        }
        let administration = match self.home_of(&account).await? {
            Some(administration) if administration == actor.administration => administration,
            _ => return refuse(Refusal::NotFound),
        };
        let name = form.name.trim().to_owned();
        let mut errors = Vec::new();
        if name.is_empty() {
            errors.push(FieldError::required("name"));
        } else if name.chars().count() > 100 {
            errors.push(FieldError::too_long("name", 100));
        }
        if form.scopes.is_empty() {
            errors.push(FieldError::required("scopes"));
        }
        let asked: Option<Vec<Scope>> = form.scopes.iter().map(|code| Scope::parse(code)).collect();
        let Some(asked) = asked else {
            errors.push(FieldError::of("scopes", "unknown"));
            return refuse(Refusal::Invalid(errors));
        };
        if !(1..=MOST_DAYS).contains(&form.days) {
            errors.push(FieldError { field: "days", code: "number", limit: Some(u64::from(MOST_DAYS)) });
        }
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let scopes: Vec<String> = Scope::ALL
            .into_iter()
            .filter(|scope| asked.contains(scope))
            .map(|scope| scope.code().to_owned())
            .collect();
        let secret = format!("{PREFIX}{}", BASE64.encode(self.archive.entropy().bytes::<32>()));
        let (hash, actor) = (sha256(secret.as_bytes()), actor.clone());
        let made = self
            .archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let (id, now) = (work.new_id(), work.now_ms());
                    if work.tx.scalar_i64(LIVE, args![&administration, &account, now]).await? >= MOST_TOKENS {
                        let limit = Some(MOST_TOKENS.unsigned_abs());
                        let error = FieldError { field: "name", code: "too_many", limit };
                        return refuse(Refusal::Invalid(vec![error]));
                    }
                    // Also what stops a page that is sent twice: its secret was shown, and a second one is nobody's.
                    if work.tx.scalar_i64(NAMED, args![&administration, &account, &name, now]).await? > 0 {
                        return refuse(Refusal::Invalid(vec![FieldError::of("name", "taken")]));
                    }
                    let expires = now + i64::from(form.days) * 24 * 3_600_000;
                    let codes = scopes.join(" ");
                    work.tx
                        .execute(
                            INSERT,
                            args![hash, &id, &administration, &account, &name, codes, now, expires],
                        )
                        .await?;
                    let new = serde_json::json!({
                        "account": account, "name": name, "scopes": scopes, "expires": expires
                    });
                    let act = SettingChanged { name: format!("token.{id}"), old: None, new };
                    work.append(NewEvent::by(&as_oneself(&actor), "settings", act)).await?;
                    Ok(token((
                        id,
                        account,
                        actor.name,
                        name,
                        scopes.join(" "),
                        now,
                        Some(expires),
                        None,
                        None,
                    )))
                })
            })
            .await?;
        Ok((secret, made))
    }

    /// One's own tokens; the administrator sees all of the body's.
    pub async fn tokens(&self, actor: &Actor) -> Outcome<Vec<Token>> {
        let own = Self::only_own(actor);
        let rows: Vec<Row> = self.archive.database().all(LIST, args![&actor.administration, own]).await?;
        Ok(rows.into_iter().map(token).collect())
    }

    /// Ends a token: one's own, or as administrator any of the body's.
    pub async fn revoke_token(&self, actor: &Actor, id: &str) -> Outcome<()> {
        let (own, actor, id) = (Self::only_own(actor), actor.clone(), id.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    let now = work.now_ms();
                    if work.tx.execute(REVOKE, args![&actor.administration, &id, own, now]).await? == 0 {
                        return refuse(Refusal::NotFound);
                    }
                    let new = serde_json::json!({"revoked": now});
                    let act = SettingChanged { name: format!("token.{id}"), old: None, new };
                    work.append(NewEvent::by(&as_oneself(&actor), "settings", act)).await?;
                    Ok(())
                })
            })
            .await
    }

    /// Who calls with a secret; `None` when it is unknown, ended, or its account may no longer sign in.
    pub async fn token_actor(&self, secret: &str) -> Outcome<Option<Caller>> {
        if secret.len() != LENGTH || !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let now = self.archive.now_ms();
        let row: Option<Row> =
            self.archive.database().optional(FIND, args![sha256(secret.as_bytes()), now]).await?;
        let Some(found) = row.map(token) else { return Ok(None) };
        let login = LoginPart {
            v: 1,
            method: "token".into(),
            level: "token".into(),
            at: found.created_ms,
            evidence: serde_json::json!({"token": found.id, "scopes": found.scopes}),
        };
        let actor = match self.operator_actor(&found.account, Some(login.clone())).await? {
            Some(actor) => Some(actor),
            None => self.person_actor(&found.account, None, Some(login)).await?,
        };
        let Some(actor) = actor else { return Ok(None) };
        if found.used_ms.is_none_or(|used| used + TOUCH_MS <= now) {
            let id = found.id.clone();
            let touched = self
                .archive
                .act(move |work: &mut Work| {
                    Box::pin(async move {
                        work.tx.execute(TOUCH, args![id, now]).await?;
                        Ok::<_, ActError<Refusal>>(())
                    })
                })
                .await;
            // Where nothing can be written any more, reading goes on.
            if touched.is_err() {
                tracing::warn!("the use of a token could not be noted");
            }
        }
        let scopes = found.scopes.iter().filter_map(|code| Scope::parse(code)).collect();
        Ok(Some(Caller { actor, token: found.id, name: found.name, scopes }))
    }

    /// The administration with which an account may sign in.
    async fn home_of(&self, account: &str) -> Outcome<Option<String>> {
        let database = self.archive.database();
        if let Some(operator) = body::operator(database, account).await? {
            return Ok(operator.active.then_some(operator.administration));
        }
        Ok(queue::person(database, account).await?.map(|person| person.administration))
    }

    /// The account to which an actor's view of tokens is limited.
    fn only_own(actor: &Actor) -> Option<String> {
        let all = actor.has(Role::Administrator) || matches!(actor.who, Who::Console);
        (!all).then(|| actor.account.clone())
    }
}
