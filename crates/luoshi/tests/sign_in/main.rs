//! Signing in as people do it, on every engine: the second step, what happens when codes are wrong, who is asked.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::too_many_lines)]

mod later;
#[allow(dead_code)]
#[path = "../place/mod.rs"]
mod place;

use luoshi_store::{now, second};
use place::{Answer, CLERK, MEMBER, Site, sites};

const FORM: [(&str, &str); 2] = [
    ("content-type", "application/x-www-form-urlencoded"),
    ("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"),
];

/// Sends the sign-in form; returns the answer and the cookie.
async fn sign_in(site: &Site, login: &str) -> (Answer, String) {
    let body = format!("login={login}&passphrase=right+passphrase").into_bytes();
    let answer = site.ask("POST", "/sign-in", &FORM, body).await;
    let cookie = cookie(&answer);
    (answer, cookie)
}

fn cookie(answer: &Answer) -> String {
    let set = answer.head.get("set-cookie").map(|value| value.to_str().unwrap()).unwrap_or_default();
    set.split(';').next().unwrap().to_owned()
}

async fn get(site: &Site, cookie: &str, path: &str) -> Answer {
    site.ask("GET", path, &[("cookie", cookie)], Vec::new()).await
}

/// Sends a code from the page at `path`.
async fn code(site: &Site, cookie: &str, path: &str, code: &str) -> Answer {
    let page = get(site, cookie, path).await;
    let body = format!("csrf={}&code={code}", page.hidden("csrf")).into_bytes();
    site.ask("POST", path, &[FORM[0], ("cookie", cookie)], body).await
}

/// Sets the second step up for whoever has this cookie: the secret, the page of recovery codes, the new cookie.
async fn enrol(site: &Site, half: &str) -> (String, String, String) {
    let page = get(site, half, "/me/second").await.text;
    assert!(page.contains("<svg") && !page.contains("<?xml"), "a picture drawn by the server");
    let secret = page.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
    let wrong = code(site, half, "/me/second", "000000").await;
    assert!(wrong.status == 422 && wrong.text.contains("验证码不对"));
    let done = code(site, half, "/me/second", &second::shown(&secret, now())).await;
    assert_eq!(done.status, 200);
    let cookie = cookie(&done);
    (secret, done.text, cookie)
}

#[tokio::test]
async fn who_holds_a_post_sets_up_a_second_step_before_seeing_anything_else() {
    for site in sites().await {
        let (first, half) = sign_in(&site, "user101").await;
        assert_eq!((first.status, first.to.as_str()), (303, "/"));
        for path in ["/", "/units/1", "/me", "/people/104", "/units/1/people?as=csv"] {
            let page = get(&site, &half, path).await;
            assert_eq!((page.status, page.to.as_str()), (303, "/sign-in/second"), "{path}");
        }
        assert_eq!(get(&site, &half, "/sign-in/second").await.to, "/me/second", "nothing to ask for yet");
        let body = format!("csrf={}&login=new", get(&site, &half, "/me/second").await.hidden("csrf")).into_bytes();
        let act = site.ask("POST", "/people/104/invitations", &[FORM[0], ("cookie", &half)], body).await;
        assert_eq!(act.to, "/sign-in/second", "no act either");
        let (secret, codes, whole) = enrol(&site, &half).await;
        assert!(codes.contains("恢复码") && codes.matches("<li>").count() == 10 && !codes.contains(&secret));
        assert_eq!(get(&site, &whole, "/units/1").await.status, 200);
        assert_eq!(get(&site, &half, "/units/1").await.to, "/sign-in", "the session that waited has ended");
    }
}

#[tokio::test]
async fn trouble_is_told_in_the_language_of_the_reader_first() {
    let site = Site::new(None).await;
    let clerk = site.sign_in(CLERK).await;
    let (zh, en) = (clerk.get("/units/999999").await, clerk.get_english("/units/999999").await);
    assert_eq!((zh.status, en.status), (404, 404));
    assert!(zh.text.contains("lang=\"zh-CN\"") && zh.text.contains("<p>没有找到这个页面"), "{}", zh.text);
    assert!(en.text.contains("lang=\"en\"") && en.text.contains("<h1>Not done</h1>"), "{}", en.text);
    assert!(en.text.contains("<p>There is no such page"), "{}", en.text);
    let (zh, en) = (clerk.get("/units/1/handovers").await, clerk.get_english("/units/1/handovers").await);
    assert_eq!((zh.status, en.status), (405, 405));
    assert!(
        zh.text.contains("<p>这个网址只用来提交表单") && en.text.contains("<p>A form is sent to this"),
        "{}",
        zh.text
    );
}

