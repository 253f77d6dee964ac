//! Who may enter the pages of an area at all: asked before anything else of a request is read, so that no page below
//! can look at a form before it knows whose it is. What may be done to one thing, the desk asks of the thing itself.

use axum::Router;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use plico_desk::{Actor, Desk};
use plico_record::actor::Who;
use plico_record::authority::Deed;

use crate::app::App;
use crate::http::{Context, Error, Form, Refusal};

/// An area of the pages.
#[derive(Clone, Copy, Debug)]
pub enum Area {
    /// Whoever works for the body.
    Office,
    /// Whoever reads by a mandate, or keeps the records.
    Auditor,
    /// Whoever runs the body.
    Administrator,
}

impl Area {
    fn admits(self, actor: &Actor) -> Result<(), Error> {
        match self {
            Self::Office if matches!(actor.who, Who::Staff { .. }) => Ok(()),
            Self::Office => Err(Refusal::not_found().into()),
            Self::Auditor => Ok(Desk::admit(actor, Deed::Search)?),
            Self::Administrator => Ok(Desk::admit(actor, Deed::Administer)?),
        }
    }
}

/// The pages of an area, behind its gate.
pub fn behind(area: Area, app: &App, pages: Router<App>) -> Router<App> {
    pages.route_layer(from_fn_with_state((app.clone(), area), enter))
}

async fn enter(
    State((app, area)): State<(App, Area)>,
    context: Context,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    match super::actor(&app, &context).await {
        Ok(actor) => area.admits(&actor)?,
        Err(Error::Refusal(refusal)) if refusal.code == "sign-in" && request.method() == Method::POST => {
            return Err(ended(&app, request).await);
        }
        Err(error) => return Err(error),
    }
    Ok(next.run(request).await)
}

/// For a form whose session is over: what was typed is given back instead of being lost on the way to the sign-in.
async fn ended(app: &App, request: Request) -> Error {
    match Form::<Vec<(String, String)>>::from_request(request, &app.shell).await {
        Ok(Form(typed)) => {
            let typed = typed.into_iter().filter(|(name, value)| !name.starts_with('_') && !value.is_empty());
            let refusal = Refusal::new(StatusCode::FORBIDDEN, "session-ended");
            Refusal { typed: typed.collect(), ..refusal }.into()
        }
        Err(error) => error,
    }
}
