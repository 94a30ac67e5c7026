//! S3 as far as uploads see it: objects, unfinished uploads and their parts, conditions on writing.

use std::collections::{BTreeMap, BTreeSet};

use domain::key::ObjectKey;
use domain::listing::{ETag, ObjectMeta, UploadMark};
use domain::presign::{PresignedRequest, SignedUrl};
use domain::store::Overwrite;
use domain::units::{ByteSize, PartNumber, UnixMillis};
use domain::upload::io::TransferFailure;
use domain::upload::plan::PartLayout;

/// What a URL was signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Object { key: String, overwrite: Overwrite, mark: UploadMark },
    Part { upload: usize, part: PartNumber },
}

#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) size: u64,
    pub(crate) modified: UnixMillis,
    pub(crate) etag: String,
    /// `None` for what no upload stored.
    pub(crate) mark: Option<UploadMark>,
}

#[derive(Clone, Debug)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) layout: PartLayout,
    pub(crate) overwrite: Overwrite,
    pub(crate) initiated: UnixMillis,
    pub(crate) mark: UploadMark,
    pub(crate) parts: BTreeMap<PartNumber, u64>,
    pub(crate) alive: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Storage {
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) uploads: Vec<Upload>,
    /// Every object that uploads ever stored: others may replace it later.
    pub(crate) stored: BTreeSet<(String, u64)>,
    signed: Vec<Target>,
    written: u64,
}

pub(crate) enum Answer {
    Stored,
    Refused(TransferFailure),
}

fn refused(status: u16, code: &str) -> Answer {
    Answer::Refused(TransferFailure::Http { status, code: Some(code.to_owned()), has_expires: false })
}

impl Storage {
    pub(crate) fn sign(&mut self, target: Target, expires_at: UnixMillis) -> PresignedRequest {
        self.signed.push(target);
        let url = SignedUrl::new((self.signed.len() - 1).to_string());
        PresignedRequest { method: "PUT".to_owned(), url, headers: Vec::new(), expires_at }
    }

    pub(crate) fn target(&self, request: &PresignedRequest) -> Target {
        self.signed[request.url.expose().parse::<usize>().unwrap()].clone()
    }

    /// Stores what came with a signed request; also tells whether it was there before.
    pub(crate) fn put(&mut self, target: &Target, length: u64, now: UnixMillis) -> (Answer, bool) {
        match target {
            Target::Part { upload, part } => {
                let upload = &mut self.uploads[*upload];
                if !upload.alive {
                    return (refused(404, "NoSuchUpload"), false);
                }
                let again = upload.parts.insert(*part, length).is_some();
                (Answer::Stored, again)
            }
            Target::Object { key, overwrite, mark } => {
                if matches!(overwrite, Overwrite::IfMatch(_)) && !self.objects.contains_key(key) {
                    return (refused(404, "NoSuchKey"), false);
                }
                if !self.may_write(key, overwrite) {
                    return (refused(412, "PreconditionFailed"), false);
                }
                let etag = self.next_etag("");
                self.stored.insert((key.clone(), length));
                let object = Object { size: length, modified: now, etag, mark: Some(mark.clone()) };
                (Answer::Stored, self.objects.insert(key.clone(), object).is_some())
            }
        }
    }

    pub(crate) fn next_etag(&mut self, suffix: &str) -> String {
        self.written += 1;
        format!("\"{:032x}{suffix}\"", self.written)
    }

    pub(crate) fn may_write(&self, key: &str, overwrite: &Overwrite) -> bool {
        match (self.objects.get(key), overwrite) {
            (None, Overwrite::IfMatch(_)) => false,
            (None, _) | (Some(_), Overwrite::Always) => true,
            (Some(_), Overwrite::Never) => false,
            (Some(object), Overwrite::IfMatch(etag)) => object.etag == etag.0,
        }
    }

    pub(crate) fn meta(&self, key: &str) -> Option<ObjectMeta> {
        self.objects.get(key).map(|object| ObjectMeta {
            key: ObjectKey::parse(key).unwrap(),
            size_bytes: ByteSize(object.size),
            // S3's times are whole seconds.
            last_modified: UnixMillis(object.modified.0 / 1000 * 1000),
            etag: ETag(object.etag.clone()),
            version_id: None,
            storage_class: None,
            archived: false,
            content_type: None,
            mark: object.mark.clone(),
        })
    }

    /// Somebody else's object, as new as can be.
    pub(crate) fn place(&mut self, key: &str, size: u64) {
        let etag = self.next_etag("");
        let modified = UnixMillis(u64::MAX / 2);
        self.objects.insert(key.to_owned(), Object { size, modified, etag, mark: None });
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.uploads.iter().filter(|upload| upload.alive).count()
    }
}
