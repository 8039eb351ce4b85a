//! Once somebody is in: sessions, tokens, invitations, and changing how one signs in.

use super::*;

#[tokio::test]
async fn one_changes_the_passphrase_with_the_old_one_and_others_are_signed_out() {
    for site in sites().await {
        let (_, elsewhere) = sign_in(&site, &format!("user{MEMBER}")).await;
        let me = site.sign_in(MEMBER).await;
        let page = me.get("/me/settings").await.text;
        assert!(page.contains("Firefox · Linux") && page.contains("本机"), "{page}");
        let send = async |old: &str, new: &str| {
            me.send("/me/settings", "/me/passphrase", &[("old", old), ("passphrase", new)]).await
        };
        let wrong = send("not it at all", "another passphrase").await;
        assert!(wrong.status == 422 && wrong.text.contains("现用口令不对"));
        let weak = send("right passphrase", "short").await;
        assert!(weak.status == 422 && weak.text.contains("口令至少"));
        for (word, why) in [
            ("Password2023!", "很多人用过"),
            ("zhangxiaoming1990", "不要用姓名"),
            ("user104-user104", "不要用姓名"),
            ("林泽厅第一支部2023", "不要用姓名"),
        ] {
            let refused = send("right passphrase", word).await;
            assert!(refused.status == 422 && refused.text.contains(why), "{word}: {}", refused.text);
        }
        assert_eq!(get(&site, &elsewhere, "/").await.status, 200, "nothing has changed yet");
        assert_eq!(send("right passphrase", "another passphrase").await.to, "/me/settings");
        assert_eq!(get(&site, &elsewhere, "/").await.to, "/sign-in");
        assert_eq!(me.get("/").await.status, 200);
        assert_eq!(sign_in(&site, &format!("user{MEMBER}")).await.0.status, 422, "the old one has ended");
    }
}

#[tokio::test]
async fn sessions_are_seen_and_ended_by_their_owner() {
    for site in sites().await {
        let (me, one, two) = (site.sign_in(MEMBER).await, site.sign_in(MEMBER).await, site.sign_in(MEMBER).await);
        let page = me.get("/me/settings").await;
        assert_eq!(page.text.matches("action=\"/me/sessions/end\"").count(), 3, "two, and all others");
        let id = page.hidden("id");
        assert_eq!(me.send("/me/settings", "/me/sessions/end", &[("id", &id)]).await.status, 303);
        let gone = [one.get("/").await.status, two.get("/").await.status];
        assert_eq!(gone.iter().filter(|status| **status == 303).count(), 1);
        me.send("/me/settings", "/me/sessions/end", &[("id", "others")]).await;
        assert!(one.get("/").await.status == 303 && two.get("/").await.status == 303);
        assert_eq!(me.get("/").await.status, 200);
    }
}

#[tokio::test]
async fn a_program_asks_with_a_token_and_is_kept_to_its_scope() {
    for site in sites().await {
        let clerk = site.sign_in(CLERK).await;
        let half = sign_in(&site, &format!("user{CLERK}")).await.1;
        enrol(&site, &half).await;
        let make = async |fields: &[(&str, &str)]| {
            let made = clerk.send("/me/settings", "/me/tokens", fields).await;
            assert_eq!(made.status, 200, "{}", made.text);
            let shown = made.text.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
            format!("Bearer {shown}")
        };
        let reads = make(&[("name", "统计"), ("until", "2023-12-31")]).await;
        let writes = make(&[("name", "同步"), ("until", "2023-12-31"), ("writes", "1"), ("unit", "3")]).await;
        assert!(!clerk.get("/me/settings").await.text.contains(&reads["Bearer ".len()..]), "shown once");
        let ask = async |token: &str, method: &str, path: &str, body: &str| {
            let heads = [("authorization", token), FORM[0]];
            site.ask(method, path, &heads, body.as_bytes().to_vec()).await
        };
        assert_eq!(ask(&reads, "GET", "/units/1/people?as=json", "").await.status, 200);
        let record = "kind=theme-day&on=2023-05-10&topic=%E5%AD%A6%E4%B9%A0";
        let refused = ask(&reads, "POST", "/units/3/records", record).await;
        assert!(refused.status == 403 && refused.text.contains("只能读取"));
        assert_eq!(ask(&writes, "POST", "/units/3/records", record).await.status, 303, "no page, no CSRF");
        assert_eq!(ask(&writes, "GET", "/units/4/people", "").await.status, 404, "outside its unit");
        assert_eq!(ask(&writes, "POST", "/units/4/records", record).await.status, 404);
        for (method, path) in [("GET", "/me/settings"), ("GET", "/me/second"), ("POST", "/me/tokens")] {
            assert_eq!(ask(&writes, method, path, "name=x&until=2023-12-31").await.status, 404, "{path}");
        }
        for token in ["Bearer x", "Bearer luoshi_1_00", "Basic dXNlcg==", "Bearer "] {
            let refused = ask(token, "GET", "/", "").await;
            assert!(refused.status == 401 && refused.text.contains("令牌无效"), "{token}");
            assert_eq!(refused.head["www-authenticate"], "Bearer");
        }
        let id = clerk.get("/me/settings").await.text;
        let id = id.split("/me/tokens/revoke").nth(1).unwrap().split("name=\"id\" value=\"").nth(1).unwrap();
        let id = id.split('"').next().unwrap().to_owned();
        assert_eq!(clerk.send("/me/settings", "/me/tokens/revoke", &[("id", &id)]).await.status, 303);
        assert_eq!(ask(&writes, "GET", "/units/3", "").await.status, 401, "revoked");
        assert_eq!(ask(&reads, "GET", "/units/1", "").await.status, 200);
        let late = clerk.send("/me/settings", "/me/tokens", &[("name", "久"), ("until", "2030-01-01")]).await;
        assert!(late.status == 422 && late.text.contains("最长一年") && late.text.contains("value=\"久\""));
    }
}

