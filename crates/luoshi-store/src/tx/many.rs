//! One `insert` for many rows: fifty at a time, so that a server over a network is asked fifty times less often.

use super::{Tx, Value};
use crate::Fault;

const FIFTY: usize = 50;

impl Tx<'_> {
    /// Runs an `insert … values ($1, …)` of one row for each of many.
    pub(crate) fn many(&self, sql: &str, rows: impl IntoIterator<Item = Vec<Value>>) -> Result<(), Fault> {
        let whole = spread(sql, FIFTY);
        let mut some: Vec<Vec<Value>> = Vec::with_capacity(FIFTY);
        for row in rows {
            some.push(row);
            if some.len() == FIFTY {
                self.run(&whole, &some.drain(..).flatten().collect::<Vec<_>>())?;
            }
        }
        some.iter().try_for_each(|row| self.run(sql, row).map(drop))
    }
}

/// The statement with its row of values so many times, each with places of its own.
fn spread(sql: &str, times: usize) -> String {
    let Some((head, (row, tail))) =
        sql.split_once("values (").and_then(|(head, rest)| Some((head, rest.split_once(')')?)))
    else {
        return sql.to_owned();
    };
    let wide = row.split(',').count();
    let places = |n: usize| (1..=wide).map(|at| format!("${}", n * wide + at)).collect::<Vec<_>>().join(", ");
    let rows: Vec<String> = (0..times).map(|n| format!("({})", places(n))).collect();
    format!("{head}values {}{tail}", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn each_row_has_places_of_its_own_and_what_follows_stays() {
        let sql = "put into t (a, b) values ($1, $2) on conflict (a) do nothing";
        assert_eq!(spread(sql, 2), "put into t (a, b) values ($1, $2), ($3, $4) on conflict (a) do nothing");
    }
}
