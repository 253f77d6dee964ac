//! PiTre as a pure state machine: it keeps a ledger, refuses in the real one's order, and misbehaves on demand.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plico_crypto::digest::{sha256, to_hex};
use serde_json::{Value, json};

use crate::simulator::{
    Fault, Faults, Kept, Ledger, Object, Reply, Request, Simulator, instead, on_the_wire,
};
use crate::soap;

const JSON: &str = "application/json";

/// The service.
#[derive(Debug, Default)]
pub struct Pitre {
    /// What it keeps.
    pub ledger: Ledger,
    /// What it does wrong.
    pub faults: Faults,
    /// Application codes that it lets in, with the administration's.
    pub applications: Vec<(String, String)>,
    /// Registers it knows.
    pub registers: Vec<String>,
    /// Whether a second numbering of the same object is an error; otherwise the same number is said again.
    pub second_numbering_refused: bool,
    token: Option<String>,
    tokens: u64,
    chunks: HashMap<u64, Vec<u8>>,
    descriptions: HashMap<u64, Vec<String>>,
    kinds: HashMap<u64, String>,
}

impl Pitre {
    /// One that lets an application of an administration into a register.
    pub fn new(administration: &str, application: &str, register: &str) -> Self {
        Self {
            applications: vec![(administration.into(), application.into())],
            registers: vec![register.into()],
            ..Self::default()
        }
    }

    /// An object that it had before, with what its files are called.
    pub fn remember(&mut self, object: Object, descriptions: Vec<String>) {
        self.descriptions.insert(object.id, descriptions);
        self.kinds.insert(object.id, "A".into());
        self.ledger.remember(object);
    }

    fn act(&mut self, action: &str, body: &Value, fault: Option<&Fault>, day: &str) -> Result<Value, String> {
        match action {
            "CreateDocument" => self.create(body),
            "CreateDocumentAndAddInProject" => {
                if body["CodeProject"].as_str().is_none_or(str::is_empty) {
                    return Err("REQUIRED_CODE_OR_IDPROJECT".into());
                }
                self.create(body)
            }
            "UploadFileToDocument" => self.upload(body),
            "UploadBigFileInChunks" => self.chunk(body),
            "ProtocolPredisposed" => self.number(body, fault, day),
            "GetDocument" => {
                let id = id(&body["IdDocument"]).ok_or("REQUIRED_ID_OR_SIGNATURE")?;
                self.document(id)
                    .map(|document| json!({ "Document": document }))
                    .ok_or("DOCUMENT_NOT_FOUND".into())
            }
            "SearchDocuments" => Ok(self.search(body)),
            "CreateProject" => Ok(json!({"Project": {"Code": "1.2-2026-7", "Id": "77"}})),
            "AddDocInProject" | "OpenCloseProject" => Ok(json!({})),
            _ => Err("APPLICATION_ERROR".into()),
        }
    }

    fn create(&mut self, body: &Value) -> Result<Value, String> {
        let document = &body["Document"];
        let kind = document["DocumentType"].as_str().ok_or("MISSING_TYPE_DOCUMENT")?;
        let subject = document["Object"].as_str().filter(|text| !text.is_empty()).ok_or("MISSING_OBJECT")?;
        let register =
            body["CodeRegister"].as_str().filter(|text| !text.is_empty()).ok_or("REQUIRED_REGISTER")?;
        if kind != "P" && document["Sender"]["Description"].as_str().is_none_or(str::is_empty) {
            return Err("REQUIRED_SENDER".into());
        }
        let recipients = document["Recipients"].as_array().map_or(0, Vec::len);
        if kind != "A" && recipients == 0 {
            return Err("REQUIRED_RECIPIENT".into());
        }
        if !self.registers.iter().any(|known| known == register) {
            return Err("REGISTER_NOT_FOUND".into());
        }
        let names = |value: &Value| value["Description"].as_str().map(str::to_owned);
        let parties = if kind == "A" {
            let more = document["MultipleSenders"].as_array().cloned().unwrap_or_default();
            std::iter::once(&document["Sender"]).chain(&more).filter_map(names).collect()
        } else {
            document["Recipients"].as_array().into_iter().flatten().filter_map(names).collect()
        };
        let id = self.ledger.add(Object {
            subject: subject.to_owned(),
            note: document["Note"][0]["Description"].as_str().unwrap_or_default().to_owned(),
            parties,
            ..Object::default()
        });
        self.kinds.insert(id, kind.to_owned());
        Ok(json!({"Document": self.document(id)}))
    }

