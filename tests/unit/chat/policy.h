/* The numbers that the tests of conversations go by. */
#ifndef TESTS_CHAT_POLICY_H
#define TESTS_CHAT_POLICY_H

#include "chat/conv.h"

#define POLICY_MINUTE INT64_C(60000)
#define POLICY_DAY    (24 * 60 * POLICY_MINUTE)

static const struct conv_policy test_policy = {
	.default_queue = "general",
	.misses_to_hand_over = 2,
	.bot_idle_ms = POLICY_DAY,
	.queue_reminder_ms = 5 * POLICY_MINUTE,
	.queue_give_up_ms = 30 * POLICY_MINUTE,
	.agent_reply_ms = 5 * POLICY_MINUTE,
	.shopper_reply_ms = POLICY_DAY,
};

#endif
