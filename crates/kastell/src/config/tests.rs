//! The configuration: every error has its place, and the form is what the schema says.
