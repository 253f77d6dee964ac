//! Comune di Borgo San Plico: nobody and nothing in it exists.

use plico_desk::certificate::{CertificateType, Field};
use plico_desk::kind::Kind;
use plico_record::fiscal::FiscalCode;

/// Name of the body.
pub const NAME: &str = "Comune di Borgo San Plico";
/// Its IPA code, and its identifier in the archive.
pub const CODE: &str = "c_b999";

/// The offices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    /// Registry and front desk.
    Protocol,
    /// Building, streets, works.
    Technical,
    /// Registers of persons, taxes.
    Citizens,
}

impl Office {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Protocol, Self::Technical, Self::Citizens];

    /// Name, responsible person, e-mail.
    pub fn facts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Protocol => (
                "Protocollo e relazioni con il pubblico",
                "Paola Venturi",
                "protocollo@borgosanplico.example",
            ),
            Self::Technical => {
                ("Ufficio tecnico ed edilizia", "Marco Ferri", "tecnico@borgosanplico.example")
            }
            Self::Citizens => {
                ("Servizi demografici e tributi", "Teresa Galli", "demografici@borgosanplico.example")
            }
        }
    }
}

/// Somebody who works for the body.
#[derive(Debug)]
pub struct Staff {
    /// Login name.
    pub login: &'static str,
    /// Fiscal code without its check character.
    pub code: &'static str,
    /// Name.
    pub name: &'static str,
    /// Role codes; the first is what he is in one word.
    pub roles: &'static [&'static str],
    /// Offices.
    pub offices: &'static [Office],
}

/// The administrator comes first: he sets up the others.
pub const STAFF: [Staff; 8] = [
    Staff {
        login: "ivo.santini",
        code: "SNTVIO70C12Z999",
        name: "Ivo Santini",
        roles: &["administrator"],
        offices: &[],
    },
    Staff {
        login: "paola.venturi",
        code: "VNTPLA68M55Z999",
        name: "Paola Venturi",
        roles: &["records_manager"],
        offices: &[],
    },
    Staff {
        login: "nadia.rinaldi",
        code: "RNLNDA81E61Z999",
        name: "Nadia Rinaldi",
        roles: &["operator"],
        offices: &[Office::Protocol],
    },
    Staff {
        login: "carlo.bettini",
        code: "BTTCRL77P03Z999",
        name: "Carlo Bettini",
        roles: &["operator"],
        offices: &[Office::Protocol],
    },
    Staff {
        login: "marco.ferri",
        code: "FRRMRC72T09Z999",
        name: "Marco Ferri",
        roles: &["operator"],
        offices: &[Office::Technical],
    },
    Staff {
        login: "silvia.donati",
        code: "DNTSLV85A47Z999",
        name: "Silvia Donati",
        roles: &["operator"],
        offices: &[Office::Technical],
    },
    Staff {
        login: "teresa.galli",
        code: "GLLTRS79L50Z999",
        name: "Teresa Galli",
        roles: &["operator"],
        offices: &[Office::Citizens],
    },
    Staff {
        login: "ettore.lanza",
        code: "LNZTTR58D21Z999",
        name: "Ettore Lanza",
        roles: &["auditor"],
        offices: &[],
    },
];
/// Who annuls and corrects.
pub const MANAGER: usize = 1;
/// Who reads by mandate.
pub const AUDITOR: usize = 7;

/// The operators of an office, by their place in [`STAFF`].
pub fn operators(office: Office) -> &'static [usize] {
    match office {
        Office::Protocol => &[2, 3],
        Office::Technical => &[4, 5],
        Office::Citizens => &[6],
    }
}

/// Somebody who writes to the body.
#[derive(Debug)]
pub struct Person {
    /// Given name; empty for a company.
    pub given: &'static str,
    /// Surname, or the company's name.
    pub surname: &'static str,
    /// Fiscal code without its check character.
    code: &'static str,
    /// E-mail.
    pub email: &'static str,
    /// Street.
    pub street: &'static str,
    /// For whom he may act, by place in [`PEOPLE`].
    pub acts_for: &'static [usize],
}

