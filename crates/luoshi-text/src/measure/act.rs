//! What a clause does: the act it names, with what only looks like one taken away, and how the act stands in it.

use super::clause::Reader;
use super::owner::Subject;

/// How a clause acts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Act {
    /// it names something that can be done
    pub acts: bool,
    /// and that is more than 加强 or 完善
    pub strong: bool,
    /// it begins with such an act: `修订办法`, `及时约谈负责人`
    pub heads: bool,
    /// it begins with something that happens on a day, `召开`, rather than with what comes of it, `形成`
    pub event: bool,
    /// it draws up a rule: `修订管理办法`
    pub rule: bool,
}

impl Reader<'_> {
    /// How a clause with this subject acts.
    pub fn act(&self, text: &str, subject: Option<&Subject>) -> Act {
        let words = &self.lexicon.act;
        let bare = self.without_names(text, subject);
        let core = self.core(text);
        if words.manners.iter().any(|end| text.ends_with(end.as_str())) {
            return Act { acts: words.words.iter().any(|word| bare.contains(word.as_str())), ..Act::default() };
        }
        let weak = |word: &str| words.weak.iter().any(|weak| weak == word);
        let within = |word: &&String| bare.contains(word.as_str());
        let begins = |list: &[String]| list.iter().any(|word| core.starts_with(word.as_str()));
        let ends = |list: &[String]| list.iter().any(|word| core.ends_with(word.as_str()));
        let strong = words.words.iter().filter(|word| !weak(word)).any(|word| within(&word));
        // 对新党员逐个谈话: the object stands before its act
        let turned = strong && core.starts_with(['对', '把', '将']);
        Act {
            acts: words.words.iter().chain(&words.ends).any(|word| within(&word)),
            strong,
            heads: turned || self.begins_with_act(core) && !begins(&words.weak) && !begins(&words.nouns),
            event: begins(&words.events),
            rule: begins(&words.drafts) && ends(&words.rules),
        }
    }

    /// A clause without who is asked, and without names and phrases in which a word for an act is none: 党组织, 决策部署.
    fn without_names(&self, text: &str, subject: Option<&Subject>) -> String {
        let leads = subject.map(|subject| subject.leads.as_slice()).unwrap_or_default();
        let names = leads.iter().chain(&self.lexicon.act.nouns).filter(|name| text.contains(name.as_str()));
        names.fold(text.to_owned(), |text, name| text.replace(name.as_str(), " "))
    }

    /// A clause from its verb on, if it names nobody: without when and how.
    fn core<'t>(&self, text: &'t str) -> &'t str {
        let before = |rest: &'t str| {
            let due = self.subjects.after_due(rest).filter(|shorter| shorter.len() < rest.len());
            due.or_else(|| Some(self.subjects.without_how(rest)).filter(|shorter| shorter.len() < rest.len()))
        };
        let mut rest = text;
        while let Some(shorter) = before(rest) {
            rest = shorter;
        }
        rest
    }
}
