//! The question about a name that is taken: Replace, Keep both or Skip, for one upload or for all.

use domain::upload::io::{Choice, Scope};
use domain::upload::message::Command;
use domain::upload::view::{Phase, UploadView};
use leptos::ev;
use leptos::prelude::*;

use super::row::{focus_panel, last_name};
use super::words;
use crate::components::local::{Instant, Size};
use crate::uploads::Uploads;

/// Asks about the first upload that waits. The buttons stay in place while one question follows another.
#[component]
pub(super) fn ConflictCard() -> impl IntoView {
    let uploads = Uploads::expect();
    let for_all = RwSignal::new(false);
    let others = move || uploads.totals.with(|totals| totals.conflicts.saturating_sub(1));
    let decide = move |choice: Choice, click: &ev::MouseEvent| {
        // The second click of a double one: by then the buttons may ask about the next name, which nobody has read.
        if click.detail() > 1 {
            return;
        }
        let Some(id) = uploads.conflict.with_untracked(|about| about.as_ref().map(|view| view.id)) else { return };
        let (all, last) = (for_all.get_untracked(), uploads.totals.with_untracked(|totals| totals.conflicts) <= 1);
        if all {
            uploads.decide_all(choice);
        } else {
            uploads.order(Command::Decide(Scope::One(id), choice));
        }
        if all || last {
            for_all.set(false);
            focus_panel();
        }
    };
    let name = move || uploads.conflict.with(|about| about.as_ref().map(|view| last_name(&view.key)));
    let facts = move || uploads.conflict.with(|about| about.as_ref().and_then(facts));
    let sent_already =
        move || uploads.conflict.with(|about| about.as_ref().filter(|view| is_sent(view)).map(|_| words::SENT_ALREADY));
    view! {
        <div class="upload-conflict" role="group" aria-labelledby="upload-conflict-title">
            <p id="upload-conflict-title" class="upload-conflict-title">
                <span class="icon icon-question" aria-hidden="true"></span>
                <span><bdi>{name}</bdi>" "{words::EXISTS_ALREADY}</span>
            </p>
            {facts}
            <p class="upload-conflict-note">{sent_already}</p>
            <div class="upload-conflict-choices" on:keydown=once>
                <button type="button" class="button" on:click=move |click| decide(Choice::Replace, &click)>
                    {words::REPLACE}
                </button>
                <button type="button" class="button primary" on:click=move |click| decide(Choice::KeepBoth, &click)>
                    {words::KEEP_BOTH}
                </button>
                <button type="button" class="button" on:click=move |click| decide(Choice::Skip, &click)>
                    {words::SKIP}
                </button>
            </div>
            <label class="upload-conflict-all">
                <input
                    type="checkbox"
                    prop:checked=for_all
                    on:change=move |event| for_all.set(event_target_checked(&event))
                />
                {move || words::for_all(others())}
            </label>
        </div>
    }
}

/// A key that is held down presses once.
fn once(key: ev::KeyboardEvent) {
    if key.repeat() {
        key.prevent_default();
    }
}

/// Both files, so that a person can tell which is which.
fn facts(about: &UploadView) -> Option<impl IntoView + use<>> {
    let Phase::Conflict { existing, .. } = &about.phase else { return None };
    Some(view! {
        <dl class="upload-conflict-facts">
            <dt>{words::THERE_NOW}</dt>
            <dd><Size size=existing.size_bytes/>", "<Instant at=existing.last_modified/></dd>
            <dt>{words::YOURS}</dt>
            <dd><Size size=about.size_bytes/></dd>
        </dl>
    })
}

fn is_sent(about: &UploadView) -> bool {
    matches!(about.phase, Phase::Conflict { all_sent: true, .. })
}
