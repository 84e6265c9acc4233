import { readFileSync } from 'node:fs';
import { minified } from './minify-packages.mjs';

/** `const errors_1 = require("../errors");`, as TypeScript writes an import, with or without one of its helpers around it. */
const imports = /^(?:const|var) (\w+_\d+) = ((?:__import(?:Default|Star)\()?require\("[^"]+"\)\)?);$/gm;

/**
 * A plugin of esbuild for packages that TypeScript has compiled to CommonJS: each of their files loads what it imports when it first
 * uses it. oclif's command would otherwise load its help, its spinners and its search for plugins before anything else, which
 * takes as long as the rest.
 */
export const loadLate = (filter) => ({
  name: 'load-late',
  setup(build) {
    build.onLoad({ filter }, async ({ path }) => ({
      contents: await minified(importingLate(readFileSync(path, 'utf8'))),
    }));
  },
});

function importingLate(source) {
  const names = [...source.matchAll(imports)].map(([, name]) => name);
  if (names.length === 0) return source;
  const declared = source.replace(
    imports,
    (_, name, value) => `let _${name}; function late_${name}() { return _${name} ??= ${value}; }`,
  );
  return declared.replace(new RegExp(`\\b(${names.join('|')})\\b`, 'g'), '(late_$1())');
}
