#![doc = include_str!("README.md")]

pub mod simulator;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use plico_courier::http::HttpError;
use plico_crypto::digest::{sha256, to_hex};
use serde_json::{Value, json};

use crate::dates::{iso, italian};
use crate::order::{Abilities, Correspondent, File, Finding, Flow, Numbered, Order, SoFar, Way};
use crate::packing::{self, Packing};
use crate::seam::{Contents, Found, Read, Registry, Trouble};
use crate::soap::{self, around, element, envelope};
use crate::wire::{self, Access, Call, Line, Session, Talk};

/// Longest subject, in characters.
const SUBJECT: usize = 2000;
/// Files above this go in chunks, in bytes.
const CHUNK: usize = 8 * 1024 * 1024;
/// Objects of one page of a search.
const PAGE: usize = 100;
/// Pages of a day that are read.
const PAGES: usize = 100;

/// The SOAP twin's namespace, and its word for an annulment.
const LITE: &str = "http://www.etnoteam.it/docspawslite/";
const ANNUL: &str = "annullaProtocollo";

/// The client.
#[derive(Debug)]
pub struct Pitre {
    access: Access,
    line: Line,
    session: Session,
}

impl Pitre {
    /// A client as `access` says.
    pub fn new(access: Access) -> Result<Self, HttpError> {
        Ok(Self { line: Line::new(&access)?, access, session: Session::default() })
    }

    fn chunk(&self) -> usize {
        self.access.option("chunk_bytes", "").parse().ok().filter(|size| *size > 0).unwrap_or(CHUNK)
    }

    /// Asks, signed in; once more where the token had expired, which is said before anything is done.
    async fn ask(
        &self,
        verb: &'static str,
        action: &str,
        body: &Value,
        harmless: bool,
        talk: &mut Talk,
    ) -> Result<Value, Trouble> {
        let mut refused = None;
        for again in [false, true] {
            let token = self.session.token(refused.as_deref(), self.sign_in(talk)).await?;
            match self.send(verb, action, Some(&token), body, harmless, talk).await {
                Err(Trouble::Refused { code, .. }) if !again && code.contains("TOKEN") => {
                    refused = Some(token);
                }
                other => return other,
            }
        }
        Err(Trouble::NotAsked("the token expires as soon as it is given".into()))
    }

    async fn sign_in(&self, talk: &mut Talk) -> Result<String, Trouble> {
        let mut body = json!({"Username": self.access.user, "CodeAdm": self.access.administration,
            "CodeApplication": self.access.password});
        if let Some(role) = self.access.options.get("role") {
            body["CodeRole"] = json!(role);
        }
        let answer = self.send("POST", "GetToken", None, &body, true, talk).await?;
        let token = answer["Token"].as_str().filter(|token| !token.is_empty());
        let token = token.ok_or_else(|| Trouble::NotAsked("signing in gave no token".into()))?.to_owned();
        // However it is spelled there, the answer is nothing but the token.
        if let Some(exchange) = talk.exchanges.last_mut() {
            "[a token]".clone_into(&mut exchange.answer);
        }
        talk.strike(&token);
        Ok(token)
    }

    async fn send(
        &self,
        verb: &'static str,
        action: &str,
        token: Option<&str>,
        body: &Value,
        harmless: bool,
        talk: &mut Talk,
    ) -> Result<Value, Trouble> {
        let mut headers =
            vec![("content-type", "application/json".to_owned()), ("accept", "application/json".to_owned())];
        let base = self.access.url.trim_end_matches('/');
        let url = if self.access.option("router", "no") == "yes" {
            headers.push(("routed_action", action.to_owned()));
            headers.push(("code_adm", self.access.administration.clone()));
            base.to_owned()
        } else {
            format!("{base}/{action}")
        };
        headers.extend(token.map(|token| ("authtoken", token.to_owned())));
        let body = body.to_string().into_bytes();
        let call = Call { operation: action, method: verb, url, headers, body, shown: None, harmless };
        let answer = self.line.ask(call, &token.into_iter().collect::<Vec<_>>(), talk).await?;
        wire::status(&answer, harmless).map_err(|trouble| self.line.discreet(trouble))?;
        let unclear = |why: &str| wire::unclear(why, harmless);
        let value: Value = serde_json::from_slice(&answer.body)
            .map_err(|_| unclear("the answer cannot be read: it is not JSON"))?;
        let words = value["ErrorMessage"].as_str().unwrap_or_default().trim();
        let words = self.line.strike(words.to_owned());
        match value["Code"].as_i64() {
            Some(0) => Ok(value),
            // It says nothing of what was done before it happened.
            Some(_) if words.contains("APPLICATION_ERROR") => Err(unclear(&words)),
            Some(_) => {
                let code = words.split(|c: char| !(c.is_ascii_uppercase() || c == '_')).next();
                Err(Trouble::Refused { code: code.unwrap_or_default().to_owned(), words })
            }
            None => Err(unclear("the answer does not say whether it was done")),
        }
    }

