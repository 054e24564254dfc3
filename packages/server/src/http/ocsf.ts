// Entries of the audit log as events of the Open Cybersecurity Schema Framework, class API Activity (https://schema.ocsf.io/1.3.0/classes/api_activity).
import type { AuditEntry, AuditOutcome, IndexedEntry } from "@fluxcybers/core"

const OCSF_VERSION = "1.3.0"
const CATEGORY_UID = 6
const CLASS_UID = 6003
const OTHER = 99

/** `activity_id` of the class by the past verb of the action; every other verb is `Other`, and `activity_name` says which. */
const ACTIVITIES: ReadonlyArray<readonly [id: number, verbs: RegExp]> = [
  [1, /\.(added|created|put|placed|proposed|joined|stored)$/],
  [2, /\.(revealed|read|opened|listed|exported|used)$/],
  [3, /\.(changed|updated|rotated|approved|rejected|granted|renamed)$/],
  [4, /\.(removed|destroyed|deleted|revoked|purged|shredded|released)$/]
]

/** `status_id`: 1 success, 2 failure, 0 unknown, 99 other. */
const STATUSES: Readonly<Record<AuditOutcome, number>> = {
  success: 1,
  failure: 2,
  denied: 2,
  unknown: 0,
  intent: OTHER,
  interrupted: OTHER
}
/** `severity_id`: 1 informational, 3 medium. */
const SEVERITIES: Readonly<Record<AuditOutcome, number>> = {
  success: 1,
  intent: 1,
  failure: 3,
  denied: 3,
  unknown: 3,
  interrupted: 3
}

/** The event of one entry. What the log keeps beyond the schema stands in `unmapped`. */
export const ocsfEvent = ({ index, entry }: IndexedEntry) => {
  const activity = ACTIVITIES.find(([, verbs]) => verbs.test(entry.action))?.[0] ?? OTHER
  return {
    activity_id: activity,
    ...(activity === OTHER ? { activity_name: entry.action } : {}),
    category_uid: CATEGORY_UID,
    class_uid: CLASS_UID,
    type_uid: CLASS_UID * 100 + activity,
    severity_id: SEVERITIES[entry.outcome],
    status_id: STATUSES[entry.outcome],
    status: entry.outcome,
    time: Date.parse(entry.time),
    metadata: {
      version: OCSF_VERSION,
      product: { name: "FluxCybers", vendor_name: "FluxCybers" },
      uid: entry.id,
      sequence: index,
      event_code: entry.action,
      log_name: "audit",
      original_time: entry.time,
      tenant_uid: entry.org
    },
    actor: actorOf(entry),
    api: { operation: entry.action, service: { name: "FluxCybers" } },
    // The log keeps no addresses. The class demands an endpoint, and an endpoint demands one of its names.
    src_endpoint: { svc_name: "fluxcybers" },
    resources: [{ uid: entry.object }],
    unmapped: { facts: entry.facts, sealed: entry.sealed }
  }
}

/** A person, an agent for a person, a service's token, or a component of the server. */
const actorOf = ({ actor }: AuditEntry) => {
  if (actor.startsWith("system/")) return { app_name: "FluxCybers", process: { name: actor } }
  const [first = "", person] = actor.split("/")
  return person === undefined ? { user: { uid: first } } : { app_uid: first, user: { uid: person } }
}
