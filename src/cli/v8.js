// How V8 runs Holdfast; the bench measures with the same.
import { setFlagsFromString } from 'node:v8'

// The daemon waits most of the time: a small heap is worth more than a fast one.
setFlagsFromString('--optimize-for-size')
