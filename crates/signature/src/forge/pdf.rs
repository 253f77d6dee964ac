//! The smallest PDF that can bear a signature, for tests. Real ones are made elsewhere.

use plico_crypto::verify::Hash;

use super::authority::token;
use super::pki::Signer;
use crate::digest::digest;
use crate::seal::SealError;

/// Room for the signature, in bytes.
const ROOM: usize = 8192;

/// A one-page PDF signed as PAdES baseline B; `text` stands on its page.
pub fn pades(signer: &Signer, text: &str, time: &str) -> Result<Vec<u8>, SealError> {
    let (mut pdf, gap) = pades_unfinished(text, time);
    let hashed = [&pdf[..gap], &pdf[gap + 2 * ROOM + 2..]].concat();
    let cms = signer.sealer()?.sign_detached(&digest(Hash::Sha256, &hashed))?;
    let hexadecimal = crate::report::hex(&cms);
    pdf[gap + 1..gap + 1 + hexadecimal.len()].copy_from_slice(hexadecimal.as_bytes());
    Ok(pdf)
}

/// The same before it is signed, and where its gap starts.
pub fn pades_unfinished(text: &str, time: &str) -> (Vec<u8>, usize) {
    let stream = format!("BT /F1 12 Tf 50 750 Td ({text}) Tj ET");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[6 0 R]>>>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R]>>"
            .to_owned(),
        format!("<</Length {}>>stream\n{stream}\nendstream", stream.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Firma)/Rect[0 0 0 0]/F 132/P 3 0 R/V 7 0 R>>".to_owned(),
        format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:{time})/ByteRange [0 {}]/Contents <{}>>>",
            " ".repeat(36),
            "0".repeat(2 * ROOM)
        ),
    ];
    let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(pdf.len());
        pdf.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).as_bytes());
    }
    let start = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in offsets {
        pdf.extend(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    pdf.extend(trailer.as_bytes());
    let (gap, _) = fill_range(&mut pdf, 0);
    (pdf, gap)
}

/// A security store after a signed PDF (ETSI EN 319 142-1 §5.4): lists as they are, answers packed.
pub fn with_store(pdf: &[u8], lists: &[Vec<u8>], answers: &[Vec<u8>]) -> std::io::Result<Vec<u8>> {
    let mut objects = Vec::new();
    let mut references = [String::new(), String::new()];
    for (kind, bytes) in lists.iter().map(|list| (0, list)).chain(answers.iter().map(|answer| (1, answer))) {
        let number = 20 + objects.len();
        references[kind].extend([number.to_string().as_str(), " 0 R "]);
        let (filter, stream) =
            if kind == 0 { ("", bytes.clone()) } else { ("/Filter/FlateDecode", packed(bytes)?) };
        let head = format!("<</Length {}{filter}>>stream\n", stream.len());
        objects.push((number, [head.as_bytes(), &stream, b"\nendstream"].concat()));
    }
    let store = format!("<</CRLs[{}]/OCSPs[{}]>>", references[0], references[1]);
    objects.push((19, store.into_bytes()));
    let catalog =
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[6 0 R]>>/DSS 19 0 R>>".as_bytes().to_vec();
    objects.insert(0, (1, catalog));
    Ok(appended(pdf, &objects))
}

/// A time stamp over a whole PDF, after it (ETSI EN 319 142-1 §5.4.3).
pub fn with_document_stamp(pdf: &[u8], authority: &Signer, at_ms: i64) -> Result<Vec<u8>, SealError> {
    let dictionary = format!(
        "<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange [0 {}]/Contents <{}>>>",
        " ".repeat(36),
        "0".repeat(2 * ROOM)
    );
    let mut whole = appended(pdf, &[(60, dictionary.into_bytes())]);
    let (gap, after) = fill_range(&mut whole, pdf.len());
    let over = [&whole[..gap], &whole[after..]].concat();
    let hexadecimal = crate::report::hex(&token(authority, &over, at_ms)?);
    whole[gap + 1..gap + 1 + hexadecimal.len()].copy_from_slice(hexadecimal.as_bytes());
    Ok(whole)
}

fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    use std::io::Write as _;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

/// An incremental update with these objects.
fn appended(pdf: &[u8], objects: &[(usize, Vec<u8>)]) -> Vec<u8> {
    let mut whole = pdf.to_vec();
    let mut table = String::new();
    for (number, object) in objects {
        table.extend([format!("{number} 1\n{:010} 00000 n \n", whole.len())]);
        whole.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let last = |word: &[u8]| pdf.windows(word.len()).rposition(|window| window == word);
    let previous = last(b"startxref").map_or("0", |at| {
        let digits = std::str::from_utf8(&pdf[at + 9..]).unwrap_or_default().trim_start();
        digits.split_whitespace().next().unwrap_or("0")
    });
    let start = whole.len();
    let trailer = format!("trailer\n<</Size 100/Root 1 0 R/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n");
    whole.extend(format!("xref\n{table}{trailer}").as_bytes());
    whole
}

/// Writes the byte range of the first empty signature after `from`; says where its gap starts and ends.
fn fill_range(pdf: &mut [u8], from: usize) -> (usize, usize) {
    let find = |pdf: &[u8], mark: &[u8]| {
        pdf[from..].windows(mark.len()).position(|window| window == mark).map_or(0, |at| from + at)
    };
    let gap = find(pdf, b"/Contents <0") + 10;
    let after = gap + 2 * ROOM + 2;
    let numbers = format!("{gap:<10} {after:<10} {:<10}", pdf.len() - after);
    let range = find(pdf, b"/ByteRange [0") + 14;
    pdf[range..range + numbers.len()].copy_from_slice(numbers.as_bytes());
    (gap, after)
}
