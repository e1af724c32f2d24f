/* answerctl: the program around the commands. */
#include "cli.h"

int main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
