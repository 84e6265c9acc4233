import { readFile } from 'node:fs/promises';
import { transform } from 'esbuild';

/** Returns the text of a package's file with short names. */
export async function minified(source) {
  const format = /^\s*(import|export)\b/m.test(source) ? 'esm' : 'cjs';
  return (await transform(source, { format, minify: true, platform: 'node', target: 'node20.19' })).code;
}

/** A plugin of esbuild: what is of packages is minified, half of its size, and naught's own code keeps its names for stack traces. */
export const minifyPackages = {
  name: 'minify-packages',
  setup(build) {
    build.onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: await minified(await readFile(path, 'utf8')),
    }));
  },
};
