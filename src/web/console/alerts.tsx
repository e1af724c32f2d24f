/*
 * Sounds and desktop notifications, for whoever has asked for them, and the
 * dialog where one does. The sounds are made here: no file is loaded. A
 * notification says only what kind of news there is, as others may see it.
 */

import { useState } from "preact/hooks";
import { openStore } from "../shared/store.ts";
import { Modal } from "./dialogs.tsx";
import { LANGUAGES, say, type Language } from "./say.ts";
import { KINDS, KIND_NAMES, readSettings, toggled, writeSettings, type Kind, type Settings } from "./settings.ts";

const store = openStore(() => localStorage, "answerd-desk:");
const PITCH: Record<Kind, number> = { waiting: 523, given: 784, message: 659 };
const SOUND_S = 0.25;
let audio: AudioContext | undefined;

export function settings(): Settings {
	return readSettings(store);
}

function play(kind: Kind): void {
	audio ??= new AudioContext();
	const tone = audio.createOscillator();
	const volume = audio.createGain();
	tone.frequency.value = PITCH[kind];
	volume.gain.setValueAtTime(0.15, audio.currentTime);
	volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + SOUND_S);
	tone.connect(volume).connect(audio.destination);
	tone.start();
	tone.stop(audio.currentTime + SOUND_S);
}

/* Whoever looks at it sees it without. */
export function alertOf(kind: Kind): void {
	const chosen = settings();
	if (!document.hidden && document.hasFocus())
		return;
	if (chosen.sound.includes(kind))
		play(kind);
	if (chosen.notify.includes(kind) && "Notification" in window && Notification.permission === "granted") {
		const shown = new Notification(say(KIND_NAMES[kind]), { tag: "answerd-" + kind });
		shown.onclick = () => {
			window.focus();
			shown.close();
		};
	}
}

export function SettingsDialog({ close, speak }: { close: () => void; speak: () => void }) {
	const [chosen, setChosen] = useState(settings());
	const [refused, setRefused] = useState(false);
	const choose = (next: Settings) => {
		writeSettings(store, next);
		setChosen(next);
	};
	const notify = async (kind: Kind, on: boolean) => {
		const allowed = !on || ("Notification" in window && await Notification.requestPermission().catch(() => "denied") === "granted");
		setRefused(!allowed);
		if (allowed)
			choose({ ...chosen, notify: toggled(chosen.notify, kind, on) });
		else
			setChosen({ ...chosen });
	};
	return (
		<Modal title={say("Settings")} close={close}>
			<div class="settings" data-testid="settings">
				<label class="choice">{say("Language")}<select value={chosen.language} data-testid="settings-language" onChange={(ev) => {
					choose({ ...chosen, language: ev.currentTarget.value as Language | "" });
					speak();
				}}>
					<option value="">{say("As the browser")}</option>
					{Object.entries(LANGUAGES).map(([tag, name]) => <option key={tag} value={tag} lang={tag}>{name}</option>)}
				</select></label>
				<label class="check"><input type="checkbox" checked={chosen.keys} data-testid="settings-keys" onChange={(ev) => choose({ ...chosen, keys: ev.currentTarget.checked })} />{say("Single keys are shortcuts")}</label>
				<table>
					<thead><tr><th scope="col">{say("While I look elsewhere")}</th><th scope="col">{say("Sound")}</th><th scope="col">{say("Notification")}</th></tr></thead>
					<tbody>{KINDS.map((kind) => (
						<tr key={kind}>
							<th scope="row">{say(KIND_NAMES[kind])}</th>
							<td><input type="checkbox" aria-label={say("Sound") + ": " + say(KIND_NAMES[kind])} checked={chosen.sound.includes(kind)} onChange={(ev) => {
								choose({ ...chosen, sound: toggled(chosen.sound, kind, ev.currentTarget.checked) });
								if (ev.currentTarget.checked)
									play(kind);
							}} /></td>
							<td><input type="checkbox" aria-label={say("Notification") + ": " + say(KIND_NAMES[kind])} checked={chosen.notify.includes(kind)} onChange={(ev) => void notify(kind, ev.currentTarget.checked)} /></td>
						</tr>
					))}</tbody>
				</table>
				<p class="error" role="alert">{refused ? say("This browser does not allow notifications for this site. Allow them in its settings, then try again.") : ""}</p>
			</div>
			<div class="end"><button onClick={close}>{say("Close")}</button></div>
		</Modal>
	);
}
