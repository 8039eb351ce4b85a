//! The same story on every engine, each time in a database of its own.

use luoshi_rules::{Actor, Held, Pack, Permit, Scope, Unit, Verb};
use luoshi_store::unit::Founding;
use luoshi_store::{Db, Keys, new_id, unit};

/// Runs a story on SQLite, and on PostgreSQL when `LUOSHI_TEST_PG` names a server.
pub fn on_every_engine(story: impl Fn(&Db)) {
    on_every_engine_at(|db, _| story(db));
}

/// Runs a story that is also told where the database is.
pub fn on_every_engine_at(story: impl Fn(&Db, &str)) {
    let name = format!("luoshi_test_{}", new_id());
    let file = std::env::temp_dir().join(format!("{name}.db"));
    let db = Db::open(file.to_str().unwrap(), Keys::new(&[7; 32])).unwrap();
    db.under(&pack(), &luoshi_rules::Calendar::default());
    story(&db, file.to_str().unwrap());
    drop(db);
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", file.display()));
    }
    let Ok(server) = std::env::var("LUOSHI_TEST_PG") else { return };
    let mut client = postgres::Client::connect(&server, postgres::NoTls).unwrap();
    client.batch_execute(&format!("create database {name}")).unwrap();
    let mut url: Vec<&str> = server.split('?').collect();
    let base = url[0].rsplit_once('/').filter(|(left, _)| !left.ends_with('/')).map_or(url[0], |(left, _)| left);
    let of_its_own = format!("{base}/{name}");
    url[0] = &of_its_own;
    let db = Db::open(&url.join("?"), Keys::new(&[7; 32])).unwrap();
    db.under(&pack(), &luoshi_rules::Calendar::default());
    story(&db, &url.join("?"));
    drop(db);
    client.batch_execute(&format!("drop database {name} with (force)")).unwrap();
}

/// The base pack that is shipped.
pub fn pack() -> Pack {
    Pack::base(include_str!("../../../../packs/base.toml")).unwrap()
}

/// What is said of a unit.
pub fn founding(level: &str, name: &str) -> Founding {
    Founding {
        id: 0,
        level: level.into(),
        class: "organ".into(),
        code: String::new(),
        parts: Vec::new(),
        order_no: 1,
        short_name: name.into(),
        full_name: name.into(),
        search: name.into(),
        on: day("2020-01-01"),
    }
}

/// An organisation with branches below its committee, and a clerk of the committee who is nobody on the roll yet.
pub struct Site {
    /// the rules
    pub pack: Pack,
    /// the committee
    pub top: Unit,
    /// its branches
    pub branches: Vec<Unit>,
    /// who keeps the roll
    pub clerk: Actor,
}

impl Site {
    /// Founds one.
    pub fn new(db: &Db, branches: &[&str]) -> Site {
        let pack = pack();
        let top = db.write(|tx| unit::found_top(tx, &founding("organ_committee", "机关党委"))).unwrap();
        let clerk = actor(1, &top, "party_affairs_worker", &top);
        let permit = clerk.permit(&pack, Verb::Rule, &top).unwrap();
        let found = |name: &&str| db.write(|tx| unit::found(tx, &permit, &founding("branch", name))).unwrap();
        Site { branches: branches.iter().map(found).collect(), pack, top, clerk }
    }

    /// The clerk's permit.
    pub fn permit(&self, verb: Verb, at: &Unit) -> Permit {
        self.clerk.permit(&self.pack, verb, at).unwrap()
    }

    /// The clerk's scope.
    #[allow(dead_code)] // not every story reads by one
    pub fn scope(&self, verb: Verb, at: &Unit) -> Scope {
        self.clerk.scope(&self.pack, verb, at).unwrap()
    }
}

/// Somebody with one post.
pub fn actor(person: i64, home: &Unit, post: &str, at: &Unit) -> Actor {
    let held = Held { post: post.into(), unit: at.id, top: at.top, path: at.path.clone() };
    let today = day("2023-05-10");
    Actor { person, top: home.top, home: home.id, name: "某人".into(), posts: vec![held], operation: 0, today }
}

/// A day.
pub fn day(text: &str) -> jiff::civil::Date {
    text.parse().unwrap()
}

/// A session opened with two factors.
#[allow(dead_code)] // not every story signs in
pub fn opening(token: &str) -> luoshi_store::session::Opening {
    let strength = luoshi_store::session::Strength::Two;
    luoshi_store::session::Opening { token: token.into(), strength, device: "Firefox".into() }
}
