//! What a story is made of: a beginning, and steps that follow some working days later. Steps that would fall after
//! yesterday have not happened yet, so the newest stories are still open.

use plico_desk::answer::Act;

use super::files::File;
use super::town::Office;

/// One step.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// The protocol office assigns it.
    Assign(Office),
    /// The protocol office lets another office know.
    Know(Office),
    /// The office refuses the assignment.
    Refuse(&'static str),
    /// The office takes charge.
    Take,
    /// A note for colleagues.
    Note(&'static str),
    /// The office writes: what the letter does, effect, subject, text.
    Letter(Act, &'static str, &'static str, &'static str, &'static [File]),
    /// The office issues a document: category, subject, text.
    Issue(&'static str, &'static str, &'static str, &'static [File]),
    /// The office fills in a certificate: its type, what it writes in each field, who signs, whether for use abroad.
    Certify(&'static str, &'static [(&'static str, &'static str)], &'static str, bool),
    /// The person opens what came last.
    Open,
    /// The person downloads the first document of what came last.
    Download,
    /// The person answers what came last.
    Reply(&'static str, &'static [File]),
    /// The person adds to his filing.
    Add(&'static str, &'static [File]),
    /// The person withdraws his filing.
    Withdraw(&'static str),
    /// The office withdraws what it sent last.
    Recall(&'static str),
    /// The office opens a case file and files everything so far.
    Case(&'static str),
    /// The office closes the case file.
    Close,
    /// The records manager corrects the subject.
    Rectify(&'static str, &'static str),
    /// The records manager annuls.
    Annul(&'static str, &'static str),
    /// The auditor states a reason and reads.
    Audit(&'static str),
}

/// How a story begins.
#[derive(Debug, Clone, Copy)]
pub enum Beginning {
    /// The person files: office, kind, subject, text, files.
    Filing(Office, &'static str, &'static str, &'static str, &'static [File]),
    /// The office writes of its own accord: the first step is its letter or document.
    Office(Office),
}

/// A story.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// How many working days before the last one it begins.
    pub ago: usize,
    /// The person it is about, by place in the town's list.
    pub person: usize,
    /// Who acts for that person, when he does not himself.
    pub by: Option<usize>,
    /// Its beginning.
    pub begins: Beginning,
    /// What follows, each so many working days after the one before.
    pub steps: &'static [(usize, Step)],
}
