// The one place that names `effect/sql` (tagged unstable): everything else imports these words from here.
export { SqlClient } from "effect/sql"
export { SqlError } from "effect/sql/SqlError"
