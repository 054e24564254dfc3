// Using the packages of a checkout: links in place of an installation.
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"

const FOLDERS_UP_MAX = 4

/** The checkout with its installed packages that a folder is in. */
export const checkoutAround = (folder: string, upMax = FOLDERS_UP_MAX): string | undefined => {
  const isCheckout = existsSync(join(folder, "node_modules", "@fluxcybers", "executor", "package.json"))
  if (isCheckout && existsSync(join(folder, "packages", "executor"))) return folder
  return upMax === 0 ? undefined : checkoutAround(dirname(folder), upMax - 1)
}

/** Links what the manifest in `place` asks for to what the checkout has. */
export const linkPackages = (checkout: string, place: string): void => {
  const manifest: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(
    readFileSync(join(place, "package.json"), "utf8")
  )
  for (const name of [...Object.keys(manifest.devDependencies), ".bin"]) {
    const link = join(place, "node_modules", name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(checkout, "node_modules", name), link)
  }
}
