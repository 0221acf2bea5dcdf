# The functions of nixpkgs' `lib` that a rendered module may call, for evaluating one where there is no nixpkgs.
# Properties (mkIf, mkOverride, …) are the same marked attribute sets that the real functions return.
let
  inherit (builtins) attrNames concatLists concatStringsSep elem filter hasAttr isAttrs isList listToAttrs match replaceStrings;

  nameValuePair = name: value: {inherit name value;};
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  escapeShellArg = value: let
    text = toString value;
  in
    if match "[[:alnum:],._+:@%/-]+" text != null
    then text
    else "'${replaceStrings ["'"] ["'\\''"] text}'";
in rec {
  inherit nameValuePair mkOverride mkOrder mapAttrsToList escapeShellArg;
  inherit (builtins) attrNames attrValues concatMap concatStringsSep elem filter genList head length listToAttrs map mapAttrs tail toJSON;

  # Properties.
  mkDefault = mkOverride 1000;
  mkForce = mkOverride 50;
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # Numbers, lists and sets.
  min = a: b:
    if a < b
    then a
    else b;
  last = values: builtins.elemAt values (builtins.length values - 1);
  flatten = value:
    if isList value
    then concatLists (map flatten value)
    else [value];
  unique = builtins.foldl' (seen: value:
    if elem value seen
    then seen
    else seen ++ [value]) [];
  optional = condition: value:
    if condition
    then [value]
    else [];
  optionals = condition: values:
    if condition
    then values
    else [];
  optionalAttrs = condition: set:
    if condition
    then set
    else {};
  filterAttrs = keep: set: listToAttrs (concatLists (mapAttrsToList (name: value: optional (keep name value) (nameValuePair name value)) set));
  genAttrs = names: f: listToAttrs (map (name: nameValuePair name (f name)) names);
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  recursiveUpdate = old: new:
    if isAttrs old && isAttrs new
    then
      old
      // builtins.mapAttrs (name: value:
        if hasAttr name old
        then recursiveUpdate old.${name} value
        else value)
      new
    else new;

  # Text.
  optionalString = condition: text:
    if condition
    then text
    else "";
  concatMapStringsSep = separator: f: values: concatStringsSep separator (map f values);
  concatLines = lines: concatStringsSep "" (map (line: line + "\n") lines);
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  boolToString = value:
    if value
    then "true"
    else "false";
  getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname or package.name}";
  getExe' = package: name: "${package}/bin/${name}";
  makeBinPath = concatMapStringsSep ":" (package: "${package}/bin");
}
