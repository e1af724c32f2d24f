/*
 * Where somebody who does not want to wait can be reached: one field, for an
 * e-mail address or a phone number.
 */

import { h, set, setText } from "./dom.ts";
import type { Texts } from "./texts.ts";

export function isContact(text: string): boolean {
	return /^\S+@\S+\.\S{2,}$/.test(text) || (/^[+(\d][\d\s()/.-]*$/.test(text) && text.replace(/\D/g, "").length >= 6);
}

/* `done` gets "" where it was given up. */
export function contactForm(t: Texts, value: string, done: (contact: string) => void): HTMLElement {
	const error = h("p", { class: "bad", id: "answerd-bad", role: "alert" });
	const input = h("input", { id: "answerd-contact", type: "text", inputmode: "email", autocomplete: "email", maxlength: 120, dir: "auto", value, "data-testid": "contact-input" });
	return h("form", {
		class: "contact", novalidate: true, "data-testid": "contact-form",
		onsubmit(ev: Event) {
			const contact = input.value.trim();
			ev.preventDefault();
			if (isContact(contact))
				return done(contact);
			setText(error, t.contactBad);
			set(input, "aria-invalid", "true");
			set(input, "aria-describedby", "answerd-bad");
			input.focus();
		},
		onkeydown(ev: KeyboardEvent) {
			if (ev.key === "Escape") {
				ev.stopPropagation();
				done("");
			}
		},
	},
		h("label", { for: "answerd-contact" }, t.contactLabel), input, error,
		h("div", { class: "replies" },
			h("button", { class: "primary", type: "submit", "data-testid": "contact-send" }, t.send),
			h("button", { class: "chip", type: "button", onclick: () => done("") }, t.cancel)));
}
