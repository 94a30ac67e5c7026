//! Bodies on their way in, to the disk with their digests, and on their way out from it.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{FutureExt as _, Stream, StreamExt as _, future, stream};
use s3s::dto::StreamingBlob;
use s3s::stream::aws_chunked_stream::AwsChunkedStreamError;
use s3s::stream::upload_stream::UploadStreamError;
use s3s::stream::{ByteStream, RemainingLength};
use s3s::{S3Error, S3Result, s3_error};

use crate::checksum::{Algorithm, Digests, Finished};
use crate::error::custom;
use crate::store::bytes::StagedFile;
use crate::store::segments::{Place, Segment, Staged};
use crate::store::{self, Lease, OffThread, Store, StoreError};

/// Bodies up to this size are kept in the index: one write to the disk instead of three. 32 KiB.
pub(crate) const INDEX_BYTES: usize = 32 * 1024;

/// Bytes read from the disk at a time. 256 KiB.
const READ_BYTES: u64 = 256 * 1024;

/// Bytes of a body that are written at a time. 1 MiB.
const BATCH_BYTES: usize = 1024 * 1024;

/// A body that arrived whole and is on the disk.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) digests: Finished,
    pub(crate) bytes: OffThread<Staged>,
}

/// Takes a body in: its digests, and its bytes brought to the disk. Nothing is left of a body that
/// ends before `length_bytes`, goes on past it, or breaks off.
///
/// # Errors
/// `IncompleteBody` for a body cut off or of another length, the signature's errors for signed
/// pieces that do not verify, and the disk's.
pub(crate) async fn receive(
    store: &Arc<Store>,
    body: Option<StreamingBlob>,
    length_bytes: u64,
    algorithms: &[Algorithm],
) -> S3Result<Received> {
    let mut body = body.unwrap_or_else(|| StreamingBlob::from_bytes(Bytes::new()));
    let mut digests = Digests::new(algorithms);
    let mut head = Vec::new();
    while let Some(bytes) = body.next().await {
        let bytes = bytes.map_err(|error| broken(error.as_ref()))?;
        head.extend_from_slice(&bytes);
        if head.len() > INDEX_BYTES {
            return to_file(store, head, body, length_bytes, digests).await;
        }
    }
    digests.update(&head);
    let digests = digests.finish();
    check_length(&digests, length_bytes)?;
    Ok(Received { digests, bytes: OffThread::new(Staged::Index(head)) })
}

/// Writes a long body batch by batch. No thread waits for the client: one is taken for each batch that has arrived,
/// while the next is on its way.
async fn to_file(
    store: &Arc<Store>,
    head: Vec<u8>,
    mut body: StreamingBlob,
    length_bytes: u64,
    digests: Digests,
) -> S3Result<Received> {
    let files = Arc::clone(store);
    let stage = move || Ok(OffThread::new(Writing { file: files.files().stage()?, digests }));
    let mut writing = store::blocking(stage).await?;
    let mut batch = vec![Bytes::from(head)];
    let mut more = true;
    while more {
        let gathered = gather(&mut body).map(Ok);
        let (written, gathered) = future::try_join(write(writing, batch), gathered).await?;
        writing = written;
        match gathered {
            Ok(next) => (batch, more) = next,
            Err(failure) => {
                writing.discard().await;
                return Err(failure);
            }
        }
    }
    let received = finish(writing, batch).await?;
    if let Err(failure) = check_length(&received.digests, length_bytes) {
        received.bytes.discard().await;
        return Err(failure);
    }
    Ok(received)
}

/// A file that a body is written to.
struct Writing {
    file: StagedFile,
    digests: Digests,
}

impl Writing {
    fn write(&mut self, batch: &[Bytes]) -> Result<(), StoreError> {
        for bytes in batch {
            self.digests.update(bytes);
            self.file.write(bytes)?;
        }
        Ok(())
    }
}

async fn write(writing: OffThread<Writing>, batch: Vec<Bytes>) -> Result<OffThread<Writing>, StoreError> {
    let mut writing = writing.into_inner();
    store::blocking(move || {
        writing.write(&batch)?;
        Ok(OffThread::new(writing))
    })
    .await
}

