//! Services compiled to an nginx configuration.
