//! One PUT to S3 by XMLHttpRequest, which alone tells how much of a body has left.

use domain::presign::PresignedRequest;
use domain::units::whole;
use domain::upload::answer::read_put_answer;
use domain::upload::io::TransferFailure;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, ProgressEvent, XmlHttpRequest, XmlHttpRequestUpload};

use crate::files::can_be_read;

/// What is heard of a transfer. Nothing after its end, and nothing at all once it is dropped.
pub(crate) enum Event {
    /// So many bytes have left.
    Progress(u64),
    /// The browser is done with the request.
    Ended(Result<(), TransferFailure>),
}

/// A request on its way; cancelled when dropped.
pub(crate) struct Transfer {
    request: XmlHttpRequest,
    upload: XmlHttpRequestUpload,
    _on_progress: Closure<dyn FnMut(ProgressEvent)>,
    _on_load: Closure<dyn FnMut()>,
    _on_error: Closure<dyn FnMut()>,
}

impl Transfer {
    /// Sends `body` as the presigned request says.
    ///
    /// # Errors
    /// Where the browser refuses to begin.
    pub(crate) fn start(
        presigned: &PresignedRequest,
        body: Blob,
        hear: impl Fn(Event) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open(&presigned.method, presigned.url.expose())?;
        for (name, value) in &presigned.headers {
            request.set_request_header(name, value)?;
        }
        let upload = request.upload()?;

        let on_progress = Closure::new({
            let hear = hear.clone();
            move |event: ProgressEvent| hear(Event::Progress(whole(event.loaded())))
        });
        let on_load = Closure::new({
            let (hear, request) = (hear.clone(), request.clone());
            move || hear(Event::Ended(outcome(&request)))
        });
        let on_error = Closure::new({
            let body = body.clone();
            move || {
                let (hear, body) = (hear.clone(), body.clone());
                spawn_local(async move {
                    // A network error and a file that cannot be read look the same here.
                    let failure =
                        if can_be_read(&body).await { TransferFailure::Network } else { TransferFailure::SourceAway };
                    hear(Event::Ended(Err(failure)));
                });
            }
        });
        upload.set_onprogress(Some(on_progress.as_ref().unchecked_ref()));
        request.set_onload(Some(on_load.as_ref().unchecked_ref()));
        request.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // Chrome breaks requests off when the computer goes to sleep.
        request.set_onabort(Some(on_error.as_ref().unchecked_ref()));
        let transfer = Self { request, upload, _on_progress: on_progress, _on_load: on_load, _on_error: on_error };
        transfer.request.send_with_opt_blob(Some(&body))?;
        Ok(transfer)
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        // Aborting tells the listeners at once, so they go first.
        self.upload.set_onprogress(None);
        self.request.set_onload(None);
        self.request.set_onerror(None);
        self.request.set_onabort(None);
        // Never refused; on a request that has ended it does nothing.
        let _ = self.request.abort();
    }
}

fn outcome(request: &XmlHttpRequest) -> Result<(), TransferFailure> {
    let status = request.status().unwrap_or_default();
    let body = request.response_text().ok().flatten().unwrap_or_default();
    read_put_answer(status, &body)
}
