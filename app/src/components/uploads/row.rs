//! One upload in the panel: its name, how far it is, and what can be done with it.

use domain::key::{ObjectKey, Prefix};
use domain::upload::io::{EntryId, Scope};
use domain::upload::message::Command;
use domain::upload::view::{Phase, UploadView};
use leptos::html::Li;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::words;
use crate::browser::intl;
use crate::components::listing_table::shown_name;
use crate::format::visible;
use crate::uploads::Uploads;
use crate::urls;

/// What stands after the last slash, as people read it.
pub(super) fn last_name(key: &str) -> String {
    ObjectKey::parse(key).map_or_else(|_| visible(key), |key| shown_name(key.name()))
}

/// Puts the focus on the panel, for a control that is about to go away under it.
pub(super) fn focus_panel() {
    if let Some(panel) = document().get_element_by_id(super::panel::PANEL) {
        let _ = panel.unchecked_into::<HtmlElement>().focus();
    }
}

/// One upload.
#[component]
pub(super) fn Row(
    /// Which.
    id: EntryId,
    /// Ticks once a second while there is something to count down.
    tick: Signal<u64>,
) -> impl IntoView {
    let uploads = Uploads::expect();
    uploads.view(id).map(|view| {
        let view: Signal<UploadView> = view.into();
        let row = NodeRef::<Li>::new();
        let state = Memo::new(move |_| view.with(|view| state_of(&view.phase, uploads.health.get().is_lost())));
        let name = move || view.with(|view| last_name(&view.key));
        let whole_key = move || view.with(|view| visible(&view.key));
        let words = move || {
            tick.track();
            view.with(|view| words_for(view, state.get(), uploads))
        };
        let order = move |command: Command| {
            uploads.order(command);
            // The button that was pressed may go away with the answer.
            if let Some(row) = row.get_untracked() {
                let _ = row.focus();
            }
        };
        view! {
            <li class=move || ["upload-row upload-is-", state.get().class].concat() tabindex="-1" node_ref=row>
                <span class=move || ["icon ", state.get().icon].concat() aria-hidden="true"></span>
                <div class="upload-row-text">
                    <p class="upload-row-name" title=whole_key><bdi>{name}</bdi></p>
                    <Show when=move || state.get().moves>
                        <progress
                            class="upload-progress"
                            aria-label=move || words::progress_of(&name())
                            max="1000"
                            value=move || view.with(|view| view.sent_permille().to_string())
                        ></progress>
                    </Show>
                    <p class="upload-row-state">{words}</p>
                    <p class="upload-row-notice">{move || view.with(words::notice)}</p>
                    <InFolder view state/>
                </div>
                <div class="upload-row-actions">
                    <Show when=move || state.get().retry.is_some()>
                        <button
                            type="button"
                            class="button quiet"
                            aria-label=move || state.get().retry.map(|retry| words::about(retry, &name()))
                            on:click=move |_| order(Command::Retry(Scope::One(id)))
                        >
                            {move || state.get().retry}
                        </button>
                    </Show>
                    <Show when=move || state.get().can_pause>
                        <IconButton
                            icon="icon-pause"
                            label=Signal::derive(move || words::about(words::PAUSE, &name()))
                            press=move || order(Command::Pause(Scope::One(id)))
                        />
                    </Show>
                    <Show when=move || state.get().can_resume>
                        <IconButton
                            icon="icon-play"
                            label=Signal::derive(move || words::about(words::RESUME, &name()))
                            press=move || order(Command::Resume(Scope::One(id)))
                        />
                    </Show>
                    <Show when=move || state.get().can_cancel>
                        <IconButton
                            icon="icon-close"
                            label=Signal::derive(move || words::about(words::CANCEL, &name()))
                            press=move || order(Command::Cancel(Scope::One(id)))
                        />
                    </Show>
                </div>
            </li>
        }
    })
}

/// A button that shows a picture and says its name.
#[component]
pub(super) fn IconButton<F: Fn() + 'static>(
    /// Which picture.
    icon: &'static str,
    /// Its name.
    #[prop(into)]
    label: Signal<String>,
    /// What it does.
    press: F,
) -> impl IntoView {
    view! {
        <button type="button" class="button quiet upload-icon-button" aria-label=label title=label on:click=move |_| press()>
            <span class=["icon ", icon].concat() aria-hidden="true"></span>
        </button>
    }
}

