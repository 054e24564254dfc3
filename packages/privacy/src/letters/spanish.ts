import type { LetterWords } from "./letter.ts"

export const spanish: LetterWords = {
  language: "es",
  kinds: {
    access: "acceso a sus datos personales",
    correction: "rectificación de sus datos personales",
    erasure: "supresión de sus datos personales",
    portability: "portabilidad de sus datos personales",
    objection: "oposición al tratamiento de sus datos personales",
    restriction: "limitación del tratamiento de sus datos personales",
    "opt-out-of-sale": "exclusión de la venta y la cesión de sus datos personales",
    "limit-sensitive-use": "limitación del uso de sus datos sensibles"
  },
  subject: (kind, reference) => `Su solicitud de ${kind} (${reference})`,
  greeting: "Estimada señora, estimado señor:",
  opening: (kind, receivedOn) => `El ${receivedOn} recibimos su solicitud de ${kind}.`,
  acknowledgement: (answerBy) => [
    `Está registrada y la estamos tramitando. Recibirá nuestra respuesta a más tardar el ${answerBy}; si necesitamos saber algo más para estar seguros de que la solicitud es suya, se lo preguntaremos.`,
    "Este trámite es gratuito y no le supone ninguna desventaja."
  ],
  status: (url) => `Puede seguir su estado aquí: ${url}`,
  identity: (how, until) => [
    "Antes de entregar o modificar datos personales debemos estar seguros de que la solicitud procede de la persona a la que se refieren.",
    how,
    `Le rogamos que lo haga a más tardar el ${until}. Lo que nos envíe no se usará para nada más y se borrará una vez comprobado.`
  ],
  extension: (answerBy, reasons) => [
    `Necesitamos más tiempo del previsto y responderemos a más tardar el ${answerBy}. La ley lo permite cuando las solicitudes son complejas o numerosas.`,
    `Los motivos: ${reasons}`
  ],
  refusal: (reasons, authority) => [
    "No hemos atendido su solicitud.",
    `Los motivos: ${reasons}`,
    `Si no está de acuerdo, puede presentar una reclamación ante una autoridad de control, por ejemplo ${authority}, y acudir a los tribunales. También puede escribirnos.`
  ],
  dataReady: (url, until) => `Sus datos están listos. Puede descargarlos aquí una sola vez, hasta el ${until}: ${url}`,
  accessContents:
    "Incluyen también para qué usamos los datos, de dónde proceden, quién los ha recibido, cuánto tiempo los conservamos y qué derechos tiene.",
  done: {
    access: (on) => `El ${on} recibió usted sus datos.`,
    correction: (on) => `El ${on} rectificamos sus datos.`,
    erasure: (on) => `El ${on} suprimimos sus datos.`,
    portability: (on) => `El ${on} recibió usted una copia de sus datos legible por máquinas.`,
    objection: (on) => `Desde el ${on} ya no tratamos sus datos para aquello a lo que usted se opuso.`,
    restriction: (on) =>
      `Desde el ${on} conservamos sus datos sin hacer nada más con ellos. Le avisaremos antes de que esto termine.`,
    "opt-out-of-sale": (on) => `Desde el ${on} sus datos no se venden ni se ceden.`,
    "limit-sensitive-use": (on) => `Desde el ${on} usamos sus datos sensibles solo para lo que el servicio necesita.`
  },
  told: (recipients) => `Hemos avisado a quienes habían recibido sus datos: ${recipients}.`,
  keptHeading: "Lo siguiente debe conservarse y no se usa para nada más:",
  kept: ({ what, ground, until }) => `- ${what}: ${ground}${until === undefined ? "" : `, hasta el ${until}`}`,
  questions: (contact) => `Si tiene preguntas, puede contactarnos aquí: ${contact}`,
  closing: "Atentamente,"
}
