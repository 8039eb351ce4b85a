//! Import from the command line: by the code of the page, with the rights of a named account, and told in exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

#[allow(dead_code)] // other tests use the rest
mod place;

use luoshi_rules::Pack;
use luoshi_store::{Db, Keys};
use place::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An installation in a folder of its own, on SQLite or on a database of a server.
struct Room {
    folder: PathBuf,
    url: Option<String>,
    server: Option<String>,
}

impl Room {
    fn new(server: Option<String>) -> Room {
        let id = luoshi_store::new_id();
        let folder = std::env::temp_dir().join(format!("luoshi-command-{id}"));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("luoshi.key"), [7; 32]).unwrap();
        let url = server.as_ref().map(|server| {
            sql(server, &format!("create database luoshi_command_{id}"));
            format!("{}/luoshi_command_{id}", server.rsplit_once('/').unwrap().0)
        });
        let room = Room { folder, url, server };
        let base = Pack::base(include_str!("../../../packs/base.toml")).unwrap();
        room.db().write(|tx| furnish(tx, &base)).unwrap();
        room
    }

    fn db(&self) -> Db {
        let file = self.folder.join("luoshi.db").display().to_string();
        Db::open(self.url.as_ref().unwrap_or(&file), Keys::new(&[7; 32])).unwrap()
    }

    fn luoshi(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luoshi"));
        command.args(args).env("LUOSHI_DATA", &self.folder).env("LANG", "C");
        if let Some(url) = &self.url {
            command.env("LUOSHI_DATABASE", url);
        }
        command.output().unwrap()
    }

    /// Imports a sample: exit code and report.
    fn import(&self, file: &str, login: &str, more: &[&str]) -> (i32, Value) {
        let file = sample(file);
        let out = self.luoshi(&[&["import", &file, "--as", login, "--json"], more].concat());
        let report = serde_json::from_slice(&out.stdout).unwrap_or_else(|_| said(&out).into());
        (out.status.code().unwrap(), report)
    }

    /// How many acts of a sort a person has done.
    fn acts(&self, act: &'static str) -> i64 {
        let base = Pack::base(include_str!("../../../packs/base.toml")).unwrap();
        self.db()
            .read(|tx| {
                let mut auditor = luoshi_store::holding::actor(tx, ROOT, CLERK, TODAY)?;
                auditor.posts.iter_mut().for_each(|held| held.post = "auditor".into());
                let root = luoshi_store::unit::find(tx, ROOT)?;
                let scope = auditor.scope(&base, luoshi_rules::Verb::Audit, &root)?;
                let filter = luoshi_store::audit::Filter {
                    act: act.into(),
                    person: "周文静".into(),
                    most: 500,
                    ..Default::default()
                };
                Ok(luoshi_store::audit::list(tx, &scope, &filter)?.len() as i64)
            })
            .unwrap()
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
        if let (Some(server), Some(url)) = (&self.server, &self.url) {
            sql(server, &format!("drop database {} with (force)", url.rsplit_once('/').unwrap().1));
        }
    }
}

fn sql(server: &str, text: &str) {
    postgres::Client::connect(server, postgres::NoTls).unwrap().batch_execute(text).unwrap();
}

fn sample(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name).display().to_string()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

const CLERKS: &str = "user101";

#[test]
fn a_sheet_is_tried_then_written_then_there_already_in_the_name_of_an_account() {
    for server in engines() {
        let room = Room::new(server);
        let (code, report) = room.import("units.xlsx", CLERKS, &["--dry-run"]);
        assert_eq!(
            (code, &report["sort"], &report["new"], &report["written"]),
            (0, &"units".into(), &6.into(), &false.into()),
            "{report}"
        );
        assert_eq!(room.acts("import."), 0, "trying writes nothing");
        for (file, all) in [("units.xlsx", 6), ("people.xlsx", 40)] {
            let (code, report) = room.import(file, CLERKS, &[]);
            assert_eq!((code, &report["new"], &report["written"]), (0, &all.into(), &true.into()), "{report}");
            let (code, again) = room.import(file, CLERKS, &["--dry-run"]);
            assert_eq!((code, &again["new"], &again["same"]), (0, &0.into(), &all.into()), "{again}");
        }
        assert_eq!(room.acts("import.command"), 2, "who did it is in the audit trail");
        let (code, report) = room.import("records.csv", CLERKS, &["--dry-run"]);
        assert_eq!((code, &report["new"]), (0, &3.into()), "{report}");
        let past = room.folder.join("台账.csv");
        std::fs::write(&past, "支部,活动类型,日期,议题\n第一支部,党员大会,2023年2月10日,审议计划\n").unwrap();
        let (code, report) = room.import(&past.display().to_string(), CLERKS, &[]);
        assert!(code == 0 && report["written"] == true, "{report}");
        assert!(room.luoshi(&["verify"]).status.success());
    }
}

