import type { LetterWords } from "./letter.ts"

export const german: LetterWords = {
  language: "de",
  kinds: {
    access: "Auskunft über Ihre personenbezogenen Daten",
    correction: "Berichtigung Ihrer personenbezogenen Daten",
    erasure: "Löschung Ihrer personenbezogenen Daten",
    portability: "Übertragung Ihrer personenbezogenen Daten",
    objection: "Beendigung der Verarbeitung, der Sie widersprechen",
    restriction: "Einschränkung der Verarbeitung Ihrer personenbezogenen Daten",
    "opt-out-of-sale": "Ausschluss des Verkaufs und der Weitergabe Ihrer personenbezogenen Daten",
    "limit-sensitive-use": "Begrenzung der Nutzung Ihrer sensiblen Daten"
  },
  subject: (kind, reference) => `Ihr Antrag auf ${kind} (${reference})`,
  greeting: "Sehr geehrte Damen und Herren,",
  opening: (kind, receivedOn) => `am ${receivedOn} haben wir Ihren Antrag auf ${kind} erhalten.`,
  acknowledgement: (answerBy) => [
    `Er ist aufgenommen und wird bearbeitet. Unsere Antwort haben Sie spätestens am ${answerBy}; sollten wir mehr wissen müssen, um sicher zu sein, dass der Antrag von Ihnen stammt, fragen wir nach.`,
    "Das kostet Sie nichts, und Ihnen entsteht dadurch kein Nachteil."
  ],
  status: (url) => `Den Stand können Sie hier verfolgen: ${url}`,
  identity: (how, until) => [
    "Bevor wir personenbezogene Daten herausgeben oder ändern, müssen wir sicher sein, dass der Antrag von der Person stammt, um die es geht.",
    how,
    `Bitte tun Sie das bis zum ${until}. Was Sie uns dafür senden, nutzen wir für nichts anderes und löschen es, sobald wir es geprüft haben.`
  ],
  extension: (answerBy, reasons) => [
    `Wir brauchen länger als gehofft und antworten spätestens am ${answerBy}. Das Gesetz erlaubt das bei komplexen oder zahlreichen Anträgen.`,
    `Die Gründe: ${reasons}`
  ],
  refusal: (reasons, authority) => [
    "Ihrem Antrag haben wir nicht entsprochen.",
    `Die Gründe: ${reasons}`,
    `Wenn Sie das anders sehen, können Sie sich bei einer Aufsichtsbehörde beschweren, zum Beispiel bei ${authority}, und Sie können vor Gericht gehen. Sie können auch uns schreiben.`
  ],
  dataReady: (url, until) => `Ihre Daten liegen bereit. Sie können sie hier einmal abholen, bis zum ${until}: ${url}`,
  accessContents:
    "Dabei steht auch, wofür wir die Daten verwenden, woher wir sie haben, wer sie erhalten hat, wie lange wir sie speichern und welche Rechte Sie haben.",
  done: {
    access: (on) => `Am ${on} haben Sie Ihre Daten erhalten.`,
    correction: (on) => `Am ${on} haben wir Ihre Daten berichtigt.`,
    erasure: (on) => `Am ${on} haben wir Ihre Daten gelöscht.`,
    portability: (on) => `Am ${on} haben Sie Ihre Daten in maschinenlesbarer Form erhalten.`,
    objection: (on) => `Seit dem ${on} verarbeiten wir Ihre Daten nicht mehr für das, dem Sie widersprochen haben.`,
    restriction: (on) =>
      `Seit dem ${on} speichern wir Ihre Daten nur noch und tun sonst nichts mit ihnen. Bevor das endet, sagen wir es Ihnen.`,
    "opt-out-of-sale": (on) => `Seit dem ${on} werden Ihre Daten weder verkauft noch weitergegeben.`,
    "limit-sensitive-use": (on) =>
      `Seit dem ${on} nutzen wir Ihre sensiblen Daten nur noch für das, was der Dienst braucht.`
  },
  told: (recipients) => `Mitgeteilt haben wir es denen, die Ihre Daten erhalten hatten: ${recipients}.`,
  keptHeading: "Folgendes muss aufbewahrt werden und wird für nichts anderes verwendet:",
  kept: ({ what, ground, until }) => `- ${what}: ${ground}${until === undefined ? "" : `, bis zum ${until}`}`,
  questions: (contact) => `Bei Fragen erreichen Sie uns hier: ${contact}`,
  closing: "Mit freundlichen Grüßen"
}
