//! Quotations keep their speaker: who says something, before it or after it, by post, by post and name, or by a pronoun.

use super::Walk;

/// How something is said takes no more characters than this: `说得很重`.
const HOW: usize = 4;
/// A name takes no more characters than this.
const NAME: usize = 3;

impl Walk<'_> {
    /// Who says something in `省委领导同志在调研时指出：`, or `…说得很重：`.
    pub(super) fn speaks(&self, clause: &str) -> Option<String> {
        let bare = clause.trim_end_matches(['，', '：', '“']);
        let plainly = |verb: &&str| Some(bare.rsplit_once(*verb)?).filter(|(_, how)| how.chars().count() <= HOW);
        let verbs = self.lexicon.say.verbs.iter().map(String::as_str);
        let who = verbs
            .clone()
            .find_map(|verb| bare.strip_suffix(verb))
            .or_else(|| verbs.filter(|_| clause.ends_with('：')).find_map(|verb| Some(plainly(&verb)?.0)))?;
        self.named(who)
    }

    /// The speaker of these words.
    fn named(&self, words: &str) -> Option<String> {
        let who = words.split('在').next().unwrap_or(words).trim_start_matches(['“', '”', ' ']);
        let who = ["刚才", "今天", "会上", "昨天"].iter().find_map(|word| who.strip_prefix(word)).unwrap_or(who);
        let say = &self.lexicon.say;
        let who = say.how.iter().find_map(|how| who.strip_suffix(how.as_str())).unwrap_or(who);
        if let Some(pronoun) = say.pronouns.iter().find(|pronoun| *pronoun == who) {
            return Some(self.heard.clone().unwrap_or_else(|| pronoun.clone()));
        }
        let ends = || self.lexicon.owner.ends.iter().chain(&say.posts);
        if ends().any(|end| who.ends_with(end.as_str())) || who.ends_with("会议") {
            return Some(who.to_owned());
        }
        // `厅长李明`, or `省纪委的同志上个月来调研时`: what follows the name tells when
        let with_name = |post: &String| is_named_after(who, post, &say.surnames);
        match say.posts.iter().any(with_name) {
            true => Some(who.to_owned()),
            false => ends().filter_map(|end| name_before(who, end)).max_by_key(|name| name.len()),
        }
    }

    /// Whether a sentence only says who has just been quoted: `“…。”机关党委书记最后说。`
    pub(super) fn is_said_at_last(&mut self, sentence: &str) -> bool {
        let Some(first) = self.unsaid.take() else { return false };
        let Some(speaker) = self.speaks(sentence.trim_end_matches(['。', '！'])) else { return false };
        let quoted = self.found.iter_mut().skip(first).filter(|measure| measure.speaker.is_none());
        quoted.for_each(|measure| measure.speaker = Some(speaker.clone()));
        self.heard = Some(speaker);
        true
    }

    /// Remembers where a quotation that names nobody began: the next sentence may say who it was.
    pub(super) fn wait_for_speaker(&mut self, sentence: &str, known: bool) {
        let alone = sentence.trim_start().starts_with('“') && sentence.trim_end().ends_with('”');
        self.unsaid = Some(self.found.len()).filter(|_| alone && !known);
    }

    /// Keeps the speaker until the quotation ends.
    pub(super) fn listen(&mut self, sentence: &str, speaker: Option<String>) {
        let (opened, closed) = (sentence.rfind('“'), sentence.rfind('”'));
        let open = match (opened, closed) {
            (Some(opened), closed) => speaker.is_some() && closed.is_none_or(|closed| closed < opened),
            (None, Some(_)) => false,
            (None, None) => self.quoted,
        };
        self.heard = speaker.clone().or_else(|| self.heard.take());
        self.speaker = speaker.filter(|_| open);
        self.quoted = open;
    }
}

/// Whether words are a post and a name behind it: `书记要认真` is none.
fn is_named_after(who: &str, post: &str, surnames: &str) -> bool {
    let name = who.rfind(post).and_then(|at| who.get(at + post.len()..)).unwrap_or_default();
    (2..=NAME).contains(&name.chars().count()) && name.starts_with(|c| surnames.contains(c))
}

/// A name that ends so at the head of words that go on with a time.
fn name_before(words: &str, end: &str) -> Option<String> {
    let at = words.find(end)? + end.len();
    let (name, rest) = words.split_at_checked(at)?;
    let timed = ["上", "昨", "今", "前", "去", "这", "当", "多次", "一再", "反复"];
    timed.iter().any(|word| rest.starts_with(word)).then(|| name.to_owned())
}
