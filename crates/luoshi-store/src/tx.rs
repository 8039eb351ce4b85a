//! A transaction, and the rows it reads. One SQL text serves every engine.

mod many;

use crate::audit::Witness;
use crate::fault::Fault;
use crate::secret::Keys;
use luoshi_rules::{Calendar, Pack};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// A parameter.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `bigint`
    Int(i64),
    /// `text`
    Text(String),
    /// `jsonb`
    Json(Json),
}

/// One row, read by position in the `select`.
pub enum Row<'r> {
    /// of SQLite
    Lite(&'r rusqlite::Row<'r>),
    /// of PostgreSQL
    Post(&'r postgres::Row),
}

/// A transaction. Dropped without a commit, it leaves no trace.
pub struct Tx<'a> {
    conn: Conn<'a>,
    keys: &'a Keys,
    asked: &'a AtomicU64,
    ground: Option<&'a Ground>,
    witness: Witness,
}

/// What states of matters are derived from besides events.
pub(crate) struct Ground {
    /// the flows
    pub(crate) pack: Pack,
    /// the working days
    pub(crate) calendar: Calendar,
    /// both in short: tells whether states were derived from others
    pub(crate) mark: String,
}

pub(crate) enum Conn<'a> {
    Lite(rusqlite::Transaction<'a>),
    Post(Box<RefCell<PostTx<'a>>>),
}

pub(crate) struct PostTx<'a> {
    tx: postgres::Transaction<'a>,
    prepared: &'a mut HashMap<String, postgres::Statement>,
}

impl<'a> Conn<'a> {
    pub(crate) fn post(
        tx: postgres::Transaction<'a>,
        prepared: &'a mut HashMap<String, postgres::Statement>,
    ) -> Conn<'a> {
        Conn::Post(Box::new(RefCell::new(PostTx { tx, prepared })))
    }
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: Conn<'a>, keys: &'a Keys, asked: &'a AtomicU64, ground: Option<&'a Ground>) -> Tx<'a> {
        Tx { conn, keys, asked, ground, witness: Witness::default() }
    }

    /// By which flows and working days matters stand, once the program has said so.
    pub(crate) fn ground(&self) -> Option<&Ground> {
        self.ground
    }

    /// Whether writers follow one another, so that a later key means a later commit.
    pub(crate) fn is_serial(&self) -> bool {
        matches!(self.conn, Conn::Lite(_))
    }

    pub(crate) fn keys(&self) -> &Keys {
        self.keys
    }

    /// Rows of a `select`, each read by `each`.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        args: &[Value],
        mut each: impl FnMut(&Row) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Lite(tx) => {
                let mut statement = tx.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                let (mut cursor, mut out) = (statement.raw_query(), Vec::new());
                while let Some(row) = cursor.next()? {
                    out.push(each(&Row::Lite(row))?);
                }
                Ok(out)
            }
            Conn::Post(tx) => {
                let rows = tx.borrow_mut().query(sql, args)?;
                rows.iter().map(|row| each(&Row::Post(row))).collect()
            }
        }
    }

    /// Rows of a `select` of `bigint` and `text`, cell by cell, null as none.
    pub(crate) fn cells(
        &self,
        sql: &str,
        args: &[Value],
        mut each: impl FnMut(Vec<Option<Value>>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Lite(tx) => {
                let mut statement = tx.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                let (count, mut cursor) = (statement.column_count(), statement.raw_query());
                while let Some(row) = cursor.next()? {
                    each((0..count).map(|at| lite_value(row, at)).collect::<Result<_, Fault>>()?)?;
                }
                Ok(())
            }
            Conn::Post(tx) => {
                let rows = tx.borrow_mut().query(sql, args)?;
                let mut values = rows.iter().map(|row| (0..row.len()).map(|at| post_value(row, at)).collect());
                values.try_for_each(|row: Result<Vec<_>, Fault>| each(row?))
            }
        }
    }

    /// Rows of a `select` as objects under the names of their columns, for copies that are schema-driven.
    pub(crate) fn objects(&self, sql: &str, args: &[Value]) -> Result<Vec<Json>, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match &self.conn {
            Conn::Lite(tx) => {
                let mut statement = tx.prepare_cached(sql)?;
                let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
                bind(&mut statement, args)?;
                let (mut cursor, mut out) = (statement.raw_query(), Vec::new());
                while let Some(row) = cursor.next()? {
                    let cell = |(at, name): (usize, &String)| Ok((name.clone(), lite_cell(row, at)?));
                    out.push(Json::Object(names.iter().enumerate().map(cell).collect::<Result<_, Fault>>()?));
                }
                Ok(out)
            }
            Conn::Post(tx) => {
                let rows = tx.borrow_mut().query(sql, args)?;
                let object = |row: &postgres::Row| {
                    let cell =
                        |(at, name): (usize, &postgres::Column)| Ok((name.name().to_owned(), post_cell(row, at)?));
                    Ok(Json::Object(row.columns().iter().enumerate().map(cell).collect::<Result<_, Fault>>()?))
                };
                rows.iter().map(object).collect()
            }
        }
    }

    /// The one row of a `select`; otherwise [`Fault::NotFound`].
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        args: &[Value],
        each: impl FnMut(&Row) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.rows(sql, args, each)?.pop().ok_or(Fault::NotFound)
    }

    /// Rows changed by an `insert`, `update` or `delete`.
    pub(crate) fn run(&self, sql: &str, args: &[Value]) -> Result<u64, Fault> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let changed = match &self.conn {
            Conn::Lite(tx) => {
                let mut statement = tx.prepare_cached(sql)?;
                bind(&mut statement, args)?;
                statement.raw_execute()? as u64
            }
            Conn::Post(tx) => tx.borrow_mut().execute(sql, args)?,
        };
        if cfg!(debug_assertions) && changed > 0 {
            self.witness.saw(sql);
        }
        Ok(changed)
    }

    /// Several statements without parameters, for the schema.
    pub(crate) fn script(&self, sql: &str) -> Result<(), Fault> {
        match &self.conn {
            Conn::Lite(tx) => Ok(tx.execute_batch(sql)?),
            Conn::Post(tx) => Ok(tx.borrow_mut().tx.batch_execute(sql)?),
        }
    }

    /// Prepares a statement without running it, for the test that reads the catalogue.
    #[cfg(test)]
    pub(crate) fn prepare(&self, sql: &str) -> Result<(), Fault> {
        match &self.conn {
            Conn::Lite(tx) => tx.prepare(sql).map(drop).map_err(Fault::from),
            Conn::Post(tx) => {
                use postgres::types::Type;
                let statement = tx.borrow_mut().tx.prepare(sql)?;
                let odd = statement.params().iter().find(|sort| ![Type::INT8, Type::TEXT, Type::JSONB].contains(sort));
                odd.map_or(Ok(()), |sort| Err(Fault::Engine(format!("a parameter is taken for {sort}"))))
            }
        }
    }

    pub(crate) fn commit(self) -> Result<(), Fault> {
        self.witness.swear()?;
        match self.conn {
            Conn::Lite(tx) => Ok(tx.commit()?),
            Conn::Post(tx) => Ok(tx.into_inner().tx.commit()?),
        }
    }
}

