//! What error numbers mean, where a vendor's public client tells.

/// Halley's, in its language: its words are shown as they came, and most errors come without any.
pub(super) fn halley(number: i64) -> Option<&'static str> {
    Some(match number {
        -102 => "un documento del profilo non è stato inserito",
        -107 => "nel profilo manca il documento principale",
        -108 => {
            "il codice fiscale del mittente è di più persone nella rubrica (name_with_code = yes le distingue)"
        }
        -109 => "il mittente non può essere aggiunto alla rubrica",
        -110 => "il codice del mittente è di più uffici",
        -111 => "l'ufficio mittente non esiste",
        -112 => {
            "il codice fiscale del destinatario è di più persone nella rubrica (name_with_code = yes le distingue)"
        }
        -113 => "il destinatario non può essere aggiunto alla rubrica",
        -114 => "il codice del destinatario è di più uffici",
        -115 => "l'ufficio destinatario non esiste",
        -555 => "la voce di titolario non esiste",
        300..=304 | 310..=314 => "il documento non è stato conservato",
        992..=998 => "errore di scrittura dopo che il numero può essere stato assegnato",
        _ => return None,
    })
}

/// Errors after which a number may exist.
pub(super) fn may_have_numbered(number: i64) -> bool {
    (992..=998).contains(&number)
}
