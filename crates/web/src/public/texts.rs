//! What the public pages say. `{business}` is who answers; a paragraph that begins with `# ` is a heading.

use frontdesk_kernel::language::Language;

/// A page in every language.
pub(super) struct Page {
    english: Text,
    spanish: Text,
}

/// A page in one language.
pub(super) struct Text {
    pub(super) title: &'static str,
    pub(super) paragraphs: &'static [&'static str],
}

impl Page {
    pub(super) fn text(&self, language: Language) -> &Text {
        match language {
            Language::Spanish => &self.spanish,
            Language::English => &self.english,
        }
    }
}

pub(super) static THE_BUSINESS: Page = Page {
    english: Text { title: "the business you wrote to", paragraphs: &[] },
    spanish: Text { title: "el negocio al que escribiste", paragraphs: &[] },
};

pub(super) static PAID: Page = Page {
    english: Text {
        title: "Thank you",
        paragraphs: &[
            "You can close this page and go on in the conversation with {business}.",
            "As soon as your payment has come in, you are told there.",
        ],
    },
    spanish: Text {
        title: "Gracias",
        paragraphs: &[
            "Puedes cerrar esta página y seguir en la conversación con {business}.",
            "Apenas llegue tu pago, te lo diremos allí.",
        ],
    },
};

pub(super) static PRIVACY: Page = Page {
    english: Text {
        title: "Privacy",
        paragraphs: &[
            "When you write to {business}, your messages are received, stored and answered by an automatic assistant and by people who work there.",
            "# What is kept",
            "Your messages and files, how you can be reached (phone number, e-mail or a random id of the web chat), the name you give, what you ask to be noted, and your appointments.",
            "# What for",
            "To answer you, to book and change appointments, and so that a person can take over where the assistant should not decide. Nothing is sold and nothing is used for advertising.",
            "# Who receives it",
            "The messaging service that you use (such as WhatsApp) carries your messages under its own terms. To write an answer, the text of the conversation may be sent to the provider of the language model that {business} chose.",
            "# Your rights",
            "You may ask to see, correct, receive or delete what is kept about you. Write to {business} on the same channel, or see the page about deleting your data.",
        ],
    },
    spanish: Text {
        title: "Privacidad",
        paragraphs: &[
            "Cuando escribes a {business}, tus mensajes los recibe, guarda y responde un asistente automático y también las personas que trabajan allí.",
            "# Qué se guarda",
            "Tus mensajes y archivos, cómo contactarte (teléfono, correo o un identificador aleatorio del chat web), el nombre que das, lo que pides anotar y tus citas.",
            "# Para qué",
            "Para responderte, para reservar y cambiar citas, y para que una persona pueda intervenir donde el asistente no debe decidir. No se vende nada ni se usa para publicidad.",
            "# Quién lo recibe",
            "El servicio de mensajería que usas (por ejemplo WhatsApp) transporta tus mensajes según sus propias condiciones. Para escribir una respuesta, el texto de la conversación puede enviarse al proveedor del modelo de lenguaje que eligió {business}.",
            "# Tus derechos",
            "Puedes pedir ver, corregir, recibir o borrar lo que se guarda sobre ti. Escribe a {business} por el mismo canal, o mira la página sobre el borrado de datos.",
        ],
    },
};

pub(super) static TERMS: Page = Page {
    english: Text {
        title: "Terms of use",
        paragraphs: &[
            "This service lets you write to {business}. An automatic assistant answers; it says so when you ask, and you may ask for a person at any time.",
            "# Appointments",
            "An appointment holds once it is confirmed to you. You may change or cancel it by writing again, within the rules that {business} tells you.",
            "# Fair use",
            "Do not send what is unlawful or what harms others. Whoever floods the service is no longer answered automatically.",
            "# No promise beyond this",
            "The assistant can be wrong. What matters, ask a person to confirm. Emergencies do not belong here: call the emergency number of your country.",
        ],
    },
    spanish: Text {
        title: "Condiciones de uso",
        paragraphs: &[
            "Este servicio te permite escribir a {business}. Responde un asistente automático; lo dice si preguntas, y puedes pedir una persona en cualquier momento.",
            "# Citas",
            "Una cita vale cuando se te confirma. Puedes cambiarla o cancelarla escribiendo de nuevo, dentro de las reglas que te diga {business}.",
            "# Buen uso",
            "No envíes nada ilícito ni que dañe a otros. A quien inunda el servicio ya no se le responde de forma automática.",
            "# Sin más promesas",
            "El asistente puede equivocarse. Lo importante, pide que lo confirme una persona. Las emergencias no van aquí: llama al número de emergencias de tu país.",
        ],
    },
};

pub(super) static DATA_DELETION: Page = Page {
    english: Text {
        title: "Deleting your data",
        paragraphs: &[
            "# How to ask",
            "Write “delete my data” to {business} on the channel where you talked, or by the address below, and say which phone number or e-mail you used.",
            "# What happens",
            "A person of {business} erases your messages, files, appointments and everything else that is kept about you. What remains is a note, from which nobody can tell who you are, that an erasure took place.",
            "# How long it takes",
            "At most 30 days. Copies in backups disappear when those backups expire.",
        ],
    },
    spanish: Text {
        title: "Borrar tus datos",
        paragraphs: &[
            "# Cómo pedirlo",
            "Escribe “borra mis datos” a {business} por el canal donde hablaste, o a la dirección de abajo, y di qué teléfono o correo usaste.",
            "# Qué pasa",
            "Una persona de {business} borra tus mensajes, archivos, citas y todo lo demás que se guarda sobre ti. Queda una nota, de la que nadie puede saber quién eres, de que hubo un borrado.",
            "# Cuánto tarda",
            "Como máximo 30 días. Las copias en respaldos desaparecen cuando esos respaldos vencen.",
        ],
    },
};
