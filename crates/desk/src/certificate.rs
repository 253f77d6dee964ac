//! Certificates: what an office may attest. The administrator writes the types (settings `certificate.<code>`), an
//! office fills one in, and it goes out as a letter whose primary document is the certificate.

mod paper;
#[cfg(test)]
pub(crate) mod samples;

use std::collections::BTreeMap;

use plico_archive::read::body;
use plico_locale::Lang;
use plico_pdf::paper::render;
use plico_record::act::Content;
use plico_record::authority::{Deed, Thing};
use plico_record::day::LegalDay;
use plico_record::part::Party;
use serde::{Deserialize, Serialize};

use crate::answer::{Act, Letter};
use crate::letter::Typed;
use crate::paper::Words;
use crate::refusal::{fault, permit, refuse};
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

pub(crate) use paper::{CertificatePaper, certificate_sheet};

/// The names of the form's fields, in the order of the type's.
pub const FIELDS: [&str; 12] = ["f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "f11"];
/// What every type may name of the recipient.
const OF_THE_RECIPIENT: [&str; 2] = ["nome", "codice_fiscale"];
/// Characters of what is filled in for one field.
const VALUE_CHARS: usize = 500;
/// Characters of a type's text.
const TEXT_CHARS: usize = 4_000;

/// A type of certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateType {
    /// Code, in URLs.
    pub code: String,
    /// What it is called, in Italian: the certificate's title.
    pub name: String,
    /// What it is called, in English.
    pub name_en: String,
    /// What is attested, with `{nome}`, `{codice_fiscale}` and the fields between braces.
    pub text: String,
    /// What the office fills in.
    pub fields: Vec<Field>,
    /// Months it is good for (art. 41 DPR 445/2000: six unless a law says more); none: what cannot change.
    pub validity_months: Option<u32>,
    /// Why no stamp duty is due; empty: it is.
    pub stamp_exemption: String,
    /// The fee, as it is printed; empty: none.
    pub fee: String,
    /// Whether it may be issued for use abroad too.
    pub abroad: bool,
    /// Retention, years; 9999 permanent.
    pub retention_years: u32,
    /// Offered to the offices.
    pub offered: bool,
}

/// What an office fills in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name between braces in the text.
    pub code: String,
    /// What the form asks.
    pub label: String,
}

/// A type as an office filled it in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filled {
    /// Code of the type.
    pub code: String,
    /// Code of each field and what was typed.
    pub values: BTreeMap<String, String>,
    /// For use abroad; otherwise between private persons.
    pub abroad: bool,
    /// Number of the revenue stamp, or how the duty was paid otherwise.
    pub stamp: String,
    /// The official whose name is printed.
    pub official: String,
}

impl CertificateType {
    /// The attestation, filled in.
    pub fn attested(&self, filled: &Filled, name: &str, fiscal_code: Option<&str>) -> String {
        let mut text = self.text.trim().to_owned();
        let own = [("nome", name), ("codice_fiscale", fiscal_code.unwrap_or("–"))];
        let values = filled.values.iter().map(|(code, value)| (code.as_str(), value.trim()));
        // One pass: what was typed is never itself filled in.
        let known: BTreeMap<&str, &str> = own.into_iter().chain(values).collect();
        let mut out = String::with_capacity(text.len());
        while let Some((before, name, after)) = placeholder(&text) {
            out.push_str(before);
            out.push_str(known.get(name).copied().unwrap_or_default());
            text = after.to_owned();
        }
        out + &text
    }

    /// Until when it is good, issued at an instant; `None` for what cannot change.
    pub fn valid_until(&self, issued_ms: i64) -> Option<LegalDay> {
        self.validity_months.map(|months| LegalDay::at(issued_ms).months_after(months))
    }

    /// What does not fit in the type itself.
    fn unfit(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if !crate::kind::good_code(&self.code) || self.code == "nuovo" {
            errors.push(FieldError::of("code", "code"));
        }
        for (field, text, limit) in [("name", &self.name, 200), ("text", &self.text, TEXT_CHARS)] {
            if text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > limit {
                errors.push(FieldError::too_long(field, limit));
            }
        }
        for (field, text) in [("stamp_exemption", &self.stamp_exemption), ("fee", &self.fee)] {
            if text.chars().count() > 200 {
                errors.push(FieldError::too_long(field, 200));
            }
        }
        let mut codes: Vec<&str> = OF_THE_RECIPIENT.to_vec();
        for field in &self.fields {
            if !crate::kind::good_code(&field.code.replace('_', "-"))
                || codes.contains(&field.code.as_str())
                || field.label.is_empty()
            {
                errors.push(FieldError::of("fields", "certificate_fields"));
                break;
            }
            codes.push(&field.code);
        }
        if self.fields.len() > FIELDS.len() {
            errors.push(FieldError {
                limit: Some(FIELDS.len() as u64),
                ..FieldError::of("fields", "too_many_fields")
            });
        }
        let mut rest = self.text.as_str();
        while let Some((_, name, after)) = placeholder(rest) {
            if !codes.contains(&name) {
                errors.push(FieldError::of("text", "placeholder"));
                break;
            }
            rest = after;
        }
        if self.validity_months.is_some_and(|months| !(1..=1200).contains(&months)) {
            errors.push(FieldError::of("validity_months", "number"));
        }
        if !(1..=9999).contains(&self.retention_years) {
            errors.push(FieldError::of("retention_years", "number"));
        }
        errors
    }

