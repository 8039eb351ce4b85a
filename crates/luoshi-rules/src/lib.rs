//! luoshi-rules
