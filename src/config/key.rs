//! The list of keys is written once, by [`section!`]: the typed struct, its defaults, the names of the
//! environment variables and the manual that `plico config keys` prints all come from the same lines.

use toml::{Table, Value};

/// How the text of an environment variable or a flag becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text as it is.
    Text,
    /// A path; relative ones start from the folder of the configuration file that names them.
    Path,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts separated by commas.
    List,
}

/// One key that can be configured.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path in `plico.toml`, e.g. `smtp.host`.
    pub path: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it is for.
    pub about: &'static str,
}

impl Key {
    /// Name of the environment variable: `smtp.host` is `PLICO_SMTP_HOST`.
    pub fn variable(&self) -> String {
        format!("PLICO_{}", self.path.replace('.', "_").to_uppercase())
    }

    /// Reads `text` as this key's kind; the error says what was expected.
    pub fn value(&self, text: &str) -> Result<Value, &'static str> {
        Ok(match self.kind {
            Kind::Text | Kind::Path => Value::String(text.to_owned()),
            Kind::Number => Value::Integer(text.trim().parse().map_err(|_| "a whole number")?),
            Kind::Switch => Value::Boolean(text.trim().parse().map_err(|_| "true or false")?),
            Kind::List => Value::Array(
                text.split(',')
                    .map(str::trim)
                    .filter(|item| !item.is_empty())
                    .map(|item| Value::String(item.to_owned()))
                    .collect(),
            ),
        })
    }

    /// The value at this key in a table.
    pub fn get<'a>(&self, table: &'a Table) -> Option<&'a Value> {
        match self.path.split_once('.') {
            None => table.get(self.path),
            Some((section, name)) => table.get(section)?.as_table()?.get(name),
        }
    }

    /// Puts a value at this key, replacing what was there.
    pub fn set(&self, table: &mut Table, value: Value) {
        match self.path.split_once('.') {
            None => {
                table.insert(self.path.to_owned(), value);
            }
            Some((section, name)) => {
                let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(inner) = inner {
                    inner.insert(name.to_owned(), value);
                }
            }
        }
    }
}

/// Declares a section: struct, defaults and list of keys from one text.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident at $prefix:literal {
            $( $(#[doc = $doc:literal])+ $field:ident: $kind:ident $type:ty = $default:expr; )*
        }
        $( with { $( $(#[doc = $inner_doc:literal])+ $inner:ident: $inner_type:ty; )* } )?
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( $(#[doc = $doc])+ pub $field: $type, )*
            $( $( $(#[doc = $inner_doc])+ pub $inner: $inner_type, )* )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self {
                    $( $field: $default, )*
                    $( $( $inner: <$inner_type>::default(), )* )?
                }
            }
        }

        impl $name {
            pub(super) const KEYS: &'static [$crate::config::key::Key] = &[
                $( $crate::config::key::Key {
                    path: concat!($prefix, stringify!($field)),
                    kind: $crate::config::key::Kind::$kind,
                    about: concat!($($doc),+),
                }, )*
            ];
        }
    };
}
pub(super) use section;
