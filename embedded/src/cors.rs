//! Cross-origin rules: kept for each bucket, answered to preflights, and put on every answer.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use rusqlite::Transaction;
use s3s::{S3Error, S3Result, s3_error};
use serde::{Deserialize, Serialize};

use crate::error::custom;
use crate::store::buckets::{self, Setting};
use crate::store::{Change, Store, StoreError};

/// The methods that a rule may allow. Source: S3 user guide, elements of a CORS configuration.
const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];

/// Rules that a bucket may have. Source: S3 user guide, CORS.
const MAX_RULES: usize = 100;

/// One rule: the first that matches a request's origin, method and headers answers it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorsRule {
    /// A name for people.
    #[serde(default)]
    pub id: Option<String>,
    /// Exact origins, or with one `*` that stands for anything.
    pub allowed_origins: Vec<String>,
    /// GET, PUT, POST, DELETE, HEAD.
    pub allowed_methods: Vec<String>,
    /// Request headers that a preflight may ask for; with one `*` that stands for anything.
    #[serde(default)]
    pub allowed_headers: Vec<String>,
    /// Answer headers that scripts may read.
    #[serde(default)]
    pub expose_headers: Vec<String>,
    /// How long a browser may keep a preflight's answer, in seconds.
    #[serde(default)]
    pub max_age_s: Option<u32>,
}

impl CorsRule {
    fn allows_origin(&self, origin: &str) -> Option<&str> {
        self.allowed_origins.iter().map(String::as_str).find(|pattern| matches(pattern, origin))
    }

    fn allows_method(&self, method: &str) -> bool {
        self.allowed_methods.iter().any(|allowed| allowed == method)
    }

    fn allows_headers(&self, headers: &[String]) -> bool {
        headers
            .iter()
            .all(|header| self.allowed_headers.iter().any(|pattern| matches(&pattern.to_ascii_lowercase(), header)))
    }

    /// What S3 refuses in a rule.
    ///
    /// # Errors
    /// `InvalidRequest` with the reason.
    pub(crate) fn check(&self) -> S3Result<()> {
        if let Some(method) = self.allowed_methods.iter().find(|m| !METHODS.contains(&m.as_str())) {
            return Err(s3_error!(
                InvalidRequest,
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            ));
        }
        let patterns = self.allowed_origins.iter().chain(&self.allowed_headers);
        if patterns.into_iter().any(|pattern| pattern.matches('*').count() > 1) {
            return Err(s3_error!(InvalidRequest, "A CORS pattern can not have more than one wildcard."));
        }
        if self.expose_headers.iter().any(|header| header.contains('*')) {
            return Err(s3_error!(
                InvalidRequest,
                "ExposeHeader contains wildcard. We currently do not support wildcard for ExposeHeader."
            ));
        }
        if self.allowed_origins.is_empty() || self.allowed_methods.is_empty() {
            return Err(s3_error!(MalformedXML));
        }
        Ok(())
    }
}

/// Every bucket's rules.
#[derive(Debug, Default)]
pub(crate) struct CorsRules {
    rules: RwLock<HashMap<String, Arc<Vec<CorsRule>>>>,
}

impl CorsRules {
    pub(crate) fn load(tx: &Transaction<'_>) -> Result<Self, StoreError> {
        let mut rules = HashMap::new();
        for (bucket, document) in buckets::settings(tx, Setting::Cors)? {
            rules.insert(bucket, Arc::new(serde_json::from_str(&document)?));
        }
        Ok(Self { rules: RwLock::new(rules) })
    }

