//! Who was due at a meeting and who came, as counted.

use crate::trouble::Trouble;
use crate::visit::Visit;
use luoshi_rules::{Unit, Verb};
use luoshi_store::record::{self, Attended};
use luoshi_store::{Fault, Tx};

/// The class of absence of those who are away without leave.
pub(crate) const UNEXCUSED: &str = "unexcused";

/// How many were due, came, were on leave or away without it.
pub(crate) struct Counted {
    pub due: i64,
    pub present: i64,
    pub on_leave: i64,
    pub without: i64,
}

impl Counted {
    /// Of those due, how many in a hundred came.
    pub fn rate(&self) -> i64 {
        self.present * 100 / self.due.max(1)
    }
}

/// The class of absence of somebody who did not come.
pub(crate) fn absence(one: &Attended) -> Option<&str> {
    one.roles.iter().find(|(role, _)| role == "absent").map(|(_, why)| why.as_str())
}

/// Counts those of a record.
pub(crate) fn count(attended: &[Attended]) -> Counted {
    let many = |which: &dyn Fn(&&Attended) -> bool| attended.iter().filter(which).count() as i64;
    let (due, away) = (many(&|one| one.due), many(&|one| absence(one).is_some()));
    let without = many(&|one| absence(one) == Some(UNEXCUSED));
    Counted { due, present: (due - away).max(0), on_leave: away - without, without }
}

/// Those of the last version of a record that this unit keeps.
pub(crate) async fn of_record(visit: &Visit, at: &Unit, id: i64) -> Result<Vec<Attended>, Trouble> {
    let (scope, unit) = (visit.actor.scope(&visit.rules.base, Verb::See, at)?, at.id);
    let read = move |tx: &Tx| {
        let line = record::find(tx, &scope, id)?;
        if line.record.unit != unit {
            return Err(Fault::NotFound);
        }
        record::attended(tx, &scope, id, line.record.version)
    };
    visit.app.read(read).await
}
