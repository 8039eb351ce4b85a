//! Rows of people, with the posts they hold.

use super::super::columns::plain;
use super::{Draft, Rows};
use jiff::civil::Date;
use luoshi_rules::pack::Post;
use luoshi_rules::person::{Standing, identity_number, person_code, phone_number};
use luoshi_rules::{Label, Refusal};
use luoshi_store::import::Known;
use luoshi_store::person::{self, Entry};
use serde::{Deserialize, Serialize};

/// A person to be entered.
#[derive(Debug, Clone)]
pub(in super::super) struct PersonDraft {
    pub unit: i64,
    pub entry: Entry,
    /// keys of the posts to be given
    pub posts: Vec<String>,
    /// since when
    pub since: Date,
}

/// What a sheet may correct of somebody who is on the roll.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in super::super) struct Facts {
    pub name: String,
    pub sex: String,
    pub born: Option<Date>,
    pub joined: Option<Date>,
    pub full_on: Option<Date>,
}

/// Somebody on the roll of whom the sheet says otherwise.
#[derive(Debug, Clone)]
pub(in super::super) struct ChangeDraft {
    pub person: i64,
    pub unit: i64,
    pub before: Facts,
    pub after: Facts,
    /// a number the roll does not have yet, or empty
    pub identity: String,
    /// a person code the roll does not have yet, or empty
    pub code: String,
}

impl<'a> Rows<'a> {
    pub(super) fn person(&mut self) {
        let before = self.out.wrong.len();
        let (name, unit_name) = (self.needed("name"), self.needed("unit"));
        let unit = if unit_name.is_empty() { None } else { self.find_unit("unit", &unit_name) };
        let mut entry = self.entry(name);
        let since = self.day("since");
        let Some(at) = unit.and_then(|id| self.ground.units.get(&id)) else { return };
        let today = self.ground.hand.actor.today;
        let since = since.unwrap_or(today).max(at.founded).min(today);
        let posts = self.posts(&at.level);
        if self.is_known(at.id, &entry, &posts) {
            return;
        }
        self.code_is_free(&entry.code, 0);
        for post in &posts {
            self.seat(at.id, post, &entry.name, since);
        }
        let came = entry.joined.or(entry.born).unwrap_or(at.founded).max(at.founded);
        entry.since = Some(came.min(today));
        if self.out.wrong.len() == before
            && let Err(Refusal::Field { field, why }) = person::check(&entry, today)
        {
            self.wrong(if field == "since" { "joined" } else { &field }, why);
        }
        let posts = posts.iter().map(|post| post.id.clone()).collect();
        if self.out.wrong.len() == before {
            self.made = Some(Draft::Person(PersonDraft { unit: at.id, entry, posts, since }));
        }
    }

    fn entry(&mut self, name: String) -> Entry {
        let identity = self.digits("identity", identity_number);
        let sex = self.word("sex", &[]).unwrap_or_default();
        let born = self.day("born");
        Entry {
            id: 0,
            name,
            search: String::new(),
            sex,
            // a dossier may say another day than the identity card: what the sheet says counts
            born: born.or_else(|| born_of(&identity)),
            standing: self.standing(),
            joined: self.day("joined"),
            full_on: self.day("full_on"),
            since: None,
            identity,
            phone: self.digits("phone", phone_number),
            code: self.digits("code", person_code),
        }
    }

    /// How somebody stands; full members where nothing is said.
    fn standing(&mut self) -> Option<Standing> {
        let names = Standing::ALL.map(|one| (one.key(), one.name()));
        let known = names.each_ref().map(|(key, name)| (*key, name));
        self.word("standing", &known).map_or(Some(Standing::Full), |word| Standing::named(&word))
    }