    fn register(&self, body: &mut Value) {
        body["CodeRegister"] = json!(self.access.option("register", ""));
        if let Some(rf) = self.access.options.get("rf") {
            body["CodeRF"] = json!(rf);
        }
    }

    async fn in_chunks(
        &self,
        so_far: &SoFar,
        description: &str,
        bytes: &[u8],
        talk: &mut Talk,
    ) -> Result<(), Trouble> {
        let id = &so_far.prepared;
        let action = "UploadBigFileInChunks";
        self.ask("POST", action, &json!({"IdDocument": id, "Phase": "START"}), false, talk).await?;
        for (index, chunk) in bytes.chunks(self.chunk()).enumerate() {
            let body = json!({"IdDocument": id, "Phase": "CHUNK", "ChunkNumber": index + 1,
                "ChunkContent": STANDARD.encode(chunk), "Hash": to_hex(&sha256(chunk))});
            self.ask("POST", action, &body, false, talk).await?;
        }
        let end = json!({"IdDocument": id, "Phase": "END", "FileName": description,
            "Hash": to_hex(&sha256(bytes))});
        self.ask("POST", action, &end, false, talk).await?;
        Ok(())
    }
}

#[async_trait]
impl Registry for Pitre {
    fn can(&self) -> Abilities {
        Abilities {
            way: Way::NumberLast,
            finding: Finding::ByKey,
            numbers_once: true,
            out: true,
            annul: self.access.annulment.is_some(),
            case_files: true,
            days: true,
        }
    }

    async fn check(&self, talk: &mut Talk) -> Result<String, Trouble> {
        if self.access.option("register", "").is_empty() {
            return Err(Trouble::Ours("options.register is missing: the code of the register".into()));
        }
        self.sign_in(talk).await?;
        Ok(format!("signed in as {}", self.access.user))
    }

    async fn prepare(&self, order: &Order, talk: &mut Talk) -> Result<String, Trouble> {
        let people: Vec<Value> = order.parties.iter().map(correspondent).collect();
        let ours = json!({"Description": order.office, "Code": order.office_code});
        let mut document = json!({
            "Object": order.subject_with_key(SUBJECT),
            "Predisposed": true,
            "Note": [{"Description": order.key}],
        });
        let one = |people: &[Value]| people.first().cloned().unwrap_or(Value::Null);
        match order.flow {
            Flow::In => {
                document["DocumentType"] = json!("A");
                document["Sender"] = one(&people);
                document["MultipleSenders"] = json!(people.get(1..).unwrap_or_default());
                document["ArrivalDate"] = json!(italian(&order.day));
            }
            Flow::Out => {
                document["DocumentType"] = json!("P");
                document["Sender"] = ours;
                document["Recipients"] = json!(people);
            }
            Flow::Internal => {
                document["DocumentType"] = json!("I");
                document["Sender"] = ours;
                document["Recipients"] = json!(people);
            }
        }
        let mut body = json!({ "Document": document });
        self.register(&mut body);
        let action = if order.case_file.is_empty() {
            "CreateDocument"
        } else {
            body["CodeProject"] = json!(order.case_file);
            "CreateDocumentAndAddInProject"
        };
        let answer = self.ask("PUT", action, &body, false, talk).await?;
        let id = text(&answer["Document"]["DocNumber"]).or_else(|| text(&answer["Document"]["Id"]));
        id.ok_or_else(|| Trouble::Doubt("the answer names no document".into()))
    }

    async fn upload(
        &self,
        order: &Order,
        so_far: &SoFar,
        file: &File,
        bytes: Bytes,
        talk: &mut Talk,
    ) -> Result<String, Trouble> {
        let position = order.position(file);
        let description = file.described(position);
        if bytes.len() > self.chunk() && position > 0 {
            self.in_chunks(so_far, &description, &bytes, talk).await?;
            return Ok(description);
        }
        let body = json!({
            "IdDocument": so_far.prepared,
            "File": {"Name": file.name, "MimeType": file.media_type, "Content": STANDARD.encode(&bytes)},
            "CreateAttachment": position > 0,
            "Description": description,
            "AttachmentType": "U",
            "CovertToPDFA": false,
            "HashFile": file.sha256,
        });
        self.ask("PUT", "UploadFileToDocument", &body, false, talk).await?;
        Ok(description)
    }

