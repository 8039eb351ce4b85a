//! What happens at home meanwhile, and a taking back that is broken off.

use super::*;

#[tokio::test]
async fn a_take_killed_at_any_moment_leaves_all_or_nothing_and_ends_whole_when_asked_again() {
    let site = Site::new(None).await;
    let (round, machine) = out(&site).await;
    let whole = matter(&site.sign_in(CLERK).await.get(&round).await.text, "设计院党委");
    let away = machine.site().await;
    done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
    found(&away, whole, 0..12).await;
    let want = counted(&away).await;
    // the command asks the machine's clock, which is later than the stories' day
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let package = machine.give_on(true, today).await;
    let before = counted(&site).await;
    let folder = machine.folder.with_extension("home");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("luoshi.key"), [7; 32]).unwrap();
    std::fs::write(folder.join("p.luoshi"), &package).unwrap();
    copied(&site.file(), &folder.join("luoshi.db"));
    let words = |file: &Path| {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![
            "exchange".to_owned(),
            "--data".to_owned(),
            text(&folder),
            "take".to_owned(),
            text(file),
            "--as".to_owned(),
            "user101".to_owned(),
        ]
    };
    let package = folder.join("p.luoshi");
    let (mut none, mut whole) = (0, 0);
    for n in 0..24 {
        let mut child = Program::new(env!("CARGO_BIN_EXE_luoshi"))
            .args(words(&package))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 * n));
        let _ = child.kill();
        child.wait().unwrap();
        let now = counted(&std::mem::ManuallyDrop::new(Site::on(&folder, [7; 32], TODAY).await)).await;
        assert!(now == before || now == want, "killed at {}: {now:?}", 20 * n);
        if now == before { none += 1 } else { whole += 1 }
    }
    let args = words(&package);
    let ended = luoshi(&args.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let now = counted(&std::mem::ManuallyDrop::new(Site::on(&folder, [7; 32], TODAY).await)).await;
    assert_eq!(now, want);
    assert!(none > 0, "no kill came before the end ({whole} after it)");
    for folder in [folder, machine.folder] {
        std::fs::remove_dir_all(folder).unwrap();
    }
}

#[tokio::test]
async fn a_unit_is_not_merged_while_a_team_is_out_for_it_and_a_member_taken_off_meanwhile_keeps_what_they_did() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let merge = |tx: &luoshi_store::Tx, base: &luoshi_rules::Pack| {
            let permit = |id| Ok::<_, luoshi_store::Fault>(leave(base, &unit::find(tx, id)?, Verb::Rule, TODAY));
            let own = permit(INSPECTED)?;
            let decision = unit::Decision { permit: &own, pack: base, on: TODAY, note: "批复1号" };
            Ok(unit::merge(tx, &decision, &permit(place::COMMITTEE)?).map_err(|fault| fault.to_string()))
        };
        let refused = site.write(merge).await;
        assert!(refused.is_err_and(|why| why.contains("take it back first")));
        let away = machine.site().await;
        done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
        found(&away, whole, 0..2).await;
        let off = [("person", "131"), ("why", "工作需要")];
        done(&clerk.send(&round, &format!("{round}/dismissals"), &off).await);
        let package = machine.give(true).await;
        let at = format!("{round}/exchanges");
        done(&clerk.upload(&at, &format!("{round}/returns"), "x", &package).await);
        assert_eq!(counted(&site).await, counted(&away).await);
        assert_eq!(site.write(merge).await, Ok(()));
        std::fs::remove_dir_all(machine.folder).unwrap();
    }
}

#[tokio::test]
async fn who_helps_goes_out_with_the_team_and_what_it_says_about_that_comes_back_once() {
    for site in sites().await {
        let round = furnished(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let turns = |unit: i64, matter: i64| {
            (format!("/units/{unit}/matters/{matter}"), format!("/units/{unit}/matters/{matter}/turns"))
        };
        let (at, to) = turns(ROOT, whole);
        done(&clerk.send(&at, &to, &[("turn", "help"), ("unit", "第二支部"), ("why", "借调人手")]).await);
        let machine = Machine::new();
        machine.open(sent(&site, &round, &machine).await, key(&site).await).await.unwrap();

        // the machine knows who helped before; there a unit begins to help with one finding, and ends to with another
        let away = machine.site().await;
        let own = away.sign_in(LEADER).await;
        let page = own.get(&format!("/units/{INSPECTED}/matters/{whole}")).await.text;
        assert!(page.contains("增加协办") && page.contains("借调人手"), "{page}");
        done(&step(&own, whole, "arrived", &[]).await);
        found(&away, whole, 0..2).await;
        let page = own.get(&format!("/units/{INSPECTED}/matters/{whole}")).await.text;
        let (first, second) = (matter(&page, "（0）"), matter(&page, "（1）"));
        for (finding, why) in [(first, "一起核对台账"), (second, "暂时协助")] {
            let (at, to) = turns(INSPECTED, finding);
            done(&own.send(&at, &to, &[("turn", "help"), ("unit", "第二支部"), ("why", why)]).await);
        }
        let interim = machine.give(false).await;
        let (at, to) = turns(INSPECTED, second);
        let helper = SECOND.to_string();
        done(&own.send(&at, &to, &[("turn", "end"), ("helper", &helper), ("why", "已核对完")]).await);
        let package = machine.give(true).await;

        let (at, back) = (format!("{round}/exchanges"), format!("{round}/returns"));
        for (bytes, end) in [(&interim, "taken=1"), (&interim, "again=1"), (&package, "taken=2"), (&package, "again=2")]
        {
            assert!(done(&clerk.upload(&at, &back, "x", bytes).await).ends_with(end), "{end}");
        }
        let read = |finding: i64| {
            let clerk = &clerk;
            async move { clerk.get(&format!("/units/1/matters/{finding}")).await.text }
        };
        let page = read(whole).await;
        assert_eq!(page.matches("借调人手").count(), 1, "nothing doubled: {page}");
        let page = read(first).await;
        assert_eq!((page.matches("一起核对台账").count(), page.matches("<b>增加协办</b> ").count()), (1, 1), "{page}");
        let page = read(second).await;
        assert_eq!((page.matches("暂时协助").count(), page.matches("已核对完").count()), (1, 1), "{page}");
        assert!(page.contains("结束协办"), "{page}");
        let helped = site
            .write(|tx, base| {
                let scope = luoshi_rules::Actor { posts: Vec::new(), ..holding::actor(tx, ROOT, CLERK, TODAY)? };
                let scope = luoshi_rules::Actor {
                    posts: vec![luoshi_rules::Held {
                        post: "branch_secretary".into(),
                        unit: SECOND,
                        top: ROOT,
                        path: unit::find(tx, SECOND)?.path,
                    }],
                    ..scope
                }
                .scope(base, Verb::See, &unit::find(tx, SECOND)?)?;
                let filter = luoshi_store::matter::Filter::default();
                let all = luoshi_store::matter::list(tx, &scope, &filter)?;
                Ok(all.into_iter().map(|line| line.matter.id).collect::<Vec<_>>())
            })
            .await;
        assert!(helped.contains(&first) && helped.contains(&whole) && !helped.contains(&second), "{helped:?}");
        std::fs::remove_dir_all(machine.folder).unwrap();
    }
}
