//! What may be done with a message at the office.

use plico_desk::Actor;
use plico_desk::view::MessageView;
use plico_record::authority::Deed;
use serde::Serialize;

#[derive(Default, Serialize)]
pub(super) struct Acts {
    take: Option<String>,
    assign: Option<String>,
    refuse: Option<String>,
    decline: Option<String>,
    conclude: Option<String>,
    forward: Option<String>,
    link: Option<String>,
    note: Option<String>,
    file: Option<String>,
    classify: Option<String>,
    series: Option<String>,
    write: Option<String>,
    supplement: Option<String>,
    answer: Option<String>,
    reply: Option<String>,
    issue: Option<String>,
    certify: Option<String>,
    zip: Option<String>,
    hold: Option<String>,
}

/// What may be done: what the actor may, as far as the state lets him.
pub(super) fn acts(
    view: &MessageView,
    actor: &Actor,
    base: &str,
    (has_cases, has_classes, has_series): (bool, bool, bool),
) -> Acts {
    let row = &view.message;
    let state = row.state.as_str();
    let live = row.direction == "in" && !["answered", "withdrawn"].contains(&state);
    // Another office is answered by what is registered for it, not by a letter.
    let internal = !row.from_office.is_empty();
    // What stands in a series alone has nobody to be written to.
    let writes = state != "withdrawn" && !internal && (row.direction == "in" || !view.deliveries.is_empty());
    let when = |yes: bool, deed: Deed, path: &str| {
        (yes && view.may.contains(&deed)).then(|| format!("{base}/{path}"))
    };
    Acts {
        take: when(
            live && (row.operator.is_none()
                || row.operator.as_ref() == Some(&actor.account) && state == "registered"),
            Deed::TakeInCharge,
            "carico",
        ),
        assign: when(live, Deed::Assign, "assegna"),
        refuse: when(
            live && actor.in_office(&row.office) && !actor.in_protocol_office(),
            Deed::Assign,
            "rifiuta",
        ),
        decline: when(true, Deed::Decline, "non-per-noi"),
        // What has a term is owed an answer.
        conclude: when(live && row.due.is_none() && row.number.is_some(), Deed::Answer, "concludi"),
        forward: when(live && row.number.is_some(), Deed::Answer, "inoltra"),
        link: when(true, Deed::Assign, "lega"),
        note: when(true, Deed::Note, "nota"),
        file: when(has_cases && row.case_file.is_none(), Deed::CaseFile, "fascicolo"),
        classify: when(has_classes, Deed::Assign, "classifica"),
        series: when(has_series && row.number.is_some() && !row.annulled, Deed::Answer, "repertorio"),
        write: when(writes, Deed::Answer, "scrivi"),
        supplement: when(live && !internal, Deed::Answer, "integrazione"),
        answer: when(live && !internal, Deed::Answer, "risposta"),
        reply: when(live && internal, Deed::Answer, "").map(|_| format!("/ufficio/interni?m={}", row.id)),
        issue: when(writes, Deed::Answer, "rilascia"),
        certify: when(writes, Deed::Answer, "").map(|_| format!("/ufficio/certificati?m={}", row.id)),
        zip: (!view.documents.is_empty()).then(|| format!("{base}/tutto.zip")),
        hold: when(true, Deed::Destroy, "vincolo"),
    }
}
