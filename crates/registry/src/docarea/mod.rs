#![doc = include_str!("README.md")]

mod dialect;
pub(crate) mod profile;
pub mod simulator;
mod words;

use async_trait::async_trait;
use bytes::Bytes;
use plico_courier::http::HttpError;

use crate::dates::iso;
use crate::order::{Abilities, File, Finding, Numbered, Order, SoFar, Way, key_in};
use crate::packing;
use crate::seam::{Contents, Found, Read, Registry, Trouble};
use crate::soap::{self, Node};
use crate::wire::{self, Access, Line, Session, Talk};

use dialect::Asked;
pub use dialect::Dialect;

/// The client.
#[derive(Debug)]
pub struct DocArea {
    access: Access,
    line: Line,
    dialect: Dialect,
    session: Session,
}

impl DocArea {
    /// A client of a dialect as `access` says.
    pub fn new(dialect: Dialect, access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access, dialect, session: Session::default() })
    }

    /// Asks, signed in; once more where the token had expired, which is said before anything is done.
    async fn ask(&self, asked: &Asked<'_>, talk: &mut Talk) -> Result<Node, Trouble> {
        let mut refused = None;
        for again in [false, true] {
            let token = self.session.token(refused.as_deref(), self.sign_in(talk)).await?;
            match self.send(asked, &token, talk).await {
                Err(Trouble::Refused { code, words }) if !again && self.expired(&code, &words) => {
                    refused = Some(token);
                }
                other => return other,
            }
        }
        Err(Trouble::NotAsked("the token expires as soon as it is given".into()))
    }

    async fn sign_in(&self, talk: &mut Talk) -> Result<String, Trouble> {
        let answer = self.send(&Asked::Login, "", talk).await?;
        let token = answer.said("strDST").map(str::to_owned);
        let token = token.ok_or_else(|| Trouble::NotAsked("signing in gave no token".into()))?;
        talk.strike(&token);
        Ok(token)
    }

    async fn send(&self, asked: &Asked<'_>, token: &str, talk: &mut Talk) -> Result<Node, Trouble> {
        let (operation, harmless) = (asked.operation(), asked.harmless());
        let packed = self.dialect.request(asked, &self.access, token)?;
        let call =
            packing::call(operation, &self.access.url, &self.dialect.action(operation), packed, harmless);
        let answer = self.line.ask(call, &[token, &soap::escape(token)], talk).await?;
        let body = soap::answered(&answer, harmless).and_then(|body| self.outcome(body, harmless));
        body.map_err(|trouble| self.line.discreet(trouble))
    }

    /// What the error number says. One that comes with a number, and one that says neither yes nor no, is a doubt.
    fn outcome(&self, body: Node, harmless: bool) -> Result<Node, Trouble> {
        let error: Option<i64> = long(&body, "ErrNumber");
        match error {
            Some(0) => Ok(body),
            Some(error) => {
                let said = body.said("strErrString").unwrap_or_default();
                let known = (self.dialect == Dialect::Halley).then(|| words::halley(error)).flatten();
                let words = [said, known.unwrap_or_default()];
                let words: Vec<&str> = words.into_iter().filter(|words| !words.is_empty()).collect();
                let words: String = words.join(": ").chars().take(500).collect();
                let numbered = long::<u64>(&body, "NumPG").is_some_and(|number| number > 0);
                let halley = self.dialect == Dialect::Halley && words::may_have_numbered(error);
                if numbered || halley {
                    return Err(wire::unclear(&format!("{error}: {words}"), harmless));
                }
                Err(Trouble::Refused { code: error.to_string(), words })
            }
            None => Err(wire::unclear("the answer does not say whether it was done", harmless)),
        }
    }

    /// Whether an error speaks of the token: vendors have numbers of their own, and words.
    fn expired(&self, code: &str, words: &str) -> bool {
        let words = words.to_lowercase();
        let configured = self.access.option("expired_codes", "");
        ["dst", "token", "session"].iter().any(|word| words.contains(word))
            || configured.split(',').any(|known| known.trim() == code)
    }
}

/// A number whose name begins with `lng`, or with a capital i in one dialect.
fn long<N: std::str::FromStr>(body: &Node, name: &str) -> Option<N> {
    body.number(&format!("lng{name}")).or_else(|| body.number(&format!("Ing{name}")))
}

#[async_trait]
impl Registry for DocArea {
    fn can(&self) -> Abilities {
        Abilities {
            way: Way::FilesFirst,
            finding: if self.dialect.reads() { Finding::ByNumber } else { Finding::Never },
            numbers_once: false,
            out: true,
            annul: false,
            case_files: false,
            days: false,
        }
    }

    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble> {
        self.sign_in(talk).await?;
        Ok(format!("signed in as {}", self.access.user))
    }

    async fn upload(
        &self,
        _order: &Order,
        _so_far: &SoFar,
        file: &File,
        bytes: Bytes,
        talk: &mut Talk,
    ) -> Result<String, Trouble> {
        let asked = Asked::File { name: &file.name, kind: &file.media_type, bytes: &bytes };
        let answer = self.ask(&asked, talk).await?;
        let id: Option<i64> = long(&answer, "DocID");
        id.map(|id| id.to_string()).ok_or_else(|| Trouble::Doubt("the answer names no document".into()))
    }

