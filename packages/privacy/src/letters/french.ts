import type { LetterWords } from "./letter.ts"

export const french: LetterWords = {
  language: "fr",
  kinds: {
    access: "d’accès à vos données personnelles",
    correction: "de rectification de vos données personnelles",
    erasure: "d’effacement de vos données personnelles",
    portability: "de portabilité de vos données personnelles",
    objection: "d’opposition au traitement de vos données personnelles",
    restriction: "de limitation du traitement de vos données personnelles",
    "opt-out-of-sale": "de refus de la vente et du partage de vos données personnelles",
    "limit-sensitive-use": "de limitation de l’utilisation de vos données sensibles"
  },
  subject: (kind, reference) => `Votre demande ${kind} (${reference})`,
  greeting: "Madame, Monsieur,",
  opening: (kind, receivedOn) => `Nous avons reçu le ${receivedOn} votre demande ${kind}.`,
  acknowledgement: (answerBy) => [
    `Elle est enregistrée et en cours de traitement. Vous aurez notre réponse le ${answerBy} au plus tard ; s’il nous faut en savoir plus pour être sûrs que la demande vient de vous, nous vous le demanderons.`,
    "Cette démarche est gratuite et n’entraîne aucun désavantage pour vous."
  ],
  status: (url) => `Vous pouvez suivre son avancement ici : ${url}`,
  identity: (how, until) => [
    "Avant de communiquer ou de modifier des données personnelles, nous devons être sûrs que la demande vient de la personne concernée.",
    how,
    `Nous vous prions de le faire avant le ${until} inclus. Ce que vous nous enverrez ne servira à rien d’autre et sera effacé après vérification.`
  ],
  extension: (answerBy, reasons) => [
    `Il nous faut plus de temps que prévu ; nous vous répondrons le ${answerBy} au plus tard. La loi le permet pour les demandes complexes ou nombreuses.`,
    `En voici les motifs : ${reasons}`
  ],
  refusal: (reasons, authority) => [
    "Nous n’avons pas donné suite à votre demande.",
    `En voici les motifs : ${reasons}`,
    `Si vous n’êtes pas d’accord, vous pouvez introduire une réclamation auprès d’une autorité de contrôle, par exemple ${authority}, et former un recours devant un tribunal. Vous pouvez aussi nous écrire.`
  ],
  dataReady: (url, until) =>
    `Vos données sont prêtes. Vous pouvez les télécharger ici une seule fois, jusqu’au ${until} : ${url}`,
  accessContents:
    "Vous y trouverez aussi à quoi servent ces données, d’où elles viennent, qui les a reçues, combien de temps nous les conservons et quels sont vos droits.",
  done: {
    access: (on) => `Vous avez reçu vos données le ${on}.`,
    correction: (on) => `Nous avons rectifié vos données le ${on}.`,
    erasure: (on) => `Nous avons effacé vos données le ${on}.`,
    portability: (on) => `Vous avez reçu le ${on} une copie de vos données lisible par une machine.`,
    objection: (on) => `Depuis le ${on}, nous ne traitons plus vos données aux fins auxquelles vous vous êtes opposé.`,
    restriction: (on) =>
      `Depuis le ${on}, nous conservons vos données sans en faire rien d’autre. Nous vous préviendrons avant que cela ne cesse.`,
    "opt-out-of-sale": (on) => `Depuis le ${on}, vos données ne sont ni vendues ni partagées.`,
    "limit-sensitive-use": (on) =>
      `Depuis le ${on}, nous n’utilisons vos données sensibles que pour ce qu’exige le service.`
  },
  told: (recipients) => `Nous en avons informé ceux qui avaient reçu vos données : ${recipients}.`,
  keptHeading: "Ce qui suit doit être conservé et ne sert à rien d’autre :",
  kept: ({ what, ground, until }) => `- ${what} : ${ground}${until === undefined ? "" : `, jusqu’au ${until}`}`,
  questions: (contact) => `Pour toute question, vous pouvez nous joindre ici : ${contact}`,
  closing: "Nous vous prions d’agréer, Madame, Monsieur, nos salutations distinguées."
}
