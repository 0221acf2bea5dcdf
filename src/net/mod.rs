//! Value types of the network field, each with its grammar and one fallible constructor.