#[tokio::test]
async fn a_member_signs_in_by_a_passphrase_alone() {
    for site in sites().await {
        let (_, cookie) = sign_in(&site, &format!("user{MEMBER}")).await;
        assert_eq!(get(&site, &cookie, "/").await.status, 200);
    }
}

#[tokio::test]
async fn a_later_sign_in_asks_for_a_code_that_serves_once() {
    for site in sites().await {
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        let (secret, codes, _) = enrol(&site, &half).await;
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        assert_eq!(get(&site, &half, "/").await.to, "/sign-in/second");
        assert_eq!(get(&site, &half, "/me/second").await.to, "/sign-in/second", "a passphrase alone replaces nothing");
        let used = second::shown(&secret, now());
        let replayed = code(&site, &half, "/sign-in/second", &used).await;
        assert!(replayed.status == 422 && replayed.text.contains("已用过"));
        let next = second::shown(&secret, now() + 30_000);
        let right = code(&site, &half, "/sign-in/second", &next).await;
        assert_eq!((right.status, right.to.as_str()), (303, "/"));
        assert_eq!(get(&site, &cookie(&right), "/units/1").await.status, 200);
        // and by a recovery code when the phone is gone
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        let recovery = codes.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert_eq!(code(&site, &half, "/sign-in/second", &recovery).await.status, 303);
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        assert_eq!(code(&site, &half, "/sign-in/second", &recovery).await.status, 422, "once");
    }
}

#[tokio::test]
async fn wrong_codes_lock_the_second_step_and_say_for_how_long() {
    for site in sites().await {
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        let (secret, ..) = enrol(&site, &half).await;
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        for _ in 0..5 {
            assert!(code(&site, &half, "/sign-in/second", "000000").await.text.contains("验证码不对"));
        }
        let right = second::shown(&secret, now() + 30_000);
        let locked = code(&site, &half, "/sign-in/second", &right).await;
        assert!(locked.status == 422 && locked.text.contains("15 分钟后再试"), "{}", locked.text);
    }
}

#[tokio::test]
async fn wrong_passphrases_from_anywhere_run_out_and_the_answer_says_when_to_come_back() {
    for site in sites().await {
        for _ in 0..10 {
            let body = b"login=nobody&passphrase=guess".to_vec();
            assert_eq!(site.ask("POST", "/sign-in", &FORM, body).await.status, 422);
        }
        let often = site.ask("POST", "/sign-in", &FORM, b"login=nobody&passphrase=guess".to_vec()).await;
        assert_eq!((often.status, often.head["retry-after"].to_str().unwrap()), (429, "60"));
        assert!(often.text.contains("一分钟后再试"));
        assert_eq!(sign_in(&site, &format!("user{MEMBER}")).await.0.status, 303, "others are not kept out");
    }
}

