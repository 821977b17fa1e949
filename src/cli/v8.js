// How V8 runs Holdfast; the bench measures with the same.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

// Compiled once, every later start is twice as fast; worker threads and children find it through the environment.
// It lies beside the code, so that whoever may write it may write the code too.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../../node_modules/.cache/holdfast', import.meta.url))
enableCompileCache()

// The daemon waits most of the time: a small heap is worth more than a fast one, and a young generation that once grew
// (up to 48 MiB) never shrinks while there is something to do.
setFlagsFromString('--optimize-for-size')
setFlagsFromString('--semi-space-growth-factor=1')
