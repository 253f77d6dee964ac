//! How a file goes with an envelope: inside of it, or beside it in one of two ways.

use std::fmt::Write as _;

use plico_crypto::digest::{sha256, to_hex};

use crate::multipart::{self, Part};
use crate::seam::Trouble;
use crate::simulator::{Fault, Faults, Reply, Request, instead, on_the_wire};
use crate::soap::{self, Node};
use crate::{dime, wire};

/// How a request is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// The envelope alone.
    Plain,
    /// `multipart/related`.
    Mime,
    /// DIME.
    Dime,
}

/// A packed request.
#[derive(Debug)]
pub struct Packed {
    /// Value of `content-type`.
    pub kind: String,
    /// The body.
    pub body: Vec<u8>,
    /// The body as it is kept, where it is not text.
    pub shown: Option<String>,
}

impl Packing {
    /// An envelope with what goes beside it.
    pub fn pack(self, envelope: String, beside: Option<Part>) -> Result<Packed, Trouble> {
        let Some(beside) = beside.filter(|_| self != Self::Plain) else {
            let kind = "text/xml; charset=UTF-8".to_owned();
            return Ok(Packed { kind, body: envelope.into_bytes(), shown: None });
        };
        let mut shown = envelope.clone();
        if beside.kind == "text/xml" {
            let _ = write!(shown, "\n{}", String::from_utf8_lossy(&beside.content));
        } else {
            let digest = to_hex(&sha256(&beside.content));
            let _ = write!(shown, "\n[{}: {} bytes, sha256 {digest}]", beside.id, beside.content.len());
        }
        let parts =
            [Part { id: "envelope".into(), kind: "text/xml".into(), content: envelope.into_bytes() }, beside];
        let (kind, body) = match self {
            Self::Dime => {
                let body = dime::write(&parts);
                let body =
                    body.ok_or_else(|| Trouble::Ours("the file is longer than DIME can say".into()))?;
                (dime::KIND.to_owned(), body)
            }
            _ => multipart::write(&parts),
        };
        Ok(Packed { kind, body, shown: Some(shown) })
    }
}

/// A request as a service reads it: the operation, and what came beside the envelope. `None` for what is no SOAP.
pub fn open(request: &Request) -> Option<(Node, Vec<Part>)> {
    let kind = request.header("content-type").unwrap_or_default();
    let mut parts = match kind.split(';').next().unwrap_or_default().trim() {
        dime::KIND => dime::read(&request.body).ok()?,
        "multipart/related" => multipart::read(Some(kind), &request.body).ok()?,
        _ => vec![Part { content: request.body.clone(), ..Part::default() }],
    };
    if parts.is_empty() {
        return None;
    }
    let root = soap::read(&parts.remove(0).content).ok().filter(|root| root.is("Envelope"))?;
    let body = root.children.into_iter().find(|child| child.is("Body"))?;
    Some((body.children.into_iter().next()?, parts))
}

/// What a simulated service heard: the operation, what came beside it, and what it is to do wrong.
pub(crate) type Heard = (Node, Vec<Part>, Option<Fault>);

/// What a simulated service heard; or its reply, where that needs no thought.
pub(crate) fn hear(request: &Request, faults: &mut Faults) -> Result<Heard, Reply> {
    let Some((asked, beside)) = open(request) else {
        let no = "<soapenv:Fault><faultcode>soapenv:Client</faultcode><faultstring>no envelope</faultstring></soapenv:Fault>";
        let body = soap::envelope("", no).into_bytes();
        return Err(Reply::Answer { status: 500, kind: "text/xml", body });
    };
    let fault = faults.meet(&asked.name);
    match instead(fault.as_ref()) {
        Some(reply) => Err(reply),
        None => Ok((asked, beside, fault)),
    }
}

/// What a simulated service says, a body for its envelope, after what it does wrong.
pub(crate) fn say(body: &str, fault: Option<&Fault>) -> Reply {
    on_the_wire(fault, Reply::ok("text/xml; charset=utf-8", soap::envelope("", body)))
}

/// The call of a packed request.
pub fn call<'a>(
    operation: &'a str,
    url: &str,
    action: &str,
    packed: Packed,
    harmless: bool,
) -> wire::Call<'a> {
    let headers = vec![("content-type", packed.kind), ("soapaction", format!("\"{action}\""))];
    let (body, shown) = (packed.body, packed.shown);
    wire::Call { operation, method: "POST", url: url.to_owned(), headers, body, shown, harmless }
}
