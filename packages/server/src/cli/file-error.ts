/** Why a file could not be used, in words; the system's own message where there are none. */
export const fileErrorText = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause)
  const words = "code" in cause ? WORDS[String(cause.code)] : undefined
  return words ?? cause.message
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this account may not (EACCES)",
  EPERM: "this account may not (EPERM)",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EEXIST: "there is such a file already",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only"
}
