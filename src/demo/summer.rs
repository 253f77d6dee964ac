//! The second quarter of the town's stories.

use plico_desk::answer::Act;

use super::files::{Hand, Signed, letter, signed};
use super::story::Beginning::{Filing, Office as Writes};
use super::story::Step::{
    Annul, Assign, Download, Issue, Letter, Open, Recall, Rectify, Reply, Take, Withdraw,
};
use super::story::Story;
use super::town::Office::{Citizens, Protocol, Technical};

/// Stories, in no order.
pub const STORIES: &[Story] = &[
    Story {
        ago: 95,
        person: 7,
        by: None,
        begins: Filing(
            Protocol,
            "istanza",
            "Riparazione della strada per Cascina Alta",
            "La strada è piena di buche e il furgone del pane non sale più.",
            &[],
        ),
        steps: &[
            (0, Assign(Technical)),
            (2, Take),
            (
                14,
                Letter(
                    Act::Denied,
                    "communication",
                    "Strada per Cascina Alta",
                    "La strada è vicinale privata: la manutenzione spetta ai frontisti. Contro questa decisione si può ricorrere al TAR entro sessanta giorni.",
                    &[],
                ),
            ),
            (6, Open),
        ],
    },
    Story {
        ago: 91,
        person: 6,
        by: None,
        begins: Filing(
            Protocol,
            "certificato",
            "Certificato di stato di famiglia",
            "Mi serve per la domanda di iscrizione al nido.",
            &[],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (0, Take),
            (
                1,
                Issue(
                    "certificate",
                    "Certificato di stato di famiglia",
                    "In allegato il certificato richiesto.",
                    &[letter(
                        "stato-di-famiglia.pdf",
                        "Certificato di stato di famiglia",
                        "Si certifica che la famiglia anagrafica è composta come da registro.",
                    )],
                ),
            ),
            (0, Open),
            (0, Download),
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
        ],
    },
    Story {
        ago: 88,
        person: 1,
        by: None,
        begins: Filing(
            Protocol,
            "suolo",
            "Occupazione di suolo per trasloco, piazza del Pozzo",
            "Chiedo di occupare tre posti auto per un giorno.",
            &[],
        ),
        steps: &[(0, Assign(Technical)), (1, Withdraw("Il trasloco è stato rimandato."))],
    },
    Story {
        ago: 84,
        person: 0,
        by: None,
        begins: Filing(
            Protocol,
            "istanza",
            "Inscrizione al corso di italiano",
            "Chiedo di iscrivere mia suocera al corso di italiano della biblioteca.",
            &[],
        ),
        steps: &[
            (0, Rectify("Iscrizione al corso di italiano", "Errore di battitura nell'oggetto")),
            (1, Take),
            (
                3,
                Letter(
                    Act::Granted,
                    "courtesy",
                    "Iscrizione al corso di italiano",
                    "L'iscrizione è confermata: prima lezione lunedì alle 18 in biblioteca.",
                    &[],
                ),
            ),
            (1, Open),
        ],
    },
    Story {
        ago: 80,
        person: 3,
        by: None,
        begins: Filing(Protocol, "comunicazione", "Prova di invio", "Prova.", &[]),
        steps: &[(
            1,
            Annul(
                "Registrazione di un invio di prova, privo di contenuto",
                "Provvedimento del responsabile n. 3",
            ),
        )],
    },
    Story {
        ago: 77,
        person: 8,
        by: None,
        begins: Writes(Technical),
        steps: &[
            (
                0,
                Letter(
                    Act::Message,
                    "communication",
                    "Avvio del procedimento di verifica",
                    "Si comunica l'avvio del procedimento di verifica delle opere. Entro dieci giorni si possono presentare memorie.",
                    &[],
                ),
            ),
            (2, Open),
            (
                4,
                Reply(
                    "Si presentano le memorie in allegato.",
                    &[signed(
                        "memorie.pdf.p7m",
                        "Memorie",
                        "Le opere sono conformi al titolo, come risulta dagli elaborati già depositati.",
                        Signed::Der(Hand::Bassani),
                    )],
                ),
            ),
        ],
    },
    Story {
        ago: 74,
        person: 2,
        by: None,
        begins: Writes(Citizens),
        steps: &[
            (
                0,
                Issue(
                    "certificate",
                    "Certificato di nascita",
                    "In allegato il certificato.",
                    &[letter(
                        "certificato-nascita.pdf",
                        "Certificato di nascita",
                        "Si certifica quanto risulta dal registro degli atti di nascita.",
                    )],
                ),
            ),
            (0, Recall("Inviato alla persona sbagliata")),
        ],
    },
];