#[test]
fn faulty_cells_are_told_by_row_and_column_and_in_the_sheet_and_nothing_is_written() {
    let room = Room::new(None);
    assert_eq!(room.import("units.xlsx", CLERKS, &[]).0, 0);
    let annotated = room.folder.join("faults.xlsx").display().to_string();
    let (code, report) = room.import("people-faulty.xlsx", CLERKS, &["--annotated", &annotated]);
    assert!(code == 4 && report["written"] == false, "{report}");
    let faults = report["faults"].as_array().unwrap();
    assert!(faults.len() >= 12 && faults.iter().all(|fault| fault["row"].as_u64() > Some(1)), "{report}");
    assert!(faults.iter().any(|fault| fault["column"] == "身份证号"), "{report}");
    assert!(std::fs::read(&annotated).unwrap().starts_with(b"PK"));
    let out = room.luoshi(&["import", &sample("people-faulty.xlsx"), "--as", CLERKS, "--lang", "zh"]);
    assert!(
        out.status.code() == Some(4) && said(&out).contains("row ") && said(&out).contains("科学计数"),
        "{}",
        said(&out)
    );
    assert_eq!(room.import("people.xlsx", CLERKS, &["--dry-run"]).1["new"], 40, "nobody of the faulty sheet is there");
}

#[test]
fn who_may_not_import_may_not_from_the_command_line_either() {
    let room = Room::new(None);
    for login in ["nobody", "user104"] {
        let (code, report) = room.import("units.xlsx", login, &[]);
        assert_eq!(code, 1, "{report}");
    }
    let (code, report) = room.import("units.xlsx", CLERKS, &["--unit", "77777"]);
    assert!(code == 1 && report.as_str().unwrap().contains("--unit"), "{report}");
    assert!(room.luoshi(&["user", "close", CLERKS]).status.success());
    let (code, report) = room.import("units.xlsx", CLERKS, &[]);
    assert!(code == 1 && report.as_str().unwrap().contains("closed"), "{report}");
}

#[test]
fn what_is_no_list_is_refused_and_a_list_of_duties_needs_its_first_day() {
    let room = Room::new(None);
    let text = room.folder.join("letter.csv");
    std::fs::write(&text, "亲爱的同志\n您好\n").unwrap();
    let (code, report) = room.import(&text.display().to_string(), CLERKS, &[]);
    assert!(code == 3 && report["failed"].is_string(), "{report}");
    let (code, report) = room.import("people.xlsx", CLERKS, &["--sort", "duties"]);
    assert!(code == 3 && report["failed"].is_string(), "{report}");
    let list = room.folder.join("清单.csv");
    std::fs::write(&list, "条款编号,内容,频次\nA-1,召开党员大会,适时\n").unwrap();
    let (code, report) = room.import(&list.display().to_string(), CLERKS, &["--sort", "duties", "--dry-run"]);
    let fault = &report["faults"][0];
    assert!(code == 4 && fault["row"] == 2 && fault["column"] == "频次" && fault["cell"] == "适时", "{report}");
    let duties = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs/duties-extended.toml").display().to_string();
    let (code, report) = room.import(&duties, CLERKS, &["--dry-run"]);
    assert!(code == 0 && report["sort"] == "duties" && report["written"] == false, "{report}");
    let (code, report) = room.import(&duties, CLERKS, &[]);
    assert!(code == 1 && report.as_str().unwrap().contains("--from"), "{report}");
    let (code, report) = room.import(&duties, CLERKS, &["--from", "2024-01-01"]);
    assert!(code == 0 && report["written"] == true, "{report}");
}
