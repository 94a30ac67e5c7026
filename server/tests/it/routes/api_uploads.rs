//! Uploads, as a browser's engine asks for them: create, presign, send, complete, abort.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, header};
use domain::key::ObjectKey;
use domain::listing::ETag;
use domain::presign::PresignedRequest;
use domain::problem::{Problem, ProblemKind};
use domain::seal::Purpose;
use domain::store::Overwrite;
use domain::units::{ByteSize, PartNumber, UnixMillis};
use domain::upload::wire::{
    AbortOutcome, CompleteOutcome, CompleteUpload, CreateOutcome, CreateUploads, CreatedUpload, MAX_CREATES,
    MAX_PRESIGNS, NewUpload, OfTicket, OnConflict, PartInfo, PresignParts, Ticket, Transfer, UploadTicket,
    create_ends_after_s,
};
use embedded::{Action, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::support::{Answer, BEHIND_PROXY, PROXY_SECRET, TestSite, bucket, of_signed, script};

const MIB: u64 = 1024 * 1024;

/// Three parts: 8, 8 and 1 MiB.
const SIZE: u64 = 17 * MIB;

/// Decided beforehand, whatever is there.
const REPLACE: OnConflict = OnConflict::Replace { seen: None };

async fn call<T: Serialize>(site: &TestSite, address: &str, body: &T) -> Answer {
    call_as(site, "ada", address, body).await
}

async fn call_as<T: Serialize>(site: &TestSite, user: &str, address: &str, body: &T) -> Answer {
    let request = script(Method::POST, address)
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-forwarded-user", user)
        .header("x-causeway-secret", PROXY_SECRET)
        .body(Body::from(serde_json::to_vec(body).unwrap()));
    site.send(request.unwrap()).await
}

fn read<T: DeserializeOwned>(answer: &Answer) -> T {
    assert_eq!((answer.status(), answer.header("cache-control")), (200, "no-store"), "{}", answer.body());
    serde_json::from_str(&answer.body()).unwrap()
}

fn wish(key: &str, size_bytes: u64, on_conflict: OnConflict) -> NewUpload {
    NewUpload {
        key: key.to_owned(),
        size_bytes: ByteSize(size_bytes),
        content_type: "text/plain".to_owned(),
        on_conflict,
    }
}

async fn create(site: &TestSite, uploads: Vec<NewUpload>) -> Vec<CreateOutcome> {
    read(&call(site, "/api/uploads/create", &CreateUploads { bucket: bucket(), uploads }).await)
}

async fn create_one(site: &TestSite, upload: NewUpload) -> CreateOutcome {
    let mut outcomes = create(site, vec![upload]).await;
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0)
}

fn created(outcome: CreateOutcome) -> CreatedUpload {
    match outcome {
        CreateOutcome::Created(created) => created,
        other => panic!("not created: {other:?}"),
    }
}

fn ticket_of(created: &CreatedUpload) -> Ticket {
    match &created.transfer {
        Transfer::Multipart { ticket, part_size_bytes, url_ttl_s } => {
            assert_eq!((*part_size_bytes, *url_ttl_s), (ByteSize(8 * MIB), 900));
            ticket.clone()
        }
        Transfer::Put { .. } => panic!("not in parts"),
    }
}

fn request_of(created: &CreatedUpload) -> &PresignedRequest {
    match &created.transfer {
        Transfer::Put { request } => request,
        Transfer::Multipart { .. } => panic!("not in one PUT"),
    }
}

async fn begin(site: &TestSite, key: &str) -> Ticket {
    ticket_of(&created(create_one(site, wish(key, SIZE, OnConflict::Refuse)).await))
}

async fn send(site: &TestSite, request: &PresignedRequest, body: Vec<u8>) -> u16 {
    site.send(of_signed(request).header(header::CONTENT_LENGTH, body.len()).body(Body::from(body)).unwrap())
        .await
        .status()
}

fn numbers(numbers: &[u16]) -> Vec<PartNumber> {
    numbers.iter().map(|number| PartNumber::new(*number).unwrap()).collect()
}