    fn upload(&mut self, body: &Value) -> Result<Value, String> {
        let document = id(&body["IdDocument"]).ok_or("REQUIRED_ID")?;
        let file = &body["File"];
        let bytes = STANDARD.decode(file["Content"].as_str().ok_or("REQUIRED_FILE")?);
        let bytes = bytes.map_err(|_| "FILE_CREATION_ERROR")?;
        let description = body["Description"].as_str().ok_or("REQUIRED_DESCRIPTION")?;
        if bytes.is_empty() {
            return Err("FILE_CREATION_ERROR file of size 0".into());
        }
        let hash = to_hex(&sha256(&bytes));
        if body["HashFile"].as_str().is_some_and(|said| !said.eq_ignore_ascii_case(&hash)) {
            return Err("FILE_CREATION_ERROR hash".into());
        }
        let kept = Kept { name: file["Name"].as_str().unwrap_or_default().to_owned(), sha256: hash };
        self.keep(document, kept, description, body["CreateAttachment"] == true)
    }

    fn keep(&mut self, id: u64, kept: Kept, description: &str, attachment: bool) -> Result<Value, String> {
        let object = self.ledger.object(id).ok_or("DOCUMENT_NOT_FOUND")?;
        if !attachment && !object.files.is_empty() {
            // A new version of the main document.
            object.files[0] = kept;
            return Ok(json!({"ResultMessage": "OK"}));
        }
        object.files.push(kept);
        self.descriptions.entry(id).or_default().push(description.to_owned());
        Ok(json!({"ResultMessage": "OK"}))
    }

    fn chunk(&mut self, body: &Value) -> Result<Value, String> {
        let document = id(&body["IdDocument"]).ok_or("REQUIRED_ID")?;
        match body["Phase"].as_str() {
            Some("START") => drop(self.chunks.insert(document, Vec::new())),
            Some("END") => {
                let bytes = self.chunks.remove(&document).ok_or("FILE_CREATION_ERROR no START")?;
                let hash = to_hex(&sha256(&bytes));
                if body["Hash"].as_str() != Some(&hash) {
                    return Err("FILE_CREATION_ERROR hash".into());
                }
                let description = body["FileName"].as_str().ok_or("REQUIRED_DESCRIPTION")?;
                self.keep(document, Kept { name: description.into(), sha256: hash }, description, true)?;
            }
            _ => {
                let bytes = STANDARD.decode(body["ChunkContent"].as_str().unwrap_or_default());
                let bytes = bytes.map_err(|_| "FILE_CREATION_ERROR")?;
                if body["Hash"].as_str() != Some(&to_hex(&sha256(&bytes))) {
                    return Err("FILE_CREATION_ERROR hash".into());
                }
                self.chunks.get_mut(&document).ok_or("FILE_CREATION_ERROR no START")?.extend(bytes);
            }
        }
        Ok(json!({"ResultMessage": "OK"}))
    }

    fn number(&mut self, body: &Value, fault: Option<&Fault>, day: &str) -> Result<Value, String> {
        let id = id(&body["IdDocument"]).ok_or("REQUIRED_ID")?;
        let register = body["CodeRegister"].as_str().unwrap_or_default();
        if !self.registers.iter().any(|known| known == register) {
            return Err("REGISTER_NOT_FOUND".into());
        }
        let object = self.ledger.object(id).ok_or("DOCUMENT_NOT_FOUND")?;
        if object.number.is_some() && self.second_numbering_refused {
            return Err("REQUIRED_DOCUMENT the document is not a predisposto".into());
        }
        if fault == Some(&Fault::NumberTwice) {
            self.ledger.forget_last();
        }
        self.ledger.number(id, day);
        Ok(json!({"Document": self.document(id)}))
    }

    /// What its SOAP twin does: by the mark, and without a word why not.
    fn annul(&mut self, body: &[u8]) -> Reply {
        let asked = soap::read(body).ok();
        let said = |name: &str| {
            let node = asked.as_ref().and_then(|asked| asked.find(name));
            node.map(|node| node.text.trim().to_owned()).unwrap_or_default()
        };
        let (mark, note) = (said("segnatura"), said("noteAnnullamento"));
        let register = self.registers.first().cloned().unwrap_or_default();
        let found = self.ledger.objects.iter_mut().find(|object| {
            object.number.is_some_and(|(number, _)| mark_of(&register, &object.date, number) == mark)
        });
        let done = match found {
            Some(object) if !object.annulled && !note.is_empty() && !said("User_ID").is_empty() => {
                object.annulled = true;
                true
            }
            _ => false,
        };
        let result = soap::element("annullaProtocolloResult", if done { "true" } else { "false" });
        let space = "xmlns=\"http://www.etnoteam.it/docspawslite/\"";
        let body = format!("<annullaProtocolloResponse {space}>{result}</annullaProtocolloResponse>");
        Reply::ok("text/xml", soap::envelope("", &body))
    }

