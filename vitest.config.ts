import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'
import { threadsOfBundle } from './test/support/threads-of-bundle.ts'

export default defineConfig({
  plugins: [threadsOfBundle()],
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/bundle.ts', 'test/support/engines-said.ts'],
    sequence: { sequencer: LongestFirst },
    maxWorkers: availableParallelism() + 1, // tests that wait for processes leave a seventh of the processors idle
    testTimeout: 60_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    env: {
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      NO_COLOR: '1',
      TZ: 'America/New_York', // a zone with daylight saving: nothing may depend on the machine's own
      // As `holdfast.js` sets it: most of what the start of a process of ours costs is compiling.
      NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'holdfast'),
    },
    coverage: {
      provider: 'v8',
      include: ['src/domain/**', 'src/plan/**'],
      reporter: ['text', 'html'],
      thresholds: { lines: 95, functions: 95, statements: 95, branches: 90 },
    },
  },
})
