// The scripts that put a file on a target and fetch one: for every POSIX sh, with what hosts have. Pure.
import { quoteWord } from "../shell-quote.ts"

/** What an upload needs besides its plan. */
export interface UploadContent {
  /** SHA-256 (hex) of the bytes that are sent. */
  readonly digest: string
  /** Nobody can guess it: the name of the file while it is incomplete. */
  readonly nonce: string
}

const REFUSE = `refuse() { printf '%s\\n' "$1" >&2; exit 1; }`

/** sha256sum of coreutils and BusyBox, shasum of Perl (macOS), sha256 of the BSDs, and OpenSSL. The digest is the first word. */
const DIGEST = `digest() {
  if command -v sha256sum >/dev/null 2>&1; then sha256sum
  elif command -v shasum >/dev/null 2>&1; then shasum -a 256
  elif command -v sha256 >/dev/null 2>&1; then sha256 -q
  elif command -v openssl >/dev/null 2>&1; then openssl dgst -sha256 -r
  else return 1; fi
}`

/**
 * Writes standard input to a new file beside the destination, checks its digest there, gives it its mode and renames it over the destination
 * (rename(2): whoever opens the path sees the old file or the new one, whole). Whatever goes wrong, also a lost connection or a stop,
 * the old file is as it was and the new one is removed.
 */
export const uploadScript = (
  { path, mode, fill }: { readonly path: string; readonly mode: string; readonly fill?: unknown },
  sent: UploadContent
) => {
  const folder = path.slice(0, path.lastIndexOf("/") + 1)
  return [
    REFUSE,
    DIGEST,
    `f=${quoteWord(path)}; d=${quoteWord(folder)}; t=$d.fluxcybers-${sent.nonce}`,
    `[ -d "$d" ] || refuse "There is no such folder. Nothing was written."`,
    `[ ! -L "$f" ] || refuse "The destination is a symbolic link. Name the file that it leads to. Nothing was written."`,
    `[ ! -d "$f" ] || refuse "The destination is a folder. Nothing was written."`,
    `[ ! -e "$f" ] || [ -f "$f" ] || refuse "The destination is no regular file. Nothing was written."`,
    `digest </dev/null >/dev/null || refuse "The target has no program for SHA-256 (sha256sum, shasum, sha256 or openssl). Nothing was written."`,
    "umask 077",
    // Only a name that was made here is ever removed.
    `( set -C; : >"$t" ) 2>/dev/null || refuse "The account may make no file in that folder, or it is full. Nothing was written."`,
    `trap 'rm -f -- "$t"' EXIT; trap 'exit 129' HUP; trap 'exit 141' PIPE; trap 'exit 143' TERM INT`,
    `cat >"$t" || refuse "The file could not be written whole: is the disk full? The old one is as it was."`,
    `s=$(digest <"$t"); s=\${s%% *}`,
    `[ "$s" = ${sent.digest} ] || refuse "What arrived has another digest. The old file is as it was."`,
    `chmod ${mode} "$t" && mv -f -- "$t" "$f" || refuse "The file could not be put in its place. The old one is as it was."`,
    // By the digest of a file with a secret, somebody could try what the secret is.
    ...(fill === undefined ? [`printf '%s  %s\\n' "$s" "$f"`] : [])
  ].join("\n")
}

/** Writes the file to standard output, or says on standard error why it does not. */
export const downloadScript = ({ path, bytesMax }: { readonly path: string; readonly bytesMax: number }) =>
  [
    REFUSE,
    `f=${quoteWord(path)}`,
    `size() { s=$(wc -c <"$f") && [ "$s" -le ${bytesMax} ] || refuse "It has more than ${bytesMax} bytes, or is not readable. $1"; }`,
    `[ -e "$f" ] || refuse "There is no such file, or the account may not look into its folder. Nothing was fetched."`,
    `[ -f "$f" ] || refuse "It is no regular file. Nothing was fetched."`,
    `[ -r "$f" ] || refuse "The account may not read it. Nothing was fetched."`,
    `size "Nothing was fetched."`,
    `head -c ${bytesMax} <"$f" || refuse "It could not be read to its end."`,
    // It may have grown meanwhile, so that its end is missing.
    `size "It grew while it was read: what was fetched is not all of it."`
  ].join("\n")
