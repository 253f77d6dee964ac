//! Plays a step: always through the same acts of the desk that pages call.

use std::sync::Arc;

use plico_archive::ActError;
use plico_archive::read::message;
use plico_desk::addressee::Recipient;
use plico_desk::answer::{Act, Letter};
use plico_desk::certificate::Filled;
use plico_desk::draft::{Purpose, Words};
use plico_desk::open::{By, Download};
use plico_desk::upload::{Owner, Scan};
use plico_desk::{Actor, Desk, Outcome, Refusal, assign};
use plico_locale::Lang;

use super::DemoError;
use super::files::{File, Hands, Occasion};
use super::story::{Beginning, Step, Story};
use super::town::{AUDITOR, MANAGER, NAME, Office, PEOPLE, operators};

/// The town as it stands: who is who, and what they need.
pub struct World {
    /// The desk.
    pub desk: Desk,
    /// The pens.
    pub hands: Arc<Hands>,
    /// Staff as actors, in the order of the town's list.
    pub staff: Vec<Actor>,
    /// People as actors for themselves.
    pub people: Vec<Actor>,
    /// Whoever acts for another: who, for whom, as an actor.
    pub delegates: Vec<(usize, usize, Actor)>,
    /// Identifiers of the offices, in the order of [`Office::ALL`].
    pub offices: Vec<String>,
}

/// How far a story has come.
#[derive(Debug, Clone)]
pub struct Playing {
    /// Which one.
    pub story: &'static Story,
    /// Its place in the list.
    pub index: usize,
    office: Office,
    filing: Option<String>,
    messages: Vec<String>,
    last: Option<(String, String)>,
    case: Option<String>,
    letters: usize,
}

impl Playing {
    /// A story at its beginning.
    pub fn new(index: usize, story: &'static Story) -> Self {
        let office = match story.begins {
            Beginning::Filing(office, ..) | Beginning::Office(office) => office,
        };
        Self { story, index, office, filing: None, messages: vec![], last: None, case: None, letters: 0 }
    }

    fn filing(&self) -> Outcome<&str> {
        self.filing.as_deref().ok_or(ActError::Refused(Refusal::NotFound))
    }

    fn last(&self) -> Outcome<&(String, String)> {
        self.last.as_ref().ok_or(ActError::Refused(Refusal::NotFound))
    }
}

impl World {
    fn office(&self, office: Office) -> &str {
        let place = Office::ALL.iter().position(|one| *one == office).unwrap_or_default();
        &self.offices[place]
    }

    fn operator(&self, office: Office, story: usize) -> &Actor {
        let operators = operators(office);
        &self.staff[operators[story % operators.len()]]
    }

    /// Whoever acts in a story for the person it is about.
    fn person(&self, story: &Story) -> &Actor {
        let delegate = |by: usize| {
            self.delegates.iter().find(|(who, whom, _)| *who == by && *whom == story.person).map(|d| &d.2)
        };
        story.by.and_then(delegate).unwrap_or(&self.people[story.person])
    }

    /// Begins a story: the filing. A story that an office begins has nothing to do yet.
    pub async fn begin(&self, mut playing: Playing) -> Result<Playing, DemoError> {
        if let Beginning::Filing(office, kind, subject, text, files) = playing.story.begins {
            let words = Words {
                kind: kind.into(),
                office: self.office(office).into(),
                subject: subject.into(),
                text: text.into(),
            };
            let sent = self.send(&playing, Purpose::Filing, None, words, files).await?;
            playing.messages.push(sent.clone());
            playing.filing = Some(sent);
        }
        Ok(playing)
    }

    async fn send(
        &self,
        playing: &Playing,
        purpose: Purpose,
        about: Option<&str>,
        words: Words,
        files: &[File],
    ) -> Result<String, DemoError> {
        let actor = self.person(playing.story);
        let draft = self.desk.begin_draft(actor, purpose, about, words).await?;
        let (owner, _) = self.desk.draft_files(actor, &draft).await?;
        self.attach(actor, &owner, files, playing).await?;
        Ok(self.desk.present(actor, &draft).await?.message)
    }

