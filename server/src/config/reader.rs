//! Reads settings one by one and collects everything that is wrong instead of stopping at the first.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;

use super::variables::{Default, SECTIONS, Variable};

/// What a parser answers for a value it does not take: what it would have taken.
pub(super) type Expected = String;

/// What a parser of several things answers: whatever of them it could read, and what it would have taken for the others.
pub(super) struct Parsed<T> {
    pub(super) value: T,
    pub(super) wrong: Vec<Expected>,
}

/// Longest value that a finding quotes, in characters.
const QUOTED_CHARS: usize = 120;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The variable.
    pub name: &'static str,
    /// Its value as far as it may be shown.
    pub found: String,
    /// What it should be.
    pub expected: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is {}; expected {}", self.name, self.found, self.expected)
    }
}

/// Everything that is wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// In the order of the reference page; never empty.
    pub findings: Vec<Finding>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings: BTreeSet<&str> = self.findings.iter().map(|finding| finding.name).collect();
        match settings.len() {
            1 => write!(f, "one setting is wrong")?,
            count => write!(f, "{count} settings are wrong")?,
        }
        self.findings.iter().try_for_each(|finding| write!(f, "\n  {finding}"))
    }
}

/// Reads through a lookup function and remembers what was wrong.
pub(super) struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self { lookup, findings: Vec::new() }
    }

    /// The value as it stands; what is empty counts as not set.
    pub(super) fn text(&self, variable: &Variable) -> Option<String> {
        self.foreign(variable.name)
    }

    /// A variable that belongs to others, such as `AWS_REGION`.
    pub(super) fn foreign(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        Some(value.to_string_lossy().trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Whether the value is text at all: what is not must neither be guessed at nor count as not set.
    fn is_text(&self, variable: &Variable) -> bool {
        (self.lookup)(variable.name).is_none_or(|value| matches!(value.to_string_lossy(), Cow::Borrowed(_)))
    }

    pub(super) fn is_set(&self, variable: &Variable) -> bool {
        self.text(variable).is_some()
    }

    /// The value where it is set and right.
    pub(super) fn optional<T>(
        &mut self,
        variable: &Variable,
        parse: impl FnOnce(&str) -> Result<T, Expected>,
    ) -> Option<T> {
        let text = self.text(variable)?;
        if !self.is_text(variable) {
            self.wrong(variable, "text in UTF-8");
            return None;
        }
        match parse(&text) {
            Ok(value) => Some(value),
            Err(expected) => {
                self.wrong(variable, expected);
                None
            }
        }
    }

    /// As much of the value as is right, where it is set; everything that is wrong with it is noted.
    pub(super) fn several<T>(&mut self, variable: &Variable, parse: impl FnOnce(&str) -> Parsed<T>) -> Option<T> {
        let mut rest = Vec::new();
        let value = self.optional(variable, |text| {
            let Parsed { value, wrong } = parse(text);
            rest = wrong;
            Ok(value)
        });
        for expected in rest {
            self.wrong(variable, expected);
        }
        value
    }

    /// The value, or the variable's default where it is not set or wrong.
    pub(super) fn value<T>(&mut self, variable: &Variable, parse: impl Fn(&str) -> Result<T, Expected>) -> T {
        self.optional(variable, &parse).unwrap_or_else(|| default(variable, parse))
    }

    /// The value, or the variable's default where it is not set; `None` where it is wrong. For what is compared with
    /// others: a default in the place of a slip would be found fault with for what nobody wrote.
    pub(super) fn right<T>(&mut self, variable: &Variable, parse: impl Fn(&str) -> Result<T, Expected>) -> Option<T> {
        if self.is_set(variable) { self.optional(variable, parse) } else { Some(default(variable, parse)) }
    }

    /// Notes each of these variables that is set although nothing would come of it.
    pub(super) fn without_effect(&mut self, variables: &[&Variable], unless: &str) {
        for variable in variables {
            if self.is_set(variable) {
                self.wrong(variable, format!("nothing, or {unless}"));
            }
        }
    }

    /// Notes that the variable, as it is, cannot be.
    pub(super) fn wrong(&mut self, variable: &Variable, expected: impl Into<String>) {
        let found = match self.text(variable) {
            None => "not set".to_owned(),
            Some(_) if variable.secret => "set to something that is not shown".to_owned(),
            Some(value) => quoted(&value),
        };
        self.findings.push(Finding { name: variable.name, found, expected: expected.into() });
    }

    /// The configuration, if nothing was wrong.
    pub(super) fn finish<T>(mut self, config: T) -> Result<T, ConfigError> {
        if self.findings.is_empty() {
            return Ok(config);
        }
        let page: Vec<&str> = SECTIONS.iter().flat_map(|section| section.variables).map(|var| var.name).collect();
        self.findings.sort_by_key(|finding| page.iter().position(|name| *name == finding.name));
        Err(ConfigError { findings: self.findings })
    }
}

fn default<T>(variable: &Variable, parse: impl Fn(&str) -> Result<T, Expected>) -> T {
    match variable.default {
        Default::Text(text) => {
            parse(text).unwrap_or_else(|expected| unreachable!("default of {}: {expected}", variable.name))
        }
        Default::Derived(_) => unreachable!("{} has no default of its own", variable.name),
    }
}

/// A value as findings show it.
pub(super) fn quoted(value: &str) -> String {
    let shown: String = value.chars().take(QUOTED_CHARS).flat_map(char::escape_debug).collect();
    let more = if value.chars().nth(QUOTED_CHARS).is_some() { "\u{2026}" } else { "" };
    format!("\u{201c}{shown}{more}\u{201d}")
}
