/* The tool's commands. Each gets the arguments from its own name on and gives
 * the exit status. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

int cmd_match(int argc, char **argv);

#endif
