//! Another key.

use super::*;

#[test]
fn under_another_key_everything_that_was_sealed_reads_as_before_and_the_old_key_opens_nothing() {
    on_every_engine_at(|db, url| {
        let site = Site::new(db, &["一支部"]);
        let actor = traced(db, &site);
        luoshi_store::audit::seal_all(db, luoshi_store::audit::Chain::Sha256).unwrap();
        let before = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        let import = db.read(|tx| import::list(tx, &site.permit(Verb::Roll, &site.branches[0]))).unwrap()[0].id;
        let sheet = |db: &Db| db.read(|tx| import::body(tx, &site.permit(Verb::Roll, &site.branches[0]), import));
        let body = sheet(db).unwrap();
        assert!(!body.is_empty());
        let file = Keys::next(&[7; 32]).unwrap();
        let next = Keys::of(&file).unwrap();
        assert!(file.len() == 64 && !rekey::opens(db, &next).unwrap() && rekey::opens(db, db.keys()).unwrap());
        let done = rekey::run(db, &next).unwrap();
        assert!(
            done.numbers >= 2 && done.factors == 1 && done.sheets >= 1 && done.told >= 1 && done.codes == 10,
            "{done:?}"
        );
        assert!(!rekey::opens(db, db.keys()).unwrap(), "the old key opens nothing");
        assert!(db.read(|tx| mine::copy(tx, &actor)).is_err() && sheet(db).is_err());
        let db = Db::open(url, next).unwrap();
        assert_eq!(sheet(&db).unwrap(), body);
        let after = db.read(|tx| mine::copy(tx, &actor)).unwrap();
        for ((table, old), (_, new)) in before.iter().zip(&after) {
            assert!(old == new || *table == "recovery_code", "{table}: {old:?} {new:?}");
        }
        let twice = Entry { name: "某甲".into(), identity: IDENTITY.into(), ..Entry::default() };
        assert!(
            db.write(|tx| person::add(tx, &site.permit(Verb::Roll, &site.branches[0]), &twice)).is_err(),
            "found by the new index"
        );
        let code = second::shown(&SECRET.with(|secret| secret.borrow().clone()), now() + 30_000);
        let own = account::Account { top: actor.top, person: actor.person, hash: String::new() };
        assert!(db.write(|tx| second::matches(tx, &own, &code)).unwrap(), "the authenticator goes on");
        luoshi_store::audit::seal_all(&db, luoshi_store::audit::Chain::Sha256).unwrap();
        for verdict in luoshi_store::audit::verify(&db, &[]).unwrap() {
            assert!(verdict.wrong.is_none(), "the trail goes on: {verdict:?}");
        }
    });
}

#[test]
fn a_server_of_postgres_tells_that_another_program_has_the_facts_open() {
    on_every_engine_at(|db, url| {
        let is_told = db.engine() == "PostgreSQL";
        assert_eq!(db.others().unwrap(), 0, "one's own connections are no others");
        let other = Db::open(url, Keys::new(&[7; 32])).unwrap();
        assert_eq!((db.others().unwrap() > 0, other.others().unwrap() > 0), (is_told, is_told));
        drop(other);
        let gone = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            db.others().unwrap() == 0
        });
        assert!(gone, "it has gone");
    });
}

#[test]
fn every_column_that_is_sealed_is_sealed_anew_under_another_key() {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir("schema").unwrap() {
        let (text, mut table) = (std::fs::read_to_string(entry.unwrap().path()).unwrap(), String::new());
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("create table ") {
                table = name.split_whitespace().next().unwrap().to_owned();
            }
            let column = line.split_whitespace().next().unwrap_or_default();
            if column == "sealed" || line.contains("-- ") && line.contains("; sealed") {
                found.insert((table.clone(), column.to_owned()));
            }
        }
    }
    let known: BTreeSet<_> = rekey::SEALED.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    assert_eq!(found, known);
}
