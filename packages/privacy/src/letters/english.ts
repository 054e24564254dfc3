import type { LetterWords } from "./letter.ts"

export const english: LetterWords = {
  language: "en",
  kinds: {
    access: "access to your personal data",
    correction: "correction of your personal data",
    erasure: "erasure of your personal data",
    portability: "a portable copy of your personal data",
    objection: "an end to the processing that you object to",
    restriction: "restriction of the processing of your personal data",
    "opt-out-of-sale": "no sale or sharing of your personal data",
    "limit-sensitive-use": "limited use of your sensitive personal data"
  },
  subject: (kind, reference) => `Your request for ${kind} (${reference})`,
  greeting: "Dear Sir or Madam,",
  opening: (kind, receivedOn) => `On ${receivedOn} we received your request for ${kind}.`,
  acknowledgement: (answerBy) => [
    `We have recorded it and are working on it. You will have our answer by ${answerBy} at the latest; if we need to know more to be sure that the request is yours, we will ask you.`,
    "This costs you nothing, and asking has no disadvantage for you."
  ],
  status: (url) => `You can follow its progress here: ${url}`,
  identity: (how, until) => [
    "Before we give out or change personal data we must be sure that the request comes from the person whom they are about.",
    how,
    `Please do so by ${until}. What you send us for this is used for nothing else and erased once we have looked at it.`
  ],
  extension: (answerBy, reasons) => [
    `We need more time than we had hoped, and will answer by ${answerBy} at the latest. The law allows this for requests that are complex or numerous.`,
    `The reasons: ${reasons}`
  ],
  refusal: (reasons, authority) => [
    "We have not done what you asked for.",
    `The reasons: ${reasons}`,
    `If you disagree, you can lodge a complaint with a supervisory authority, for example ${authority}, and you can go to court. You can also write to us.`
  ],
  dataReady: (url, until) => `Your data are ready. You can fetch them here once, until ${until}: ${url}`,
  accessContents:
    "The package also says for what we use the data, where we have them from, who received them, how long we keep them, and which rights you have.",
  done: {
    access: (on) => `On ${on} you received your data.`,
    correction: (on) => `On ${on} we corrected your data.`,
    erasure: (on) => `On ${on} we erased your data.`,
    portability: (on) => `On ${on} you received a copy of your data that machines can read.`,
    objection: (on) => `Since ${on} we no longer process your data for what you objected to.`,
    restriction: (on) =>
      `Since ${on} we store your data and do nothing else with them. We will tell you before this ends.`,
    "opt-out-of-sale": (on) => `Since ${on} your data are neither sold nor shared.`,
    "limit-sensitive-use": (on) => `Since ${on} we use your sensitive data only for what the service needs.`
  },
  told: (recipients) => `We have told those who had received your data: ${recipients}.`,
  keptHeading: "The following must be kept, and is used for nothing else:",
  kept: ({ what, ground, until }) => `- ${what}: ${ground}${until === undefined ? "" : `, until ${until}`}`,
  questions: (contact) => `Questions reach us here: ${contact}`,
  closing: "Yours faithfully"
}
