// Instants as people read them. The server sends ISO 8601 in UTC, and UTC it stays.

/** `2026-11-24 08:16:03Z`; what is not an instant comes back as it is. */
export const moment = (iso: string): string =>
  iso.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:Z|\+00:00)$/, "$1 $2Z")
