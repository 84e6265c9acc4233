import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Of a package's files, those that its license asks to be passed on. */
const texts = /^(licen[cs]e|copying|notice)/i;
const rule = '-'.repeat(80);

/**
 * Writes the licenses of all packages of which something is bundled: their texts, as their authors wrote them. Throws for one that has none.
 * `metafiles`: of esbuild.
 */
export function writeLicenses(file, metafiles) {
  const inputs = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .filter((input) => input.includes('node_modules/'));
  const folders = [...new Set(inputs.map(packageOf))];
  const packages = folders.map(describe).sort((one, other) => (one.title < other.title ? -1 : 1));
  const distinct = [
    ...new Map(packages.map(({ title, text }) => [title, `${rule}\n${title}\n${rule}\n\n${text}\n`])).values(),
  ];
  const head = `naught2 contains code of these ${distinct.length} packages, under the licenses that follow.\n`;
  writeFileSync(file, [head, ...distinct].join('\n'));
}

/** The folder of the package that a file is of. */
function packageOf(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    // Some packages have a package.json of a folder, for the kind of its modules alone.
    if (
      existsSync(join(folder, 'package.json')) &&
      JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).version
    )
      return folder;
  }
}

function describe(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((entry) => texts.test(entry));
  const written = files.sort().map((entry) => readFileSync(join(folder, entry), 'utf8').trim());
  // It names its license in package.json, and has no file of it.
  if (files.length === 0 && license === 'MIT') written.push(mitOf(typeof author === 'string' ? author : author.name));
  if (written.length === 0) throw new Error(`${name} is bundled, and has no text of its license`);
  return { title: `${name} ${version} (${license})`, text: written.join('\n\n') };
}

/** The project's own license, with the name of another holder. */
const mitOf = (holder) =>
  readFileSync('LICENSE', 'utf8')
    .trim()
    .replace(/^Copyright .*$/m, `Copyright (c) ${holder}`);
