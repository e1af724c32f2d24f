// How large each form is. `how`: {name, seed, brief}.

import { Shop } from "./shop.mjs";

const sizes = {
	full: { daemons: 3, shoppers: 200, agents: 20, pauseMs: 1000 },
	brief: { daemons: 2, shoppers: 40, agents: 4, pauseMs: 500 },
};

export const open = (t, { name, seed, brief }, options = {}) => Shop.open(t, { ...options, name, size: { ...sizes[brief ? "brief" : "full"], ...options.size }, seed });

export const quietMs = (how, ms) => (how.brief ? 1500 : ms);
