//! Words for acts and for what stands beside them: no key of the program reaches a page.

use crate::obligation::kind_name;
use crate::shell::say;
use crate::visit::Visit;
use luoshi_rules::Lang;
use luoshi_rules::person::Standing;
use luoshi_store::audit::Line;

/// Groups of acts: the beginning of their keys, and words.
pub(super) const GROUPS: &[(&str, &str, &str)] = &[
    ("session", "登录和退出", "Signing in and out"),
    ("account", "账号", "Accounts"),
    ("factor", "两步验证", "Second factors"),
    ("token", "程序令牌", "Tokens of programs"),
    ("record", "纪实", "Records"),
    ("matter", "督办和事项", "Matters"),
    ("proposal", "意见建议", "Proposals"),
    ("round", "轮次", "Rounds"),
    ("exchange", "单机交换", "Sealed exchange"),
    ("obligation", "免予落实和封存", "Waiving and closing"),
    ("edition", "责任清单", "Lists"),
    ("person", "人员", "People"),
    ("request", "本人信息请求", "Requests about one's data"),
    ("holding", "任职", "Posts"),
    ("term", "任期", "Terms"),
    ("unit", "组织", "Units"),
    ("plan", "安排", "Plans"),
    ("aid", "爱心互助", "Mutual aid"),
    ("class", "培训和志愿服务", "Training and volunteering"),
    ("pledge", "承诺践诺", "Pledges"),
    ("youth", "青年小组", "Youth groups"),
    ("branch_group", "党小组", "Party groups"),
    ("rollup", "数读汇总", "Counts of figures"),
    ("feed", "日历订阅", "Calendar addresses"),
    ("collection", "数据收集", "Collections"),
    ("burden", "负担反映", "Burdens"),
    ("import", "导入", "Imports"),
    ("intake", "从文件交办", "Orders from a document"),
    ("figure", "数读", "Figures"),
    ("export", "导出", "Exports"),
    ("installation", "系统", "The installation"),
];