    pub(crate) fn of(&self, bucket: &str) -> Option<Arc<Vec<CorsRule>>> {
        self.rules.read().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    /// Stores a bucket's rules and puts them into force; none removes them.
    pub(crate) async fn store(
        self: &Arc<Self>,
        store: &Arc<Store>,
        bucket: &str,
        rules: Vec<CorsRule>,
    ) -> Result<(), StoreError> {
        let document = if rules.is_empty() { None } else { Some(serde_json::to_string(&rules)?) };
        let (all, name) = (Arc::clone(self), bucket.to_owned());
        store
            .write(move |change| {
                buckets::set_setting(change, &name, Setting::Cors, document.as_deref())?;
                change.once_committed(move || all.replace(&name, rules));
                Ok(())
            })
            .await
    }

    /// Forgets the rules of a bucket that this change deletes.
    pub(crate) fn forget(self: &Arc<Self>, change: &mut Change<'_>, bucket: String) {
        let all = Arc::clone(self);
        change.once_committed(move || all.replace(&bucket, Vec::new()));
    }

    fn replace(&self, bucket: &str, rules: Vec<CorsRule>) {
        let mut all = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        if rules.is_empty() {
            all.remove(bucket);
        } else {
            all.insert(bucket.to_owned(), Arc::new(rules));
        }
    }
}

/// Checks a whole configuration.
///
/// # Errors
/// `InvalidRequest` or `MalformedXML`, as S3 answers PutBucketCors.
pub(crate) fn check(rules: &[CorsRule]) -> S3Result<()> {
    if rules.is_empty() || rules.len() > MAX_RULES {
        return Err(s3_error!(MalformedXML));
    }
    rules.iter().try_for_each(CorsRule::check)
}

/// The answer's headers for a preflight.
///
/// # Errors
/// `AccessForbidden` (403) where no rule matches, `BadRequest` where it is no preflight.
pub(crate) fn preflight(rules: Option<&[CorsRule]>, request: &HeaderMap) -> S3Result<HeaderMap> {
    let origin =
        text(request, &ORIGIN).ok_or_else(|| bad_request("Insufficient information. Origin request header needed."))?;
    let method = text(request, &ACCESS_CONTROL_REQUEST_METHOD)
        .ok_or_else(|| bad_request("Insufficient information. Access-Control-Request-Method needed."))?;
    let rules = rules.ok_or_else(|| forbidden("CORSResponse: CORS is not enabled for this bucket."))?;
    let headers: Vec<String> = text(request, &ACCESS_CONTROL_REQUEST_HEADERS)
        .unwrap_or_default()
        .split(',')
        .map(|header| header.trim().to_ascii_lowercase())
        .filter(|header| !header.is_empty())
        .collect();
    let (rule, pattern) = rules
        .iter()
        .filter(|rule| rule.allows_method(method) && rule.allows_headers(&headers))
        .find_map(|rule| Some((rule, rule.allows_origin(origin)?)))
        .ok_or_else(|| {
            forbidden(
                "CORSResponse: This CORS request is not allowed. This is usually because the \
                 evaluation of Origin, request method / Access-Control-Request-Method or \
                 Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.",
            )
        })?;
    let mut answer = allowed(rule, pattern, origin);
    if !headers.is_empty() {
        insert(&mut answer, ACCESS_CONTROL_ALLOW_HEADERS, &headers.join(", "));
    }
    Ok(answer)
}

/// The headers for the answer to an ordinary cross-origin request; none where no rule matches.
pub(crate) fn answer(rules: Option<&[CorsRule]>, method: &Method, request: &HeaderMap) -> Option<HeaderMap> {
    let origin = text(request, &ORIGIN)?;
    rules?
        .iter()
        .filter(|rule| rule.allows_method(method.as_str()))
        .find_map(|rule| Some(allowed(rule, rule.allows_origin(origin)?, origin)))
}

fn allowed(rule: &CorsRule, pattern: &str, origin: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if pattern == "*" {
        insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    } else {
        insert(&mut headers, ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        insert(&mut headers, ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
    insert(&mut headers, ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
    if !rule.expose_headers.is_empty() {
        insert(&mut headers, ACCESS_CONTROL_EXPOSE_HEADERS, &rule.expose_headers.join(", "));
    }
    if let Some(seconds) = rule.max_age_s {
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(seconds));
    }
    insert(&mut headers, VARY, "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
    headers
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A rule's text that no header can hold is left out, as if the rule did not have it.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn text<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<&'r str> {
    headers.get(name)?.to_str().ok()
}

/// Whether `text` is the pattern, whose one `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.len() >= head.len() + tail.len() && text.starts_with(head) && text.ends_with(tail),
    }
}

fn forbidden(message: &'static str) -> S3Error {
    custom("AccessForbidden", http::StatusCode::FORBIDDEN, message)
}

fn bad_request(message: &'static str) -> S3Error {
    custom("BadRequest", http::StatusCode::BAD_REQUEST, message)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn one_star_stands_for_anything() {
        assert!(matches("*", "http://a"));
        assert!(matches("http://*.example.com", "http://a.example.com"));
        assert!(!matches("http://*.example.com", "http://example.com"));
        assert!(!matches("ab*ba", "aba"));
        assert!(!matches("http://a", "http://a.b"));
    }
}