/// Eight citizens and a company.
pub const PEOPLE: [Person; 9] = [
    person("Lia", "Fontana", "FNTLIA88D52Z999", "lia.fontana@posta.example", "via dei Tigli 4", &[]),
    person("Ugo", "Marchetti", "MRCGUO61S03Z999", "ugo.marchetti@posta.example", "piazza del Pozzo 11", &[]),
    person("Samira", "Haddad", "HDDSMR93L61Z999", "samira.haddad@posta.example", "via della Fornace 27", &[]),
    person("Pietro", "Bassani", "BSSPTR75A30Z999", "pietro.bassani@posta.example", "via Lunga 102", &[8]),
    person("Elena", "Corvi", "CRVLNE54P48Z999", "elena.corvi@posta.example", "vicolo San Rocco 3", &[]),
    person("Matteo", "Sala", "SLAMTT99B17Z999", "matteo.sala@posta.example", "via Roma 58", &[]),
    person(
        "Giulia",
        "Ferrante",
        "FRRGLI83T45Z999",
        "giulia.ferrante@posta.example",
        "via del Molino 9",
        &[4],
    ),
    person("Dario", "Quaglia", "QGLDRA47H25Z999", "", "località Cascina Alta 1", &[]),
    person("", "Edilborgo S.r.l.", "0099900999", "ufficio@edilborgo.example", "zona artigianale 14", &[]),
];

/// Who reads for whom, by place in [`PEOPLE`]: a daughter for her father, who has no mail.
pub const READS: [(usize, usize); 1] = [(0, 7)];

const fn person(
    given: &'static str,
    surname: &'static str,
    code: &'static str,
    email: &'static str,
    street: &'static str,
    acts_for: &'static [usize],
) -> Person {
    Person { given, surname, code, email, street, acts_for }
}

impl Person {
    /// Name and surname, or the company's name.
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.surname).trim().to_owned()
    }

    /// A company.
    pub fn is_company(&self) -> bool {
        self.given.is_empty()
    }

    /// The fiscal code with the check character that belongs to it.
    pub fn fiscal_code(&self) -> Option<FiscalCode> {
        code(self.code)
    }
}

/// A fiscal code with the check character that belongs to it.
pub fn code(without: &str) -> Option<FiscalCode> {
    ('0'..='9').chain('A'..='Z').find_map(|check| FiscalCode::parse(&format!("{without}{check}")).ok())
}

const ACCESS_REMEDIES: &str = "Contro il diniego, anche tacito, si può ricorrere entro trenta giorni al TAR della Toscana o, \
    per gli atti del Comune, al difensore civico (art. 25, L. 241/1990).";

/// The town's classification scheme, as the records manager imports it.
pub const SCHEME: &str = "\
codice;titolo;dal;al
I;Amministrazione generale;2020-01-01;
I.6;Archivio generale;2020-01-01;
I.8;Informazioni e relazioni con il pubblico;2020-01-01;
II;Organi di governo, gestione, controllo, consulenza e garanzia;2020-01-01;
III;Risorse umane;2020-01-01;
IV;Risorse finanziarie e patrimonio;2020-01-01;
IV.3;Gestione delle entrate;2020-01-01;
V;Affari legali;2020-01-01;
VI;Pianificazione e gestione del territorio;2020-01-01;
VI.3;Edilizia privata;2020-01-01;
VI.5;Opere pubbliche;2020-01-01;
VI.9;Protezione dell'ambiente e controllo delle attività;2020-01-01;
VII;Servizi alla persona;2020-01-01;
VII.2;Asili nido e scuola dell'infanzia;2020-01-01;2025-12-31
VII.12;Attività di sostegno e assistenza;2020-01-01;
VIII;Attività economiche;2020-01-01;
VIII.4;Occupazione di suolo e mercati;2020-01-01;
IX;Polizia locale e sicurezza pubblica;2020-01-01;
X;Tutela della salute;2020-01-01;
XI;Servizi demografici;2020-01-01;
XI.2;Anagrafe e certificazioni;2020-01-01;
XII;Elezioni e iniziative popolari;2020-01-01;
XIII;Affari militari;2020-01-01;
XIV;Oggetti diversi;2020-01-01;
";

