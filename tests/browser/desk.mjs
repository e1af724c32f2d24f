// The desk console with an agent signed in; made when they are not there yet.

export async function signIn(stack, browser, name, { args = [], ...options } = {}) {
	const { password } = stack.addAgent(name, { args });
	const desk = await browser.person(options);
	await desk.goto(`${stack.daemon.origin}/console/`);
	await desk.getByTestId("login-name").fill(name);
	await desk.getByTestId("login-password").fill(password);
	await desk.getByTestId("login-submit").click();
	await desk.getByTestId("claim-next").waitFor();
	return desk;
}
