//! The third quarter of the town's stories.

use plico_desk::answer::Act;

use super::files::{Hand, Signed, letter, plan, signed};
use super::story::Beginning::{Filing, Office as Writes};
use super::story::Step::{
    Add, Assign, Audit, Case, Certify, Download, Issue, Know, Letter, Note, Open, Reply, Take,
};
use super::story::Story;
use super::town::Office::{Citizens, Protocol, Technical};

/// Stories, in no order.
pub const STORIES: &[Story] = &[
    Story {
        ago: 70,
        person: 5,
        by: None,
        begins: Filing(
            Technical,
            "scia",
            "SCIA per apertura di una finestra, via Roma 58",
            "Si segnala l'inizio dei lavori per l'apertura di una finestra sul cortile.",
            &[
                plan("stato-di-fatto.pdf", "Planimetria, stato di fatto", Signed::No),
                plan(
                    "stato-di-progetto.pdf.p7m",
                    "Planimetria, stato di progetto",
                    Signed::Der(Hand::Surveyor),
                ),
            ],
        ),
        steps: &[
            (1, Take),
            (0, Case("SCIA Sala, via Roma 58")),
            (
                5,
                Add(
                    "Si aggiunge la documentazione fotografica dimenticata.",
                    &[letter(
                        "documentazione-fotografica.pdf",
                        "Documentazione fotografica",
                        "Fotografie del cortile e del prospetto interno.",
                    )],
                ),
            ),
            (
                12,
                Letter(
                    Act::Granted,
                    "communication",
                    "SCIA: esito favorevole",
                    "L'istruttoria si è conclusa con esito favorevole.",
                    &[],
                ),
            ),
            (1, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 66,
        person: 0,
        by: None,
        begins: Filing(
            Protocol,
            "certificato",
            "Certificato contestuale di residenza e stato civile",
            "Il certificato mi serve in carta semplice.",
            &[],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (1, Take),
            (
                1,
                Issue(
                    "certificate",
                    "Certificato contestuale",
                    "In allegato il certificato richiesto.",
                    &[signed(
                        "certificato-contestuale.pdf.p7m",
                        "Certificato contestuale",
                        "Si certificano residenza e stato civile come da registro.",
                        Signed::Der(Hand::Office),
                    )],
                ),
            ),
            (
                0,
                Letter(
                    Act::Information,
                    "courtesy",
                    "Richiesta evasa",
                    "Il certificato è tra i suoi documenti.",
                    &[],
                ),
            ),
            (2, Open),
            (0, Download),
            (10, Audit("Verifica dei certificati rilasciati nel trimestre")),
        ],
    },
    Story {
        ago: 61,
        person: 6,
        by: None,
        begins: Filing(
            Citizens,
            "tari",
            "Rimborso TARI pagata due volte",
            "Ho pagato due volte la seconda rata. Allego le due quietanze.",
            &[
                letter("quietanza-1.pdf", "Quietanza", "Quietanza di pagamento, seconda rata."),
                letter("quietanza-2.pdf", "Quietanza", "Quietanza di pagamento, seconda rata, ripetuta."),
            ],
        ),
        steps: &[
            (3, Take),
            (
                8,
                Letter(
                    Act::Granted,
                    "communication",
                    "Rimborso disposto",
                    "Il rimborso è disposto sul conto indicato.",
                    &[],
                ),
            ),
            (1, Open),
            (0, Reply("Grazie, ricevuto.", &[])),
        ],
    },
    Story {
        ago: 57,
        person: 7,
        by: None,
        begins: Writes(Citizens),
        steps: &[(
            0,
            Letter(
                Act::Message,
                "courtesy",
                "Scadenza della carta di identità",
                "La sua carta di identità scade tra due mesi. Può prenotare il rinnovo allo sportello.",
                &[],
            ),
        )],
    },
    Story {
        ago: 53,
        person: 2,
        by: None,
        begins: Filing(
            Protocol,
            "contributo",
            "Contributo per il trasporto scolastico",
            "Chiedo il contributo per due figli. Allego l'ISEE.",
            &[letter(
                "isee-famiglia.pdf",
                "Attestazione ISEE",
                "Attestazione dell'indicatore della situazione economica equivalente.",
            )],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (2, Take),
            (
                14,
                Letter(
                    Act::Granted,
                    "communication",
                    "Contributo concesso",
                    "Il contributo è concesso per l'intero anno scolastico.",
                    &[],
                ),
            ),
            (1, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 48,
        person: 8,
        by: Some(3),
        begins: Filing(
            Protocol,
            "suolo",
            "Occupazione di suolo per ponteggio, via Lunga",
            "Si chiede l'occupazione di 24 metri quadrati per venti giorni.",
            &[plan("area-ponteggio.pdf.p7m", "Area del ponteggio", Signed::Base64(Hand::Bassani))],
        ),
        steps: &[
            (0, Assign(Technical)),
            (0, Know(Citizens)),
            (1, Take),
            (0, Case("Ponteggio di via Lunga")),
            (
                5,
                Issue(
                    "permit",
                    "Concessione di suolo pubblico",
                    "In allegato la concessione.",
                    &[signed(
                        "concessione.pdf.p7m",
                        "Concessione di suolo pubblico",
                        "Si concede l'occupazione di 24 metri quadrati per venti giorni, alle condizioni del regolamento.",
                        Signed::Der(Hand::Office),
                    )],
                ),
            ),
            (1, Open),
            (0, Download),
            (
                0,
                Letter(
                    Act::Granted,
                    "communication",
                    "Occupazione di suolo accolta",
                    "La domanda è accolta. Il canone si paga entro dieci giorni.",
                    &[],
                ),
            ),
            (2, Open),
        ],
    },
    Story {
        ago: 43,
        person: 1,
        by: None,
        begins: Filing(
            Protocol,
            "guasto",
            "Cassonetto rotto in piazza del Pozzo",
            "Il coperchio non si chiude e la notte arrivano i cinghiali.",
            &[],
        ),
        steps: &[
            (0, Assign(Technical)),
            (1, Take),
            (
                3,
                Letter(
                    Act::Information,
                    "courtesy",
                    "Cassonetto sostituito",
                    "Il cassonetto è stato sostituito.",
                    &[],
                ),
            ),
            (4, Open),
        ],
    },
    Story {
        ago: 38,
        person: 4,
        by: Some(6),
        begins: Filing(
            Citizens,
            "certificato",
            "Certificato di esistenza in vita",
            "Il certificato serve per la pensione estera.",
            &[],
        ),
        steps: &[
            (1, Take),
            (
                1,
                Certify(
                    "esistenza-in-vita",
                    &[("luogo", "Borgo San Plico"), ("data", "12 aprile 1950")],
                    "Teresa Galli, ufficiale d’anagrafe",
                    true,
                ),
            ),
            (1, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 33,
        person: 3,
        by: None,
        begins: Filing(
            Technical,
            "accesso-atti",
            "Accesso agli atti: verbale di sopralluogo",
            "Chiedo copia del verbale del sopralluogo di via Lunga.",
            &[signed(
                "richiesta-firmata.pdf.p7m",
                "Richiesta di accesso",
                "Il sottoscritto chiede copia del verbale.",
                Signed::Truncated(Hand::Bassani),
            )],
        ),
        steps: &[
            (2, Take),
            (1, Note("Il file allegato è incompleto; la richiesta nel testo basta.")),
            (
                8,
                Letter(
                    Act::Denied,
                    "communication",
                    "Accesso agli atti: diniego",
                    "Il verbale contiene dati di terzi e il procedimento è in corso. Si può chiedere il riesame al difensore civico entro trenta giorni.",
                    &[],
                ),
            ),
            (1, Open),
        ],
    },
    Story {
        ago: 28,
        person: 0,
        by: None,
        begins: Writes(Technical),
        steps: &[
            (
                0,
                Letter(
                    Act::Message,
                    "communication",
                    "Lavori in via dei Tigli",
                    "Dal lunedì prossimo la via è chiusa al traffico per il rifacimento della fognatura, per quindici giorni.",
                    &[plan("tratto-chiuso.pdf", "Tratto chiuso al traffico", Signed::No)],
                ),
            ),
            (1, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 24,
        person: 2,
        by: None,
        begins: Filing(
            Technical,
            "istanza",
            "Autorizzazione al passo carraio, via della Fornace",
            "Chiedo l'autorizzazione per un passo carraio di tre metri.",
            &[plan("passo-carraio.pdf", "Passo carraio", Signed::No)],
        ),
        steps: &[
            (1, Take),
            (
                6,
                Letter(
                    Act::Supplement,
                    "communication",
                    "Passo carraio: richiesta di integrazione",
                    "Occorre la dichiarazione del condominio. Il termine è sospeso fino alla risposta.",
                    &[],
                ),
            ),
            (2, Open),
        ],
    },
];
