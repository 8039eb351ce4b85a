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
    /// read the audit trail
    Audit,
    /// handle the cases of the unit's mutual aid, sealed to all others
    Aid,
}

impl Verb {
    /// All of them.
    pub const ALL: [Verb; 9] =
        [Verb::See, Verb::People, Verb::Write, Verb::Act, Verb::Roll, Verb::Unmask, Verb::Rule, Verb::Audit, Verb::Aid];
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
    whole: bool,
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
    /// posts that allow it, and where each is held
    posts: Vec<(String, UnitPath)>,
    /// units in which the person holds a post of their own
    posted: Vec<UnitPath>,
    /// unit on whose roll they are
    roll: Option<UnitPath>,
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
    /// Whether it reaches everything of its organisation.
    pub fn is_whole(&self) -> bool {
        self.whole
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
        self.posts.iter().any(|(held, _)| held == post)
    }
    /// Whether they hold `post` over that unit without standing at or above another by it.
    pub fn acts_below(&self, post: &str, other: &UnitPath) -> bool {
        self.posts.iter().any(|(held, at)| held == post && !at.contains(other))
    }
    /// Whether the person holds a post of their own in a unit or below it, or, with `roll`, is on a roll there.
    pub fn belongs_to(&self, unit: &UnitPath, roll: bool) -> bool {
        self.posted.iter().any(|at| unit.contains(at)) || roll && self.roll.as_ref().is_some_and(|at| unit.contains(at))
    }
}

impl Actor {
    /// The subtree at `unit`, if some post lets the actor `verb` there; otherwise it looks absent.
    pub fn scope(&self, pack: &Pack, verb: Verb, unit: &Unit) -> Result<Scope, Refusal> {
        if self.posts_with(pack, verb, &unit.path).next().is_none() {
            return Err(Refusal::NotAllowed);
        }
        let whole = unit.id == unit.top;
        Ok(Scope { top: unit.top, root: unit.path.clone(), whole, verb, person: self.person })
    }

