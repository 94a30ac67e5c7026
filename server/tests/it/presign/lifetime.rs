//! How long presigned requests live, and what is said about it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::config::{Credentials, ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::error::BoxError;
use domain::access::{Read, Write};
use domain::presign::Disposition;
use domain::store::{NewObject, ObjectStore as _, Overwrite, StoreError};
use domain::units::{ByteSize, UnixMillis};
use tokio::time::Instant;

use super::signer::{Listening, Setup, Signer, clock_at, leave, parameter};
use crate::support::wire::Sent;

const HOUR_S: u64 = 3600;

/// An instant between two whole seconds.
const SIGNED_AT: UnixMillis = UnixMillis(1_800_000_000_750);

#[tokio::test]
async fn an_expired_url_is_refused_and_one_from_the_future_too() {
    let now = (server::state::wall_clock())();
    for (signed_at, expected) in [
        (now, 200),
        (UnixMillis(now.0 - 40_000), 200),
        (UnixMillis(now.0 - 61_000), 403),
        (UnixMillis(now.0 - 24 * HOUR_S * 1000), 403),
        (now.plus_s(HOUR_S), 403),
    ] {
        let there = Listening::with(|setup| setup.clock = clock_at(signed_at)).await;
        let object = NewObject {
            size_bytes: ByteSize(3),
            content_type: "text/plain".to_owned(),
            overwrite: Overwrite::Always,
            mark: None,
        };
        let signed = there.signer.store.presign_put(&leave::<Write>("a"), &object, 60).await.unwrap();
        let answer = Sent::of(&signed, b"new").to(there.address).await;
        assert_eq!(answer.status, expected, "{}", answer.text());
    }
}

#[tokio::test]
async fn the_end_is_counted_from_the_second_that_is_signed() {
    let signer = Signer::new(Setup { clock: clock_at(SIGNED_AT), ..Setup::default() });
    let signed = signer.get("a", 60).await;
    assert_eq!(parameter(&signed, "X-Amz-Expires"), Some("60"));
    assert_eq!(parameter(&signed, "X-Amz-Date"), Some("20270115T080000Z"));
    assert_eq!(signed.expires_at, UnixMillis(1_800_000_060_000));
}

#[tokio::test]
async fn no_url_lives_longer_than_s3_allows_or_not_at_all() {
    let signer = Signer::new(Setup { clock: clock_at(SIGNED_AT), ..Setup::default() });
    assert_eq!(parameter(&signer.get("a", u64::MAX).await, "X-Amz-Expires"), Some("604800"));
    let nothing = signer.store.presign_get(&leave::<Read>("a"), None, Disposition::Attachment, 0).await;
    assert!(matches!(nothing, Err(StoreError::InvalidRequest(_))), "{nothing:?}");
}

/// Credentials with an end, in milliseconds since 1970; each question is counted.
#[derive(Debug, Default)]
struct Role {
    ends_at_ms: AtomicU64,
    asked: AtomicU64,
}

impl Role {
    fn ending_at(instant: UnixMillis) -> Arc<Self> {
        let role = Arc::new(Self::default());
        role.renew_until(instant);
        role
    }

    fn renew_until(&self, instant: UnixMillis) {
        self.ends_at_ms.store(instant.0, Ordering::SeqCst);
    }

    fn asked(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }
}

/// The end of a role whose source neither answers nor fails.
const HANGING: u64 = 1;

/// The same role for the SDK; an end of 0 is a failure.
#[derive(Debug)]
struct Provider(Arc<Role>);

impl ProvideCredentials for Provider {
    fn provide_credentials<'a>(&'a self) -> aws_credential_types::provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let asked = self.0.asked.fetch_add(1, Ordering::SeqCst);
        let ends_at_ms = self.0.ends_at_ms.load(Ordering::SeqCst);
        if ends_at_ms == HANGING {
            return aws_credential_types::provider::future::ProvideCredentials::new(std::future::pending());
        }
        let end = UNIX_EPOCH + Duration::from_millis(ends_at_ms);
        aws_credential_types::provider::future::ProvideCredentials::ready(if ends_at_ms == 0 {
            let away: BoxError = "the source is away".into();
            Err(aws_credential_types::provider::error::CredentialsError::provider_error(away))
        } else {
            Ok(Credentials::new(format!("ASIA{asked}"), "secret", Some("token/+=".to_owned()), Some(end), "test"))
        })
    }
}

fn signer(role: &Arc<Role>, now: &Arc<AtomicU64>) -> Signer {
    let now = Arc::clone(now);
    Signer::new(Setup {
        credentials: SharedCredentialsProvider::new(Provider(Arc::clone(role))),
        clock: Arc::new(move || UnixMillis(now.load(Ordering::SeqCst))),
        ..Setup::default()
    })
}

#[tokio::test]
async fn credentials_of_an_hour_do_not_promise_twelve() {
    let role = Role::ending_at(SIGNED_AT.plus_s(HOUR_S));
    let signed = signer(&role, &Arc::new(AtomicU64::new(SIGNED_AT.0))).get("a", 12 * HOUR_S).await;
    assert_eq!(signed.expires_at, UnixMillis(1_800_000_000_000).plus_s(HOUR_S));
    assert_eq!(parameter(&signed, "X-Amz-Expires"), Some("3600"));
    assert_eq!(parameter(&signed, "X-Amz-Security-Token"), Some("token%2F%2B%3D"));
}

