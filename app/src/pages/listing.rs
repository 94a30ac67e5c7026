//! A bucket's listing, one page at a time.

use std::time::Duration;

use domain::access::BucketName;
use domain::listing::ListingPage as Page;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::api::objects::{Listing, listing_at};
use crate::browser::download::Downloads;
use crate::browser::focus;
use crate::components::breadcrumbs::Breadcrumbs;
use crate::components::erased::erased;
use crate::components::filter::Filter;
use crate::components::layout::Layout;
use crate::components::link_panel::{LinkPanel, LinkPanelPlace};
use crate::components::listing_table::{ListingTable, is_marker_of, shown_name};
use crate::components::problem::ProblemView;
use crate::components::uploads::UploadButtons;
use crate::error::ApiError;
use crate::json::Json;
use crate::remembered::remembered;
use crate::title::call_page;
use crate::uploads::{UploadTarget, Uploads};
use crate::urls::{self, ListingAddress};
use crate::{reply, words};

/// A listing together with the address that it answers: while the next one loads, the last one stays on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Opened {
    /// `None` where the address is broken.
    address: Option<ListingAddress>,
    outcome: Result<Listing, ApiError>,
}

impl Opened {
    /// Whether this stays on the page although `next` came: a refresh of the same address failed in a way that may
    /// pass. Nobody asked for it, so it takes nothing away.
    fn outlives(&self, next: &Self) -> bool {
        let failed_for_now =
            |outcome: &Result<Listing, ApiError>| outcome.as_ref().is_err_and(|error| error.0.kind.is_transient());
        self.address == next.address && self.outcome.is_ok() && failed_for_now(&next.outcome)
    }
}

/// After a refresh that failed.
const LOOKS_AGAIN_AFTER: Duration = Duration::from_secs(5);

/// `/b/{bucket}?prefix=…&starts_with=…&from=…`
#[component]
pub(crate) fn ListingPage() -> impl IntoView {
    let params = use_params_map();
    let search = use_location().search;
    let bucket = Memo::new(move |_| params.read().get("bucket").map(BucketName));
    let uploads = Uploads::expect();
    let refresh = uploads.refresh();
    let source = move || (bucket.get(), search.get(), refresh.get());
    let opened = Resource::<Opened, Json>::new_with_options(
        source,
        |(bucket, search, _)| async move {
            match ListingAddress::parse(bucket.unwrap_or(BucketName(String::new())), &search) {
                Ok(address) => Opened { outcome: listing_at(address.clone()).await, address: Some(address) },
                Err(bad) => Opened { address: None, outcome: Err(ApiError(reply::quotable(words::bad_address(bad)))) },
            }
        },
        false,
    );
    LinkPanel::provide();
    let said = follow(opened, uploads);
    let (is_loading, set_is_loading) = signal(false);
    erased(view! {
        <Layout current=bucket.into()>
            <DownloadAlert/>
            <div class="listing-page" aria-busy=move || is_loading.get().then_some("true")>
                <Transition set_pending=set_is_loading><Contents bucket opened/></Transition>
            </div>
            <LinkPanelPlace/>
            <p class="unseen" role="status">{said}</p>
        </Layout>
    })
}

/// Follows the listing in the browser: tells where drops go, and on each new address moves the focus to the heading and
/// answers what to say to those who do not see it.
fn follow(opened: Resource<Opened, Json>, uploads: Uploads) -> RwSignal<String> {
    let said = RwSignal::new(String::new());
    let came_from_another_page = uploads.was_awake();
    Effect::new(move |last: Option<Option<Opened>>| {
        let last = last.flatten();
        let Some(next) = opened.get() else { return last };
        if last.as_ref().is_some_and(|last| last.outlives(&next)) {
            look_again_later(opened);
            return last;
        }
        let target = next.address.as_ref().filter(|_| next.outcome.is_ok());
        uploads.set_target(target.map(|at| UploadTarget { bucket: at.bucket.clone(), prefix: at.prefix.clone() }));
        if last.map_or(came_from_another_page, |last| last.address != next.address) {
            said.set(match &next.outcome {
                Ok(listing) => count(&listing.page),
                Err(error) => error.0.title.clone(),
            });
            // Once the new heading is there.
            request_animation_frame(focus::heading);
        }
        Some(next)
    });
    on_cleanup(move || uploads.set_target(None));
    said
}

