# Evaluates NixOS modules through the real module system of nixpkgs.
#
# nixpkgsLib: the folder `lib` of a nixpkgs; where the rest of nixpkgs lies beside it, its own option declarations are used,
# else those of options.nix. modules: paths. tree: the folder that holds them all.
{
  nixpkgsLib,
  modules,
  tree,
}: let
  lib = import nixpkgsLib;
  evalConfig = nixpkgsLib + "/../nixos/lib/eval-config.nix";
  whole = builtins.pathExists evalConfig;
  pkgs = import ./pkgs.nix {inherit lib;};

  host =
    if whole
    then
      import evalConfig {
        system = "x86_64-linux";
        modules =
          modules
          ++ [
            ../../nix/tests/support/host.nix
            ../../nix/tests/support/sops.nix
            {nixpkgs.overlays = [(_: _: {inherit (pkgs) tailwright tsctl;})];}
          ];
      }
    else
      lib.evalModules {
        modules = modules ++ [./options.nix ../../nix/tests/support/sops.nix {_module.args.pkgs = pkgs;}];
        specialArgs.modulesPath = "/nix/store/00000000000000000000000000000000-nixos/modules";
      };

  # The options that a file of the tree defines.
  options = lib.filter (option: lib.any (file: lib.hasPrefix "${toString tree}/" (toString file)) option.files) (
    lib.collect lib.isOption (removeAttrs host.options ["_module"])
  );
in {
  declarations =
    if whole
    then "nixpkgs"
    else "own";
  # Every option is forced to its value; only where the declarations are ours is it plain enough to be shown.
  settings = lib.listToAttrs (map (option:
    lib.nameValuePair (lib.showOption option.loc) (
      if whole
      then builtins.seq option.value null
      else option.value
    ))
  options);
  failed = map (assertion: assertion.message) (lib.filter (assertion: !assertion.assertion) host.config.assertions);
  inherit (host.config) warnings;
  system =
    if whole
    then builtins.unsafeDiscardStringContext host.config.system.build.toplevel.drvPath
    else null;
}
