use super::*;

/// What a page has when it opens; to be kept as long as it is used.
fn uploads() -> (Owner, Uploads) {
    let owner = Owner::new();
    let uploads = owner.with(Uploads::provide);
    (owner, uploads)
}

#[test]
fn a_drop_that_meets_a_lost_worker_does_not_hide_it() {
    let (_owner, uploads) = uploads();
    let first = uploads.begin_reading();
    assert!(uploads.goes_on(first));
    uploads.health.set(Health::DidNotStart);
    assert!(!uploads.goes_on(first), "what it reads now would begin anew without the files that are lost");
    let second = uploads.begin_reading();
    assert_eq!(uploads.health.get_untracked(), Health::Asleep, "a person's new act begins anew");
    assert!(uploads.goes_on(second) && !uploads.goes_on(first));
}

#[test]
fn an_answer_for_all_holds_for_the_files_that_are_still_being_read() {
    let (_owner, uploads) = uploads();
    uploads.decide_all(Choice::Replace);
    let first = uploads.begin_reading();
    assert_eq!(uploads.decided_beforehand(first), None, "nothing was being read");
    let second = uploads.begin_reading();
    uploads.decide_all(Choice::KeepBoth);
    uploads.end_reading();
    assert_eq!(uploads.decided_beforehand(second), Some(Choice::KeepBoth));
    uploads.end_reading();
    assert_eq!(uploads.beforehand.get_value(), None, "and not for what is dropped an hour later");
}

#[test]
fn an_answer_for_all_does_not_hold_for_what_is_dropped_while_the_rest_is_still_being_read() {
    let (_owner, uploads) = uploads();
    let slow = uploads.begin_reading();
    uploads.decide_all(Choice::Replace);
    let later = uploads.begin_reading();
    assert_eq!(uploads.decided_beforehand(slow), Some(Choice::Replace));
    assert_eq!(uploads.decided_beforehand(later), None, "nobody was asked about these");
    uploads.decide_all(Choice::Skip);
    assert_eq!(uploads.decided_beforehand(later), Some(Choice::Skip));
}

#[test]
fn closing_the_page_is_asked_about_from_the_drop_to_the_end() {
    let (_owner, uploads) = uploads();
    assert!(!uploads.would_lose());
    uploads.begin_reading();
    assert!(uploads.would_lose());
    uploads.given.set(true);
    uploads.end_reading();
    assert!(uploads.would_lose(), "the worker has the files and has not told of them yet");
    let told = |totals| Frame { totals, ..Frame::default() };
    uploads.show(told(Totals { active: 1, ..Totals::default() }), UnixMillis(0));
    assert!(uploads.would_lose());
    uploads.show(told(Totals { failed: 1, resumable: 1, ..Totals::default() }), UnixMillis(0));
    assert!(uploads.would_lose(), "it would go on where it stopped");
    uploads.show(told(Totals { failed: 1, completed: 1, ..Totals::default() }), UnixMillis(0));
    assert!(!uploads.would_lose());
}

#[test]
fn waiting_times_are_told_by_the_workers_clock() {
    let (_owner, uploads) = uploads();
    // The computer slept for an hour: the page's clock went on, the worker's stood still.
    let frame = Frame { now: UnixMillis(1_000), ..Frame::default() };
    uploads.show(frame, UnixMillis(3_601_000));
    assert_eq!(uploads.now_at(UnixMillis(3_604_000)), UnixMillis(4_000));
}