/// Acts and their words.
const ACTS: &[(&str, &str, &str)] = &[
    ("session.begin", "登录", "Signed in"),
    ("session.try", "输入口令", "Gave a passphrase, right or wrong"),
    ("session.last_try", "输入口令，连续多次不对即锁定", "Gave a passphrase; locked unless it was right"),
    ("session.prove", "再次确认本人", "Proved anew who they are"),
    ("session.end", "退出", "Signed out"),
    ("session.end_others", "结束其他登录", "Ended all other sessions"),
    ("session.code", "验证码通过", "Gave a right code"),
    ("session.wrong_code", "验证码不对", "Gave a wrong code"),
    ("factor.enrol", "启用两步验证", "Set up a second factor"),
    ("factor.recovery", "生成恢复码", "Made recovery codes"),
    ("factor.passkey", "登记通行密钥", "Added a passkey"),
    ("factor.passkey_removed", "删除通行密钥", "Removed a passkey"),
    ("factor.passkey_stopped", "通行密钥疑被复制，已停用", "Stopped a passkey that may have been copied"),
    ("factor.reset", "清除两步验证和通行密钥", "Reset the second factor and passkeys"),
    ("token.add", "创建令牌", "Made a token"),
    ("token.revoke", "撤销令牌", "Revoked a token"),
    ("installation.rekey", "更换密钥", "Changed the key"),
    ("installation.restore", "从备份恢复", "Restored from a back-up"),
    ("account.add", "开设账号", "Opened an account"),
    ("account.invite", "发出邀请", "Invited"),
    ("account.accept", "设置口令", "Set a passphrase"),
    ("account.uninvite", "撤回邀请", "Took an invitation back"),
    ("account.close", "停用账号", "Closed an account"),
    ("account.passphrase", "更换口令", "Changed a passphrase"),
    ("account.unlock", "解锁账号", "Unlocked an account"),
    ("account.sign_out", "结束全部登录和令牌", "Ended all sessions and tokens"),
    ("account.open", "重新启用账号", "Opened an account again"),
    ("record.add", "记录纪实", "Added a record"),
    ("record.correct", "更正纪实", "Corrected a record"),
    ("record.withdraw", "撤回纪实", "Withdrew a record"),
    ("record.joint", "登记联合开展的组织", "Named units of a joint meeting"),
    ("record.joint_confirm", "确认联合开展", "Confirmed a joint meeting"),
    ("rollup.rebuild", "重算汇总数", "Counted the roll-ups anew"),
    ("record.joint_drop", "取消联合开展", "Took a unit off a joint meeting"),
    ("feed.add", "生成日历地址", "Made a calendar address"),
    ("feed.revoke", "撤销日历地址", "Revoked a calendar address"),
    ("matter.open", "发起事项", "Opened a matter"),
    ("matter.advance", "办理事项", "Took a matter further"),
    ("matter.pass", "事项转交", "Passed a matter on"),
    ("matter.help", "协办变更", "Changed who helps"),
    ("matter.filter_keep", "保存筛选", "Kept a filter"),
    ("matter.filter_drop", "删去筛选", "Dropped a filter"),
    ("round.plan", "制定规划", "Planned a term"),
    ("round.open", "开启轮次", "Opened a round"),
    ("round.seat", "编入工作组", "Gave a seat on a team"),
    ("round.dismiss", "调出工作组", "Took off a team"),
    ("round.recuse", "登记回避", "Wrote down a recusal"),
    ("exchange.send", "交给单机", "Sent a team out"),
    ("exchange.take", "收回单机的包", "Took a package back"),
    ("exchange.void", "作废单机", "Gave a machine up"),
    ("exchange.receipt", "收存擦除回执", "Kept a receipt of wiping"),
    ("exchange.open", "打开交换包", "Opened a package"),
    ("exchange.return", "做交回的包", "Made a package to give back"),
    ("obligation.waive", "免予落实", "Waived a duty"),
    ("obligation.close", "封存周期", "Closed periods"),
    ("edition.put", "清单生效", "Put a list in force"),
    ("edition.take_back", "撤回清单", "Took a list back"),
    ("person.add", "登记人员", "Entered a person"),
    ("person.correct", "更正人员信息", "Corrected a person"),
    ("person.identity", "登记证件或电话", "Entered an identity number or phone"),
    ("person.unmask", "查看证件或电话全号", "Looked at a number in full"),
    ("person.standing", "变更人员类别", "Changed a standing"),
    ("person.leave", "人员离开", "Took a person off the roll"),
    ("person.transfer", "转接组织关系", "Transferred a person"),
    ("person.erase", "删除个人信息", "Erased a person's data"),
    ("request.add", "提出更正、删除或封存请求", "Asked to correct, erase or lock"),
    ("request.answer", "答复个人信息请求", "Answered a request about data"),
    ("request.withdraw", "撤回个人信息请求", "Withdrew a request about data"),
    ("holding.appoint", "任职", "Appointed"),
    ("holding.end", "免职", "Ended a post"),
    ("holding.hand_over", "交接", "Handed a post over"),
    ("term.set", "登记任期", "Entered a term"),
    ("term.extend", "延长任期", "Extended a term"),
    ("unit.found", "设立组织", "Founded a unit"),
    ("unit.rename", "组织更名", "Renamed a unit"),
    ("unit.reclass", "变更组织类别", "Reclassed a unit"),
    ("unit.move", "组织划转", "Moved a unit"),
    ("unit.merge", "组织合并", "Merged units"),
    ("unit.split", "组织分设", "Split a unit"),
    ("unit.dissolve", "撤销组织", "Dissolved a unit"),
    ("unit.tie", "建立关系", "Tied units"),
    ("unit.untie", "解除关系", "Ended a tie"),
    ("youth.found", "设立青年小组", "Founded a youth group"),
    ("youth.join", "编入青年小组", "Put into a youth group"),
    ("youth.leave", "退出青年小组", "Took out of a youth group"),
    ("youth.take", "担任小组职责", "Took a part in a youth group"),
    ("youth.give_up", "不再担任小组职责", "Gave up a part in a youth group"),
    ("branch_group.found", "设立党小组", "Founded a Party group"),
    ("branch_group.rename", "党小组改名", "Renamed a Party group"),
    ("branch_group.end", "撤销党小组", "Ended a Party group"),
    ("branch_group.move", "调整党小组成员", "Moved a member between Party groups"),
    ("collection.issue", "发出数据收集", "Issued a collection"),
    ("collection.end", "结束数据收集", "Ended a collection"),
    ("collection.answer", "填报", "Answered a collection"),
    ("aid.open", "设立互助金", "Opened a fund of mutual aid"),
    ("aid.receive", "互助金入账", "Entered money of mutual aid"),
    ("aid.counter", "互助金冲正", "Made an entry of mutual aid good"),
    ("aid.apply", "申请互助金", "Asked for mutual aid"),
    ("aid.withdraw", "撤回互助金申请", "Withdrew from mutual aid"),
    ("aid.recuse", "互助金经办回避", "Kept away from a case of mutual aid"),
    ("aid.checked", "核实互助金申请", "Looked into a case of mutual aid"),
    ("aid.approved", "批准互助金申请", "Approved a case of mutual aid"),
    ("aid.refused", "不批准互助金申请", "Refused a case of mutual aid"),
    ("aid.publicised", "公示互助金申请", "Publicised a case of mutual aid"),
    ("aid.paid", "发放互助金", "Paid mutual aid"),
    ("aid.closed", "办结互助金申请", "Closed a case of mutual aid"),
    ("class.plan", "办培训班、召集志愿服务", "Planned a class or called for volunteers"),
    ("class.enrol", "报名", "Put a name down for a class or a call"),
    ("class.withdraw", "退出报名", "Took a name off a class or a call"),
    ("class.cancel", "取消培训班、志愿服务", "Called a class or volunteering off"),
    ("class.conclude", "记到场，结束", "Recorded who came to a class or served"),
    ("pledge.make", "作承诺", "Made a pledge"),
    ("pledge.look_back", "回看承诺", "Looked back at a pledge"),
    ("pledge.publish", "同意公开承诺", "Agreed to publish a pledge"),
    ("pledge.withhold", "撤回公开承诺", "Published a pledge no longer"),
    ("proposal.raise", "提出意见建议", "Raised a proposal"),
    ("proposal.reply", "就答复表态", "Replied to an answer"),
    ("burden.raise", "反映增加负担", "Said that something is a burden"),
    ("burden.answer", "答复负担反映", "Answered about a burden"),
    ("plan.add", "安排会议", "Planned a meeting"),
    ("plan.change", "修改安排", "Changed a plan"),
    ("plan.cancel", "取消安排", "Cancelled a plan"),
    ("import.command", "从命令行导入", "Imported from the command line"),
    ("import.begin", "上传导入文件", "Uploaded an import"),
    ("import.advance", "导入进展", "Import went on"),
    ("intake.keep", "读取文件", "Read a document"),
    ("intake.save", "修改文件中的措施", "Mended the measures of a document"),
    ("import.unmake", "撤销导入", "Undid an import"),
    ("figure.keep", "保存数读", "Kept a figure"),
    ("figure.drop", "移除数读", "Took a figure off"),
    ("figure.quote", "引用数读", "Quoted a figure"),
    ("export.mapping", "修改上报表格的对应关系", "Changed the mapping of a form"),
    ("export.form", "导出上报表格", "Took a form away, filled"),
    ("export.roll", "导出名册", "Took a roll away"),
    ("export.people", "导出一个数的人员", "Took the people behind a figure away"),
    ("export.archive", "导出年度归档", "Took the archive of a year away"),
    ("export.list", "导出表格", "Took a list away"),
];

