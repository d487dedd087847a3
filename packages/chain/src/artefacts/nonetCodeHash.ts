// Generated from contracts/*.sol by scripts/compileContracts.ts with solc 0.8.37+commit.f401782d.Emscripten.clang; do not edit.
export const nonetCodeHash = '0x3f488a865d6ff04981861e052b87db88ce683a42574293d28caa49d3c25f085e';