#[tokio::test]
async fn who_keeps_the_roll_sees_invitations_takes_them_back_and_closes_accounts() {
    for site in sites().await {
        let (clerk, secretary) = (site.sign_in(CLERK).await, site.sign_in(place::SECRETARY).await);
        let member = site.sign_in(MEMBER).await;
        let to = format!("/people/{MEMBER}");
        let made = clerk.send(&to, &format!("{to}/invitations"), &[("login", "")]).await;
        let link = made.text.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let code = link.strip_prefix("/join#").expect("what opens it is behind the #").to_owned();
        let join = async |code: &str, word: &str| {
            let body = format!("code={}&passphrase={word}", code.replace('#', "%23")).into_bytes();
            site.ask("POST", "/join", &[FORM[0]], body).await
        };
        assert_eq!(get(&site, "", &link.replace("#1.", "/1/")).await.to, link, "a link from before leads there too");
        let own = join(&code, "zhangxiaoming1990").await;
        assert!(own.status == 422 && own.text.contains("不要用姓名"), "{}", own.text);
        assert!(clerk.get("/units/1/invitations").await.text.contains("张晓明"));
        assert!(secretary.get("/units/3/invitations").await.text.contains("张晓明"));
        assert_eq!(secretary.get("/units/4/invitations").await.status, 404);
        assert_eq!(member.get(&format!("{to}/account")).await.status, 404);
        let account = format!("{to}/account");
        assert!(secretary.get(&account).await.text.contains("撤回邀请"));
        assert_eq!(secretary.send(&account, &format!("{account}/uninvite"), &[]).await.status, 303);
        for code in [&code, "", "1", "1.", "x.y", "1.guess", "99.1"] {
            let refused = join(code, "a+passphrase+of+mine").await;
            assert!(refused.status == 422 && refused.text.contains("已用过或已撤回"), "{code}: {}", refused.text);
        }
        assert_eq!(clerk.send(&account, &format!("{account}/close"), &[]).await.status, 303);
        assert!(clerk.get(&account).await.text.contains("已停用"));
        assert_eq!(member.get("/").await.to, "/sign-in");
        assert_eq!(sign_in(&site, &format!("user{MEMBER}")).await.0.status, 422);
        let above = format!("/people/{CLERK}/account");
        let refused = secretary.send(&above, &format!("{above}/close"), &[]).await;
        assert!(refused.status == 422 && refused.text.contains("权限以外"));
    }
}

#[tokio::test]
async fn signing_out_clears_what_the_browser_kept() {
    let site = Site::new(None).await;
    let out = site.sign_in(MEMBER).await.send("/", "/sign-out", &[]).await;
    assert_eq!((out.status, out.to.as_str()), (303, "/sign-in"));
    assert_eq!(out.head["clear-site-data"], "\"cache\", \"storage\"");
}

/// Makes every session as old as one in which nobody has shown for a while who they are.
fn a_while_later(site: &Site) {
    let conn = rusqlite::Connection::open(site.file()).unwrap();
    conn.execute("update session set proven = proven - 1300000", []).unwrap();
}

