//! People of a meeting: who is due on its day, names that are misspelt, talks, and who sees who came.

use super::*;

#[tokio::test]
async fn those_due_are_those_on_the_roll_of_the_day_though_they_moved_within_the_month() {
    for site in sites().await {
        let moved = site
            .write(|tx, base| {
                let at = unit::find(tx, FIRST)?;
                let entry = person::Entry {
                    name: "新来的人".into(),
                    search: "xinlaideren".into(),
                    since: Some(date(2023, 2, 15)),
                    standing: Some(Standing::Full),
                    ..Default::default()
                };
                person::add(tx, &leave(base, &at, Verb::Roll, TODAY), &entry)
            })
            .await;
        let secretary = site.sign_in(SECRETARY).await;
        let came = format!("absent-{moved}");
        let form = format!("{FORM}&on=2023-02-28");
        assert!(secretary.get(&form).await.text.contains(&came));
        assert!(!secretary.get(&format!("{FORM}&on=2023-02-10")).await.text.contains(&came));
        // the list on the form was that of today; another day, other people: look them over
        let changed =
            secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &[("rolled", "2023-05-15")])).await;
        assert!(changed.status == 422 && changed.text.contains("减少：新来的人"), "{}", changed.text);
        assert!(changed.text.contains("name=\"rolled\" value=\"2023-02-10\"") && !changed.text.contains(&came));
        let done = secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &[("rolled", "2023-02-10")])).await;
        assert!(secretary.get(&done.to).await.text.contains("应到 <b>11</b>"));
    }
}

/// Holds a theme day with two hours of service and returns how many it counts as due.
async fn served(who: &Visitor<'_>, unit: i64, on: &str, topic: &str) -> String {
    let (form, to) = (format!("/units/{unit}/records/new?kind=theme-day"), format!("/units/{unit}/records"));
    let fields = [("kind", "theme-day"), ("on", on), ("topic", topic), ("also", "volunteer-service"), ("hours", "2")];
    let fields = [&fields[..], &[("rolled", on)]].concat();
    let done = who.send(&form, &to, &fields).await;
    assert_eq!(done.status, 303, "{}", done.text);
    let page = who.get(&done.to).await.text;
    page.split("应到 <b>").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn who_moves_within_the_month_counts_in_each_branch_as_of_each_day_and_once_above() {
    for site in sites().await {
        site.app.count().await.unwrap();
        let (from, to) = (site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
        assert_eq!(served(&from, FIRST, "2023-05-10", "转出之前").await, "11");
        assert_eq!(served(&to, SECOND, "2023-05-10", "转入之前").await, "1");
        let page = format!("/people/{MEMBER}");
        let fields = [("to", "中共第二支部"), ("why", "调动")];
        let letter = from.send(&page, &format!("{page}/transfers"), &fields).await.to;
        assert_eq!(from.send(&letter, &format!("{letter}/steps"), &[("to", "issued")]).await.status, 303);
        let theirs = letter.replace(&format!("/units/{FIRST}/"), &format!("/units/{SECOND}/"));
        let accepted = to.send(&theirs, &format!("{theirs}/steps"), &[("to", "accepted")]).await;
        assert_eq!(accepted.status, 303, "{}", accepted.text);

        // from today on they are due in the new branch; a day before that is recorded late has them in the old one
        assert_eq!(served(&from, FIRST, "2023-05-15", "转出之后").await, "10");
        assert_eq!(served(&to, SECOND, "2023-05-15", "转入之后").await, "2");
        assert_eq!(served(&from, FIRST, "2023-05-14", "补记").await, "11");
        let clerk = site.sign_in(CLERK).await;
        let number = |page: &str| page.split("class=\"number\"").nth(1).unwrap()[..80].to_owned();
        for (unit, people, times) in
            [(FIRST, "11名", "32人次"), (SECOND, "2名", "3人次"), (COMMITTEE, "12名", "35人次")]
        {
            let volunteers = clerk.get(&format!("/units/{unit}/2023/figures/volunteers")).await.text;
            assert!(volunteers.contains(people), "{unit} {people}: {}", number(&volunteers));
            let counted = clerk.get(&format!("/units/{unit}/2023/figures/volunteer-times")).await.text;
            assert!(counted.contains(times), "{unit} {times}: {}", number(&counted));
        }
    }
}

#[tokio::test]
async fn of_three_thousand_pasted_names_the_misspelt_are_told_and_the_rest_kept() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let permit = leave(base, &at, Verb::Roll, TODAY);
            for n in 0..3_000 {
                let name = format!("第{n}号同志");
                let entry =
                    person::Entry { search: name.clone(), name, since: Some(date(2022, 1, 1)), ..Default::default() };
                person::add(tx, &permit, &entry)?;
            }
            Ok(())
        })
        .await;
        let secretary = site.sign_in(SECRETARY).await;
        let mut names: Vec<String> = (0..3_000).map(|n| format!("第{n}号同志")).collect();
        names.extend(["张小明".into(), "查无此人".into()]);
        let form = "/units/3/records/new?kind=party-lecture";
        let all = names.join("\n");
        let fields =
            |others| [("kind", "party-lecture"), ("on", "2023-02-10"), ("topic", "讲党课"), ("others", others)];
        let told = secretary.send(form, "/units/3/records", &fields(&all)).await;
        assert_eq!(told.status, 422);
        assert!(told.text.contains("3000 个姓名已认出") && told.text.contains("张小明（是否为 张晓明？）、查无此人"));
        assert!(told.text.contains("第2999号同志"), "what was pasted is still there");
        let done = secretary.send(form, "/units/3/records", &fields(&names[..3_000].join("、"))).await;
        assert_eq!(done.status, 303);
    }
}