/// Signs and sends parts, each filled with its number.
async fn send_parts(site: &TestSite, ticket: &Ticket, parts: &[u16]) {
    let asked = PresignParts { ticket: ticket.clone(), parts: numbers(parts) };
    let signed: Vec<PresignedRequest> = read(&call(site, "/api/uploads/presign", &asked).await);
    for (request, number) in signed.iter().zip(parts) {
        let size = if *number == 3 { MIB } else { 8 * MIB };
        let body = vec![u8::try_from(*number).unwrap(); usize::try_from(size).unwrap()];
        assert_eq!(send(site, request, body).await, 200, "part {number}");
    }
}

async fn complete(site: &TestSite, ticket: &Ticket, replace: Option<ETag>) -> Answer {
    call(site, "/api/uploads/complete", &CompleteUpload { ticket: ticket.clone(), replace }).await
}

#[tokio::test]
async fn an_upload_that_nobody_finishes_is_discarded_in_a_week_and_not_before_its_ticket_ends() {
    const DAY_S: u64 = 24 * 3600;
    let site = TestSite::with(BEHIND_PROXY).await;
    let ticket = begin(&site, "left.bin").await;
    send_parts(&site, &ticket, &[1]).await;
    let now = site.portal.now();
    assert_eq!(site.discarded_by(now.plus_s(7 * DAY_S)).await, 0, "a ticket may live as long");
    assert_eq!(site.discarded_by(now.plus_s(9 * DAY_S)).await, 1);
    assert_eq!(call(&site, "/api/uploads/parts", &OfTicket { ticket }).await.status(), 404);
}

fn stored(answer: &Answer) -> ETag {
    match read(answer) {
        CompleteOutcome::Stored { etag, .. } => etag,
        other => panic!("not stored: {other:?}"),
    }
}

async fn parts(site: &TestSite, ticket: &Ticket) -> Answer {
    call(site, "/api/uploads/parts", &OfTicket { ticket: ticket.clone() }).await
}

#[tokio::test]
async fn a_small_object_travels_in_one_request() {
    let site = TestSite::new().await;
    for (key, size) in [("in/one.txt", 5), ("in/empty", 0), ("in/folder/", 0)] {
        let created = created(create_one(&site, wish(key, size, OnConflict::Refuse)).await);
        assert_eq!(created.key.as_str(), key);
        let body = vec![b'x'; usize::try_from(size).unwrap()];
        assert_eq!(send(&site, request_of(&created), body).await, 200);
        let url = site.sign_get(key, 60).await;
        assert_eq!(site.follow(url.url.expose()).await.body().len(), usize::try_from(size).unwrap());
    }
}

#[tokio::test]
async fn a_large_object_travels_in_parts_and_arrives_whole() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/large").await;
    send_parts(&site, &ticket, &[3, 1, 2]).await;
    let listed: Vec<PartInfo> = read(&parts(&site, &ticket).await);
    let sizes: Vec<_> = listed.iter().map(|part| (part.number.get(), part.size_bytes.0)).collect();
    assert_eq!(sizes, [(1, 8 * MIB), (2, 8 * MIB), (3, MIB)]);
    let etag = stored(&complete(&site, &ticket, None).await);
    assert!(etag.0.ends_with("-3\""), "{etag:?}");
    let url = site.sign_get("in/large", 60).await;
    let body = site.follow(url.url.expose()).await.body().into_bytes();
    assert_eq!(body.len(), usize::try_from(SIZE).unwrap());
    let expected = [(1, 8 * MIB), (2, 8 * MIB), (3, MIB)];
    let mut at = 0;
    for (filling, size) in expected {
        let end = at + usize::try_from(size).unwrap();
        assert!(body[at..end].iter().all(|byte| *byte == filling), "part {filling}");
        at = end;
    }
}

#[tokio::test]
async fn completing_again_answers_the_same_for_the_answer_may_have_been_lost() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/again").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    let lost = site.disturb(Fault::on("CompleteMultipartUpload").times(1), Action::DropAnswer { after_bytes: 0 });
    let answer = complete(&site, &ticket, None).await;
    assert_eq!((lost.fired(), answer.status()), (1, 502), "{}", answer.body());
    let etag = stored(&complete(&site, &ticket, None).await);
    assert_eq!(stored(&complete(&site, &ticket, None).await), etag);
}