impl PostTx<'_> {
    fn statement(&mut self, sql: &str) -> Result<postgres::Statement, Fault> {
        if let Some(known) = self.prepared.get(sql) {
            return Ok(known.clone());
        }
        let new = self.tx.prepare(sql)?;
        self.prepared.insert(sql.to_owned(), new.clone());
        Ok(new)
    }

    fn query(&mut self, sql: &str, args: &[Value]) -> Result<Vec<postgres::Row>, Fault> {
        let statement = self.statement(sql)?;
        let args: Vec<_> = args.iter().map(Value::post).take(statement.params().len()).collect();
        Ok(self.tx.query(&statement, &args)?)
    }

    fn execute(&mut self, sql: &str, args: &[Value]) -> Result<u64, Fault> {
        let statement = self.statement(sql)?;
        let args: Vec<_> = args.iter().map(Value::post).take(statement.params().len()).collect();
        Ok(self.tx.execute(&statement, &args)?)
    }
}

fn lite_value(row: &rusqlite::Row, at: usize) -> Result<Option<Value>, Fault> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(n) => Some(Value::Int(n)),
        ValueRef::Text(text) => Some(Value::Text(String::from_utf8_lossy(text).into_owned())),
        _ => None,
    })
}

fn post_value(row: &postgres::Row, at: usize) -> Result<Option<Value>, Fault> {
    Ok(match row.columns().get(at).map(postgres::Column::type_) {
        Some(&postgres::types::Type::INT8) => row.try_get::<_, Option<i64>>(at)?.map(Value::Int),
        _ => row.try_get::<_, Option<String>>(at)?.map(Value::Text),
    })
}

/// A cell of SQLite, which keeps `jsonb` as text.
fn lite_cell(row: &rusqlite::Row, at: usize) -> Result<Json, Fault> {
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(at)? {
        ValueRef::Integer(n) => n.into(),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            let parsed = text.starts_with(['{', '[']).then(|| serde_json::from_str(&text).ok()).flatten();
            parsed.unwrap_or_else(|| text.into_owned().into())
        }
        _ => Json::Null,
    })
}

