//! Imports taken back: while nothing builds on them, and what stays.

use super::*;

#[tokio::test]
async fn an_import_is_taken_back_while_nothing_builds_on_it() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (_, units) = read(&clerk, "units.xlsx", UNITS).await;
        commit(&clerk, &units).await;
        let (_, people) = read(&clerk, "people.xlsx", PEOPLE).await;
        commit(&clerk, &people).await;
        let refused = clerk.send(&units, &format!("{units}/undo"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("已被后来的内容用到"), "{}", refused.text);
        assert_eq!(clerk.send(&people, &format!("{people}/undo"), &[]).await.status, 303);
        assert_eq!(clerk.get("/units/1/people?as=csv").await.text.lines().count() - 1, 12);
        let (again, path) = read(&clerk, "people.xlsx", PEOPLE).await;
        assert_eq!((count(&again, "将新增"), count(&again, "有问题的单元格")), (40, 0), "{again}");
        assert!(commit(&clerk, &path).await.contains("● 已导入"));
        let names = clerk.get("/units/1/tree?as=csv").await.text.lines().count();
        assert_eq!(clerk.send(&path, &format!("{path}/undo"), &[]).await.status, 303);
        let done = clerk.send(&units, &format!("{units}/undo"), &[]).await;
        assert_eq!(done.status, 303, "once nobody is left in them, the units go too: {}", done.text);
        assert!(clerk.get("/units/1/tree?as=csv").await.text.lines().count() < names);
        let gone = clerk.get("/units/1/people?gone=1&as=csv").await.text;
        assert!(gone.contains("误录") && gone.contains("林泽厅党组"), "they are kept with the unit above: {gone}");
    }
}

#[tokio::test]
async fn the_roll_follows_the_sheet_when_that_is_ticked_and_goes_back_with_an_undo() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (_, path) = read(&clerk, "表.csv", people(&["甲一,第一支部,男,1980.1.2,,,,2010.7,,,"]).as_bytes()).await;
        commit(&clerk, &path).await;
        let changed = people(&["甲一,第一支部,女,1980.1.2,990000198001020018,,,2011.7,,,"]);
        let changed = changed.replace("990000198001020018", &number("99000019800102001"));
        let (page, path) = read(&clerk, "表.csv", changed.as_bytes()).await;
        assert!(page.contains("name=\"follow\"") && page.contains("按表更正"), "{page}");
        assert_eq!(clerk.send(&path, &format!("{path}/commit"), &[("follow", "1")]).await.status, 303);
        let done = clerk.settled(&path).await.text;
        assert!(done.contains("已更正 <b>1</b>"), "{done}");
        let row = || async {
            let csv = clerk.get("/units/1/people?as=csv").await.text;
            csv.lines().find(|line| line.contains("甲一")).unwrap().to_owned()
        };
        assert!(row().await.contains("甲一,女") && row().await.contains("2011-07-01"), "{}", row().await);
        let (page, _) = read(&clerk, "表.csv", changed.as_bytes()).await;
        assert_eq!(count(&page, "不一致的单元格"), 0, "nothing is left to correct: {page}");
        assert_eq!(clerk.send(&path, &format!("{path}/undo"), &[]).await.status, 303);
        assert!(row().await.contains("甲一,男") && row().await.contains("2010-07-01"), "{}", row().await);
        let (page, path) = read(&clerk, "表.csv", changed.as_bytes()).await;
        assert_eq!(count(&page, "不一致的单元格"), 3, "the number is gone again too: {page}");
        clerk.send(&path, &format!("{path}/commit"), &[("follow", "1")]).await;
        clerk.settled(&path).await;
        let (_, other) = read(&clerk, "表.csv", people(&["甲一,第一支部,男,1980.1.2,,,,2011.7,,,"]).as_bytes()).await;
        clerk.send(&other, &format!("{other}/commit"), &[("follow", "1")]).await;
        clerk.settled(&other).await;
        let refused = clerk.send(&path, &format!("{path}/undo"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("后来又更正过"), "{}", refused.text);
    }
}

#[tokio::test]
async fn an_undo_leaves_a_post_that_was_given_afterwards_and_says_so() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let (_, path) = read(&clerk, "表.csv", people(&["甲一,第一支部,男,1980.1.2,,,,,,组织委员,"]).as_bytes()).await;
        commit(&clerk, &path).await;
        site.write(|tx, base| {
            let at = luoshi_store::unit::find(tx, FIRST)?;
            let permit = leave(base, &at, luoshi_rules::Verb::Roll, TODAY);
            let scope = luoshi_rules::Actor { ..actor(&at) }.scope(base, luoshi_rules::Verb::Roll, &at)?;
            let people = luoshi_store::import::people(tx, &scope)?;
            let person = people.iter().find(|one| one.name == "甲一").unwrap().id;
            luoshi_store::holding::appoint(tx, &permit, base.post("publicity_commissioner").unwrap(), person, TODAY, "")
        })
        .await;
        let refused = clerk.send(&path, &format!("{path}/undo"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("任职 1"), "{}", refused.text);
        assert!(clerk.get(&path).await.text.contains("● 已导入"));
    }
}

#[tokio::test]
async fn person_codes_come_by_sheet_stand_once_and_go_back_with_an_undo() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let known = |code: &'static str| site.write(move |tx, _| luoshi_store::identity::coded(tx, code));
        let twice = "姓名,所在支部,工号\n甲一,第一支部,A-1\n乙二,第一支部,a-1\n丙三,第一支部,有空格 的\n";
        let (page, _) = read(&clerk, "表.csv", twice.as_bytes()).await;
        assert!(page.contains("与第 2 行的人员编号相同") && page.contains("人员编号为1至64个字母"), "{page}");
        let (_, first) = read(&clerk, "表.csv", "姓名,所在支部,工号\n甲一,第一支部,A-1\n".as_bytes()).await;
        assert!(commit(&clerk, &first).await.contains("已导入 <b>1</b>"));
        // people who are there already get theirs when that is ticked; the clerk keeps the roll of all of them
        let sheet = "姓名,所在支部,人员编号\n张晓明,第一支部,m-7\n李建国,第一支部,A-1\n甲一,第一支部,A-1\n";
        let (page, _) = read(&clerk, "表.csv", sheet.as_bytes()).await;
        assert!(page.contains("甲一已用这个人员编号"), "{page}");
        let sheet = sheet.replace("李建国,第一支部,A-1\n", "");
        let (page, path) = read(&clerk, "表.csv", sheet.as_bytes()).await;
        assert_eq!((count(&page, "将新增"), count(&page, "不一致的单元格")), (0, 1), "{page}");
        assert!(known("M-7").await.is_none());
        assert_eq!(clerk.send(&path, &format!("{path}/commit"), &[("follow", "1")]).await.status, 303);
        assert!(clerk.settled(&path).await.text.contains("已更正 <b>1</b>"));
        assert_eq!(known("M-7").await.map(|account| account.person), Some(MEMBER));
        let other = "姓名,所在支部,人员编号\n张晓明,第一支部,m-8\n";
        let (page, second) = read(&clerk, "表.csv", other.as_bytes()).await;
        assert!(page.contains("请到人员页面逐个更换"), "a code that is there is not replaced by a sheet: {page}");
        assert!(!page.contains("name=\"follow\""), "{second}: there is nothing to correct: {page}");
        assert_eq!(clerk.send(&path, &format!("{path}/undo"), &[]).await.status, 303);
        assert!(known("M-7").await.is_none());
    }
}
