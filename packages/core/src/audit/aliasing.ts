// Which alias stands for which id: on one node the same one for a day (UTC), and another one the next day. What is remembered was
// committed, so recording costs one more row for each id and day, and reads nothing.
import { type AliasOpening, openingOf } from "../verifier/alias.ts"

/** Ids remembered at a time; past this the oldest gets another alias. */
const IDS_MAX = 10_000

/** An opening on its way into the database. */
export interface NewAlias extends AliasOpening {
  /** The data subject whose erasure takes it along; empty where only the id is known. */
  readonly subject: string
  readonly day: string
  /** It stands for an id, and is used again. */
  readonly isOfId: boolean
}

/** Gives the aliases of one entry. */
export interface Naming {
  /** For an id, the same one for the day. */
  ofId(id: string, subject: string): string
  /** For a text about a data subject, used this once. */
  ofText(text: string, subject: string): string
  /** What has to be written with the entry. */
  readonly made: ReadonlyArray<NewAlias>
}

/** What a node remembers of its aliases. */
export class Aliasing {
  #day = ""
  readonly #committed = new Map<string, string>()
  /** Made by entries that wait for a commit together. */
  readonly #waiting = new Map<string, NewAlias>()
  /** Made in a transaction, by its level: what is rolled back with a level is not used outside of it. */
  readonly #inTransaction = new WeakMap<object, Map<string, NewAlias>>()

  /** For an entry of this organisation and day. `transaction` is the level that it is written in, if it is. */
  naming(org: string, day: string, transaction: object | undefined): Naming {
    this.#turnTo(day)
    const made: Array<NewAlias> = []
    const recent = transaction === undefined ? this.#waiting : this.#levelOf(transaction)
    return {
      made,
      ofId: (id, subject) => {
        const name = nameOf({ org, text: id })
        const known = this.#committed.get(name)
        if (known !== undefined) return known
        const before = recent.get(name)
        const alias = before ?? { ...openingOf(org, id), subject, day, isOfId: true }
        recent.set(name, alias)
        // Each of those that wait brings it along: any of them may be the first to be committed.
        if (before === undefined || transaction === undefined) made.push(alias)
        return alias.alias
      },
      ofText: (text, subject) => {
        const alias = { ...openingOf(org, text), subject, day, isOfId: false }
        made.push(alias)
        return alias.alias
      }
    }
  }

  /** These stand in the database now. */
  committed(aliases: ReadonlyArray<NewAlias>): void {
    for (const made of aliases) {
      if (!made.isOfId || made.day !== this.#day) continue
      const name = nameOf(made)
      this.#waiting.delete(name)
      if (this.#committed.size >= IDS_MAX) this.#committed.delete(this.#committed.keys().next().value!)
      this.#committed.set(name, made.alias)
    }
  }

  /** The commit that these waited for failed. */
  failed(aliases: ReadonlyArray<NewAlias>): void {
    for (const made of aliases) this.#waiting.delete(nameOf(made))
  }

  #turnTo(day: string): void {
    if (day === this.#day) return
    this.#day = day
    this.#committed.clear()
    this.#waiting.clear()
  }

  #levelOf(transaction: object): Map<string, NewAlias> {
    const known = this.#inTransaction.get(transaction)
    if (known !== undefined) return known
    const level = new Map<string, NewAlias>()
    this.#inTransaction.set(transaction, level)
    return level
  }
}

const nameOf = ({ org, text }: Pick<NewAlias, "org" | "text">): string => `${org} ${text}`