/// The words for an act.
pub(super) fn act(lang: Lang, key: &str) -> &'static str {
    let known = ACTS.iter().find(|(act, ..)| *act == key);
    known.map_or(say(lang, "其他操作", "Another act"), |(_, zh, en)| say(lang, zh, en))
}

/// What more there is to say, with keys of the pack in words.
pub(super) fn detail(visit: &Visit, line: &Line) -> String {
    let (base, text) = (&visit.rules.base, line.detail.as_str());
    let words = match line.act.split('.').next().unwrap_or_default() {
        "record" | "plan" => visit.rules.kind(text).map(|_| kind_name(visit, text).to_owned()),
        "holding" | "round" => base.post(text).map(|post| visit.of(&post.name).to_owned()),
        "matter" => {
            let step = base.flow.iter().find_map(|flow| flow.step(text)).map(|step| &step.name);
            step.or(base.flow(text).map(|flow| &flow.name)).map(|name| visit.of(name).to_owned())
        }
        "person" => Standing::named(text).map(|standing| visit.of(&standing.name()).to_owned()),
        _ => None,
    };
    let is_key = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b'-' | b'.' | b' '));
    words.unwrap_or_else(|| if is_key(text) { String::new() } else { text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn acts(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                acts(&entry, found);
            } else if entry.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let calls = ["audit::note(", "audit::by(", ".audit(tx, "];
                for call in calls.into_iter().flat_map(|mark| text.split(mark).skip(1)) {
                    let literal = call.split(';').next().unwrap_or_default().split('"').nth(1).unwrap_or_default();
                    if literal.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.contains([' ', '.', '/'])) {
                        found.push(literal.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_act_that_is_written_has_words_and_a_group() {
        let mut found = Vec::new();
        for source in ["src", "../luoshi-store/src"] {
            acts(&Path::new(env!("CARGO_MANIFEST_DIR")).join(source), &mut found);
        }
        assert!(found.len() > 30, "the acts are read from the sources: {found:?}");
        for keys in [ACTS, GROUPS] {
            let all: std::collections::BTreeSet<_> = keys.iter().map(|(key, ..)| key).collect();
            assert_eq!(all.len(), keys.len(), "each key has its words once");
        }
        for key in found {
            assert!(ACTS.iter().any(|(act, ..)| *act == key), "no words for the act {key}");
            assert!(GROUPS.iter().any(|(group, ..)| key.starts_with(&format!("{group}."))), "no group for {key}");
        }
    }
}