async fn finish(writing: OffThread<Writing>, batch: Vec<Bytes>) -> Result<Received, StoreError> {
    let mut writing = writing.into_inner();
    store::blocking(move || {
        writing.write(&batch)?;
        let Writing { mut file, digests } = writing;
        file.sync()?;
        Ok(Received { digests: digests.finish(), bytes: OffThread::new(Staged::File(file)) })
    })
    .await
}

/// What arrives next, up to a batch, and whether there may be more.
async fn gather(body: &mut StreamingBlob) -> S3Result<(Vec<Bytes>, bool)> {
    let (mut batch, mut size) = (Vec::new(), 0);
    while size < BATCH_BYTES {
        let Some(bytes) = body.next().await else {
            return Ok((batch, false));
        };
        let bytes = bytes.map_err(|error| broken(error.as_ref()))?;
        size += bytes.len();
        batch.push(bytes);
    }
    Ok((batch, true))
}

fn check_length(digests: &Finished, length_bytes: u64) -> S3Result<()> {
    if digests.size_bytes == length_bytes {
        Ok(())
    } else {
        Err(s3_error!(
            IncompleteBody,
            "The body has {} bytes, the declared length is {length_bytes}.",
            digests.size_bytes
        ))
    }
}

/// The S3 error for a body that broke off, by what broke it.
fn broken(error: &(dyn std::error::Error + 'static)) -> S3Error {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<UploadStreamError>()
            && !matches!(error, UploadStreamError::Underlying(_))
        {
            return match error {
                UploadStreamError::Sha256Mismatch => custom(
                    "XAmzContentSHA256Mismatch",
                    http::StatusCode::BAD_REQUEST,
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ),
                other => S3Error::new(other.to_s3_error_code()),
            };
        }
        if let Some(error) = error.downcast_ref::<AwsChunkedStreamError>()
            && !matches!(error, AwsChunkedStreamError::Underlying(_))
        {
            return S3Error::new(error.to_s3_error_code());
        }
        cause = error.source();
    }
    s3_error!(IncompleteBody)
}

/// The bytes `from..to` of an object, read from the disk as they are asked for.
pub(crate) fn send(store: &Arc<Store>, lease: Lease, segments: Vec<Segment>, from: u64, to: u64) -> StreamingBlob {
    let reading = Reading { store: Arc::clone(store), segments: segments.into(), at: from, to, _lease: lease };
    StreamingBlob::new(Sending {
        left: usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX),
        pieces: Box::pin(stream::try_unfold(reading, Reading::next)),
    })
}

struct Reading {
    store: Arc<Store>,
    segments: VecDeque<Segment>,
    at: u64,
    to: u64,
    _lease: Lease,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, StoreError> {
        let Some(segment) = self.segments.front() else {
            return Ok(None);
        };
        let end = self.to.min(segment.start_bytes + segment.size_bytes);
        let offset = self.at - segment.start_bytes;
        let bytes = match &segment.place {
            Place::Index(bytes) => {
                let range = position(offset)..position(end - segment.start_bytes);
                Bytes::copy_from_slice(bytes.get(range).unwrap_or_default())
            }
            Place::File(id) => {
                let (store, id) = (Arc::clone(&self.store), id.clone());
                let length = position((end - self.at).min(READ_BYTES));
                let read = store::blocking(move || Ok(store.files().read(&id, offset, length)?));
                Bytes::from(read.await?)
            }
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        self.at += u64::try_from(bytes.len()).unwrap_or_default();
        if self.at == end {
            self.segments.pop_front();
        }
        Ok(Some((bytes, self)))
    }
}

/// A position in memory: what is longer than memory is never read at once.
fn position(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

type Pieces = Pin<Box<dyn Stream<Item = Result<Bytes, StoreError>> + Send + Sync>>;

struct Sending {
    left: usize,
    pieces: Pieces,
}

impl Stream for Sending {
    type Item = Result<Bytes, s3s::StdError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let piece = std::task::ready!(self.pieces.as_mut().poll_next(context));
        Poll::Ready(piece.map(|piece| {
            let bytes = piece?;
            self.left = self.left.saturating_sub(bytes.len());
            Ok(bytes)
        }))
    }
}

impl ByteStream for Sending {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(self.left)
    }
}
