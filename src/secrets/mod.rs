//! Secrets of a host: sops files, owners, age recipients.
