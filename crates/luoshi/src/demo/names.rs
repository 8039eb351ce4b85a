//! Invented names: common surnames with given names put together by chance.

use super::chance::Chance;

const SURNAMES: &str = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛阎段雷黎史龙陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤";
const FIRST: &str = "文志建国明永春晓丽秀雨思子嘉俊海佳慧宏立荣泽景一安庆若书云新瑞昊启承宜知远静玉素兰";
const SECOND: &str =
    "华军伟芳敏静强磊洋艳勇杰娟涛超霞平刚辉玲鹏飞宁琳峰岩欣怡然博航轩宇晨洁颖萍莉倩波斌凯旭东林清源川禾";

/// A name for somebody of either sex.
pub fn person(chance: &mut Chance) -> String {
    let one = |text: &str, chance: &mut Chance| {
        let all: Vec<char> = text.chars().collect();
        chance.pick(&all, '明')
    };
    let mut name = String::from(one(SURNAMES, chance));
    if !chance.percent(18) {
        name.push(one(FIRST, chance));
    }
    name.push(one(SECOND, chance));
    name
}

/// An identity number of an area that does not exist (99 and four digits), with its check digit.
pub fn identity(born: jiff::civil::Date, order: i64) -> String {
    let body = format!("99{:04}{}{:03}", order % 10_000, born.strftime("%Y%m%d"), order % 1_000);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = b"10X98765432".get(sum as usize % 11).copied().unwrap_or(b'0');
    format!("{body}{}", char::from(check))
}
