//! A pack: the rules of one programme, as data. The base pack says what there is (levels, classes, posts, grants,
//! roles, kinds, flows); a list says who owes what (sections, sources, clauses) and may add kinds.

mod check;
pub mod mapping;
mod read;
mod said;

use crate::aid::Aid;
use crate::campaign::Campaign;
use crate::class::Hours;
use crate::collection::Burden;
use crate::pledge::Pledges;
use crate::youth::Youth;
use crate::{Clause, Figure, Flow, Kind, Label, Lang, Refusal, Verb};
use serde::Deserialize;
use std::fmt;

/// Everything a TOML pack says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pack {
    /// what the pack is
    pub head: Head,
    /// levels of units
    pub level: Vec<Level>,
    /// classes of units
    pub class: Vec<Named>,
    /// things a unit may have that clauses ask for: a committee, groups
    pub part: Vec<Named>,
    /// posts
    pub post: Vec<Post>,
    /// what each post may do
    pub grant: Vec<Grant>,
    /// ties beside the tree: guidance, discipline leadership, territorial
    pub tie: Vec<Named>,
    /// roles in which people stand on a record
    pub role: Vec<Named>,
    /// reasons for being absent
    pub absence: Vec<Named>,
    /// kinds of record
    pub kind: Vec<Kind>,
    /// flows of matters
    pub flow: Vec<Flow>,
    /// kinds of round: over which units, by which flow
    pub round: Vec<crate::round::Kind>,
    /// headings of the list
    pub section: Vec<Named>,
    /// regulations the clauses come from
    pub source: Vec<Named>,
    /// between which days, where the list is a campaign; none where it holds until another takes its place
    pub campaign: Option<Campaign>,
    /// clauses
    pub clause: Vec<Clause>,
    /// hours of training expected of whom
    pub hours: Vec<Hours>,
    /// figures
    pub figure: Vec<Figure>,
    /// who is young, and how large groups are; none where there are no youth groups
    pub youth: Option<Youth>,
    /// how pledges are looked back at; none where nobody pledges
    pub pledge: Option<Pledges>,
    /// what questions cost those who are asked; none where nothing is collected
    pub burden: Option<Burden>,
    /// for what mutual aid is given, and how much; none where no unit keeps a fund
    pub aid: Option<Aid>,
}

/// What a pack is.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// key, the same through all versions: `duties`
    pub id: String,
    /// shown name
    pub name: Label,
    /// version, as people call it: `2023`
    pub version: String,
    /// where it comes from and what it is not
    #[serde(default)]
    pub note: Label,
}

/// Something with a key and a shown name.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    /// key
    pub id: String,
    /// shown name
    pub name: Label,
}

/// A level of units.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// key: `branch`
    pub id: String,
    /// shown name
    pub name: Label,
    /// levels it may stand directly below; empty for a root
    #[serde(default)]
    pub under: Vec<String>,
    /// national type codes it may carry; the first is the default
    #[serde(default)]
    pub code: Vec<String>,
    /// years of a term of office
    pub term: Option<i16>,
}

/// A post.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// key: `branch_secretary`
    pub id: String,
    /// shown name
    pub name: Label,
    /// levels that have it; empty means all
    #[serde(default)]
    pub level: Vec<String>,
    /// whether several people may hold it at once
    #[serde(default)]
    pub many: bool,
    /// whether it is held through a round only, in the units looked at, and nobody is appointed to it
    #[serde(default)]
    pub round: bool,
    /// which home page its holders see: `leader`, `clerk`, `secretary`, `discipline`, `member`
    pub home: Home,
}

/// The home pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Home {
    /// leaders
    Leader,
    /// clerks of organ committees
    Clerk,
    /// discipline secretaries
    Discipline,
    /// branch secretaries
    Secretary,
    /// ordinary members
    Member,
}

/// What a post may do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// the post
    pub post: String,
    /// in its unit and below
    #[serde(default)]
    pub may: Vec<Verb>,
    /// in its unit only
    #[serde(default)]
    pub here: Vec<Verb>,
}

/// Something wrong in a pack: where, what, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// line, from 1
    pub line: usize,
    /// column in characters, from 1
    pub column: usize,
    /// what is wrong
    pub what: Label,
    /// what to do
    pub hint: Label,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.what.en)?;
        if self.hint.en.is_empty() { Ok(()) } else { write!(f, "\n    hint: {}", self.hint.en) }
    }
}

impl Pack {
    /// Reads a base pack and checks that all it names exists. Returns every fault, not just the first.
    pub fn base(text: &str) -> Result<Pack, Vec<Fault>> {
        read::pack(text, &Pack::default())
    }

    /// Reads a list that stands on a base pack. Returns every fault, not just the first.
    pub fn list(text: &str, base: &Pack) -> Result<Pack, Vec<Fault>> {
        read::pack(text, base)
    }

    /// The kind with this key.
    pub fn kind(&self, id: &str) -> Option<&Kind> {
        self.kind.iter().find(|kind| kind.id == id)
    }

    /// The flow with this key.
    pub fn flow(&self, id: &str) -> Option<&Flow> {
        self.flow.iter().find(|flow| flow.id == id)
    }

    /// The kind of round with this key.
    pub fn round(&self, id: &str) -> Option<&crate::round::Kind> {
        self.round.iter().find(|round| round.id == id)
    }

    /// The flows of parts of matters of a flow.
    pub fn parts<'p>(&'p self, flow: &'p str) -> impl Iterator<Item = &'p Flow> {
        self.flow.iter().filter(move |part| part.under.iter().any(|under| under == flow))
    }

    /// The post with this key.
    pub fn post(&self, id: &str) -> Option<&Post> {
        self.post.iter().find(|post| post.id == id)
    }

    /// The level with this key.
    pub fn level(&self, id: &str) -> Option<&Level> {
        self.level.iter().find(|level| level.id == id)
    }

    /// Refuses a level that may not stand directly below another, saying where it may.
    pub fn place(&self, level: &str, under: &str) -> Result<(), Refusal> {
        let allowed = self.level(level).map_or(&[][..], |level| &level.under);
        if allowed.iter().any(|one| one == under) {
            return Ok(());
        }
        let name = |id: &str| self.level(id).map(|level| level.name.clone()).unwrap_or_default();
        let names = |lang| allowed.iter().map(|id| name(id).of(lang).to_owned()).collect::<Vec<_>>();
        let (low, high) = (name(level), name(under));
        let (zh, en) = (names(Lang::Zh).join("、"), names(Lang::En).join(", "));
        Err(match allowed {
            [] => Refusal::rule(
                format!("“{}”是最上级，不能设在“{}”之下", low.zh, high.zh),
                format!("“{}” is a root and cannot stand below “{}”", low.en, high.en),
            ),
            _ => Refusal::rule(
                format!("“{}”不能直接设在“{}”之下；它可以设在：{zh}", low.zh, high.zh),
                format!("“{}” cannot stand directly below “{}”; it may stand below: {en}", low.en, high.en),
            ),
        })
    }

    /// Whether a post allows a verb, in its own unit (`here`) or below it.
    pub fn grants(&self, post: &str, verb: Verb, here: bool) -> bool {
        let mut grants = self.grant.iter().filter(|grant| grant.post == post);
        grants.any(|grant| grant.may.contains(&verb) || here && grant.here.contains(&verb))
    }
}

/// The shown name of a key in a list of names; the key itself when it is not there any more.
pub fn name_of<'a>(list: &'a [Named], id: &str) -> Option<&'a Label> {
    list.iter().find(|named| named.id == id).map(|named| &named.name)
}

#[cfg(test)]
mod tests;
