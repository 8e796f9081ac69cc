//! Pod Security: see the standard's checks by level and version.
