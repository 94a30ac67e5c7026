//! Keys that have broken something somewhere.

/// Keys below `prefix`, each of another kind of oddness. None has a `.` or `..` segment: those no browser can send.
pub(crate) fn below(prefix: &str) -> Vec<String> {
    let longest = format!("{prefix}{}", "k".repeat(1024 - prefix.len()));
    let longest_of_two_bytes = format!("{prefix}a{}", "ü".repeat((1023 - prefix.len()) / 2));
    let names = [
        "plain.txt",
        "two words and  two spaces.txt",
        " leading and trailing ",
        "plus+plus.txt",
        "percent%41%.txt",
        "%2F%2e%2e",
        "hash#tag",
        "question?mark=1&b=2",
        "semi;colon,comma:colon=equals",
        "brackets[1]{2}(3)<4>",
        "tilde~back\\slash|pipe^caret`tick",
        "double\"quote'single",
        "bang!star*dollar$at@",
        "a//b",
        "/leading",
        "//twice leading",
        "trailing/",
        "trailing//",
        "...three dots",
        ".hidden",
        "emoji 🗂️👩‍👩‍👧.png",
        "caf\u{e9} composed",
        "cafe\u{301} decomposed",
        "עברית \u{202e}right to left",
        "日本語/ファイル.txt",
        "\u{feff}byte order mark",
        "non\u{a0}breaking\u{2028}line",
    ];
    let mut keys: Vec<String> = names.iter().map(|name| format!("{prefix}{name}")).collect();
    keys.extend([longest, longest_of_two_bytes]);
    keys
}

/// Keys with control characters, which XML cannot carry unescaped.
pub(crate) fn with_control_characters(prefix: &str) -> Vec<String> {
    ["tab\there", "new\nline", "return\rhere", "bell\u{7}", "delete\u{7f}", "c1\u{85}", "first\u{1}"]
        .iter()
        .map(|name| format!("{prefix}{name}"))
        .collect()
}
