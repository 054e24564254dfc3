// Imported first: better-sqlite3 13 dies of a segmentation fault, without a message, on Node.js 20.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(
    `FluxCybers needs Node.js 22.19 or newer; this is ${process.version}. Run it through "npm run".\n`
  )
  process.exit(1)
}
