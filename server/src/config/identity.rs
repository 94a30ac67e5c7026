//! How people are told apart.

use std::fmt;

use axum::http::HeaderName;

use super::listen::Listen;
use super::origin::Origin;
use super::reader::{Expected, Reader};
use super::variables as var;

/// Shortest secret that a proxy may share with us, in characters.
const MIN_SECRET_CHARS: usize = 32;

/// How people are told apart.
#[derive(Clone, Debug)]
pub enum Identity {
    /// One local user; only while the server listens on loopback.
    None,
    /// A trusted proxy names the person.
    Header(HeaderIdentity),
}

/// What a trusted proxy sends.
#[derive(Clone, Debug)]
pub struct HeaderIdentity {
    /// Names the person. `CAUSEWAY_IDENTITY_USER_HEADER`, default `x-forwarded-user`.
    pub user: HeaderName,
    /// Lists the groups. `CAUSEWAY_IDENTITY_GROUPS_HEADER`, default `x-forwarded-groups`.
    pub groups: HeaderName,
    /// Carries the secret. `CAUSEWAY_IDENTITY_SECRET_HEADER`, default `x-causeway-secret`.
    pub secret_header: HeaderName,
    /// Proves that the proxy is the proxy. `CAUSEWAY_IDENTITY_SECRET`.
    pub secret: SharedSecret,
}

/// A secret that never shows itself.
#[derive(Clone)]
pub struct SharedSecret(String);

impl SharedSecret {
    /// For the comparison, nothing else.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(redacted)")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    None,
    Header,
}

impl Identity {
    pub(super) fn read(read: &mut Reader<'_>, listen: &Listen, portal: &Origin) -> Self {
        match read.right(&var::IDENTITY, parse_mode) {
            Some(Mode::None) => {
                if let Some(open) = &listen.open {
                    read.wrong(
                        &var::IDENTITY,
                        format!("header: without it everyone who reaches {open} would be let in"),
                    );
                } else if !portal.authority().is_of_this_machine() {
                    // Something passes requests for that name on to loopback.
                    read.wrong(
                        &var::IDENTITY,
                        format!("header: without it everyone who reaches {portal} would be let in"),
                    );
                }
                read.without_effect(
                    &[
                        &var::IDENTITY_USER_HEADER,
                        &var::IDENTITY_GROUPS_HEADER,
                        &var::IDENTITY_SECRET_HEADER,
                        &var::IDENTITY_SECRET,
                    ],
                    "CAUSEWAY_IDENTITY=header beside it",
                );
                Self::None
            }
            Some(Mode::Header) => {
                if !read.is_set(&var::IDENTITY_SECRET) {
                    read.wrong(&var::IDENTITY_SECRET, format!("at least {MIN_SECRET_CHARS} visible ASCII characters"));
                }
                Self::read_header(read)
            }
            // What stands beside a slip may be just right: it is read, and nothing is said against its being there.
            None => Self::read_header(read),
        }
    }

    fn read_header(read: &mut Reader<'_>) -> Self {
        let user = read.right(&var::IDENTITY_USER_HEADER, parse_header_name);
        let groups = read.right(&var::IDENTITY_GROUPS_HEADER, parse_header_name);
        let secret_header = read.right(&var::IDENTITY_SECRET_HEADER, parse_header_name);
        if user.is_some() && user == groups {
            read.wrong(&var::IDENTITY_GROUPS_HEADER, "another header than the user\u{2019}s");
        }
        if secret_header.is_some() && (secret_header == user || secret_header == groups) {
            read.wrong(&var::IDENTITY_SECRET_HEADER, "another header than the user\u{2019}s and the groups\u{2019}");
        }
        let secret = read.optional(&var::IDENTITY_SECRET, parse_secret);
        match (user, groups, secret_header, secret) {
            (Some(user), Some(groups), Some(secret_header), Some(secret)) => {
                Self::Header(HeaderIdentity { user, groups, secret_header, secret })
            }
            // The reader has noted it, so nothing will start with this.
            _ => Self::None,
        }
    }
}

fn parse_mode(text: &str) -> Result<Mode, Expected> {
    match text {
        "none" => Ok(Mode::None),
        "header" => Ok(Mode::Header),
        _ => Err("none or header".to_owned()),
    }
}

fn parse_header_name(text: &str) -> Result<HeaderName, Expected> {
    HeaderName::try_from(text.to_ascii_lowercase())
        .map_err(|_| "the name of a header, such as x-forwarded-user".to_owned())
}

fn parse_secret(text: &str) -> Result<SharedSecret, Expected> {
    if text.len() >= MIN_SECRET_CHARS && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(SharedSecret(text.to_owned()))
    } else {
        Err(format!("at least {MIN_SECRET_CHARS} visible ASCII characters"))
    }
}
