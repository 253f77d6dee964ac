//! With whom one exchanges what comes in and goes out, each described in a file of its own.

use std::path::PathBuf;

use super::key::section;

section! {
    /// Registry systems that are not ours: docs/operations.md.
    Registry at "registry." {
        /// Folder with one TOML file for each system: how it is reached, and as whom. What is registered where is the administrator's, at his desk; empty = everything is registered by the built-in register.
        folder: Path Option<PathBuf> = None;
    }
}

section! {
    /// The preserver that is handed the registers of closed days: docs/operations.md.
    Preserver at "preserver." {
        /// Folder through which packages and answers go, moved on by whoever keeps the machine; empty = nothing is handed over.
        folder: Path Option<PathBuf> = None;
    }
}

section! {
    /// Bodies with whose registries ours speaks by web service: docs/registries.md.
    Exchange at "exchange." {
        /// Folder with one TOML file for each other body: by which program it calls, which office gets what it sends, and where what becomes of it is told. Empty = nobody may call.
        folder: Path Option<PathBuf> = None;
    }
}

section! {
    /// Mailboxes that are read: docs/mail.md.
    Mailboxes at "mailbox." {
        /// Folder with one TOML file for each mailbox: where it is, as whom it is read, and which office gets what comes in. Empty = none is read.
        folder: Path Option<PathBuf> = None;
    }
}

section! {
    /// Registers of digital domiciles that are asked when a letter is written: docs/mail.md.
    Domicile at "domicile." {
        /// File (TOML) that says which are asked (INAD, INI-PEC, IPA), where they are, and as whom; empty = an operator writes the address himself, or takes it from the IPA list at hand.
        file: Path Option<PathBuf> = None;
    }
}
