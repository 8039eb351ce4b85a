//! The second factor: codes of an authenticator (RFC 6238) and one-time recovery codes. A try is counted before it is
//! compared, in a transaction of its own, so that parallel guesses count; no code serves twice.

use crate::account::{Account, tries};
use crate::{Fault, Tx, audit, now, secret};
use hmac::{Hmac, KeyInit, Mac};
use luoshi_rules::{Actor, Refusal};
use sha1::Sha1;

/// Length of a step, in milliseconds.
const STEP: i64 = 30_000;
/// Recovery codes handed out at once.
const RECOVERY: usize = 10;
/// Digits of the secrets and codes that people type: RFC 4648, without those easily mistaken being doubled.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What an authenticator is set up with.
#[derive(Debug, Clone)]
pub struct Offer {
    /// sign-in name
    pub login: String,
    /// the secret, in base 32
    pub secret: String,
}

/// What is known of somebody's second factor.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// moment it was set up
    pub since: i64,
    /// recovery codes not used yet
    pub left: i64,
}

/// The secret offered to a session: made of its token and the key of the installation, so that looking writes nothing
/// and looking again shows the same.
pub fn offer(tx: &Tx, actor: &Actor, token: &str) -> Result<Offer, Fault> {
    let key = [actor.top.into(), actor.person.into()];
    let sql = "select login from account where top_id = $1 and person_id = $2";
    let login = tx.row(sql, &key, |row| row.text(0))?;
    Ok(Offer { login, secret: base32(&offered(tx, actor, token)?) })
}

fn offered(tx: &Tx, actor: &Actor, token: &str) -> Result<Vec<u8>, Fault> {
    let since = known(tx, actor)?.map_or(0, |known| known.since);
    let digest = tx.keys().blind("second factor", &format!("{}:{since}:{token}", actor.person))?;
    Ok(secret::unhex(&digest).unwrap_or_default().into_iter().take(20).collect())
}

/// Sets up the factor offered to a session, once a code shows that the authenticator has it; returns fresh recovery
/// codes. A factor set up before ends.
pub fn enrol(tx: &Tx, actor: &Actor, token: &str, code: &str) -> Result<Vec<String>, Fault> {
    let offered = offered(tx, actor, token)?;
    let Some(step) = step_of(&offered, code, now()) else {
        let zh = "验证码不对：请核对手机的时间是否准确，再输入当前显示的6位数字";
        return Err(
            Refusal::field("code", zh, "wrong code: check the clock of your phone, then type the 6 digits").into()
        );
    };
    let sql = "insert into second_factor (top_id, person_id, sealed, since, step, failed, locked)
               values ($1, $2, $3, $4, $5, 0, 0)
               on conflict (top_id, person_id) do update set sealed = excluded.sealed, since = excluded.since,
                                                             step = excluded.step, failed = 0, locked = 0";
    let sealed = tx.keys().seal(&base32(&offered))?;
    tx.run(sql, &[actor.top.into(), actor.person.into(), sealed.into(), now().into(), step.into()])?;
    audit::by(tx, actor.top, actor.person, 0, "factor.enrol", actor.person, "")?;
    recovery(tx, actor)
}

/// Fresh recovery codes; the old ones end.
pub fn recovery(tx: &Tx, actor: &Actor) -> Result<Vec<String>, Fault> {
    let sql = "delete from recovery_code where top_id = $1 and person_id = $2";
    tx.run(sql, &[actor.top.into(), actor.person.into()])?;
    let mut codes = Vec::new();
    for _ in 0..RECOVERY {
        let code: String = base32(&secret::Keys::secret()?).chars().take(12).collect();
        let digest = tx.keys().blind("recovery", &code)?;
        let sql = "insert into recovery_code (top_id, person_id, code, used) values ($1, $2, $3, 0)";
        tx.run(sql, &[actor.top.into(), actor.person.into(), digest.into()])?;
        codes.push(grouped(&code));
    }
    audit::by(tx, actor.top, actor.person, 0, "factor.recovery", actor.person, "")?;
    Ok(codes)
}