#[tokio::test]
async fn another_object_is_not_taken_for_an_upload_that_is_gone() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/gone").await;
    assert_eq!(discard(&site, &ticket).await, AbortOutcome::Discarded);
    assert!(complete(&site, &ticket, None).await.problem().contains("UploadNotFound"));
    // Of the same size, in as many parts, and later: what a colleague stores from the same template.
    let other = ticket_of(&created(create_one(&site, wish("in/gone", SIZE, OnConflict::Refuse)).await));
    send_parts(&site, &other, &[1, 2, 3]).await;
    let stored = stored(&complete(&site, &other, None).await);
    assert!(complete(&site, &ticket, None).await.problem().contains("UploadNotFound"));
    // However long tickets live by today's settings.
    let longer = reseal(&site, &other, |ticket| ticket.expires_at = UnixMillis(u64::MAX));
    assert_eq!(self::stored(&complete(&site, &longer, None).await), stored);
}

#[tokio::test]
async fn an_upload_knows_the_object_that_it_stored() {
    let site = TestSite::new().await;
    let small = created(create_one(&site, wish("in/small", 5, OnConflict::Refuse)).await);
    assert_eq!(send(&site, request_of(&small), b"small".to_vec()).await, 200);
    let large = created(create_one(&site, wish("in/large", SIZE, OnConflict::Refuse)).await);
    send_parts(&site, &ticket_of(&large), &[1, 2, 3]).await;
    stored(&complete(&site, &ticket_of(&large), None).await);
    assert_ne!(small.mark, large.mark);
    site.put("in/other", "other").await;
    for (key, mark) in [("in/small", Some(small.mark)), ("in/large", Some(large.mark)), ("in/other", None)] {
        match create_one(&site, wish(key, 5, OnConflict::Refuse)).await {
            CreateOutcome::Exists(meta) => assert_eq!(meta.mark, mark, "{key}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn an_object_with_a_hole_is_never_made() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/hole").await;
    for (sent, missing) in [(&[][..], &[1, 2, 3][..]), (&[3], &[1, 2]), (&[1], &[2])] {
        send_parts(&site, &ticket, sent).await;
        let outcome: CompleteOutcome = read(&complete(&site, &ticket, None).await);
        assert_eq!(outcome, CompleteOutcome::Missing(numbers(missing)));
    }
    send_parts(&site, &ticket, &[2]).await;
    stored(&complete(&site, &ticket, None).await);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_before_the_first_byte() {
    let site = TestSite::new().await.with_object("in/report.pdf", 3).await;
    for size in [5, SIZE] {
        match create_one(&site, wish("in/report.pdf", size, OnConflict::Refuse)).await {
            CreateOutcome::Exists(meta) => {
                assert_eq!((meta.key.as_str(), meta.size_bytes), ("in/report.pdf", ByteSize(3)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn replacing_replaces_what_was_there_and_nothing_newer() {
    let site = TestSite::new().await.with_object("a", 3).await;
    let first = created(create_one(&site, wish("a", 5, REPLACE)).await);
    let second = created(create_one(&site, wish("a", 5, REPLACE)).await);
    assert_eq!(send(&site, request_of(&first), b"first".to_vec()).await, 200);
    assert_eq!(send(&site, request_of(&second), b"later".to_vec()).await, 412);
    let new = created(create_one(&site, wish("new", 5, REPLACE)).await);
    site.put("new", "meanwhile").await;
    assert_eq!(send(&site, request_of(&new), b"later".to_vec()).await, 412);
}

#[tokio::test]
async fn only_what_the_person_saw_is_replaced() {
    let site = TestSite::new().await.with_object("a", 3).await;
    let shown = |outcome| match outcome {
        CreateOutcome::Exists(meta) => meta,
        other => panic!("{other:?}"),
    };
    let seen = shown(create_one(&site, wish("a", 5, OnConflict::Refuse)).await).etag;
    let replace = |seen: &ETag| wish("a", 5, OnConflict::Replace { seen: Some(seen.clone()) });
    site.put("a", "newer").await;
    let newer = shown(create_one(&site, replace(&seen)).await);
    assert_ne!(newer.etag, seen);
    let replacing = created(create_one(&site, replace(&newer.etag)).await);
    assert_eq!(send(&site, request_of(&replacing), b"later".to_vec()).await, 200);
    // What is gone by then needs no asking.
    let gone = OnConflict::Replace { seen: Some(seen) };
    let created = created(create_one(&site, wish("nothing there", 5, gone)).await);
    assert_eq!(send(&site, request_of(&created), b"later".to_vec()).await, 200);
}

#[tokio::test]
async fn keeping_both_finds_a_free_name() {
    let site = TestSite::new().await.with_object("in/report.pdf", 3).await.with_object("in/report (2).pdf", 3).await;
    let outcomes = create(
        &site,
        vec![
            wish("in/report.pdf", 5, OnConflict::KeepBoth),
            wish("in/report.pdf", 5, OnConflict::KeepBoth),
            wish("in/report (4).pdf", 5, OnConflict::KeepBoth),
            wish("in/free.pdf", 5, OnConflict::KeepBoth),
        ],
    )
    .await;
    let mut keys: Vec<String> = outcomes.into_iter().map(|outcome| created(outcome).key.into()).collect();
    keys[..2].sort_unstable();
    assert_eq!(keys, ["in/report (3).pdf", "in/report (5).pdf", "in/report (4).pdf", "in/free.pdf"]);
}

#[tokio::test]
async fn an_empty_folder_that_is_there_already_is_no_conflict() {
    let site = TestSite::new().await.with_object("in/folder/", 0).await;
    let created = created(create_one(&site, wish("in/folder/", 0, OnConflict::Refuse)).await);
    assert_eq!(send(&site, request_of(&created), Vec::new()).await, 200);
}

#[tokio::test]
async fn two_names_that_become_one_are_not_written_over_each_other() {
    let site = TestSite::new().await;
    let composed_and_not =
        |on_conflict: OnConflict| vec![wish("caf\u{e9}", 5, on_conflict.clone()), wish("cafe\u{301}", 5, on_conflict)];
    let mut outcomes = create(&site, composed_and_not(OnConflict::Refuse)).await;
    match outcomes.remove(1) {
        CreateOutcome::Refused(problem) => assert_eq!(problem.kind, ProblemKind::Conflict),
        other => panic!("{other:?}"),
    }
    assert_eq!(created(outcomes.remove(0)).key.as_str(), "caf\u{e9}");
    let keys: Vec<String> = create(&site, composed_and_not(OnConflict::KeepBoth))
        .await
        .into_iter()
        .map(|outcome| created(outcome).key.into())
        .collect();
    assert_eq!(keys, ["caf\u{e9}", "caf\u{e9} (2)"]);
}

#[tokio::test]
async fn one_name_that_cannot_be_does_not_stop_the_others() {
    let site = TestSite::new().await;
    let outcomes = create(
        &site,
        vec![
            wish("a//b", 1, OnConflict::Refuse),
            wish("good", 1, OnConflict::Refuse),
            wish("too large", u64::MAX, OnConflict::Refuse),
            wish(".causeway/x", 1, OnConflict::Refuse),
        ],
    )
    .await;
    let refused: Vec<bool> = outcomes.iter().map(|outcome| matches!(outcome, CreateOutcome::Refused(_))).collect();
    assert_eq!(refused, [true, false, true, true]);
    for outcome in outcomes {
        if let CreateOutcome::Refused(problem) = outcome {
            assert_eq!(problem.kind, ProblemKind::InvalidRequest, "{problem:?}");
        }
    }
}

#[tokio::test]
async fn a_name_taken_meanwhile_is_told_at_the_end_and_the_parts_are_kept() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/race").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    site.put("in/race", "first").await;
    let shown = |answer: &Answer| match read(answer) {
        CompleteOutcome::Exists(meta) => meta,
        other => panic!("{other:?}"),
    };
    let first = shown(&complete(&site, &ticket, None).await);
    assert_eq!(first.size_bytes, ByteSize(5));
    site.put("in/race", "a second").await;
    let second = shown(&complete(&site, &ticket, Some(first.etag)).await);
    assert_eq!(second.size_bytes, ByteSize(8), "what the person did not see is not replaced");
    stored(&complete(&site, &ticket, Some(second.etag)).await);
}

/// The ticket's content, changed, and sealed again as only the portal can.
fn reseal(site: &TestSite, ticket: &Ticket, change: impl FnOnce(&mut UploadTicket)) -> Ticket {
    let mut opened: UploadTicket = site.portal.keyring.open(Purpose::UploadTicket, &ticket.0).unwrap();
    change(&mut opened);
    Ticket(site.portal.keyring.seal(Purpose::UploadTicket, &opened))
}

#[tokio::test]
async fn an_object_to_replace_that_is_gone_by_then_hinders_nothing() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/replaced").await;
    let ticket = reseal(&site, &ticket, |ticket| ticket.overwrite = Overwrite::IfMatch(ETag("\"gone\"".to_owned())));
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    stored(&complete(&site, &ticket, None).await);
}

#[tokio::test]
async fn a_ticket_is_good_for_its_upload_its_person_and_its_time() {
    let site = TestSite::with(BEHIND_PROXY).await;
    let ticket = begin(&site, "in/ticket").await;
    let cut = Ticket(ticket.0[..ticket.0.len() - 1].to_owned());
    let ended = reseal(&site, &ticket, |ticket| ticket.expires_at = UnixMillis(1));
    let reserved = reseal(&site, &ticket, |ticket| ticket.key = ObjectKey::parse(".causeway/x").unwrap());
    let link = Ticket(site.portal.keyring.seal(Purpose::ShareLink, &ticket.0));
    for (user, ticket, expected) in [
        ("ada", cut, "InvalidRequest"),
        ("ada", Ticket("none".to_owned()), "InvalidRequest"),
        ("ada", link, "InvalidRequest"),
        ("ada", ended, "Expired"),
        ("ada", reserved, "Forbidden"),
        ("eve", ticket.clone(), "Forbidden"),
    ] {
        let presign = PresignParts { ticket: ticket.clone(), parts: numbers(&[1]) };
        let complete = CompleteUpload { ticket: ticket.clone(), replace: Some(ETag("\"e\"".to_owned())) };
        let of_ticket = OfTicket { ticket };
        for answer in [
            call_as(&site, user, "/api/uploads/presign", &presign).await,
            call_as(&site, user, "/api/uploads/complete", &complete).await,
            call_as(&site, user, "/api/uploads/parts", &of_ticket).await,
            call_as(&site, user, "/api/uploads/abort", &of_ticket).await,
        ] {
            assert!(answer.problem().contains(expected), "{user}, {expected}: {}", answer.problem());
        }
    }
    assert_eq!(read::<Vec<PartInfo>>(&parts(&site, &ticket).await), []);
}

#[tokio::test]
async fn nothing_is_signed_that_the_ticket_does_not_cover() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/covered").await;
    let beyond = PresignParts { ticket: ticket.clone(), parts: numbers(&[1, 4]) };
    insta::assert_snapshot!(call(&site, "/api/uploads/presign", &beyond).await.problem(), @r"
    400 Bad Request
    InvalidRequest: No such part
    The upload has 3 parts; there is no part 4.
    Upload the file again.
    ");
    let asked = PresignParts { ticket, parts: numbers(&[1]) };
    let signed: Vec<PresignedRequest> = read(&call(&site, "/api/uploads/presign", &asked).await);
    assert_eq!(send(&site, &signed[0], vec![1; usize::try_from(MIB).unwrap()]).await, 403);
}

#[tokio::test]
async fn discarding_twice_is_discarding() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/discarded").await;
    send_parts(&site, &ticket, &[1]).await;
    for _ in 0..2 {
        assert_eq!(discard(&site, &ticket).await, AbortOutcome::Discarded);
    }
    assert!(parts(&site, &ticket).await.problem().contains("UploadNotFound"));
    // Somebody else's object under that name is not taken for this upload's.
    site.put("in/discarded", "other").await;
    assert_eq!(discard(&site, &ticket).await, AbortOutcome::Discarded);
}

async fn discard(site: &TestSite, ticket: &Ticket) -> AbortOutcome {
    read(&call(site, "/api/uploads/abort", &OfTicket { ticket: ticket.clone() }).await)
}

#[tokio::test]
async fn what_was_stored_before_it_was_discarded_is_told_as_stored() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/stored").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    stored(&complete(&site, &ticket, None).await);
    assert_eq!(discard(&site, &ticket).await, AbortOutcome::Stored);
}

#[tokio::test]
async fn a_call_that_asks_for_too_much_or_cannot_be_read_is_refused() {
    let site = TestSite::new().await;
    let many = (0..=MAX_CREATES).map(|n| wish(&n.to_string(), 1, OnConflict::Refuse)).collect();
    let many = call(&site, "/api/uploads/create", &CreateUploads { bucket: bucket(), uploads: many }).await;
    assert!(many.status() == 400 && many.problem().contains("At most 100"), "{}", many.body());
    let ticket = begin(&site, "in/many").await;
    let asked = PresignParts { ticket, parts: numbers(&vec![1; MAX_PRESIGNS + 1]) };
    assert_eq!(call(&site, "/api/uploads/presign", &asked).await.status(), 400);
    let elsewhere = CreateUploads { bucket: domain::access::BucketName("nobodys".to_owned()), uploads: Vec::new() };
    assert_eq!(call(&site, "/api/uploads/create", &elsewhere).await.status(), 404);
    for (content_type, body, status) in
        [("application/json", "{", 400), ("application/json", "[]", 422), ("text/plain", "{}", 415)]
    {
        let request = script(Method::POST, "/api/uploads/create").header(header::CONTENT_TYPE, content_type);
        let answer = site.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status(), status, "{body}");
        assert!(answer.problem().contains("InvalidRequest"), "{}", answer.body());
    }
}

#[tokio::test]
async fn what_s3_says_in_a_200_is_not_taken_for_success() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/internal error").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    let error = Action::ErrorWithin200 { code: "InternalError".to_owned() };
    let struck = site.disturb(Fault::on("CompleteMultipartUpload").times(1), error);
    let answer = complete(&site, &ticket, None).await;
    assert!(answer.status() == 502 && answer.problem().contains("StorageUnavailable"), "{}", answer.body());
    assert_eq!(struck.fired(), 1, "a change whose outcome is unknown is not sent again");
    stored(&complete(&site, &ticket, None).await);
}

#[tokio::test]
async fn a_part_that_arrives_between_list_and_completion_is_asked_about_again() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/late part").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    for code in ["InvalidPart", "InvalidPartOrder", "EntityTooSmall"] {
        let error = Action::Error { status: 400, code: code.to_owned() };
        site.disturb(Fault::on("CompleteMultipartUpload").times(1), error);
        let answer = complete(&site, &ticket, None).await;
        assert_eq!(answer.status(), 409, "{code}");
        let problem: Problem = serde_json::from_str(&answer.body()).unwrap();
        assert_eq!((problem.kind, problem.incident.is_empty()), (ProblemKind::IncompleteUpload, false), "{code}");
    }
    stored(&complete(&site, &ticket, None).await);
}

#[tokio::test]
async fn a_busy_s3_is_passed_on_with_when_to_come_back() {
    let site = TestSite::new().await;
    let ticket = begin(&site, "in/busy").await;
    send_parts(&site, &ticket, &[1, 2, 3]).await;
    let slow = Action::Error { status: 503, code: "SlowDown".to_owned() };
    site.disturb(Fault::on("CompleteMultipartUpload").times(1), slow.clone());
    let answer = complete(&site, &ticket, None).await;
    assert!(answer.status() == 503 && answer.problem().contains("Busy"), "{}", answer.body());
    assert_eq!(answer.header("retry-after"), "2");
    site.disturb(Fault::on("CreateMultipartUpload").times(1), slow);
    match create_one(&site, wish("in/busy 2", SIZE, OnConflict::Refuse)).await {
        CreateOutcome::Refused(problem) => {
            assert_eq!(problem.kind, ProblemKind::Busy);
            assert!(!problem.incident.is_empty());
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_s3_keeps_waiting_is_told_to_be_asked_for_again_before_its_client_gives_up() {
    let site = TestSite::new().await.with_object("x.txt", 1).await;
    for n in 2..14 {
        site.put(&format!("x ({n}).txt"), "x").await;
    }
    site.disturb(Fault::on("HeadObject"), Action::Delay(Duration::from_secs(5)));
    let began = Instant::now();
    let uploads = vec![wish("x.txt", 1, OnConflict::KeepBoth), wish("y.txt", 1, OnConflict::Refuse)];
    let answer = call(&site, "/api/uploads/create", &CreateUploads { bucket: bucket(), uploads }).await;
    let outcomes: Vec<CreateOutcome> = read(&answer);
    let [CreateOutcome::Refused(late), CreateOutcome::Created(_)] = outcomes.as_slice() else { panic!("{outcomes:?}") };
    assert_eq!(late.kind, ProblemKind::StorageUnavailable);
    assert_eq!(late.incident, answer.header("x-request-id"));
    assert_eq!(began.elapsed().as_secs(), create_ends_after_s(2));
}
