//! luoshi-web