/// What is known of somebody's second factor, if they have one.
pub fn known(tx: &Tx, actor: &Actor) -> Result<Option<Known>, Fault> {
    let sql = "select f.since, (select count(*) from recovery_code r
                                 where r.top_id = f.top_id and r.person_id = f.person_id and r.used = 0)
                 from second_factor f where f.top_id = $1 and f.person_id = $2";
    let read = |row: &crate::Row| Ok(Known { since: row.int(0)?, left: row.int(1)? });
    Ok(tx.rows(sql, &[actor.top.into(), actor.person.into()], read)?.pop())
}

/// Whether somebody has any second factor: an authenticator, a passkey.
pub fn any(tx: &Tx, actor: &Actor) -> Result<bool, Fault> {
    Ok(known(tx, actor)?.is_some() || !crate::passkey::list(tx, actor)?.is_empty())
}

/// Takes up a try: counts it as failed. Only who comes back from here may compare.
pub fn attempt(tx: &Tx, account: &Account) -> Result<(), Fault> {
    let key = [account.top.into(), account.person.into()];
    let sql = "select failed, locked from second_factor where top_id = $1 and person_id = $2";
    let (failed, locked) = tx.row(sql, &key, |row| Ok((row.int(0)?, row.int(1)?)))?;
    let (failed, locked) = tries((failed, locked), now())?;
    let sql = "update second_factor set failed = $3, locked = $4 where top_id = $1 and person_id = $2";
    tx.run(sql, &[account.top.into(), account.person.into(), failed.into(), locked.into()]).map(drop)
}

/// Whether a code is right: one of the authenticator, newer than any used, or a recovery code not used yet. It is used
/// up by asking.
pub fn matches(tx: &Tx, account: &Account, code: &str) -> Result<bool, Fault> {
    let typed: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect::<String>().to_uppercase();
    let right = match typed.len() {
        6 => by_step(tx, account, &typed)?,
        _ => by_recovery(tx, account, &typed)?,
    };
    let act = if right { "session.code" } else { "session.wrong_code" };
    audit::by(tx, account.top, account.person, 0, act, account.person, "")?;
    Ok(right)
}

fn by_step(tx: &Tx, account: &Account, code: &str) -> Result<bool, Fault> {
    let key = [account.top.into(), account.person.into()];
    let sql = "select sealed from second_factor where top_id = $1 and person_id = $2";
    let sealed = tx.row(sql, &key, |row| row.text(0))?;
    let shared = unbase32(&tx.keys().open(&sealed)?);
    let Some(step) = step_of(&shared, code, now()) else { return Ok(false) };
    let sql = "update second_factor set step = $3, failed = 0, locked = 0
                where top_id = $1 and person_id = $2 and step < $3";
    Ok(tx.run(sql, &[account.top.into(), account.person.into(), step.into()])? == 1)
}

fn by_recovery(tx: &Tx, account: &Account, code: &str) -> Result<bool, Fault> {
    let digest = tx.keys().blind("recovery", code)?;
    let sql = "update recovery_code set used = $4 where top_id = $1 and person_id = $2 and code = $3 and used = 0";
    let used = tx.run(sql, &[account.top.into(), account.person.into(), digest.into(), now().into()])?;
    if used == 1 {
        let sql = "update second_factor set failed = 0, locked = 0 where top_id = $1 and person_id = $2";
        tx.run(sql, &[account.top.into(), account.person.into()])?;
    }
    Ok(used == 1)
}

/// Drops somebody's second factor: at the next sign-in they set one up anew.
pub(crate) fn forget(tx: &Tx, top: i64, person: i64) -> Result<(), Fault> {
    let key = [top.into(), person.into()];
    tx.run("delete from second_factor where top_id = $1 and person_id = $2", &key)?;
    tx.run("delete from recovery_code where top_id = $1 and person_id = $2", &key).map(drop)
}

