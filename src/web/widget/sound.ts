/*
 * A short soft tone for what comes in while nobody looks, once the visitor has
 * asked for it. Made by Web Audio, so there is no file to load; a browser that
 * has none, or does not let the page sound, stays silent.
 */

const NOTES = [880, 1175];
const NOTE_S = 0.09;

export class Sound {
	private context: AudioContext | null = null;

	/* From a press of a button: only then may a page begin to sound. */
	prepare(): void {
		try {
			this.context ??= new AudioContext();
			void this.context.resume();
		} catch {
			this.context = null;
		}
	}

	play(): void {
		this.prepare();
		const context = this.context;
		if (context?.state !== "running")
			return;
		NOTES.forEach((hertz, i) => {
			const at = context.currentTime + i * NOTE_S;
			const tone = context.createOscillator();
			const volume = context.createGain();
			tone.frequency.value = hertz;
			volume.gain.setValueAtTime(0.08, at);
			volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 2);
			tone.connect(volume).connect(context.destination);
			tone.start(at);
			tone.stop(at + NOTE_S * 2);
		});
	}
}