    async fn number(
        &self,
        _order: &Order,
        so_far: &SoFar,
        _contents: &dyn Contents,
        talk: &mut Talk,
    ) -> Result<Numbered, Trouble> {
        let mut body = json!({"IdDocument": so_far.prepared});
        self.register(&mut body);
        let answer = self.ask("POST", "ProtocolPredisposed", &body, false, talk).await?;
        numbered(&answer["Document"]).ok_or_else(|| Trouble::Doubt("the answer names no number".into()))
    }

    async fn find(&self, order: &Order, so_far: &SoFar, talk: &mut Talk) -> Result<Found, Trouble> {
        let id = if let Some(id) = &so_far.prepared {
            id.clone()
        } else {
            let body = json!({"Filters": [{"Name": "OBJECT", "Value": order.key, "Type": "STRING"}],
                    "PageNumber": 1, "ElementsInPage": PAGE});
            let answer = self.ask("POST", "SearchDocuments", &body, true, talk).await?;
            let mut documents = answer["Documents"].as_array().cloned().unwrap_or_default();
            // It searches in words: one that only quotes our key, as an answer to it may, is not ours.
            documents.retain(|document| is_ours(document, order));
            let given: Vec<Numbered> = documents.iter().filter_map(numbered).collect();
            if given.len() > 1 {
                return Ok(Found::Several(given));
            }
            // One with a number before those that were left without.
            let with = documents.iter().find(|document| numbered(document).is_some());
            match with.or(documents.first()).and_then(|document| text(&document["DocNumber"])) {
                Some(id) => id,
                None => return Ok(Found::Nothing),
            }
        };
        let body = json!({"IdDocument": id, "GetFile": false});
        let document = match self.ask("POST", "GetDocument", &body, true, talk).await {
            Ok(answer) => answer["Document"].clone(),
            Err(Trouble::Refused { code, .. }) if code == "DOCUMENT_NOT_FOUND" => return Ok(Found::Nothing),
            Err(trouble) => return Err(trouble),
        };
        if !is_ours(&document, order) {
            return Ok(Found::Several(numbered(&document).into_iter().collect()));
        }
        let mut found = SoFar { prepared: Some(id), numbered: numbered(&document), ..SoFar::default() };
        let attachments = document["Attachments"].as_array().cloned().unwrap_or_default();
        for file in &order.documents {
            let position = order.position(file);
            let description = file.described(position);
            let there = if position == 0 {
                document["MainDocument"]["Name"].as_str().is_some_and(|name| !name.is_empty())
            } else {
                attachments.iter().any(|attachment| attachment["Description"].as_str() == Some(&description))
            };
            if there {
                found.uploaded.insert(file.id.clone(), description);
            }
        }
        Ok(Found::There(Box::new(found)))
    }

    async fn read(&self, number: u64, year: i32, talk: &mut Talk) -> Result<Option<Read>, Trouble> {
        let filter = |name: &str, value: String| json!({"Name": name, "Value": value, "Type": "STRING"});
        let body = json!({"Filters": [filter("NUM_PROTOCOL", number.to_string()), filter("YEAR", year.to_string())],
            "PageNumber": 1, "ElementsInPage": PAGE});
        let answer = self.ask("POST", "SearchDocuments", &body, true, talk).await?;
        Ok(answer["Documents"].as_array().and_then(|documents| documents.iter().find_map(registration)))
    }

    async fn annul(
        &self,
        numbered: &Numbered,
        reason: &str,
        authorisation: &str,
        talk: &mut Talk,
    ) -> Result<(), Trouble> {
        let Some(twin) = &self.access.annulment else { return Err(Trouble::Unable) };
        if numbered.mark.is_empty() {
            return Err(Trouble::Ours("its mark (segnatura) is not known, and PiTre annuls by it".into()));
        }
        let inside = [
            ("User_ID", twin.user.as_str()),
            ("Pwd", &twin.password),
            ("segnatura", &numbered.mark),
            ("noteAnnullamento", &format!("{authorisation}: {reason}")),
        ]
        .map(|(name, text)| element(&format!("lite:{name}"), text))
        .concat();
        let body = around("lite:annullaProtocollo", &inside);
        let packed = Packing::Plain.pack(envelope(&format!("xmlns:lite=\"{LITE}\""), &body), None)?;
        let call = packing::call(ANNUL, &twin.url, &format!("{LITE}{ANNUL}"), packed, false);
        let answer = self.line.ask(call, &[], talk).await?;
        let body = soap::answered(&answer, false)?;
        match body.find(&format!("{ANNUL}Result")).map(|said| said.text.trim()) {
            Some("true" | "1") => Ok(()),
            Some("false" | "0") => Err(Trouble::Refused {
                code: String::new(),
                words: "PiTre answers that it did not annul it, and not why".into(),
            }),
            _ => Err(Trouble::Doubt("the answer does not say whether it was annulled".into())),
        }
    }