/// The factor follows a person into another organisation of the installation.
pub(crate) fn carry(tx: &Tx, (from, to): (i64, i64), person: i64) -> Result<(), Fault> {
    forget(tx, to, person)?;
    let key = [from.into(), person.into(), to.into()];
    tx.run("update second_factor set top_id = $3 where top_id = $1 and person_id = $2", &key)?;
    tx.run("update recovery_code set top_id = $3 where top_id = $1 and person_id = $2", &key).map(drop)
}

/// The step whose code this is: the present one, the one before or the one after.
fn step_of(shared: &[u8], code: &str, now: i64) -> Option<i64> {
    let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let present = now / STEP;
    // each is computed whatever came before, so that the time does not tell
    let codes: Vec<(i64, Option<String>)> =
        (present - 1..=present + 1).map(|step| (step, code_of(shared, step))).collect();
    codes.into_iter().rev().find(|(_, code)| code.as_deref() == Some(typed.as_str())).map(|(step, _)| step)
}

/// The code of a step: six digits cut out of an HMAC-SHA-1 (RFC 4226, 5.3).
fn code_of(shared: &[u8], step: i64) -> Option<String> {
    let mut mac = Hmac::<Sha1>::new_from_slice(shared).ok()?;
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last()? & 15);
    let cut: [u8; 4] = hash.get(at..at + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(cut) & 0x7fff_ffff) % 1_000_000))
}

/// The code that an authenticator with this secret shows at a moment: for programs that stand in for one, as tests do.
pub fn shown(secret: &str, at: i64) -> String {
    code_of(&unbase32(secret), at / STEP).unwrap_or_default()
}

fn base32(bytes: &[u8]) -> String {
    let bit = |n: usize| bytes.get(n / 8).is_some_and(|byte| byte >> (7 - n % 8) & 1 == 1);
    let digit = |n: usize| (0..5).fold(0, |digit, k| digit << 1 | usize::from(bit(n * 5 + k)));
    let letter = |n: usize| ALPHABET.get(digit(n)).map(|letter| char::from(*letter));
    (0..(bytes.len() * 8).div_ceil(5)).filter_map(letter).collect()
}

fn unbase32(text: &str) -> Vec<u8> {
    let digits: Vec<usize> =
        text.bytes().filter_map(|letter| ALPHABET.iter().position(|known| *known == letter)).collect();
    let bit = |n: usize| digits.get(n / 5).is_some_and(|digit| digit >> (4 - n % 5) & 1 == 1);
    (0..digits.len() * 5 / 8).map(|n| (0..8).fold(0, |byte, k| byte << 1 | u8::from(bit(n * 8 + k)))).collect()
}

/// A code in groups of four, as people type it.
fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: the last six of its eight digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let shared = b"12345678901234567890";
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_of(shared, seconds / 30).as_deref(), Some(code));
            assert_eq!(shown(&base32(shared), seconds * 1000), code);
        }
    }

    #[test]
    fn a_code_serves_a_step_before_and_after_and_no_longer() {
        let shared = b"12345678901234567890";
        let at = 1_111_111_111_000;
        let code = code_of(shared, at / STEP).unwrap();
        for (jump, want) in [(0, true), (STEP, true), (-STEP, true), (2 * STEP, false), (-2 * STEP, false)] {
            assert_eq!(step_of(shared, &code, at + jump), want.then_some(at / STEP), "{jump}");
        }
        for (_, jump) in [("a day", 86_400_000), ("two hours", -7_200_000), ("400 days", 400 * 86_400_000)] {
            assert_eq!(step_of(shared, &code, at + jump), None);
        }
    }

    #[test]
    fn base32_is_that_of_the_standard_and_reads_back() {
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(unbase32("MZXW6YTBOI"), b"foobar");
        assert_eq!(grouped("ABCDEFGHIJKL"), "ABCD-EFGH-IJKL");
    }
}