/// Asks once more after a refresh that failed, unless the page is gone or asked again by then.
fn look_again_later(opened: Resource<Opened, Json>) {
    if let Ok(timer) = set_timeout_with_handle(move || opened.refetch(), LOOKS_AGAIN_AFTER) {
        on_cleanup(move || timer.clear());
    }
}

/// The listing or the problem. A refresh of the same address changes rows and nothing else, so that the focus stays.
#[component]
fn Contents(bucket: Memo<Option<BucketName>>, opened: Resource<Opened, Json>) -> impl IntoView {
    let answer = remembered(move |last: Option<&Option<Opened>>| {
        let (last, next) = (last.and_then(Option::as_ref), opened.try_get().flatten());
        match (last, &next) {
            (Some(last), Some(failed)) if last.outlives(failed) => Some(last.clone()),
            _ => next,
        }
    });
    let answer = move || answer.try_get().flatten();
    let frame = remembered(move |_| answer().map(|answer| (answer.address, answer.outcome.err())));
    let listing = remembered(move |_| answer().and_then(|answer| answer.outcome.ok()));
    move || {
        frame.try_get().flatten().and_then(|frame| match frame {
            (Some(address), None) => Some(erased(view! { <Shown address listing/> })),
            (address, Some(error)) => {
                Some(erased(view! { <Refused bucket=bucket.try_get_untracked().flatten() address error/> }))
            }
            (None, None) => None,
        })
    }
}

/// Tells of a download that did not begin, where nothing else would.
#[component]
fn DownloadAlert() -> impl IntoView {
    let downloads = Downloads::expect();
    let alert = move || {
        downloads.failed().map(|href| {
            view! {
                <div class="alert">
                    <p>{words::DOWNLOAD_FAILED}</p>
                    <a class="button" href=href target="_blank" rel="external">{words::DOWNLOAD_ANSWER}</a>
                </div>
            }
        })
    };
    view! { <div role="alert">{alert}</div> }
}

fn count(page: &Page) -> String {
    words::count(page.common_prefixes.len(), page.objects.len(), page.next.is_some())
}

#[component]
fn Shown(address: ListingAddress, listing: Signal<Option<Listing>>) -> impl IntoView {
    let prefix = address.prefix.clone();
    let label = listing.try_with_untracked(|listing| listing.as_ref().map(|listing| listing.label.clone()));
    let label = label.flatten().unwrap_or_default();
    let place = if prefix.is_root() { label.clone() } else { shown_name(prefix.name()) };
    let shown = remembered(move |_| {
        let page = listing.try_with(|listing| listing.as_ref().map(|listing| listing.page.clone()));
        let mut page = page.flatten().unwrap_or_default();
        let found = page.objects.len();
        page.objects.retain(|object| !is_marker_of(&prefix, object));
        let has_marker = page.objects.len() < found;
        (page, has_marker)
    });
    let page = Signal::derive(move || shown.try_with(|(page, _)| page.clone()).unwrap_or_default());
    // Where more follows, this page alone shows nothing, and that is told below.
    let is_empty =
        remembered(move |_| shown.try_with(|(page, _)| page.is_empty() && page.next.is_none()).unwrap_or_default());
    let body = {
        let address = address.clone();
        let caption = words::caption(&place);
        move || {
            let address = address.clone();
            if is_empty.try_get().unwrap_or_default() {
                let has_marker = shown.try_with_untracked(|(_, has_marker)| *has_marker).unwrap_or_default();
                erased(view! { <Empty address has_marker/> })
            } else {
                let ListingAddress { bucket, prefix, .. } = address;
                erased(view! { <ListingTable bucket prefix page caption=caption.clone()/> })
            }
        }
    };
    call_page(&place);
    view! {
        <div class="toolbar">
            <Breadcrumbs bucket=address.bucket.clone() label prefix=address.prefix.clone()/>
            <Filter address=address.clone()/>
            <UploadButtons/>
        </div>
        {body}
        <Foot address page/>
    }
}

