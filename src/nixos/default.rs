//! `default.nix`: the modules of a host, together.

use super::Module;
use super::value::{Binding, NixValue, Reference, RelativePath};
use crate::model::Host;

/// The module that imports `files` (paths from the tree's root).
pub fn default<'a>(host: &Host, files: impl IntoIterator<Item = &'a str>) -> Module {
    let release = host.release.as_str();
    let mut module = Module::new(format!(
        "The network of {}. Import this file, or the modules that you want, from the host's configuration.",
        host.name
    ));
    let imports: NixValue = files.into_iter().filter_map(RelativePath::new).collect();
    module.bind(Binding::new("imports", imports));
    module.bind(
        Binding::new(
            "warnings",
            NixValue::optional(
                NixValue::Differs(Reference::config("system.nixos.release"), release.to_owned()),
                format!(
                    "The modules of tailwright were rendered for NixOS {release}. \
                     Set host.release in the profile to the host's release and render them again."
                ),
            ),
        )
        .comment("Options come, go and change their names between releases.")
        .spaced(),
    );
    module
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nixos::tests::host;

    #[test]
    fn the_modules_are_imported_and_another_release_is_told() {
        let module = default(
            &host("{ host.name = \"a\"; host.release = \"25.11\"; }"),
            ["modules/a.nix", "b.nix"],
        );
        let text = module.to_string();
        assert!(text.contains("imports = [./modules/a.nix ./b.nix];"), "{text}");
        assert!(
            text.contains("lib.optional (config.system.nixos.release != \"25.11\")"),
            "{text}"
        );
    }
}