    /// The posts a cell names, several with a mark between them.
    fn posts(&mut self, level: &str) -> Vec<&'a Post> {
        let text = self.text("post");
        let base = &self.ground.hand.rules.base;
        let mut posts = Vec::new();
        for one in text.split(['、', ',', '，', ';', '；', '/']).map(str::trim).filter(|one| !one.is_empty()) {
            if matches!(one, "无" | "-" | "党员" | "普通党员") {
                continue;
            }
            let said = plain(one);
            let fits = |post: &&Post| {
                let name = plain(&post.name.zh);
                let named = name == said || name.ends_with(&said) || name.trim_start_matches("支部") == said;
                named && (post.level.is_empty() || post.level.iter().any(|one| one == level))
            };
            match base.post.iter().find(fits) {
                Some(post) => posts.push(post),
                None => self.wrong("post", no_post(&base.post, one, level)),
            }
        }
        posts
    }

    /// Whether a post may be given, and its seat is free.
    fn seat(&mut self, unit: i64, post: &Post, name: &str, since: Date) {
        let hand = self.ground.hand;
        let path = self.ground.units.get(&unit).map(|unit| &unit.path);
        if !path.is_some_and(|path| hand.actor.may_give(&hand.rules.base, &post.id, path)) {
            let words = Label::new(
                format!("您不能任命“{}”，请由上级组织导入", post.name.zh),
                format!("you may not appoint to “{}”; the unit above can import this", post.name.en),
            );
            self.wrong("post", words);
        }
        if post.many {
            return;
        }
        let taken = self.ground.held(unit, &post.id).iter().find(|one| one.until.is_none_or(|last| last >= since));
        let holder = taken.map(|one| one.name.clone());
        let other = self.seats.insert((unit, post.id.clone()), name.to_owned());
        if let Some(holder) = holder.or(other) {
            let words = Label::new(
                format!("“{}”已由{holder}担任，一个岗位同时只能一人", post.name.zh),
                format!("{holder} holds the post “{}”; one person at a time", post.name.en),
            );
            self.wrong("post", words);
        }
    }

    /// Whether the person is on the roll already or twice in the file.
    fn is_known(&mut self, unit: i64, entry: &Entry, posts: &[&Post]) -> bool {
        let day = entry.born.map(|day| day.to_string()).unwrap_or_default();
        let ground = self.ground;
        if let Some(one) = ground.numbered(&entry.identity) {
            match one.left {
                Some(left) => self.wrong("identity", gone(left)),
                None if one.unit != unit => {
                    let other = ground.units.get(&one.unit).map(|unit| unit.short_name.as_str());
                    self.wrong("identity", elsewhere(other));
                }
                None => self.compare(one, entry, posts),
            }
            return true;
        }
        if let Some(one) = ground.alike(unit, &entry.name, &day, &entry.identity) {
            self.compare(one, entry, posts);
            return true;
        }
        let by_number = if entry.identity.is_empty() { None } else { self.twin(entry.identity.clone()) };
        // of two who are alike, each with a number of their own, both are meant
        let (name, unnumbered) = (format!("{unit}/{}/{day}", entry.name), format!("{unit}/{}/{day}/-", entry.name));
        let by_name = if entry.identity.is_empty() {
            self.twin(unnumbered);
            self.twin(name)
        } else {
            self.twin(name);
            self.seen.get(&unnumbered).copied()
        };
        if let Some(row) = by_number.or(by_name) {
            let (column, row) = (if by_number.is_some() { "identity" } else { "name" }, row + 1);
            let zh = format!("与第 {row} 行是同一个人，请删去一行");
            self.wrong(column, Label::new(zh, format!("the same person as in row {row}; take one of them out")));
        }
        false
    }

    /// Tells of a person code that somebody else has, here or in a row above.
    fn code_is_free(&mut self, code: &str, who: i64) {
        if code.is_empty() {
            return;
        }
        let other = self.ground.coded(code).filter(|other| other.id != who).map(|other| other.name.clone());
        if let Some(name) = other {
            let en = format!("{name} has this person code");
            self.wrong("code", Label::new(format!("{name}已用这个人员编号"), en));
        } else if let Some(row) = self.twin(format!("code/{code}")) {
            let row = row + 1;
            let zh = format!("与第 {row} 行的人员编号相同");
            self.wrong("code", Label::new(zh, format!("the same person code as in row {row}")));
        }
    }

    /// Counts a person who is there, and notes where the sheet says otherwise.
    fn compare(&mut self, one: &Known, entry: &Entry, posts: &[&Post]) {
        self.out.same += 1;
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let standing = entry.standing.map(|one| one.key().to_owned()).unwrap_or_default();
        let pairs = [
            ("name", entry.name.clone(), &one.name),
            ("sex", entry.sex.clone(), &one.sex),
            ("born", day(entry.born), &one.born),
            ("standing", standing, &one.standing),
            ("joined", day(entry.joined), &one.joined),
            ("full_on", day(entry.full_on), &one.full_on),
        ];
        for (key, said, known) in pairs {
            if !self.value(key).is_blank() && said != *known {
                self.note(key, if key == "standing" { elsewise() } else { kept() });
            }
        }
        let holds = |post: &&&Post| self.ground.held(one.unit, &post.id).iter().any(|held| held.person == one.id);
        if !posts.iter().all(|post| holds(&post)) {
            self.note("post", elsewise());
        }
        let adds = !entry.identity.is_empty() && one.blind.is_empty();
        if adds {
            self.note("identity", kept());
        }
        self.code_is_free(&entry.code, one.id);
        let codes = !entry.code.is_empty() && self.ground.coded(&entry.code).is_none();
        if codes {
            let other = !one.code.is_empty();
            self.note("code", if other { recoded() } else { kept() });
        }
        let identity = if adds { entry.identity.clone() } else { String::new() };
        let code = if codes && one.code.is_empty() { entry.code.clone() } else { String::new() };
        self.follow(one, entry, (identity, code));
    }

    /// What of somebody on the roll would follow the sheet: what it says, where it says anything.
    fn follow(&mut self, one: &Known, entry: &Entry, (identity, code): (String, String)) {
        let known = |text: &str| text.parse::<Date>().ok();
        let before = Facts {
            name: one.name.clone(),
            sex: one.sex.clone(),
            born: known(&one.born),
            joined: known(&one.joined),
            full_on: known(&one.full_on),
        };
        let said = |key: &str| !self.value(key).is_blank();
        let day = |key: &str, said_day: Option<Date>, before: Option<Date>| if said(key) { said_day } else { before };
        let after = Facts {
            name: entry.name.clone(),
            sex: if said("sex") { entry.sex.clone() } else { before.sex.clone() },
            born: day("born", entry.born, before.born),
            joined: day("joined", entry.joined, before.joined),
            full_on: day("full_on", entry.full_on, before.full_on),
        };
        let differs = after != before || !identity.is_empty() || !code.is_empty();
        let entry = after.entry();
        if differs && person::check(&entry, self.ground.hand.actor.today).is_ok() {
            let (person, unit) = (one.id, one.unit);
            self.out.changes.push(ChangeDraft { person, unit, before, after, identity, code });
        }
    }
}

