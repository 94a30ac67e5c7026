//! The panel at the bottom right: the queue in all, each upload, and what waits for a person.

use std::time::Duration;

use domain::units::ByteSize;
use domain::upload::io::Scope;
use domain::upload::message::Command;
use domain::upload::view::{Phase, Totals, UploadView};
use leptos::prelude::*;

use super::conflict::ConflictCard;
use super::row::{Row, focus_panel};
use super::words;
use crate::browser::{focus, intl};
use crate::uploads::Uploads;
use crate::urls;

/// The panel's id.
pub(super) const PANEL: &str = "upload-panel";
const LIST: &str = "upload-list";

/// Stands on the page while there are uploads to tell of.
#[component]
pub(super) fn Panel() -> impl IntoView {
    let uploads = Uploads::expect();
    let wanted = Memo::new(move |_| uploads.any());
    view! {
        <Show when=move || wanted.get()>
            <Opened/>
        </Show>
    }
}

#[component]
fn Opened() -> impl IntoView {
    let uploads = Uploads::expect();
    let collapsed = RwSignal::new(false);
    let has_conflict = Memo::new(move |_| uploads.conflict.with(Option::is_some));
    Effect::new(move || {
        if has_conflict.get() {
            collapsed.set(false);
        }
    });
    view! {
        <section id=PANEL class="upload-panel" aria-label=words::UPLOADS tabindex="-1">
            <Head collapsed/>
            <div id=LIST class="upload-body" hidden=collapsed>
                <Alerts/>
                <Show when=move || has_conflict.get()>
                    <ConflictCard/>
                </Show>
                <Rows/>
            </div>
            <Foot/>
        </section>
    }
}

#[component]
fn Head(collapsed: RwSignal<bool>) -> impl IntoView {
    let uploads = Uploads::expect();
    let totals = uploads.totals;
    let summary =
        Memo::new(move |_| totals.with(|totals| words::summary(totals, uploads.is_preparing(), uploads.health.get())));
    let label = move || if collapsed.get() { words::EXPAND } else { words::COLLAPSE };
    let part = move || totals.with(|totals| totals.sent_permille().to_string());
    let is_busy =
        Memo::new(move |_| totals.with(|totals| totals.active + totals.paused > 0) && !uploads.health.get().is_lost());
    view! {
        <header class="upload-head">
            <div class="upload-head-text">
                <h2 class="upload-summary">{summary}</h2>
                <p class="upload-details">{move || totals.with(details)}</p>
            </div>
            <button
                type="button"
                class="button quiet upload-collapse"
                aria-expanded=move || if collapsed.get() { "false" } else { "true" }
                aria-controls=LIST
                aria-label=label
                title=label
                on:click=move |_| collapsed.update(|collapsed| *collapsed = !*collapsed)
            >
                <span class="icon icon-down" aria-hidden="true"></span>
            </button>
            <Show when=move || is_busy.get()>
                <progress class="upload-progress" aria-label=words::PROGRESS max="1000" value=part></progress>
            </Show>
        </header>
    }
}

fn details(totals: &Totals) -> String {
    let rate = totals.rate_bytes_per_s.map(|rate| intl::size(ByteSize(rate)));
    words::details(totals, &intl::size(totals.sent_bytes), &intl::size(totals.size_bytes), rate.as_deref())
}

/// What concerns more than one upload.
#[component]
fn Alerts() -> impl IntoView {
    let uploads = Uploads::expect();
    let sign_in_needed = Memo::new(move |_| uploads.totals.with(|totals| totals.sign_in_needed));
    let lost = Memo::new(move |_| words::health(uploads.health.get()));
    let unreadable = move || uploads.unreadable.with(|names| words::unreadable(names));
    view! {
        <Show when=move || lost.get().is_some()>
            <div class="upload-alert" role="alert">
                <p>{lost}</p>
                <button type="button" class="button" on:click=move |_| clear(uploads)>{words::DISMISS}</button>
            </div>
        </Show>
        <Show when=move || uploads.unreadable.with(|names| !names.is_empty())>
            <div class="upload-alert" role="alert">
                <p>{unreadable}</p>
                <button type="button" class="button" on:click=move |_| dismiss_unreadable(uploads)>{words::DISMISS}</button>
            </div>
        </Show>
        <Show when=move || sign_in_needed.get()>
            <div class="upload-alert" role="alert">
                <p>{words::SIGN_IN_NEEDED}</p>
                // Another window: the uploads live in this one.
                <a class="button primary" href=urls::BUCKETS target="_blank" rel="external">{words::SIGN_IN}</a>
            </div>
        </Show>
    }
}

