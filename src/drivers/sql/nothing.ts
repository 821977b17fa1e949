/** Stands in for packages that are never used: see driver.ts. */
export {}
