//! Opening a delivery: an act with legal effect, so never a consequence of reading.

use axum::Json;
use axum::extract::State;
use plico_desk::open::By;
use plico_desk::token::Scope;
use plico_record::authority::Deed;

use crate::api::caller::Caller;
use crate::api::wire::Delivery;
use crate::app::App;
use crate::http::{Error, Path};

/// Open a delivery
///
/// An act of its recipient, recorded with its instant; whoever opens again changes nothing.
#[utoipa::path(
    post,
    path = "/deliveries/{id}/open",
    operation_id = "openDelivery",
    tag = "deliveries",
    params(("id" = String, Path, max_length = 40, description = "Identifier of the delivery.")),
    responses(
        (status = 200, description = "The delivery, opened.", body = Delivery),
        (status = 404, description = "Not there, or not yours."),
    ),
    security(("token" = ["deliveries:open"]))
)]
pub async fn open(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Delivery>, Error> {
    let actor = caller.with(Scope::OpenDeliveries)?;
    app.desk.open_delivery(actor, &id, By::Api).await?;
    let opened = app.desk.delivery(actor, Deed::ReadMetadata, &id).await?;
    Ok(Json(Delivery::of(&opened)))
}
