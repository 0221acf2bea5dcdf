# The options of sops-nix that rendered modules set, with its types; the tests need no more of it, and so the flake needs
# no second input. Source: sops-nix, modules/sops/default.nix and modules/sops/templates/default.nix.
{
  config,
  lib,
  ...
}: let
  inherit (lib) mkOption types;
  option = type: default: mkOption {inherit type default;};
  placed = folder: name: {
    owner = option (types.nullOr types.str) null;
    group = option (types.nullOr types.str) null;
    mode = option types.str "0400";
    path = option types.str "${folder}/${name}";
    restartUnits = option (types.listOf types.str) [];
    reloadUnits = option (types.listOf types.str) [];
  };
in {
  options.sops = {
    defaultSopsFile = mkOption {type = types.path;};
    defaultSopsFormat = option types.str "yaml";
    validateSopsFiles = option types.bool true;
    age = {
      keyFile = option (types.nullOr types.path) null;
      generateKey = option types.bool false;
      sshKeyPaths = option (types.listOf types.path) [];
    };
    gnupg.sshKeyPaths = option (types.listOf types.path) [];
    secrets = mkOption {
      default = {};
      type = types.attrsOf (types.submodule ({name, ...}: {
        options =
          placed "/run/secrets" name
          // {
            key = option types.str name;
            format = option (types.enum ["yaml" "json" "binary" "dotenv" "ini"]) config.sops.defaultSopsFormat;
            sopsFile = option types.path config.sops.defaultSopsFile;
            neededForUsers = option types.bool false;
          };
      }));
    };
    templates = mkOption {
      default = {};
      type = types.attrsOf (types.submodule ({name, ...}: {
        options =
          placed "/run/secrets/rendered" name
          // {
            content = option types.lines "";
            file = option (types.nullOr types.path) null;
          };
      }));
    };
    placeholder = option (types.attrsOf types.str) (lib.mapAttrs (name: _: "<SOPS:${name}:PLACEHOLDER>") config.sops.secrets);
  };
}
