//! The upload engine: plan, states, queue and simulator; and what travels between browser and portal.

pub mod wire;
