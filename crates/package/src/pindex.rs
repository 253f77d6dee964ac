//! The index of a package as preservers exchange it: `PIndex` of UNI 11386:2020 (SInCRO), written and read back.

use std::fmt::Write as _;
use std::io::{self, BufRead, Write};

use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use quick_xml::{Reader, Writer};

use crate::PackError;
use crate::checksum::hex;

const NAMESPACE: &str = "http://www.uni.com/U3011/sincro-v2/";
const SCHEMA: &str = "http://www.uni.com/U3011/sincro-v2/PIndex.xsd";
/// Characters of the longest text that is read.
const TEXT_LIMIT: usize = 4096;

/// What the index says of the package as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Identifier of the package.
    pub id: String,
    /// What it is, for a person.
    pub label: String,
    /// The body that produced it.
    pub producer: String,
    /// Who answers for the body's documents: an office's title, not a person's name.
    pub signer_role: String,
    /// The document that rules how the body keeps documents.
    pub rule: String,
    /// Instant it speaks of, RFC 3339.
    pub instant: String,
    /// Version of the program.
    pub version: String,
}

/// One group of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Identifier.
    pub id: String,
    /// What it holds, for a person.
    pub label: String,
    /// Its files; a group without any is not written.
    pub files: Vec<Indexed>,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Identifier.
    pub id: String,
    /// Its path from the index.
    pub path: String,
    /// Media type.
    pub media_type: String,
    /// SHA-256.
    pub sha256: [u8; 32],
    /// The file that describes it: path, SHA-256, schema.
    pub metadata: Option<(String, [u8; 32], &'static str)>,
}

type Xml<W> = Writer<W>;

/// Writes an index. The same index gives the same bytes.
pub fn write<W: Write>(out: W, index: &Index, groups: &[Group]) -> Result<W, PackError> {
    let mut xml = Writer::new_with_indent(out, b' ', 1);
    let written = (|| -> io::Result<()> {
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut root = BytesStart::new("sincro:PIndex");
        root.push_attribute(("xmlns:sincro", NAMESPACE));
        root.push_attribute(("sincro:language", "it"));
        root.push_attribute(("sincro:uri", SCHEMA));
        root.push_attribute(("sincro:sincroVersion", "2.0"));
        xml.write_event(Event::Start(root))?;
        inside(&mut xml, "SelfDescription", |xml| {
            id(xml, &format!("{}-PIndex", index.id))?;
            inside(xml, "CreatingApplication", |xml| {
                text(xml, "Name", "Plico")?;
                text(xml, "Version", &index.version)?;
                text(xml, "Producer", "Plico")
            })
        })?;
        inside(&mut xml, "PVolume", |xml| {
            id(xml, &index.id)?;
            text(xml, "Label", &index.label)
        })?;
        for group in groups.iter().filter(|group| !group.files.is_empty()) {
            inside(&mut xml, "FileGroup", |xml| {
                id(xml, &group.id)?;
                text(xml, "Label", &group.label)?;
                group.files.iter().try_for_each(|indexed| file(xml, indexed))
            })?;
        }
        inside(&mut xml, "Process", |xml| {
            agent(xml, "Submitter", None, index)?;
            agent(xml, "Holder", Some(("sincro:holderRole", "soggetto produttore")), index)?;
            let role = Some(("sincro:signerRole", index.signer_role.as_str()));
            agent(xml, "AuthorizedSigner", role, index)?;
            inside(xml, "TimeReference", |xml| {
                let stamped = [("sincro:attachedTimeStamp", "false")];
                element(xml, "TimeInfo", &stamped, &index.instant)
            })
        })?;
        xml.write_event(Event::End(BytesEnd::new("sincro:PIndex")))
    })();
    written.map_err(PackError::Index)?;
    Ok(xml.into_inner())
}

fn inside<W: Write>(
    xml: &mut Xml<W>,
    name: &str,
    content: impl FnOnce(&mut Xml<W>) -> io::Result<()>,
) -> io::Result<()> {
    let name = format!("sincro:{name}");
    xml.write_event(Event::Start(BytesStart::new(&name)))?;
    content(xml)?;
    xml.write_event(Event::End(BytesEnd::new(&name)))
}

fn element<W: Write>(
    xml: &mut Xml<W>,
    name: &str,
    attributes: &[(&str, &str)],
    content: &str,
) -> io::Result<()> {
    let name = format!("sincro:{name}");
    let mut start = BytesStart::new(&name);
    for attribute in attributes {
        start.push_attribute(*attribute);
    }
    xml.write_event(Event::Start(start))?;
    // What XML cannot hold in any spelling.
    let content: String = content.chars().filter(|c| !c.is_control() || "\t\n\r".contains(*c)).collect();
    xml.write_event(Event::Text(BytesText::new(&content)))?;
    xml.write_event(Event::End(BytesEnd::new(&name)))
}

