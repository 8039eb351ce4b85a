//! A person: how they stand on the roll, the posts they hold, and the numbers that identify them.

use crate::{Label, Refusal};
use jiff::civil::Date;
use serde::Deserialize;

/// How a person stands on the roll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 正式党员
    Full,
    /// 预备党员
    Probationary,
    /// 发展对象
    Prospect,
    /// 入党积极分子
    ActiveApplicant,
    /// 入党申请人
    Applicant,
    /// 非党员
    NonMember,
}

impl Standing {
    /// All of them.
    pub const ALL: [Standing; 6] = [
        Standing::Full,
        Standing::Probationary,
        Standing::Prospect,
        Standing::ActiveApplicant,
        Standing::Applicant,
        Standing::NonMember,
    ];

    /// Key in the store and in forms.
    pub fn key(self) -> &'static str {
        match self {
            Standing::Full => "full",
            Standing::Probationary => "probationary",
            Standing::Prospect => "prospect",
            Standing::ActiveApplicant => "active_applicant",
            Standing::Applicant => "applicant",
            Standing::NonMember => "non_member",
        }
    }

    /// The standing with this key.
    pub fn named(key: &str) -> Option<Standing> {
        Standing::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Shown name.
    pub fn name(self) -> Label {
        match self {
            Standing::Full => Label::new("正式党员", "Full member"),
            Standing::Probationary => Label::new("预备党员", "Probationary member"),
            Standing::Prospect => Label::new("发展对象", "Prospective member"),
            Standing::ActiveApplicant => Label::new("入党积极分子", "Active applicant"),
            Standing::Applicant => Label::new("入党申请人", "Applicant"),
            Standing::NonMember => Label::new("非党员", "Not a member"),
        }
    }

    /// Whether they are a member: full or probationary.
    pub fn is_member(self) -> bool {
        matches!(self, Standing::Full | Standing::Probationary)
    }
}

/// Checks an identity number: 18 characters, a real day of birth, and the check digit of GB 11643-1999 (ISO 7064
/// MOD 11-2). Returns it in capitals.
pub fn identity_number(text: &str) -> Result<String, Refusal> {
    let text = text.trim().to_uppercase();
    let bytes = text.as_bytes();
    let refuse = |zh: &str, en: &str| Err(Refusal::field("identity", zh, en));
    let shape = bytes.len() == 18
        && bytes.iter().take(17).all(u8::is_ascii_digit)
        && bytes.last().is_some_and(|b| b.is_ascii_digit() || *b == b'X');
    if !shape {
        return refuse("身份证号应为18位，末位可为X", "an identity number has 18 digits; the last may be X");
    }
    let part = |from: usize, to: usize| text.get(from..to).and_then(|s| s.parse::<i16>().ok()).unwrap_or(0);
    if Date::new(part(6, 10), part(10, 12) as i8, part(12, 14) as i8).is_err() {
        return refuse("身份证号中的出生日期不存在，请核对", "the day of birth in the identity number does not exist");
    }
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = bytes.iter().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let want = b"10X98765432".get(sum as usize % 11).copied();
    if bytes.last().copied() != want {
        return refuse(
            "身份证号校验码不符，请核对是否录错",
            "the check digit of the identity number is wrong; look for a typing error",
        );
    }
    Ok(text)
}

/// Checks a mobile number of the mainland: 11 digits beginning with 1, country code allowed.
pub fn phone_number(text: &str) -> Result<String, Refusal> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let digits = digits.strip_prefix("+86").unwrap_or(&digits);
    let ok = digits.len() == 11
        && digits.bytes().all(|b| b.is_ascii_digit())
        && digits.starts_with('1')
        && digits.as_bytes().get(1).is_some_and(|b| (b'3'..=b'9').contains(b));
    let refusal =
        || Refusal::field("phone", "手机号应为11位数字，以1开头", "a mobile number has 11 digits and begins with 1");
    ok.then(|| digits.to_owned()).ok_or_else(refusal)
}

/// Checks the code by which other systems of the organisation know a person: capitals and small letters are alike.
pub fn person_code(text: &str) -> Result<String, Refusal> {
    let code: String = text.trim().to_uppercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if (1..=64).contains(&code.len()) && code.chars().all(fits) {
        return Ok(code);
    }
    let zh = "人员编号为1至64个字母、数字或 . _ - @";
    Err(Refusal::field("code", zh, "a person code has 1 to 64 letters, digits or . _ - @"))
}

/// An identity number or phone with its middle hidden; of a short code, all but its ends.
pub fn mask(text: &str) -> String {
    let count = text.chars().count();
    let shown = match count {
        0..=2 => (0, 0),
        3..=10 => (1, 1),
        11..=14 => (3, 4),
        _ => (3, 2),
    };
    let hidden = |at: usize| at >= shown.0 && at + shown.1 < count;
    text.chars().enumerate().map(|(at, c)| if hidden(at) { '*' } else { c }).collect()
}

/// Why a person left the roll. They stay in the store with the reason; nobody is deleted.
pub const LEAVING: [(&str, &str, &str); 7] = [
    ("transferred", "组织关系转出", "Affiliation transferred out"),
    ("deceased", "去世", "Deceased"),
    ("withdrew", "退党", "Withdrew from the Party"),
    ("removed", "除名", "Removed from the roll"),
    ("expelled", "开除党籍", "Expelled"),
    ("left_work", "离职（非党员）", "Left the organisation (not a member)"),
    ("entered_wrongly", "误录", "Entered by mistake"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_letters_and_digits_and_is_masked_to_its_ends() {
        assert_eq!(person_code(" a-1001 ").unwrap(), "A-1001");
        for wrong in ["", " ", "a b", "张三", "a*", "a)(uid=*", &"1".repeat(65)] {
            assert!(person_code(wrong).is_err(), "{wrong}");
        }
        assert_eq!(["7", "A-1001", "13812345678"].map(mask), ["*", "A****1", "138****5678"]);
    }

    #[track_caller]
    fn identity(text: &str, ok: bool) {
        assert_eq!(identity_number(text).is_ok(), ok, "{text}");
    }

    #[test]
    fn an_identity_number_must_pass_its_check_digit() {
        identity("11010519491231002X", true); // the standard's own example
        identity("11010519491231002x", true);
        identity("110105194912310021", false);
        identity("440524188001010014", true); // the standard's second example
        identity("11010519490231002X", false);
        identity("5.10102E+17", false);
        identity("", false);
    }

    #[test]
    fn a_phone_is_read_as_people_write_it() {
        for ok in ["13800138000", "138 0013 8000", "+86 138-0013-8000"] {
            assert_eq!(phone_number(ok).unwrap(), "13800138000");
        }
        for bad in ["1380013800", "23800138000", "１３８", "12800138000"] {
            assert!(phone_number(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_mask_hides_the_middle() {
        assert_eq!(mask("11010519491231002X"), "110*************2X");
        assert_eq!(mask("13800138000"), "138****8000");
    }
}
