/*
 * Times as people read them, from numbers as the wire has them. Pure: now, the
 * language and, for tests, the zone are arguments.
 */

const DAY_MS = 86_400_000;

export function hourMinute(at: number, locale: string, timeZone?: string): string {
	return format(at, locale, { hour: "numeric", minute: "2-digit", ...(timeZone ? { timeZone } : {}) });
}

/* A day that is the same string exactly on the same day. */
export function dayKey(at: number): string {
	const d = new Date(at);
	return d.getFullYear() + "-" + d.getMonth() + "-" + d.getDate();
}

export function dayName(at: number, now: number, locale: string, today: string, yesterday: string): string {
	if (dayKey(at) === dayKey(now))
		return today;
	if (dayKey(at) === dayKey(new Date(now).setHours(0, 0, 0, 0) - 1))
		return yesterday;
	const far = Math.abs(now - at) > 300 * DAY_MS;
	return format(at, locale, { weekday: "long", day: "numeric", month: "long", ...(far ? { year: "numeric" } : {}) });
}

/* When the shop opens again: the hour, the day where it is not today, and the
 * date where the day alone would not tell. */
export function opening(at: number, now: number, locale: string, timeZone?: string): string {
	const day: Intl.DateTimeFormatOptions = dayKey(at) === dayKey(now) ? {}
		: at - now < 6 * DAY_MS ? { weekday: "long" } : { weekday: "short", day: "numeric", month: "long" };
	return format(at, locale, { ...day, hour: "numeric", minute: "2-digit", ...(timeZone ? { timeZone } : {}) });
}

/* Minutes of a wait, rounded so that the range holds. */
export function etaMinutes(eta: [number, number]): [number, number] {
	const from = Math.max(0, Math.floor(eta[0] / 60));
	return [from, Math.max(from, Math.ceil(eta[1] / 60))];
}

/* 45 s, 3:20, 1:02:00: a waiting time that a list can show every second. */
export function duration(seconds: number): string {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n: number) => String(n).padStart(2, "0");
	if (s < 3600)
		return Math.floor(s / 60) + ":" + two(s % 60);
	return Math.floor(s / 3600) + ":" + two(Math.floor(s / 60) % 60) + ":" + two(s % 60);
}

/* Without options: the date. */
export function format(at: number, locale: string, options: Intl.DateTimeFormatOptions = {}): string {
	try {
		return new Intl.DateTimeFormat(locale || undefined, options).format(at);
	} catch {
		return new Intl.DateTimeFormat("en", options).format(at);
	}
}
