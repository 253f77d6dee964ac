//! The first quarter of the town's stories: all of them came to an end.

use plico_desk::answer::Act;

use super::files::{Hand, Signed, letter, plan, signed};
use super::story::Beginning::Filing;
use super::story::Step::{
    Assign, Audit, Case, Close, Download, Issue, Know, Letter, Note, Open, Refuse, Reply, Take,
};
use super::story::Story;
use super::town::Office::{Citizens, Protocol, Technical};

/// Stories, in no order.
pub const STORIES: &[Story] = &[
    Story {
        ago: 122,
        person: 2,
        by: None,
        begins: Filing(
            Protocol,
            "residenza",
            "Dichiarazione di residenza da altro comune",
            "Dichiaro di essermi trasferita in via della Fornace 27, dove abito dal primo del mese.\n\nAllego la copia del contratto di locazione.",
            &[letter(
                "contratto-locazione.pdf",
                "Contratto di locazione",
                "Si dichiara che l'immobile di via della Fornace 27 è concesso in locazione alla signora Haddad per quattro anni.",
            )],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (1, Take),
            (
                3,
                Letter(
                    Act::Supplement,
                    "communication",
                    "Richiesta di integrazione",
                    "Manca la copia di un documento di identità valido. La preghiamo di inviarla entro dieci giorni rispondendo a questo messaggio.",
                    &[],
                ),
            ),
            (1, Open),
            (
                1,
                Reply(
                    "Ecco il documento richiesto. Mi scuso per la dimenticanza.",
                    &[letter(
                        "carta-identita.pdf",
                        "Copia della carta di identità",
                        "Copia di cortesia di un documento che non esiste.",
                    )],
                ),
            ),
            (
                5,
                Letter(
                    Act::Granted,
                    "communication",
                    "Residenza: dichiarazione accolta",
                    "La dichiarazione di residenza è accolta con decorrenza dal giorno della presentazione.",
                    &[],
                ),
            ),
            (1, Open),
            (1, Download),
            (
                3,
                Issue(
                    "certificate",
                    "Certificato di residenza",
                    "In allegato il certificato di residenza.",
                    &[signed(
                        "certificato-residenza.pdf.p7m",
                        "Certificato di residenza",
                        "Si certifica che la persona nominata è residente in Borgo San Plico, via della Fornace 27.",
                        Signed::Der(Hand::Office),
                    )],
                ),
            ),
            (1, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 119,
        person: 8,
        by: Some(3),
        begins: Filing(
            Technical,
            "scia",
            "SCIA per manutenzione straordinaria, zona artigianale 14",
            "Si segnala l'inizio dei lavori di manutenzione straordinaria del capannone.\n\nSi allegano relazione tecnica asseverata e planimetria, firmate digitalmente.",
            &[
                signed(
                    "relazione-tecnica.pdf.p7m",
                    "Relazione tecnica asseverata",
                    "Il sottoscritto tecnico assevera la conformità delle opere agli strumenti urbanistici vigenti.\n\nLe opere consistono nel rifacimento della copertura e degli impianti.",
                    Signed::Der(Hand::Surveyor),
                ),
                plan("planimetria.pdf.p7m", "Planimetria, stato di progetto", Signed::Base64(Hand::Surveyor)),
                signed(
                    "procura.pdf.p7m",
                    "Procura speciale",
                    "Si conferisce procura a Pietro Bassani per la presentazione della pratica.",
                    Signed::Der(Hand::Bassani),
                ),
            ],
        ),
        steps: &[
            (1, Take),
            (0, Case("SCIA Edilborgo, zona artigianale 14")),
            (2, Note("Sopralluogo fissato per giovedì mattina; verificare la pratica del 2019.")),
            (
                6,
                Letter(
                    Act::Supplement,
                    "communication",
                    "Sospensione dei termini e richiesta di integrazione",
                    "La planimetria non riporta le quote dell'ingresso. Si chiede di integrarla entro trenta giorni.",
                    &[],
                ),
            ),
            (1, Open),
            (0, Download),
            (
                4,
                Reply(
                    "Si trasmette la planimetria con le quote richieste.",
                    &[plan(
                        "planimetria-quotata.pdf.p7m",
                        "Planimetria quotata",
                        Signed::Der(Hand::Surveyor),
                    )],
                ),
            ),
            (
                6,
                Letter(
                    Act::Granted,
                    "communication",
                    "SCIA: esito favorevole",
                    "L'istruttoria si è conclusa con esito favorevole. I lavori possono proseguire.",
                    &[],
                ),
            ),
            (2, Open),
            (3, Close),
            (30, Audit("Controllo a campione delle pratiche edilizie del semestre")),
        ],
    },
    Story {
        ago: 116,
        person: 0,
        by: None,
        begins: Filing(
            Protocol,
            "guasto",
            "Lampione spento in via dei Tigli",
            "Il lampione davanti al civico 4 è spento da una settimana.",
            &[],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (0, Refuse("Non è materia dei servizi demografici: riguarda l'illuminazione pubblica.")),
            (0, Assign(Technical)),
            (1, Take),
            (
                4,
                Letter(
                    Act::Information,
                    "courtesy",
                    "Lampione riparato",
                    "La lampada è stata sostituita. Grazie della segnalazione.",
                    &[],
                ),
            ),
            (1, Open),
        ],
    },
    Story {
        ago: 112,
        person: 1,
        by: None,
        begins: Filing(
            Citizens,
            "tari",
            "Riduzione TARI per unico occupante",
            "Chiedo la riduzione prevista per l'abitazione con un unico occupante, avviso numero 4471.",
            &[letter(
                "avviso-4471.pdf",
                "Avviso di pagamento 4471",
                "Avviso di pagamento della tassa sui rifiuti, prima rata.",
            )],
        ),
        steps: &[
            (2, Take),
            (
                9,
                Letter(
                    Act::Granted,
                    "communication",
                    "Riduzione TARI accolta",
                    "La riduzione del 30% è applicata dalla prossima rata.",
                    &[letter(
                        "prospetto.pdf",
                        "Prospetto di calcolo",
                        "Importo annuo prima e dopo la riduzione.",
                    )],
                ),
            ),
            (3, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 108,
        person: 4,
        by: Some(6),
        begins: Filing(
            Protocol,
            "contributo",
            "Contributo per l'assistenza domiciliare",
            "Presento la domanda per conto di mia madre, come da procura. Allego l'attestazione ISEE.",
            &[letter(
                "isee.pdf",
                "Attestazione ISEE",
                "Attestazione dell'indicatore della situazione economica equivalente.",
            )],
        ),
        steps: &[
            (0, Assign(Citizens)),
            (1, Take),
            (1, Note("Domanda completa. Sentire i servizi sociali del distretto.")),
            (
                12,
                Letter(
                    Act::Granted,
                    "communication",
                    "Contributo concesso",
                    "Il contributo è concesso per dodici mesi. Il primo versamento avverrà entro la fine del mese.",
                    &[],
                ),
            ),
            (2, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 103,
        person: 5,
        by: None,
        begins: Filing(
            Technical,
            "accesso-atti",
            "Accesso agli atti: licenza edilizia di via Roma 58",
            "Chiedo copia della licenza edilizia originaria e delle varianti, per la stesura di una relazione tecnica.",
            &[signed(
                "incarico.pdf.p7m",
                "Incarico professionale",
                "Il committente incarica il geometra Matteo Sala.",
                Signed::Ber(Hand::Surveyor),
            )],
        ),
        steps: &[
            (1, Take),
            (0, Know(Protocol)),
            (
                10,
                Letter(
                    Act::Granted,
                    "communication",
                    "Accesso agli atti: documenti",
                    "Si trasmettono gli atti richiesti.",
                    &[
                        letter(
                            "licenza-1974.pdf",
                            "Licenza edilizia 112 del 1974",
                            "Copia della licenza conservata in archivio.",
                        ),
                        plan("variante-1981.pdf", "Variante del 1981", Signed::No),
                    ],
                ),
            ),
            (0, Open),
            (0, Download),
        ],
    },
    Story {
        ago: 99,
        person: 3,
        by: None,
        begins: Filing(
            Protocol,
            "istanza",
            "Richiesta di patrocinio per la festa del borgo",
            "Si chiede il patrocinio gratuito per la festa del borgo di settembre.",
            &[signed(
                "programma.pdf.p7m",
                "Programma della festa",
                "Venerdì: banda. Sabato: mercato e ballo. Domenica: palio.",
                Signed::Altered(Hand::Bassani),
            )],
        ),
        steps: &[
            (
                1,
                Note(
                    "La firma del programma non regge: il file è stato cambiato dopo la firma. Chiedere di rimandarlo.",
                ),
            ),
            (1, Take),
            (
                2,
                Letter(
                    Act::Supplement,
                    "courtesy",
                    "Programma da inviare di nuovo",
                    "La firma del programma non risulta valida. Può inviarlo di nuovo, anche senza firma?",
                    &[],
                ),
            ),
            (1, Open),
            (
                1,
                Reply(
                    "Ecco il programma firmato di nuovo.",
                    &[signed(
                        "programma-2.pdf.p7m",
                        "Programma della festa",
                        "Venerdì: banda. Sabato: mercato e ballo. Domenica: palio.",
                        Signed::Der(Hand::Bassani),
                    )],
                ),
            ),
            (
                4,
                Letter(
                    Act::Granted,
                    "communication",
                    "Patrocinio concesso",
                    "Il patrocinio è concesso. Il logo si può usare sul materiale della festa.",
                    &[],
                ),
            ),
            (1, Open),
        ],
    },
];
