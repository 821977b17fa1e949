// How V8 keeps the memory of Holdfast; the bench measures with the same.
import { setFlagsFromString } from 'node:v8'

// The daemon waits most of the time: a small heap (two thirds of the memory) is worth more than a fast one (a sixth of the
// processor), and a young generation that once grew (up to 48 MiB) never shrinks while there is something to do.
setFlagsFromString('--optimize-for-size')
setFlagsFromString('--semi-space-growth-factor=1')