    /// What does not fit in what was filled in.
    fn misfilled(&self, filled: &Filled) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (field, name) in self.fields.iter().zip(FIELDS) {
            match filled.values.get(&field.code).map_or("", |value| value.trim()) {
                "" => errors.push(FieldError::required(name)),
                value if value.chars().count() > VALUE_CHARS => {
                    errors.push(FieldError::too_long(name, VALUE_CHARS));
                }
                _ => {}
            }
        }
        if filled.abroad && !self.abroad {
            errors.push(FieldError::of("use", "unknown"));
        }
        for (field, text, wanted) in
            [("stamp", &filled.stamp, self.stamp_exemption.is_empty()), ("official", &filled.official, true)]
        {
            if wanted && text.trim().is_empty() {
                errors.push(FieldError::required(field));
            } else if text.chars().count() > 200 {
                errors.push(FieldError::too_long(field, 200));
            }
        }
        errors
    }
}

/// The text before the next `{name}`, the name, and what follows.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// A certificate about to go out.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    pub(crate) kind: CertificateType,
    pub(crate) filled: Filled,
}

impl Certificate {
    pub(crate) fn words(&self, to: &Party) -> (String, String) {
        (self.kind.name.clone(), self.kind.attested(&self.filled, &to.name, to.fiscal_code.as_deref()))
    }
}

impl Desk {
    /// The types of an administration, offered or not.
    pub async fn certificate_types(&self, administration: &str) -> Outcome<Vec<CertificateType>> {
        let settings = body::settings(self.archive.database(), administration, "certificate.").await?;
        Ok(settings.into_iter().filter_map(|(_, value)| serde_json::from_value(value).ok()).collect())
    }

    /// One type.
    pub async fn certificate_type(
        &self,
        administration: &str,
        code: &str,
    ) -> Outcome<Option<CertificateType>> {
        let name = format!("certificate.{code}");
        let value = body::setting(self.archive.database(), administration, &name).await?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    /// Adds or changes a type.
    pub async fn save_certificate_type(&self, actor: &Actor, kind: CertificateType) -> Outcome<()> {
        let errors = kind.unfit();
        if !errors.is_empty() {
            return refuse(Refusal::Invalid(errors));
        }
        let value = serde_json::to_value(&kind).map_err(fault)?;
        self.save_setting(actor, &format!("certificate.{}", kind.code), value).await
    }

    /// The types that an office may fill in.
    pub async fn offered_certificates(&self, actor: &Actor) -> Outcome<Vec<CertificateType>> {
        permit(actor, Deed::Answer, &Thing::Administration { id: actor.administration.clone() })?;
        let mut types = self.certificate_types(&actor.administration).await?;
        types.retain(|kind| kind.offered);
        Ok(types)
    }

    /// One of them.
    pub async fn offered_certificate(&self, actor: &Actor, code: &str) -> Outcome<CertificateType> {
        let offered = self.offered_certificates(actor).await?;
        match offered.into_iter().find(|kind| kind.code == code) {
            Some(kind) => Ok(kind),
            None => refuse(Refusal::NotFound),
        }
    }

    /// The type of what was filled in, and what does not fit.
    pub(crate) async fn check_certificate(
        &self,
        actor: &Actor,
        filled: &Filled,
    ) -> Outcome<(CertificateType, Vec<FieldError>)> {
        let kind = self.offered_certificate(actor, &filled.code).await?;
        let errors = kind.misfilled(filled);
        Ok((kind, errors))
    }

    /// The certificate that a letter is.
    pub(crate) async fn certificate(&self, actor: &Actor, letter: &Letter) -> Outcome<Option<Certificate>> {
        let Some(filled) = letter.certificate.clone() else { return Ok(None) };
        let (kind, _) = self.check_certificate(actor, &filled).await?;
        Ok(Some(Certificate { kind, filled }))
    }

    /// What a certificate would say to a recipient: its title and what it attests.
    pub async fn certificate_words(
        &self,
        actor: &Actor,
        filled: &Filled,
        to: &Party,
    ) -> Outcome<(String, String)> {
        let (kind, _) = self.check_certificate(actor, filled).await?;
        Ok(Certificate { kind, filled: filled.clone() }.words(to))
    }

    /// The certificate as it would be, before it is issued: marked as a draft, with no code and no seal.
    pub async fn certificate_draft(&self, actor: &Actor, typed: &Typed, key: &str) -> Outcome<Vec<u8>> {
        let letter = typed.letter(Act::Issue, key);
        let recipient = self.addressee(actor, typed).await?;
        let Some(certificate) = self.certificate(actor, &letter).await? else {
            return refuse(Refusal::NotFound);
        };
        let office = match &typed.about {
            Some(id) => self.allowed_message(actor, Deed::Answer, id).await?.office,
            None => typed.office.clone(),
        };
        let office = body::office(self.archive.database(), &office).await?;
        let (subject, text) = certificate.words(&recipient);
        let content = Content { message: "–".into(), subject, text, ..Content::default() };
        let paper = CertificatePaper {
            administration: self.body_name(&actor.administration).await?,
            arms: self.arms(&actor.administration).await?,
            office: office.map_or_else(String::new, |office| office.name),
            certificate,
            recipient,
            content,
            created_ms: self.archive.now_ms(),
            files: Vec::new(),
            sealed: None,
            code: None,
            original_url: String::new(),
            demo: false,
        };
        let catalogue = self.catalogue.clone();
        let made = tokio::task::spawn_blocking(move || {
            render(&certificate_sheet(&Words(&catalogue, letter.language), &paper))
        });
        made.await.map_err(fault)?.map_err(fault)
    }

    /// Renders a certificate, and seals it if it says so.
    pub(crate) async fn certificate_pdf(&self, paper: CertificatePaper, lang: Lang) -> Outcome<Vec<u8>> {
        let body = paper.sealed.map(|_| paper.administration.clone());
        self.sheet_pdf(body, lang, move |words| certificate_sheet(words, &paper)).await
    }
}

/// Fields as an administrator writes them, `codice: Etichetta` a line; `None` when a line says something else.
pub fn parse_fields(text: &str) -> Option<Vec<Field>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (code, label) = line.split_once(':')?;
            Some(Field { code: code.trim().into(), label: label.trim().into() })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residence() -> CertificateType {
        CertificateType {
            code: "residenza".into(),
            name: "Certificato di residenza".into(),
            text: "{nome}, nato a {luogo}, risiede in {via}".into(),
            fields: parse_fields("luogo: Luogo di nascita\n\n via : Via: e numero").unwrap(),
            validity_months: Some(6),
            retention_years: 10,
            offered: true,
            ..CertificateType::default()
        }
    }

