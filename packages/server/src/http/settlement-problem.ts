// Why an unknown run was not settled, as HTTP says it.
export const SETTLEMENT_PROBLEM = {
  code: "settlement",
  statuses: {
    "not-a-person": 403,
    role: 403,
    reason: 422,
    "not-unknown": 409,
    "which-run": 409,
    "not-recoverable": 409,
    "still-running": 409,
    "no-answer": 409
  }
} as const
