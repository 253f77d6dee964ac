//! The arms of the body, at the head of what it issues: a setting, so that who changed them and when is known.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use plico_archive::read::body;
use plico_pdf::paper::{Arms, ArmsError};

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

const ARMS: &str = "body.arms";

impl Desk {
    /// Sets the arms, a PNG file; nothing: there are none any more.
    pub async fn save_arms(&self, actor: &Actor, file: &[u8]) -> Outcome<()> {
        Self::administers(actor)?;
        if file.is_empty() {
            return self.save_setting(actor, ARMS, serde_json::Value::Null).await;
        }
        let code = match Arms::from_png(file) {
            Ok(_) => return self.save_setting(actor, ARMS, BASE64.encode(file).into()).await,
            Err(ArmsError::TooLarge) => "arms_large",
            Err(ArmsError::NoPng) => "arms_png",
            Err(ArmsError::Shape) => "arms_shape",
        };
        refuse(Refusal::Invalid(vec![FieldError::of("arms", code)]))
    }

    /// The arms as they were given, in base64, where there are some.
    pub async fn arms_file(&self, administration: &str) -> Outcome<Option<String>> {
        let kept = body::setting(self.archive.database(), administration, ARMS).await?;
        Ok(kept.and_then(|kept| Some(kept.as_str()?.to_owned())))
    }

    pub(crate) async fn arms(&self, administration: &str) -> Outcome<Option<Arms>> {
        let file = self.arms_file(administration).await?.and_then(|file| BASE64.decode(file).ok());
        Ok(file.and_then(|file| Arms::from_png(&file).ok()))
    }
}