    fn filled(values: &[(&str, &str)]) -> Filled {
        Filled {
            code: "residenza".into(),
            values: values.iter().map(|(code, value)| ((*code).into(), (*value).into())).collect(),
            stamp: "01234567890123".into(),
            official: "Ada Neri".into(),
            ..Filled::default()
        }
    }

    #[test]
    fn what_was_typed_is_never_filled_in_itself() {
        let filled = filled(&[("luogo", "{via}"), ("via", "via Roma {1}, {nome}")]);
        assert_eq!(
            residence().attested(&filled, "Anna {luogo} Verdi", None),
            "Anna {luogo} Verdi, nato a {via}, risiede in via Roma {1}, {nome}"
        );
        assert_eq!(residence().fields[1].label, "Via: e numero");
    }

    #[test]
    fn a_type_that_names_what_nobody_fills_in_is_refused() {
        assert_eq!(residence().unfit(), []);
        let unknown = CertificateType { text: "{nome} e {altro}".into(), ..residence() };
        assert_eq!(unknown.unfit(), [FieldError::of("text", "placeholder")]);
        let twice = CertificateType {
            fields: parse_fields("via: A\nvia: B").unwrap(),
            text: "x".into(),
            ..residence()
        };
        assert_eq!(twice.unfit(), [FieldError::of("fields", "certificate_fields")]);
        assert_eq!(parse_fields("senza etichetta"), None);
        let broken =
            CertificateType { name: " ".into(), validity_months: Some(0), retention_years: 0, ..residence() };
        assert_eq!(broken.unfit().len(), 3);
    }

    #[test]
    fn every_field_the_stamp_and_the_official_are_asked_for() {
        let good = filled(&[("luogo", "Pisa"), ("via", "via Roma 1")]);
        assert_eq!(residence().misfilled(&good), []);
        let poor = Filled {
            abroad: true,
            stamp: String::new(),
            official: String::new(),
            ..filled(&[("luogo", " ")])
        };
        let fields: Vec<&str> = residence().misfilled(&poor).iter().map(|error| error.field).collect();
        assert_eq!(fields, ["f0", "f1", "use", "stamp", "official"]);
        let exempt = CertificateType { stamp_exemption: "tab. B, art. 14".into(), ..residence() };
        assert_eq!(exempt.misfilled(&Filled { stamp: String::new(), ..good }), []);
    }

    #[test]
    fn six_months_end_on_a_day_that_there_is() {
        let at = LegalDay::parse("2026-08-31").unwrap().start_ms();
        assert_eq!(residence().valid_until(at).unwrap().to_string(), "2027-02-28");
        assert_eq!(CertificateType { validity_months: None, ..residence() }.valid_until(at), None);
    }
}
