//! Markdown in, WhatsApp's marks out.

use crate::channels::whatsapp::format::whatsapp;

#[test]
fn markdown_becomes_whatsapp() {
    let cases = [
        ("bold", "**Hola** y __chao__", "*Hola* y *chao*"),
        ("italic", "*Hola* y _chao_", "_Hola_ y _chao_"),
        ("both", "***muy***", "_*muy*_"),
        ("struck", "~~antes~~ ~ya~", "~antes~ ~ya~"),
        ("bold over two lines", "**uno\ndos**", "*uno*\n*dos*"),
        ("inline code", "use `a*b*c`", "use `a*b*c`"),
        ("fenced code", "Así:\n\n```rust\nlet a = **b;\n\n  c\n```\nListo", "Así:\n\n```\nlet a = **b;\n\n  c\n```\nListo"),
        ("unclosed fence", "```\nabc", "```\nabc\n```"),
        ("headings", "# Menú\nHoy\n\n## **Bebidas** frías ##\n- té", "*Menú*\nHoy\n\n*Bebidas frías*\n• té"),
        ("empty heading", "#\ntexto", "texto"),
        ("link", "Vea [la carta](https://x.co/a_b_c).", "Vea la carta (https://x.co/a_b_c)."),
        ("link to itself", "[https://x.co](https://x.co/) <https://y.co>", "https://x.co https://y.co"),
        ("mail", "<a@b.co> [a@b.co](mailto:a@b.co) [+57 1](tel:+571)", "a@b.co a@b.co +57 1 (tel:+571)"),
        ("anchor", "[arriba](#top)", "arriba"),
        ("image", "![Fachada](https://x.co/f.png) ![](https://x.co/g.png)", "Fachada (https://x.co/f.png) https://x.co/g.png"),
        ("bold link", "**[Pagar](https://p.co)**", "*Pagar (https://p.co)*"),
        (
            "table",
            "Precios:\n\n| Servicio | Precio |\n|---|---:|\n| **Corte** | $20 |\n| Barba | $10 |\n\nFin",
            "Precios:\n\n*Servicio · Precio*\n*Corte* · $20\nBarba · $10\n\nFin",
        ),
        ("list", "Hay:\n- té\n* café\n+ agua", "Hay:\n• té\n• café\n• agua"),
        ("loose list", "- a\n\n- b", "• a\n\n• b"),
        ("nested lists", "1. uno\n   - a\n     - b\n2. dos", "1. uno\n  • a\n    • b\n2. dos"),
        ("lazy numbers", "1. a\n1. b\n1. c", "1. a\n2. b\n3. c"),
        ("own numbers", "3) a\n5) b", "3) a\n5) b"),
        ("two paragraphs in an item", "- a\n\n  b\n- c", "• a\n\nb\n• c"),
        ("tasks", "- [x] pagado\n- [ ] enviado", "• ☑ pagado\n• ☐ enviado"),
        ("quote", "> uno\n> dos\n>\n> tres\n\nfin", "> uno\n> dos\n>\n> tres\n\nfin"),
        ("list in a quote", "> - a\n> - b", "> • a\n> • b"),
        ("rule", "uno\n\n---\n\ndos", "uno\n\n———\n\ndos"),
        ("rule right under a line", "uno\n---\ndos", "uno\n———\ndos"),
        ("citation", "Abrimos a las 9【4:0†source】. Sí 【1†a】.", "Abrimos a las 9. Sí."),
        ("not a citation", "【abierto", "【abierto"),
        ("html", "a<br>b <b>c</b> <span class='x'>d</span>", "a\nb c d"),
        ("comment", "a\n\n<!-- b -->\n\nc", "a\n\nc"),
        ("code of angle brackets", "```\n<b>x</b>\n```", "```\n<b>x</b>\n```"),
        ("quoted code", "> ```\n> a >\n> ```\n> b", "> ```\n> a >\n> ```\n> b"),
        ("html block", "<div>\nhola <i>tú</i>\n</div>\n\nfin", "hola tú\n\nfin"),
        ("escapes", r"5 \* 3, a\_b, \# no", "5 * 3, a_b, # no"),
        ("entities", "Té &amp; café", "Té & café"),
        ("windows lines", "a\r\nb\r\n\r\n**c**", "a\nb\n\n*c*"),
        ("blank", " \n\n ", ""),
    ];
    for (name, markdown, expected) in cases {
        assert_eq!(whatsapp(markdown), expected, "{name}");
    }
}

#[test]
fn plain_text_stays_as_it_is_however_often_it_is_formatted() {
    let cases = [
        "Hola",
        "una línea\notra línea\n\notro párrafo\n\n\ncon aire",
        "2*3*4 = 24 y 5 * 3 * 2, 2**3**4",
        "snake_case_name, __dunder_in__word, _x y y_",
        "https://x.co/_a_/b_c_d?e=*f*&g=__h__",
        "¡Listo! 👩🏽‍🚀 👨‍👩‍👧 ✅ 2️⃣ #hashtag @alguien",
        "مرحبا كيف حالك؟\nשלום עולם",
        "漢字とかな、全角。",
        "+57 300 123 4567 · $20.000 (aprox.) 50% & más; a < b > c",
        "2026. Buen año\n10:30–11:00",
        "• ya\n• formateado\n> citado",
        "¿A las 9? ~5 min o ~10 min",
        "fin de línea con espacio\n  y sangría",
    ];
    for text in cases {
        let once = whatsapp(text);
        assert_eq!(once.lines().map(str::trim_start).collect::<Vec<_>>(), text.lines().map(str::trim_start).collect::<Vec<_>>());
        assert_eq!(whatsapp(&once), once);
    }
}

#[test]
fn hostile_markdown_ends_quickly_and_without_panic() {
    for unit in ["*", "_", "**a", "[", "![", "> ", "- ", "`", "~~", "<", "【", "| a ", "&", "\\", "1. "] {
        let text = unit.repeat(4000 / unit.len());
        assert!(whatsapp(&text).chars().count() <= 3 * text.len(), "{unit}");
    }
}
