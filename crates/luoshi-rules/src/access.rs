//! Who may see and do what. [`Scope`] and [`Permit`] cannot be built elsewhere,
//! and the store asks for them: a query nobody authorised does not compile.

use crate::{Pack, Refusal, Unit, UnitPath};
use jiff::civil::Date;
use serde::Deserialize;

/// The few things one can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// read what units did and owe
    See,
    /// read the people on the roll, row by row
    People,
    /// add and correct records
    Write,
    /// open matters and take them further
    Act,
    /// keep the roll: people, posts, terms, transfers
    Roll,
    /// see an identity number or phone in full
    Unmask,
    /// found, move and dissolve units, put lists in force, import
    Rule,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 7] = [Verb::See, Verb::People, Verb::Write, Verb::Act, Verb::Roll, Verb::Unmask, Verb::Rule];
}

/// A post somebody holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// the post, by its key in the pack
    pub post: String,
    /// where
    pub unit: i64,
    /// the self-administering organisation of that unit
    pub top: i64,
    /// where in the tree
    pub path: UnitPath,
}

/// Who is asking: a person and the posts they hold today.
#[derive(Debug, Clone, PartialEq)]
pub struct Actor {
    /// the person
    pub person: i64,
    /// their own organisation
    pub top: i64,
    /// the unit on whose roll they are
    pub home: i64,
    /// shown name
    pub name: String,
    /// posts held today, and where
    pub posts: Vec<Held>,
    /// key of the act being asked for, so that asking twice does it once
    pub operation: i64,
    /// the day it is
    pub today: Date,
}

/// The part of the tree an actor may look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    top: i64,
    root: UnitPath,
    verb: Verb,
    person: i64,
}

/// Leave to do one thing to one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Permit {
    person: i64,
    top: i64,
    unit: i64,
    path: UnitPath,
    verb: Verb,
    posts: Vec<String>,
    operation: i64,
    today: Date,
}

impl Scope {
    /// The organisation whose rows may be read.
    pub fn top(&self) -> i64 {
        self.top
    }
    /// Paths from this one …
    pub fn from(&self) -> &str {
        self.root.as_str()
    }
    /// … to before this one.
    pub fn until(&self) -> String {
        self.root.end()
    }
    /// The root of the subtree.
    pub fn root(&self) -> &UnitPath {
        &self.root
    }
    /// What the scope was given for.
    pub fn verb(&self) -> Verb {
        self.verb
    }
    /// Who reads.
    pub fn person(&self) -> i64 {
        self.person
    }
}

impl Permit {
    /// the person it was given to
    pub fn person(&self) -> i64 {
        self.person
    }
    /// the organisation it is for
    pub fn top(&self) -> i64 {
        self.top
    }
    /// the unit it is for
    pub fn unit(&self) -> i64 {
        self.unit
    }
    /// where that unit stands
    pub fn path(&self) -> &UnitPath {
        &self.path
    }
    /// what it allows
    pub fn verb(&self) -> Verb {
        self.verb
    }
    /// the day it was given
    pub fn today(&self) -> Date {
        self.today
    }
    /// key of the act
    pub fn operation(&self) -> i64 {
        self.operation
    }
    /// Whether the person holds `post` over that unit.
    pub fn acts_as(&self, post: &str) -> bool {
        self.posts.iter().any(|held| held == post)
    }
}

impl Actor {
    /// The subtree at `unit`, if some post lets the actor `verb` there; otherwise it looks absent.
    pub fn scope(&self, pack: &Pack, verb: Verb, unit: &Unit) -> Result<Scope, Refusal> {
        if self.posts_with(pack, verb, &unit.path).next().is_none() {
            return Err(Refusal::NotAllowed);
        }
        Ok(Scope { top: unit.top, root: unit.path.clone(), verb, person: self.person })
    }

    /// Leave to do `verb` to `unit`.
    pub fn permit(&self, pack: &Pack, verb: Verb, unit: &Unit) -> Result<Permit, Refusal> {
        let posts: Vec<String> = self.posts_with(pack, verb, &unit.path).map(str::to_owned).collect();
        if posts.is_empty() {
            return Err(Refusal::NotAllowed);
        }
        Ok(Permit {
            person: self.person,
            top: unit.top,
            unit: unit.id,
            path: unit.path.clone(),
            verb,
            posts,
            operation: self.operation,
            today: self.today,
        })
    }

    /// Whether the actor may `verb` at a place.
    pub fn may(&self, pack: &Pack, verb: Verb, at: &UnitPath) -> bool {
        self.posts_with(pack, verb, at).next().is_some()
    }

    /// Whether the actor may appoint to a post at a place: nobody gives a right they do not have there.
    pub fn may_give(&self, pack: &Pack, post: &str, at: &UnitPath) -> bool {
        Verb::ALL.into_iter().filter(|verb| pack.grants(post, *verb, true)).all(|verb| self.may(pack, verb, at))
    }

    /// The posts, held there or above, that allow `verb`.
    fn posts_with<'a>(&'a self, pack: &'a Pack, verb: Verb, at: &'a UnitPath) -> impl Iterator<Item = &'a str> {
        let held = self.posts.iter().filter(move |held| held.path.contains(at));
        held.filter(move |held| pack.grants(&held.post, verb, held.path == *at)).map(|held| held.post.as_str())
    }
}
