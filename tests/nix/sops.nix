# Evaluates rendered modules with sops-nix's own module: what it makes of the secrets that they declare.
#
# nixpkgsLib: the folder `lib` of a nixpkgs. sopsNix: a checkout of sops-nix. modules: paths.
{
  nixpkgsLib,
  sopsNix,
  modules,
}: let
  lib = import nixpkgsLib;
  pkgs = import ./pkgs.nix {inherit lib;};
  anything = default:
    lib.mkOption {
      type = lib.types.anything;
      inherit default;
    };
  host = lib.evalModules {
    modules =
      modules
      ++ [
        ./options.nix
        (sopsNix + "/modules/sops")
        {
          # What sops-nix reads and sets beside its own options.
          options = {
            system.activationScripts = anything {};
            system.build = anything {};
            services.openssh.hostKeys = anything [];
            systemd.sysusers.enable = anything false;
            services.userborn.enable = anything false;
          };
          config._module.args.pkgs = pkgs;
        }
      ];
  };
in {
  failed = map (assertion: assertion.message) (lib.filter (assertion: !assertion.assertion) host.config.assertions);
  validate = host.config.sops.validateSopsFiles;
  keyFile = host.config.sops.age.keyFile;
  sshKeyPaths = host.config.sops.age.sshKeyPaths;
  secrets = lib.mapAttrs (_: secret: {inherit (secret) sopsFile key owner group mode path reloadUnits;}) host.config.sops.secrets;
}
