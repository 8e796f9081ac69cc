//! Tests of the standard as a whole.