/// How much is shown, and the ways to the other pages.
#[component]
fn Foot(address: ListingAddress, page: Signal<Page>) -> impl IntoView {
    let count = move || page.try_with(count);
    let first = address
        .from
        .is_some()
        .then(|| view! { <a class="button" href=address.first_page().href()>{words::FIRST_PAGE}</a> });
    let all = (!address.starts_with.is_empty()).then(|| {
        let all = urls::listing(&address.bucket, &address.prefix);
        view! { <a class="button" href=all>{words::SHOW_ALL}</a> }
    });
    let next = remembered(move |_| {
        let token = page.try_with(|page| page.next.clone()).flatten();
        token.map(|token| address.page_from(token).href())
    });
    let next = move || {
        next.try_get().flatten().map(|href| view! { <a class="button" rel="next" href=href>{words::NEXT_PAGE}</a> })
    };
    view! {
        <div class="foot">
            <p class="muted">{count}</p>
            {all}
            {first}
            {next}
        </div>
    }
}

/// Nothing to show, in words that tell why.
#[component]
fn Empty(address: ListingAddress, has_marker: bool) -> impl IntoView {
    let (title, detail) = match (&address.from, address.starts_with.is_empty()) {
        (Some(_), _) => words::EMPTY_PAGE,
        (None, false) => words::NO_MATCH,
        (None, true) => words::empty(&address.prefix, has_marker),
    };
    view! {
        <section class="notice">
            <span class="icon icon-large icon-folder" aria-hidden="true"></span>
            <h2>{title}</h2>
            <p>{detail}</p>
            <p class="ways"><WayUp address/></p>
        </section>
    }
}

/// The listing could not be had.
#[component]
fn Refused(bucket: Option<BucketName>, address: Option<ListingAddress>, error: ApiError) -> impl IntoView {
    let problem = error.0;
    let again = address.as_ref().filter(|_| problem.kind.is_transient()).map(|address| {
        view! { <a class="button" href=address.href() rel="external">{words::TRY_AGAIN}</a> }
    });
    let first = address.as_ref().filter(|address| address.from.is_some()).map(|address| {
        view! { <a class="button" href=address.first_page().href()>{words::FIRST_PAGE}</a> }
    });
    let up = match (address, bucket) {
        (Some(address), _) if !address.prefix.is_root() => Either::Left(view! { <WayUp address/> }),
        _ => Either::Right(view! { <a class="button" href=urls::BUCKETS>{words::TO_START}</a> }),
    };
    view! { <ProblemView problem>{again}{first}{up}</ProblemView> }
}

/// The way one level up, where there is one.
#[component]
fn WayUp(address: ListingAddress) -> impl IntoView {
    address
        .prefix
        .parent()
        .map(|parent| view! { <a class="button" href=urls::listing(&address.bucket, &parent)>{words::UP}</a> })
}

#[cfg(test)]
mod tests {
    use domain::problem::{Problem, ProblemKind};

    use super::*;

    #[test]
    fn a_failed_refresh_takes_nothing_away_and_a_failed_step_does() {
        let opened = |search: &str, outcome| Opened {
            address: ListingAddress::parse(BucketName("files".to_owned()), search).ok(),
            outcome,
        };
        let ok = || Ok(Listing { label: "Files".to_owned(), page: Page::default() });
        let failed = |kind| Err(ApiError(Problem::new(kind, "", "", "")));
        let shown = opened("?prefix=a/", ok());
        assert!(shown.outlives(&opened("?prefix=a/", failed(ProblemKind::StorageUnavailable))));
        assert!(!shown.outlives(&opened("?prefix=a/", failed(ProblemKind::Forbidden))), "that will not pass");
        assert!(!shown.outlives(&opened("?prefix=b/", failed(ProblemKind::StorageUnavailable))), "a person asked");
        assert!(!shown.outlives(&opened("?prefix=a/", ok())));
        let refused = opened("?prefix=a/", failed(ProblemKind::Busy));
        assert!(!refused.outlives(&opened("?prefix=a/", failed(ProblemKind::Busy))));
    }
}
