//! Buckets and what is stored for them.

use http::Method;

use crate::support::{Answer, REGION, Site, Wire};

async fn call(site: &Site, method: Method, parameter: &str, body: Option<&str>) -> Answer {
    let mut wire = Wire::bucket(method).query(parameter, "");
    if let Some(body) = body {
        wire = wire.body(body.to_owned());
    }
    site.send(wire.build()).await
}

/// Puts, reads back, keeps across a restart, deletes.
async fn kept(parameter: &str, body: &str, element: (&str, &str), missing: Option<(u16, &str)>) {
    let site = Site::new().await;
    if let Some((status, code)) = missing {
        call(&site, Method::GET, parameter, None).await.refused(status, code);
    }
    let put = call(&site, Method::PUT, parameter, Some(body)).await;
    assert!(put.status.is_success(), "{}", put.text());
    let site = site.restart().await;
    let read = call(&site, Method::GET, parameter, None).await.expect(200);
    assert_eq!(read.element(element.0).as_deref(), Some(element.1), "{}", read.text());
    call(&site, Method::DELETE, parameter, None).await.expect(204);
    let again = call(&site, Method::GET, parameter, None).await;
    match missing {
        Some((status, code)) => drop(again.refused(status, code)),
        None => drop(again.expect(200)),
    }
}

#[tokio::test]
async fn lifecycle_rules_are_kept() {
    let body = "<LifecycleConfiguration><Rule><ID>abort</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix>\
                </Filter><AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
                </AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>";
    let missing = Some((404, "NoSuchLifecycleConfiguration"));
    kept("lifecycle", body, ("DaysAfterInitiation", "1"), missing).await;
}

#[tokio::test]
async fn encryption_is_kept_and_never_missing() {
    let body = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
                </ServerSideEncryptionConfiguration>";
    kept("encryption", body, ("SSEAlgorithm", "aws:kms"), None).await;
}

#[tokio::test]
async fn the_public_access_block_is_kept() {
    let body = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls>\
                </PublicAccessBlockConfiguration>";
    let missing = Some((404, "NoSuchPublicAccessBlockConfiguration"));
    kept("publicAccessBlock", body, ("BlockPublicAcls", "true"), missing).await;
}

#[tokio::test]
async fn a_policy_is_kept_byte_for_byte() {
    let site = Site::new().await;
    call(&site, Method::GET, "policy", None).await.refused(404, "NoSuchBucketPolicy");
    call(&site, Method::PUT, "policy", Some("{")).await.refused(400, "MalformedPolicy");
    let policy = r#"{"Version": "2012-10-17",  "Statement": []}"#;
    let put = call(&site, Method::PUT, "policy", Some(policy)).await;
    assert!(put.status.is_success(), "{}", put.text());
    assert_eq!(call(&site, Method::GET, "policy", None).await.expect(200).text(), policy);
    call(&site, Method::DELETE, "policy", None).await.expect(204);
    call(&site, Method::GET, "policy", None).await.refused(404, "NoSuchBucketPolicy");
}

#[tokio::test]
async fn buckets_are_made_listed_and_removed() {
    let site = Site::new().await;
    let at = |method: Method, bucket: &str| Wire { path: format!("/{bucket}"), ..Wire::bucket(method) };
    site.send(at(Method::PUT, "third").body("").build()).await.expect(200);
    site.send(at(Method::PUT, "third").body("").build()).await.refused(409, "BucketAlreadyOwnedByYou");
    site.send(at(Method::PUT, "No_Name").body("").build()).await.refused(400, "InvalidBucketName");
    let listed = site.send(at(Method::GET, "").build()).await.expect(200);
    assert_eq!(listed.elements("Name"), ["data", "other", "third"]);
    let head = site.send(at(Method::HEAD, "third").build()).await.expect(200);
    assert_eq!(head.header("x-amz-bucket-region"), REGION);
    site.send(at(Method::DELETE, "third").build()).await.expect(204);
    site.send(at(Method::HEAD, "third").build()).await.expect(404);
    site.with("a", "x").await;
    site.send(at(Method::DELETE, "data").build()).await.refused(409, "BucketNotEmpty");
}

#[tokio::test]
async fn a_bucket_names_its_region() {
    let site = Site::new().await;
    let answer = call(&site, Method::GET, "location", None).await.expect(200);
    assert!(answer.text().contains(REGION), "{}", answer.text());
}

#[tokio::test]
async fn what_is_not_here_says_so() {
    let site = Site::new().await;
    for parameter in ["website", "replication", "accelerate", "inventory", "acl"] {
        let answer = call(&site, Method::GET, parameter, None).await;
        answer.refused(501, "NotImplemented");
    }
}