    async fn attach(
        &self,
        actor: &Actor,
        owner: &Owner,
        files: &[File],
        playing: &Playing,
    ) -> Result<(), DemoError> {
        let at_ms = self.desk.archive().now_ms();
        let person = &PEOPLE[playing.story.person];
        let town = "00999 Borgo San Plico".to_owned();
        let mut from = vec![person.name(), person.street.to_owned(), town.clone()];
        let mut to = vec![NAME.to_owned(), "piazza del Municipio 1".to_owned(), town];
        if actor.person().is_none() {
            std::mem::swap(&mut from, &mut to);
        }
        let date = self.desk.catalogue().date(Lang::It, at_ms);
        let on = Occasion { from, to, date, at_ms, seed: playing.index as u64 + 1 };
        for file in files {
            let (hands, on, file) = (self.hands.clone(), on.clone(), *file);
            let bytes = tokio::task::spawn_blocking(move || hands.make(&file, &on))
                .await
                .map_err(|error| DemoError::Forge(Box::new(error)))??;
            let mut upload = self.desk.begin_upload(actor, owner, file.name).await?;
            upload.write(&bytes).await?;
            self.desk.finish_upload(upload, async |_| Scan::Off).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        playing: &mut Playing,
        act: Act,
        effect: &str,
        (subject, text, category): (&str, &str, &str),
        files: &[File],
        certificate: Option<Filled>,
    ) -> Result<(), DemoError> {
        let actor = self.operator(playing.office, playing.index);
        playing.letters += 1;
        let token = format!("demo{}x{}", playing.index, playing.letters);
        let (owner, _) = self.desk.form_files(actor, &token).await?;
        self.attach(actor, &owner, files, playing).await?;
        let person = &PEOPLE[playing.story.person];
        let letter = Letter {
            act,
            about: playing.filing.clone(),
            office: self.office(playing.office).into(),
            recipient: Recipient {
                fiscal_code: person.fiscal_code().map(String::from).unwrap_or_default(),
                name: person.name(),
                email: person.email.into(),
                ..Recipient::default()
            },
            copies: String::new(),
            effect: effect.into(),
            subject: subject.into(),
            text: text.into(),
            category: category.into(),
            certificate,
            language: plico_locale::Lang::It,
            token,
        };
        let sent = self.desk.send_letter(actor, letter).await?;
        playing.messages.push(sent.message.clone());
        playing.last = sent.delivery.map(|delivery| (sent.message, delivery));
        if let Some(case) = &playing.case
            && let Some(message) = playing.messages.last()
        {
            self.desk.file_into_case(actor, message, case).await?;
        }
        Ok(())
    }

    /// Plays one step.
    pub async fn step(&self, mut playing: Playing, step: Step) -> Result<Playing, DemoError> {
        let (desk, story, index) = (&self.desk, playing.story, playing.index);
        let (person, manager) = (self.person(story), &self.staff[MANAGER]);
        let front = self.operator(Office::Protocol, index);
        let own = self.operator(playing.office, index);
        match step {
            Step::Assign(office) => {
                let who = if playing.office == Office::Protocol { front } else { manager };
                let target = self.office(office);
                desk.assign(who, playing.filing()?, (target, None), assign::Purpose::Competence).await?;
                playing.office = office;
            }
            Step::Know(office) => {
                let target = self.office(office);
                desk.assign(own, playing.filing()?, (target, None), assign::Purpose::Knowledge).await?;
            }
            Step::Refuse(reason) => {
                desk.refuse_assignment(own, playing.filing()?, reason).await?;
                playing.office = Office::Protocol;
            }
            Step::Take => desk.take_in_charge(own, playing.filing()?).await?,
            Step::Note(text) => desk.note(own, playing.filing()?, text).await?,
            Step::Letter(act, effect, subject, text, files) => {
                self.write(&mut playing, act, effect, (subject, text, "letter"), files, None).await?;
            }
            Step::Issue(category, subject, text, files) => {
                self.write(&mut playing, Act::Issue, "communication", (subject, text, category), files, None)
                    .await?;
            }
            Step::Certify(code, values, official, abroad) => {
                let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into()));
                let filled = Filled {
                    code: code.into(),
                    values: values.collect(),
                    abroad,
                    stamp: "01240987654321".into(),
                    official: official.into(),
                };
                let words = ("", "", "certificate");
                self.write(&mut playing, Act::Issue, "communication", words, &[], Some(filled)).await?;
            }
            Step::Open => {
                desk.open_delivery(person, &playing.last()?.1, By::Page).await?;
            }
            Step::Download => {
                let documents = message::documents(desk.archive().database(), &playing.last()?.0).await;
                let documents = documents.map_err(ActError::<Refusal>::from)?;
                if let Some(document) = documents.last() {
                    desk.document(person, &document.id, Download::ByPerson).await?;
                }
            }
            Step::Reply(text, files) => {
                let about = playing.last()?.0.clone();
                let words = Words { text: text.into(), ..Words::default() };
                let sent = self.send(&playing, Purpose::Reply, Some(&about), words, files).await?;
                playing.messages.push(sent);
            }
            Step::Add(text, files) => {
                let about = playing.filing()?.to_owned();
                let words = Words { text: text.into(), ..Words::default() };
                let sent = self.send(&playing, Purpose::Addition, Some(&about), words, files).await?;
                playing.messages.push(sent);
            }
            Step::Withdraw(reason) => desk.withdraw(person, playing.filing()?, reason).await?,
            Step::Recall(reason) => desk.withdraw_delivery(own, &playing.last()?.1, reason).await?,
            Step::Case(title) => {
                let case = desk.open_case(own, self.office(playing.office), title, "").await?;
                for message in &playing.messages {
                    desk.file_into_case(own, message, &case).await?;
                }
                playing.case = Some(case);
            }
            Step::Close => {
                let case = playing.case.clone().unwrap_or_default();
                desk.close_case(own, &case).await?;
            }
            Step::Rectify(new, reason) => {
                desk.rectify(manager, playing.filing()?, "subject", new, reason).await?;
            }
            Step::Annul(reason, authorisation) => {
                desk.annul(manager, playing.filing()?, reason, authorisation).await?;
            }
            Step::Audit(reason) => {
                desk.state_reason(&self.staff[AUDITOR], playing.filing()?, reason).await?;
            }
        }
        Ok(playing)
    }
}
