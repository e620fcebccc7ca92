import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** What each layer may import besides itself. The same table is in ARCHITECTURE.md. */
const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  syntax: ['base'],
  model: ['base'],
  flow: ['base', 'model'],
  schema: ['base', 'syntax', 'model', 'flow'],
  formats: ['base', 'model'],
  storage: ['base', 'model'],
  net: ['base', 'syntax', 'model', 'flow', 'schema', 'formats'],
  files: ['base', 'storage'],
  component: ['base', 'model', 'flow', 'schema'],
  components: ['base', 'syntax', 'model', 'flow', 'schema', 'formats', 'storage', 'net', 'files', 'component'],
  runtime: ['base', 'syntax', 'model', 'flow', 'schema', 'component'],
  services: ['base', 'syntax', 'model', 'flow', 'schema', 'formats', 'storage', 'net', 'files', 'component', 'runtime'],
};

/** Layers that may import everything. */
const tops = ['cli', 'main.ts', 'testkit'];

interface Import {
  readonly from: string;
  readonly to: string;
}

const root = path.join(import.meta.dirname, '..');
const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'));

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const targets = text.matchAll(/(?:^|\n)(?:import|export)\s[^'"]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g);
  return [...targets].map((match) => ({ from: file, to: match[1] ?? match[2] ?? '' }));
}

/** The path of an imported file of ours below `src`, and undefined for packages. */
function ownTarget({ from, to }: Import): string | undefined {
  return to.startsWith('.') ? path.relative('src', path.join(path.dirname(from), to)) : undefined;
}

const imports = sources.flatMap(importsOf);
const layerOf = (file: string): string => file.split('/')[0] ?? '';

test('a layer imports only what the table allows', () => {
  const wrong = imports.filter((one) => {
    const target = ownTarget(one);
    const layer = layerOf(path.relative('src', one.from));
    if (target === undefined || tops.includes(layer)) return false;
    const allowed = layers[layer];
    assert.ok(allowed, `${layer} is no layer`);
    return layerOf(target) !== layer && !allowed.includes(layerOf(target));
  });
  assert.deepEqual(wrong, []);
});

test('a family of components imports no other family', () => {
  const wrong = imports.filter((one) => {
    const [layer, family] = path.relative('src', one.from).split('/');
    const [targetLayer, targetFamily] = ownTarget(one)?.split('/') ?? [];
    if (layer !== 'components' || targetLayer !== 'components' || family === 'index.ts') return false;
    return targetFamily !== family;
  });
  assert.deepEqual(wrong, []);
});

test('each package is imported by one file, and every dependency is used', () => {
  const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const product = sources.filter((file) => !file.startsWith('src/testkit/'));
  for (const name of Object.keys(dependencies)) {
    // The package that brings Node itself is run, not imported.
    if (name === 'node') continue;
    const users = product.filter((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return text.includes(`from '${name}'`) || text.includes(`require('${name}')`);
    });
    assert.equal(users.length, 1, `${name} is imported by ${users.join(', ') || 'no file'}`);
  }
  const known = new Set(Object.keys(dependencies));
  const foreign = imports.filter(
    ({ from, to }) =>
      !to.startsWith('.') && !to.startsWith('node:') && !from.startsWith('src/testkit/') && !known.has(to),
  );
  assert.deepEqual(foreign, []);
});

test('a component is in the file of its name, in the folder of its family', async () => {
  const { components } = await import('../src/components/index.ts');
  for (const name of components.keys()) {
    const [family = ''] = name.split('.');
    assert.ok(sources.includes(`src/components/${family}/${name}.ts`), name);
  }
  assert.deepEqual([...components.keys()], [...components.keys()].toSorted());
});

test('the layer table is the one in ARCHITECTURE.md', () => {
  const page = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
  for (const [layer, allowed] of Object.entries(layers)) {
    const row = `| \`${layer}\` | ${allowed.length === 0 ? 'nothing of ours' : allowed.map((name) => `\`${name}\``).join(' ')} |`;
    assert.ok(page.includes(row), `ARCHITECTURE.md has no row\n${row}`);
  }
});

test('values of node:http are got in one place, since importing them loads far more', () => {
  const wrong = sources.filter((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return !file.startsWith('src/testkit/') && /\nimport (?!type)[^;]*from 'node:http'/.test(`\n${text}`);
  });
  assert.deepEqual(wrong, []);
});
