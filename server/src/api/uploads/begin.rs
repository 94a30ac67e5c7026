//! The beginning of uploads: settles each name, then answers a signed PUT or a ticket.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::access::{BucketName, Grant, Write};
use domain::key::{KeyError, NewObjectKey, ObjectKey};
use domain::listing::{ObjectMeta, UploadMark};
use domain::problem::{Problem, ProblemKind};
use domain::store::{NewObject, Overwrite};
use domain::units::ByteSize;
use domain::upload::plan::{PartLayout, Plan};
use domain::upload::wire::{
    CreateOutcome, CreateUploads, CreatedUpload, MAX_CREATES, NewUpload, OnConflict, Transfer, UploadTicket,
    create_ends_after_s,
};
use futures_util::{StreamExt as _, stream};
use tokio::time::{Instant, timeout_at};

use super::super::caller::{Caller, Look};
use super::super::refusal::Refusal;
use super::{content_type, free_name, ticket};
use crate::answer::takes_too_long;

/// Uploads of one call that are begun at the same time. Each is a look at its name and, in parts, one more call to S3, of
/// some 20 ms each, so a hundred take about half a second; keeping both looks at one name after the other, up to
/// [`free_name::MAX_TRIES`]. Eight leave connections to others.
const CONCURRENT: usize = 8;

/// Keys that this call has given away, so that no two of its uploads get the same.
type Claims = Mutex<HashSet<ObjectKey>>;

/// What was decided about a name.
enum Settled {
    Write { grant: Grant<Write>, overwrite: Overwrite },
    Exists(ObjectMeta),
}

/// Begins every upload of a call; one that cannot be begun does not stop the others, nor does one that S3 keeps waiting.
/// What has not been begun when the client is about to stop waiting is told to be asked for again: it would begin all anew.
pub(super) async fn all(caller: &Caller, call: CreateUploads) -> Result<Vec<CreateOutcome>, Refusal> {
    if call.uploads.len() > MAX_CREATES {
        return Err(Refusal::invalid(
            "Too many at once",
            format!("At most {MAX_CREATES} uploads are begun in one call."),
            "Ask for fewer.",
        ));
    }
    caller.portal.bucket(&call.bucket)?;
    let ends_at = caller.began + Duration::from_secs(create_ends_after_s(call.uploads.len()));
    let claims = Claims::default();
    let claims = &claims;
    // Claimed in the order of the call, before anything runs at the same time.
    let wishes: Vec<_> = call
        .uploads
        .into_iter()
        .map(|upload| {
            let wish = NewObjectKey::parse(&upload.key).map(|new| new.key().clone());
            let first = wish.as_ref().is_ok_and(|key| claim(claims, key));
            (upload, wish, first)
        })
        .collect();
    let begun = wishes.into_iter().map(|(upload, wish, first)| {
        let bucket = &call.bucket;
        async move { one(caller, bucket, &upload, wish, first, claims, ends_at).await }
    });
    let outcomes = in_order(begun.collect()).await.into_iter().map(|outcome| {
        let refused = |refusal: Refusal| Problem { incident: caller.incident.clone(), ..refusal.into_problem() };
        outcome.unwrap_or_else(|refusal| CreateOutcome::Refused(refused(refusal)))
    });
    Ok(outcomes.collect())
}

/// What each work comes to, in their order, [`CONCURRENT`] at a time: one that takes long keeps no other from beginning.
async fn in_order<T>(works: Vec<impl Future<Output = T>>) -> Vec<T> {
    let works = works.into_iter().enumerate().map(|(at, work)| async move { (at, work.await) });
    let mut done: Vec<_> = stream::iter(works).buffer_unordered(CONCURRENT).collect().await;
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// What `work` comes to, where it does by `ends_at`; where that is past, it is not begun.
async fn in_time<T>(ends_at: Instant, work: impl Future<Output = Result<T, Refusal>>) -> Result<T, Refusal> {
    let late = || {
        tracing::error!("gave up on an upload of a create call");
        Refusal::from(takes_too_long())
    };
    if Instant::now() >= ends_at {
        return Err(late());
    }
    timeout_at(ends_at, work).await.unwrap_or_else(|_| Err(late()))
}

/// Whether the key was still free within this call; it no longer is.
fn claim(claims: &Claims, key: &ObjectKey) -> bool {
    claims.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone())
}

