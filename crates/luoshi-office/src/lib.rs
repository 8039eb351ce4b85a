//! luoshi-office
