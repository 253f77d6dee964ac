//! A card for the wallets of telephones: the files of an Apple pass (`.pkpass`) but for its signature, and what a Google Wallet
//! link says. Both hold the card's own code: who checks it checks the same text as on paper.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use plico_crypto::digest::{sha1, to_hex};
use serde_json::{Value, json};

/// What a pass says.
#[derive(Debug, Clone)]
pub struct Pass<'a> {
    /// The card's identifier.
    pub id: &'a str,
    /// The body.
    pub body: &'a str,
    /// What kind of card it is.
    pub name: &'a str,
    /// Its number.
    pub number: &'a str,
    /// Whose it is; nothing on a card that tells nobody.
    pub holder: Option<&'a str>,
    /// What each field is called, and what it says.
    pub fields: &'a [(String, String)],
    /// When it ends, RFC 3339.
    pub until: &'a str,
    /// Whether it is good no more.
    pub void: bool,
    /// The signed text.
    pub code: &'a str,
    /// Its colour.
    pub colour: [u8; 3],
    /// What holder and number are called.
    pub labels: [&'a str; 2],
}

/// Pixels of the icon, and its name, by resolution.
const ICONS: [(u32, &str); 3] = [(29, "icon.png"), (58, "icon@2x.png"), (87, "icon@3x.png")];

impl Pass<'_> {
    /// `pass.json`, the icons and `manifest.json`, which is the last: what is signed.
    pub fn files(&self, kind: &str, team: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![("pass.json".to_owned(), self.pass(kind, team).to_string().into_bytes())];
        files.extend(ICONS.map(|(size, name)| (name.to_owned(), icon(size, self.colour))));
        // The format demands SHA-1; what is signed is this list, with SHA-256.
        let digests: BTreeMap<&str, String> =
            files.iter().map(|(name, bytes)| (name.as_str(), to_hex(&sha1(bytes)))).collect();
        let manifest = json!(digests).to_string().into_bytes();
        files.push(("manifest.json".to_owned(), manifest));
        files
    }

    fn pass(&self, kind: &str, team: &str) -> Value {
        let [holder, number] = self.labels;
        let field =
            |key: String, label: &str, value: &str| json!({"key": key, "label": label, "value": value});
        let primary: Vec<Value> =
            self.holder.iter().map(|name| field("holder".into(), holder, name)).collect();
        let others = self.fields.iter().enumerate();
        let others: Vec<Value> =
            others.map(|(nth, (label, value))| field(format!("f{nth}"), label, value)).collect();
        let [red, green, blue] = self.colour;
        json!({
            "formatVersion": 1,
            "passTypeIdentifier": kind,
            "teamIdentifier": team,
            "serialNumber": self.id,
            "organizationName": self.body,
            "description": self.name,
            "logoText": self.body,
            "expirationDate": self.until,
            "voided": self.void,
            "foregroundColor": "rgb(255, 255, 255)",
            "labelColor": "rgb(255, 255, 255)",
            "backgroundColor": format!("rgb({red}, {green}, {blue})"),
            "sharingProhibited": true,
            "barcodes": [{
                "format": "PKBarcodeFormatQR", "message": self.code, "messageEncoding": "iso-8859-1",
                "altText": self.number,
            }],
            "generic": {
                "headerFields": [field("number".into(), number, self.number)],
                "primaryFields": primary,
                "secondaryFields": others,
            },
        })
    }

    /// The claims of a link that saves it to Google Wallet, signed with the account `email` for the issuer.
    pub fn google(&self, email: &str, issuer: &str, origin: &str, now_s: i64) -> Value {
        let text = |text: &str| json!({"defaultValue": {"language": "it", "value": text}});
        // Of an identifier they take letters, digits, dot, hyphen and underscore.
        let class = format!("{issuer}.plico");
        let modules: Vec<Value> = self
            .fields
            .iter()
            .enumerate()
            .map(|(nth, (label, value))| json!({"id": format!("f{nth}"), "header": label, "body": value}))
            .collect();
        let [red, green, blue] = self.colour;
        json!({
            "iss": email, "aud": "google", "typ": "savetowallet", "iat": now_s, "origins": [origin],
            "payload": {
                "genericClasses": [{"id": class}],
                "genericObjects": [{
                    "id": format!("{issuer}.{}", self.id),
                    "classId": class,
                    "state": if self.void { "EXPIRED" } else { "ACTIVE" },
                    "cardTitle": text(self.body),
                    "subheader": text(self.name),
                    "header": text(self.holder.unwrap_or(self.number)),
                    "hexBackgroundColor": format!("#{red:02x}{green:02x}{blue:02x}"),
                    "barcode": {"type": "QR_CODE", "value": self.code, "alternateText": self.number},
                    "validTimeInterval": {"end": {"date": self.until}},
                    "textModulesData": modules,
                }],
            },
        })
    }
}

/// A card, white on its colour, as PNG (ISO/IEC 15948): true colour, eight bits, one block.
fn icon(size: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..size {
        rows.push(0);
        for x in 0..size {
            let inside = x >= size / 6 && x < size - size / 6 && y >= size / 4 && y < size - size / 4;
            let stripe = y >= size * 2 / 5 && y < size / 2;
            rows.extend(if inside && !stripe { [255; 3] } else { colour });
        }
    }
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = packed.write_all(&rows).and_then(|()| packed.finish()).unwrap_or_default();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    let size = size.to_be_bytes();
    let header = [&size[..], &size, &[8, 2, 0, 0, 0]].concat();
    for (kind, data) in [(b"IHDR", &header), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
        png.extend(kind);
        png.extend(data);
        png.extend(crc.sum().to_be_bytes());
    }
    png
}
