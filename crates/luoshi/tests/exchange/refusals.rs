//! What is refused, and leaves nothing.

use super::*;

#[tokio::test]
async fn a_package_that_is_changed_cut_foreign_late_or_older_is_refused_and_nothing_is_kept() {
    for site in sites().await {
        let (round, machine) = out(&site).await;
        let clerk = site.sign_in(CLERK).await;
        let (at, returns) = (format!("{round}/exchanges"), format!("{round}/returns"));
        let whole = matter(&clerk.get(&round).await.text, "设计院党委");
        let away = machine.site().await;
        done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
        found(&away, whole, 0..3).await;
        let finding = matter(&away.sign_in(LEADER).await.get(&format!("/units/5/matters/{whole}")).await.text, "（1）");
        done(&attach(&away, &away.sign_in(LEADER).await, finding, PAPER).await);
        let first = machine.give(false).await;
        let (before, files) = (counted(&site).await, finds(site.folder(), "底稿：").len());

        let take = |bytes: Vec<u8>| {
            let command = Command::Take { login: "user101".into(), bytes };
            let app = &site.app;
            async move { exchange(app, command, Lang::Zh).await.map(|outcome| outcome.words) }
        };
        // every part of it is guarded: mark, head, body, signature
        let places = (0..120).map(|n| n * 7 % 2_000).chain((1..60).map(|n| first.len() - n * 3));
        for n in places.filter(|n| *n < first.len()) {
            let mut turned = first.clone();
            turned[n] ^= 1 << (n % 8);
            let answer = take(turned).await;
            assert!(answer.is_err(), "byte {n}: {answer:?}");
        }
        for length in [0, 1, 17, 21, 200, 1_000, first.len() / 2, first.len() - 64, first.len() - 1] {
            assert!(take(first[..length].to_vec()).await.is_err(), "cut to {length}");
        }
        let mut longer = first.clone();
        longer.push(0);
        assert!(take(longer).await.is_err());
        refused(&clerk.upload(&at, &returns, "x", b"PK\x03\x04 something else").await, "不是本系统的交换包");
        refused(&clerk.send(&at, &returns, &[]).await, "请选择文件");

        // another machine, a package that went out, one that is too old
        let other = Machine::new();
        copied(&machine.folder.join("luoshi.db"), &other.folder.join("luoshi.db"));

        let digest_of = finds(&machine.folder, "底稿：");
        let inside = digest_of[0].strip_prefix(&machine.folder).unwrap();
        std::fs::create_dir_all(other.folder.join(inside).parent().unwrap()).unwrap();
        std::fs::copy(&digest_of[0], other.folder.join(inside)).unwrap();

        refused(&clerk.upload(&at, &returns, "x", &other.give(false).await).await, "签名方不是约定的对方");
        let old = machine.give_on(false, date(2023, 3, 1)).await;
        refused(&clerk.upload(&at, &returns, "x", &old).await, "过期");
        let page = clerk.get(&at).await.text;
        let link = page.split("href=\"").find(|part| part.contains("/package\"")).unwrap();
        let (_, outward) = clerk.get_bytes(link.split('"').next().unwrap()).await;
        refused(&clerk.upload(&at, &returns, "x", &outward).await, "签名方不是约定的对方");
        assert_eq!(counted(&site).await, before, "nothing was kept");
        assert_eq!(finds(site.folder(), "底稿：").len(), files, "no file either");

        // a package of another round's machine, at the address of this one
        let second = machine.give(false).await;
        assert!(done(&clerk.upload(&at, &returns, "3", &second).await).ends_with("taken=3"));
        refused(&clerk.upload(&at, &returns, "1", &first).await, "比已收的第 3 号旧");

        // the machine is given up: its matters are worked on here again, and nothing more is taken from it
        let third = machine.give(true).await;
        let form = page.split("action=\"").find(|part| part.contains("/voids\"")).unwrap().split('"').next().unwrap();
        refused(&clerk.send(&at, form, &[("why", " ")]).await, "请写明作废原因");
        done(&clerk.send(&at, form, &[("why", "笔记本遗失")]).await);
        refused(&clerk.upload(&at, &returns, "4", &third).await, "已经作废");
        done(&step(&site.sign_in(LEADER).await, whole, "left", &[]).await);
        for machine in [machine, other] {
            std::fs::remove_dir_all(machine.folder).unwrap();
        }
    }
}

