//! Views of the queue that an operator keeps under a name: his own affair, and no event.

use plico_archive::Work;
use plico_archive::read::saved::{self, SavedView};
use plico_database::args;

use crate::refusal::refuse;
use crate::{Actor, Desk, FieldError, Outcome, Refusal};

/// Views of one operator.
pub const MOST: usize = 20;
/// Characters of a name.
pub const NAME: usize = 40;
/// Characters of the filters.
const QUERY: usize = 2_000;

const SAVE: &str = "insert into saved_view (account, name, query, opens) values ($1, $2, $3, $4)
    on conflict (account, name) do update set query = excluded.query, opens = excluded.opens";
const OPENS_NO_MORE: &str = "update saved_view set opens = $3 where account = $1 and name <> $2";
const COUNT: &str = "select count(*) from saved_view where account = $1 and name <> $2";
const DELETE: &str = "delete from saved_view where account = $1 and name = $2";

impl Desk {
    /// The views that somebody keeps, by name.
    pub async fn saved_views(&self, actor: &Actor) -> Outcome<Vec<SavedView>> {
        self.works_here(actor)?;
        Ok(saved::views(self.archive.database(), &actor.account).await?)
    }

    /// Keeps a view; one of the same name is replaced, and only one opens the queue.
    pub async fn save_view(&self, actor: &Actor, view: SavedView) -> Outcome<()> {
        self.saved_views(actor).await?;
        let name = view.name.trim().to_owned();
        let wrong = |error| refuse(Refusal::Invalid(vec![error]));
        if name.is_empty() {
            return wrong(FieldError::required("name"));
        }
        if name.chars().count() > NAME {
            return wrong(FieldError::too_long("name", NAME));
        }
        if view.query.is_empty() || view.query.chars().count() > QUERY {
            return wrong(FieldError::of("name", "no_filter"));
        }
        let account = actor.account.clone();
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    if work.tx.scalar_i64(COUNT, args![&account, &name]).await? >= MOST as i64 {
                        return refuse(Refusal::Invalid(vec![FieldError {
                            limit: Some(MOST as u64),
                            ..FieldError::of("name", "too_many_views")
                        }]));
                    }
                    if view.opens {
                        work.tx.write(OPENS_NO_MORE, args![&account, &name, false])?;
                    }
                    work.tx.write(SAVE, args![&account, &name, view.query, view.opens])?;
                    Ok(())
                })
            })
            .await
    }

    /// Keeps a view no longer.
    pub async fn drop_view(&self, actor: &Actor, name: &str) -> Outcome<()> {
        self.saved_views(actor).await?;
        let (account, name) = (actor.account.clone(), name.to_owned());
        self.archive
            .act(move |work: &mut Work| {
                Box::pin(async move {
                    work.tx.write(DELETE, args![&account, &name])?;
                    Ok(())
                })
            })
            .await
    }
}
