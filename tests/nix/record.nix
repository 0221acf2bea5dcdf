# Evaluates NixOS modules without nixpkgs: imports are followed, properties resolved and definitions merged as the module
# system does where it knows no types. The result holds `config` (everything set, merged) and `files` (each file's own
# definitions, properties still marked).
#
# modules: paths. settings: what other modules of the host would have set, as an attribute set.
{
  modules,
  settings ? {},
}: let
  inherit (builtins) all attrNames concatLists concatMap concatStringsSep elem filter foldl' functionArgs head isAttrs isFunction isList isString listToAttrs mapAttrs readFileType sort toJSON;

  lib = import ./lib.nix;
  pkgs = import ./pkgs.nix {inherit lib;};

  # What a module may read although nothing here sets it: the defaults of NixOS.
  defaults = {
    networking.hostName = "nixos";
    networking.hostFiles = ["/nix/store/00000000000000000000000000000000-string-hosts"];
    networking.nftables.enable = false;
    services.nginx = {
      user = "nginx";
      group = "nginx";
      package = pkgs.nginx;
    };
    services.tailscale = {
      package = pkgs.tailscale;
      interfaceName = "tailscale0";
      port = 41641;
    };
    services.tailscaleAuth = {
      user = "tailscale-nginx-auth";
      group = "tailscale-nginx-auth";
    };
    system.nixos.release = "26.05";
    systemd.package = pkgs.systemd;
    users.users.root.home = "/root";
  };

  # sops-nix gives every declared secret and template its place at run time, NixOS gives every file of /etc its source.
  withPlaces = config:
    overlay config {
      sops.secrets = mapAttrs (name: secret: {path = secret.path or "/run/secrets/${name}";}) (config.sops.secrets or {});
      sops.templates = mapAttrs (name: template: {path = template.path or "/run/secrets/rendered/${name}";}) (config.sops.templates or {});
      # A file of /etc has its text in the store.
      environment.etc = mapAttrs (name: file: {source = file.source or "/nix/store/00000000000000000000000000000000-etc-${builtins.baseNameOf name}";}) (config.environment.etc or {});
      sops.placeholder = mapAttrs (name: _: "<SOPS:${name}:PLACEHOLDER>") (config.sops.secrets or {});
    };

  # A module's file, read; with every import below it.
  fileOf = path:
    if readFileType path == "directory"
    then path + "/default.nix"
    else path;
  load = path: let
    file = fileOf path;
    raw = import file;
    value =
      if isFunction raw
      then let
        arguments = {
          inherit lib pkgs;
          config = visible;
          options = {};
          modulesPath = "/nix/store/00000000000000000000000000000000-nixos/modules";
        };
        unknown = filter (name: !(arguments ? ${name}) && !(functionArgs raw).${name}) (attrNames (functionArgs raw));
      in
        if unknown == []
        then raw arguments
        else throw "${toString file} wants the module argument ${head unknown}, which no host has"
      else raw;
    definitions = value.config or (removeAttrs value ["imports" "options" "_file" "key" "disabledModules"]);
  in
    [
      {
        file = toString file;
        inherit definitions;
      }
    ]
    ++ concatMap load (value.imports or []);

  # A file that is imported twice counts once.
  loaded = foldl' (seen: entry:
    if elem entry.file (map (other: other.file) seen)
    then seen
    else seen ++ [entry]) []
  (concatMap load modules);

  # A definition with its properties taken off: a list of { value, priority, order, file }.
  discharge = definition: let
    value = definition.value;
    kind =
      if isAttrs value
      then value._type or null
      else null;
  in
    if kind == "if"
    then
      if value.condition
      then discharge (definition // {value = value.content;})
      else []
    else if kind == "merge"
    then concatMap (content: discharge (definition // {value = content;})) value.contents
    else if kind == "override"
    then
      discharge (definition
        // {
          value = value.content;
          priority = value.priority;
        })
    else if kind == "order"
    then
      discharge (definition
        // {
          value = value.content;
          order = value.priority;
        })
    else [definition];

  isDerivation = value: isAttrs value && (value.type or null) == "derivation";
  isTree = value: isAttrs value && !(isDerivation value);

  # Text options that NixOS declares with `types.lines`: several definitions are joined.
  joined = name: elem name ["content" "commonHttpConfig" "appendHttpConfig" "httpConfig" "streamConfig" "eventsConfig" "appendConfig" "prependConfig" "extraConfig" "extraCommands" "script" "preStart" "postStart" "shellInit"];

  # The one value that discharged definitions of a place come to.
  merge = path: definitions: let
    best = foldl' (least: definition: lib.min least definition.priority) 9999 definitions;
    kept = sort (a: b: a.order < b.order) (filter (definition: definition.priority == best) definitions);
    values = map (definition: definition.value) kept;
  in
    if definitions == []
    then unset
    else if all isTree values
    then mergeTrees path kept
    else if all isList values
    then concatLists values
    else if all (value: value == head values) values
    then head values
    else if all isString values && joined (lib.last path)
    then concatStringsSep "\n" values
    else throw "the option ${concatStringsSep "." path} has conflicting definitions: ${concatStringsSep " and " (map (definition: "${toJSON definition.value} in ${definition.file}") kept)}";

  # Name by name. Whether `mkIf` took a name away everywhere is seen only when its value is, so that a condition may
  # read what stands beside it.
  mergeTrees = path: trees:
    lib.genAttrs (lib.unique (concatMap (tree: attrNames tree.value) trees)) (name:
      merge (path ++ [name]) (concatMap (tree: discharge (tree // {value = tree.value.${name};})) (
        filter (tree: tree.value ? ${name}) trees
      )));

  unset = {_type = "unset";};
  isUnset = value: isAttrs value && (value._type or null) == "unset";
  withoutUnset = value:
    if isTree value
    then mapAttrs (_: withoutUnset) (lib.filterAttrs (_: below: !(isUnset below)) value)
    else value;
  # `new` over `old`, name by name.
  overlay = old: new:
    if isUnset new
    then old
    else if isTree old && isTree new
    then
      old
      // mapAttrs (name: value:
        if old ? ${name}
        then overlay old.${name} value
        else value)
      new
    else new;

  merged = merge [] (concatMap (entry:
    discharge {
      value = entry.definitions;
      priority = 100;
      order = 1000;
      inherit (entry) file;
    })
  loaded);

  visible = overlay (overlay defaults settings) (withPlaces merged);
in {
  config = withoutUnset merged;
  files = listToAttrs (map (entry: lib.nameValuePair entry.file entry.definitions) loaded);
}