/// Leads to where the object is now.
#[component]
fn InFolder(view: Signal<UploadView>, state: Memo<State>) -> impl IntoView {
    let href = move || {
        view.with(|view| {
            let prefix = ObjectKey::parse(view.key.as_str()).map_or_else(|_| Prefix::root(), |key| key.parent());
            urls::listing(&view.bucket, &prefix)
        })
    };
    view! {
        <Show when=move || state.get().is_stored>
            <a class="upload-row-link" href=href>{words::SHOW_IN_FOLDER}</a>
        </Show>
    }
}

/// How a row looks and what it offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    class: &'static str,
    icon: &'static str,
    moves: bool,
    can_pause: bool,
    can_resume: bool,
    /// Its words.
    retry: Option<&'static str>,
    can_cancel: bool,
    is_stored: bool,
    is_lost: bool,
}

fn state_of(phase: &Phase, worker_is_lost: bool) -> State {
    let idle = State::default();
    if worker_is_lost && !phase.is_over() {
        return State { class: "failed", icon: "icon-alert", is_lost: true, ..idle };
    }
    let open = State { class: "waiting", icon: "icon-clock", can_pause: true, can_cancel: true, ..idle };
    match phase {
        Phase::Queued | Phase::Preparing => open,
        Phase::Sending => State { class: "sending", icon: "icon-upload", moves: true, ..open },
        Phase::Retrying { .. } => {
            State { class: "retrying", icon: "icon-retry", moves: true, retry: Some(words::TRY_NOW), ..open }
        }
        Phase::Paused => {
            State { class: "paused", icon: "icon-pause", moves: true, can_pause: false, can_resume: true, ..open }
        }
        Phase::Completing => State { class: "sending", icon: "icon-upload", moves: true, can_pause: false, ..open },
        Phase::Completed => State { class: "stored", icon: "icon-check", is_stored: true, ..idle },
        Phase::Conflict { .. } => State { class: "conflict", icon: "icon-question", can_cancel: true, ..idle },
        Phase::Failed { can_retry, .. } => {
            let retry = can_retry.then_some(words::TRY_AGAIN);
            State { class: "failed", icon: "icon-alert", retry, can_cancel: true, ..idle }
        }
        Phase::Cancelling => State { class: "waiting", icon: "icon-clock", ..idle },
        Phase::Cancelled { stored_anyway: true } => {
            State { class: "stored", icon: "icon-check", is_stored: true, ..idle }
        }
        Phase::Cancelled { stored_anyway: false } => State { class: "over", icon: "icon-close", ..idle },
        Phase::Skipped => State { class: "over", icon: "icon-close", is_stored: true, ..idle },
    }
}

fn words_for(view: &UploadView, state: State, uploads: Uploads) -> String {
    if state.is_lost {
        return words::LOST.to_owned();
    }
    let size = intl::size(view.size_bytes);
    words::state(view, &intl::size(view.sent_bytes), &size, uploads.now())
}

#[cfg(test)]
mod tests {
    use domain::upload::error::UploadError;

    use super::*;

    fn offers(state: State) -> [bool; 4] {
        [state.can_pause, state.can_resume, state.retry.is_some(), state.can_cancel]
    }

    #[test]
    fn what_is_over_offers_nothing_to_press() {
        for phase in [Phase::Completed, Phase::Skipped, Phase::Cancelled { stored_anyway: true }] {
            assert_eq!(offers(state_of(&phase, false)), [false; 4], "{phase:?}");
        }
    }

    #[test]
    fn an_upload_of_a_lost_worker_never_looks_as_if_it_went_on() {
        for phase in [Phase::Queued, Phase::Sending, Phase::Paused, Phase::Completing] {
            let state = state_of(&phase, true);
            assert_eq!((state.class, state.is_lost, state.is_stored, state.moves), ("failed", true, false, false));
            assert_eq!(offers(state), [false; 4], "{phase:?}");
        }
        assert!(state_of(&Phase::Completed, true).is_stored);
    }

    #[test]
    fn trying_again_is_offered_only_where_it_makes_sense() {
        let failed = |can_retry| Phase::Failed { error: UploadError::FileChanged, can_retry, kept: false };
        assert_eq!(offers(state_of(&failed(false), false)), [false, false, false, true]);
        assert_eq!(offers(state_of(&failed(true), false)), [false, false, true, true]);
    }

    #[test]
    fn names_show_their_last_segment_and_hide_nothing() {
        assert_eq!(last_name("Reports/2026/a.pdf"), "a.pdf");
        assert_eq!(last_name("Reports/2026/"), "2026");
        assert_eq!(last_name("x\u{202e}fdp.exe"), "x\u{27e8}202E\u{27e9}fdp.exe");
    }
}