    async fn open_case_file(
        &self,
        title: &str,
        classification: &str,
        talk: &mut Talk,
    ) -> Result<String, Trouble> {
        let mut body = json!({"Project": {"Description": title, "CodeNodeClassification": classification}});
        self.register(&mut body);
        let answer = self.ask("PUT", "CreateProject", &body, false, talk).await?;
        text(&answer["Project"]["Code"]).ok_or_else(|| Trouble::Doubt("the answer names no case file".into()))
    }

    async fn file_into(&self, case_file: &str, numbered: &Numbered, talk: &mut Talk) -> Result<(), Trouble> {
        let body = json!({"IdDocument": numbered.reference, "CodeProject": case_file});
        self.ask("POST", "AddDocInProject", &body, false, talk).await?;
        Ok(())
    }

    async fn close_case_file(&self, case_file: &str, talk: &mut Talk) -> Result<(), Trouble> {
        let body = json!({"CodeProject": case_file, "Action": "C"});
        self.ask("POST", "OpenCloseProject", &body, false, talk).await?;
        Ok(())
    }

    async fn day(&self, day: &str, talk: &mut Talk) -> Result<Vec<Read>, Trouble> {
        let mut all: Vec<Read> = Vec::new();
        for page in 1..=PAGES {
            let day = italian(day);
            let filter = |name: &str, value: &str| json!({"Name": name, "Value": value, "Type": "DATE"});
            let filters = [
                filter("PROTOCOL_DATE_FROM", &day),
                filter("PROTOCOL_DATE_TO", &day),
                filter("OBJECT", "PLICO-"),
            ];
            let body = json!({"Filters": filters, "PageNumber": page, "ElementsInPage": PAGE});
            let answer = self.ask("POST", "SearchDocuments", &body, true, talk).await?;
            let documents = answer["Documents"].as_array().cloned().unwrap_or_default();
            let fresh: Vec<Read> =
                documents.iter().filter_map(registration).filter(|read| !all.contains(read)).collect();
            let more = documents.len() >= PAGE && !fresh.is_empty();
            all.extend(fresh);
            if !more {
                return Ok(all);
            }
        }
        Err(Trouble::Doubt("more registrations than are read of one day".into()))
    }
}

/// A correspondent who is in no address book.
fn correspondent(party: &Correspondent) -> Value {
    let mut value = json!({"Description": party.name, "CorrespondentType": "O",
        "Type": if party.organisation { "U" } else { "P" }});
    let code = if party.organisation { "VatNumber" } else { "NationalIdentificationNumber" };
    if let Some(fiscal_code) = &party.fiscal_code {
        value[code] = json!(fiscal_code);
    }
    if let Some(email) = &party.email {
        value["Email"] = json!(email);
    }
    value
}

/// Text or number as text; empty is none.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn numbered(document: &Value) -> Option<Numbered> {
    let number = text(&document["ProtocolNumber"])?.parse().ok().filter(|number| *number > 0)?;
    let date = text(&document["ProtocolDate"]).unwrap_or_default();
    let date = iso(&date);
    let year = text(&document["ProtocolYear"]).and_then(|year| year.parse().ok());
    Some(Numbered {
        number,
        year: year.or_else(|| date.get(..4)?.parse().ok())?,
        date,
        reference: text(&document["DocNumber"]).or_else(|| text(&document["Id"])).unwrap_or_default(),
        mark: text(&document["Signature"]).unwrap_or_default(),
    })
}

/// Whether an object bears the key of an order.
fn is_ours(document: &Value, order: &Order) -> bool {
    let subject = text(&document["Object"]).unwrap_or_default();
    crate::order::key_in(&subject).as_ref() == Some(&order.key)
}

fn registration(document: &Value) -> Option<Read> {
    let subject = text(&document["Object"]).unwrap_or_default();
    Some(Read {
        numbered: numbered(document)?,
        key: crate::order::key_in(&subject),
        subject,
        files: document["Attachments"].as_array().map(|attachments| attachments.len() + 1),
        annulled: document["Annulled"].as_bool().unwrap_or_default(),
    })
}
