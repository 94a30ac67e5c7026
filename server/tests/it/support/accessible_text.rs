//! What a person reads or hears of a page: texts, links with their targets, buttons and fields by their names.

/// Elements whose content nobody reads; a dialog is closed until a script opens it.
const SILENT: &[&str] = &["dialog", "head", "script", "style", "svg", "template"];

/// Elements that stand in a line with their neighbours.
const INLINE: &[&str] = &["a", "b", "bdi", "bdo", "button", "code", "em", "label", "small", "span", "strong", "time"];

/// Elements without an end.
const VOID: &[&str] = &["area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"];

/// The page in plain lines; a link is `[text](target)`, a button `<text>`.
pub(super) fn accessible_text(html: &str) -> String {
    let mut out = Lines::default();
    let mut ends: Vec<(String, String)> = Vec::new();
    let mut silent_below: Option<usize> = None;
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        if silent_below.is_none() {
            out.text(&decoded(&rest[..open]));
        }
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        let close = end_of_tag(rest);
        let tag = &rest[1..close];
        rest = &rest[close + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            while let Some((open, end)) = ends.pop() {
                if silent_below.is_none() {
                    out.end(&open, &end);
                }
                if silent_below == Some(ends.len()) {
                    silent_below = None;
                }
                if open == name.trim() {
                    break;
                }
            }
            continue;
        }
        let name: String = tag.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        if name.is_empty() {
            continue;
        }
        let hidden = SILENT.contains(&name.as_str()) || is_hidden(tag);
        if silent_below.is_none() && !hidden {
            out.begin(&name, tag);
        }
        if VOID.contains(&name.as_str()) || tag.ends_with('/') {
            continue;
        }
        if hidden && silent_below.is_none() {
            silent_below = Some(ends.len());
        }
        let end = match name.as_str() {
            "a" => format!("]({})", attribute(tag, "href").unwrap_or_default()),
            "button" => ">".to_owned(),
            _ => String::new(),
        };
        ends.push((name, end));
    }
    out.finish()
}

/// Hidden from everybody, from assistive technology, or until it is opened.
fn is_hidden(tag: &str) -> bool {
    attribute(tag, "aria-hidden").as_deref() == Some("true")
        || tag.split_whitespace().skip(1).any(|word| matches!(word.split('=').next(), Some("hidden" | "popover")))
}

/// The end of the tag at the beginning: a `>` outside of quotes.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '>') => return at,
            _ => {}
        }
    }
    text.len() - 1
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        if before.ends_with(char::is_whitespace)
            && let Some(value) = after.strip_prefix("=\"")
        {
            return value.split_once('"').map(|(value, _)| decoded(value));
        }
        rest = after;
    }
    None
}

fn decoded(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    line: String,
}

impl Lines {
    fn begin(&mut self, name: &str, tag: &str) {
        let label = attribute(tag, "aria-label").or_else(|| attribute(tag, "placeholder"));
        match name {
            "a" => self.line.push('['),
            "button" => self.line.push('<'),
            "input" if attribute(tag, "type").as_deref() == Some("hidden") => {}
            "input" => self.line.push_str("(field)"),
            "td" | "th" => self.line.push_str(" | "),
            name if INLINE.contains(&name) => {}
            _ => self.break_line(),
        }
        if let Some(label) = label {
            self.line.push_str(&label);
        }
    }

    fn end(&mut self, name: &str, end: &str) {
        self.line.push_str(end);
        if !INLINE.contains(&name) && !matches!(name, "td" | "th") {
            self.break_line();
        }
    }

    fn text(&mut self, text: &str) {
        // A line break of the source is a space of the page.
        let spaced: String = text.chars().map(|c| if c == '\n' { ' ' } else { c }).collect();
        self.line.push_str(&spaced);
    }

    fn break_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let line = line.trim().trim_matches('|').trim();
        if !line.is_empty() {
            self.done.push(line.to_owned());
        }
    }

    fn finish(mut self) -> String {
        self.break_line();
        self.done.join("\n")
    }
}
