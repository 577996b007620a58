//! JSON as people and servers really write it: with text before and after, as a Python dict, escaped inside a string.

use serde_json::Value;

/// Texts longer than this are not searched for JSON inside.
const MOST: usize = 256 * 1024;

/// The first JSON value at the start of the text, whatever follows it; a Python dict or list is read as well.
pub fn first_value(text: &str) -> Option<Value> {
    let text = text.trim_start();
    if text.len() > MOST || !text.starts_with(['{', '[', '"']) {
        return None;
    }
    if let Some(Ok(value)) = serde_json::Deserializer::from_str(text).into_iter::<Value>().next() {
        return Some(value);
    }
    if text.starts_with('"') {
        return None;
    }
    let json = from_python(text)?;
    serde_json::Deserializer::from_str(&json).into_iter::<Value>().next()?.ok()
}

/// The first JSON object or list anywhere in the text.
pub fn inner_value(text: &str) -> Option<Value> {
    if text.len() > MOST {
        return None;
    }
    let mut from = 0;
    // A brace in prose is no JSON: the next few are tried too.
    for _ in 0..6 {
        let at = from + text[from..].find(['{', '['])?;
        if let Some(value) = first_value(&text[at..])
            && (value.as_object().is_some_and(|fields| !fields.is_empty())
                || value.as_array().is_some_and(|rows| rows.iter().any(Value::is_object)))
        {
            return Some(value);
        }
        if text[at..].starts_with("{\\\"")
            && let Ok(Value::String(plain)) =
                serde_json::from_str::<Value>(&format!("\"{}\"", text[at..].trim_end_matches(['"', '\n'])))
        {
            return first_value(&plain);
        }
        from = at + 1;
    }
    None
}

/// A Python literal as JSON text; `None` where the text is no literal.
fn from_python(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut depth = 0i32;
    while let Some(c) = chars.next() {
        match c {
            '\'' | '"' => string(c, &mut chars, &mut out)?,
            '{' | '[' | '(' => {
                depth += 1;
                out.push(if c == '(' { '[' } else { c });
            }
            '}' | ']' | ')' => {
                depth -= 1;
                out.push(if c == ')' { ']' } else { c });
                if depth == 0 {
                    return Some(out);
                }
            }
            c if c.is_alphabetic() => {
                let mut word = c.to_string();
                while let Some(next) = chars.next_if(|next| next.is_alphanumeric() || *next == '_') {
                    word.push(next);
                }
                // `b'…'` is a byte string.
                if word == "b" && matches!(chars.peek(), Some('\'' | '"')) {
                    continue;
                }
                out.push_str(match word.as_str() {
                    "None" | "null" => "null",
                    "True" | "true" => "true",
                    "False" | "false" => "false",
                    _ => return None,
                });
            }
            c => out.push(c),
        }
    }
    None
}

fn string(quote: char, chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('"');
    loop {
        match chars.next()? {
            '\\' => match chars.next()? {
                '\'' => out.push('\''),
                'x' => {
                    let code: String = [chars.next()?, chars.next()?].iter().collect();
                    out.push_str(&format!("\\u00{code}"));
                }
                other => {
                    out.push('\\');
                    out.push(other);
                }
            },
            c if c == quote => break,
            '"' => out.push_str("\\\""),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_people_paste() {
        let want = json!({"error": {"message": "no", "code": 401}});
        for text in [
            r#"{"error":{"message":"no","code":401}}"#,
            "{'error': {'message': 'no', 'code': 401}}",
            r#"Error code: 401 - {'error': {'message': "no", 'code': 401}} more"#,
            r#"openai.APIError {see below} {"error":{"message":"no","code":401}} and text"#,
            r#"body: {\"error\":{\"message\":\"no\",\"code\":401}}"#,
        ] {
            assert_eq!(inner_value(text).as_ref(), Some(&want), "{text}");
        }
        assert_eq!(inner_value("nothing [here] {at all}"), None);
        assert_eq!(
            first_value("{'a': None, 'b': (True, b'x'), 'c': 'it\\'s \"q\"'}"),
            Some(json!({"a": null, "b": [true, "x"], "c": "it's \"q\""}))
        );
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,60}|[{}\\[\\]'\"\\\\a-zN:, ]{0,60}") {
            let _ = inner_value(&text);
        }
    }
}
