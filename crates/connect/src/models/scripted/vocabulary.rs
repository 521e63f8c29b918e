//! The words by which wishes are recognised, as lists of phrases: folded, separated by commas; `*` leaves a word open.

pub(super) const HUMAN: &str = "hablar con, humano, humana, persona real, con una persona, una persona por favor, asesor*, operador*, agente, \
    atencion al cliente, encargad*, human, real person, talk to, speak to, speak with, talk with, a person, \
    customer service, representative, llamenme, call me";
pub(super) const MOVE: &str = "reprogram*, reagend*, mover, mueve, mueveme, moverla, cambiar mi cita, cambiar la cita, cambia mi cita, \
    cambio de cita, cambiar mi turno, cambiar mi reserva, cambiar la reserva, cambiarla, aplazar, posponer, \
    pasar mi cita, pasar la cita, correr la cita, correr mi cita, reschedul*, postpone, move my, move it, move the, \
    change my appointment, change the appointment, change my booking";
/// About an appointment that exists, unless one is being made.
pub(super) const MOVE_DETAIL: &str = "cambiar la hora, cambiar de hora, cambiar el dia, cambiar de dia, cambiar la fecha, change the time, \
    change the day, change the date";
pub(super) const CANCEL: &str = "cancel*, anular, anula, anulala, borrar mi cita, eliminar mi cita, ya no puedo ir, no puedo ir, no podre ir, \
    no podre asistir, no voy a poder, cant make it, cannot make it, call off";
pub(super) const FREE_TIMES: &str = "disponib*, horarios libres, horas libres, turnos libres, espacio, espacios, cupo, cupos, que horarios tienes, \
    que horas tienes, hay citas, tienen citas, tienes citas, tienes cita, tienen cita, hay cita, available, \
    availability, free slot*, open slot*, slots, openings, whats free, what times, free times, any free, when can i come";
pub(super) const BOOK: &str = "agendar, agendarme, agendame, agenda una, agenda mi, agendemos, reservar, reservame, apartar, apartame, separar, \
    programar, sacar cita, sacar una cita, sacar turno, pedir cita, pedir una cita, pedir turno, pedir hora, \
    quiero una cita, quiero cita, necesito una cita, necesito cita, quisiera una cita, otra cita, book, booking please, \
    schedule, reserve, make an appointment, get an appointment, need an appointment, want an appointment, \
    like an appointment, another appointment";
pub(super) const MINE: &str = "mis citas, mi cita, mis reservas, mi reserva, mis turnos, mi turno, citas tengo, cita tengo, tengo cita, \
    tengo una cita, tengo alguna cita, tengo citas, my appointment*, my booking*, my reservation*, \
    do i have an appointment, have any appointment*, am i booked";
pub(super) const OPENING: &str = "abre, abren, abierto, abiertos, cierra, cierran, cerrado, atienden, atencion, trabajan, hours, open, opening, \
    close, closed, closing";
pub(super) const PAYMENT: &str = "forma de pago, formas de pago, medio de pago, medios de pago, metodo de pago, metodos de pago, tarjeta, tarjetas, \
    efectivo, nequi, daviplata, pse, transferencia, transferencias, pagar, pago, pagos, payment*, pay, paying, card, \
    cards, cash";
pub(super) const REFUND: &str = "reembols*, devolucion, devoluciones, devolverme, devolver el dinero, devolver mi dinero, devuelv* el dinero, \
    devuelv* mi dinero, devuelv* la plata, devuelv* mi plata, refund*, money back";
