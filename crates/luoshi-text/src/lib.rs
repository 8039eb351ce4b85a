//! luoshi-text
