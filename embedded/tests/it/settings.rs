//! What is stored for a bucket survives a restart, and what is not here says so.

use embedded::CorsRule;
use http::{Method, Request};

use crate::support::{Answer, FILES_HOST, Site, Wire};

/// Each setting's parameter, a document for it, and what to find in it afterwards.
const SETTINGS: [(&str, &str, &str); 6] = [
    (
        "lifecycle",
        "<LifecycleConfiguration><Rule><ID>abort</ID><Status>Enabled</Status><Filter><Prefix>a/</Prefix></Filter>\
         <AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>\
         </AbortIncompleteMultipartUpload></Rule></LifecycleConfiguration>",
        "<DaysAfterInitiation>1<",
    ),
    (
        "encryption",
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
         </ServerSideEncryptionConfiguration>",
        ">aws:kms<",
    ),
    (
        "publicAccessBlock",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        "<BlockPublicAcls>true<",
    ),
    ("policy", r#"{"Version": "2012-10-17",  "Statement": []}"#, r#"{"Version": "2012-10-17",  "Statement": []}"#),
    ("tagging", "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>", ">team<"),
    ("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>", ">Enabled<"),
];

async fn preflight(site: &Site, origin: &str) -> Answer {
    let request = Request::options("/a").header("host", FILES_HOST).header("origin", origin);
    let request = request.header("access-control-request-method", "GET");
    site.send(request.body(embedded::Body::empty()).unwrap()).await
}

#[tokio::test]
async fn settings_survive_a_restart() {
    let site = Site::new().await;
    for (parameter, document, _) in SETTINGS {
        let put = Wire::bucket(Method::PUT).query(parameter, "").body(document).with_md5();
        let answer = site.send(put.build()).await;
        assert!(answer.status.is_success(), "{parameter}: {}", answer.text());
    }
    let site = site.restart().await;
    for (parameter, _, found) in SETTINGS {
        let answer = site.send(Wire::bucket(Method::GET).query(parameter, "").build()).await.expect(200);
        assert!(answer.text().contains(found), "{parameter}: {}", answer.text());
    }
}

#[tokio::test]
async fn cors_rules_act_at_once_and_after_a_restart() {
    let site = Site::new().await;
    let portal = "http://localhost:3000";
    let rule = CorsRule {
        allowed_origins: vec![portal.to_owned()],
        allowed_methods: vec!["GET".to_owned()],
        ..CorsRule::default()
    };
    preflight(&site, portal).await.refused(403, "AccessForbidden");
    site.s3.set_cors("data", vec![rule]).await.unwrap();
    preflight(&site, portal).await.expect(200);
    let site = site.restart().await;
    preflight(&site, portal).await.expect(200);
    preflight(&site, "http://elsewhere").await.refused(403, "AccessForbidden");
    site.s3.set_cors("data", Vec::new()).await.unwrap();
    preflight(&site, portal).await.refused(403, "AccessForbidden");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_cors_rules_set_at_once_the_last_one_stored_is_in_force() {
    let site = Site::new().await;
    let call = || Wire::bucket(Method::GET).query("cors", "").build();
    for round in 0..20 {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let rule = CorsRule {
                    allowed_origins: vec![format!("http://{round}.{writer}")],
                    allowed_methods: vec!["GET".to_owned()],
                    ..CorsRule::default()
                };
                let s3 = site.s3.clone();
                tokio::spawn(async move { s3.set_cors("data", vec![rule]).await.unwrap() })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        let in_force = site.send(call()).await.expect(200).element("AllowedOrigin").unwrap();
        let index = rusqlite::Connection::open(site.folder().join("index.sqlite")).unwrap();
        let stored: String =
            index.query_row("SELECT document FROM bucket_setting WHERE kind = 'cors'", [], |row| row.get(0)).unwrap();
        assert!(stored.contains(&in_force), "{in_force} is in force, {stored} is stored");
    }
}

#[tokio::test]
async fn what_is_not_here_says_so() {
    let site = Site::new().await;
    for parameter in ["website", "replication", "accelerate", "inventory", "acl", "logging", "object-lock"] {
        let answer = site.send(Wire::bucket(Method::GET).query(parameter, "").build()).await;
        answer.refused(501, "NotImplemented");
    }
    for parameter in ["torrent", "acl", "legal-hold", "retention"] {
        let answer = site.send(Wire::new(Method::GET, "a").query(parameter, "").build()).await;
        answer.refused(501, "NotImplemented");
    }
    let wire = Wire::new(Method::PUT, "c").header("x-amz-server-side-encryption-customer-algorithm", "AES256");
    site.send(wire.body("x").build()).await.refused(501, "NotImplemented");
}

#[tokio::test]
async fn the_encryption_asked_for_is_answered() {
    let site = Site::new().await;
    let wire = Wire::new(Method::PUT, "b")
        .header("x-amz-server-side-encryption", "aws:kms")
        .header("x-amz-server-side-encryption-aws-kms-key-id", "alias/a")
        .body("x");
    site.send(wire.build()).await.expect(200);
    let head = site.head("b").await.expect(200);
    assert_eq!(head.header("x-amz-server-side-encryption"), "aws:kms");
    assert_eq!(head.header("x-amz-server-side-encryption-aws-kms-key-id"), "alias/a");
}

#[tokio::test]
async fn a_host_that_is_not_known_makes_no_bucket() {
    let site = Site::new().await;
    let mut wire = Wire::bucket(Method::PUT);
    "elsewhere.example".clone_into(&mut wire.host);
    "/".clone_into(&mut wire.path);
    let body = "<CreateBucketConfiguration><LocationConstraint>eu-central-1</LocationConstraint>\
                </CreateBucketConfiguration>";
    site.send(wire.body(body).build()).await.refused(400, "InvalidBucketName");
    let mut wire = Wire::bucket(Method::GET);
    "/".clone_into(&mut wire.path);
    assert_eq!(site.send(wire.build()).await.expect(200).elements("Name"), ["data", "other"]);
}