    fn search(&self, body: &Value) -> Value {
        let filters = body["Filters"].as_array().cloned().unwrap_or_default();
        let fits = |object: &&Object| {
            filters.iter().all(|filter| {
                let value = filter["Value"].as_str().unwrap_or_default();
                match filter["Name"].as_str().unwrap_or_default() {
                    "OBJECT" => object.subject.contains(value),
                    "NUM_PROTOCOL" => object.number.is_some_and(|(number, _)| number.to_string() == value),
                    "YEAR" => object.number.is_some_and(|(_, year)| year.to_string() == value),
                    "PROTOCOL_DATE_FROM" | "PROTOCOL_DATE_TO" => italian(&object.date) == value,
                    _ => false,
                }
            })
        };
        let per_page = body["ElementsInPage"].as_u64().unwrap_or(20) as usize;
        let page = body["PageNumber"].as_u64().unwrap_or(1).max(1) as usize;
        let found = self.ledger.objects.iter().filter(fits).skip((page - 1) * per_page).take(per_page);
        json!({"Documents": found.map(|object| self.told(object)).collect::<Vec<_>>()})
    }

    fn document(&mut self, id: u64) -> Option<Value> {
        let object = self.ledger.object(id)?.clone();
        Some(self.told(&object))
    }

    fn told(&self, object: &Object) -> Value {
        let none = Vec::new();
        let descriptions = self.descriptions.get(&object.id).unwrap_or(&none);
        let attachments: Vec<Value> = object
            .files
            .iter()
            .zip(descriptions)
            .skip(1)
            .map(|(file, description)| json!({"Name": file.name, "Description": description}))
            .collect();
        let mut told = json!({
            "Id": object.id.to_string(), "DocNumber": object.id.to_string(), "Object": object.subject,
            "DocumentType": self.kinds.get(&object.id), "Predisposed": object.number.is_none(),
            "MainDocument": object.files.first().map(|file| json!({"Name": file.name})),
            "Attachments": attachments, "Annulled": object.annulled,
        });
        if let Some((number, year)) = object.number {
            told["ProtocolNumber"] = json!(number.to_string());
            told["ProtocolYear"] = json!(year.to_string());
            told["ProtocolDate"] = json!(format!("{} 10:30:00", italian(&object.date)));
            told["Signature"] = json!(mark_of(&self.registers[0], &object.date, number));
        }
        told
    }
}

impl Simulator for Pitre {
    fn answer(&mut self, request: &Request, day: &str) -> Reply {
        let routed = request.header("routed_action").map(str::to_owned);
        let last =
            request.path.split('?').next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        let twin =
            request.header("soapaction").and_then(|action| action.trim_matches('"').rsplit('/').next());
        let action = routed.or(twin.map(str::to_owned)).unwrap_or_else(|| last.to_owned());
        let fault = self.faults.meet(&action);
        if let Some(reply) = instead(fault.as_ref()) {
            return reply;
        }
        if action == "annullaProtocollo" {
            return on_the_wire(fault.as_ref(), self.annul(&request.body));
        }
        let error = |words: &str| Reply::ok(JSON, json!({"Code": 1, "ErrorMessage": words}).to_string());
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return Reply::Answer { status: 400, kind: "text/plain", body: Vec::new() };
        };
        if action == "GetToken" {
            let said = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
            if said("Username").is_empty() || said("CodeApplication").is_empty() {
                return error("MISSING_PARAMETER");
            }
            if !self.applications.contains(&(said("CodeAdm"), said("CodeApplication"))) {
                return error("USER_NO_EXIST");
            }
            self.tokens += 1;
            let token = format!("SSO={:032x}", 0x5eed_0000_0000 + self.tokens);
            self.token = Some(token.clone());
            return on_the_wire(
                fault.as_ref(),
                Reply::ok(JSON, json!({"Code": 0, "ErrorMessage": null, "Token": token}).to_string()),
            );
        }
        let Some(token) = request.header("authtoken") else {
            return Reply::Answer { status: 400, kind: "text/plain", body: Vec::new() };
        };
        if fault == Some(Fault::Expired) {
            self.token = None;
        }
        if self.token.as_deref() != Some(token) {
            return error("TOKEN_EXPIRED");
        }
        if let Some(Fault::ErrorInside(_, words)) = &fault {
            return error(words);
        }
        let answer = match self.act(&action, &body, fault.as_ref(), day) {
            Ok(mut value) => {
                value["Code"] = json!(0);
                value["ErrorMessage"] = Value::Null;
                Reply::ok(JSON, value.to_string())
            }
            Err(words) => error(&words),
        };
        on_the_wire(fault.as_ref(), answer)
    }

    fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }
}

fn id(value: &Value) -> Option<u64> {
    value.as_str().map_or_else(|| value.as_u64(), |text| text.parse().ok())
}

fn italian(day: &str) -> String {
    day.split('-').rev().collect::<Vec<_>>().join("/")
}

fn mark_of(register: &str, date: &str, number: u64) -> String {
    format!("{register}|{}|{number:07}", italian(date))
}
