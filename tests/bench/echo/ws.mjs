// What one would write in Node: `ws`, an ack and the echo of each message.
// Prints the port.

import { createRequire } from "node:module";

const { WebSocketServer } = createRequire(new URL("../../package.json", import.meta.url))("ws");

const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false, backlog: 4096 });
server.on("listening", () => console.log(`port ${server.address().port}`));
server.on("connection", (socket) => {
	socket.on("message", (data) => {
		const frame = JSON.parse(data);
		socket.send(JSON.stringify({ type: "ack", id: frame.id, at: Date.now() }));
		socket.send(JSON.stringify({ type: "message", id: `${frame.id}.a`, from: "bot", text: frame.text, at: Date.now(), reply_to: frame.id }));
	});
	socket.on("error", () => socket.terminate());
});
