//! Which of the settings that clients pass on a server refuses: by its own words, and else by halving.

use super::view::{Sight, View};
use crate::cause::{Cause, Family};

/// The settings, as they are called in a request.
pub const SETTINGS: &[&str] =
    &["temperature", "top_p", "stop", "seed", "logit_bias", "frequency_penalty", "presence_penalty", "tool_choice"];

/// No more requests than this are sent to find out.
pub const MOST: usize = 8;

/// More settings than this in one refusal may be a list of those that are allowed.
const FEW: usize = 2;

/// What the requests so far have shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// What is tried.
    pub all: Vec<&'static str>,
    /// What is refused, as far as it is known.
    pub refused: Vec<&'static str>,
    /// Whether a request with all the others went well.
    pub settled: bool,
    /// Whether an answer came that says nothing of settings, so that nothing more can be learned.
    pub stopped: bool,
    /// Settings of which at least one is refused.
    suspects: Vec<&'static str>,
}

/// Settings that go into one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Their names.
    pub sent: Vec<&'static str>,
    /// How it differs from the first request; `None` for the first.
    pub variant: Option<String>,
}

impl Search {
    /// Reads what was asked so far. A setting that belongs to tools is tried only where tools are taken.
    pub fn of(view: &View) -> Self {
        let tools = view.of_check("tools").is_some_and(|tools| tools.healthy());
        let all = SETTINGS.iter().copied().filter(|name| tools || *name != "tool_choice").collect();
        let mut search = Self { all, ..Self::default() };
        for sight in view.all().filter(|sight| sight.observation.check == "parameters" && sight.observation.ran()) {
            search.learn(sight);
        }
        search
    }

    fn learn(&mut self, sight: Sight<'_>) {
        let variant = sight.observation.request.as_ref().and_then(|request| request.variant.as_deref());
        let (sent, part) = read(variant, &self.all);
        let named = sight.reading().map_or_else(Vec::new, |reading| {
            let param = reading.param.as_deref();
            named(param, reading.haystack.as_str(), &sent)
        });
        self.stopped = false;
        if sight.healthy() && sight.observation.failure.is_none() {
            if part {
                self.suspects.retain(|name| !sent.contains(name));
            } else {
                self.settled = true;
            }
        } else if !refuses(sight, !named.is_empty()) {
            self.stopped = true;
        } else if named.is_empty() {
            self.suspects = sent;
        } else {
            self.refused.extend(named);
            self.suspects.clear();
        }
        if let [only] = self.suspects.as_slice() {
            self.refused.push(only);
            self.suspects.clear();
        }
    }

    /// What to send next; `None` if it is known or cannot be known.
    pub fn next(&self, view: &View) -> Option<Probe> {
        let count = view.count("parameters");
        if count == 0 {
            return Some(Probe { sent: self.all.clone(), variant: None });
        }
        if self.settled || self.stopped || count >= MOST {
            return None;
        }
        if self.suspects.is_empty() {
            let sent: Vec<_> = self.all.iter().copied().filter(|name| !self.refused.contains(name)).collect();
            let variant = format!("without {}", self.refused.join(", "));
            return (!sent.is_empty()).then_some(Probe { sent, variant: Some(variant) });
        }
        let half = self.suspects.get(..self.suspects.len().div_ceil(2))?.to_vec();
        let variant = format!("only {}", half.join(", "));
        Some(Probe { sent: half, variant: Some(variant) })
    }
}

/// The settings of a request, and whether they were a part that was tried by itself.
fn read(variant: Option<&str>, all: &[&'static str]) -> (Vec<&'static str>, bool) {
    let (part, names) = match variant {
        None => return (all.to_vec(), false),
        Some(variant) => match variant.strip_prefix("only ") {
            Some(names) => (true, names),
            None => (false, variant.strip_prefix("without ").unwrap_or_default()),
        },
    };
    let has = |name: &str| names.split(", ").any(|other| other == name);
    (all.iter().copied().filter(|name| has(name) == part).collect(), part)
}

/// Whether an answer refuses the request for what it carries. The same model has answered before, so that a remark on
/// the model means its settings.
fn refuses(sight: Sight<'_>, named: bool) -> bool {
    if sight.answer().is_none() || sight.observation.failure.is_some() {
        return false;
    }
    match sight.cause() {
        Some(Cause::ServerError) => named,
        Some(cause) => matches!(cause.family(), Family::Request | Family::Model),
        None => sight.status().is_some_and(|status| matches!(status, 400 | 404 | 422)) || named,
    }
}

/// The settings that a refusal names.
fn named(param: Option<&str>, haystack: &str, sent: &[&'static str]) -> Vec<&'static str> {
    let param = param.map(str::to_ascii_lowercase);
    if let Some(param) = &param
        && let Some(name) = sent.iter().find(|name| place(param, name).is_some())
    {
        return vec![name];
    }
    let mut found: Vec<(usize, &'static str)> =
        sent.iter().filter_map(|name| Some((place(haystack, name)?, *name))).collect();
    found.sort_unstable();
    let together = ["both", "only one", "at the same time", "not both"].iter().any(|words| haystack.contains(words));
    match found.as_slice() {
        // Two that exclude each other: without one of them the other may stay.
        [_, second] if together => vec![second.1],
        few if few.len() <= FEW => few.iter().map(|(_, name)| *name).collect(),
        [first, ..] => vec![first.1],
        [] => Vec::new(),
    }
}

/// Where a text in lower case names a setting, also as `presencepenalty`.
fn place(text: &str, name: &str) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let whole = |word: &str| {
        text.match_indices(word)
            .find(|(at, _)| !text[..*at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part))
            .map(|(at, _)| at)
    };
    let joined = name.replace('_', "");
    whole(name).or_else(|| if joined == name { None } else { whole(&joined) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_its_settings() {
        let of = |text: &str| named(None, text, SETTINGS);
        assert_eq!(of("property 'logit_bias' is unsupported"), ["logit_bias"]);
        assert_eq!(of("argument not supported on this model: presencepenalty"), ["presence_penalty"]);
        assert_eq!(of("`temperature` and `top_p` cannot both be specified for this model"), ["top_p"]);
        assert_eq!(of(r#"unknown name "seed": cannot find field. unknown name "logit_bias""#), ["seed", "logit_bias"]);
        assert_eq!(of("seed is unknown; allowed are temperature, top_p, stop"), ["seed"]);
        assert_eq!(of("the request stopped"), Vec::<&str>::new());
        assert_eq!(named(Some("body.seed"), "seed and temperature", SETTINGS), ["seed"]);
        assert_eq!(named(Some("messages"), "no", SETTINGS), Vec::<&str>::new());
    }

    #[test]
    fn what_was_sent_is_read_back() {
        assert_eq!(read(None, SETTINGS), (SETTINGS.to_vec(), false));
        assert_eq!(read(Some("only seed, stop"), SETTINGS), (vec!["stop", "seed"], true));
        let (sent, part) = read(Some("without seed, stop"), SETTINGS);
        assert!(!part && sent.len() == SETTINGS.len() - 2 && !sent.contains(&"seed"));
    }
}
