//! What is acknowledged stays, and what is not leaves nothing.

use bytes::Bytes;
use embedded::{Body, Credentials, Embedded, OpenError, Settings};
use http::Method;

use crate::support::connection::exchange;
use crate::support::process::Process;
use crate::support::{Site, Wire};

/// A body that breaks off after these bytes.
fn cut_off(bytes: usize) -> Body {
    let frames = futures_util::stream::iter([
        Ok(http_body::Frame::data(Bytes::from(vec![1; bytes]))),
        Err(std::io::Error::other("the connection broke")),
    ]);
    Body::http_body(http_body_util::StreamBody::new(frames))
}

/// A PUT of a body that never ends.
fn endless(key: &str) -> http::Request<Body> {
    let first =
        futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(vec![1; 500_000])))]);
    let frames = futures_util::StreamExt::chain(first, futures_util::stream::pending());
    let body = Body::http_body(http_body_util::StreamBody::new(frames));
    let mut wire =
        Wire::new(Method::PUT, key).sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned()));
    wire.headers.push(("content-length".to_owned(), "1000000".to_owned()));
    wire.build_with(body)
}

#[tokio::test]
async fn objects_and_uploads_survive_a_restart() {
    let site = Site::new().await;
    let large = vec![3; 1_000_000];
    site.with("small", "x").await.with("large", large.clone()).await;
    let wire = Wire::new(Method::POST, "upload").query("uploads", "");
    let upload = site.send(wire.build()).await.expect(200).element("UploadId").unwrap();
    let wire = Wire::new(Method::PUT, "upload").query("partNumber", "1").query("uploadId", &upload);
    site.send(wire.body(large.clone()).build()).await.expect(200);
    let site = site.restart().await;
    assert_eq!(site.get("small").await.expect(200).body, "x");
    assert!(site.get("large").await.expect(200).body == large);
    let wire = Wire::new(Method::GET, "upload").query("uploadId", &upload);
    assert_eq!(site.send(wire.build()).await.expect(200).elements("PartNumber"), ["1"]);
}

#[tokio::test]
async fn a_put_cut_off_leaves_nothing() {
    let site = Site::new().await;
    site.with("a", "before").await;
    for bytes in [10, 500_000] {
        let mut wire =
            Wire::new(Method::PUT, "a").sign_with(|signing| signing.payload = Some("UNSIGNED-PAYLOAD".to_owned()));
        wire.headers.push(("content-length".to_owned(), "1000000".to_owned()));
        site.send(wire.build_with(cut_off(bytes))).await.refused(400, "IncompleteBody");
        assert_eq!(site.get("a").await.body, "before");
        assert!(site.byte_files().is_empty());
    }
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let site = Site::new().await;
    // The request is dropped while the bytes are on their way to the disk.
    let request = endless("a");
    let s3 = site.s3.clone();
    let put = tokio::spawn(async move { s3.call(request).await.status() });
    while site.byte_files().is_empty() {
        tokio::task::yield_now().await;
    }
    put.abort();
    assert!(put.await.unwrap_err().is_cancelled());
    while !site.byte_files().is_empty() {
        tokio::task::yield_now().await;
    }
    site.get("a").await.refused(404, "NoSuchKey");
}

/// Clients that take their time hold nobody up, however many they are: here there are two threads for the disk.
#[test]
fn slow_uploads_hold_nobody_up() {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).max_blocking_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let site = Site::new().await;
        let slow: Vec<_> = (0..20)
            .map(|number| {
                let (s3, request) = (site.s3.clone(), endless(&format!("slow/{number}")));
                tokio::spawn(async move { s3.call(request).await.status() })
            })
            .collect();
        let others = async {
            while site.byte_files().len() < 20 {
                tokio::task::yield_now().await;
            }
            site.put("a", vec![2; 100_000]).await.expect(200);
            site.get("a").await.expect(200);
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), others).await.expect("somebody is held up");
        slow.iter().for_each(tokio::task::JoinHandle::abort);
        while site.byte_files().len() > 1 {
            tokio::task::yield_now().await;
        }
    });
}

#[tokio::test]
async fn bytes_without_a_name_are_swept_at_the_start() {
    let site = Site::new().await;
    site.with("kept", vec![1; 100_000]).await;
    let kept = site.byte_files();
    let orphan = kept[0].with_file_name("00000000000000000000000000000000");
    std::fs::write(&orphan, "left behind").unwrap();
    let site = site.restart().await;
    assert_eq!(site.byte_files(), kept);
    site.get("kept").await.expect(200);
}

#[tokio::test]
async fn a_body_of_another_length_than_declared_leaves_nothing() {
    let site = Site::new().await;
    let wire = Wire::by_host(Method::PUT, "a").presigned().body("12345");
    for other in ["123456", "1234", ""] {
        let body = embedded::body(Bytes::from_static(other.as_bytes()));
        site.send(wire.clone().build_with(body)).await.refused(400, "IncompleteBody");
        site.get("a").await.refused(404, "NoSuchKey");
    }
    site.send(wire.build()).await.expect(200);
}

#[test]
fn a_refusal_reaches_the_one_who_is_still_sending() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(folder.path(), &[]);
    let refused = [
        process.wire(Method::PUT, "a").sign_with(|signing| signing.secret_key = "wrong".to_owned()),
        process.wire(Method::PUT, "a").query("partNumber", "1").query("uploadId", "none"),
    ];
    for (wire, status) in refused.into_iter().zip([403, 404]) {
        let body = vec![0; 20_000_000];
        let head = wire.body(body.clone()).signed();
        assert_eq!(exchange(&process.address, &head, &body).unwrap().status, status);
    }
}

async fn open(folder: &std::path::Path) -> Result<Embedded, OpenError> {
    Embedded::open(Settings {
        data_dir: folder.to_owned(),
        region: "eu-central-1".to_owned(),
        credentials: Credentials { access_key_id: "a".to_owned(), secret_access_key: "b".to_owned() },
        hosts: std::collections::HashMap::new(),
        buckets: Vec::new(),
    })
    .await
}

#[tokio::test]
async fn a_folder_in_use_is_not_opened_twice() {
    let site = Site::new().await;
    assert!(matches!(open(site.folder()).await, Err(OpenError::InUse(_))));
}

#[tokio::test]
async fn bytes_without_an_index_are_not_swept() {
    let site = Site::new().await;
    site.with("kept", vec![1; 100_000]).await;
    let kept = site.byte_files();
    let folder = site.stop();
    let index = folder.path().join("index.sqlite");
    let aside = folder.path().join("aside");
    std::fs::rename(&index, &aside).unwrap();
    // The second time there is an index, of nothing: the first try has left it.
    for _ in 0..2 {
        assert!(matches!(open(folder.path()).await, Err(OpenError::NoIndex(_))));
    }
    std::fs::rename(&aside, &index).unwrap();
    let site = Site::on(folder).await;
    assert_eq!(site.byte_files(), kept);
    site.get("kept").await.expect(200);
}
