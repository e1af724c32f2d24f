/*
 * A chart of one or more lines over time, by uPlot; its colours are the page's,
 * and a table says the same to who does not see it.
 */

import { useEffect, useRef, useState } from "preact/hooks";
import UPlot from "uplot";
import { hourMinute } from "../shared/clock.ts";
import { locale, say } from "./say.ts";

export interface Series {
	name: string;
	colour: string; /* a custom property's name */
	values: (number | null)[];
}

interface Props {
	title: string;
	/* s since the epoch */
	times: number[];
	series: Series[];
	/* One point a day. */
	daily?: boolean;
	says: string;
	/* In its place where there is nothing to be drawn. */
	none?: string;
}

const HEIGHT = 170;
/* A chart that has just begun does not stretch its first points. */
const LEAST_S = 600;
const DAY_S = 86_400;

/* What is drawn in all, in s. A first point has no span of its own, and is given
 * a day to come: not that. */
function span(u: UPlot): [number, number] {
	const first = u.data[0][0] ?? 0;
	const last = u.data[0][u.data[0].length - 1] ?? 0;
	return [Math.min(first, last - LEAST_S), last];
}

function weekday(s: number): string {
	return new Date(s * 1000).toLocaleDateString(locale(), { weekday: "short" });
}

export function Chart({ title, times, series, daily = false, says, none = say("Nothing yet") }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const plot = useRef<UPlot | null>(null);
	const dark = useDark();
	const names = series.map((s) => s.name).join();
	const empty = series.every((s) => s.values.every((v) => v === null));
	useEffect(() => {
		const element = box.current;
		if (element === null || empty)
			return undefined;
		const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
		const axis = { stroke: colour("--dim"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
		const made = new UPlot({
			width: element.clientWidth, height: HEIGHT, legend: { show: series.length > 1, live: false }, cursor: { show: false },
			scales: { x: { range: span }, y: { range: (_u, _min, max) => [0, Math.max(4, Math.ceil((max ?? 0) * 1.1))] } },
			axes: [{ ...axis, values: (_u: UPlot, at: number[]) => at.map((s) => daily ? weekday(s) : hourMinute(s * 1000, locale())), space: daily ? 40 : 70, size: 28, ...(daily ? { incrs: [DAY_S, 7 * DAY_S] } : {}) }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000] }],
			series: [{}, ...series.map((s) => ({ label: s.name, stroke: colour(s.colour), fill: colour(s.colour) + "22", width: 2, points: { show: (u: UPlot) => daily || u.data[0].length === 1 }, spanGaps: true, ...(daily ? { fill: undefined } : {}) }))],
		}, [times, ...series.map((s) => s.values)] as UPlot.AlignedData, element);
		plot.current = made;
		const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
		watch.observe(element);
		return () => {
			watch.disconnect();
			made.destroy();
			plot.current = null;
		};
	}, [names, daily, dark, empty]);
	useEffect(() => plot.current?.setData([times, ...series.map((s) => s.values)] as UPlot.AlignedData), [times, series]);
	return (
		<figure class="chart">
			<figcaption><b>{title}</b> <span class="dim">{says}</span></figcaption>
			{empty && <p class="none">{none}</p>}
			<div ref={box} aria-hidden="true" hidden={empty} />
		</figure>
	);
}

function useDark(): boolean {
	const query = matchMedia("(prefers-color-scheme: dark)");
	const [dark, setDark] = useState(query.matches);
	useEffect(() => {
		const changed = () => setDark(query.matches);
		query.addEventListener("change", changed);
		return () => query.removeEventListener("change", changed);
	}, []);
	return dark;
}