/// A cell of PostgreSQL: the schema knows `bigint`, `text` and `jsonb`.
fn post_cell(row: &postgres::Row, at: usize) -> Result<Json, Fault> {
    use postgres::types::Type;
    let sort = row.columns().get(at).map(postgres::Column::type_);
    Ok(match sort {
        Some(&Type::INT8) => row.try_get::<_, Option<i64>>(at)?.into(),
        Some(&Type::JSONB) => row.try_get::<_, Option<Json>>(at)?.unwrap_or_default(),
        _ => row.try_get::<_, Option<String>>(at)?.into(),
    })
}

/// SQLite numbers `$2` by where it stands, not by its name: bind by name.
fn bind(statement: &mut rusqlite::CachedStatement, args: &[Value]) -> Result<(), Fault> {
    for (i, arg) in args.iter().enumerate() {
        if let Some(at) = statement.parameter_index(&format!("${}", i + 1))? {
            match arg {
                Value::Int(n) => statement.raw_bind_parameter(at, n)?,
                Value::Text(s) => statement.raw_bind_parameter(at, s)?,
                Value::Json(j) => statement.raw_bind_parameter(at, j.to_string())?,
            }
        }
    }
    Ok(())
}

impl Row<'_> {
    /// A `bigint` column.
    pub fn int(&self, i: usize) -> Result<i64, Fault> {
        match self {
            Row::Lite(row) => Ok(row.get(i)?),
            Row::Post(row) => Ok(row.try_get(i)?),
        }
    }

    /// A `text` column; empty where there is none, since some engines know no empty text.
    pub fn text(&self, i: usize) -> Result<String, Fault> {
        self.str(i).map(str::to_owned)
    }

    /// The same where it stands.
    pub fn str(&self, i: usize) -> Result<&str, Fault> {
        match self {
            Row::Lite(row) => {
                Ok(row.get_ref(i)?.as_str_or_null().map_err(|e| Fault::Engine(e.to_string()))?.unwrap_or_default())
            }
            Row::Post(row) => Ok(row.try_get::<_, Option<&str>>(i)?.unwrap_or_default()),
        }
    }

    /// A `text` column that parses as a `T`: a day, a number.
    pub fn parse<T: std::str::FromStr>(&self, i: usize) -> Result<T, Fault> {
        self.str(i)?.parse().map_err(|_| Fault::Engine(format!("column {i} cannot be read")))
    }

    /// A place in the tree.
    pub fn path(&self, i: usize) -> Result<luoshi_rules::UnitPath, Fault> {
        self.text(i)?.try_into().map_err(Fault::Engine)
    }

    /// A day that may be missing.
    pub fn day(&self, i: usize) -> Result<Option<jiff::civil::Date>, Fault> {
        let text = self.str(i)?;
        if text.is_empty() || text == crate::FOREVER { Ok(None) } else { self.parse(i).map(Some) }
    }

    /// A `jsonb` column.
    pub fn json(&self, i: usize) -> Result<Json, Fault> {
        match self {
            Row::Lite(row) => {
                serde_json::from_str(&row.get::<_, String>(i)?).map_err(|error| Fault::Engine(error.to_string()))
            }
            Row::Post(row) => Ok(row.try_get(i)?),
        }
    }
}

impl Value {
    fn post(&self) -> &(dyn postgres::types::ToSql + Sync) {
        match self {
            Value::Int(n) => n,
            Value::Text(s) => s,
            Value::Json(j) => j,
        }
    }
}

impl Value {
    /// A list of keys or words for `jsonb_each`, each as the key of an entry, once.
    pub(crate) fn keys<T: ToString>(all: impl IntoIterator<Item = T>) -> Value {
        Value::Json(Json::Object(all.into_iter().map(|one| (one.to_string(), Json::from(1))).collect()))
    }
}
impl From<i64> for Value {
    fn from(n: i64) -> Value {
        Value::Int(n)
    }
}
impl From<&str> for Value {
    fn from(s: &str) -> Value {
        Value::Text(s.to_owned())
    }
}
impl From<String> for Value {
    fn from(s: String) -> Value {
        Value::Text(s)
    }
}
impl From<jiff::civil::Date> for Value {
    fn from(day: jiff::civil::Date) -> Value {
        Value::Text(day.to_string())
    }
}
impl From<Json> for Value {
    fn from(j: Json) -> Value {
        Value::Json(j)
    }
}