#[tokio::test]
async fn stolen_old_and_invented_cookies_lead_to_the_sign_in_page() {
    for site in sites().await {
        let (_, cookie) = sign_in(&site, &format!("user{MEMBER}")).await;
        for false_one in ["luoshi=", "luoshi=1", "luoshi=1.", "luoshi=1.00", "luoshi=x.y", "luoshi=9.0"] {
            assert_eq!(get(&site, false_one, "/").await.to, "/sign-in", "{false_one}");
        }
        let elsewhere = cookie.replace("luoshi=1.", "luoshi=9.");
        assert_eq!(get(&site, &elsewhere, "/").await.to, "/sign-in", "a token of another organisation");
        let page = get(&site, &cookie, "/").await;
        let body = format!("csrf={}", page.hidden("csrf")).into_bytes();
        assert_eq!(site.ask("POST", "/sign-out", &[FORM[0], ("cookie", &cookie)], body).await.to, "/sign-in");
        assert_eq!(get(&site, &cookie, "/").await.to, "/sign-in", "a session that has ended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_sign_ins_is_told_to_come_again_and_passes() {
    for site in sites().await {
        let storm = (0..900).map(|n| {
            let router = site.router.clone();
            tokio::spawn(async move {
                let body = format!("login=nobody{n}&passphrase=guess");
                let request = axum::http::Request::post("/sign-in")
                    .header(FORM[0].0, FORM[0].1)
                    .body(axum::body::Body::from(body));
                let answer = tower::ServiceExt::oneshot(router, request.unwrap()).await.unwrap();
                let (status, again) = (answer.status().as_u16(), answer.headers().get("retry-after").cloned());
                let bytes = http_body_util::BodyExt::collect(answer.into_body()).await.unwrap().to_bytes();
                (status, again, String::from_utf8_lossy(&bytes).into_owned())
            })
        });
        let (mut compared, mut turned_away) = (0, 0);
        for one in storm.collect::<Vec<_>>() {
            match one.await.unwrap() {
                (422, _, text) => {
                    assert!(text.contains("登录名或口令不对"), "{text}");
                    compared += 1;
                }
                (503, Some(again), text) => {
                    assert!(again == "5" && text.contains("登录的人太多，请几秒后再试"), "{text}");
                    turned_away += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(compared >= 2 && turned_away > 0, "{compared} compared, {turned_away} turned away");
        assert_eq!(sign_in(&site, &format!("user{MEMBER}")).await.0.status, 303, "and then all is as before");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_sign_in_in_the_same_second_get_a_session_each() {
    for site in sites().await {
        let name = format!("user{MEMBER}");
        let ((one, first), (two, second)) = tokio::join!(sign_in(&site, &name), sign_in(&site, &name));
        assert_eq!((one.status, two.status), (303, 303));
        assert_ne!(first, second);
        let page = get(&site, &first, "/").await;
        let body = format!("csrf={}", page.hidden("csrf")).into_bytes();
        site.ask("POST", "/sign-out", &[FORM[0], ("cookie", &first)], body).await;
        assert_eq!(get(&site, &first, "/").await.to, "/sign-in");
        assert_eq!(get(&site, &second, "/").await.status, 200, "ending one leaves the other");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_send_the_same_code_at_once_one_is_in_and_the_other_told_to_wait_for_the_next() {
    for site in sites().await {
        let name = format!("user{CLERK}");
        let (_, half) = sign_in(&site, &name).await;
        let (secret, ..) = enrol(&site, &half).await;
        let ((_, one), (_, two)) = tokio::join!(sign_in(&site, &name), sign_in(&site, &name));
        let next = second::shown(&secret, now() + 30_000);
        let (a, b) =
            tokio::join!(code(&site, &one, "/sign-in/second", &next), code(&site, &two, "/sign-in/second", &next));
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 422]);
        let told = if a.status == 422 { a } else { b };
        assert!(told.text.contains("请等下一个验证码出现后再输入"), "{}", told.text);
    }
}

#[tokio::test]
async fn whose_phone_has_another_time_is_told_to_look_at_its_clock() {
    for site in sites().await {
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        let (secret, ..) = enrol(&site, &half).await;
        let (_, half) = sign_in(&site, &format!("user{CLERK}")).await;
        for minutes in [-10, 10] {
            let off = second::shown(&secret, now() + minutes * 60_000);
            let answer = code(&site, &half, "/sign-in/second", &off).await;
            assert!(answer.status == 422 && answer.text.contains("核对手机时间"), "{minutes}: {}", answer.text);
        }
        let half_a_minute_off = second::shown(&secret, now() + 30_000);
        assert_eq!(code(&site, &half, "/sign-in/second", &half_a_minute_off).await.status, 303);
    }
}

#[tokio::test]
async fn a_passphrase_is_taken_as_it_is_typed_with_the_blanks_at_its_ends() {
    for site in sites().await {
        let (_, cookie) = sign_in(&site, &format!("user{MEMBER}")).await;
        let page = get(&site, &cookie, "/me/settings").await;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &page.hidden("csrf"))
            .append_pair("old", "right passphrase")
            .append_pair("passphrase", "  two blanks at both ends  ")
            .finish();
        let changed = site.ask("POST", "/me/passphrase", &[FORM[0], ("cookie", &cookie)], body.into_bytes()).await;
        assert_eq!(changed.to, "/me/settings", "{}", changed.text);
        for (word, status) in [
            ("two+blanks+at+both+ends", 422),
            ("+two+blanks+at+both+ends+", 422),
            ("++Two+blanks+at+both+ends++", 422),
            ("++two+blanks+at+both+ends++", 303),
        ] {
            let body = format!("login=user{MEMBER}&passphrase={word}").into_bytes();
            assert_eq!(site.ask("POST", "/sign-in", &FORM, body).await.status, status, "{word}");
        }
    }
}
