//! The catalogues: one Fluent bundle per language, read once.

use crate::{Lang, embedded};
use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use unic_langid::LanguageIdentifier;

/// All messages of all languages. Made once, shared by all.
pub struct Catalogue {
    /// In the order of [`Lang::ALL`].
    bundles: Vec<FluentBundle<FluentResource>>,
}

/// Why the catalogues cannot be read. Cannot happen in a program whose tests passed.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A file is not Fluent.
    #[error("locales/{file} has a syntax error: {detail}")]
    Syntax {
        /// Path below `locales/`.
        file: &'static str,
        /// What the parser says.
        detail: String,
    },
    /// A key stands twice in one language.
    #[error("locales/{file} repeats a key: {detail}")]
    Repeated {
        /// Path below `locales/`.
        file: &'static str,
        /// Which key.
        detail: String,
    },
}

/// Why a message cannot be written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// No catalogue has this key.
    #[error("no message {key:?} in {lang}")]
    Missing {
        /// The language asked for.
        lang: Lang,
        /// The key asked for.
        key: String,
    },
    /// The message wants a variable that was not given, or names a message that is not there.
    #[error("message {key:?} in {lang}: {detail}")]
    Broken {
        /// The language asked for.
        lang: Lang,
        /// The key asked for.
        key: String,
        /// What Fluent says.
        detail: String,
    },
}

/// The value of a variable in a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// Words.
    Text(String),
    /// A number, which chooses the plural form.
    Number(i64),
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Number(value)
    }
}

impl From<i32> for Arg {
    fn from(value: i32) -> Self {
        Self::Number(value.into())
    }
}

impl From<usize> for Arg {
    fn from(value: usize) -> Self {
        Self::Number(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

/// The variables of a message.
#[derive(Clone, Debug, Default)]
pub struct Args(Vec<(String, Arg)>);

impl Args {
    /// No variable.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a variable.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Arg>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    fn to_fluent(&self) -> FluentArgs<'_> {
        self.0
            .iter()
            .map(|(name, value)| {
                let value = match value {
                    Arg::Text(text) => FluentValue::from(text.as_str()),
                    Arg::Number(number) => FluentValue::from(*number),
                };
                (name.as_str(), value)
            })
            .collect()
    }
}

impl Catalogue {
    /// Reads the embedded catalogues.
    pub fn load() -> Result<Self, CatalogueError> {
        let bundles = Lang::ALL.into_iter().map(bundle).collect::<Result<_, _>>()?;
        Ok(Self { bundles })
    }

    /// The message in the person's language; in Italian if that language lacks it; the key itself if nobody has it.
    pub fn text(&self, lang: Lang, key: &str, args: &Args) -> String {
        self.find(lang, key).map_or_else(|| key.to_owned(), |found| format(found, args).0)
    }

    /// The same, telling what is wrong instead of hiding it.
    pub fn try_text(&self, lang: Lang, key: &str, args: &Args) -> Result<String, TextError> {
        let found = self.find(lang, key).ok_or_else(|| TextError::Missing { lang, key: key.to_owned() })?;
        match format(found, args) {
            (text, problems) if problems.is_empty() => Ok(text),
            (_, problems) => Err(TextError::Broken { lang, key: key.to_owned(), detail: problems }),
        }
    }

    /// Whether the language itself, without falling back, has the message.
    pub fn has(&self, lang: Lang, key: &str) -> bool {
        self.bundles[lang as usize].has_message(key)
    }

    /// The keys of a language, in the order of its files.
    pub fn keys(&self, lang: Lang) -> Vec<&'static str> {
        embedded::FILES
            .iter()
            .filter(|(file, _)| file.starts_with(lang.code()))
            .flat_map(|(_, source)| source.lines().filter_map(key_of))
            .collect()
    }

    fn find(&self, lang: Lang, key: &str) -> Option<(&FluentBundle<FluentResource>, String)> {
        [lang, Lang::It]
            .into_iter()
            .find(|candidate| self.has(*candidate, key))
            .map(|candidate| (&self.bundles[candidate as usize], key.to_owned()))
    }
}

/// A message starts at the first column; comments, terms (`-name`) and continuation lines do not.
fn key_of(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim_end();
    (line.starts_with(|c: char| c.is_ascii_alphabetic()) && !key.contains(' ')).then_some(key)
}

fn format((bundle, key): (&FluentBundle<FluentResource>, String), args: &Args) -> (String, String) {
    let Some(pattern) = bundle.get_message(&key).and_then(|message| message.value()) else {
        return (key, "has attributes only".to_owned());
    };
    let mut problems = Vec::new();
    let args = args.to_fluent();
    let text = bundle.format_pattern(pattern, Some(&args), &mut problems);
    let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
    (text.into_owned(), problems.join("; "))
}

fn bundle(lang: Lang) -> Result<FluentBundle<FluentResource>, CatalogueError> {
    let id: LanguageIdentifier = lang.code().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    // Isolation marks would be copied into mails, subjects and file names; all our languages run left to right.
    bundle.set_use_isolating(false);
    for (file, source) in embedded::FILES {
        if !file.starts_with(lang.code()) {
            continue;
        }
        let resource = FluentResource::try_new((*source).to_owned())
            .map_err(|(_, errors)| CatalogueError::Syntax { file, detail: format!("{errors:?}") })?;
        bundle
            .add_resource(resource)
            .map_err(|errors| CatalogueError::Repeated { file, detail: format!("{errors:?}") })?;
    }
    Ok(bundle)
}

#[cfg(test)]
mod tests {
    use super::{Args, Catalogue, TextError};
    use crate::Lang;

    #[test]
    fn plurals_follow_the_language() {
        let catalogue = Catalogue::load().unwrap();
        let files = |lang, n: i32| catalogue.text(lang, "count-files", &Args::new().with("count", n));
        assert_eq!(files(Lang::En, 1), "1 file");
        assert_eq!(files(Lang::En, 2), "2 files");
        assert_eq!(files(Lang::It, 0), "nessun file");
    }

    #[test]
    fn a_prepared_language_falls_back_to_italian_and_a_missing_key_shows_itself() {
        let catalogue = Catalogue::load().unwrap();
        assert!(!catalogue.has(Lang::Sl, "count-files"));
        let none = Args::new();
        assert_eq!(catalogue.text(Lang::Sl, "count-files", &Args::new().with("count", 1)), "1 file");
        assert_eq!(catalogue.text(Lang::En, "no-such-key", &none), "no-such-key");
        assert!(matches!(catalogue.try_text(Lang::En, "no-such-key", &none), Err(TextError::Missing { .. })));
        assert!(matches!(catalogue.try_text(Lang::En, "count-files", &none), Err(TextError::Broken { .. })));
    }
}
