//! Sealed exchange: the key of this installation, teams that are out and what came back, sending one out, taking a
//! package back, keeping the receipt. The fingerprint is asked of whoever sends: people compare it.

use super::Route;
use super::page::must;
use super::problem::{Call, Problem};
use super::shape::{Id, Nothing, shape};
use crate::exchange::{self, Found};
use axum::Json;
use axum::routing::get;
use jiff::civil::Date;
use luoshi_rules::Verb;
use luoshi_store::exchange as kept;
use serde::Serialize;

shape! {
    #[derive(Serialize)]
    Exchanges {
        key: String = "本系统的公钥，一行", "the public key of this installation, in a line";
        fingerprint: String = "其指纹，八组数字，念给对方听", "its fingerprint in eight groups, to be read out";
        items: Vec<Out> = "交给单机的各组，新的在前", "teams that are or were out, the latest first";
    }
}

shape! {
    #[derive(Serialize)]
    Out {
        id: Id = "编号", "key";
        team: i64 = "第几组", "which team";
        units: Vec<String> = "其对象的简称", "short names of its units";
        on: Date = "交出日期", "the day it went out";
        until: Date = "交出的包须在此日之前打开", "the package that goes out is to be opened by this day";
        fingerprint: String = "单机的指纹", "fingerprint of the machine";
        state: String = "out 在单机上，returned 已收回，void 已作废", "out, returned or void";
        ended_on: Option<Date> = "收回或作废日期", "the day it was taken back or given up";
        why: String = "作废原因", "why it was given up";
        returns: Vec<Return> = "收回的包", "packages that came back";
        receipt: Option<Receipt> = "擦除回执，收存后才有", "the receipt of the wiping, once it is kept";
    }
}

shape! {
    #[derive(Serialize)]
    Return {
        no: i64 = "包号", "its number";
        on: Date = "收回日期", "the day it was taken";
        last: bool = "是否最后一份", "whether it was the last one";
        matters: i64 = "新增事项", "new matters in it";
        events: i64 = "新增经过", "new steps in it";
    }
}

shape! {
    #[derive(Serialize)]
    Receipt {
        wiped: i64 = "擦除完毕的时刻（自1970年起的毫秒）", "the moment the last file was gone, in milliseconds since 1970";
        package: i64 = "单机最后一份包的号", "number of the last package the machine made";
        complete: bool = "这份包是否已收回", "whether that one has been taken back";
        files: Vec<Wiped> = "擦除的文件", "the files that were wiped";
    }
}

shape! {
    #[derive(Serialize)]
    Wiped {
        name: String = "文件名", "its name";
        size: i64 = "字节数", "its bytes";
        digest: String = "擦除前内容的 SHA-256", "SHA-256 of what was in it";
    }
}

pub(super) fn routes() -> Vec<Route> {
    [out_of_here(), back_again()].into_iter().flatten().collect()
}

fn out_of_here() -> Vec<Route> {
    const READ_OUT: &str = "对方当面或电话念出的指纹（八组数字），不要从发来的文字里抄 · the eight groups of the fingerprint as the other side read them out, not copied from what was sent";
    vec![
        Route::read::<Nothing, Exchanges>(
            "/units/{unit}/rounds/{id}/exchanges",
            (
                "本系统的公钥和指纹，交给单机的各组、收回的包、擦除回执",
                "Our key and fingerprint; teams on machines of their own, what came back, receipts of wiping",
            ),
            get(all),
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/exchanges",
            ("把一个组交给单机", "Send a team out"),
            vec![
                must("team", "第几组 · which team"),
                must("key", "单机的公钥，整行 · public key of the machine, the whole line"),
                must("fingerprint", READ_OUT),
            ],
            exchange::send,
        ),
        Route::file(
            "/units/{unit}/rounds/{id}/exchanges/{exchange}/package",
            (
                "交出的包：只有那台单机打得开，没有收回之前可再取",
                "The package of a team that is out: only its machine opens it; again while nothing has come back",
            ),
            exchange::package,
        ),
        Route::form(
            "/units/{unit}/rounds/{id}/exchanges/{exchange}/voids",
            ("作废：单机遗失或交错了", "Give it up: the machine is lost, or it was a mistake"),
            vec![must("why", "原因 · why")],
            exchange::give_up,
        ),
    ]
}

fn back_again() -> Vec<Route> {
    vec![
        Route::upload(
            "/units/{unit}/rounds/{id}/returns",
            (
                "收回：请求体为单机交回的包，最大 20 MB；同一个包再送一次没有变化（回答的地址中为 again）",
                "Take a package back: the body is the package, 20 MB at most; the same one again changes nothing (then the address that is answered says again)",
            ),
            "return-",
            exchange::take,
        ),
        Route::upload(
            "/units/{unit}/rounds/{id}/receipts",
            ("收存擦除回执：请求体为回执文件", "Keep the receipt of the wiping: the body is its file"),
            "receipt-",
            exchange::receipt,
        ),
    ]
}

async fn all(call: Call<(i64, i64), Nothing>) -> Result<Json<Exchanges>, Problem> {
    let at = call.visit.unit(call.at.0, Verb::Act).await?;
    let found = exchange::find(&call.visit, &at, call.at.1).await?;
    let items = found.all.iter().map(|one| out(&found, one)).collect();
    Ok(Json(Exchanges { key: found.own.to_string(), fingerprint: found.own.fingerprint(), items }))
}

fn out(found: &Found, one: &kept::Exchange) -> Out {
    let back = |back: &kept::Return| Return {
        no: back.no,
        on: back.on,
        last: back.last,
        matters: back.matters,
        events: back.events,
    };
    Out {
        id: Id(one.id),
        team: one.team,
        units: found.units(one.team).into_iter().map(str::to_owned).collect(),
        on: one.on,
        until: one.until,
        fingerprint: one.partner.fingerprint(),
        state: if one.ended.is_empty() { "out" } else { &one.ended }.to_owned(),
        ended_on: one.ended_on,
        why: one.why.clone(),
        returns: one.returns.iter().map(back).collect(),
        receipt: one.receipt.as_ref().map(|receipt| wiped(one, receipt)),
    }
}

fn wiped(one: &kept::Exchange, receipt: &kept::Receipt) -> Receipt {
    let file = |piece: &kept::Piece| Wiped {
        name: piece.name.clone(),
        size: i64::try_from(piece.size).unwrap_or(i64::MAX),
        digest: piece.digest.clone(),
    };
    let taken = one.returns.last().map_or(0, |back| back.no);
    Receipt {
        wiped: receipt.ended,
        package: receipt.package.0,
        complete: receipt.package.0 <= taken,
        files: receipt.pieces.iter().map(file).collect(),
    }
}
