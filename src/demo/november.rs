//! The last quarter of the town's stories: the newest are still open.

use plico_desk::answer::Act;

use super::files::{Hand, Signed, letter, plan, signed};
use super::story::Beginning::{Filing, Office as Writes};
use super::story::Step::{Assign, Case, Issue, Letter, Note, Open, Reply, Take};
use super::story::Story;
use super::town::Office::{Citizens, Protocol, Technical};

/// Stories, in no order.
pub const STORIES: &[Story] = &[
    Story {
        ago: 19,
        person: 5,
        by: None,
        begins: Filing(
            Technical,
            "scia",
            "SCIA per rifacimento della facciata, vicolo San Rocco",
            "Si segnala l'inizio dei lavori di rifacimento della facciata.",
            &[
                signed(
                    "relazione.pdf.p7m",
                    "Relazione tecnica",
                    "Il rifacimento rispetta il piano del colore.",
                    Signed::Der(Hand::Surveyor),
                ),
                plan("prospetto.pdf.p7m", "Prospetto", Signed::Ber(Hand::Surveyor)),
            ],
        ),
        steps: &[
            (1, Take),
            (0, Case("SCIA Sala, vicolo San Rocco 3")),
            (3, Note("Parere della soprintendenza chiesto il giorno stesso.")),
        ],
    },
    Story {
        ago: 15,
        person: 1,
        by: None,
        begins: Writes(Citizens),
        steps: &[(
            0,
            Issue(
                "letter",
                "Avviso TARI, saldo",
                "In allegato l'avviso di saldo.",
                &[letter(
                    "avviso-saldo.pdf",
                    "Avviso di saldo TARI",
                    "Importo a saldo, con la riduzione già applicata.",
                )],
            ),
        )],
    },
    Story {
        ago: 12,
        person: 6,
        by: None,
        begins: Filing(
            Protocol,
            "istanza",
            "Uso della sala civica per un'assemblea",
            "Chiedo l'uso della sala civica per l'assemblea dei genitori, un martedì sera.",
            &[],
        ),
        steps: &[
            (1, Take),
            (
                3,
                Letter(
                    Act::Message,
                    "courtesy",
                    "Sala civica: quale martedì?",
                    "La sala è libera il primo e il terzo martedì. Quale preferisce?",
                    &[],
                ),
            ),
            (1, Open),
            (1, Reply("Il primo martedì va benissimo.", &[])),
        ],
    },
    Story {
        ago: 9,
        person: 7,
        by: None,
        begins: Filing(
            Protocol,
            "tari",
            "Esenzione TARI per la stalla",
            "La stalla non produce rifiuti.",
            &[],
        ),
        steps: &[(1, Assign(Citizens)), (2, Take)],
    },
    Story {
        ago: 7,
        person: 3,
        by: None,
        begins: Writes(Technical),
        steps: &[(
            0,
            Letter(
                Act::Message,
                "communication",
                "Convocazione per sopralluogo",
                "È convocato per il sopralluogo in via Lunga 102, il giorno concordato per telefono.",
                &[],
            ),
        )],
    },
    Story {
        ago: 5,
        person: 0,
        by: None,
        begins: Filing(
            Protocol,
            "certificato",
            "Estratto dell'atto di matrimonio",
            "Mi serve un estratto con le annotazioni.",
            &[],
        ),
        steps: &[
            (1, Assign(Citizens)),
            (1, Take),
            (
                1,
                Issue(
                    "certificate",
                    "Estratto dell'atto di matrimonio",
                    "In allegato l'estratto.",
                    &[letter(
                        "estratto-matrimonio.pdf",
                        "Estratto per riassunto dell'atto di matrimonio",
                        "Con le annotazioni a margine.",
                    )],
                ),
            ),
        ],
    },
    Story {
        ago: 3,
        person: 8,
        by: Some(3),
        begins: Filing(
            Technical,
            "scia",
            "SCIA per tettoia, zona artigianale 14",
            "Si segnala l'inizio dei lavori per una tettoia di servizio.",
            &[
                signed(
                    "relazione-tettoia.pdf.p7m",
                    "Relazione tecnica",
                    "La tettoia è aperta su tre lati.",
                    Signed::Der(Hand::Surveyor),
                ),
                plan("tettoia.pdf.p7m", "Tettoia, pianta", Signed::Base64(Hand::Surveyor)),
            ],
        ),
        steps: &[(1, Take)],
    },
    Story {
        ago: 1,
        person: 2,
        by: None,
        begins: Filing(
            Protocol,
            "guasto",
            "Albero pericolante vicino alla scuola",
            "Il ramo grosso si è spezzato con il vento di ieri e pende sul marciapiede.",
            &[],
        ),
        steps: &[(0, Assign(Technical))],
    },
    Story {
        ago: 0,
        person: 6,
        by: None,
        begins: Filing(
            Protocol,
            "istanza",
            "Iscrizione al servizio mensa",
            "Chiedo di iscrivere mio figlio alla mensa dal mese prossimo.",
            &[letter("dieta.pdf", "Certificato per la dieta", "Intolleranza al lattosio.")],
        ),
        steps: &[],
    },
    Story {
        ago: 0,
        person: 1,
        by: None,
        begins: Filing(
            Protocol,
            "comunicazione",
            "Cambio del numero di telefono",
            "Il mio nuovo numero è quello che ho lasciato allo sportello.",
            &[],
        ),
        steps: &[],
    },
];