fn text<W: Write>(xml: &mut Xml<W>, name: &str, content: &str) -> io::Result<()> {
    element(xml, name, &[], content)
}

fn id<W: Write>(xml: &mut Xml<W>, value: &str) -> io::Result<()> {
    element(xml, "ID", &[("sincro:scheme", "local")], value)
}

fn hash<W: Write>(xml: &mut Xml<W>, sha256: &[u8; 32]) -> io::Result<()> {
    element(xml, "Hash", &[("sincro:hashFunction", "SHA-256")], &hex(sha256))
}

fn agent<W: Write>(
    xml: &mut Xml<W>,
    name: &str,
    role: Option<(&str, &str)>,
    index: &Index,
) -> io::Result<()> {
    let name = format!("sincro:{name}");
    let mut start = BytesStart::new(&name);
    start.push_attribute(("sincro:agentType", "legal person"));
    if let Some(role) = role {
        start.push_attribute(role);
    }
    xml.write_event(Event::Start(start))?;
    inside(xml, "AgentName", |xml| text(xml, "FormalName", &index.producer))?;
    text(xml, "RelevantDocument", &index.rule)?;
    xml.write_event(Event::End(BytesEnd::new(&name)))
}

fn file<W: Write>(xml: &mut Xml<W>, file: &Indexed) -> io::Result<()> {
    let described = |name: &'static str, media_type: &str| {
        let mut start = BytesStart::new(name);
        start.push_attribute(("sincro:encoding", "binary"));
        start.push_attribute(("sincro:format", media_type));
        start.into_owned()
    };
    xml.write_event(Event::Start(described("sincro:File", &file.media_type)))?;
    id(xml, &file.id)?;
    text(xml, "Path", &uri(&file.path))?;
    hash(xml, &file.sha256)?;
    if let Some((path, sha256, schema)) = &file.metadata {
        let mut start = BytesStart::new("sincro:MoreInfo");
        start.push_attribute(("sincro:xmlSchema", *schema));
        xml.write_event(Event::Start(start))?;
        xml.write_event(Event::Start(described("sincro:ExternalMetadata", "application/xml")))?;
        id(xml, &format!("{}-metadati", file.id))?;
        text(xml, "Path", &uri(path))?;
        hash(xml, sha256)?;
        xml.write_event(Event::End(BytesEnd::new("sincro:ExternalMetadata")))?;
        xml.write_event(Event::End(BytesEnd::new("sincro:MoreInfo")))?;
    }
    xml.write_event(Event::End(BytesEnd::new("sincro:File")))
}

/// A path as `xs:anyURI`: every byte that is not plain is encoded.
pub fn uri(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn from_uri(uri: &str) -> Option<String> {
    let (mut out, mut bytes) = (Vec::with_capacity(uri.len()), uri.bytes());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

/// Every path that an index names, with the SHA-256 (lower-case hexadecimal) that it gives. An error says what is wrong.
pub fn read(input: impl BufRead) -> Result<Vec<(String, String)>, String> {
    let mut reader = Reader::from_reader(input);
    let (mut buffer, mut named) = (Vec::new(), Vec::new());
    let (mut content, mut path, mut depth) = (String::new(), None::<String>, 0_u32);
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(|error| error.to_string())?;
        match event {
            Event::Start(_) => {
                depth += 1;
                content.clear();
                if depth > 32 {
                    return Err("nested deeper than an index is".into());
                }
            }
            Event::Text(piece) => {
                content.push_str(&piece);
            }
            Event::GeneralRef(name) => match (&*name, name.resolve_char_ref()) {
                (_, Ok(Some(character))) => content.push(character),
                ("amp", _) => content.push('&'),
                ("lt", _) => content.push('<'),
                ("gt", _) => content.push('>'),
                ("quot", _) => content.push('"'),
                ("apos", _) => content.push('\''),
                _ => return Err("a reference that is not of XML itself".into()),
            },
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                match end.local_name().as_ref() {
                    "Path" => {
                        let read = from_uri(content.trim()).ok_or("a path that is not UTF-8")?;
                        if path.replace(read).is_some() {
                            return Err("a path without its hash".into());
                        }
                    }
                    "Hash" => {
                        let path = path.take().ok_or("a hash without its path")?;
                        named.push((path, content.trim().to_ascii_lowercase()));
                    }
                    _ => {}
                }
                content.clear();
            }
            Event::DocType(_) => return Err("an index has no document type".into()),
            Event::Eof => break,
            _ => {}
        }
        if content.len() > TEXT_LIMIT {
            return Err("a text longer than any of an index".into());
        }
        buffer.clear();
    }
    if depth > 0 || path.is_some() {
        return Err("it ends early".into());
    }
    Ok(named)
}

/// Entry point for fuzzing: any bytes as an index.
pub fn fuzz_pindex(bytes: &[u8]) {
    let _ = read(bytes);
}