#[component]
fn Rows() -> impl IntoView {
    let uploads = Uploads::expect();
    let tick = tick(uploads);
    let has_more = move || uploads.hidden.get() > 0;
    let hold = move |held: bool| uploads.order(Command::HoldOrder(held));
    view! {
        <ul
            class="upload-rows"
            role="list"
            on:pointerenter=move |_| hold(true)
            on:pointerleave=move |_| hold(false)
            on:focusin=move |_| hold(true)
            on:focusout=move |_| hold(false)
        >
            <For each=move || uploads.shown.get() key=|id| *id let:id>
                <Row id tick/>
            </For>
        </ul>
        <Show when=has_more>
            <p class="upload-more">
                {move || words::hidden(uploads.hidden.get())}
                <button
                    type="button"
                    class="button quiet"
                    on:click=move |_| {
                        // The last of them takes the button away.
                        focus_panel();
                        uploads.show_more();
                    }
                >
                    {words::SHOW_MORE}
                </button>
            </p>
        </Show>
    }
}

/// Counts seconds while something is on its way.
fn tick(uploads: Uploads) -> Signal<u64> {
    let seconds = RwSignal::new(0);
    let is_busy = uploads.is_busy();
    Effect::new(move || {
        let count = move || seconds.update(|seconds| *seconds += 1);
        if let Some(Ok(interval)) = is_busy.get().then(|| set_interval_with_handle(count, Duration::from_secs(1))) {
            on_cleanup(move || interval.clear());
        }
    });
    seconds.into()
}

#[component]
fn Foot() -> impl IntoView {
    let uploads = Uploads::expect();
    let count = move |of: fn(&Totals) -> u64| uploads.totals.with(of);
    let open = move || count(|totals| totals.active + totals.paused + totals.conflicts);
    let several = Memo::new(move |_| open() > 1);
    let can_pause = Memo::new(move |_| several.get() && count(|totals| totals.active) > 0);
    let can_resume = Memo::new(move |_| several.get() && count(|totals| totals.paused) > 0);
    let can_retry = Memo::new(move |_| uploads.shown_where(can_retry) > 1);
    let can_clear = Memo::new(move |_| uploads.clearable.get() > 0);
    let works = move || !uploads.health.get().is_lost();
    let order = move |command: fn(Scope) -> Command| {
        move |_| {
            // The button goes away with what it does.
            focus_panel();
            uploads.order(command(Scope::All));
        }
    };
    let button = move |when: Memo<bool>, words: &'static str, command: fn(Scope) -> Command| {
        let press = order(command);
        view! {
            <Show when=move || when.get()>
                <button type="button" class="button quiet" on:click=press>{words}</button>
            </Show>
        }
    };
    view! {
        <Show when=works>
            <footer class="upload-foot">
                {button(can_pause, words::PAUSE_ALL, Command::Pause)}
                {button(can_resume, words::RESUME_ALL, Command::Resume)}
                {button(can_retry, words::TRY_ALL_AGAIN, Command::Retry)}
                <Show when=move || several.get()>
                    <button type="button" class="button quiet" on:click=order(Command::Cancel)>
                        {move || words::cancel_all(open())}
                    </button>
                </Show>
                <Show when=move || can_clear.get()>
                    <button type="button" class="button quiet upload-clear" on:click=move |_| clear(uploads)>{words::CLEAR}</button>
                </Show>
            </footer>
        </Show>
    }
}

/// Puts away what can be, and the focus where it is not put away with it.
fn clear(uploads: Uploads) {
    uploads.clear();
    leave_focus(uploads, uploads.clearable.get_untracked());
}

fn dismiss_unreadable(uploads: Uploads) {
    uploads.unreadable.set(Vec::new());
    leave_focus(uploads, 0);
}

/// The button that was pressed goes away: the focus goes to the panel, or to the page where the panel goes too, since
/// no more than `cleared` uploads are in it.
fn leave_focus(uploads: Uploads, cleared: usize) {
    let known = uploads.shown.with_untracked(Vec::len) + uploads.hidden.get_untracked();
    if known > cleared {
        focus_panel();
    } else {
        focus::heading();
    }
}

fn can_retry(view: &UploadView) -> bool {
    matches!(view.phase, Phase::Failed { can_retry: true, .. })
}
