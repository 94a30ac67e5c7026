//! Every size that S3 can store has a plan that S3 accepts.

use domain::limits::{MAX_OBJECT_SIZE, MAX_PART_SIZE, MAX_PARTS, MIN_PART_SIZE};
use domain::units::ByteSize;
use domain::upload::plan::{MAX_SINGLE_PUT, PartLayout, Plan, PlanError};
use proptest::prelude::*;

/// Sizes of every order of magnitude, and those around the borders of the plan.
fn sizes() -> impl Strategy<Value = u64> {
    let around = |size: u64| size.saturating_sub(3)..size.saturating_add(3).min(MAX_OBJECT_SIZE.0 + 1);
    prop_oneof![
        (0_u32..46).prop_flat_map(|bits| (1_u64 << bits) - 1..(1_u64 << (bits + 1)).min(MAX_OBJECT_SIZE.0)),
        prop::sample::select(vec![
            3,
            MAX_SINGLE_PUT.0,
            ByteSize::gib(1).0,
            ByteSize::gib(16).0,
            9_000 * ByteSize::mib(32).0,
            9_000 * MAX_PART_SIZE.0,
            MAX_OBJECT_SIZE.0,
        ])
        .prop_flat_map(around),
    ]
}

fn check_layout(layout: &PartLayout, size: u64) {
    assert!(layout.count() <= MAX_PARTS);
    assert!(layout.part_size() >= MIN_PART_SIZE && layout.part_size() <= MAX_PART_SIZE);
    let mut end = 0;
    for number in layout.numbers() {
        let range = layout.range(number).unwrap();
        assert_eq!(range.start, end, "parts follow each other");
        end = range.end;
        if number.get() < layout.count() {
            assert_eq!(range.len_bytes(), layout.part_size().0);
        } else {
            assert!((1..=layout.part_size().0).contains(&range.len_bytes()) || size == 0);
        }
    }
    assert_eq!(end, size, "and cover the object exactly");
    assert_eq!(layout.numbers().count(), usize::from(layout.count()));
}

proptest! {
    #[test]
    fn every_size_has_a_plan_that_s3_accepts(size in sizes()) {
        match Plan::for_size(ByteSize(size)) {
            Ok(Plan::Put) => prop_assert!(size <= MAX_SINGLE_PUT.0),
            Ok(Plan::Multipart(layout)) => {
                prop_assert!(size > MAX_SINGLE_PUT.0);
                prop_assert!(layout.part_size() >= ByteSize::mib(8));
                prop_assert_eq!(layout.part_size().0 % ByteSize::mib(1).0, 0);
                check_layout(&layout, size);
            }
            Err(error) => prop_assert!(false, "{}", error),
        }
    }

    #[test]
    fn a_layout_is_either_within_the_limits_or_refused(size: u64, part_size: u64) {
        match PartLayout::new(ByteSize(size), ByteSize(part_size)) {
            Ok(layout) => check_layout(&layout, size),
            Err(PlanError::ObjectTooLarge(_)) => prop_assert!(size > MAX_OBJECT_SIZE.0),
            Err(PlanError::PartSizeOutOfRange(_)) => {
                prop_assert!(!(MIN_PART_SIZE.0..=MAX_PART_SIZE.0).contains(&part_size));
            }
            Err(PlanError::TooManyParts(_)) => {
                prop_assert!(size.div_ceil(part_size) > u64::from(MAX_PARTS));
            }
        }
    }

    #[test]
    fn a_larger_object_never_has_smaller_parts(a in sizes(), b in sizes()) {
        let part_size = |size| match Plan::for_size(ByteSize(size)) {
            Ok(Plan::Multipart(layout)) => layout.part_size().0,
            _ => 0,
        };
        // Beyond 9,000 parts of 5 GiB the parts shrink once, as the last thousand part numbers are taken into use.
        prop_assume!(a.max(b) <= 9_000 * MAX_PART_SIZE.0);
        prop_assert!(part_size(a.min(b)) <= part_size(a.max(b)));
    }
}
