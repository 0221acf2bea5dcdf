//! `tailwright schema`.

use serde_json::Value;

use crate::support::run::Place;

#[test]
fn it_is_the_library_s() {
    let printed = Place::new().tailwright(&["schema"]);
    printed.status(0).err("");
    let schema: Value = serde_json::from_str(&printed.stdout()).expect("JSON");
    assert_eq!(schema, tailwright::profile::schema());
}
