/*
 * Where somebody who does not want to wait is to be answered: a form of three
 * fields, of which only the address or number has to be filled in.
 */

import { h, set, setText } from "./dom.ts";
import type { Contact } from "./session.ts";
import type { Texts } from "./texts.ts";

export function isContact(text: string): boolean {
	return /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/.test(text) || (/^[+(\d][\d\s()/.-]*$/.test(text) && text.replace(/\D/g, "").length >= 6);
}

/* `done` gets null where it was given up. */
export function contactForm(t: Texts, done: (contact: Contact | null) => void): HTMLElement {
	const error = h("p", { class: "bad", id: "answerd-bad", role: "alert" });
	const field = (name: string, label: string, more: Record<string, string | number | boolean>) => {
		const input = h(name === "text" ? "textarea" : "input", { id: "answerd-" + name, dir: "auto", rows: 2, "data-testid": "contact-" + name, ...more });
		return [input, h("label", { for: input.id }, label), input] as const;
	};
	const [reach, ...first] = field("input", t.contactLabel, { inputmode: "email", autocomplete: "email", maxlength: 120, required: true });
	const [name, ...second] = field("name", t.contactName, { autocomplete: "name", maxlength: 60 });
	const [text, ...third] = field("text", t.contactText, { maxlength: 1000 });
	return h("form", {
		class: "contact", novalidate: true, "data-testid": "contact-form",
		onsubmit(ev: Event) {
			const contact = { reach: reach.value.trim(), name: name.value.trim(), text: text.value.trim() };
			ev.preventDefault();
			if (isContact(contact.reach))
				return done(contact);
			setText(error, contact.reach ? t.contactBad : t.contactNone);
			set(reach, "aria-invalid", "true");
			set(reach, "aria-describedby", error.id);
			reach.focus();
		},
		onkeydown(ev: KeyboardEvent) {
			if (ev.key === "Escape") {
				ev.stopPropagation();
				done(null);
			}
		},
	},
		...first, error, ...second, ...third,
		h("div", { class: "replies" },
			h("button", { class: "primary", type: "submit", "data-testid": "contact-send" }, t.send),
			h("button", { class: "chip", onclick: () => done(null) }, t.cancel)));
}
