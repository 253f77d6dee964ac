//! The desk over a real archive: journeys, borders, receipts.

mod borders;
mod filing;
mod ground;
mod office;
mod receipts;
