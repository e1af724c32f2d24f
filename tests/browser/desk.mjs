// The desk console with an agent signed in and welcome; made when they are not
// there yet.

/* Until then the button is there, and nothing of what an agent may do. */
export function welcome(desk) {
	return desk.locator("[data-testid=claim-next]:enabled").waitFor();
}

export async function signIn(stack, browser, name, { args = [], prepare, ...options } = {}) {
	const { password } = stack.addAgent(name, { args });
	const desk = await browser.person(options);
	await prepare?.(desk);
	await desk.goto(`${stack.daemon.origin}/console/`);
	await desk.getByTestId("login-name").fill(name);
	await desk.getByTestId("login-password").fill(password);
	await desk.getByTestId("login-submit").click();
	await welcome(desk);
	return desk;
}
