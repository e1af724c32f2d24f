/* Why something was refused or taken away, as a sentence. */

import { say, type Text } from "./say.ts";

/* The server's reasons, as it words them. */
export function lostText(why: string): string {
	switch (why) {
	case "closed":
		return say("This chat is closed.");
	case "back in line":
		return say("This chat is back in line.");
	case "transferred":
		return say("A colleague has this chat now.");
	default:
		return say("This chat is not yours any more.");
	}
}

/* Why the daemon lets one not take a chat. */
const CLAIMS: Record<string, Text> = {
	"nobody waits": "Nobody is waiting.",
	"this conversation waits for nobody": "This chat stands in none of your queues: it can be taken once its visitor asks for a person, and before that by a supervisor.",
	"this is none of your queues": "This chat waits in a queue that is not yours.",
};

export function explain(code: string, message: string, what: string): string {
	switch (code) {
	case "taken":
		return say("Somebody else has taken this chat.");
	case "not_yours":
		return say("This chat is not yours any more.");
	case "no_such_conversation":
		return what === "claim" ? say("Nobody is waiting.") : say("This conversation does not exist any more.");
	case "not_now":
		if (what === "claim")
			return say(CLAIMS[message] ?? "This chat is not waiting any more.");
		return say("That is not possible at the moment.") + (message === "" ? "" : " " + message);
	case "too_long":
		return say("The text is too long.");
	default:
		return message || say("That did not work ({code}).", { code });
	}
}
