//! The name that was probably meant by a mistyped one.

/// How alike two names are at least, where the same is 1.
const ALIKE: f64 = 0.75;

/// What stands beside the name that is most like this text; `None` if none is much like it.
pub fn near<T>(text: &str, names: impl IntoIterator<Item = (impl AsRef<str>, T)>) -> Option<T> {
    let wanted = text.trim().to_lowercase();
    names
        .into_iter()
        .map(|(name, meant)| (strsim::jaro_winkler(&name.as_ref().to_lowercase(), &wanted), meant))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, meant)| meant)
}

/// The same for names that stand for themselves.
pub fn near_name<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    near(text, names.into_iter().map(|name| (name, name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        for (typed, wanted) in [
            ("wrok", Some("work")),
            ("Work", Some("work")),
            (" WORK ", Some("work")),
            ("hom", Some("home")),
            ("qqq", None),
            ("", None),
        ] {
            assert_eq!(near_name(typed, ["home", "work"]), wanted, "{typed}");
        }
    }
}
