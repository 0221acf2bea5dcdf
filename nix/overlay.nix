# The packages under the names that the rendered modules use: `pkgs.tailwright` and `pkgs.tsctl`.
final: _prev: let
  tailwright = final.callPackage ./package.nix {};
in {
  inherit tailwright;
  # The other output of the same build, with its own main program.
  tsctl = tailwright.tsctl // {meta = tailwright.meta // {mainProgram = "tsctl";};};
}