    /// Leave to do `verb` to `unit`.
    pub fn permit(&self, pack: &Pack, verb: Verb, unit: &Unit) -> Result<Permit, Refusal> {
        let with = self.posts_with(pack, verb, &unit.path);
        let posts: Vec<(String, UnitPath)> = with.map(|held| (held.post.clone(), held.path.clone())).collect();
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
            posted: self.posted(pack),
            roll: self.posts.iter().find(|held| held.post == "member").map(|held| held.path.clone()),
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

    /// Whether some post gives more than being a member does: who holds one proves who they are by two factors.
    pub fn is_above_member(&self, pack: &Pack) -> bool {
        let more = |post: &str, verb, here| pack.grants(post, verb, here) && !pack.grants("member", verb, here);
        let above = |held: &Held| {
            Verb::ALL.into_iter().any(|verb| more(&held.post, verb, true) || more(&held.post, verb, false))
        };
        self.posts.iter().any(above)
    }

    /// The posts, held there or above, that allow `verb`.
    fn posts_with<'a>(&'a self, pack: &'a Pack, verb: Verb, at: &'a UnitPath) -> impl Iterator<Item = &'a Held> {
        let held = self.posts.iter().filter(move |held| held.path.contains(at));
        held.filter(move |held| pack.grants(&held.post, verb, held.path == *at))
    }

    /// The units in which they hold a post: not as a member, and not as one of a team that looks at the unit.
    fn posted(&self, pack: &Pack) -> Vec<UnitPath> {
        let own = |held: &&Held| held.post != "member" && pack.post(&held.post).is_none_or(|post| !post.round);
        self.posts.iter().filter(own).map(|held| held.path.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Pack {
        Pack::base(include_str!("../../../packs/base.toml")).unwrap()
    }

    fn path(text: &str) -> UnitPath {
        UnitPath::try_from(text.to_owned()).unwrap()
    }

    fn unit(id: i64, top: i64, at: &str) -> Unit {
        Unit {
            top,
            id,
            path: path(at),
            level: "branch".into(),
            class: "organ".into(),
            code: String::new(),
            parts: Vec::new(),
            order_no: 1,
            short_name: String::new(),
            full_name: String::new(),
            founded: "2010-01-01".parse().unwrap(),
            dissolved: None,
            past: Vec::new(),
        }
    }

    /// Someone who holds these posts at these places of top 1.
    fn actor(posts: &[(&str, &str)]) -> Actor {
        let held = |(post, at): &(&str, &str)| Held { post: (*post).into(), unit: 5, top: 1, path: path(at) };
        let posts = posts.iter().map(held).collect();
        let today = "2023-07-01".parse().unwrap();
        Actor { person: 7, top: 1, home: 5, name: "甲".into(), posts, operation: 9, today }
    }

    #[test]
    fn a_post_reaches_its_unit_and_below_but_neither_siblings_nor_above_nor_another_top() {
        let pack = base();
        let secretary = actor(&[("organ_committee_secretary", "00010002")]);
        for (at, want) in [
            ("00010002", true),
            ("000100020001", true),
            ("0001000200010009", true),
            ("0001", false),
            ("00010003", false),
            ("000100030002", false),
            ("0002", false),
            ("00020002", false),
        ] {
            let unit = unit(3, 1, at);
            assert_eq!(secretary.scope(&pack, Verb::See, &unit).is_ok(), want, "see {at}");
            assert_eq!(secretary.permit(&pack, Verb::Write, &unit).is_ok(), want, "write {at}");
            assert_eq!(secretary.may(&pack, Verb::Act, &path(at)), want, "act {at}");
        }
    }

    #[test]
    fn a_post_above_another_top_reaches_into_it_and_the_scope_is_that_tops() {
        let province = actor(&[("party_affairs_worker", "0001")]);
        let scope = province.scope(&base(), Verb::See, &unit(40, 4, "00010004")).unwrap();
        assert_eq!((scope.top(), scope.from(), scope.until().as_str()), (4, "00010004", "00010005"));
        assert_eq!((scope.person(), scope.verb()), (7, Verb::See));
    }

    #[test]
    fn what_is_granted_here_is_not_granted_below() {
        let pack = base();
        let secretary = actor(&[("general_branch_secretary", "00010002")]);
        assert!(secretary.may(&pack, Verb::Roll, &path("00010002")));
        assert!(!secretary.may(&pack, Verb::Roll, &path("000100020001")));
        assert!(secretary.may(&pack, Verb::Write, &path("000100020001")));
    }

    #[test]
    fn nobody_does_what_no_post_of_theirs_grants() {
        let pack = base();
        let all = Verb::ALL;
        let may = |post: &str| -> Vec<Verb> {
            let actor = actor(&[(post, "0001")]);
            all.into_iter().filter(|verb| actor.may(&pack, *verb, &path("00010001"))).collect()
        };
        let open: Vec<Verb> = all.into_iter().filter(|verb| ![Verb::Audit, Verb::Aid].contains(verb)).collect();
        assert_eq!(may("party_affairs_worker"), open, "who acts neither audits nor handles mutual aid");
        assert_eq!(may("auditor"), [Verb::Audit]);
        assert_eq!(may("leading_group_secretary"), [Verb::See, Verb::Act]);
        assert_eq!(may("leading_group_member"), [Verb::See]);
        assert!(may("member").is_empty() && may("group_leader").is_empty() && may("no_such_post").is_empty());
        assert!(!actor(&[]).may(&pack, Verb::See, &path("0001")));
        assert!(actor(&[("member", "0001")]).may(&pack, Verb::See, &path("0001")));
        let refused = actor(&[("member", "0001")]).permit(&pack, Verb::Write, &unit(1, 1, "0001"));
        assert_eq!(refused, Err(Refusal::NotAllowed));
    }

    #[test]
    fn who_holds_a_post_that_gives_rights_stands_above_a_member() {
        let pack = base();
        let above = |post: &str| actor(&[("member", "0001"), (post, "00010001")]).is_above_member(&pack);
        for post in ["party_affairs_worker", "branch_secretary", "leading_group_member", "group_leader"] {
            assert!(above(post), "{post}");
        }
        assert!(!above("member") && !above("no_such_post"));
    }

    #[test]
    fn a_permit_names_the_posts_that_gave_it() {
        let both = actor(&[("branch_secretary", "00010001"), ("party_affairs_worker", "0001"), ("member", "0001")]);
        let permit = both.permit(&base(), Verb::Write, &unit(3, 1, "00010001")).unwrap();
        assert!(permit.acts_as("branch_secretary") && permit.acts_as("party_affairs_worker"));
        assert!(!permit.acts_as("member") && !permit.acts_as("organ_committee_secretary"));
        assert_eq!((permit.person(), permit.top(), permit.unit(), permit.operation()), (7, 1, 3, 9));
        assert_eq!(
            (permit.path(), permit.verb(), permit.today().to_string().as_str()),
            (&path("00010001"), Verb::Write, "2023-07-01")
        );
        let elsewhere = both.permit(&base(), Verb::Write, &unit(4, 1, "00010002")).unwrap();
        assert!(!elsewhere.acts_as("branch_secretary"));
    }

    #[test]
    fn every_post_that_has_a_home_page_for_work_may_see_its_own_unit() {
        let pack = base();
        for post in pack.post.iter().filter(|post| post.home != crate::pack::Home::Member) {
            assert!(pack.grants(&post.id, Verb::See, true), "{} sees nothing", post.id);
        }
    }
}