#[tokio::test]
async fn a_team_goes_only_to_a_machine_whose_fingerprint_was_read_out_and_only_once() {
    for site in sites().await {
        let round = furnished(&site).await;
        let (clerk, machine) = (site.sign_in(CLERK).await, Machine::new());
        let at = format!("{round}/exchanges");
        let (key, fingerprint) = machine.key().await;
        let (own, own_print) = self::key(&site).await;
        let send = |key: String, print: String| {
            let (clerk, at) = (&clerk, &at);
            async move { clerk.send(at, at, &[("team", "1"), ("key", &key), ("fingerprint", &print)]).await }
        };
        refused(&send("luoshi-key-1.AAAA".into(), fingerprint.clone()).await, "这不是一份公钥");
        refused(&send(key.clone(), own_print.clone()).await, "指纹与公钥不符");
        refused(&send(own.clone(), own_print.clone()).await, "自己的公钥");
        let page = send(key.clone(), "12345".into()).await;
        assert!(page.text.contains(&key), "what was typed is there");
        let nobody = clerk.send(&at, &at, &[("team", "7"), ("key", &key), ("fingerprint", &fingerprint)]).await;
        assert!(nobody.status == 404 || nobody.status == 422, "{}", said(&nobody));
        // who reads digits out does not read blanks
        done(&send(format!("{}\n {}", &key[..40], &key[40..]), fingerprint.replace(' ', "-")).await);
        refused(&send(key.clone(), fingerprint.clone()).await, "已经交给单机");

        // only that machine opens it, into a new folder, before its day
        let package = {
            let page = clerk.get(&at).await.text;
            let link = page.split("href=\"").find(|part| part.contains("/package\"")).unwrap().to_owned();
            clerk.get_bytes(link.split('"').next().unwrap()).await.1
        };
        let (stranger, late) = (Machine::new(), Machine::new());
        let home = (own.clone(), own_print.clone());
        let told = stranger.open(package.clone(), home.clone()).await.map(drop).unwrap_err();
        assert!(told.contains("不是发给本机"), "{told}");
        let told = machine.open(package.clone(), (own.clone(), "1".into())).await.map(drop).unwrap_err();
        assert!(told.contains("指纹与公钥不符"), "{told}");
        let told = machine.open(package.clone(), stranger.key().await).await.map(drop).unwrap_err();
        assert!(told.contains("签名方不是"), "{told}");
        let old = std::mem::ManuallyDrop::new(Site::on(&late.folder, machine.secret, date(2023, 8, 1)).await);
        let (bytes, key, fingerprint) = (package.clone(), own.clone(), own_print.clone());
        let told = exchange(&old.app, Command::Open { bytes, key, fingerprint }, Lang::En).await.map(drop).unwrap_err();
        assert!(told.contains("expired"), "{told}");
        let opened = machine.open(package.clone(), home.clone()).await.unwrap();
        assert!(opened.words.contains("罗成文  user131  /join#1."), "{}", opened.words);
        let told = machine.open(package, home).await.map(drop).unwrap_err();
        assert!(told.contains("已有数据"), "{told}");
        // the link works on the machine
        let path = opened.told["people"][0]["path"].as_str().unwrap().to_owned();
        assert_eq!(machine.site().await.ask("GET", &path, &[], Vec::new()).await.status, 200);
        for machine in [machine, stranger, late] {
            std::fs::remove_dir_all(machine.folder).unwrap();
        }
    }
}

#[tokio::test]
async fn what_a_machine_made_up_is_refused_even_when_it_is_signed() {
    let site = Site::new(None).await;
    let (round, machine) = out(&site).await;
    let clerk = site.sign_in(CLERK).await;
    let whole = matter(&clerk.get(&round).await.text, "设计院党委");
    let away = machine.site().await;
    done(&step(&away.sign_in(LEADER).await, whole, "arrived", &[]).await);
    found(&away, whole, 0..2).await;
    let before = counted(&site).await;
    // somebody with the machine in hand writes into its database what its pages would refuse
    let db = rusqlite::Connection::open(machine.folder.join("luoshi.db")).unwrap();
    let lies = [
        ("a step of the office", "update matter_event set step = 'closed' where step = 'arrived'"),
        ("somebody who is not on the team", "update matter_event set actor_id = 101 where step = 'arrived'"),
        ("another wording of what was before", "update matter_event set note = '改' where step = 'named'"),
        ("a part of nothing", "update matter set parent_id = 99 where flow = 'finding'"),
        ("a flow of another kind", "update matter set flow = 'task' where flow = 'finding'"),
        ("a gap", "update matter_event set seq = 9 where step = 'arrived'"),
        (
            "another unit that must answer",
            "insert into matter_turn select top_id, id, 1, 'handed', unit_id, opener_id, 1, '改', 131, '2023-05-15' from matter where flow = 'finding' limit 1",
        ),
        (
            "help that the team did not ask for",
            "insert into matter_turn select top_id, id, 1, 'helps', 0, 4, 1, '改', 130, '2023-05-15' from matter where flow = 'finding' limit 1",
        ),
    ];
    for (what, lie) in lies {
        db.execute_batch(&format!("savepoint lie; {lie};")).unwrap();
        db.execute_batch("release lie").unwrap();
        let package = machine.give(false).await;
        let at = format!("{round}/exchanges");
        let answer = clerk.upload(&at, &format!("{round}/returns"), "x", &package).await;
        assert_eq!(answer.status, 422, "{what}: {}", said(&answer));
        assert_eq!(counted(&site).await, before, "{what}");
        let undo = match what {
            "a step of the office" => "update matter_event set step = 'arrived' where step = 'closed'",
            "somebody who is not on the team" => "update matter_event set actor_id = 131 where step = 'arrived'",
            "another wording of what was before" => "update matter_event set note = '' where step = 'named'",
            "a part of nothing" => &format!("update matter set parent_id = {whole} where parent_id = 99"),
            "a flow of another kind" => "update matter set flow = 'finding' where flow = 'task'",
            "another unit that must answer" | "help that the team did not ask for" => "delete from matter_turn",
            _ => "update matter_event set seq = 2 where seq = 9",
        };
        db.execute_batch(undo).unwrap();
    }
    let package = machine.give(true).await;
    done(&clerk.upload(&format!("{round}/exchanges"), &format!("{round}/returns"), "x", &package).await);
    assert_eq!(counted(&site).await, counted(&away).await);
    std::fs::remove_dir_all(machine.folder).unwrap();
}
