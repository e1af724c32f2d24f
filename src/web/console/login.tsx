/*
 * The sign-in form: POST /api/login, and the server sets its cookie.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "./say.ts";

export function Login({ reason, done }: { reason: string; done: () => void }) {
	const [error, setError] = useState("");
	const [busy, setBusy] = useState(false);
	const name = useRef<HTMLInputElement>(null);
	const password = useRef<HTMLInputElement>(null);
	useEffect(() => name.current?.focus(), []);

	const submit = async (ev: Event) => {
		ev.preventDefault();
		setBusy(true);
		setError("");
		const problem = await signIn(name.current?.value.trim() ?? "", password.current?.value ?? "");
		setBusy(false);
		if (problem === "")
			return done();
		setError(problem);
		password.current?.select();
	};

	return (
		<main class="login">
			<form onSubmit={(ev) => void submit(ev)} data-testid="login">
				<Mark />
				<h1>{say("Sign in to the desk")}</h1>
				{reason !== "" && <p class="reason">{reason}</p>}
				<label>{say("Name")}<input ref={name} name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required maxLength={64} data-testid="login-name" /></label>
				<label>{say("Password")}<input ref={password} name="password" type="password" autocomplete="current-password" required maxLength={256} data-testid="login-password" /></label>
				<p class="error" role="alert" data-testid="login-error">{error}</p>
				<button class="primary" disabled={busy} data-testid="login-submit">{busy ? say("Signing in …") : say("Sign in")}</button>
			</form>
		</main>
	);
}

export function Mark() {
	return (
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
			<path d="M16 3C8.3 3 2.5 8.1 2.5 14.5c0 3.5 1.7 6.6 4.5 8.7L6.2 29l5.6-3c1.3.3 2.7.5 4.2.5 7.7 0 13.5-5.3 13.5-12S23.7 3 16 3Z" />
			<path class="tick" d="m10 15 4.2 4.2L22 11.4" />
		</svg>
	);
}

/* Empty when it worked, else what to tell. */
async function signIn(name: string, password: string): Promise<string> {
	try {
		const answer = await fetch("/api/login", {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ name, password }),
		});
		await answer.text(); /* or the browser counts it as broken off */
		if (answer.ok)
			return "";
		if (answer.status === 401 || answer.status === 400)
			return say("The name or the password is not right.");
		if (answer.status === 429)
			return say("Too many tries. Please wait a minute.");
		return say("The server could not sign you in ({status}). Please try again.", { status: answer.status });
	} catch {
		return say("The server cannot be reached. Please try again.");
	}
}
