//! The numbers of the register and of case files: each given once, none left out but those that are said to be.

use plico_database::args;

use super::Outcome;
use crate::register::CASE_FILES;
use crate::{Archive, ArchiveError};

#[derive(plico_database::Record)]
struct Head {
    administration: String,
    area: String,
    year: i32,
    next: i64,
    given: i64,
    highest: i64,
    left_out: i64,
    highest_left_out: i64,
    in_gap: i64,
}

/// Everything that is numbered: the register, case files, series.
const HEADS: &str = "with given as (select administration, area, year, number from registration where outside = ''
        union all select administration, cast($1 as text), year, number from case_file
        union all select administration, 'repertorio/' || series, year, number from series_entry)
    select h.administration, h.area, h.year, h.next,
    (select count(*) from given r where r.administration = h.administration and r.area = h.area
        and r.year = h.year) as given,
    (select coalesce(max(r.number), 0) from given r where r.administration = h.administration
        and r.area = h.area and r.year = h.year) as highest,
    (select cast(coalesce(sum(g.last - g.first + 1), 0) as bigint) from register_gap g where g.administration = h.administration
        and g.area = h.area and g.year = h.year) as left_out,
    (select coalesce(max(g.last), 0) from register_gap g where g.administration = h.administration
        and g.area = h.area and g.year = h.year) as highest_left_out,
    (select count(*) from given r join register_gap g on g.administration = r.administration
        and g.area = r.area and g.year = r.year and r.number between g.first and g.last
        where r.administration = h.administration and r.area = h.area and r.year = h.year) as in_gap
    from register_head h";

impl Archive {
    pub(super) async fn check_register(&self, outcome: &mut Outcome) -> Result<(), ArchiveError> {
        let heads: Vec<Head> = self.database().all(HEADS, args![CASE_FILES]).await?;
        for head in &heads {
            let place = format!("register {} {} of {}", head.area, head.year, head.administration);
            let highest = head.highest.max(head.highest_left_out);
            if head.given + head.left_out != head.next - 1 || highest != head.next - 1 {
                let Head { next, given, left_out, .. } = head;
                outcome.found(
                    &place,
                    format!(
                        "the next number is {next}, but {given} entries up to {highest} are there and \
                         {left_out} numbers are left out"
                    ),
                );
            }
            if head.in_gap > 0 {
                outcome.found(&place, "a number that a lost log may have given was given again");
            }
        }
        Ok(())
    }
}
