//! What mirrors and witnesses last saw of a restored archive's logs.

use std::time::Duration;

use plico_archive::Archive;
use plico_archive::backup::Heard;
use plico_archive::mirror::MAX_CHECKPOINT;
use plico_courier::http::Http;
use plico_courier::witness::{Answered, add_checkpoint};
use plico_journal::Checkpoint;
use plico_vault::signer::Position;

use crate::cli::{Failure, say};
use crate::config::Config;
use crate::vouchers::Vouchers;
use crate::work::describe;

/// One exchange takes at most so long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Asks all of them about every log that is read-only, and says what each answered.
pub(super) async fn ask(
    archive: &Archive,
    config: &Config,
    mirrors: &[String],
    witnesses: bool,
) -> Result<Vec<Heard>, Failure> {
    let failed = |error| Failure::fault("the restored archive cannot be read").because(error);
    let http = Http::new(TIMEOUT)
        .map_err(|error| Failure::fault("this machine cannot make requests over HTTP").because(error))?;
    let vouchers = Vouchers::load(config)
        .map_err(|error| Failure::usage("the witnesses cannot be asked").because(error))?;
    let mut heard = Vec::new();
    for log in archive.logs().await.map_err(failed)?.into_iter().filter(|log| log.read_only && !log.closed) {
        let origin = &log.origin;
        for mirror in mirrors {
            let url = format!("{}/log/{origin}/checkpoint", mirror.trim_end_matches('/'));
            let key = archive.verifier_key(origin).map_err(failed)?;
            let said = match http.get(&url, None, MAX_CHECKPOINT).await {
                Err(error) => Err(describe(&error)),
                Ok(answer) if answer.status != 200 => Err(format!("it answers {}", answer.status)),
                Ok(answer) => match Checkpoint::parse_note(&answer.body) {
                    Ok((checkpoint, note))
                        if checkpoint.origin == *origin && checkpoint.is_signed_by(&note, &key) =>
                    {
                        Ok(Position { size: checkpoint.size, root: checkpoint.root })
                    }
                    _ => Err("its checkpoint is not one that this log signed".into()),
                },
            };
            heard.extend(tell(origin, mirror, said));
        }
        let Some(last) = archive.last_checkpoint(log.id).await.map_err(failed)? else { continue };
        let (size, root) = (last.size.cast_unsigned(), <[u8; 32]>::try_from(last.root.as_slice()));
        let (Ok(root), true) = (root, witnesses) else { continue };
        for (name, key, url) in vouchers.witnesses() {
            let Some(request) = archive.show(&log, &last, size).await.map_err(failed)? else { continue };
            let now_s = archive.now_ms() / 1000;
            let said = match add_checkpoint(&http, &url, &key, &request, now_s).await {
                Ok(Answered::Cosigned(_)) => Ok(Position { size, root }),
                // Which tree it cosigned is not told; that it is another is enough.
                Ok(Answered::OtherSize(size)) => Ok(Position { size, root: [0; 32] }),
                Ok(other) => Err(format!("{other:?}")),
                Err(error) => Err(describe(&error)),
            };
            heard.extend(tell(origin, &name, said));
        }
    }
    Ok(heard)
}

fn tell(origin: &str, who: &str, said: Result<Position, String>) -> Option<Heard> {
    match said {
        Ok(position) => {
            say(&format!("{who} last saw {origin} at {} events", position.size));
            Some(Heard { origin: origin.to_owned(), position })
        }
        Err(why) => {
            say(&format!("{who} says nothing of {origin}: {why}"));
            None
        }
    }
}
