import boundaries from 'eslint-plugin-boundaries'
import tseslint from 'typescript-eslint'

// The walls of the house: a room imports only rooms of earlier groups, or of its own group.
const groups = [
  ['base', 'domain'],
  ['config', 'topology', 'desired', 'plan', 'views', 'drivers'],
  ['sets', 'doctor'],
  ['observed', 'act', 'store'],
  ['reconcile'],
  ['serve', 'notify', 'cli'],
]
const rooms = [...groups.flat(), 'lab']
const walls = groups.flatMap((group, index) =>
  group.map((room) => ({
    from: { element: { type: room } },
    allow: { to: { element: { types: { anyOf: [...groups.slice(0, index).flat(), ...group] } } } },
  })),
)

// Who may use a package: one module wraps each client of the outer world.
const wrapped = {
  'simple-git': 'src/desired/git-client.ts',
  mssql: 'src/drivers/sql/{driver,connection}.ts',
  'node:sqlite': 'src/store/**',
  'node:child_process': 'src/drivers/child/**',
}
const pure = ['domain', 'plan', 'topology', 'views']
const impureModules = ['node:fs', 'node:fs/promises', 'node:net', 'node:dgram', 'node:http', 'node:timers/promises']

function restrictedImports(files, names, message) {
  return { files, rules: { 'no-restricted-imports': ['error', { paths: names.map((name) => ({ name, message })) }] } }
}

// The last entry that matches a file holds, so a home gets the list without what it may use.
const homes = [...new Set(Object.values(wrapped))]
const wrappedImports = [
  restrictedImports(['src/**/*.ts'], Object.keys(wrapped), 'One module wraps this package.'),
  ...homes.map((home) =>
    restrictedImports(
      [home],
      Object.keys(wrapped).filter((name) => wrapped[name] !== home),
      'One module wraps this package.',
    ),
  ),
  { files: ['src/lab/**/*.ts'], rules: { 'no-restricted-imports': 'off' } },
]

// Judgement is made once, in a pass: what answers questions shows it (ADR 0013).
const judges = '/plan\\/(plan|standing|(findings|conditions)\\/.*|loss\\/(flags|incidents|grace|levels))\\.ts$/'
const judging = {
  selector: `ImportDeclaration[importKind!="type"][source.value=${judges}]`,
  message: 'Answer from the snapshot: it holds what the pass judged.',
}

export default tseslint.config(
  { ignores: ['.ci', 'coverage', 'dist', 'node_modules', '**/fixtures/**', 'src/serve/page/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      'no-restricted-globals': ['error', { name: 'setTimeout', message: 'Use the injected Clock.' }],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Use the injected Clock.' },
        { object: 'Math', property: 'random', message: 'Use the injected Random.' },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': rooms.map((room) => ({ type: room, pattern: `src/${room}` })),
      'boundaries/include': ['src/**/*'],
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            ...walls,
            { from: { element: { type: 'cli' } }, allow: { to: { element: { type: 'lab' } } } },
            // The lab must not know how the product works: base, the loader of desired state and calls.json, no more.
            { from: { element: { type: 'lab' } }, allow: { to: { element: { types: { anyOf: ['lab', 'base'] } } } } },
            {
              from: { element: { type: 'lab' } },
              allow: { to: { file: { path: ['src/desired/load.ts', 'src/drivers/shell/calls.json'] } } },
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/lab/**/*.ts'],
    rules: {
      'no-restricted-globals': 'off',
      'no-restricted-properties': 'off',
    },
  },
  {
    files: ['src/base/clock.ts', 'src/base/random.ts', 'test/**/*.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: ['src/views/**/*.ts', 'src/cli/**/*.ts'],
    ignores: ['src/cli/plan.ts'], // makes the plan of a revision that is not in force
    rules: { 'no-restricted-syntax': ['error', judging] },
  },
  ...wrappedImports,
  restrictedImports(
    pure.map((room) => `src/${room}/**/*.ts`),
    [...impureModules, ...Object.keys(wrapped)],
    'This room is pure.',
  ),
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
  { files: ['**/*.js'], extends: [tseslint.configs.disableTypeChecked] },
)