async fn one(
    caller: &Caller,
    bucket: &BucketName,
    upload: &NewUpload,
    wish: Result<ObjectKey, KeyError>,
    first: bool,
    claims: &Claims,
    ends_at: Instant,
) -> Result<CreateOutcome, Refusal> {
    let wish = wish.map_err(|error| bad_name(&error))?;
    let plan = Plan::for_size(upload.size_bytes)
        .map_err(|error| Refusal::invalid("Too large", format!("Not accepted: {error}."), "Split the file."))?;
    let settled = async {
        if first {
            settle(caller, bucket, upload, wish, claims).await
        } else if upload.on_conflict == OnConflict::KeepBoth {
            caller.authorize::<Write>(bucket, wish.clone())?;
            free(caller, bucket, &wish, claims).await
        } else {
            Err(same_name_twice(&wish))
        }
    };
    // Only this may take long. The one call after it has a short limit of its own, and may have had its effect.
    let (grant, overwrite) = match in_time(ends_at, settled).await? {
        Settled::Write { grant, overwrite } => (grant, overwrite),
        Settled::Exists(meta) => return Ok(CreateOutcome::Exists(meta)),
    };
    let content_type = content_type(&upload.content_type);
    let mark = new_mark()?;
    let transfer = match plan {
        Plan::Put => {
            let object = NewObject { size_bytes: upload.size_bytes, content_type, overwrite, mark: Some(mark.clone()) };
            put(caller, &grant, &object).await?
        }
        Plan::Multipart(layout) => multipart(caller, &grant, layout, &content_type, overwrite, &mark).await?,
    };
    Ok(CreateOutcome::Created(CreatedUpload { key: grant.resource().clone(), mark, transfer }))
}

/// Decides what an upload may do to its name. What is seen now is only for the person: S3 checks again on arrival.
async fn settle(
    caller: &Caller,
    bucket: &BucketName,
    upload: &NewUpload,
    wish: ObjectKey,
    claims: &Claims,
) -> Result<Settled, Refusal> {
    let grant = caller.authorize::<Write>(bucket, wish.clone())?;
    let overwrite = match (caller.look(bucket, &wish).await?, &upload.on_conflict) {
        (Look::There(meta), _) if is_same_marker(&meta, upload) => Overwrite::IfMatch(meta.etag),
        (Look::There(meta), OnConflict::Refuse) => return Ok(Settled::Exists(meta)),
        (Look::There(meta), OnConflict::Replace { seen: Some(seen) }) if meta.etag != *seen => {
            return Ok(Settled::Exists(meta));
        }
        (Look::There(meta), OnConflict::Replace { .. }) => Overwrite::IfMatch(meta.etag),
        (Look::There(_), OnConflict::KeepBoth) => return free(caller, bucket, &wish, claims).await,
        (Look::Hidden, OnConflict::Replace { .. }) => Overwrite::Always,
        (Look::Free | Look::Hidden, _) => Overwrite::Never,
    };
    Ok(Settled::Write { grant, overwrite })
}

/// The marker of an empty prefix put where the same one is: nothing would be lost, so nobody is asked.
fn is_same_marker(there: &ObjectMeta, upload: &NewUpload) -> bool {
    there.key.as_str().ends_with('/') && there.size_bytes == ByteSize::ZERO && upload.size_bytes == ByteSize::ZERO
}