/// The kinds of message that the town accepts.
pub fn kinds() -> Vec<Kind> {
    let kind =
        |code: &str, name: &str, name_en: &str, document_type: &str, term_days, silence: &str, help: &str| {
            Kind {
                code: code.into(),
                name: name.into(),
                name_en: name_en.into(),
                help: help.into(),
                document_type: document_type.into(),
                office: None,
                term_days,
                silence: silence.into(),
                remedies: String::new(),
                retention_years: 10,
                confidential: false,
                offered: true,
                class: String::new(),
            }
        };
    let mut kinds = vec![
        kind(
            "istanza",
            "Istanza generica",
            "General request",
            "istanza",
            Some(30),
            "none",
            "Per ogni richiesta che non ha una voce sua.",
        ),
        kind(
            "accesso-atti",
            "Accesso agli atti",
            "Access to documents",
            "istanza",
            Some(30),
            "denial",
            "Indica gli atti che vuoi vedere e perché (legge 241/1990, art. 22 e seguenti).",
        ),
        kind(
            "residenza",
            "Dichiarazione di residenza",
            "Declaration of residence",
            "dichiarazione",
            Some(45),
            "assent",
            "Allega un documento di identità e il titolo con cui abiti la casa.",
        ),
        kind(
            "scia",
            "Segnalazione certificata di inizio attività",
            "Certified notice of works",
            "segnalazione",
            Some(30),
            "assent",
            "Allega relazione e planimetrie firmate dal tecnico.",
        ),
        kind(
            "suolo",
            "Occupazione di suolo pubblico",
            "Use of public ground",
            "istanza",
            Some(30),
            "none",
            "Indica luogo, giorni e superficie.",
        ),
        kind(
            "guasto",
            "Segnalazione di guasto o disservizio",
            "Report of a fault",
            "segnalazione",
            None,
            "none",
            "Strade, illuminazione, verde, rifiuti.",
        ),
        kind(
            "tari",
            "Riduzione o rimborso della TARI",
            "Waste tax: reduction or refund",
            "istanza",
            Some(180),
            "none",
            "Indica il numero dell'avviso.",
        ),
        kind(
            "certificato",
            "Richiesta di certificato",
            "Request for a certificate",
            "istanza",
            Some(30),
            "none",
            "Il certificato arriva tra i tuoi documenti.",
        ),
        kind(
            "contributo",
            "Contributo economico",
            "Economic support",
            "istanza",
            Some(60),
            "denial",
            "Allega l'ISEE in corso di validità.",
        ),
        kind(
            "comunicazione",
            "Comunicazione",
            "Communication",
            "comunicazione",
            None,
            "none",
            "Per far sapere qualcosa che non chiede risposta.",
        ),
    ];
    for kind in &mut kinds {
        match kind.code.as_str() {
            "accesso-atti" => kind.remedies = ACCESS_REMEDIES.into(),
            "contributo" => kind.confidential = true,
            "residenza" => kind.retention_years = 9999,
            _ => {}
        }
        kind.class = match kind.code.as_str() {
            "accesso-atti" => "I.6",
            "residenza" | "certificato" => "XI.2",
            "scia" => "VI.3",
            "suolo" => "VIII.4",
            "guasto" => "VI.5",
            "tari" => "IV.3",
            "contributo" => "VII.12",
            _ => "",
        }
        .into();
    }
    kinds
}

/// What the town certifies.
pub fn certificates() -> Vec<CertificateType> {
    let field = |code: &str, label: &str| Field { code: code.into(), label: label.into() };
    let born = [field("luogo", "Luogo di nascita"), field("data", "Data di nascita")];
    let kind = |code: &str, name: &str, name_en: &str, text: &str, fields: &[Field]| CertificateType {
        code: code.into(),
        name: name.into(),
        name_en: name_en.into(),
        text: text.into(),
        fields: fields.into(),
        validity_months: Some(6),
        stamp_exemption: String::new(),
        fee: "0,52 €".into(),
        abroad: true,
        retention_years: 10,
        offered: true,
    };
    let birth = kind(
        "nascita",
        "Certificato di nascita",
        "Birth certificate",
        "{nome}, codice fiscale {codice_fiscale}, è nato/a a {luogo} il {data}.",
        &born,
    );
    let alive = kind(
        "esistenza-in-vita",
        "Certificato di esistenza in vita",
        "Certificate of existence in life",
        "{nome}, codice fiscale {codice_fiscale}, nato/a a {luogo} il {data}, è in vita.",
        &born,
    );
    let residence = kind(
        "residenza",
        "Certificato di residenza",
        "Certificate of residence",
        "{nome}, codice fiscale {codice_fiscale}, nato/a a {luogo} il {data}, risiede in questo Comune in {via}.",
        &[&born[..], &[field("via", "Via e numero civico")]].concat(),
    );
    vec![
        CertificateType {
            validity_months: None,
            stamp_exemption: "art. 7, comma 5, legge 405/1990".into(),
            fee: String::new(),
            ..birth
        },
        CertificateType {
            stamp_exemption: "art. 9, tabella B, d.P.R. 642/1972 (uso pensione)".into(),
            fee: String::new(),
            ..alive
        },
        residence,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_a_valid_code_and_only_the_company_eleven_digits() {
        for person in &PEOPLE {
            let code = person.fiscal_code().unwrap_or_else(|| panic!("{}", person.name()));
            assert_eq!(code.is_person(), !person.is_company(), "{}", person.name());
        }
    }
}
