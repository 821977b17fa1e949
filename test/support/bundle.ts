/** Tests start the program as users do: from the bundle of the source as it is now. */
export { makeBundle as default } from '../../src/base/make-bundle.js'
