//! luoshi-store
