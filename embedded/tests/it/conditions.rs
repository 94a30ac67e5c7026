//! Conditional requests: reads, writes, and many writers of whom one wins.

use http::Method;

use crate::support::{BUCKET, Site, Wire};

const PAST: &str = "Wed, 21 Oct 2015 07:28:00 GMT";
const FUTURE: &str = "Sun, 06 Nov 2294 08:49:37 GMT";

#[tokio::test]
async fn a_read_keeps_to_its_conditions() {
    let site = Site::new().await;
    site.with("a", "hello").await;
    let etag = site.head("a").await.header("etag").to_owned();
    let other = "\"00000000000000000000000000000000\"";
    let cases: [(&[(&str, &str)], u16); 12] = [
        (&[("if-match", &etag)], 200),
        (&[("if-match", "*")], 200),
        (&[("if-match", other)], 412),
        (&[("if-none-match", &etag)], 304),
        (&[("if-none-match", "*")], 304),
        (&[("if-none-match", other)], 200),
        (&[("if-modified-since", PAST)], 200),
        (&[("if-modified-since", FUTURE)], 304),
        (&[("if-unmodified-since", PAST)], 412),
        (&[("if-unmodified-since", FUTURE)], 200),
        // Where an ETag decides, the date is not looked at.
        (&[("if-match", &etag), ("if-unmodified-since", PAST)], 200),
        (&[("if-none-match", other), ("if-modified-since", FUTURE)], 200),
    ];
    for (headers, status) in cases {
        for method in [Method::GET, Method::HEAD] {
            let mut wire = Wire::new(method, "a");
            for (name, value) in headers {
                wire = wire.header(name, value);
            }
            let answer = site.send(wire.build()).await;
            assert_eq!(answer.status, status, "{headers:?}");
            if status == 304 {
                assert_eq!(answer.header("etag"), etag);
                assert!(answer.body.is_empty());
            }
        }
    }
}

#[tokio::test]
async fn if_none_match_star_refuses_to_overwrite() {
    let site = Site::new().await;
    let put =
        |body: &'static str| site.send(Wire::new(Method::PUT, "a").header("if-none-match", "*").body(body).build());
    put("first").await.expect(200);
    put("second").await.refused(412, "PreconditionFailed");
    assert_eq!(site.get("a").await.body, "first");
    site.delete("a").await;
    put("third").await.expect(200);
}

#[tokio::test]
async fn if_match_overwrites_only_what_it_names() {
    let site = Site::new().await;
    let put = |etag: String| site.send(Wire::new(Method::PUT, "a").header("if-match", &etag).body("new").build());
    put("\"00000000000000000000000000000000\"".to_owned()).await.refused(404, "NoSuchKey");
    site.with("a", "old").await;
    put("\"00000000000000000000000000000000\"".to_owned()).await.refused(412, "PreconditionFailed");
    assert_eq!(site.get("a").await.body, "old");
    let etag = site.head("a").await.header("etag").to_owned();
    put(etag).await.expect(200);
    assert_eq!(site.get("a").await.body, "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_writers_at_once_exactly_one_wins() {
    let site = Site::new().await;
    // Half of them small enough for the index, half of them in files.
    let writers: Vec<_> = (0..32_u8)
        .map(|number| {
            let s3 = site.s3.clone();
            let size = if number % 2 == 0 { 100 } else { 100_000 };
            let request = Wire::new(Method::PUT, "raced").header("if-none-match", "*").body(vec![number; size]).build();
            tokio::spawn(async move { (number, s3.call(request).await.status().as_u16()) })
        })
        .collect();
    let mut winner = None;
    for writer in writers {
        match writer.await.unwrap() {
            (number, 200) => assert_eq!(winner.replace(number), None, "two winners"),
            (_, status) => assert_eq!(status, 412),
        }
    }
    let winner = winner.unwrap();
    let stored = site.get("raced").await.expect(200).body;
    assert!(stored.iter().all(|byte| *byte == winner), "the winner's bytes and no other's");
    assert!(site.byte_files().len() <= 1, "nothing is left of the others");
}

#[tokio::test]
async fn a_copy_keeps_to_its_conditions() {
    let site = Site::new().await;
    site.with("a", "hello").await;
    let etag = site.head("a").await.header("etag").to_owned();
    let cases = [
        ("x-amz-copy-source-if-match", etag.as_str(), 200),
        ("x-amz-copy-source-if-match", "\"0\"", 412),
        ("x-amz-copy-source-if-none-match", etag.as_str(), 412),
        ("x-amz-copy-source-if-none-match", "\"0\"", 200),
        ("x-amz-copy-source-if-modified-since", FUTURE, 412),
        ("x-amz-copy-source-if-unmodified-since", PAST, 412),
    ];
    for (name, value, status) in cases {
        let wire = Wire::new(Method::PUT, "b").header("x-amz-copy-source", &format!("{BUCKET}/a")).header(name, value);
        let answer = site.send(wire.body("").build()).await;
        assert_eq!(answer.status, status, "{name}: {value}");
    }
    let wire =
        Wire::new(Method::PUT, "b").header("x-amz-copy-source", &format!("{BUCKET}/a")).header("if-none-match", "*");
    site.send(wire.body("").build()).await.refused(412, "PreconditionFailed");
}

#[tokio::test]
async fn a_delete_keeps_to_its_condition() {
    let site = Site::new().await;
    site.with("a", "hello").await;
    let etag = site.head("a").await.header("etag").to_owned();
    let delete = |etag: &str| Wire::new(Method::DELETE, "a").header("if-match", etag).build();
    site.send(delete("\"0\"")).await.refused(412, "PreconditionFailed");
    site.get("a").await.expect(200);
    site.send(delete(&etag)).await.expect(204);
}