#[tokio::test]
async fn a_batch_is_signed_by_one_set_of_credentials_and_asks_for_it_once() {
    let role = Role::ending_at(SIGNED_AT.plus_s(6 * HOUR_S));
    let signer = signer(&role, &Arc::new(AtomicU64::new(SIGNED_AT.0)));
    for _ in 0..3 {
        let signed = signer.parts("a", "id", &[5; 100]).await;
        let of = |request| parameter(request, "X-Amz-Credential").map(str::to_owned);
        assert!(signed.iter().all(|request| of(request) == of(&signed[0])));
        signer.put("a", 1, Overwrite::Always).await;
    }
    assert_eq!(role.asked(), 1);
}

#[tokio::test]
async fn credentials_are_renewed_before_they_end_and_asked_for_with_patience() {
    let role = Role::ending_at(SIGNED_AT.plus_s(HOUR_S));
    let now = Arc::new(AtomicU64::new(SIGNED_AT.0));
    let signer = signer(&role, &now);
    signer.get("a", 60).await;
    now.store(SIGNED_AT.plus_s(HOUR_S - 600).0, Ordering::SeqCst);
    // The source has nothing newer yet: it is asked once, not with every URL.
    for _ in 0..10 {
        assert_eq!(signer.get("a", HOUR_S).await.expires_at.0 / 1000, SIGNED_AT.plus_s(HOUR_S).0 / 1000);
    }
    assert_eq!(role.asked(), 2);
    role.renew_until(SIGNED_AT.plus_s(2 * HOUR_S));
    now.fetch_add(31_000, Ordering::SeqCst);
    assert_eq!(parameter(&signer.get("a", 1800).await, "X-Amz-Expires"), Some("1800"));
    assert_eq!(role.asked(), 3);
}

#[tokio::test]
async fn a_source_that_is_away_stops_nothing_while_the_credentials_hold() {
    let end = SIGNED_AT.plus_s(HOUR_S);
    let role = Role::ending_at(end);
    let now = Arc::new(AtomicU64::new(SIGNED_AT.0));
    let signer = signer(&role, &now);
    signer.get("a", 60).await;
    role.renew_until(UnixMillis(0));
    now.store(end.0 - 60_000, Ordering::SeqCst);
    assert_eq!(signer.get("a", HOUR_S).await.expires_at.0 / 1000, end.0 / 1000);
    now.store(end.0, Ordering::SeqCst);
    let ended = signer.store.presign_get(&leave::<Read>("a"), None, Disposition::Attachment, 60).await;
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_source_that_hangs_stops_nothing_while_the_credentials_hold() {
    let end = SIGNED_AT.plus_s(HOUR_S);
    let role = Role::ending_at(end);
    let now = Arc::new(AtomicU64::new(SIGNED_AT.0));
    let signer = signer(&role, &now);
    signer.get("a", 60).await;
    role.renew_until(UnixMillis(HANGING));
    now.store(end.0 - 60_000, Ordering::SeqCst);
    let began = Instant::now();
    let asking = async {
        signer.get("a", 60).await;
        began.elapsed()
    };
    let meanwhile = async {
        while role.asked() < 2 {
            tokio::task::yield_now().await;
        }
        signer.get("a", 60).await;
        began.elapsed()
    };
    let (asking, meanwhile) = tokio::join!(asking, meanwhile);
    assert_eq!(
        (asking.as_secs(), meanwhile.as_secs()),
        (5, 0),
        "the one who asks waits for a while, the others do not"
    );
    signer.get("a", 60).await;
    assert_eq!((began.elapsed().as_secs(), role.asked()), (5, 2), "and for a while nobody asks again");
    now.store(end.0, Ordering::SeqCst);
    let ended = signer.store.presign_get(&leave::<Read>("a"), None, Disposition::Attachment, 60).await;
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
}

#[tokio::test]
async fn in_the_last_second_of_the_credentials_nobody_is_told_that_the_request_was_wrong() {
    // A signature counts whole seconds from a whole second, and there is none left.
    let role = Role::ending_at(UnixMillis(1_800_000_000_900));
    let signer = signer(&role, &Arc::new(AtomicU64::new(SIGNED_AT.0)));
    let ending = signer.store.presign_get(&leave::<Read>("a"), None, Disposition::Attachment, 60).await;
    assert!(matches!(ending, Err(StoreError::Unavailable(_))), "{ending:?}");
}

#[tokio::test]
async fn credentials_that_have_ended_sign_nothing() {
    let role = Role::ending_at(UnixMillis(SIGNED_AT.0 - 1000));
    let signer = signer(&role, &Arc::new(AtomicU64::new(SIGNED_AT.0)));
    let ended = signer.store.presign_get(&leave::<Read>("a"), None, Disposition::Attachment, 60).await;
    assert!(matches!(ended, Err(StoreError::Unavailable(_))), "{ended:?}");
}
