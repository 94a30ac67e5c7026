//! Pages that only answer a redirect to S3, or say in plain words why not.

use domain::access::BucketName;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};

use crate::api::links::open_share_link;
use crate::api::objects::open_download;
use crate::components::layout::BareLayout;
use crate::components::problem::ProblemView;
use crate::error::ApiError;
use crate::title::call_page;
use crate::{reply, urls, words};

/// `/b/{bucket}/download?key=…`
#[component]
pub(crate) fn DownloadPage() -> impl IntoView {
    let params = use_params_map();
    let location = use_location();
    let address = move || (params.read().get("bucket").unwrap_or_default(), location.search.get());
    let opened = Resource::new_blocking(address, |(bucket, search)| async move {
        let key = urls::key_of_download(&search).map_err(|bad| ApiError(reply::quotable(words::bad_address(bad))))?;
        open_download(BucketName(bucket), key).await
    });
    let parent = move || {
        let (bucket, search) = address();
        let bucket = BucketName(bucket);
        urls::key_of_download(&search)
            .map_or_else(|_| urls::bucket(&bucket), |key| urls::listing(&bucket, &key.parent()))
    };
    view! {
        <BareLayout>
            <Outcome opened folder=Signal::derive(move || Some(parent()))/>
        </BareLayout>
    }
}

/// `/s/{token}`
#[component]
pub(crate) fn SharePage() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.read().get("token").unwrap_or_default();
    let opened = Resource::new_blocking(token, open_share_link);
    view! {
        <BareLayout>
            <Outcome opened folder=Signal::stored(None)/>
        </BareLayout>
    }
}

/// What the redirect came to. Where it was answered nobody sees this, so nothing signed may stand here.
#[component]
fn Outcome(
    opened: Resource<Result<(), ApiError>>,
    /// Where the person can look further, if they may look anywhere.
    folder: Signal<Option<String>>,
) -> impl IntoView {
    let way =
        move || folder.try_get().flatten().map(|href| view! { <a class="button" href=href>{words::OPEN_FOLDER}</a> });
    let show = move || {
        opened.try_get().flatten().map(|opened| match opened {
            Ok(()) => {
                call_page(words::DOWNLOAD);
                Either::Left(view! { <p>{words::DOWNLOAD_STARTS}</p> })
            }
            Err(error) => Either::Right(view! { <ProblemView problem=error.0>{way}</ProblemView> }),
        })
    };
    view! { <Suspense>{show}</Suspense> }
}