#[tokio::test]
async fn how_one_signs_in_is_changed_only_by_who_shows_again_who_they_are() {
    let site = Site::new(None).await;
    let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
    let (secret, _, me) = enrol(&site, &half).await;
    let page = get(&site, &me, "/me/settings").await;
    let forms = ["/me/passphrase", "/me/recovery-codes", "/me/tokens"];
    assert!(forms.iter().all(|form| page.text.contains(form)), "a moment after signing in nothing more is asked");
    a_while_later(&site);
    let later = get(&site, &me, "/me/settings").await.text;
    assert!(later.contains("href=\"/me/prove\"") && later.contains("超过十分钟"), "{later}");
    assert!(!forms.iter().any(|form| later.contains(form)) && !later.contains("/me/sessions/end"));
    for to in ["/me/second", "/me/passkeys"] {
        assert_eq!(get(&site, &me, to).await.to, format!("/me/prove?to={to}"));
    }
    let csrf = page.hidden("csrf");
    let post = async |path: &str, rest: &str| {
        let body = format!("csrf={csrf}&{rest}").into_bytes();
        site.ask("POST", path, &[FORM[0], ("cookie", &me)], body).await
    };
    for (path, rest) in [
        ("/me/passphrase", "old=right+passphrase&passphrase=a+stolen+session+was+here"),
        ("/me/second", "code=000000"),
        ("/me/recovery-codes", ""),
        ("/me/passkeys", "name=x"),
        ("/me/passkeys/remove", "id=x"),
        ("/me/tokens", "name=x&until=2023-12-31"),
        ("/me/tokens/revoke", "id=x"),
        ("/me/sessions/end", "id=others"),
    ] {
        assert_eq!(post(path, rest).await.to, "/me/prove", "{path}");
    }
    assert_eq!(sign_in(&site, &format!("user{CLERK}")).await.0.status, 303, "nothing was changed");

    let ask = get(&site, &me, "/me/prove?to=/me/second").await.text;
    assert!(
        ask.contains("确认是您本人") && ask.contains("name=\"passphrase\"") && ask.contains("name=\"code\""),
        "{ask}"
    );
    let next = second::shown(&secret, now() + 30_000);
    let word = "right+passphrase&to=/me/second";
    for (rest, why) in [
        (format!("passphrase=not+it&code={next}"), "口令不对"),
        (format!("passphrase={word}"), "验证码不对"),
        (format!("passphrase={word}&code=000000"), "验证码不对"),
    ] {
        let refused = post("/me/prove", &rest).await;
        assert!(refused.status == 422 && refused.text.contains(why), "{rest}: {}", refused.text);
        assert_eq!(post("/me/recovery-codes", "").await.to, "/me/prove");
    }
    let right = post("/me/prove", &format!("passphrase={word}&code={next}")).await;
    assert_eq!((right.status, right.to.as_str()), (303, "/me/second"));
    assert_eq!(get(&site, &me, "/me/second").await.status, 200);
    assert_eq!(post("/me/recovery-codes", "").await.status, 200);
    assert!(get(&site, &me, "/me/settings").await.text.contains("/me/passphrase"));
    assert_eq!(post("/me/prove", "passphrase=x&code=x&to=//evil.example").await.status, 422);
}

#[tokio::test]
async fn guesses_at_the_page_that_asks_again_are_counted_as_those_at_the_door() {
    for site in sites().await {
        let (_, me) = sign_in(&site, &format!("user{MEMBER}")).await;
        let csrf = get(&site, &me, "/me/prove").await.hidden("csrf");
        let guess = async |word: &str| {
            let body = format!("csrf={csrf}&passphrase={word}").into_bytes();
            site.ask("POST", "/me/prove", &[FORM[0], ("cookie", &me)], body).await
        };
        for _ in 0..5 {
            assert!(guess("guess").await.text.contains("口令不对"));
        }
        assert!(guess("right+passphrase").await.text.contains("分钟后再试"), "locked, as at the door");
    }
}

#[tokio::test]
async fn who_does_more_in_a_minute_than_anybody_can_is_told_when_to_go_on() {
    for engine in place::engines() {
        let site = Site::at_pace(engine, 30).await;
        let (me, other) = (site.sign_in(place::SECRETARY).await, site.sign_in(place::OTHER).await);
        let page = me.get("/units/3/records/new?kind=theme-day").await;
        let csrf = page.hidden("csrf");
        let mut last = None;
        for turn in 0..40 {
            let turn = turn.to_string();
            let fields = [
                ("csrf", csrf.as_str()),
                ("operation", &turn),
                ("again", "1"),
                ("kind", "theme-day"),
                ("on", "2023-05-10"),
                ("topic", "x"),
            ];
            let answer = me.post("/units/3/records", &fields).await;
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
            assert_eq!(answer.status, 303, "{}", answer.text);
        }
        let last = last.expect("30 in a minute, and a few while they were done");
        assert!(last.text.contains("操作过于频繁，没有保存") && last.text.contains("秒后再试"), "{}", last.text);
        assert!(last.head["retry-after"].to_str().unwrap().parse::<u32>().unwrap() <= 2);
        assert_eq!(me.get("/units/3").await.status, 200, "reading goes on");
        assert_eq!(other.send("/", "/language", &[("lang", "en"), ("back", "/")]).await.status, 303, "others work on");
        let files = [me.get("/units/3/people?as=csv").await.status, me.get("/units/3/people?as=csv").await.status];
        assert_eq!(files, [200, 200]);
        assert_eq!(
            [me.get("/units/3/people?as=csv").await.status, me.get("/units/3/people?as=xlsx").await.status],
            [200, 429],
            "three files of thirty acts' weight"
        );
    }
}