    async fn number(
        &self,
        order: &Order,
        so_far: &SoFar,
        _contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        let profile = profile::profile(order, so_far, &self.access);
        let answer = self.ask(&Asked::Profile(&profile), talk).await?;
        let date = iso(answer.said("strDataPG").unwrap_or_default());
        let number: Option<u64> = long(&answer, "NumPG").filter(|number| *number > 0);
        let year = long(&answer, "AnnoPG").filter(|year| *year > 0);
        let year = year.or_else(|| date.get(..4)?.parse().ok());
        let (Some(number), Some(year)) = (number, year) else {
            return Err(Trouble::Doubt("the answer names no number".into()));
        };
        Ok(Numbered { number, year, date, reference: String::new(), mark: String::new() })
    }

    async fn find(&self, order: &Order, so_far: &SoFar, talk: &mut Talk) -> Result<Found, Trouble> {
        let Some(numbered) = so_far.numbered.as_ref().filter(|_| self.dialect.reads()) else {
            return Ok(Found::CannotLook);
        };
        // Its number took every file that the profile names.
        match self.read(numbered.number, numbered.year, talk).await? {
            Some(read) if read.key.as_ref() == Some(&order.key) => Ok(Found::There(Box::new(so_far.clone()))),
            Some(read) => Ok(Found::Several(vec![read.numbered])),
            None => Ok(Found::Nothing),
        }
    }

    async fn read(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Read>, Trouble> {
        if !self.dialect.reads() {
            return Err(Trouble::Unable);
        }
        let answer = self.ask(&Asked::Registration { number, year }, talk).await?;
        let found = answer
            .find("Registrazione")
            .filter(|found| found.number::<u64>("NumeroRegistrazione") == Some(number));
        let Some(found) = found else { return Ok(None) };
        let subject = found.said("Oggetto").unwrap_or_default().to_owned();
        let date = iso(found.said("DataRegistrazione").unwrap_or_default());
        let attached = found.find("Allegati").map_or(0, |all| all.all("Documento").count());
        let primary = found.find("Descrizione").map_or(0, |all| all.all("Documento").count());
        Ok(Some(Read {
            numbered: Numbered { number, year, date, reference: String::new(), mark: String::new() },
            key: key_in(&subject),
            subject,
            files: Some(primary + attached),
            annulled: false,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_number_is_a_refusal_unless_a_number_may_exist() {
        let outcome = |dialect, fields: &str| {
            let client = DocArea::new(dialect, Access::default()).expect("a client");
            let body = soap::read(format!("<Body><r>{fields}</r></Body>").as_bytes()).expect("XML");
            client.outcome(body, false).map(|_| ()).map_err(|trouble| (trouble.code(), trouble.to_string()))
        };
        let mime = |fields| outcome(Dialect::Mime, fields);
        assert_eq!(mime("<lngErrNumber>0</lngErrNumber>"), Ok(()));
        assert_eq!(outcome(Dialect::Tinn, "<IngErrNumber>0</IngErrNumber>"), Ok(()));
        let refused =
            mime("<lngErrNumber>-51</lngErrNumber><strErrString>firma</strErrString><lngNumPG>0</lngNumPG>");
        assert_eq!(refused, Err(("refused", "-51: firma".into())));
        let numbered =
            mime("<lngErrNumber>7</lngErrNumber><strErrString>avviso</strErrString><lngNumPG>12</lngNumPG>");
        assert_eq!(numbered, Err(("doubt", "7: avviso".into())));
        assert_eq!(mime("<lngNumPG>12</lngNumPG>").map_err(|(code, _)| code), Err("doubt"));
        assert_eq!(mime("<lngErrNumber>x</lngErrNumber>").map_err(|(code, _)| code), Err("doubt"));
        let halley =
            |number: i64| outcome(Dialect::Halley, &format!("<lngErrNumber>{number}</lngErrNumber>"));
        let (code, words) = halley(-112).expect_err("refused");
        assert!(code == "refused" && words.contains("destinatario"), "{words}");
        for number in 992..=998 {
            assert_eq!(halley(number).expect_err("a doubt").0, "doubt");
        }
        assert_eq!(mime("<lngErrNumber>995</lngErrNumber>").expect_err("another's number").0, "refused");
    }

    #[test]
    fn only_words_of_the_token_end_a_session() {
        let options = [("expired_codes".to_owned(), "-3, -7".to_owned())].into();
        let access = Access { options, ..Access::default() };
        let client = DocArea::new(Dialect::Mime, access).expect("a client");
        assert!(client.expired("-2", "DST non valido") && client.expired("-7", ""));
        assert!(client.expired("1", "Sessione scaduta"));
        assert!(!client.expired("-51", "certificato scaduto") && !client.expired("-1", "profilo errato"));
    }
}
