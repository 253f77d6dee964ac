//! The one integration binary: one link instead of thirty.

mod architecture;
