// What the lab's configuration names as its shell host.
import { entry } from '../base/bundle.js'

await import(entry('lab/shell-host.ts'))