/// Topics of `business_info` and their words; the first that fits.
pub(super) const INFO: &[(&str, &str)] = &[
    ("payment", PAYMENT),
    ("promotions", "promo*, descuento*, oferta*, discount*, deal, deals, special offer*"),
    (
        "services",
        "precio*, cuanto cuesta*, cuanto vale*, cuanto cobra*, cuanto sale*, cuanto es, valor, valores, tarifa*, \
         costo*, servicios, que hacen, que ofrecen, catalogo, price*, how much, cost, costs, rates, services, \
         do you offer",
    ),
    (
        "location",
        "donde, direccion, ubicacion, ubicad*, como llego, como llegar, where are you, where is, where do i, address, \
         location, located, directions, how do i get",
    ),
    (
        "staff",
        "estilista*, barberos, barbero, quien atiende, quienes atienden, quien corta, profesional*, el equipo, \
         su equipo, staff, stylist*, barber, barbers, who works, your team",
    ),
    ("hours", "horario, horarios, que hora, que horas, que dias"),
    ("hours", OPENING),
    ("all", "informacion, info, information, contacto, telefono, phone number, quienes son, about you"),
];
pub(super) const HELP: &str = "menu, ayuda, ayudame, ayudarme, help, opciones, options, que puedes hacer, what can you do";
pub(super) const APPOINTMENT: &str = "cita, citas, turno, turnos, reserva, reservas, appointment*, reservation*";
pub(super) const WANT: &str = "quiero, quisiera, necesito, me gustaria, deseo, queria, me regalas, i want, i need, i would like, id like, i wanna, \
    can i get";
/// "I want to know" wants no appointment.
pub(super) const ASKING: &str = "saber, preguntar, pregunta, consultar, know, ask, question";
pub(super) const THANKS: &str = "gracias, agradezco, thank*, thx, muy amable";
pub(super) const GOODBYE: &str = "adios, chao, chau, hasta luego, hasta pronto, nos vemos, bye, goodbye, see you, take care";
pub(super) const GREETING: &str = "hola, holi, buenas, buenos dias, buen dia, saludos, que tal, hello, hi, hey, good morning, good afternoon, \
    good evening";

/// Whole messages.
pub(super) const YES: &str = "si, si si, si claro, claro, claro que si, si confirmo, confirmo, confirmado, confirmar, si confirmar, dale, \
    si dale, listo, si listo, vale, ok, okay, okey, de acuerdo, si de acuerdo, correcto, si correcto, perfecto, \
    si perfecto, asi es, de una, hagale, bueno, bueno si, si senor, sip, si cancela, si cancelala, cancelala, \
    si cancelar, si cancela la cita, si cancela mi cita, yes, yes yes, yep, yeah, yup, sure, yes sure, confirm, \
    yes confirm, i confirm, yes i confirm, correct, yes correct, go ahead, yes go ahead, thats right, right, of course, \
    yes cancel, yes cancel it, cancel it, absolutely, definitely, 👍, ✅, 👌";
/// Whole messages.
pub(super) const NO: &str = "no, no no, nop, nope, no confirmo, mejor no, no mejor no, ya no, no ya no, no quiero, no lo hagas, todavia no, \
    aun no, asi no, no asi no, dejalo asi, no dejalo asi, no dejala, no cancelar, no canceles, no la canceles, \
    no cancelarla, no cancel, no dont, dont, not now, not yet, no not now, no need, no dont cancel, dont cancel, \
    dont cancel it, i dont confirm, never mind, nevermind, no nevermind, olvidalo, no olvidalo, nah, 👎, ❌";
pub(super) const NEGATIONS: &str = "no, not, dont, nunca, jamas, tampoco, never, ni, nope, cant, cannot, wont";
/// Changes nothing in a yes or a no.
pub(super) const POLITE: &str = "por, favor, please, gracias, muchas, thanks, thank, you, porfa, senor, senora";

pub(super) const INTRODUCTIONS: &str = "me llamo, mi nombre es, a nombre de, al nombre de, my name is, under the name of, under the name, name is, \
    the name of, soy, i am, im, this is";
/// Words that end a name.
pub(super) const NOT_NAMES: &str = "y, and, quiero, para, mi, a, con, por, favor, please, gracias, thanks, i, el, la, una, the, es, is, me, en, que, \
    hoy, manana, si, no, yes, ok, ella, yo, nombre, name, her, his, espera, espere, wait, un, momento, luego, later";
/// "With" whom or what, when it is nobody of the team.
pub(super) const NOT_STAFF: &str = "una, un, el, la, los, las, mi, mis, tu, su, quien, ustedes, alguien, persona, tarjeta, efectivo, gusto, mucho, \
    nequi, a, the, my, your, you, someone, anyone, card, cash, human, transferencia, cualquiera";
