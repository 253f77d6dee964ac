//! A mail server as a pure state machine: lines in, lines out. It keeps what it accepts, and misbehaves on demand.

use std::collections::VecDeque;

/// Longest line and largest message it takes, in bytes.
const LONGEST_LINE: usize = 2_000;
const LARGEST: usize = 10 << 20;

/// A message it accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The sender in the envelope.
    pub from: String,
    /// The recipients in the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came, lines ended by CR LF.
    pub data: String,
}

impl Mail {
    /// The first header of this name, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.data.split_once("\r\n\r\n").unwrap_or((&self.data, ""));
        let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// Where in the conversation it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Instead of the greeting.
    Greeting,
    /// At `MAIL FROM`.
    Sender,
    /// At `RCPT TO`.
    Recipient,
    /// At `DATA`, before the message.
    Data,
    /// After the message, which is *not* kept.
    Message,
    /// After the message, which *is* kept: the answer is lost.
    Accepted,
}

/// How it misbehaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It says this: `450 4.2.1 try later`, `550 5.1.1 no such user`.
    Say(String),
    /// It hangs up.
    HangUp,
    /// It says nothing more.
    Stall,
}

/// The server: what it has accepted, and what it will do wrong.
#[derive(Clone, Debug, Default)]
pub struct Server {
    /// What it accepted, oldest first.
    pub mailbox: Vec<Mail>,
    /// What it will do wrong, each once, at the next occasion.
    pub faults: VecDeque<(Stage, Fault)>,
}

impl Server {
    /// A server that behaves.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets it misbehave once, at the next occasion.
    pub fn misbehave(&mut self, stage: Stage, fault: Fault) {
        self.faults.push_back((stage, fault));
    }

    fn fault(&mut self, stage: Stage) -> Option<Step> {
        let index = self.faults.iter().position(|(at, _)| *at == stage)?;
        Some(match self.faults.remove(index)?.1 {
            Fault::Say(line) => Step::Say(format!("{line}\r\n")),
            Fault::HangUp => Step::HangUp,
            Fault::Stall => Step::Stall,
        })
    }
}

/// What it does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// It says these lines.
    Say(String),
    /// It says these lines and closes.
    SayAndClose(String),
    /// It goes on listening.
    Listen,
    /// It closes without a word.
    HangUp,
    /// It keeps the connection and never speaks again.
    Stall,
}

/// One connection.
#[derive(Clone, Debug, Default)]
pub struct Session {
    from: Option<String>,
    to: Vec<String>,
    data: Option<String>,
}

impl Session {
    /// A connection was made: what the server says first.
    pub fn greet(server: &mut Server) -> Step {
        server
            .fault(Stage::Greeting)
            .unwrap_or_else(|| Step::Say("220 mail.example.org ESMTP simulator\r\n".to_owned()))
    }

    /// A line came, without its CR LF.
    pub fn line(&mut self, server: &mut Server, line: &str) -> Step {
        if line.len() > LONGEST_LINE {
            return say("500 5.5.2 line too long");
        }
        if self.data.is_some() {
            return self.content(server, line);
        }
        let verb = line.split_ascii_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => Step::Say("250-mail.example.org\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n".to_owned()),
            "HELO" | "NOOP" => say("250 2.0.0 ok"),
            "RSET" => {
                *self = Self::default();
                say("250 2.0.0 ok")
            }
            "MAIL" => server.fault(Stage::Sender).unwrap_or_else(|| {
                self.from = address(line);
                say(if self.from.is_some() { "250 2.1.0 ok" } else { "501 5.5.4 syntax" })
            }),
            "RCPT" if self.from.is_none() => say("503 5.5.1 MAIL first"),
            "RCPT" => server.fault(Stage::Recipient).unwrap_or_else(|| match address(line) {
                Some(to) if self.to.len() < 100 => {
                    self.to.push(to);
                    say("250 2.1.5 ok")
                }
                _ => say("501 5.5.4 syntax"),
            }),
            "DATA" if self.to.is_empty() => say("503 5.5.1 RCPT first"),
            "DATA" => server.fault(Stage::Data).unwrap_or_else(|| {
                self.data = Some(String::new());
                say("354 end with a dot")
            }),
            "QUIT" => Step::SayAndClose("221 2.0.0 bye\r\n".to_owned()),
            _ => say("502 5.5.1 not here"),
        }
    }

    fn content(&mut self, server: &mut Server, line: &str) -> Step {
        let data = self.data.get_or_insert_default();
        if line != "." {
            data.push_str(line.strip_prefix('.').unwrap_or(line));
            data.push_str("\r\n");
            return if data.len() > LARGEST { Step::HangUp } else { Step::Listen };
        }
        let done = std::mem::take(self);
        if let Some(step) = server.fault(Stage::Message) {
            return step;
        }
        let (from, data) = (done.from.unwrap_or_default(), done.data.unwrap_or_default());
        server.mailbox.push(Mail { from, to: done.to, data });
        let number = server.mailbox.len();
        server.fault(Stage::Accepted).unwrap_or_else(|| say(&format!("250 2.0.0 queued as {number}")))
    }
}

fn say(line: &str) -> Step {
    Step::Say(format!("{line}\r\n"))
}

fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (address, _) = rest.split_once('>')?;
    Some(address.to_owned())
}

/// Entry point for fuzzing: any bytes, never a panic.
pub fn fuzz_session(bytes: &[u8]) {
    let (mut server, mut session) = (Server::new(), Session::default());
    for line in String::from_utf8_lossy(bytes).lines() {
        session.line(&mut server, line);
    }
}
