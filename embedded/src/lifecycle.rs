//! The lifecycle rule that runs here: uploads that nobody completes are aborted in their time.

use std::collections::HashSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use s3s::dto::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule};
use s3s::{S3Result, s3_error};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::store::buckets::{self, Setting};
use crate::store::{self, Store, StoreError, multipart};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How long a completed upload's answer is kept for a repeat of the request.
const COMPLETED_MS: i64 = DAY_MS;

/// Between two runs. S3 runs its rules about once a day; a laptop is not on all day.
const PERIOD: Duration = Duration::from_secs(60 * 60);

/// What S3 refuses in a configuration.
///
/// # Errors
/// `MalformedXML`, `InvalidArgument`, `InvalidRequest`, as S3 answers PutBucketLifecycleConfiguration.
pub(crate) fn check(rules: &[LifecycleRule]) -> S3Result<()> {
    let mut ids = HashSet::new();
    for rule in rules {
        if ![ExpirationStatus::ENABLED, ExpirationStatus::DISABLED].contains(&rule.status.as_str()) {
            return Err(s3_error!(MalformedXML));
        }
        if rule.id.as_ref().is_some_and(|id| !ids.insert(id)) {
            return Err(s3_error!(InvalidArgument, "Rule ID must be unique. Found same ID for more than one rule"));
        }
        let acts = rule.abort_incomplete_multipart_upload.is_some()
            || rule.expiration.is_some()
            || rule.noncurrent_version_expiration.is_some()
            || rule.noncurrent_version_transitions.as_ref().is_some_and(|list| !list.is_empty())
            || rule.transitions.as_ref().is_some_and(|list| !list.is_empty());
        if !acts {
            return Err(s3_error!(InvalidRequest, "At least one action needs to be specified in a rule"));
        }
        check_days(rule)?;
    }
    Ok(())
}

fn check_days(rule: &LifecycleRule) -> S3Result<()> {
    let abort = rule.abort_incomplete_multipart_upload.as_ref();
    if abort.is_some_and(|abort| abort.days_after_initiation.is_none()) {
        return Err(s3_error!(MalformedXML));
    }
    let named = [
        (
            "'DaysAfterInitiation' for AbortIncompleteMultipartUpload",
            abort.and_then(|abort| abort.days_after_initiation),
        ),
        ("'Days' for Expiration", rule.expiration.as_ref().and_then(|expiration| expiration.days)),
        (
            "'NoncurrentDays' for NoncurrentVersionExpiration",
            rule.noncurrent_version_expiration.as_ref().and_then(|expiration| expiration.noncurrent_days),
        ),
    ];
    match named.into_iter().find(|(_, days)| days.is_some_and(|days| days < 1)) {
        Some((what, _)) => Err(s3_error!(InvalidArgument, "{what} action must be a positive integer")),
        None => Ok(()),
    }
}

/// Runs the rules of every bucket as of `now_ms`; returns how many uploads were aborted.
pub(crate) async fn run(store: &Arc<Store>, now_ms: i64) -> Result<usize, StoreError> {
    store
        .shrink(move |change| {
            let mut aborted = 0;
            for (name, document) in buckets::settings(&change.tx, Setting::Lifecycle)? {
                let bucket = buckets::find(&change.tx, &name)?;
                let configuration: BucketLifecycleConfiguration = serde_json::from_str(&document)?;
                for (prefix, days) in configuration.rules.iter().filter_map(aborts) {
                    let before_ms = initiated_before(now_ms, days);
                    aborted += multipart::abort_older(change, &bucket, prefix, before_ms)?;
                }
            }
            multipart::forget_completed(change, now_ms - COMPLETED_MS)?;
            Ok(aborted)
        })
        .await
}

/// The prefix and the days of a rule that aborts uploads and is enabled. A rule with a filter by
/// tag or size never applies to uploads.
fn aborts(rule: &LifecycleRule) -> Option<(&str, i64)> {
    // One of no days, stored when it was not looked at, would abort what has just begun.
    let days = rule.abort_incomplete_multipart_upload.as_ref()?.days_after_initiation.filter(|days| *days >= 1)?;
    if rule.status.as_str() != ExpirationStatus::ENABLED {
        return None;
    }
    let prefix = match &rule.filter {
        None => rule.prefix.as_deref(),
        Some(filter) if filter.prefix.is_some() => filter.prefix.as_deref(),
        Some(filter) if filter.and.is_some() || filter.tag.is_some() => return None,
        Some(filter) if filter.object_size_greater_than.is_some() || filter.object_size_less_than.is_some() => {
            return None;
        }
        Some(_) => None,
    };
    Some((prefix.unwrap_or_default(), i64::from(days)))
}

/// Uploads initiated before this are due: S3 adds the days and goes on to the next midnight, UTC.
fn initiated_before(now_ms: i64, days: i64) -> i64 {
    (now_ms.div_euclid(DAY_MS) - days) * DAY_MS
}

/// Runs the rules from time to time, as long as it lives.
#[derive(Debug)]
pub(crate) struct Housekeeping(JoinHandle<()>);

impl Housekeeping {
    pub(crate) fn start(store: &Arc<Store>) -> Self {
        let store = Arc::downgrade(store);
        Self(tokio::spawn(keep_house(store)))
    }
}

impl Drop for Housekeeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn keep_house(store: Weak<Store>) {
    let mut ticks = tokio::time::interval_at(Instant::now() + PERIOD, PERIOD);
    loop {
        ticks.tick().await;
        let Some(store) = store.upgrade() else { return };
        run_and_tell(&store).await;
    }
}

/// Runs the rules as of now. A failure is told and tried again in an hour: nothing hangs on it.
pub(crate) async fn run_and_tell(store: &Arc<Store>) {
    match run(store, store::now_ms()).await {
        Ok(0) => {}
        Ok(aborted) => tracing::info!(aborted, "aborted uploads that were never completed"),
        Err(error) => tracing::warn!(error = crate::reason(&error), "the lifecycle rules could not be run"),
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY_MS, initiated_before};

    #[test]
    fn an_upload_is_due_at_the_midnight_after_its_days() {
        let noon = DAY_MS / 2;
        // Initiated on day 0 at noon, for one day: due from the midnight that begins day 2.
        assert!(noon >= initiated_before(2 * DAY_MS - 1, 1));
        assert!(noon < initiated_before(2 * DAY_MS, 1));
    }
}
