//! A card for the wallet of a telephone: an Apple pass signed with the body's certificate, a Google Wallet link signed with the
//! body's account. Each is offered only where it is configured, and made only when its holder asks.

use std::sync::{Arc, PoisonError};

use plico_archive::read::card::CardRow;
use plico_card::jws::{Header, signed, to_sign};
use plico_card::pass::Pass;
use plico_crypto::digest::sha256;
use plico_locale::{Args, Lang};
use plico_package::bundle;
use plico_record::day::LegalDay;
use plico_signature::seal::RsaKey;
use plico_signature::{Making, SealError, Sealer, oid};

use crate::refusal::{fault, refuse};
use crate::{Actor, Desk, Outcome, Refusal};

/// Where a saved card is taken; the token follows.
const SAVE: &str = "https://pay.google.com/gp/v/save/";

/// What the body has with Apple.
#[derive(Debug)]
pub struct Apple {
    sealer: Sealer,
    kind: String,
    team: String,
}

impl Apple {
    /// With a Pass Type ID certificate and those above it: the certificate says which type of pass, and whose team.
    pub fn new(sealer: Sealer) -> Result<Option<Self>, SealError> {
        let attribute = |id: &[u8]| sealer.subject_attribute(id);
        let (kind, team) = (attribute(oid::USER_ID)?, attribute(oid::ORGANIZATIONAL_UNIT)?);
        Ok(kind.zip(team).map(|(kind, team)| Self { sealer, kind, team }))
    }
}

/// What the body has with Google.
#[derive(Debug)]
pub struct Google {
    /// Number of the issuer.
    pub issuer: String,
    /// The service account's address.
    pub email: String,
    /// Its key.
    pub key: RsaKey,
}

/// The wallets for which cards are made.
#[derive(Debug, Default)]
pub struct Wallets {
    /// Apple's.
    pub apple: Option<Apple>,
    /// Google's.
    pub google: Option<Google>,
}

/// The colours of the style sheet.
fn colour(name: &str) -> [u8; 3] {
    match name {
        "blue" => [0x00, 0x66, 0xcc],
        "green" => [0x00, 0x61, 0x4a],
        "red" => [0xa3, 0x20, 0x35],
        "purple" => [0x5b, 0x2d, 0x8e],
        _ => [0x43, 0x50, 0x5c],
    }
}

impl Desk {
    /// Sets the wallets for which cards are made.
    pub fn make_for_wallets(&self, wallets: Wallets) {
        *self.wallets.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(wallets);
    }

    fn wallets(&self) -> Arc<Wallets> {
        Arc::clone(&self.wallets.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether cards are made for Apple's wallet, and for Google's.
    pub fn wallets_offered(&self) -> (bool, bool) {
        let wallets = self.wallets();
        (wallets.apple.is_some(), wallets.google.is_some())
    }

    /// The card of a holder, and what a pass of it says.
    async fn pass_of(&self, actor: &Actor, id: &str, lang: Lang) -> Outcome<(CardRow, Said)> {
        let row = self.card(actor, id).await?;
        let kind = self.card_type(&row.administration, &row.kind).await?;
        let opaque = kind.as_ref().is_some_and(|kind| kind.opaque);
        let until = LegalDay::parse(&row.valid_until).map_or(row.issued_ms, LegalDay::end_ms);
        let text = |key: &str| self.catalogue.text(lang, key, &Args::new());
        let said = Said {
            body: self.body_name(&row.administration).await?,
            until: plico_signature::instant::rfc3339(until),
            // Of a card that tells nobody the number alone leaves the house.
            fields: if opaque { Vec::new() } else { row.fields() },
            holder: (!opaque).then(|| row.holder_name.clone()),
            colour: colour(kind.as_ref().map_or("", |kind| kind.colour.as_str())),
            void: row.state(&self.today()) == "revoked",
            labels: [text("card-holder"), text("card-number")],
        };
        Ok((row, said))
    }

    /// The card as an Apple pass: its name, and the file.
    pub async fn apple_pass(&self, actor: &Actor, id: &str, lang: Lang) -> Outcome<(String, Vec<u8>)> {
        let (row, said) = self.pass_of(actor, id, lang).await?;
        let wallets = self.wallets();
        if wallets.apple.is_none() {
            return refuse(Refusal::NotFound);
        }
        let at_ms = self.archive.now_ms();
        let name = format!("{} {}.pkpass", row.name, row.number);
        let made = tokio::task::spawn_blocking(move || {
            let Some(apple) = &wallets.apple else { return refuse(Refusal::NotFound) };
            let mut files = said.pass(&row).files(&apple.kind, &apple.team);
            let manifest = files.last().map(|(_, bytes)| sha256(bytes)).unwrap_or_default();
            let signature = apple.sealer.cades_detached(&manifest, &Making::at(at_ms)).map_err(fault)?;
            files.push(("signature".to_owned(), signature));
            bundle::plain(&files).map_err(fault)
        });
        Ok((name, made.await.map_err(fault)??))
    }

    /// The address at which the card is saved to Google Wallet. What it says goes there when its holder follows it.
    pub async fn google_link(&self, actor: &Actor, id: &str, lang: Lang) -> Outcome<String> {
        let (row, said) = self.pass_of(actor, id, lang).await?;
        let wallets = self.wallets();
        let Some(google) = &wallets.google else { return refuse(Refusal::NotFound) };
        let now_s = self.archive.now_ms() / 1000;
        let claims = said.pass(&row).google(&google.email, &google.issuer, &self.public_url, now_s);
        let header = Header { alg: "RS256".into(), typ: "JWT".into(), ..Header::default() };
        let text = to_sign(&header, &claims);
        let signature = google.key.sign(text.as_bytes()).map_err(fault)?;
        Ok(format!("{SAVE}{}", signed(&text, &signature)))
    }
}

struct Said {
    body: String,
    until: String,
    fields: Vec<(String, String)>,
    holder: Option<String>,
    colour: [u8; 3],
    void: bool,
    labels: [String; 2],
}

impl Said {
    fn pass<'a>(&'a self, row: &'a CardRow) -> Pass<'a> {
        Pass {
            id: &row.id,
            body: &self.body,
            name: &row.name,
            number: &row.number,
            holder: self.holder.as_deref(),
            fields: &self.fields,
            until: &self.until,
            void: self.void,
            code: &row.code,
            colour: self.colour,
            labels: [&self.labels[0], &self.labels[1]],
        }
    }
}