/// The first free name beside `taken`.
async fn free(caller: &Caller, bucket: &BucketName, taken: &ObjectKey, claims: &Claims) -> Result<Settled, Refusal> {
    for n in 2..2 + free_name::MAX_TRIES {
        let key = free_name::numbered(taken, n).map_err(|error| bad_name(&error))?.key().clone();
        if !claim(claims, &key) {
            continue;
        }
        let grant = caller.authorize::<Write>(bucket, key.clone())?;
        if let Look::Free | Look::Hidden = caller.look(bucket, &key).await? {
            return Ok(Settled::Write { grant, overwrite: Overwrite::Never });
        }
    }
    Err(Problem::new(
        ProblemKind::Conflict,
        "Too many of that name",
        format!("\u{201c}{taken}\u{201d} and {} names like it are taken.", free_name::MAX_TRIES),
        "Rename the file and try again.",
    )
    .into())
}

async fn put(caller: &Caller, grant: &Grant<Write>, object: &NewObject) -> Result<Transfer, Refusal> {
    let request = caller.portal.store.presign_put(grant, object, caller.limits.part_url_ttl_s).await;
    let request = request.map_err(|error| caller.report("presign PutObject", &error))?;
    Ok(Transfer::Put { request })
}

async fn multipart(
    caller: &Caller,
    grant: &Grant<Write>,
    layout: PartLayout,
    content_type: &str,
    overwrite: Overwrite,
    mark: &UploadMark,
) -> Result<Transfer, Refusal> {
    let upload_id = caller.portal.store.create_multipart_upload(grant, content_type, mark).await;
    let upload_id = upload_id.map_err(|error| caller.report("CreateMultipartUpload", &error))?;
    let bound = UploadTicket {
        user: caller.identity.user.clone(),
        bucket: grant.bucket().clone(),
        key: grant.resource().clone(),
        upload_id,
        mark: mark.clone(),
        size_bytes: layout.size(),
        part_size_bytes: layout.part_size(),
        overwrite,
        expires_at: caller.portal.now().plus_s(caller.limits.ticket_ttl_s),
    };
    Ok(Transfer::Multipart {
        ticket: ticket::seal(caller, &bound),
        part_size_bytes: bound.part_size_bytes,
        url_ttl_s: caller.limits.part_url_ttl_s,
    })
}

/// 128 random bits: nobody else's object carries them.
fn new_mark() -> Result<UploadMark, Refusal> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| {
        tracing::error!(%error, "no randomness");
        Refusal::from(Problem::new(
            ProblemKind::Internal,
            "The upload could not begin",
            "The portal could not make a name for it.",
            "Try again.",
        ))
    })?;
    Ok(UploadMark(random.iter().map(|byte| format!("{byte:02x}")).collect()))
}

fn bad_name(error: &KeyError) -> Refusal {
    Refusal::invalid("This name cannot be used", format!("Not accepted: {error}."), "Rename the file and try again.")
}

fn same_name_twice(key: &ObjectKey) -> Refusal {
    Problem::new(
        ProblemKind::Conflict,
        "The same name twice",
        format!("Two of these files would both be stored as \u{201c}{key}\u{201d}."),
        "Keep both, or rename one of them.",
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_upload_that_s3_keeps_waiting_is_to_be_asked_for_again_and_the_others_are_begun() {
        let uploads = CONCURRENT + 1;
        let ends_at = Instant::now() + Duration::from_secs(create_ends_after_s(uploads));
        let s3 = |at: usize| async move {
            if at == 0 {
                std::future::pending::<()>().await;
            }
            Ok(at)
        };
        let outcomes = in_order((0..uploads).map(|at| in_time(ends_at, s3(at))).collect()).await;
        assert_eq!(ends_at.elapsed(), Duration::ZERO);
        let (stuck, begun) = outcomes.split_first().expect("there are some");
        let problem = stuck.clone().expect_err("nothing came of it").into_problem();
        assert!(problem.kind.is_transient(), "{problem:?}");
        let begun: Vec<_> = begun.iter().map(|outcome| *outcome.as_ref().expect("S3 answered")).collect();
        assert_eq!(begun, (1..uploads).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_too_late_is_not_begun() {
        let late = in_time(Instant::now(), async { panic!("it was begun") });
        let refused: Result<(), _> = late.await;
        assert!(refused.is_err());
    }
}