#[tokio::test]
async fn of_a_talk_the_day_and_the_pair_are_kept_and_seen_by_the_branch_alone() {
    for site in sites().await {
        let secretary = site.sign_in(SECRETARY).await;
        let form = "/units/3/records/new?kind=heart-talk";
        assert!(!secretary.get(form).await.text.contains("name=\"minutes\""));
        let talk = |talked| [("kind", "heart-talk"), ("on", "2023-02-10"), ("among", "members"), ("talked", talked)];
        let told = secretary.send(form, "/units/3/records", &talk("李建国 张晓明 谈了家里的事")).await;
        assert!(told.status == 422 && told.text.contains("每行写两个不同的姓名，不写内容"), "{}", told.text);
        let neither = secretary.send(form, "/units/3/records", &talk("")).await;
        assert!(neither.status == 422 && neither.text.contains("请写谁与谁谈，或填对数"), "{}", neither.text);
        let done = secretary.send(form, "/units/3/records", &talk("李建国 张晓明\n李建国、同志105")).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let page = secretary.get(&done.to).await.text;
        assert!(page.contains("李建国 张晓明") && page.contains("李建国 同志105") && page.contains("2 对"), "{page}");
        let how = secretary.get("/units/3/meetings/heart-talk").await.text;
        assert!(how.contains("同志106") && !how.contains("同志105 "), "105 has talked this year");
        let above = site.sign_in(OTHER).await;
        assert_eq!(above.get(&done.to).await.status, 404);
    }
}

#[tokio::test]
async fn who_came_is_seen_by_the_branch_and_above_it_is_a_rate() {
    let site = Site::new(None).await;
    site.write(|tx, base| {
        let at = unit::find(tx, COMMITTEE)?;
        let post = base.post("organ_committee_secretary").unwrap();
        holding::appoint(tx, &leave(base, &at, Verb::Roll, TODAY), post, OTHER, date(2022, 1, 1), "")
    })
    .await;
    let (secretary, above) = (site.sign_in(SECRETARY).await, site.sign_in(OTHER).await);
    let done = secretary.send(FORM, "/units/3/records", &meeting("2023-02-10", &[("absent-104", "sick")])).await;
    assert!(secretary.get(&done.to).await.text.contains("张晓明（病假）"));
    assert!(site.sign_in(MEMBER).await.get(&done.to).await.text.contains("张晓明（病假）"));
    let page = above.get(&done.to).await.text;
    assert!(page.contains("到会率 <b>90%</b>") && !page.contains("张晓明"), "{page}");
    let file = "/units/3/2023/files/general-meeting";
    let page = above.get(file).await.text + &above.get(&format!("{file}?as=csv")).await.text;
    assert!(page.contains("成员参加率 <b>90%</b>") && !page.contains("张晓明"), "{page}");
    assert!(secretary.get(file).await.text.contains("张晓明"));
    let person = above.get("/people/104").await.text;
    assert!(person.contains("今年到会率") && !person.contains("到会 <b>"));
    // a correction from above leaves who came as it was
    let correct = format!("{}/correct", done.to);
    let form = above.get(&correct).await;
    assert!(!form.text.contains("张晓明") && form.text.contains("由本组织更正"), "{}", form.text);
    let version = form.hidden("version");
    let fields = meeting("2023-02-10", &[("version", &version), ("absent-105", "sick")]);
    assert_eq!(above.send(&correct, &correct, &fields).await.status, 303);
    let page = secretary.get(&done.to).await.text;
    assert!(page.contains("张晓明（病假）") && page.contains("实到 <b>10</b>"), "{page}");
}

