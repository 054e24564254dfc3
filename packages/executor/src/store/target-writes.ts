// Targets as rows.
import type { Target } from "../targets.ts"

/** The columns that somebody decides. */
export const targetColumns = ({ id: _, hostKey, tags, jump, revokedKeys = [], passphrase, ...rest }: Target) => ({
  ...rest,
  revoked_keys: revokedKeys.length === 0 ? null : JSON.stringify([...revokedKeys].sort()),
  jump: jump ?? null,
  passphrase: passphrase ?? null,
  host_key: hostKey,
  tags: JSON.stringify(tags)
})

type Columns = ReturnType<typeof targetColumns>

/** Only what changes is written: two people who change different fields do not undo each other. */
export const changedColumns = (before: Target, after: Target): Partial<Columns> => {
  const was = targetColumns(before)
  return Object.fromEntries(
    Object.entries(targetColumns(after)).filter(([name, value]) => value !== was[name as keyof Columns])
  )
}
