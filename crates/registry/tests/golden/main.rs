//! The golden rule, for each system: whatever is lost at whatever step, there is one number and every file once, or the
//! order is held for a person to see.

mod agid;
mod docarea;
mod ground;
mod infor;
mod iride;
mod pitre;
mod recorded;
mod sicraweb;