#[tokio::test]
async fn the_file_of_centre_group_study_tells_who_was_there_and_who_made_up_for_it() {
    for site in sites().await {
        site.write(|tx, base| {
            let at = unit::find(tx, COMMITTEE)?;
            let posts = ["organ_committee_secretary", "fulltime_deputy_secretary", "study_secretary"];
            for (person, post) in [105, 106, MEMBER].into_iter().zip(posts) {
                let permit = leave(base, &at, Verb::Roll, TODAY);
                holding::appoint(tx, &permit, base.post(post).unwrap(), person, date(2022, 1, 1), "")?;
            }
            Ok(())
        })
        .await;
        let clerk = site.sign_in(CLERK).await;
        let form = |kind: &str| format!("/units/2/records/new?kind={kind}");
        let held = |on: &'static str, topic: &'static str, rest: &[(&'static str, &'static str)]| {
            let mut fields = vec![("kind", "center-group-study"), ("on", on), ("topic", topic)];
            fields.extend(rest);
            fields
        };
        for fields in [
            held("2023-02-10", "学习一", &[("absent-106", "sick"), ("extended", "30")]),
            held("2023-03-10", "学习二", &[("absent-106", "sick")]),
            held("2023-04-10", "学习三", &[]),
        ] {
            let done = clerk.send(&form("center-group-study"), "/units/2/records", &fields).await;
            assert_eq!(done.status, 303, "{}", done.text);
        }
        let page = "/units/2/2023/files/center-group-study";
        let before = clerk.get(page).await.text;
        assert!(before.contains("成员参加率 <b>66%</b>") && before.contains("待补学"), "{before}");
        let later = [("kind", "make-up-study"), ("on", "2023-03-20"), ("topic", "补学一"), ("others", "同志106")];
        let done = clerk.send(&form("make-up-study"), "/units/2/records", &later).await;
        assert_eq!(done.status, 303, "{}", done.text);
        let rates = clerk.get(page).await.text + &clerk.get(&format!("{page}?as=csv")).await.text;
        assert!(rates.contains("已补学 <b>1</b>") && !rates.contains("同志106"), "above it is a rate: {rates}");
        let clerk = site.sign_in(MEMBER).await; // the study secretary keeps the file
        let after = clerk.get(page).await.text;
        assert!(after.contains("◐") && after.contains("2023-03-20") && after.contains("同志106"), "{after}");
        assert!(after.contains("已补学 <b>1</b>") && after.contains("<td class=\"num\">30</td>"), "{after}");
        let sheet = clerk.get(&format!("{page}?as=csv")).await.text;
        assert!(sheet.contains("扩大学习的其他人员 30") && sheet.contains("同志106"), "{sheet}");
        assert!(clerk.get_english(page).await.text.contains("Still to make up"));
        let secretary = site.sign_in(SECRETARY).await;
        assert_eq!(secretary.get(page).await.status, 404, "not of the body above");
        assert_eq!(clerk.get("/units/2/2023/files/disclosure").await.status, 404, "no meeting");
    }
}

#[tokio::test]
async fn who_paid_their_dues_is_marked_in_those_words_and_came_to_no_meeting() {
    for site in sites().await {
        let (secretary, member) = (site.sign_in(SECRETARY).await, site.sign_in(MEMBER).await);
        let met = secretary.send(FORM, "/units/3/records", &meeting("2023-05-08", &[("rolled", "2023-05-08")])).await;
        assert_eq!(met.status, 303, "{}", met.text);
        let form = "/units/3/records/new?kind=dues-collection";
        let page = secretary.get(form).await.text;
        assert!(page.contains("默认全部已交；只标出未交的人。") && page.contains("○ 未交"), "{page}");
        assert!(!page.contains("到会") && !page.contains("病假") && !page.contains("怎么开"), "{page}");
        let unpaid = format!("absent-{MEMBER}");
        let fields = [("kind", "dues-collection"), ("on", "2023-05-10"), ("rolled", "2023-05-10")];
        let fields = [&fields[..], &[(unpaid.as_str(), "unexcused")]].concat();
        let kept = secretary.send(form, "/units/3/records", &fields).await;
        assert_eq!(kept.status, 303, "{}", kept.text);
        let page = secretary.get(&kept.to).await.text;
        assert!(page.contains("已交 <b>10</b> / 11") && page.contains("未交：张晓明"), "{page}");
        assert!(!page.contains("实到") && secretary.get_english(&kept.to).await.text.contains("Not paid: "), "{page}");
        // to the member it is dues, and neither a meeting nor an absence
        let home = member.get("/").await.text;
        assert!(home.contains("<small>1 / 1</small>") && !home.contains("党费收缴</a>"), "{home}");
        let own = member.get("/me").await.text;
        assert!(own.contains("<small>1 / 1</small>") && own.contains("○ 未交") && !own.contains("未请假"), "{own}");
    }
}
