//! Web pages: their title and their visible text.

use super::reading::Reading;
use crate::connection::scrub::one_line;

/// Reads a web page: its title, its visible text, and JSON that was put into it.
pub(super) fn page(body: &str, reading: &mut Reading) {
    reading.html = body.contains('<');
    let lower = body.to_ascii_lowercase();
    let between = |open: &str, close: &str| {
        let start = lower.find(open)?;
        let start = start + lower[start..].find('>')? + 1;
        let end = start + lower[start..].find(close)?;
        let text = one_line(&entities(&visible(&body[start..end])), 120);
        (!text.is_empty()).then_some(text)
    };
    reading.title = between("<title", "</title").or_else(|| between("<h1", "</h1"));
    let text = entities(&visible(body));
    reading.haystack.push(&text);
    if let Some(title) = reading.title.clone() {
        reading.haystack.push(&title);
        reading.messages.push(title);
    } else {
        reading.messages.push(one_line(&text, 200));
    }
}

/// The text of a page without tags, scripts and styles.
fn visible(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(&rest[..at]);
        out.push(' ');
        let tag = &rest[at..];
        let lower: String = tag.chars().take(8).collect::<String>().to_ascii_lowercase();
        let close = ["script", "style"].iter().find(|name| lower[1..].starts_with(*name));
        let end = match close {
            Some(name) => tag
                .to_ascii_lowercase()
                .find(&format!("</{name}"))
                .and_then(|from| tag[from..].find('>').map(|to| from + to + 1)),
            None => tag.find('>').map(|to| to + 1),
        };
        rest = end.map_or("", |end| &tag[end..]);
    }
    out.push_str(rest);
    out
}

fn entities(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