impl Facts {
    /// What is entered when somebody is corrected.
    pub fn entry(&self) -> Entry {
        Entry {
            name: self.name.clone(),
            search: luoshi_text::pinyin::key(&self.name),
            sex: self.sex.clone(),
            born: self.born,
            joined: self.joined,
            full_on: self.full_on,
            ..Entry::default()
        }
    }
}

/// Words for a post that is not there, with those of the level.
fn no_post(posts: &[Post], said: &str, level: &str) -> Label {
    let here = || posts.iter().filter(|post| !post.round && post.level.iter().any(|one| one == level));
    let (mut zh, mut en) = (format!("这一级没有“{said}”岗位"), format!("there is no post “{said}” at this level"));
    if here().next().is_some() {
        zh += &format!("；有：{}", here().map(|post| post.name.zh.as_str()).collect::<Vec<_>>().join("、"));
        en += &format!("; there are: {}", here().map(|post| post.name.en.as_str()).collect::<Vec<_>>().join(", "));
    }
    Label::new(zh, en)
}

fn kept() -> Label {
    Label::new(
        "与名册不一致；名册不变，除非导入时勾选“按表更正”",
        "the roll says otherwise; it stays as it is unless you tick “correct the roll” when you import",
    )
}

fn recoded() -> Label {
    Label::new(
        "与名册中的人员编号不同；登录以它认人，请到人员页面逐个更换",
        "the roll has another person code; sign-in goes by it, so change it on the person's page",
    )
}

fn elsewise() -> Label {
    Label::new(
        "与名册不一致；类别和任职有生效日期，请到人员页面办理",
        "the roll says otherwise; standings and posts have days of their own, see to them on the person's page",
    )
}

fn gone(left: Date) -> Label {
    Label::new(
        format!("此人已于 {left} 离开名册；重新转入请到人员页面办理"),
        format!("this person left the roll on {left}; take them back on their page"),
    )
}

fn elsewhere(other: Option<&str>) -> Label {
    Label::new(
        format!(
            "此人已在{}的名册上；调动请走组织关系转接",
            other.map_or("另一组织".into(), |name| format!(" {name} "))
        ),
        format!("already on the roll of {}; move people by transfer", other.unwrap_or("another unit")),
    )
}

/// The day of birth that an identity number tells.
fn born_of(identity: &str) -> Option<Date> {
    let part = |from: usize, to: usize| identity.get(from..to)?.parse::<i16>().ok();
    Some(part(6, 10)?).and_then(|year| Date::new(year, part(10, 12)? as i8, part(12, 14)? as i8).ok())
}
