//! The smallest PDF that can bear a signature, for tests. Real ones are made elsewhere.

use plico_crypto::verify::Hash;

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
    let mark = b"/Contents <0";
    let gap = pdf.windows(mark.len()).position(|window| window == mark).map_or(0, |at| at + 10);
    let after = gap + 2 * ROOM + 2;
    let numbers = format!("{gap:<10} {after:<10} {:<10}", pdf.len() - after);
    let range = pdf.windows(13).position(|window| window == b"/ByteRange [0").map_or(0, |at| at + 14);
    pdf[range..range + numbers.len()].copy_from_slice(numbers.as_bytes());
    (pdf, gap)
}
